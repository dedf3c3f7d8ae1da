package work

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func counter() *Counter {
	return &Counter{Currency: "EUR", Taken: []string{"coffee-0417-1"}, Terms: &v1alpha1.PolicyCompensation{BudgetName: "front-desk", Catalogue: []v1alpha1.CatalogueOption{
		{Name: "lounge-pass", Kind: "Upgrade", Purpose: v1alpha1.PurposeExtra, Cost: "15.00"},
		{Name: "refund", Kind: "Refund", Purpose: v1alpha1.PurposeRestore, MaxAmount: "200.00"},
		{Name: "suite", Kind: "Upgrade", Purpose: v1alpha1.PurposeRestore, Cost: "500.00", Severities: []v1alpha1.Severity{v1alpha1.SeverityCritical}},
	}}}
}

func TestRequests(t *testing.T) {
	r := Request{Options: []string{"lounge-pass", "refund=35"}, Custom: []string{"Two = sign=12.5"}, Allowance: "frontline", Justification: "wet", By: "alice"}
	got, err := r.Compensation(scene(), counter())
	if err != nil {
		t.Fatal(err)
	}
	want := v1alpha1.CompensationSpec{
		IncidentName: "coffee-0417", BudgetName: "front-desk", Allowance: "frontline", Justification: "wet", By: "alice", RecordedBy: "carol",
		Offers: []v1alpha1.CompensationOffer{
			{Name: "lounge-pass", Option: "lounge-pass", Amount: "15.00"}, {Name: "refund", Option: "refund", Amount: "35.00"}, {Name: "custom", Custom: "Two = sign", Amount: "12.50"},
		},
	}
	if diff := cmp.Diff(want, got.Spec); diff != "" || got.Name != "coffee-0417-2" {
		t.Errorf("%s: %s", got.Name, diff)
	}
	for says, bad := range map[string]Request{
		"what is offered?": {},
		"6 offers: a customer chooses among at most 5":  {Options: []string{"a", "b", "c", "d", "e", "f"}},
		"did you mean refund?":                          {Options: []string{"refnd=1"}},
		"is not for severity Medium":                    {Options: []string{"suite"}},
		"say how much, refund=AMOUNT, at most 200.00":   {Options: []string{"refund"}},
		"the option refund: ":                           {Options: []string{"refund=1.234"}},
		"is offered twice":                              {Options: []string{"lounge-pass", "lounge-pass"}},
		"write what it is and what it costs us":         {Custom: []string{"A night elsewhere"}},
		"the policy of this incident names no budget: ": {Options: []string{"lounge-pass"}, Budget: "-"},
	} {
		c := counter()
		if bad.Budget == "-" {
			bad.Budget, c.Terms.BudgetName = "", ""
		}
		if _, err := bad.Compensation(scene(), c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("it says %v, want %q", err, says)
		}
	}
}

// A catalogue that may not be the one that holds refuses nothing.
func TestRequestsInDoubt(t *testing.T) {
	for says, options := range map[string][]string{
		"the catalogue has no option \"refnd\"": {"refnd=1"},
		"is not for severity Medium":            {"suite"},
	} {
		s := scene()
		s.Unsure = true
		r := Request{Options: options}
		if _, err := r.Compensation(s, counter()); err != nil || len(s.Hints) != 1 || !strings.Contains(s.Hints[0], says) {
			t.Errorf("%v; it hints %q, want %q", err, s.Hints, says)
		}
	}
	s := scene()
	s.Unsure = true
	if _, err := (&Request{Options: []string{"refnd"}}).Compensation(s, counter()); err == nil || !strings.Contains(err.Error(), "is not known here: say how much, refnd=AMOUNT") {
		t.Errorf("a price that nobody knows: %v", err)
	}
}

