package ledger_test

import (
	"fmt"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

func TestTwoThousandADay(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	for i, amount := range []v1alpha1.Money{"500.00", "999.00", "500.00"} {
		d.turn(d.claim(fmt.Sprintf("c%d", i), amount))
		d.want(fmt.Sprintf("c%d", i), granted, spent, amount)
	}
	d.turn(d.claim("the-next-one", "1.00"))
	d.want("the-next-one", granted, spent, "1.00")
	c := d.claim("a-cent", "0.01")
	d.turn(c)
	o := d.want("a-cent", awaits, reserved, "0.01")
	if got := refusals(o); got != "PerPersonPerDay 0.00 of 2000.00" || o.Level != "duty-manager" {
		t.Errorf("refused by %s, to be approved by %s", got, o.Level)
	}
	d.now = at(t, "2026-10-02 23:59:59")
	d.turn(d.claim("a-second-before-midnight", "0.01"))
	d.want("a-second-before-midnight", awaits, reserved, "0.01")
	d.now = at(t, "2026-10-03 00:00:00")
	d.turn(d.claim("at-midnight", "2000.00"))
	d.want("at-midnight", granted, spent, "2000.00")
}

func TestHalfAPercent(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) {
		s.Pool = v1alpha1.Pool{Period: "Year", PercentOf: &v1alpha1.PercentOf{Amount: "12345678.90", Percent: "0.5", Basis: "Planned", AsOf: "2026-01-01"}}
		s.Allowances[0].PerPersonPerDay = ""
	}))
	d.turn(d.claim("most-of-it", "61728.39"))
	d.want("most-of-it", granted, spent, "61728.39")
	if !d.holds(v1alpha1.ExhaustedCondition) || d.budget.Status.Limit != "61728.39" || *d.budget.Status.UsedPercent != 100 {
		t.Errorf("limit %s, used %d %%", d.budget.Status.Limit, *d.budget.Status.UsedPercent)
	}
	d.turn(d.claim("a-cent", "0.01"), d.claim("a-kindness", "0"))
	d.want("a-cent", denied, none, "0")
	d.want("a-kindness", granted, spent, "0")

	d.budget.Spec.Pool.PercentOf.Amount, d.budget.Spec.Pool.PercentOf.Basis = "12345680.90", "Actual"
	d.budget.Generation++
	d.turn(d.claim("another-cent", "0.01"), d.claim("and-a-cent-too-much", "0.01"))
	d.want("another-cent", granted, spent, "0.01")
	d.want("and-a-cent-too-much", denied, none, "0")
}

// A limit that shrinks revokes nothing: what is given stays, what waits can be approved,
// and nothing new is given until there is room again.
func TestALimitThatShrinks(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	c := d.claim("waits", "900.00", unallowed)
	d.turn(d.claim("given", "1500.00"), c)
	d.budget.Spec.Pool.Amount = "1000.00"
	d.budget.Generation++
	d.turn(d.claim("new", "0.01"))
	d.want("new", denied, none, "0")
	if !d.holds(v1alpha1.OverCommittedCondition) || d.budget.Status.Available != "0.00" || *d.budget.Status.UsedPercent != 240 {
		t.Errorf("available %s, used %d %%, %+v", d.budget.Status.Available, *d.budget.Status.UsedPercent, d.budget.Status.Conditions)
	}
	d.turn(approved(c, "duty-manager"))
	d.want("waits", granted, spent, "900.00")
	d.budget.Spec.Pool.Amount = "2400.01"
	d.budget.Generation++
	d.turn(d.claim("room-again", "0.01"))
	d.want("room-again", granted, spent, "0.01")
	if d.holds(v1alpha1.OverCommittedCondition) {
		t.Error("still over-committed")
	}
}

