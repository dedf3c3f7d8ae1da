package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// dissatisfaction is a customer's feedback that asks for more.
type dissatisfaction struct {
	entry v1alpha1.Name
	at    time.Time
}

// feedback takes how the customer took the recovery. A customer who is not satisfied
// after the end has the incident reopened once, if the policy says so; else it is
// escalated.
func (r *run) feedback(f *stamp.Fact) {
	e := f.Entry.Feedback
	if e.VersusExpectation != "Below" && (e.Satisfaction == 0 || e.Satisfaction > 2) {
		return
	}
	ended := r.phase == v1alpha1.PhaseResolved || r.phase == v1alpha1.PhaseClosed
	if ended && r.plan.OnDissatisfied == v1alpha1.OnDissatisfiedReopen && !r.reopenedByFeedback && r.reopenable(f) {
		r.reopenedByFeedback = true
		r.nextRound(f)
		return
	}
	r.dissatisfied = append(r.dissatisfied, dissatisfaction{f.Entry.ID, f.At})
}

// endedWell says whether the recovery ended as it should: after the last resolution a
// person reached the customer once more, and nothing was broken or left unanswered
// since, as far as it is known at an instant.
func (r *run) endedWell(at time.Time) (well bool, why string) {
	switch {
	case !r.closed.on || r.over():
		return false, "the incident is not closed"
	case !r.after(r.resolvedSeen, reachedByPerson):
		return false, "no person has reached the customer since the resolution"
	}
	if c := r.missedSinceResolved(at); c != nil {
		return false, c.name() + " was missed since the resolution"
	}
	return true, "a person reached the customer after the resolution, and nothing was broken or left unanswered since"
}

// missedSinceResolved is a promise or a contact that was missed after the last
// resolution and before an instant, or nil.
func (r *run) missedSinceResolved(at time.Time) *clock {
	for _, p := range r.promises {
		if p.broken && p.clock.lateFrom().After(r.resolved.at) {
			return p.clock
		}
	}
	var first *clock
	for _, c := range r.clocks {
		from := c.lateFrom()
		if c.kind == v1alpha1.ClockResponse && from.After(r.resolved.at) && from.Before(at) && (first == nil || from.Before(first.lateFrom())) {
			first = c
		}
	}
	return first
}
