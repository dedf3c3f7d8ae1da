package faulttest

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// examine checks what must hold after every write, whoever made it.
func (w *world) examine(r ref, before, after client.Object) {
	if before == nil || after == nil || before.GetUID() != after.GetUID() {
		return
	}
	switch is := after.(type) {
	case *v1alpha1.Incident:
		w.examineIncident(r, before.(*v1alpha1.Incident), is)
	case *v1alpha1.Compensation:
		w.examineCompensation(r, before.(*v1alpha1.Compensation), is)
	case *v1alpha1.RecoveryBudget:
		w.examineBudget(r, before.(*v1alpha1.RecoveryBudget), is)
	}
}

func (w *world) examineIncident(r ref, was, is *v1alpha1.Incident) {
	// Facts are never altered.
	if n := len(was.Spec.Journal); n > len(is.Spec.Journal) || !equality.Semantic.DeepEqual(was.Spec.Journal, is.Spec.Journal[:n]) {
		w.wound("%s: facts were altered", r)
	}
	w.examineRecord(r, &was.Status, &is.Status)
	w.examinePhase(r, &was.Status, &is.Status)
	for i := range is.Status.Clocks {
		w.examineClock(r, &is.Status.Clocks[i])
	}
	for i := range was.Status.Clocks {
		if c := &was.Status.Clocks[i]; c.BreachedAt != nil {
			w.examineBreach(r, c, &is.Status)
		}
	}
}

// examineRecord checks that what is read back from a status only grows.
func (w *world) examineRecord(r ref, was, is *v1alpha1.IncidentStatus) {
	if n := len(was.Pins); n > len(is.Pins) || !equality.Semantic.DeepEqual(was.Pins, is.Pins[:n]) {
		w.wound("%s: the pins were altered", r)
	}
	for i := range was.Recorded {
		if !slices.ContainsFunc(is.Recorded, func(x v1alpha1.Recorded) bool { return equality.Semantic.DeepEqual(x, was.Recorded[i]) }) {
			w.wound("%s: the time of %s was altered", r, was.Recorded[i].Key)
		}
	}
	for i := range was.Announced {
		if !slices.ContainsFunc(is.Announced, func(x v1alpha1.Announced) bool { return x.Key == was.Announced[i].Key }) {
			w.wound("%s: the announcement %s was taken back", r, was.Announced[i].Key)
		}
	}
	for i := range was.Latched {
		if !slices.ContainsFunc(is.Latched, func(x v1alpha1.Latched) bool { return equality.Semantic.DeepEqual(x, was.Latched[i]) }) {
			w.wound("%s: the verdict %s was altered", r, was.Latched[i].Key)
		}
	}
}

// examinePhase checks that final phases absorb. A closed or resolved incident can be
// reopened, which is a round of its own.
func (w *world) examinePhase(r ref, was, is *v1alpha1.IncidentStatus) {
	switch was.Phase {
	case v1alpha1.PhaseCancelled, v1alpha1.PhaseMerged:
		if is.Phase != was.Phase {
			w.wound("%s: it was %s and is %s", r, was.Phase, is.Phase)
		}
	case v1alpha1.PhaseClosed:
		if is.Phase != was.Phase && is.Round <= was.Round {
			w.wound("%s: it was Closed and is %s in the same round", r, is.Phase)
		}
	}
	if is.Round < was.Round {
		w.wound("%s: round %d after round %d", r, is.Round, was.Round)
	}
}

// examineClock checks that a breach is one: only once the due instant has certainly
// passed, and dated at it.
func (w *world) examineClock(r ref, c *v1alpha1.Clock) {
	switch {
	case c.BreachedAt == nil:
	case c.DueAt == nil:
		w.wound("%s: clock %s is breached and has no due instant", r, c.Name)
	case !c.BreachedAt.Equal(c.DueAt):
		w.wound("%s: clock %s was due at %s and dated %s", r, c.Name, c.DueAt.UTC(), c.BreachedAt.UTC())
	case w.earliest().Before(c.BreachedAt.Add(time.Second)):
		w.wound("%s: clock %s is breached at %s, before that has passed", r, c.Name, c.BreachedAt.UTC())
	}
}

// earliest is the latest instant that any operator can have seen.
func (w *world) earliest() time.Time {
	now := w.clock.Now()
	if w.ahead.After(now) {
		return w.ahead
	}
	return now
}

// examineBreach checks that a breach that was written stays.
func (w *world) examineBreach(r ref, c *v1alpha1.Clock, is *v1alpha1.IncidentStatus) {
	at := slices.IndexFunc(is.Clocks, func(x v1alpha1.Clock) bool { return x.Name == c.Name && x.Round == c.Round })
	if at < 0 {
		w.wound("%s: the breached clock %s is gone", r, c.Name)
		return
	}
	if now := is.Clocks[at].BreachedAt; now == nil || !now.Equal(c.BreachedAt) {
		w.wound("%s: the breach of %s at %s was taken back or moved: %v", r, c.Name, c.BreachedAt.UTC(), now)
	}
}

