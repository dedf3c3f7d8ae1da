package remedy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/remedy"
)

// asked is when the requests of these tests are created; everything else is there an
// hour before.
var asked = fixture.Instant("2026-10-02T08:20:00Z")

func at(d time.Duration) time.Time { return asked.Add(d) }

func stampOf(d time.Duration) *metav1.Time {
	out := metav1.NewTime(at(d))
	return &out
}

func cny(text v1alpha1.Money) money.Amount {
	a, err := money.Parse("CNY", text)
	if err != nil {
		panic(err)
	}
	return a
}

// world is what a request is judged in, before it is gathered into facts.
type world struct {
	request  *v1alpha1.Compensation
	incident *v1alpha1.Incident
	terms    *remedy.Terms
	budget   *v1alpha1.RecoveryBudget
	others   []v1alpha1.Compensation
	skew     time.Duration
}

// change varies a world.
type change func(*world)

// desk is a world in which a refund of 40.00 is asked from the allowance "frontline",
// for an incident of severity High.
func desk(t testing.TB, changes ...change) *world {
	t.Helper()
	before := asked.Add(-time.Hour)
	w := &world{
		request: fixture.Created(asked, fixture.In("hotel", fixture.Compensation("refund", "coffee", "front-desk", "40.00",
			fixture.FromAllowance("frontline"), fixture.AskedBy("alice"),
			fixture.Offering(v1alpha1.CompensationOffer{Name: "refund", Option: "refund", Amount: "40.00"})))),
		incident: fixture.Created(before, fixture.In("hotel", fixture.Incident("coffee", fixture.OfSeverity(v1alpha1.SeverityHigh)))),
		budget: fixture.Created(before, fixture.In("hotel", fixture.Budget("front-desk", "CNY", "60000.00",
			fixture.Allowing(v1alpha1.Allowance{Name: "frontline", PerIncident: "500.00", PerPersonPerDay: "2000.00", PerCustomer: &v1alpha1.CustomerLimit{Amount: "1000.00", Window: "720h"}}),
			fixture.ApprovedBy("15m", v1alpha1.ApprovalLevel{Name: "duty-manager", UpTo: "1000.00"}, v1alpha1.ApprovalLevel{Name: "general-manager"})))),
	}
	w.request.Finalizers = []string{v1alpha1.LedgerFinalizer}
	w.incident.Spec.Customer.ID = "guest-1"
	w.incident.Status.Severity = v1alpha1.SeverityHigh
	w.incident.Status.Phase, w.incident.Status.ObservedGeneration = v1alpha1.PhaseOpen, w.incident.Generation
	w.incident.Status.Pins = []v1alpha1.Pin{{Revision: "desk-1", At: metav1.NewTime(before)}}
	w.terms = termsOf(t, v1alpha1.PolicyCompensation{
		BudgetName:    "front-desk",
		Bounds:        []v1alpha1.CompensationBounds{{Severity: v1alpha1.SeverityHigh, Min: "20.00", Max: "450.00"}},
		DeliverWithin: &v1alpha1.Due{Within: "2h"},
		Catalogue: []v1alpha1.CatalogueOption{
			{Name: "fresh-coffee", Kind: "Replacement", Purpose: v1alpha1.PurposeRestore, Cost: "0"},
			{Name: "lounge-pass", Kind: "Upgrade", Purpose: v1alpha1.PurposeExtra, Cost: "15.00"},
			{Name: "voucher", Kind: "Voucher", Purpose: v1alpha1.PurposeExtra},
			{Name: "refund", Kind: "Refund", Purpose: v1alpha1.PurposeRestore, MaxAmount: "200.00", Severities: []v1alpha1.Severity{v1alpha1.SeverityHigh, v1alpha1.SeverityCritical}},
			{Name: "new-towel", Kind: "Replacement", Purpose: v1alpha1.PurposeRestore, Cost: "20.00", Severities: []v1alpha1.Severity{v1alpha1.SeverityLow}},
			{Name: "sla-credit", Kind: "Credit", Purpose: v1alpha1.PurposeRestore, Entitlement: v1alpha1.EntitlementOwed, MaxAmount: "300.00"},
		},
	})
	for _, c := range changes {
		c(w)
	}
	return w
}