// A fact that stands is compared with the one that is to be added, not only looked for.
func TestWhatStands(t *testing.T) {
	remedy := func(change func(*v1alpha1.CompensationSpec)) *v1alpha1.Compensation {
		out := fixture.Compensation("r", "coffee-0417", "front-desk", "900.00", fixture.AskedBy("alice"))
		change(&out.Spec)
		return out
	}
	approved := remedy(func(s *v1alpha1.CompensationSpec) {
		s.Decision = &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: "gao", Level: "general-manager", Reason: "Of course"}
	})
	less := remedy(func(s *v1alpha1.CompensationSpec) {
		s.Decision = &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: "gao", Level: "general-manager", Amount: "80.00"}
	})
	less.Status.Amount = "80.00"
	denied := remedy(func(s *v1alpha1.CompensationSpec) {
		s.Decision = &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictDenied, By: "gao", Level: "duty-manager", Reason: "no"}
	})
	chosen := remedy(func(s *v1alpha1.CompensationSpec) {
		s.Choice = &v1alpha1.CompensationChoice{Offer: "refund", By: "gao"}
	})
	delivered := remedy(func(s *v1alpha1.CompensationSpec) {
		s.Delivery = &v1alpha1.CompensationDelivery{By: "gao", Evidence: "Booking 8812"}
	})
	withdrawn := remedy(func(s *v1alpha1.CompensationSpec) {
		s.Withdrawal = &v1alpha1.CompensationWithdrawal{By: "gao", Reason: "no"}
	})
	for name, c := range map[string]struct {
		stands *Standing
		same   bool
		what   string
	}{
		"approved again":                     {(&Verdict{Approve: true}).Stands(approved), true, `approved at level general-manager, "Of course"`},
		"approved again, all of it":          {(&Verdict{Approve: true, Amount: "900"}).Stands(approved), true, ""},
		"approved again, with its reason":    {(&Verdict{Approve: true, Reason: " Of course ", Level: "general-manager"}).Stands(approved), true, ""},
		"approved with another amount":       {(&Verdict{Approve: true, Amount: "80"}).Stands(approved), false, ""},
		"approved with another reason":       {(&Verdict{Approve: true, Reason: "Why not"}).Stands(approved), false, ""},
		"approved at another level":          {(&Verdict{Approve: true, Level: "duty-manager"}).Stands(approved), false, ""},
		"denied after it was approved":       {(&Verdict{Reason: "no"}).Stands(approved), false, ""},
		"less is approved again":             {(&Verdict{Approve: true, Amount: "80"}).Stands(less), true, "approved with 80.00 at level general-manager"},
		"all of it after less":               {(&Verdict{Approve: true}).Stands(less), false, ""},
		"approved after it was denied":       {(&Verdict{Approve: true}).Stands(denied), false, `denied at level duty-manager, "no"`},
		"denied again":                       {(&Verdict{Reason: "no"}).Stands(denied), true, ""},
		"the same choice":                    {ChoiceStands(chosen, "refund"), true, "chosen: refund"},
		"another choice":                     {ChoiceStands(chosen, "voucher"), false, ""},
		"delivered again":                    {DeliveryStands(delivered, ""), true, `delivered, "Booking 8812"`},
		"delivered with another evidence":    {DeliveryStands(delivered, "Card 77"), false, ""},
		"withdrawn again":                    {WithdrawalStands(withdrawn, "no"), true, `withdrawn, "no"`},
		"withdrawn for another reason":       {WithdrawalStands(withdrawn, "later"), false, ""},
		"nothing stands":                     {ChoiceStands(approved, "refund"), false, "-"},
		"no decision":                        {(&Verdict{}).Stands(chosen), false, "-"},
		"no delivery, whatever was decided":  {DeliveryStands(approved, ""), false, "-"},
		"no withdrawal, whatever was chosen": {WithdrawalStands(chosen, ""), false, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.what == "-" {
				if c.stands != nil {
					t.Errorf("%+v stands", c.stands)
				}
				return
			}
			if c.stands.Same != c.same || c.stands.By != "gao" || c.what != "" && c.stands.What != c.what || !strings.Contains(c.stands.Try, "kubectl amends ") {
				t.Errorf("it stands so: %+v", c.stands)
			}
		})
	}
}

