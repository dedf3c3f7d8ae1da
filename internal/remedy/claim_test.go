package remedy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/remedy"
)

func sameStatus(a, b v1alpha1.CompensationStatus) bool { return equality.Semantic.DeepEqual(a, b) }

// aClaim is what the desk's request asks, changed.
func aClaim(change func(*ledger.Claim)) ledger.Claim {
	out := ledger.Claim{
		UID: "uid-of-refund", Name: "refund", CreatedAt: asked, By: "alice", Incident: "uid-of-coffee", Customer: "guest-1", IncidentName: "coffee",
		Want: ledger.WantGive, Amount: cny("40.00"), Allowance: "frontline", BoundsMax: new(cny("450.00")),
	}
	if change != nil {
		change(&out)
	}
	return out
}

func TestClaims(t *testing.T) {
	beyond := func(option string, most v1alpha1.Money) []ledger.Refusal {
		return []ledger.Refusal{{Limit: ledger.LimitCatalogue, Whose: option, Max: cny(most), Left: cny(most)}}
	}
	cases := map[string]struct {
		changes []change
		want    ledger.Claim
	}{
		"one offer":                      {nil, aClaim(nil)},
		"typed by somebody else":         {[]change{func(w *world) { w.request.Spec.RecordedBy = "bob" }}, aClaim(func(c *ledger.Claim) { c.RecordedBy = "bob" })},
		"without an allowance":           {[]change{withoutAllowance}, aClaim(func(c *ledger.Claim) { c.Allowance = "" })},
		"in the budget's currency, said": {[]change{offering(v1alpha1.CompensationOffer{Name: "refund", Option: "refund", Amount: "40", Currency: "CNY"})}, aClaim(nil)},
		"above the catalogue's maximum": {[]change{offering(offered("refund", "200.01"))},
			aClaim(func(c *ledger.Claim) { c.Amount, c.Beyond = cny("200.01"), beyond("refund", "200.00") })},
		"at the catalogue's maximum":      {[]change{offering(offered("refund", "200.00"))}, aClaim(func(c *ledger.Claim) { c.Amount = cny("200.00") })},
		"of its own kind":                 {[]change{offering(custom("333.00"))}, aClaim(func(c *ledger.Claim) { c.Amount = cny("333.00") })},
		"a fixed cost, written otherwise": {[]change{offering(offered("lounge-pass", "15"))}, aClaim(func(c *ledger.Claim) { c.Amount = cny("15.00") })},
		"what costs nothing":              {[]change{offering(offered("fresh-coffee", "0.00"))}, aClaim(func(c *ledger.Claim) { c.Amount = cny("0") })},
		"no bounds for the severity":      {[]change{func(w *world) { w.incident.Status.Severity = v1alpha1.SeverityCritical }}, aClaim(func(c *ledger.Claim) { c.BoundsMax = nil })},
		"several offers, no choice": {[]change{twoOffers},
			aClaim(func(c *ledger.Claim) { c.Want, c.Several, c.Amount = ledger.WantOffer, true, cny("200.00") })},
		"several offers, the cheaper above its maximum": {[]change{offering(offered("refund", "201.00"), offered("voucher", "300.00"))},
			aClaim(func(c *ledger.Claim) {
				c.Want, c.Several, c.Amount, c.Beyond = ledger.WantOffer, true, cny("300.00"), beyond("refund", "200.00")
			})},
		"several offers, chosen on the spot": {[]change{twoOffers, choosing("voucher", 0)}, aClaim(func(c *ledger.Claim) { c.Several, c.Amount = true, cny("150.00") })},
		"owed": {[]change{offering(offered("sla-credit", "300.00"))},
			aClaim(func(c *ledger.Claim) {
				c.Want, c.Amount, c.Allowance, c.BoundsMax = ledger.WantOwe, cny("300.00"), "", nil
			})},
		"owed, with an allowance that is none": {[]change{offering(offered("sla-credit", "1.00")), func(w *world) { w.request.Spec.Allowance = "gold" }},
			aClaim(func(c *ledger.Claim) {
				c.Want, c.Amount, c.Allowance, c.BoundsMax = ledger.WantOwe, cny("1.00"), "", nil
			})},
		"owed, in a closed incident": {[]change{ended(v1alpha1.PhaseClosed), offering(offered("sla-credit", "1.00"))},
			aClaim(func(c *ledger.Claim) {
				c.Want, c.Amount, c.Allowance, c.BoundsMax = ledger.WantOwe, cny("1.00"), "", nil
			})},
		"owed, chosen among several": {[]change{offering(offered("refund", "1.00"), offered("sla-credit", "2.00")), choosing("sla-credit", 0)},
			aClaim(func(c *ledger.Claim) {
				c.Want, c.Amount, c.Allowance, c.BoundsMax = ledger.WantOwe, cny("2.00"), "", nil
			})},
		"for a customer who was corrected": {[]change{func(w *world) {
			w.incident.Spec.Journal = []v1alpha1.JournalEntry{{ID: "wrong-guest", Amend: &v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "guest-2"}}}}
		}}, aClaim(func(c *ledger.Claim) { c.Customer = "guest-2" })},
		"in a resolved incident": {[]change{ended(v1alpha1.PhaseResolved)}, aClaim(nil)},
		"withdrawn before it was looked at": {[]change{withdrawing(time.Minute)}, aClaim(func(c *ledger.Claim) {
			*c = ledger.Claim{UID: c.UID, Name: c.Name, CreatedAt: c.CreatedAt, By: c.By, Incident: c.Incident, Customer: c.Customer, IncidentName: c.IncidentName, Want: ledger.WantFree,
				Freed: ledger.Freed{Phase: v1alpha1.CompensationReleased, Reason: v1alpha1.WithdrawnReason, Message: "alice withdrew it: no longer wanted"}}
		})},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			j := desk(t, c.changes...).judge(at(2 * time.Minute))
			if j.Do != remedy.Ask {
				t.Fatalf("Do %d, status %+v, want a claim", j.Do, j.Status)
			}
			if diff := cmp.Diff(c.want, j.Claim, cmp.Comparer(money.Amount.Equal)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A request that was taken back before any claim of it could be put costs no turn of the
// bookkeeper.
func TestTakenBackBeforeAnyClaim(t *testing.T) {
	for name, change := range map[string]change{"withdrawn": withdrawing(time.Minute), "deleted": deleting(time.Minute)} {
		t.Run(name, func(t *testing.T) {
			j := desk(t, unheld, change).judge(at(time.Hour))
			if j.Do != remedy.Write || j.Status.Phase != v1alpha1.CompensationReleased || !j.Status.ReleasedAt.Equal(stampOf(time.Minute)) {
				t.Errorf("%+v, want it Released after a minute", j)
			}
		})
	}
	t.Run("the budget is gone", func(t *testing.T) {
		j := desk(t, withdrawing(time.Minute), func(w *world) { w.budget = nil }).judge(at(time.Hour))
		if j.Do != remedy.Write || j.Status.Phase != v1alpha1.CompensationReleased {
			t.Errorf("%+v, want it Released", j)
		}
	})
}

// A budget that is not in force answers nothing: what it holds nothing of is taken back
// without it, and what it holds, or may, waits for it.
func TestTakenBackWhileTheBudgetIsNotInForce(t *testing.T) {
	mended := func(w *world) { w.budget.Generation++ }
	cases := map[string]struct {
		changes []change
		do      remedy.Do
	}{
		"withdrawn":                       {list(stalled, withdrawing(time.Minute)), remedy.Write},
		"withdrawn, after it was told":    {list(stalled, waitingForIt, withdrawing(time.Minute)), remedy.Write},
		"deleted":                         {list(stalled, waitingForIt, deleting(time.Minute)), remedy.Write},
		"withdrawn, and it is in flight":  {list(stalled, inFlight, withdrawing(time.Minute)), remedy.Ask},
		"withdrawn while it awaits":       {list(awaiting("40.00"), stalled, withdrawing(time.Minute)), remedy.Ask},
		"withdrawn once it was granted":   {list(given, stalled, withdrawing(time.Minute)), remedy.Ask},
		"withdrawn, and it is mended now": {list(stalled, mended, withdrawing(time.Minute)), remedy.Ask},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			j := desk(t, c.changes...).judge(at(time.Hour))
			if j.Do != c.do {
				t.Fatalf("Do %d, want %d: %+v", j.Do, c.do, j)
			}
			if c.do == remedy.Write && (j.Status.Phase != v1alpha1.CompensationReleased || !j.Status.ReleasedAt.Equal(stampOf(time.Minute))) {
				t.Errorf("%+v, want it Released after a minute", j.Status)
			}
		})
	}
}

func TestJudgeChangesNothing(t *testing.T) {
	w := desk(t, twoOffers, choosing("voucher", 0))
	before := []any{w.request.DeepCopy(), w.incident.DeepCopy(), w.budget.DeepCopy()}
	w.judge(fixture.Instant("2026-10-03T00:00:00Z"))
	if diff := cmp.Diff(before, []any{w.request, w.incident, w.budget}); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}
