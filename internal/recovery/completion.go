package recovery

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// complete takes a completion. One of a step that is settled already adds its
// contact and note to the record, and, from a resolution, whether the customer has
// accepted by now.
func (r *run) complete(f *stamp.Fact) {
	i, ok := r.stepOf(f, "completion.step", f.Entry.Completion.Step)
	if !ok {
		return
	}
	if r.steps[i].state == stepSettled {
		r.accept(i, f, f.At)
		return
	}
	r.tryComplete(i, f, f.At)
}

// tryComplete settles a step if all it demands is there; else the completion waits.
func (r *run) tryComplete(i int, f *stamp.Fact, at time.Time) {
	s := &r.steps[i]
	if missing, failed := r.missing(i, f); missing != "" {
		s.pending = append(s.pending, pending{fact: f, missing: missing, failed: failed})
		return
	}
	if key := requiresKey(f); len(r.plan.Steps[i].Requires) > 0 && r.findLatched(key) == nil {
		r.latch(key, string(r.facts[r.seen-1].Entry.ID), at)
	}
	r.accept(i, f, at)
	r.settleClock(i, v1alpha1.StateDone, v1alpha1.ClockCompletedReason, at, f)
}

// retryCompletions looks again at the completions that did not count so far: the
// fact just taken may be what was missing.
func (r *run) retryCompletions(at time.Time, underWay *stamp.Fact) {
	for i := range r.steps {
		waiting := r.steps[i].pending
		r.steps[i].pending = nil
		for n, p := range waiting {
			if r.steps[i].state == stepSettled {
				break
			}
			if p.fact == underWay {
				r.steps[i].pending = append(r.steps[i].pending, waiting[n])
				continue
			}
			r.tryComplete(i, p.fact, at)
		}
	}
}

// accept keeps what a completion of a resolution says of the customer's acceptance, once
// it counts.
func (r *run) accept(i int, f *stamp.Fact, at time.Time) {
	said := f.Entry.Completion.Accepted
	if said != "" && said != r.accepted && r.plan.Steps[i].Type == v1alpha1.StepResolution {
		r.accepted, r.acceptedAt = said, at
	}
}

// skip settles a step without doing it.
func (r *run) skip(f *stamp.Fact) {
	i, ok := r.stepOf(f, "skip.step", f.Entry.Skip.Step)
	switch {
	case !ok:
	case r.plan.Steps[i].Type == v1alpha1.StepApology:
		r.refuse(f, fmt.Sprintf("the step %q is an Apology, which cannot be skipped; complete it, or cancel the incident if it is none", f.Entry.Skip.Step))
	case r.steps[i].state != stepSettled:
		r.settleClock(i, v1alpha1.StateCancelled, v1alpha1.ClockSkippedReason, f.At, f)
	}
}

// settleClock ends the clock of a step and settles it. A step that has not started
// is settled all the same, out of order: the facts come in the order of life, not
// in that of the policy.
func (r *run) settleClock(i int, state v1alpha1.ClockState, reason string, at time.Time, f *stamp.Fact) {
	s, p := &r.steps[i], &r.plan.Steps[i]
	if s.state == stepWaiting {
		s.clock = r.newClock()
		*s.clock = clock{named: r.stepClockName(i), kind: v1alpha1.ClockStep, stepType: p.Type, round: r.round, step: i, startedAt: at}
		r.addClock(s.clock)
		if state == v1alpha1.StateDone {
			reason = v1alpha1.ClockOutOfOrderReason
		}
	}
	if s.clock.reason != "" && s.clock.state != v1alpha1.StatePaused && reason == v1alpha1.ClockCompletedReason {
		reason = s.clock.reason
	}
	s.clock.end(state, reason, at, f.Entry.ID)
	r.settle(i, at)
}

// stepOf finds the step that an entry names; an unknown one, and any step of an
// incident that is over, is refused.
func (r *run) stepOf(f *stamp.Fact, field string, name v1alpha1.Name) (int, bool) {
	if r.over() {
		r.refuse(f, fmt.Sprintf("%s: the incident is %s, and its steps are frozen; append a note instead", field, r.phase))
		return 0, false
	}
	if r.plan == nil {
		return 0, false
	}
	i := r.plan.StepNamed(name)
	if i < 0 {
		r.refuse(f, fmt.Sprintf("%s: there is no step %q in policy %s; its steps are %s; append a new entry with the right name", field, name, r.plan.Policy, r.plan.StepNames()))
	}
	return i, i >= 0
}