func termsOf(t testing.TB, m v1alpha1.PolicyCompensation) *remedy.Terms {
	t.Helper()
	spec := policy.Complete(fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology)).Spec)
	spec.Compensation = &m
	plan, wrong := policy.Compile("desk", "desk-1", policy.Content{Policy: spec})
	if len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	return &remedy.Terms{Money: m, Plan: plan}
}

// facts gathers the world as it is seen at an instant.
func (w *world) facts(now time.Time) *remedy.Facts {
	return &remedy.Facts{
		Compensation: w.request, Stamps: remedy.StampsOf(w.request, now), Incident: w.incident, Terms: w.terms,
		Budget: w.budget, Others: w.others, Skew: w.skew,
	}
}

func (w *world) judge(now time.Time) remedy.Judgement { return remedy.Judge(w.facts(now), now) }

// record writes an outcome down.
func (w *world) record(o ledger.Outcome, now time.Time) *world {
	w.request.Status = remedy.Record(w.facts(now), o, now)
	return w
}

// ready is the condition Ready of the request.
func (w *world) ready(t *testing.T) *metav1.Condition {
	t.Helper()
	c := apimeta.FindStatusCondition(w.request.Status.Conditions, v1alpha1.ReadyCondition)
	if c == nil {
		t.Fatal("there is no condition Ready")
	}
	return c
}

func offering(offers ...v1alpha1.CompensationOffer) change {
	return func(w *world) { w.request.Spec.Offers = offers }
}

func offered(option v1alpha1.Name, amount v1alpha1.Money) v1alpha1.CompensationOffer {
	return v1alpha1.CompensationOffer{Name: option, Option: option, Amount: amount}
}

func custom(amount v1alpha1.Money) v1alpha1.CompensationOffer {
	return v1alpha1.CompensationOffer{Name: "own", Custom: "A day at the spa", Amount: amount}
}

// twoOffers are those of vector 33.
var twoOffers = offering(offered("refund", "200.00"), offered("voucher", "150.00"))

func choosing(name v1alpha1.Name, when time.Duration) change {
	return func(w *world) {
		w.request.Spec.Choice = &v1alpha1.CompensationChoice{Offer: name, By: "alice", RecordedAt: stampOf(when)}
	}
}

func deciding(d v1alpha1.CompensationDecision, when time.Duration) change {
	return func(w *world) {
		d.RecordedAt = stampOf(when)
		w.request.Spec.Decision = &d
	}
}

func approving(level v1alpha1.Name, amount v1alpha1.Money, when time.Duration) change {
	return deciding(v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: "tom", Level: level, Amount: amount}, when)
}

func withdrawing(when time.Duration) change {
	return func(w *world) {
		w.request.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{By: "alice", Reason: "no longer wanted", RecordedAt: stampOf(when)}
	}
}

func delivering(when time.Duration) change {
	return func(w *world) {
		w.request.Spec.Delivery = &v1alpha1.CompensationDelivery{By: "alice", Evidence: "receipt 12", RecordedAt: stampOf(when)}
	}
}

func deleting(when time.Duration) change {
	return func(w *world) { w.request.DeletionTimestamp = stampOf(when) }
}

func unheld(w *world)           { w.request.Finalizers = nil }
func withoutAllowance(w *world) { w.request.Spec.Allowance = "" }
func denyingOnTimeout(w *world) { w.budget.Spec.Approval.OnTimeout = "Deny" }
func withoutApproval(w *world)  { w.budget.Spec.Approval = nil }

// stalled puts the budget out of force.
func stalled(w *world) {
	w.budget.Status.ObservedGeneration = w.budget.Generation
	w.budget.Status.Conditions = []metav1.Condition{{Type: v1alpha1.StalledCondition, Status: metav1.ConditionTrue, Message: "it is wrong"}}
}

