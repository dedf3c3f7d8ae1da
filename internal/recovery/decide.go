package recovery

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// Decide derives the status of an incident at an instant. It is total: a wrong spec
// is itself a decision. It is deterministic, changes nothing in the snapshot, and
// asked again with its own result at the same instant it answers the same.
func Decide(s *Snapshot, now time.Time) Decision {
	now = now.UTC()
	r := newRun(s, now)
	if r.standing() {
		return r.decision(standingStatus(s))
	}
	r.pin()
	r.play()
	return r.decision(r.status())
}

// standing says that the incident was accepted under a revision that cannot be read
// now. What was written then stands: facts wait in the journal, lose nothing, and
// count with their own times once the revision is back.
func (r *run) standing() bool {
	return r.plan == nil && len(r.inc.Status.Pins) > 0
}

// standingStatus is the written status with the problem told.
func standingStatus(s *Snapshot) v1alpha1.IncidentStatus {
	out := *s.Incident.Status.DeepCopy()
	out.ObservedGeneration = s.Incident.Generation
	problem := s.Problem
	if problem == nil {
		problem = &Problem{Reason: v1alpha1.RevisionMissingReason, Message: "the pinned revision is not there", Stalled: true}
	}
	kept := out.Conditions[:0]
	for _, c := range out.Conditions {
		if c.Type != v1alpha1.StalledCondition && c.Type != v1alpha1.ReconcilingCondition {
			kept = append(kept, c)
		}
	}
	since := out.Pins[len(out.Pins)-1].At
	abnormal := v1alpha1.ReconcilingCondition
	if problem.Stalled {
		abnormal = v1alpha1.StalledCondition
	}
	out.Conditions = append(kept, metav1.Condition{
		Type: abnormal, Status: metav1.ConditionTrue, Reason: problem.Reason, Message: problem.Message,
		ObservedGeneration: s.Incident.Generation, LastTransitionTime: since,
	})
	return out
}

func (r *run) decision(status v1alpha1.IncidentStatus) Decision {
	return Decision{
		Status: status, Notices: notices(r.inc, &status, r.lastWarnings, r.escalations), WakeAt: r.wake,
		Confirm: r.leansOnRequests() && newlyBreached(&r.inc.Status, &status) || takenBack(&r.inc.Status, &status),
	}
}

// leansOnRequests says whether what became of a Compensation can have met a deadline: a
// clock of its own, or that of a step whose completion may wait for a remedy.
func (r *run) leansOnRequests() bool {
	return len(r.remedies) > 0 || slices.ContainsFunc(r.steps, func(s step) bool { return len(s.pending) > 0 })
}

// takenBack says whether something is not done any more, or not asked for or granted, that
// is written: whoever wrote it saw more of the Compensations.
func takenBack(was, is *v1alpha1.IncidentStatus) bool {
	return slices.ContainsFunc(was.Clocks, func(c v1alpha1.Clock) bool {
		after := findClock(is, c.Name)
		if after == nil {
			return c.Kind == v1alpha1.ClockApproval || c.Kind == v1alpha1.ClockDelivery
		}
		return c.DoneAt != nil && after.DoneAt == nil
	})
}

// newlyBreached says whether a clock is breached that was not before.
func newlyBreached(was, is *v1alpha1.IncidentStatus) bool {
	return slices.ContainsFunc(is.Clocks, func(c v1alpha1.Clock) bool { return breachedSince(findClock(was, c.Name), &c) })
}

// breachedSince says whether a clock is breached that was not before, or was not there.
func breachedSince(before, c *v1alpha1.Clock) bool {
	return c.BreachedAt != nil && (before == nil || before.BreachedAt == nil)
}

// newRun prepares a replay.
func newRun(s *Snapshot, now time.Time) *run {
	r := &run{
		snapshot:  s,
		inc:       s.Incident,
		plan:      s.Plan,
		rollouts:  s.Rollouts,
		now:       now,
		settledBy: now.Add(-time.Second - s.Skew),
		start:     s.Incident.CreationTimestamp.UTC(),
		severity:  s.Incident.Spec.Severity,
		phase:     v1alpha1.PhaseOpen,
		round:     1,
		announced: slices.Clip(s.Incident.Status.Announced), // what is appended is never written into theirs
		latched:   slices.Clip(s.Incident.Status.Latched),
	}
	r.facts, r.recorded = stamp.Facts(s.Incident, now)
	r.clocks = make([]*clock, 0, max(usualClocks, len(s.Incident.Status.Clocks)))
	r.takeRemedies()
	return r
}
