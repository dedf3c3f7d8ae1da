package recovery

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// startAssignment begins the time until somebody has the incident.
func (r *run) startAssignment(at time.Time) {
	if r.plan == nil || r.owner != "" || r.assigning != nil {
		return
	}
	within := r.plan.Pace(r.severity).Assign
	if within == nil {
		return
	}
	r.assigning = r.startClock(v1alpha1.ClockAssignment, string(v1alpha1.ClockAssignment), at, within)
}

// assign hands the incident over. The new owner's acceptance is waited for, the former
// one's no longer.
func (r *run) assign(f *stamp.Fact) {
	r.owner = f.Entry.Assignment.Owner
	if r.assigning != nil && r.assigning.running() {
		r.assigning.end(v1alpha1.StateDone, v1alpha1.ClockCompletedReason, f.At, f.Entry.ID)
	}
	r.endAcceptance(v1alpha1.StateCancelled, v1alpha1.ClockSupersededReason, f)
	r.accepting = nil
	if r.plan == nil || r.final() {
		return
	}
	within := r.plan.Pace(r.severity).Accept
	if within == nil {
		return
	}
	r.accepting = r.startClock(v1alpha1.ClockAcceptance, clockName(v1alpha1.ClockAcceptance, f.Entry.ID, 1), f.At, within)
	r.assignment = f.Entry.ID
}

// takeOn takes the acceptance of an assignment.
func (r *run) takeOn(f *stamp.Fact) {
	named := f.Entry.Acceptance.Assignment
	switch {
	case r.owner == "":
		r.refuse(f, "acceptance: the incident is not assigned to anybody; append an assignment first")
	case named != "" && r.assignment != "" && named != r.assignment:
		r.refuse(f, fmt.Sprintf("acceptance.assignment: %q is not the latest assignment, which is %q", named, r.assignment))
	default:
		r.endAcceptance(v1alpha1.StateDone, v1alpha1.ClockCompletedReason, f)
	}
}

// endAcceptance ends the wait for an acceptance, and counts what it cost the customer.
func (r *run) endAcceptance(state v1alpha1.ClockState, reason string, f *stamp.Fact) {
	if r.accepting == nil || !r.accepting.running() {
		return
	}
	r.accepting.end(state, reason, f.At, f.Entry.ID)
	r.waitedForAcceptance += f.At.Sub(r.accepting.startedAt)
}

// stopAssignment ends what a final incident no longer needs.
func (r *run) stopAssignment(at time.Time) {
	for _, c := range []*clock{r.assigning, r.accepting} {
		if c != nil && c.running() {
			c.end(v1alpha1.StateCancelled, v1alpha1.ClockIncidentEndedReason, at, "")
		}
	}
}
