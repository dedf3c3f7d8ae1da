package ledger_test

import (
	"fmt"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

const (
	granted  = v1alpha1.CompensationGranted
	offered  = v1alpha1.CompensationOffered
	awaits   = v1alpha1.CompensationAwaitingApproval
	denied   = v1alpha1.CompensationDenied
	released = v1alpha1.CompensationReleased

	none     = v1alpha1.ChargeNone
	reserved = v1alpha1.ChargeReserved
	spent    = v1alpha1.ChargeSpent
	owes     = v1alpha1.ChargeOwed
)

func TestTwoDaysHaveTwoAllowances(t *testing.T) {
	d := open(t, "2026-10-02 23:50:00", spec())
	d.turn(d.claim("before", "1500.00"))
	d.now = at(t, "2026-10-03 00:10:00")
	d.turn(d.claim("after", "1500.00"))
	d.want("before", granted, spent, "1500.00")
	d.want("after", granted, spent, "1500.00")

	d.turn(d.claim("too-much", "500.01"))
	o := d.want("too-much", awaits, reserved, "500.01")
	if got := refusals(o); got != "PerPersonPerDay 500.00 of 2000.00" {
		t.Errorf("refused by %s", got)
	}
}

func TestTwoDaysOfOneIncident(t *testing.T) {
	s := spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Allowances[0].PerIncident = "2500.00" })
	d := open(t, "2026-10-02 23:50:00", s)
	d.turn(d.claim("before", "1500.00", on("one")))
	d.now = at(t, "2026-10-03 00:10:00")
	d.turn(d.claim("after", "1500.00", on("one")))
	d.want("before", granted, spent, "1500.00")
	o := d.want("after", awaits, reserved, "1500.00")
	if got := refusals(o); got != "PerIncident 1000.00 of 2500.00" || o.Level != "general-manager" {
		t.Errorf("refused by %s, to be approved by %s", got, o.Level)
	}
}

func TestOwedIsNotGoodwill(t *testing.T) {
	s := spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "1000.00" })
	d := open(t, "2026-10-02 12:00:00", s)
	d.turn(d.claim("all-of-it", "1000.00"))
	if !d.holds(v1alpha1.ExhaustedCondition) || d.holds(v1alpha1.OverdrawnCondition) {
		t.Errorf("conditions: %+v", d.budget.Status.Conditions)
	}
	d.turn(d.claim("credit", "300.00", owed), d.claim("refund", "0.01"))
	if o := d.want("credit", granted, owes, "300.00"); !o.Overdrawn {
		t.Error("the credit does not say that the budget is overdrawn")
	}
	if got := refusals(d.want("refund", denied, none, "0")); got != "Pool 0.00 of 1000.00" {
		t.Errorf("refused by %s", got)
	}
	if !d.holds(v1alpha1.OverdrawnCondition) || d.budget.Status.Owed != "300.00" {
		t.Errorf("owed %s, conditions %+v", d.budget.Status.Owed, d.budget.Status.Conditions)
	}
	if got := d.totals(); got != "2026-01-01: spent 100000, reserved 0, owed 30000" {
		t.Error(got)
	}
}

// What a desk says of a credit, its successor says too, which finds it in flight.
func TestOwedAfterALostDesk(t *testing.T) {
	for pool, overdrawn := range map[v1alpha1.Money]bool{"1000.00": true, "1300.00": false} {
		d := open(t, "2026-10-02 12:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = pool }))
		d.turn(d.claim("all-of-it", "1000.00"))
		credit := d.claim("credit", "300.00", owed)
		d.batch(credit)
		said := d.want("credit", granted, owes, "300.00")
		d.restart()
		d.book.Meet(credit)
		d.outcomes["credit"], _ = d.book.Resume(credit)
		if found := d.want("credit", granted, owes, "300.00"); said.Overdrawn != overdrawn || found.Overdrawn != overdrawn {
			t.Errorf("of a pool of %s, overdrawn: %t is said at first and %t in the end, want %t", pool, said.Overdrawn, found.Overdrawn, overdrawn)
		}
	}
}

func TestTheCheaperOfTwoOffers(t *testing.T) {
	s := spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Allowances[0].PerPersonPerDay = "200.00" })
	d := open(t, "2026-10-02 12:00:00", s)
	c := d.claim("two", "200.00", offering)
	d.turn(c)
	d.want("two", offered, reserved, "200.00")
	d.turn(d.claim("meanwhile", "0.01"))
	d.want("meanwhile", awaits, reserved, "0.01")
	d.turn(chosen(c, "150.00"))
	d.want("two", granted, spent, "150.00")
	if got := d.totals(); got != "2026-01-01: spent 15000, reserved 1, owed 0" {
		t.Error(got)
	}
	d.turn(d.claim("what-is-back", "50.00"))
	d.want("what-is-back", granted, spent, "50.00")
}

