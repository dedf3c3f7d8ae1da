package recovery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// hold is a pause with an allowed reason.
type hold struct {
	id   v1alpha1.Name
	rule *policy.HoldRule
	from time.Time
	// endsAt is when it ends by itself: its until, or a cap of the policy. Zero is never.
	endsAt  time.Time
	endedAt time.Time
}

func (h *hold) active() bool {
	return h.endedAt.IsZero()
}

// pauses says whether the hold stops a clock, by its rule. It does not stop a step whose
// slot the customer chose: that is an instant, which no hold can move.
func (h *hold) pauses(c *clock) bool {
	switch c.kind {
	case v1alpha1.ClockStep:
		return c.slot.IsZero() && slices.Contains(h.rule.Steps, c.step)
	case v1alpha1.ClockResolution:
		return h.rule.Resolution
	case v1alpha1.ClockUpdate:
		return h.rule.Update
	}
	return false
}

// hold begins a pause. Overlapping holds are a union: what is paused twice counts once.
func (r *run) hold(f *stamp.Fact) {
	e := f.Entry.Hold
	if r.plan == nil {
		return
	}
	rule := r.plan.HoldFor(e.Reason)
	switch {
	case r.final():
		r.refuse(f, fmt.Sprintf("hold: the incident is %s, and nothing is left to pause", r.phase))
		return
	case rule == nil:
		r.refuse(f, fmt.Sprintf("hold.reason: %q is none of the reasons that policy %s allows: %s", e.Reason, r.plan.Policy, r.plan.HoldReasons()))
		return
	case e.Until != nil && !e.Until.After(f.At):
		r.refuse(f, fmt.Sprintf("hold.until: %s is not after the hold was recorded (%s)", stampText(e.Until.Time), stampText(f.At)))
		return
	}
	h := &hold{id: f.Entry.ID, rule: rule, from: f.At}
	if e.Until != nil {
		h.endBy(e.Until.UTC().Truncate(time.Second))
	}
	if rule.MaxEach > 0 {
		h.endBy(f.At.Add(rule.MaxEach))
	}
	if rule.MaxTotal > 0 {
		left := rule.MaxTotal - r.heldFor(e.Reason, f.At)
		if left <= 0 {
			r.refuse(f, fmt.Sprintf("hold.reason: the holds for %s have lasted %s, which is all that the policy allows", e.Reason, rule.MaxTotal))
			return
		}
		h.endBy(f.At.Add(left))
	}
	if other := r.covering(h); other != nil {
		r.refuse(f, fmt.Sprintf("hold: entry %s holds for %s already, for as long", other.id, e.Reason))
		return
	}
	r.holds = append(r.holds, h)
	r.recountAll(f.At)
}

func (h *hold) endBy(at time.Time) {
	if h.endsAt.IsZero() || at.Before(h.endsAt) {
		h.endsAt = at
	}
}

// covering is a hold for the same reason that lasts to a known end no earlier: a hold
// inside it adds nothing.
func (r *run) covering(h *hold) *hold {
	for _, other := range r.holds {
		if other.active() && other.rule == h.rule && !h.endsAt.IsZero() && !other.endsAt.IsZero() && !other.endsAt.Before(h.endsAt) {
			return other
		}
	}
	return nil
}

// heldFor is how long holds for a reason have lasted by an instant, overlaps once.
func (r *run) heldFor(reason v1alpha1.HoldReason, at time.Time) time.Duration {
	var total time.Duration
	var until time.Time
	for _, h := range r.holds { // in order of their beginning
		if h.rule.Reason != reason {
			continue
		}
		from, to := h.from, h.endedAt
		if to.IsZero() {
			to = at
		}
		if from.Before(until) {
			from = until
		}
		if to.After(from) {
			total += to.Sub(from)
			until = to
		}
	}
	return total
}

// resume ends a hold.
func (r *run) resume(f *stamp.Fact) {
	if r.plan == nil {
		return
	}
	for _, h := range r.holds {
		if h.id == f.Entry.Resume.Hold && h.active() {
			r.endHold(h, f.At)
			return
		}
	}
	r.refuse(f, fmt.Sprintf("resume.hold: no hold %q lasts now; %s", f.Entry.Resume.Hold, r.holding()))
}

// holding names the holds that last, for a message.
func (r *run) holding() string {
	var names []string
	for _, h := range r.holds {
		if h.active() {
			names = append(names, string(h.id)+" ("+string(h.rule.Reason)+")")
		}
	}
	if len(names) == 0 {
		return "nothing is held"
	}
	return "held: " + strings.Join(names, ", ")
}

func (r *run) endHold(h *hold, at time.Time) {
	h.endedAt = at
	r.recountAll(at)
}

// endHolds ends every hold that lasts, or only those for a reason.
func (r *run) endHolds(at time.Time, only v1alpha1.HoldReason) {
	for _, h := range r.holds {
		if h.active() && (only == "" || h.rule.Reason == only) {
			r.endHold(h, at)
		}
	}
}

// recountAll brings every clock up to a hold that began or ended.
func (r *run) recountAll(at time.Time) {
	r.recountPauses(at)
	r.recountUpdate(at)
}

// recountPauses stops the clocks that a hold pauses now, and lets the others go on.
func (r *run) recountPauses(at time.Time) {
	for _, c := range r.clocks {
		r.recount(c, at)
	}
	r.held.set(slices.ContainsFunc(r.holds, (*hold).active), at)
}

// nextHoldEnd is the hold that ends first by itself, or nil.
func (r *run) nextHoldEnd() *hold {
	var next *hold
	for _, h := range r.holds {
		if h.active() && !h.endsAt.IsZero() && (next == nil || h.endsAt.Before(next.endsAt)) {
			next = h
		}
	}
	return next
}

func sortSpans(spans []span) {
	slices.SortStableFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
}