func TestNothingFromNothing(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) {
		s.Pool = v1alpha1.Pool{Period: "Year", PercentOf: &v1alpha1.PercentOf{Amount: "0", Percent: "0.5", Basis: "Planned", AsOf: "2026-01-01"}}
	}))
	d.turn(d.claim("a-cent", "0.01"), d.claim("owed", "5.00", owed))
	d.want("a-cent", denied, none, "0")
	d.want("owed", granted, owes, "5.00")
	if s := d.budget.Status; s.Limit != "0.00" || s.Available != "0.00" || *s.UsedPercent != 100 {
		t.Errorf("limit %s, available %s, used %d %%", s.Limit, s.Available, *s.UsedPercent)
	}
	for kind, want := range map[string]bool{v1alpha1.ExhaustedCondition: true, v1alpha1.OverdrawnCondition: true, v1alpha1.OverCommittedCondition: false} {
		if d.holds(kind) != want {
			t.Errorf("%s is %v, want %v: %+v", kind, !want, want, d.budget.Status.Conditions)
		}
	}
	d.turn(takenBack(d.claims["owed"]))
	d.totals()
	if !d.holds(v1alpha1.ExhaustedCondition) || d.holds(v1alpha1.OverdrawnCondition) {
		t.Errorf("nothing is owed: %+v", d.budget.Status.Conditions)
	}
}

// What costs nothing is within every limit, also within one that was lowered below what
// is used.
func TestWhatCostsNothingFits(t *testing.T) {
	cases := map[string]func(*v1alpha1.RecoveryBudgetSpec){
		"a pool that is over-committed": func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "1000.00" },
		"a day that was lowered":        func(s *v1alpha1.RecoveryBudgetSpec) { s.Allowances[0].PerPersonPerDay = "1000.00" },
		"an incident's most":            func(s *v1alpha1.RecoveryBudgetSpec) { s.Allowances[0].PerIncident = "1000.00" },
		"a customer's most": func(s *v1alpha1.RecoveryBudgetSpec) {
			s.Allowances[0].PerCustomer = &v1alpha1.CustomerLimit{Amount: "1000.00", Window: "24h"}
		},
	}
	for name, lower := range cases {
		t.Run(name, func(t *testing.T) {
			d := open(t, "2026-10-02 09:00:00", spec())
			same := func(c *ledger.Claim) { c.Incident, c.Customer = "coffee", "guest" }
			d.turn(d.claim("given", "1500.00", same))
			d.want("given", granted, spent, "1500.00")
			lower(&d.budget.Spec)
			d.budget.Generation++
			d.turn(d.claim("kindness", "0", same), d.claim("a-cent", "0.01", same))
			d.want("kindness", granted, spent, "0")
			if o := d.outcomes["a-cent"]; o.Phase == granted {
				t.Error("a cent is granted")
			}
		})
	}
	t.Run("any level approves it", func(t *testing.T) {
		d := open(t, "2026-10-02 09:00:00", spec())
		d.turn(d.claim("given", "1500.00", on("coffee")))
		free := d.claim("kindness", "0", on("coffee"), unallowed)
		d.turn(free)
		if o := d.want("kindness", awaits, reserved, "0"); o.Level != "duty-manager" {
			t.Errorf("to be approved by %q", o.Level)
		}
		d.turn(approved(free, "duty-manager"))
		d.want("kindness", granted, spent, "0")
	})
}

// A credit that the sum of its period has no place for is neither denied nor booked: it
// stays due, and is booked once there is room. The budget goes on all the same.
func TestMoreOwedThanIsCounted(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	for i := range 9 {
		d.turn(d.claim(fmt.Sprintf("credit%d", i), "9999999999999.99", owed))
	}
	last := d.claim("one-too-many", "9999999999999.99", owed)
	d.turn(last)
	o := d.want("one-too-many", v1alpha1.CompensationRequested, none, "0")
	if got := refusals(o); got != "OwedSum 0.09 EUR of 90000000000000.00 EUR" && got != "OwedSum 0.09 of 90000000000000.00" {
		t.Errorf("refused by %s", got)
	}
	d.turn(d.claim("other", "1.00"), d.claim("nine-cents", "0.09", owed))
	d.want("other", granted, spent, "1.00")
	d.want("nine-cents", granted, owes, "0.09")
	if got := d.totals(); got != "2026-01-01: spent 100, reserved 0, owed 9000000000000000" {
		t.Error(got)
	}
	d.turn(takenBack(d.claims["credit0"]))
	d.totals()
	d.turn(last)
	d.want("one-too-many", granted, owes, "9999999999999.99")
	d.totals()
}

