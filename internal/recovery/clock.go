package recovery

import (
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// clock is a clock during a replay. A zero time is one that is not there.
type clock struct {
	named    string        // see name
	since    v1alpha1.Name // the entry that a silence counts from, which names it
	kind     v1alpha1.ClockKind
	stepType v1alpha1.StepType
	round    int
	state    v1alpha1.ClockState
	reason   string

	countsFrom    time.Time // of the deadlines, which may lie before the start
	startedAt     time.Time
	targetAt      time.Time
	dueAt         time.Time
	originalDueAt time.Time
	endedAt       time.Time // done or cancelled

	step        int // the place of its step in the plan, or -1
	due, target *policy.Deadline
	slot        time.Time          // the instant that the customer chose; it replaces due
	gaps        []span             // in which it did not count, beside holds
	customer    *v1alpha1.Customer // whose hours hold for it

	warnAt   []int
	warnFrom time.Time // no warning is dated before: the start, or the last move of the due
	warned   int       // thresholds that have passed
	// threshold is the instant of the threshold with the number thresholdOf, from 1; zero
	// is none that is reckoned.
	threshold   time.Time
	thresholdOf int

	// missedAt is the first due instant that the facts have passed; whether it was missed
	// may still have to be waited for.
	missedAt   time.Time
	breachedAt time.Time
	observedAt *metav1.MicroTime
	disputedBy v1alpha1.Name

	byContactHours bool // it is due within the customer's own hours
	latched        bool // the breach was written before this replay
	unowed         bool // a change ended it, because it is not owed any more; another may revive it
}

// clockName names a clock; a second run of the same, in another round, is numbered.
func clockName(kind v1alpha1.ClockKind, what v1alpha1.Name, round int) string {
	name := string(kind) + "/" + string(what)
	if round > 1 {
		name += "#" + strconv.Itoa(round)
	}
	return name
}

// name is the clock's name in the status. That of a silence is made when it is asked for:
// most of them end without anyone having to name them.
func (c *clock) name() string {
	if c.named == "" {
		c.named = clockName(c.kind, c.since, c.round)
	}
	return c.named
}

// addClock lists a clock, with the breach that was written of it before.
func (r *run) addClock(c *clock) *clock {
	if was := findBreach(r.inc.Status.Announced, c); was != nil {
		c.breachedAt, c.observedAt, c.latched = was.At.UTC(), was.ObservedAt, true
		r.anyLate = true
	}
	r.clocks = append(r.clocks, c)
	return c
}

// newClock is room for a clock. Clocks stand side by side, because a replay makes many
// and asks all of them at each turn.
func (r *run) newClock() *clock {
	if len(r.room) == cap(r.room) {
		r.room = make([]clock, 0, usualClocks)
	}
	r.room = r.room[:len(r.room)+1]
	return &r.room[len(r.room)-1]
}

// usualClocks is how many clocks an incident has as a rule.
const usualClocks = 8

// untold says that the calendar could not tell an instant that the clock should have.
func (c *clock) untold() bool {
	if !c.running() || !c.slot.IsZero() {
		return false
	}
	return c.due != nil && c.dueAt.IsZero() || c.target != nil && c.targetAt.IsZero()
}

// startClock starts a clock that is no step, and tells it its due instant.
func (r *run) startClock(kind v1alpha1.ClockKind, name string, at time.Time, due *policy.Deadline) *clock {
	c := r.newClock()
	*c = clock{
		named: name, kind: kind, round: r.round, step: -1, state: v1alpha1.StateRunning,
		startedAt: at, countsFrom: at, warnFrom: at, due: due,
	}
	r.addClock(c)
	r.setDue(c)
	return c
}

// breachedBefore says whether the clock was breached before an instant of the replay. A
// breach that was written may lie after it.
func (c *clock) breachedBefore(at time.Time) bool {
	return !c.breachedAt.IsZero() && c.breachedAt.Before(at)
}

// missedBefore says whether the clock was late before an instant, also where it has to be
// waited for whether it was.
func (c *clock) missedBefore(at time.Time) bool {
	return c.breachedBefore(at) || !c.missedAt.IsZero() && c.missedAt.Before(at)
}

// running says that the clock counts.
func (c *clock) running() bool {
	return c.state == v1alpha1.StateRunning
}

// end stops a clock. A fact that ends it at or before a breach that was already
// written disputes the breach and does not undo it.
func (c *clock) end(state v1alpha1.ClockState, reason string, at time.Time, by v1alpha1.Name) {
	c.state, c.reason, c.endedAt = state, reason, at
	if c.latched && !at.After(c.breachedAt) && !at.After(c.dueAt) {
		c.disputedBy = by
	}
}

// doneAt is when the clock was done, or zero.
func (c *clock) doneAt() time.Time {
	if c.state != v1alpha1.StateDone {
		return time.Time{}
	}
	return c.endedAt
}

// clockTimes is how many times a clock of the API has at most.
const clockTimes = 6

// instants is room for times of the API, side by side.
type instants []metav1.Time

// take is a time of the API, or nil for one that is not there.
func (i *instants) take(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	*i = append(*i, metav1.NewTime(t))
	return &(*i)[len(*i)-1]
}

// api is the clock as it stands in the status.
func (c *clock) api(room *instants) v1alpha1.Clock {
	out := v1alpha1.Clock{
		Name: c.name(), Kind: c.kind, Type: c.stepType, State: c.state, Reason: c.reason,
		StartedAt: room.take(c.startedAt), TargetAt: room.take(c.targetAt), DueAt: room.take(c.dueAt),
		DoneAt: room.take(c.doneAt()), BreachedAt: room.take(c.breachedAt), ObservedAt: c.observedAt,
		DisputedBy: c.disputedBy,
	}
	if c.round > 1 {
		out.Round = int32(c.round)
	}
	if !c.originalDueAt.Equal(c.dueAt) {
		out.OriginalDueAt = room.take(c.originalDueAt)
	}
	return out
}
