package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// span is a stretch of time in which a clock does not count; to is zero while it lasts.
type span struct {
	from, to time.Time
}

// dueOf is the instant at which a deadline of a clock falls due, with everything that
// has paused the clock so far; zero while it is paused, or where it never is due. A
// pause that begins at the due instant itself holds: nothing was late by then.
func (r *run) dueOf(c *clock, d *policy.Deadline) time.Time {
	if d == nil {
		return time.Time{}
	}
	if d.Within == 0 {
		return r.due(d, c.countsFrom)
	}
	left, from := d.Within, c.countsFrom
	for _, p := range r.pauses(c) {
		if p.from.After(from) {
			if due := r.due(&policy.Deadline{Within: left, Business: d.Business}, from); !due.IsZero() && due.Before(p.from) {
				return due
			}
			left -= min(left, r.plan.Counted(d, from, p.from))
		}
		if p.to.IsZero() {
			return time.Time{}
		}
		from = stamp.Later(from, p.to)
	}
	if left == 0 {
		return from
	}
	return r.due(&policy.Deadline{Within: left, Business: d.Business}, from)
}

// pauses are the stretches in which a clock did not count, in order of their
// beginning; they may overlap. They are good until it is asked again.
func (r *run) pauses(c *clock) []span {
	out := append(r.spans[:0], c.gaps...)
	for _, h := range r.holds {
		if h.pauses(c) {
			out = append(out, span{h.from, h.endedAt})
		}
	}
	if len(c.gaps) > 0 && len(out) > len(c.gaps) {
		sortSpans(out)
	}
	r.spans = out
	return out
}

// paused says whether a hold stops the clock now.
func (r *run) paused(c *clock) bool {
	for _, h := range r.holds {
		if h.active() && h.pauses(c) {
			return true
		}
	}
	return false
}

// nextThreshold is the instant at which the next threshold of a clock is reached. It is
// reckoned anew when the due instant was.
func (r *run) nextThreshold(c *clock, percent int) time.Time {
	if c.thresholdOf != c.warned+1 {
		c.thresholdOf, c.threshold = c.warned+1, r.thresholdOf(c, percent)
	}
	return stamp.Later(c.threshold, c.warnFrom)
}

// thresholdOf is the instant at which a percentage of what a clock counts has passed.
func (r *run) thresholdOf(c *clock, percent int) time.Time {
	if c.slot.IsZero() && c.due.Within > 0 {
		part := *c.due
		part.Within = policy.PercentOf(c.due.Within, percent)
		return r.dueOf(c, &part)
	}
	d := c.due
	if !c.slot.IsZero() {
		d = &policy.Deadline{At: c.slot}
	}
	return r.plan.Percent(d, c.countsFrom, c.dueAt, percent)
}

// setDue tells a clock its target and due instants anew. A slot that the customer chose
// stays where it is, also outside their contact hours.
func (r *run) setDue(c *clock) {
	c.targetAt, c.dueAt = r.dueOf(c, c.target), c.slot
	if c.slot.IsZero() {
		c.dueAt = r.rawDue(c)
		if c.due != nil && c.dueAt.IsZero() && !r.paused(c) {
			c.reason = v1alpha1.ClockCalendarExhaustedReason
		}
		if c.byContactHours {
			r.moveToContactHours(c)
		}
	}
	if c.originalDueAt.IsZero() {
		c.originalDueAt = c.dueAt
	}
	c.thresholdOf = 0
}

// rawDue is when a clock is due, whatever the customer's own hours are.
func (r *run) rawDue(c *clock) time.Time {
	if c.kind == v1alpha1.ClockUpdate {
		s := r.silenceOf(c)
		c.due = s.every
		return s.due
	}
	return r.dueOf(c, c.due)
}

// pause stops a clock, which has no due instant then.
func (c *clock) pause() {
	c.state, c.dueAt, c.targetAt = v1alpha1.StatePaused, time.Time{}, time.Time{}
}

// recount brings a clock up to a hold that began or ended.
func (r *run) recount(c *clock, at time.Time) {
	switch paused := r.paused(c); {
	case paused && c.state == v1alpha1.StateRunning:
		c.because(v1alpha1.ClockHeldReason)
		c.pause()
	case !paused && c.state == v1alpha1.StatePaused:
		c.state = v1alpha1.StateRunning
		c.because(v1alpha1.ClockResumedReason)
		r.setDue(c)
		c.warnFrom = at
	}
}

// because gives the reason for what a hold does to a clock, unless it says already why
// the clock was breached at a change.
func (c *clock) because(reason string) {
	if c.reason != v1alpha1.ClockRetargetedPastDueReason && c.reason != v1alpha1.ClockRolledOutPastDueReason {
		c.reason = reason
	}
}