func TestMoneyComesBack(t *testing.T) {
	tests := map[string]struct {
		first func(d *desk) *ledger.Claim
		then  func(*ledger.Claim) *ledger.Claim
		phase v1alpha1.CompensationPhase
	}{
		"of a grant that was withdrawn":    {func(d *desk) *ledger.Claim { return d.claim("c", "1500.00") }, takenBack, released},
		"of a request that was withdrawn":  {func(d *desk) *ledger.Claim { return d.claim("c", "1500.00", unallowed) }, takenBack, released},
		"of an offer that was withdrawn":   {func(d *desk) *ledger.Claim { return d.claim("c", "1500.00", offering) }, takenBack, released},
		"of a credit that was withdrawn":   {func(d *desk) *ledger.Claim { return d.claim("c", "1500.00", owed) }, takenBack, released},
		"of what a level may not approve":  {func(d *desk) *ledger.Claim { return d.claim("c", "1500.00", unallowed) }, func(c *ledger.Claim) *ledger.Claim { return approved(c, "duty-manager") }, denied},
		"of what an unknown level decides": {func(d *desk) *ledger.Claim { return d.claim("c", "1500.00", unallowed) }, func(c *ledger.Claim) *ledger.Claim { return approved(c, "owner") }, denied},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := open(t, "2026-10-02 09:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "2000.00" }))
			c := test.first(d)
			d.turn(c)
			// To its own day, whenever it is given back.
			d.now = at(t, "2026-10-03 09:00:00")
			d.turn(test.then(c))
			d.want("c", test.phase, none, "0")
			if got := d.totals(); got != "2026-01-01: spent 0, reserved 0, owed 0" {
				t.Error(got)
			}
			late := d.claim("again", "2000.00")
			late.CreatedAt = at(t, "2026-10-02 10:00:00")
			d.comps["again"].CreationTimestamp.Time = late.CreatedAt
			d.turn(late)
			d.want("again", granted, spent, "2000.00")
		})
	}
}

// Money on its way back is not free before it is folded, and denies nobody meanwhile.
func TestMoneyOnItsWayBack(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "2000.00" }))
	first := d.claim("first", "1500.00")
	d.turn(first)
	second, third := d.claim("second", "1500.00"), d.claim("third", "2000.01", unallowed)
	later := d.turn(takenBack(first), second, third)
	if fmt.Sprint(later) != "[second]" {
		t.Errorf("for a later turn: %v", later)
	}
	d.want("third", denied, none, "0")
	d.turn(second)
	d.want("second", granted, spent, "1500.00")
}

