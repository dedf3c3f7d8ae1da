package recovery

import (
	"fmt"
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// retarget changes the severity. Running clocks are counted anew from where they
// always counted; settled ones stay. One that is then already past due is breached
// at the change, because nobody could have known before.
func (r *run) retarget(f *stamp.Fact) {
	to := f.Entry.Retarget.Severity
	switch {
	case r.over():
		r.refuse(f, fmt.Sprintf("retarget.severity: the incident is %s, and its clocks are frozen", r.phase))
		return
	case to == r.severity:
		r.refuse(f, fmt.Sprintf("retarget.severity: the severity is %s already", to))
		return
	case policy.Rank(to) < policy.Rank(r.severity) && f.Entry.Retarget.Reason == "":
		r.refuse(f, fmt.Sprintf("retarget.reason: a milder severity (%s instead of %s) needs a reason", to, r.severity))
		return
	}
	r.severity = to
	r.severities = append(r.severities, severityChange{at: f.At, to: to})
	if r.plan == nil {
		return
	}
	c := &change{at: f.At, by: f.Entry.ID, name: f.Entry.ID, reason: v1alpha1.ClockRetargetedReason, pastDue: v1alpha1.ClockRetargetedPastDueReason}
	r.recountClocks(c)
	r.startOwed(c)
}

// change is what lets clocks be counted anew: another severity, or another revision.
type change struct {
	at              time.Time
	by              v1alpha1.Name // the entry, if it is one
	name            v1alpha1.Name // of what starts with it
	reason, pastDue string
	// leavesBreached says that a clock which was breached keeps its due instant.
	leavesBreached bool
}

// recountClocks counts every clock anew that the severity and the plan decide on.
func (r *run) recountClocks(f *change) {
	pace := r.plan.Pace(r.severity)
	for _, c := range slices.Clone(r.clocks) {
		if !c.running() && c.state != v1alpha1.StatePaused || f.leavesBreached && c.missedBefore(f.at) {
			continue
		}
		switch c.kind {
		case v1alpha1.ClockStep:
			r.retargetClock(c, r.plan.Steps[c.step].Limits(r.severity), f)
		case v1alpha1.ClockResponse:
			r.retargetPace(c, pace.Response, f)
		case v1alpha1.ClockUpdate:
			r.retargetPace(c, r.updateEvery(), f)
		case v1alpha1.ClockResolution:
			r.retargetPace(c, pace.Resolution, f)
		case v1alpha1.ClockAssignment:
			r.retargetPace(c, pace.Assign, f)
		case v1alpha1.ClockAcceptance:
			r.retargetPace(c, pace.Accept, f)
		}
	}
}

// retargetPace counts a clock anew that is no step. Where it is not owed any more, it
// ends, until another change lets it be owed again.
func (r *run) retargetPace(c *clock, d *policy.Deadline, f *change) {
	switch {
	case d != nil:
		r.retargetClock(c, &policy.Limits{Due: d}, f)
	case c == r.update:
		r.stopUpdates(v1alpha1.StateCancelled, f.reason, f.at, f.by)
	default:
		c.end(v1alpha1.StateCancelled, f.reason, f.at, f.by)
		c.unowed = true
	}
}

// startOwed starts what is owed at the new severity and was not before. It counts from
// where it would have counted; what is then already past due is breached at the change.
func (r *run) startOwed(f *change) {
	n := len(r.clocks)
	if r.phase == v1alpha1.PhaseOpen {
		r.startResolution(f)
		if r.update == nil {
			r.startUpdates(r.heardAt, f.name)
		}
	}
	pace := r.plan.Pace(r.severity)
	r.owe(&r.response, v1alpha1.ClockResponse, r.unanswered, pace.Response, f)
	if !r.final() {
		r.startAssignment(r.roundAt)
		r.revive(r.assigning, pace.Assign, f)
		r.owe(&r.accepting, v1alpha1.ClockAcceptance, r.unaccepted, pace.Accept, f)
	}
	for _, c := range r.clocks[n:] {
		c.startedAt, c.warnFrom = f.at, f.at
		r.lateAtStart(c, f)
	}
}

// lateAtStart breaches a clock that starts past due. One that is paused can be so by
// what it would have counted before the hold.
func (r *run) lateAtStart(c *clock, f *change) {
	paused := c.state == v1alpha1.StatePaused
	if paused {
		r.setDue(c)
	}
	r.pastDue(c, f)
	if paused {
		c.pause()
	}
}

// owe starts, or revives, the clock of a fact that still waits for something.
func (r *run) owe(at **clock, kind v1alpha1.ClockKind, waits *stamp.Fact, within *policy.Deadline, f *change) {
	switch c := *at; {
	case waits == nil || within == nil:
	case c == nil:
		*at = r.startClock(kind, clockName(kind, waits.Entry.ID, 1), waits.At, within)
	default:
		r.revive(c, within, f)
	}
}

// revive lets a clock go on that a change ended, now that another lets it be owed again.
func (r *run) revive(c *clock, within *policy.Deadline, f *change) {
	if c != nil && c.unowed && within != nil {
		c.goOn(f.reason)
		r.retargetClock(c, &policy.Limits{Due: within}, f)
		r.pastDue(c, f) // also where it is due when it was due before
	}
}

// severityChange is a severity that holds from an instant on.
type severityChange struct {
	at time.Time
	to v1alpha1.Severity
}

// retargetClock counts a clock anew from where it always counted, with all its pauses.
// One that is paused can be past due all the same: by what it counted before the hold.
func (r *run) retargetClock(c *clock, l *policy.Limits, f *change) {
	before := c.dueAt
	r.setLimits(c, l)
	c.warned, c.warnFrom = 0, f.at
	if c.dueAt.Equal(before) {
		r.pastDue(c, f) // It went on by this change, which ended its hold.
	} else {
		r.moved(c, before, f)
	}
	if c.state == v1alpha1.StatePaused {
		c.pause()
	}
}

// moved says why the due instant of a clock has moved, and breaches it where it lies
// before the change.
func (r *run) moved(c *clock, before time.Time, f *change) {
	switch {
	case c.untold():
		c.reason = v1alpha1.ClockCalendarExhaustedReason
	case c.reason != v1alpha1.ClockMovedToContactHoursReason:
		c.reason = f.reason
	}
	if c.originalDueAt.IsZero() {
		c.originalDueAt = before
	}
	r.pastDue(c, f)
	if c.state == v1alpha1.StatePaused && c.reason != f.pastDue {
		c.reason = v1alpha1.ClockHeldReason
	}
}

// pastDue breaches a clock whose due instant lies before the change that set it.
func (r *run) pastDue(c *clock, f *change) {
	if c.dueAt.IsZero() || !c.dueAt.Before(f.at) {
		return
	}
	if c.breachedAt.IsZero() && c.missedAt.IsZero() {
		r.breach(c, f.at)
	}
	if c.breachedAt.Equal(f.at) {
		c.reason = f.pastDue
	}
}
