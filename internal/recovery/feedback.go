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
// since.
func (r *run) endedWell() (bool, string) {
	switch {
	case !r.closed.on || r.over():
		return false, "the incident is not closed"
	case !r.since(r.resolved.at, reachedByPerson):
		return false, "no person has reached the customer since the resolution"
	}
	for _, c := range r.clocks {
		if (c.kind == v1alpha1.ClockPromise || c.kind == v1alpha1.ClockResponse) && c.breachedAt.After(r.resolved.at) {
			return false, c.name + " was missed since the resolution"
		}
	}
	return true, "a person reached the customer after the resolution, and nothing was broken or left unanswered since"
}
