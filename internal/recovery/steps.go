package recovery

import (
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
	"github.com/amends-dev/amends/internal/text"
)

// stepState is where a step of the round stands.
type stepState int

const (
	stepWaiting stepState = iota // for the steps before it, or for its notBefore
	stepRunning
	stepSettled // done, skipped, or not applicable
)

// step is a step of the round during a replay.
type step struct {
	state stepState
	// eligibleAt is when the steps before it were settled; its deadlines count from
	// there. Zero until then.
	eligibleAt time.Time
	// startAt is eligibleAt, or later by notBefore.
	startAt   time.Time
	settledAt time.Time
	clock     *clock
	// slot is an instant that the customer chose for it.
	slot time.Time
	// again is how often it was put back to Running in this round.
	again int
	// untold says that the calendar could not tell its notBefore.
	untold bool
	// addedAt is when a rollout added it; it counts from there at the earliest.
	addedAt time.Time
	// pending are completions that do not count yet, because something that the step
	// demands is missing.
	pending []pending
}

// pending is a completion that does not count yet.
type pending struct {
	fact    *stamp.Fact
	missing string
	failed  []remark // expressions that failed over it
}

// beginRound starts every step that waits for none.
func (r *run) beginRound(at time.Time) {
	r.roundAt, r.heardAt = at, at
	if r.plan == nil {
		return
	}
	r.steps = make([]step, len(r.plan.Steps))
	r.startAssignment(at)
	r.startResolution(&change{at: at, reason: v1alpha1.ClockReopenedReason, pastDue: v1alpha1.ClockRetargetedPastDueReason})
	r.startUpdates(at, updatesFromStart)
	r.release(at)
	r.rephase(at)
}

// updatesFromStart names the first silence of a round. No entry has a capital in its id,
// so that none has this name.
const updatesFromStart v1alpha1.Name = "Start"

// release makes the steps eligible whose predecessors are all settled, and starts
// those that wait for nothing else.
func (r *run) release(at time.Time) {
	for i := range r.steps {
		s := &r.steps[i]
		if s.state != stepWaiting || !s.eligibleAt.IsZero() {
			continue
		}
		eligible, ok := r.eligible(i)
		if !ok {
			continue
		}
		s.eligibleAt, s.startAt = eligible, eligible
		if notBefore := r.plan.Steps[i].NotBefore; notBefore != nil {
			t := r.due(notBefore, eligible)
			s.untold = t.IsZero()
			if t.After(s.startAt) {
				s.startAt = t
			}
		}
		if !s.startAt.After(at) {
			r.startStep(i, at)
		}
	}
}

// eligible is when all steps before a step were settled.
func (r *run) eligible(i int) (time.Time, bool) {
	at := stamp.Later(r.roundAt, r.steps[i].addedAt)
	for _, before := range r.plan.Steps[i].After {
		s := &r.steps[before]
		if s.state != stepSettled {
			return time.Time{}, false
		}
		at = stamp.Later(at, s.settledAt)
	}
	return at, true
}

// nextStart is the eligible step that starts first, or -1.
func (r *run) nextStart() int {
	next := -1
	if r.over() {
		return next
	}
	for i := range r.steps {
		s := &r.steps[i]
		if s.state == stepWaiting && !s.eligibleAt.IsZero() && (next < 0 || s.startAt.Before(r.steps[next].startAt)) {
			next = i
		}
	}
	return next
}

// startStep starts a step, unless it does not apply.
func (r *run) startStep(i int, at time.Time) {
	if !r.applies(i, at) {
		r.settle(i, at)
		return
	}
	s, p := &r.steps[i], &r.plan.Steps[i]
	s.state = stepRunning
	s.clock = r.newClock()
	*s.clock = clock{
		named: r.stepClockName(i), kind: v1alpha1.ClockStep, stepType: p.Type, round: r.round, step: i,
		state: v1alpha1.StateRunning, startedAt: at, countsFrom: s.eligibleAt, warnFrom: at, slot: s.slot,
		byContactHours: p.Type == v1alpha1.StepFollowUp && p.FollowUp != v1alpha1.FollowUpInternal,
	}
	r.addClock(s.clock)
	if !s.slot.IsZero() {
		s.clock.reason = v1alpha1.ClockSlotChosenReason
	}
	r.setLimits(s.clock, p.Limits(r.severity))
	r.recount(s.clock, at)
}

