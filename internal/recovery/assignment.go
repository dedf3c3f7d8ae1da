package recovery

import (
	"fmt"
	"strconv"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// startAssignment begins the time until somebody has the incident. One that was closed
// without an owner needs one when it is reopened.
func (r *run) startAssignment(at time.Time) {
	if r.plan == nil || r.owner != "" || r.assigning != nil && (r.assigning.running() || r.assigning.unowed) {
		return
	}
	within := r.plan.Pace(r.severity).Assign
	if within == nil {
		return
	}
	name := string(v1alpha1.ClockAssignment)
	if r.round > 1 {
		name += "#" + strconv.Itoa(r.round)
	}
	r.assigning = r.startClock(v1alpha1.ClockAssignment, name, at, within)
}

// assign hands the incident over. The new owner's acceptance is waited for, the former
// one's no longer.
func (r *run) assign(f *stamp.Fact) {
	r.owner = f.Entry.Assignment.Owner
	if r.assigning != nil && r.assigning.running() {
		r.assigning.end(v1alpha1.StateDone, v1alpha1.ClockCompletedReason, f.At, f.Entry.ID)
	}
	r.assigning = nil
	r.endAcceptance(v1alpha1.StateCancelled, v1alpha1.ClockSupersededReason, f.At, f.Entry.ID)
	r.assignment = f.Entry.ID
	if r.plan == nil || r.final() {
		return
	}
	r.unaccepted = f
	if within := r.plan.Pace(r.severity).Accept; within != nil {
		r.accepting = r.startClock(v1alpha1.ClockAcceptance, clockName(v1alpha1.ClockAcceptance, f.Entry.ID, 1), f.At, within)
	}
}

// takeOn takes the acceptance of an assignment.
func (r *run) takeOn(f *stamp.Fact) {
	named := f.Entry.Acceptance.Assignment
	switch {
	case r.owner == "":
		r.refuse(f, "acceptance: the incident is not assigned to anybody; append an assignment first")
	case named != "" && named != r.assignment:
		r.refuse(f, fmt.Sprintf("acceptance.assignment: %q is not the latest assignment, which is %q", named, r.assignment))
	default:
		r.endAcceptance(v1alpha1.StateDone, v1alpha1.ClockCompletedReason, f.At, f.Entry.ID)
	}
}

// endAcceptance ends the wait for an acceptance, and counts what it cost the customer.
func (r *run) endAcceptance(state v1alpha1.ClockState, reason string, at time.Time, by v1alpha1.Name) {
	if c := r.accepting; c != nil && c.running() {
		c.end(state, reason, at, by)
		r.waitedForAcceptance += at.Sub(c.startedAt)
	}
	r.accepting, r.unaccepted = nil, nil
}

// stopAssignment ends what a final incident no longer needs.
func (r *run) stopAssignment(at time.Time) {
	if c := r.assigning; c != nil && c.running() {
		c.end(v1alpha1.StateCancelled, v1alpha1.ClockIncidentEndedReason, at, "")
	}
	r.assigning = nil
	r.endAcceptance(v1alpha1.StateCancelled, v1alpha1.ClockIncidentEndedReason, at, "")
}