// waitingForIt is a request that was told what it waits for.
func waitingForIt(w *world) { w.request.Status = w.judge(asked).Status }

// levelled gives the budget other approval levels.
func levelled(levels ...v1alpha1.ApprovalLevel) change {
	return func(w *world) { w.budget.Spec.Approval.Levels = levels }
}

// alsoGiven is what another request of the incident was granted from a budget.
func alsoGiven(budget v1alpha1.ObjectName, amount v1alpha1.Money) change {
	return func(w *world) {
		otherRemedies(1, v1alpha1.CompensationGranted)(w)
		other := &w.others[len(w.others)-1]
		other.Spec.BudgetName, other.Status.Amount = budget, amount
	}
}

func inFlight(w *world) {
	w.budget.Status.Entries = []v1alpha1.LedgerEntry{{UID: string(w.request.UID), From: v1alpha1.ChargeNone, To: v1alpha1.ChargeSpent}}
}

// replacing puts another incident under the name, after the request was judged.
func replacing(when time.Duration) change {
	return func(w *world) {
		w.request.Status.IncidentUID = string(w.incident.UID)
		w.incident = fixture.Created(at(when), w.incident.DeepCopy())
		w.incident.UID = types.UID("another")
	}
}

func ended(phase v1alpha1.Phase) change {
	return func(w *world) { w.incident.Status.Phase = phase }
}

// closedAt closes the incident at an instant.
func closedAt(when time.Duration) change {
	return func(w *world) {
		ended(v1alpha1.PhaseClosed)(w)
		w.incident.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ClosedCondition, Status: metav1.ConditionTrue, LastTransitionTime: *stampOf(when)}}
	}
}

// appended is a fact of the incident of which its status does not speak yet.
func appended(w *world) { w.incident.Generation++ }

// vanished takes the incident away, after the request was looked at with it.
func vanished(w *world) {
	w.request.Status.IncidentUID = string(w.incident.UID)
	w.incident = nil
}

// awaiting is a request that awaits an approval, as Record writes it.
func awaiting(amount v1alpha1.Money) change {
	return func(w *world) {
		w.record(ledger.Outcome{
			Phase: v1alpha1.CompensationAwaitingApproval, State: v1alpha1.ChargeReserved, Amount: cny(amount), Level: "duty-manager",
			Refusals: []ledger.Refusal{{Limit: ledger.LimitIncident, Max: cny("500.00"), Left: cny("10.00")}},
		}, asked)
	}
}

func toChoose(w *world) {
	w.record(ledger.Outcome{Phase: v1alpha1.CompensationOffered, State: v1alpha1.ChargeReserved, Amount: cny("200.00"), Allowance: "frontline"}, asked)
}

func given(w *world) {
	w.record(ledger.Outcome{Phase: v1alpha1.CompensationGranted, State: v1alpha1.ChargeSpent, Amount: cny("40.00"), Allowance: "frontline"}, asked)
}

// says checks that a message has all of its parts.
func says(t *testing.T, message string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("the message does not say %q: %s", part, message)
		}
	}
}

func conditionOf(s *v1alpha1.CompensationStatus, kind string) *metav1.Condition {
	i := slices.IndexFunc(s.Conditions, func(c metav1.Condition) bool { return c.Type == kind })
	if i < 0 {
		return nil
	}
	return &s.Conditions[i]
}

// delivered changes the time in which the policy has a remedy delivered.
func delivered(t *testing.T, due *v1alpha1.Due) change {
	t.Helper()
	return func(w *world) {
		terms := w.terms.Money
		terms.DeliverWithin = due
		w.terms = termsOf(t, terms)
	}
}

// otherRemedies are so many other Compensations of the incident in a phase.
func otherRemedies(n int, phase v1alpha1.CompensationPhase) change {
	return func(w *world) {
		for range n {
			c := v1alpha1.Compensation{Status: v1alpha1.CompensationStatus{Phase: phase, IncidentUID: string(w.incident.UID)}}
			c.UID = types.UID(fmt.Sprintf("another-%d", len(w.others)))
			w.others = append(w.others, c)
		}
	}
}