// stepClockName names the clock of a step. One that runs once more in the same round is
// numbered on: it was put back to Running, or a rollout took it away and another one
// brought it back.
func (r *run) stepClockName(i int) string {
	first := clockName(v1alpha1.ClockStep, r.plan.Steps[i].Name, r.round)
	name := first
	for n := 2; slices.ContainsFunc(r.clocks, func(c *clock) bool { return c.kind == v1alpha1.ClockStep && c.name() == name }); n++ {
		name = first + "~" + strconv.Itoa(n)
	}
	return name
}

// setLimits gives a clock the limits of a severity.
func (r *run) setLimits(c *clock, l *policy.Limits) {
	c.due, c.target, c.warnAt = l.Due, l.Target, l.WarnAt
	r.setDue(c)
}

// due is the instant of a deadline, or none where the calendar never opens again,
// which is told by a condition.
func (r *run) due(d *policy.Deadline, from time.Time) time.Time {
	at, err := r.plan.Due(d, from)
	if err != nil {
		r.anyUntold = true
		return time.Time{}
	}
	return at
}

// exhausted says whether the calendar could not tell an instant of a step that waits, or
// of a clock that runs.
func (r *run) exhausted() bool {
	if !r.anyUntold || r.over() {
		return false
	}
	for i := range r.steps {
		if r.steps[i].untold && r.steps[i].state != stepSettled {
			return true
		}
	}
	return slices.ContainsFunc(r.clocks, (*clock).untold)
}

// settle ends a step and releases those after it.
func (r *run) settle(i int, at time.Time) {
	s := &r.steps[i]
	s.state, s.settledAt, s.pending = stepSettled, at, nil
	r.release(at)
}

// applies evaluates when, once: the verdict is latched, so that neither an edit of
// the header nor a fact seen later changes it.
func (r *run) applies(i int, at time.Time) bool {
	p := &r.plan.Steps[i]
	if p.When == nil {
		return true
	}
	key := "When/" + string(p.Name)
	if r.round > 1 {
		key += "#" + strconv.Itoa(r.round)
	}
	was := r.findLatched(key)
	if was == nil {
		ok, err := r.evaluate(p.When, nil)
		value := latchFalse
		switch {
		case err != nil:
			value = text.Truncate(latchFailed+err.Error(), maxLatched)
		case ok:
			value = latchTrue
		}
		r.latch(key, value, at)
		was = r.findLatched(key)
	}
	if failure, failed := strings.CutPrefix(was.Value, latchFailed); failed {
		r.fail("step "+string(p.Name)+", when", failure)
	}
	return was.Value == latchTrue
}

// vars is what an expression sees now.
func (r *run) vars(entry *v1alpha1.JournalEntry) policy.Vars {
	return policy.Vars{Header: r.header, Severity: r.severity, Round: r.round, Entry: entry}
}

// The values of latched verdicts of expressions.
const (
	latchTrue   = "True"
	latchFalse  = "False"
	latchFailed = "Failed: "
)

// maxLatched is the longest verdict that the API server takes.
const maxLatched = 253

func (r *run) findLatched(key string) *v1alpha1.Latched {
	for i := range r.latched {
		if r.latched[i].Key == key {
			return &r.latched[i]
		}
	}
	return nil
}

// latch keeps a verdict for ever.
func (r *run) latch(key, value string, at time.Time) {
	r.latched = append(r.latched, v1alpha1.Latched{Key: key, Value: value, At: metav1.NewTime(at)})
}