// A request is taken back by somebody who knows nothing of its entry, which a budget that is
// in force again has just made: nothing comes of the entry, and the money is free.
func TestTakenBackBesideItsEntry(t *testing.T) {
	final := func(d *desk) { d.comps["first"].Status.Phase = released }
	cases := map[string]func(d *desk, uid string){
		"and the desk sees it":       func(d *desk, uid string) { final(d); d.book.Land(uid, false) },
		"and another takes over":     func(d *desk, _ string) { final(d); d.restart() },
		"and it is gone by then":     func(d *desk, _ string) { delete(d.comps, "first"); d.restart() },
		"and gone, as the desk sees": func(d *desk, uid string) { delete(d.comps, "first"); d.book.Land(uid, d.book.Frees(uid)) },
	}
	for name, takeBack := range cases {
		t.Run(name, func(t *testing.T) {
			d := open(t, "2026-10-02 09:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "2000.00" }))
			first := d.claim("first", "1500.00")
			d.batch(first)
			takeBack(d, first.UID)
			d.turn()
			d.turn(d.claim("second", "2000.00"))
			d.want("second", granted, spent, "2000.00")
			if got := d.totals(); got != "2026-01-01: spent 200000, reserved 0, owed 0" {
				t.Error(got)
			}
			d.recount()
		})
	}
}

func TestEveryLimitAtOnce(t *testing.T) {
	s := spec(func(s *v1alpha1.RecoveryBudgetSpec) {
		s.Allowances[0] = v1alpha1.Allowance{
			Name: "frontline", PerIncident: "300.00", PerPersonPerDay: "400.00", PerCustomer: &v1alpha1.CustomerLimit{Amount: "350.00", Window: "48h"},
		}
		s.Pool.Amount = "500.00"
	})
	d := open(t, "2026-10-02 09:00:00", s)
	together := func(c *ledger.Claim) { c.Incident, c.Customer = "i", "guest" }
	d.turn(d.claim("first", "250.00", together))
	d.turn(d.claim("all", "260.00", together, func(c *ledger.Claim) {
		c.RecordedBy, c.BoundsMax = "bob", new(eur("200.00"))
		c.Beyond = []ledger.Refusal{{Limit: ledger.LimitCatalogue, Whose: "refund", Max: eur("255.00"), Left: eur("255.00")}}
	}))
	o := d.want("all", denied, none, "0")
	if got := refusals(o); got != "CatalogueMaximum 255.00 of 255.00, SeverityBounds 0.00 of 200.00, PerIncident 50.00 of 300.00, PerPersonPerDay 150.00 of 400.00, PerCustomer 100.00 of 350.00, Pool 250.00 of 500.00" {
		t.Error(got)
	}
	d.now = at(t, "2026-10-04 09:00:00")
	d.turn(d.claim("when-the-window-has-passed", "240.00", func(c *ledger.Claim) { c.Customer = "guest" }))
	d.want("when-the-window-has-passed", granted, spent, "240.00")
}

func TestTheDayIsOfWhoAskedAndOfWhoTyped(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	typed := func(c *ledger.Claim) { c.By, c.RecordedBy = "bob", "alice" }
	d.turn(d.claim("typed", "1500.00", typed))
	d.turn(d.claim("alice", "600.00"), d.claim("bob", "600.00", by("bob")), d.claim("carol", "600.00", by("carol")))
	d.want("alice", awaits, reserved, "600.00")
	d.want("bob", awaits, reserved, "600.00")
	d.want("carol", granted, spent, "600.00")
}

func TestAChoiceWhileItWaits(t *testing.T) {
	s := spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Allowances[0].PerPersonPerDay = "160.00" })
	d := open(t, "2026-10-02 09:00:00", s)
	fits, beyond := d.claim("fits", "200.00", offering), d.claim("beyond", "200.00", offering)
	d.turn(fits, beyond)
	d.want("fits", awaits, reserved, "200.00")
	d.turn(chosen(fits, "150.00"), chosen(beyond, "150.00"))
	d.want("fits", granted, spent, "150.00")
	d.want("beyond", awaits, reserved, "150.00")
	if got := d.totals(); got != "2026-01-01: spent 15000, reserved 15000, owed 0" {
		t.Error(got)
	}
	choice := chosen(beyond, "150.00")
	choice.Approved = &ledger.Approved{Level: "general-manager", Amount: eur("120.00")}
	d.turn(choice)
	d.want("beyond", granted, spent, "120.00")
}

func TestApprovedWithSeveralOffers(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	c := d.claim("two", "200.00", offering, unallowed)
	d.turn(c)
	d.want("two", awaits, reserved, "200.00")
	yes := approved(c, "duty-manager")
	d.turn(yes)
	o := d.want("two", offered, reserved, "200.00")
	if o.Allowance != "" {
		t.Errorf("it counts in the allowance %s", o.Allowance)
	}
	choice := chosen(yes, "150.00")
	choice.Approved = &ledger.Approved{Level: "duty-manager", Amount: eur("150.00")}
	d.turn(choice)
	d.want("two", granted, spent, "150.00")
	if got := d.totals(); got != "2026-01-01: spent 15000, reserved 0, owed 0" {
		t.Error(got)
	}
}

// The level is tested by the incident's total, not by this amount alone.
func TestALevelLooksAtTheWholeIncident(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	d.turn(d.claim("first", "800.00", on("i")))
	c := d.claim("second", "300.00", on("i"), unallowed)
	d.turn(c)
	if o := d.want("second", awaits, reserved, "300.00"); o.Level != "general-manager" {
		t.Errorf("to be approved by %s", o.Level)
	}
	d.turn(approved(c, "duty-manager"))
	o := d.want("second", denied, none, "0")
	if got := refusals(o); got != "ApprovalLevel 200.00 of 1000.00" || o.Level != "general-manager" {
		t.Errorf("refused by %s, to be approved by %s", got, o.Level)
	}
}