// nothingLate checks, once everything rests, that every due instant that has certainly
// passed is written as a breach, and, where the operator was never away, that it was
// written in the very second.
func (w *world) nothingLate(punctual bool) {
	now := w.clock.Now()
	for r, o := range w.latest {
		inc, ok := o.(*v1alpha1.Incident)
		if !ok || len(inc.Status.Pins) == 0 {
			continue
		}
		for i := range inc.Status.Clocks {
			c := &inc.Status.Clocks[i]
			if c.State == v1alpha1.StateRunning && c.BreachedAt == nil && c.DueAt != nil && !now.Before(c.DueAt.Add(time.Second)) {
				w.wound("%s: clock %s was due at %s and is not breached", r, c.Name, c.DueAt.UTC())
			}
			if punctual && c.BreachedAt != nil && c.ObservedAt != nil && c.ObservedAt.Sub(c.BreachedAt.Time) > time.Second && w.sawIt(inc, c) {
				w.wound("%s: clock %s was breached at %s and seen at %s", r, c.Name, c.BreachedAt.UTC(), c.ObservedAt.UTC())
			}
		}
	}
}

// sawIt says whether a breach can have been seen at once: one that a fact brings, such
// as a severity that was raised, or an incident that came late, cannot.
func (w *world) sawIt(_ *v1alpha1.Incident, c *v1alpha1.Clock) bool {
	return c.Reason != v1alpha1.ClockRetargetedPastDueReason
}

// order is how far a request has come; it never goes back.
var order = map[v1alpha1.CompensationPhase]int{
	"": 0, v1alpha1.CompensationRequested: 0, v1alpha1.CompensationAwaitingApproval: 1, v1alpha1.CompensationOffered: 2,
	v1alpha1.CompensationGranted: 3, v1alpha1.CompensationDelivered: 4, v1alpha1.CompensationDenied: 5, v1alpha1.CompensationReleased: 5,
}

func (w *world) examineCompensation(r ref, was, is *v1alpha1.Compensation) {
	if order[is.Status.Phase] < order[was.Status.Phase] {
		w.wound("%s: it was %s and is %s", r, was.Status.Phase, is.Status.Phase)
	}
	switch was.Status.Phase {
	case v1alpha1.CompensationDelivered, v1alpha1.CompensationDenied, v1alpha1.CompensationReleased:
		if is.Status.Phase != was.Status.Phase {
			w.wound("%s: it was %s, which is final, and is %s", r, was.Status.Phase, is.Status.Phase)
		}
	}
	// What is granted is granted: only a withdrawal frees it.
	if was.Status.Phase == v1alpha1.CompensationGranted && is.Status.Phase == v1alpha1.CompensationReleased && is.Spec.Withdrawal == nil && is.DeletionTimestamp.IsZero() {
		w.wound("%s: a grant was lost", r)
	}
	if was.Status.Phase == v1alpha1.CompensationGranted && is.Status.Phase == v1alpha1.CompensationGranted && was.Status.Amount != is.Status.Amount {
		w.wound("%s: the grant of %s became %s", r, was.Status.Amount, is.Status.Amount)
	}
}

func (w *world) examineBudget(r ref, was, is *v1alpha1.RecoveryBudget) {
	if is.Status.Epoch < was.Status.Epoch || is.Status.Sequence < was.Status.Sequence {
		w.wound("%s: the ledger went back from %d/%d to %d/%d", r, was.Status.Epoch, was.Status.Sequence, is.Status.Epoch, is.Status.Sequence)
	}
}

// recount checks that the sums of each budget are those of its requests, so that a grant
// counts once: in the sums or in flight.
func (w *world) recount(r ref) {
	if r.kind != "RecoveryBudget" && r.kind != "Compensation" {
		return
	}
	w.mu.Lock()
	requests := map[string][]v1alpha1.Compensation{}
	for _, o := range w.latest {
		if c, ok := o.(*v1alpha1.Compensation); ok {
			requests[string(c.Spec.BudgetName)] = append(requests[string(c.Spec.BudgetName)], *c)
		}
	}
	var found []string
	for _, o := range w.latest {
		b, ok := o.(*v1alpha1.RecoveryBudget)
		if !ok {
			continue
		}
		terms, wrong := ledger.Compile(b.Spec)
		if len(wrong) > 0 {
			continue
		}
		if differs := ledger.NewBook(terms, &b.Status, requests[b.Name]).Recount(w.clock.Now()); differs != "" {
			found = append(found, fmt.Sprintf("%s: %s", b.Name, differs))
		}
	}
	w.mu.Unlock()
	for _, differs := range found {
		w.wound("%s is written, and of budget %s", r, differs)
	}
}
