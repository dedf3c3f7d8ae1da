package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// atRisk says that something will be late although nothing is: a promise was given
// for later than the resolution is due, or the steps to the resolution cannot be
// done by then, because they do not start before.
func (r *run) atRisk() bool {
	if r.plan == nil || r.phase != v1alpha1.PhaseOpen {
		return false
	}
	due := r.resolutionDue()
	if due.IsZero() {
		return false
	}
	for _, p := range r.promises {
		if p.open() && !p.broken && p.due.After(due) {
			return true
		}
	}
	return r.waits() && r.startsAfter(due)
}

// waits says whether a step of the plan waits for more than the steps before it. Where
// none does, none starts later than now.
func (r *run) waits() bool {
	for i := range r.plan.Steps {
		if r.plan.Steps[i].NotBefore != nil {
			return true
		}
	}
	return false
}

// startsAfter says whether a step that resolves the incident cannot start by an instant.
func (r *run) startsAfter(due time.Time) bool {
	known := make([]time.Time, len(r.steps))
	for i := range r.steps {
		if r.plan.Resolves(i) && r.steps[i].state != stepSettled && r.earliest(i, known).After(due) {
			return true
		}
	}
	return false
}

// resolutionDue is when the incident is to be resolved: the earliest due instant of
// the total time and of the running steps that resolve it.
func (r *run) resolutionDue() time.Time {
	var out time.Time
	for _, c := range r.clocks {
		// Only a clock that runs has its step in this plan.
		resolving := c.running() && (c.kind == v1alpha1.ClockResolution || c.kind == v1alpha1.ClockStep && r.plan.Resolves(c.step))
		if resolving && !c.dueAt.IsZero() && (out.IsZero() || c.dueAt.Before(out)) {
			out = c.dueAt
		}
	}
	return out
}

// earliest is the earliest instant at which a step can start, as far as it is known:
// what comes before it takes no time but for its own notBefore. It looks at each step
// once, however many ways lead to it, and keeps what it found in known.
func (r *run) earliest(i int, known []time.Time) time.Time {
	if known[i].IsZero() {
		known[i] = r.earliestAfter(i, known)
	}
	return known[i]
}

func (r *run) earliestAfter(i int, known []time.Time) time.Time {
	s := &r.steps[i]
	if s.state != stepWaiting {
		return s.startAt
	}
	if !s.eligibleAt.IsZero() {
		return s.startAt
	}
	var out time.Time
	for _, before := range r.plan.Steps[i].After {
		out = stamp.Later(out, r.earliest(before, known))
	}
	if d := r.plan.Steps[i].NotBefore; d != nil && !out.IsZero() {
		out = stamp.Later(out, r.due(d, out))
	}
	return out
}