// Whoever is named behind the lowest level reaches as far, in whatever order a spec lists
// the levels.
func TestLevelsInAnyOrder(t *testing.T) {
	s := spec(func(s *v1alpha1.RecoveryBudgetSpec) {
		s.Approval.Levels = []v1alpha1.ApprovalLevel{{Name: "owner"}, {Name: "manager", UpTo: "1000.00"}, {Name: "clerk", UpTo: "500.00"}}
	})
	for amount, want := range map[v1alpha1.Money]string{
		"500.00": "[clerk manager owner]", "500.01": "[manager owner]", "1000.01": "[owner]",
	} {
		d := open(t, "2026-10-02 09:00:00", s)
		d.turn(d.claim("asks", amount, unallowed))
		o := d.want("asks", awaits, reserved, amount)
		if got := fmt.Sprint(ledger.LevelsFrom(&s, o.Level)); got != want {
			t.Errorf("%s is to be approved by %s, want %s", amount, got, want)
		}
	}
}

// A desk is lost between the entry that sets the dearest offer aside and its record, and
// the customer chooses meanwhile: what the allowance gave asks nobody.
func TestAChoiceBeforeTheOfferIsRecorded(t *testing.T) {
	several := func(c *ledger.Claim) { c.Want, c.Several = ledger.WantOffer, true }
	cases := map[string]struct {
		edits   []func(*ledger.Claim)
		day     v1alpha1.Money
		chosen  v1alpha1.Money
		resumed v1alpha1.CompensationPhase
		beyond  string
		// then is what a look after it comes to.
		then v1alpha1.CompensationPhase
	}{
		"the dearest":                        {day: "200.00", chosen: "200.00", resumed: offered, then: granted},
		"a cheaper one":                      {day: "200.00", chosen: "150.00", resumed: offered, then: granted},
		"the dearest, beyond the allowance":  {day: "160.00", chosen: "200.00", resumed: awaits, beyond: "PerPersonPerDay 160.00 of 160.00", then: awaits},
		"a cheaper one, and the dearest is":  {day: "160.00", chosen: "150.00", resumed: awaits, beyond: "PerPersonPerDay 160.00 of 160.00", then: granted},
		"the dearest, and none is named":     {edits: []func(*ledger.Claim){unallowed}, day: "200.00", chosen: "200.00", resumed: awaits, then: awaits},
		"nothing could be chosen: it is one": {edits: []func(*ledger.Claim){func(c *ledger.Claim) { c.Several = false }}, day: "200.00", chosen: "200.00", resumed: awaits, then: awaits},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := open(t, "2026-10-02 09:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Allowances[0].PerPersonPerDay = c.day }))
			asks := d.claim("two", "200.00", append([]func(*ledger.Claim){several}, c.edits...)...)
			d.batch(asks)
			d.restart()
			choice := chosen(asks, c.chosen)
			d.book.Meet(choice)
			o, ok := d.book.Resume(choice)
			if !ok {
				t.Fatal("nothing is in flight")
			}
			d.outcomes["two"] = o
			if d.want("two", c.resumed, reserved, "200.00"); refusals(o) != c.beyond {
				t.Errorf("refused by %q, want %q", refusals(o), c.beyond)
			}
			d.record("two")
			d.turn(choice)
			if got := d.outcomes["two"]; got.Phase != c.then || c.then == granted && got.Amount.Cmp(eur(c.chosen)) != 0 {
				t.Errorf("then it is %s with %s, want %s of %s", got.Phase, got.Amount, c.then, c.chosen)
			}
		})
	}
}

func TestNobodyToApprove(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Approval = nil }))
	d.turn(d.claim("asks", "1.00", unallowed), d.claim("beyond", "2000.01"))
	d.want("asks", denied, none, "0")
	if got := refusals(d.want("beyond", denied, none, "0")); got != "PerPersonPerDay 2000.00 of 2000.00" {
		t.Errorf("refused by %s", got)
	}
}

func TestAskingTwiceChangesNothing(t *testing.T) {
	d := open(t, "2026-10-02 09:00:00", spec())
	give, wait, offer := d.claim("give", "10.00"), d.claim("wait", "10.00", unallowed), d.claim("offer", "10.00", offering)
	credit := d.claim("credit", "10.00", owed)
	d.turn(give, wait, offer, credit)
	d.turn()
	sequence := d.budget.Status.Sequence
	d.turn(give, wait, offer, credit)
	d.restart()
	d.turn(give, wait, offer, credit)
	if d.budget.Status.Sequence != sequence {
		t.Errorf("the ledger was written %d times more", d.budget.Status.Sequence-sequence)
	}
}
