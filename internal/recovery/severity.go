package recovery

import (
	"fmt"

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
	for i := range r.steps {
		if r.steps[i].state == stepRunning {
			r.retargetClock(r.steps[i].clock, r.plan.Steps[i].Limits(to), f)
		}
	}
}

func (r *run) retargetClock(c *clock, l *policy.Limits, f *stamp.Fact) {
	before := c.dueAt
	r.setLimits(c, l)
	c.warned, c.warnFrom = 0, f.At
	if c.dueAt.Equal(before) {
		return
	}
	if c.reason = v1alpha1.ClockRetargetedReason; c.untold() {
		c.reason = v1alpha1.ClockCalendarExhaustedReason
	}
	if c.originalDueAt.IsZero() {
		c.originalDueAt = before
	}
	if c.dueAt.IsZero() || !c.dueAt.Before(f.At) {
		return
	}
	if c.breachedAt.IsZero() {
		r.breach(c, f.At)
	}
	if c.breachedAt.Equal(f.At) {
		c.reason = v1alpha1.ClockRetargetedPastDueReason
	}
}