func TestDecisions(t *testing.T) {
	levels := []v1alpha1.ApprovalLevel{{Name: "duty-manager", UpTo: "100.00"}, {Name: "general-manager", UpTo: "1000.00"}}
	comp := fixture.Compensation("r", "coffee-0417", "front-desk", "900.00", fixture.AskedBy("alice"))
	for name, c := range map[string]struct {
		verdict Verdict
		by      v1alpha1.User
		want    *v1alpha1.CompensationDecision
		says    string
	}{
		"the lowest level that reaches":     {Verdict{Approve: true, Levels: levels}, "gao", &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: "gao", Level: "general-manager"}, ""},
		"less is in reach of a lower level": {Verdict{Approve: true, Amount: "80", Levels: levels}, "gao", &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: "gao", Level: "duty-manager", Amount: "80.00"}, ""},
		"a refusal takes any level":         {Verdict{Reason: "no", Levels: levels}, "gao", &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictDenied, By: "gao", Level: "duty-manager", Reason: "no"}, ""},
		"a level that is named":             {Verdict{Approve: true, Level: "owner"}, "gao", &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: "gao", Level: "owner"}, ""},
		"one's own request":                 {Verdict{Approve: true, Levels: levels}, "alice", nil, "was asked for by you"},
		"out of reach":                      {Verdict{Approve: true, Levels: levels[:1]}, "gao", nil, "900.00 is more than you may approve: level duty-manager goes up to 100.00"},
		"no level":                          {Verdict{Approve: true}, "gao", nil, "you may approve at no level"},
		"a refusal without a reason":        {Verdict{Levels: levels}, "gao", nil, "say why it is denied"},
	} {
		t.Run(name, func(t *testing.T) {
			c.verdict.Currency = "EUR"
			got, err := c.verdict.Decision(comp, c.by)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("it says %v, want %q", err, c.says)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
	if _, err := Choice(comp, "voucher", "x"); err == nil || !strings.Contains(err.Error(), "chooses among remedy") {
		t.Error(err)
	}
}

func TestWhatIsAskedFor(t *testing.T) {
	comp := fixture.Compensation("r", "x", "b", "1", fixture.Offering(
		v1alpha1.CompensationOffer{Name: "a", Option: "a", Amount: "9.5"}, v1alpha1.CompensationOffer{Name: "b", Option: "b", Amount: "10"}, v1alpha1.CompensationOffer{Name: "c", Option: "c", Amount: "9.75"}))
	if got := Asked(comp); got != "10" {
		t.Errorf("of several the dearest: %s", got)
	}
	comp.Spec.Choice = &v1alpha1.CompensationChoice{Offer: "c"}
	if got := Asked(comp); got != "9.75" {
		t.Errorf("the chosen one: %s", got)
	}
	comp.Status.Amount = "9.00"
	if got := Asked(comp); got != "9.00" {
		t.Errorf("what is set aside: %s", got)
	}
}

func TestWhatIsLeft(t *testing.T) {
	budget := fixture.Budget("b", "EUR", "1000.00")
	budget.Spec.TimeZone = "Asia/Shanghai"
	allowance := v1alpha1.Allowance{Name: "frontline", PerIncident: "50.00", PerPersonPerDay: "200.00", PerCustomer: &v1alpha1.CustomerLimit{Amount: "100.00", Window: "720h"}}
	give := func(created, incident string, by v1alpha1.User, amount v1alpha1.Money, phase v1alpha1.CompensationPhase, change ...func(*v1alpha1.Compensation)) v1alpha1.Compensation {
		c := fixture.Created(fixture.Instant(created), fixture.Compensation("c", v1alpha1.ObjectName(incident), "b", amount, fixture.AskedBy(by), fixture.FromAllowance("frontline")))
		c.Status.Phase, c.Status.Amount, c.Status.Customer = phase, amount, "guest-0417"
		for _, f := range change {
			f(c)
		}
		return *c
	}
	given := []v1alpha1.Compensation{
		give("2026-10-01T16:00:00Z", "other", "carol", "20.00", v1alpha1.CompensationGranted),   // midnight in Shanghai: today
		give("2026-10-01T15:59:59Z", "other", "carol", "40.00", v1alpha1.CompensationDelivered), // yesterday there
		give("2026-10-02T01:00:00Z", "coffee-0417", "alice", "5.00", v1alpha1.CompensationGranted),
		give("2026-10-02T01:00:00Z", "coffee-0417", "alice", "7.00", v1alpha1.CompensationAwaitingApproval),
		give("2026-10-02T01:00:00Z", "coffee-0417", "carol", "99.00", v1alpha1.CompensationDenied),
		give("2026-10-02T01:00:00Z", "other", "carol", "3.00", v1alpha1.CompensationGranted, func(c *v1alpha1.Compensation) { c.Spec.Decision = &v1alpha1.CompensationDecision{} }),
		give("2026-10-02T01:00:00Z", "other", "dave", "1.00", v1alpha1.CompensationGranted, func(c *v1alpha1.Compensation) { c.Spec.RecordedBy = "carol" }),
		give("2026-10-02T01:00:00Z", "other", "carol", "77.00", v1alpha1.CompensationGranted, func(c *v1alpha1.Compensation) { c.Status.Entitlement = v1alpha1.EntitlementOwed }),
	}
	got, err := Left(budget, &allowance, given, scene().Incident, "carol", now)
	if err != nil {
		t.Fatal(err)
	}
	if got.Day.String() != "179.00" || got.Incident.String() != "38.00" || got.Customer.String() != "31.00" {
		t.Errorf("day %s, incident %s, customer %s; want 179.00, 38.00, 31.00", got.Day, got.Incident, got.Customer)
	}
	if want := fixture.Instant("2026-10-02T16:00:00Z"); !got.Ends.Equal(want) {
		t.Errorf("the day ends %s, want %s", got.Ends, want)
	}
	over := append(given, give("2026-10-02T02:00:00Z", "coffee-0417", "carol", "500.00", v1alpha1.CompensationGranted))
	if got, _ := Left(budget, &allowance, over, scene().Incident, "carol", now.Add(time.Minute)); !got.Day.IsZero() || !got.Incident.IsZero() {
		t.Errorf("more than all of it: day %s, incident %s", got.Day, got.Incident)
	}
}
