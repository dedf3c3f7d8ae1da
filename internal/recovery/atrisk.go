package recovery

import (
	"fmt"
	"sort"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// atRisk says that something will be late although nothing is, and why: a promise was
// given for later than the resolution is due, or the steps to the resolution cannot be
// done by then, because they do not start before. What is not done at this instant is not
// done before it, so that time alone can bring this about.
func (r *run) atRisk(at time.Time) (risk bool, why string) {
	due := r.riskDue()
	if due.IsZero() {
		return false, ""
	}
	for _, p := range r.promises {
		if p.open() && !p.broken && p.due.After(due) {
			return true, fmt.Sprintf("%s is due at %s, and the resolution at %s", p.clock.name(), stampText(p.due), stampText(due))
		}
	}
	if !r.plan.ResolvesLater() {
		return false, ""
	}
	i := r.startsAfter(due, at)
	if i < 0 {
		return false, ""
	}
	return true, fmt.Sprintf("step %s cannot start before the resolution is due at %s", r.plan.Steps[i].Name, stampText(due))
}

// riskDue is when what is at risk is due; zero while nothing can be.
func (r *run) riskDue() time.Time {
	if r.plan == nil || r.phase != v1alpha1.PhaseOpen {
		return time.Time{}
	}
	return r.resolutionDue()
}

// nextRisk is the first instant after the last verdict at which time alone puts the
// resolution at risk. The longer a step takes, the later come those after it, so that what
// cannot be done in time from one instant on cannot from any later one: the first is found
// by halving.
func (r *run) nextRisk() (at time.Time, found bool) {
	if r.risk.on || r.anyLate || r.plan == nil || !r.plan.ResolvesLater() {
		return time.Time{}, false // What is or was late says more.
	}
	due, from := r.riskDue(), r.judgedAt.Truncate(time.Second)
	if due.IsZero() || !due.After(from) {
		return time.Time{}, false
	}
	if r.startsAfter(due, due) < 0 {
		return time.Time{}, false
	}
	seconds := sort.Search(int(due.Sub(from)/time.Second), func(n int) bool {
		return r.startsAfter(due, from.Add(time.Duration(n)*time.Second)) >= 0
	})
	return from.Add(time.Duration(seconds) * time.Second), true
}

// startsAfter is the place of a step that resolves the incident and cannot start by its
// due instant, as it stands at an instant, or -1.
func (r *run) startsAfter(due, at time.Time) int {
	known := make([]time.Time, len(r.steps))
	for i := range r.steps {
		if !r.plan.Resolves(i) || r.steps[i].state == stepSettled {
			continue
		}
		if r.earliest(i, at, known).After(due) {
			return i
		}
	}
	return -1
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

// earliest is the earliest instant at which a step can start or, once it has and is not
// settled, can be settled: what comes before it takes no time but for its own notBefore,
// and nothing comes before the instant that is judged. It looks at each step once, however
// many ways lead to it, and keeps what it found in known.
func (r *run) earliest(i int, at time.Time, known []time.Time) time.Time {
	if known[i].IsZero() {
		known[i] = r.earliestAfter(i, at, known)
	}
	return known[i]
}

func (r *run) earliestAfter(i int, at time.Time, known []time.Time) time.Time {
	s := &r.steps[i]
	switch {
	case s.state == stepSettled:
		return s.startAt
	case s.state != stepWaiting, !s.eligibleAt.IsZero():
		return stamp.Later(s.startAt, at)
	}
	var out time.Time
	for _, before := range r.plan.Steps[i].After {
		out = stamp.Later(out, r.earliest(before, at, known))
	}
	if d := r.plan.Steps[i].NotBefore; d != nil && !out.IsZero() {
		out = stamp.Later(out, r.due(d, out))
	}
	return out
}
