package recovery

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/internal/policy"
)

// updateEvery is the longest silence now.
func (r *run) updateEvery() *policy.Deadline {
	pace := r.plan.Pace(r.severity)
	if pace.UpdateHeld != nil && slices.ContainsFunc(r.holds, func(h *hold) bool { return h.active() && h.rule.Slows }) {
		return pace.UpdateHeld
	}
	return pace.Update
}

// silence is how the due instant of an update came about.
type silence struct {
	due time.Time
	// every is the silence that it comes from.
	every *policy.Deadline
	// from is where it counts from: the last contact, or the end of a hold after it.
	from time.Time
	// kept says that it is what was due while a hold lasted.
	kept bool
}

// silenceOf reckons an update clock from nothing but its start and the holds, so that
// it does not matter in how many pieces they came. While a hold pauses the resolution,
// whileHeld holds instead of every.
func (r *run) silenceOf(c *clock) silence {
	pace := r.plan.Pace(r.severity)
	every := pace.Update
	if every == nil {
		every = c.due // A revision that owes no updates leaves what was breached before.
	}
	out := silence{due: r.dueOf(c, every), every: every, from: c.countsFrom}
	if pace.UpdateHeld == nil {
		return out
	}
	for _, s := range r.slowed(c.countsFrom) {
		if !out.due.IsZero() && out.due.Before(s.from) {
			return out // It was over before the hold.
		}
		out = r.changeOver(c, pace.UpdateHeld, s.from, out.due)
		if s.to.IsZero() || !out.due.IsZero() && out.due.Before(s.to) {
			return out
		}
		out = r.changeOver(c, pace.Update, s.to, out.due)
	}
	return out
}

// changeOver lets another silence hold from an instant on. One that went by already
// counts from that instant, and is due no later than was due before.
func (r *run) changeOver(c *clock, every *policy.Deadline, at, before time.Time) silence {
	due := r.dueOf(c, every)
	if due.IsZero() || due.After(at) {
		return silence{due: due, every: every, from: c.countsFrom}
	}
	anew := *c
	anew.countsFrom = at
	due = r.dueOf(&anew, every)
	if !before.IsZero() && before.Before(due) {
		return silence{due: before, every: every, from: c.countsFrom, kept: true}
	}
	return silence{due: due, every: every, from: at}
}

// slowed are the stretches after an instant in which holds paused the resolution, those
// that touch in one. They are good until it is asked again.
func (r *run) slowed(after time.Time) []span {
	out := r.slow[:0]
	for _, h := range r.holds { // in order of their beginning
		if !h.rule.Slows || !h.active() && !h.endedAt.After(after) {
			continue
		}
		last := len(out) - 1
		switch {
		case last < 0 || !out[last].to.IsZero() && h.from.After(out[last].to):
			out = append(out, span{h.from, h.endedAt})
		case out[last].to.IsZero():
		case h.active() || h.endedAt.After(out[last].to):
			out[last].to = h.endedAt
		}
	}
	r.slow = out
	return out
}

// recountUpdate follows a hold that began or ended. A silence that was too long before
// stays as it was.
func (r *run) recountUpdate(at time.Time) {
	c := r.update
	if c == nil || !c.running() || !c.missedAt.IsZero() || c.breachedBefore(at) {
		return
	}
	r.setDue(c)
}
