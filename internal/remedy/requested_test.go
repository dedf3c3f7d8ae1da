package remedy_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/remedy"
)

// A request that lacks something waits: nothing is denied for coming early.
func TestRequestWaits(t *testing.T) {
	stalled := func(w *world) {
		w.budget.Status.ObservedGeneration = w.budget.Generation
		w.budget.Status.Conditions = []metav1.Condition{{Type: v1alpha1.StalledCondition, Status: metav1.ConditionTrue, Message: "spec.currency: \"ABC\" is no currency"}}
	}
	cases := map[string]struct {
		change change
		reason string
		says   string
	}{
		"for its incident":                     {func(w *world) { w.incident = nil }, v1alpha1.IncidentNotFoundReason, `no Incident "coffee"`},
		"for the incident's policy":            {func(w *world) { w.terms = nil }, v1alpha1.PolicyPendingReason, "no policy in force yet"},
		"for the terms of a closed incident":   {func(w *world) { ended(v1alpha1.PhaseClosed)(w); w.terms = nil }, v1alpha1.PolicyPendingReason, "no policy in force yet"},
		"for its budget":                       {func(w *world) { w.budget = nil }, v1alpha1.BudgetNotFoundReason, `no RecoveryBudget "front-desk"`},
		"for a budget that a person must mend": {stalled, v1alpha1.BudgetNotReadyReason, "is no currency"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := desk(t, c.change)
			j := w.judge(at(time.Minute))
			if j.Do != remedy.Write || j.Status.Phase != v1alpha1.CompensationRequested {
				t.Fatalf("Do %d, phase %s, want it written as Requested", j.Do, j.Status.Phase)
			}
			for _, kind := range []string{v1alpha1.ReadyCondition, v1alpha1.ReconcilingCondition} {
				if got := conditionOf(&j.Status, kind); got == nil || got.Reason != c.reason {
					t.Errorf("condition %s: %+v, want reason %s", kind, got, c.reason)
				} else {
					says(t, got.Message, c.says)
				}
			}
			if j.Status.DecidedAt != nil || j.Status.Amount != "" {
				t.Errorf("a request that waits was decided: %+v", j.Status)
			}
			w.request.Status = j.Status
			if again := w.judge(at(time.Hour)); again.Do != remedy.Write || !sameStatus(again.Status, j.Status) {
				t.Errorf("while it waits for the same, its status changes")
			}
		})
	}
	t.Run("an old word of a budget that was edited since holds nothing up", func(t *testing.T) {
		if j := desk(t, stalled, func(w *world) { w.budget.Generation++ }).judge(at(0)); j.Do != remedy.Ask {
			t.Errorf("Do %d, want a claim", j.Do)
		}
	})
	t.Run("once everything is there it is claimed", func(t *testing.T) {
		w := desk(t, func(w *world) { w.budget = nil })
		w.request.Status = w.judge(at(0)).Status
		w.budget = desk(t).budget
		if j := w.judge(at(time.Minute)); j.Do != remedy.Ask {
			t.Errorf("Do %d, want a claim", j.Do)
		}
	})
}