func TestWhatAnApproverGrantsIsNotTheRequestersDay(t *testing.T) {
	d := open(t, "2026-10-02 12:00:00", spec())
	c := d.claim("big", "5000.00")
	d.turn(c)
	d.want("big", awaits, reserved, "5000.00")
	d.turn(approved(c, "general-manager"))
	d.want("big", granted, spent, "5000.00")
	d.turn(d.claim("small", "1000.00"))
	d.want("small", granted, spent, "1000.00")
}

func TestARequestCountsWhereItWasCreated(t *testing.T) {
	d := open(t, "2026-12-31 23:59:58", spec())
	c := d.claim("late", "1500.00")
	d.now = at(t, "2027-01-01 00:00:03")
	d.turn(c, d.claim("next-year", "1500.00"))
	d.want("late", granted, spent, "1500.00")
	d.want("next-year", granted, spent, "1500.00")
	if got := d.totals(); got != "2026-01-01: spent 150000, reserved 0, owed 0; 2027-01-01: spent 150000, reserved 0, owed 0" {
		t.Error(got)
	}
	if s := d.budget.Status; s.Period != "2027-01-01" || s.Spent != "1500.00" || s.Available != "8500.00" {
		t.Errorf("the running period: %s spent %s available %s", s.Period, s.Spent, s.Available)
	}
}

func TestManyThatWaitStopNobody(t *testing.T) {
	d := open(t, "2026-10-02 12:00:00", spec())
	var waiting []*ledger.Claim
	for i := range 128 {
		waiting = append(waiting, d.claim(fmt.Sprintf("w%03d", i), "1.00", unallowed, by(v1alpha1.User(fmt.Sprintf("p%d", i/10)))))
	}
	if later := d.turn(waiting...); len(later) != 0 {
		t.Fatalf("%d wait for a later turn", len(later))
	}
	d.turn(d.claim("allowed", "100.00"))
	d.want("w127", awaits, reserved, "1.00")
	d.want("allowed", granted, spent, "100.00")
	d.turn(d.claim("eleventh", "1.00", unallowed, by("p0")))
	if got := refusals(d.want("eleventh", denied, none, "0")); got != "TooManyPending 0.00 of 0.10" {
		t.Errorf("refused by %s", got)
	}
}

func TestAFullBatchWaits(t *testing.T) {
	d := open(t, "2026-10-02 12:00:00", spec())
	var claims []*ledger.Claim
	for i := range 129 {
		claims = append(claims, d.claim(fmt.Sprintf("c%03d", i), "1.00", by(v1alpha1.User(fmt.Sprintf("p%d", i)))))
	}
	later := d.turn(claims...)
	if len(later) != 1 || later[0] != "c128" {
		t.Fatalf("for a later turn: %v", later)
	}
	if later := d.turn(claims[128]); len(later) != 0 {
		t.Fatalf("for a still later turn: %v", later)
	}
	if got := d.totals(); got != "2026-01-01: spent 12900, reserved 0, owed 0" {
		t.Error(got)
	}
}

// The second story: 8 people, one allowance each, a pool that ends before they do.
func TestThePoolEndsBeforeTheAllowances(t *testing.T) {
	s := spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "5000.00" })
	d := open(t, "2026-10-02 12:00:00", s)
	var claims []*ledger.Claim
	for i := range 8 {
		claims = append(claims, d.claim(fmt.Sprintf("c%d", i), "900.00", by(v1alpha1.User(fmt.Sprintf("p%d", i)))))
	}
	d.turn(claims...)
	for i := range 8 {
		if i < 5 {
			d.want(fmt.Sprintf("c%d", i), granted, spent, "900.00")
			continue
		}
		if got := refusals(d.want(fmt.Sprintf("c%d", i), denied, none, "0")); got != "Pool 500.00 of 5000.00" {
			t.Errorf("refused by %s", got)
		}
	}
	if d.budget.Status.Available != "500.00" || *d.budget.Status.UsedPercent != 90 || !d.holds(v1alpha1.NearLimitCondition) {
		t.Errorf("available %s, used %d %%", d.budget.Status.Available, *d.budget.Status.UsedPercent)
	}
}