// What cannot be given is denied without asking the ledger.
func TestRequestIsDenied(t *testing.T) {
	cases := map[string]struct {
		changes []change
		reason  string
		says    []string
	}{
		"another currency": {[]change{offering(v1alpha1.CompensationOffer{Name: "refund", Option: "refund", Amount: "1.00", Currency: "EUR"})},
			v1alpha1.CurrencyMismatchReason, []string{"spec.offers[0].currency", "EUR", "CNY"}},
		"too many decimals":           {[]change{offering(offered("refund", "1.001"))}, v1alpha1.AmountInvalidReason, []string{"spec.offers[0].amount", "1.001", "decimals"}},
		"sixteen digits":              {[]change{offering(offered("refund", "123456789012345"))}, v1alpha1.AmountInvalidReason, []string{"spec.offers[0].amount"}},
		"an exponent":                 {[]change{offering(offered("refund", "1e3"))}, v1alpha1.AmountInvalidReason, []string{"spec.offers[0].amount", "1e3"}},
		"a sign":                      {[]change{offering(offered("refund", "-1"))}, v1alpha1.AmountInvalidReason, []string{"spec.offers[0].amount", "-1"}},
		"leading zeros":               {[]change{offering(offered("refund", "0012"))}, v1alpha1.AmountInvalidReason, []string{"spec.offers[0].amount", "0012"}},
		"nothing of a remedy":         {[]change{offering(offered("refund", "0"))}, v1alpha1.AmountZeroReason, []string{"spec.offers[0].amount", "refund"}},
		"nothing, of its own kind":    {[]change{offering(custom("0.00"))}, v1alpha1.AmountZeroReason, []string{"gesture"}},
		"less than the fixed cost":    {[]change{offering(offered("lounge-pass", "14.99"))}, v1alpha1.AmountMismatchReason, []string{"15.00 CNY", "14.99 CNY"}},
		"more than the fixed cost":    {[]change{offering(offered("lounge-pass", "15.01"))}, v1alpha1.AmountMismatchReason, []string{"15.00 CNY", "15.01 CNY"}},
		"something of what is free":   {[]change{offering(offered("fresh-coffee", "1.00"))}, v1alpha1.AmountMismatchReason, []string{"0.00 CNY"}},
		"more than is owed":           {[]change{offering(offered("sla-credit", "300.01"))}, v1alpha1.AmountMismatchReason, []string{"300.00 CNY", "in another request"}},
		"an unknown option":           {[]change{offering(offered("yacht", "1.00"))}, v1alpha1.OptionUnknownReason, []string{`"yacht"`, "fresh-coffee, lounge-pass", "custom"}},
		"an option of other severity": {[]change{offering(offered("new-towel", "20.00"))}, v1alpha1.OptionNotForSeverityReason, []string{"new-towel", "Low", "High"}},
		"a bad offer among good ones": {[]change{offering(offered("refund", "1.00"), offered("yacht", "1.00"))}, v1alpha1.OptionUnknownReason, []string{"spec.offers[1].option"}},
		"what is owed, to choose from": {[]change{offering(offered("refund", "1.00"), offered("sla-credit", "1.00"))},
			v1alpha1.OwedAmongOffersReason, []string{"spec.offers[1]", "ask for it alone"}},
		"an unknown allowance":              {[]change{func(w *world) { w.request.Spec.Allowance = "gold" }}, v1alpha1.AllowanceUnknownReason, []string{`"gold"`, "frontline"}},
		"a budget without any allowance":    {[]change{func(w *world) { w.budget.Spec.Allowances = nil }}, v1alpha1.AllowanceUnknownReason, []string{"it has none"}},
		"a budget that is not the policy's": {[]change{func(w *world) { w.terms.Money.BudgetName = "bar" }}, v1alpha1.BudgetNotPolicysReason, []string{`"bar"`, `"front-desk"`}},
		"a policy without a budget":         {[]change{func(w *world) { w.terms.Money = v1alpha1.PolicyCompensation{} }}, v1alpha1.BudgetNotPolicysReason, []string{"names no budget"}},
		"a wrong budget that is not there":  {[]change{func(w *world) { w.terms.Money.BudgetName, w.budget = "bar", nil }}, v1alpha1.BudgetNotPolicysReason, nil},
		"a closed incident":                 {[]change{ended(v1alpha1.PhaseClosed)}, v1alpha1.IncidentEndedReason, []string{"Closed"}},
		"a cancelled incident":              {[]change{ended(v1alpha1.PhaseCancelled)}, v1alpha1.IncidentEndedReason, []string{"Cancelled"}},
		"a merged incident":                 {[]change{ended(v1alpha1.PhaseMerged)}, v1alpha1.IncidentEndedReason, []string{"Merged"}},
		"a credit for a merged incident":    {[]change{ended(v1alpha1.PhaseMerged), offering(offered("sla-credit", "1.00"))}, v1alpha1.IncidentEndedReason, nil},
		"an incident that is deleted":       {[]change{func(w *world) { w.incident.DeletionTimestamp = stampOf(0) }}, v1alpha1.IncidentEndedReason, []string{"is being deleted"}},
		"the fifty-first of an incident":    {[]change{otherRemedies(50, v1alpha1.CompensationReleased)}, v1alpha1.TooManyForIncidentReason, []string{"50 are the most", "report another incident"}},
		"the fifty-first, and owed":         {[]change{otherRemedies(50, v1alpha1.CompensationGranted), offering(offered("sla-credit", "1.00"))}, v1alpha1.TooManyForIncidentReason, nil},
		"an incident closed before":         {[]change{closedAt(-time.Second)}, v1alpha1.IncidentEndedReason, []string{"Closed", "reopen it"}},
		"an incident that is gone":          {[]change{vanished}, v1alpha1.IncidentReplacedReason, []string{"is gone", "ask anew for the one"}},
		"an incident created anew":          {[]change{replacing(time.Minute)}, v1alpha1.IncidentReplacedReason, []string{"another one was created"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := desk(t, c.changes...)
			j := w.judge(at(2 * time.Minute))
			if j.Do != remedy.Write || j.Status.Phase != v1alpha1.CompensationDenied {
				t.Fatalf("Do %d, phase %s, want Denied", j.Do, j.Status.Phase)
			}
			w.request.Status = j.Status
			ready := w.ready(t)
			if ready.Status != metav1.ConditionFalse || ready.Reason != c.reason {
				t.Errorf("Ready %s, reason %s, want False and %s: %s", ready.Status, ready.Reason, c.reason, ready.Message)
			}
			says(t, ready.Message, c.says...)
			if s := conditionOf(&j.Status, v1alpha1.StalledCondition); s == nil || s.Status != metav1.ConditionTrue || s.Reason != c.reason {
				t.Errorf("Stalled: %+v", s)
			}
			if j.Status.DecidedAt == nil || j.Status.Amount != "" || j.Status.IncidentUID == "" {
				t.Errorf("decidedAt %v, amount %q, incident %q", j.Status.DecidedAt, j.Status.Amount, j.Status.IncidentUID)
			}
			if again := w.judge(at(time.Hour)); again.Do != remedy.Nothing {
				t.Errorf("once denied it is judged again: Do %d", again.Do)
			}
		})
	}
}

func TestFiftyRemediesForAnIncident(t *testing.T) {
	for name, changes := range map[string][]change{
		"the fiftieth":                 {otherRemedies(49, v1alpha1.CompensationGranted)},
		"beside many that were denied": {otherRemedies(49, v1alpha1.CompensationGranted), otherRemedies(9, v1alpha1.CompensationDenied), otherRemedies(9, v1alpha1.CompensationRequested)},
	} {
		if j := desk(t, changes...).judge(at(0)); j.Do != remedy.Ask {
			t.Errorf("%s: %+v, want a claim", name, j.Status)
		}
	}
}

// What is denied while the budget has an entry of it in flight frees that, too.
func TestDenialOfWhatIsInFlight(t *testing.T) {
	j := desk(t, inFlight, offering(offered("yacht", "1.00"))).judge(at(0))
	if j.Do != remedy.Ask || j.Claim.Want != ledger.WantFree || j.Claim.Freed.Phase != v1alpha1.CompensationDenied || j.Claim.Freed.Reason != v1alpha1.OptionUnknownReason {
		t.Errorf("%+v, want the ledger to free it as Denied", j)
	}
}

// Another incident is there since it was created; of one that is gone, nothing tells since
// when.
func TestWhenTheIncidentWent(t *testing.T) {
	for name, c := range map[string]struct {
		change change
		want   time.Duration
	}{"gone": {vanished, time.Hour}, "replaced": {replacing(time.Minute), time.Minute}} {
		if j := desk(t, c.change).judge(at(time.Hour)); !j.Status.DecidedAt.Equal(stampOf(c.want)) {
			t.Errorf("%s: denied at %s, want %s", name, j.Status.DecidedAt, at(c.want))
		}
	}
}

// A request that was there when its incident was closed is judged as it would have been
// then: who looks late denies nothing for that.
func TestARequestThatCameBeforeTheEnd(t *testing.T) {
	for name, when := range map[string]time.Duration{"in the same second": 0, "an hour before": time.Hour} {
		if j := desk(t, closedAt(when)).judge(at(2 * time.Hour)); j.Do != remedy.Ask || j.Claim.Want != ledger.WantGive {
			t.Errorf("%s: Do %d, %+v; want a claim", name, j.Do, j.Status)
		}
	}
}

// While an incident has facts that its status does not speak of, one of them may have
// opened it again: nothing is denied for its end, and nothing is written.
func TestAnEndThatIsNotCertain(t *testing.T) {
	for _, end := range []change{closedAt(-time.Minute), ended(v1alpha1.PhaseCancelled), ended(v1alpha1.PhaseMerged)} {
		w := desk(t, end, appended)
		if j := w.judge(at(0)); j.Do != remedy.Nothing {
			t.Errorf("%s: Do %d, %+v; want it to wait", w.incident.Status.Phase, j.Do, j.Status)
		}
		w.incident.Status.ObservedGeneration++
		if j := w.judge(at(0)); j.Status.Phase != v1alpha1.CompensationDenied {
			t.Errorf("%s: Do %d, %+v; want it denied", w.incident.Status.Phase, j.Do, j.Status)
		}
		w.incident.Status.Phase = v1alpha1.PhaseOpen
		if j := w.judge(at(0)); j.Do != remedy.Ask {
			t.Errorf("opened again: Do %d, %+v; want a claim", j.Do, j.Status)
		}
	}
	if j := desk(t, appended, func(w *world) { w.incident.DeletionTimestamp = stampOf(0) }).judge(at(0)); j.Status.Phase != v1alpha1.CompensationDenied {
		t.Errorf("being deleted: Do %d, %+v; want it denied", j.Do, j.Status)
	}
}
