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
	name     string
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
	doneAt        time.Time
	endedAt       time.Time // done or cancelled

	step           int // the place of its step in the plan, or -1
	due, target    *policy.Deadline
	slot           time.Time          // the instant that the customer chose; it replaces due
	gaps           []span             // in which it did not count, beside holds
	byContactHours bool               // it is due within the customer's own hours
	customer       *v1alpha1.Customer // whose hours hold for it

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
	latched    bool // the breach was written before this replay
	disputedBy v1alpha1.Name
	unowed     bool // a change ended it, because it is not owed any more; another may revive it
}

// clockName names a clock; a second run of the same, in another round, is numbered.
func clockName(kind v1alpha1.ClockKind, what v1alpha1.Name, round int) string {
	name := string(kind) + "/" + string(what)
	if round > 1 {
		name += "#" + strconv.Itoa(round)
	}
	return name
}

// addClock lists a clock, with the breach that was written of it before.
func (r *run) addClock(c *clock) *clock {
	if was := findBreach(r.inc.Status.Announced, c.name); was != nil {
		c.breachedAt, c.observedAt, c.latched = was.At.UTC(), was.ObservedAt, true
		r.anyLate = true
	}
	r.clocks = append(r.clocks, c)
	return c
}

// untold says that the calendar could not tell an instant that the clock should have.
func (c *clock) untold() bool {
	if !c.running() || !c.slot.IsZero() {
		return false
	}
	return c.due != nil && c.dueAt.IsZero() || c.target != nil && c.targetAt.IsZero()
}

// startClock starts a clock that is no step, and tells it its due instant.
func (r *run) startClock(kind v1alpha1.ClockKind, name string, at time.Time, due *policy.Deadline) *clock {
	c := r.addClock(&clock{
		name: name, kind: kind, round: r.round, step: -1, state: v1alpha1.StateRunning,
		startedAt: at, countsFrom: at, warnFrom: at, due: due,
	})
	r.setDue(c)
	return c
}

// breachedBefore says whether the clock was breached before an instant of the replay. A
// breach that was written may lie after it.
func (c *clock) breachedBefore(at time.Time) bool {
	return !c.breachedAt.IsZero() && c.breachedAt.Before(at)
}

// running says that the clock counts.
func (c *clock) running() bool {
	return c.state == v1alpha1.StateRunning
}

// end stops a clock. A fact that ends it at or before a breach that was already
// written disputes the breach and does not undo it.
func (c *clock) end(state v1alpha1.ClockState, reason string, at time.Time, by v1alpha1.Name) {
	c.state, c.reason, c.endedAt = state, reason, at
	if state == v1alpha1.StateDone {
		c.doneAt = at
	}
	if c.latched && !at.After(c.breachedAt) && !at.After(c.dueAt) {
		c.disputedBy = by
	}
}

// api is the clock as it stands in the status.
func (c *clock) api() v1alpha1.Clock {
	times := make([]metav1.Time, 0, 6) // in one place
	apiTime := func(t time.Time) *metav1.Time {
		if t.IsZero() {
			return nil
		}
		times = append(times, metav1.NewTime(t))
		return &times[len(times)-1]
	}
	out := v1alpha1.Clock{
		Name: c.name, Kind: c.kind, Type: c.stepType, State: c.state, Reason: c.reason,
		StartedAt: apiTime(c.startedAt), TargetAt: apiTime(c.targetAt), DueAt: apiTime(c.dueAt),
		DoneAt: apiTime(c.doneAt), BreachedAt: apiTime(c.breachedAt), ObservedAt: c.observedAt,
		DisputedBy: c.disputedBy,
	}
	if c.round > 1 {
		out.Round = int32(c.round)
	}
	if !c.originalDueAt.Equal(c.dueAt) {
		out.OriginalDueAt = apiTime(c.originalDueAt)
	}
	return out
}

// apiTime is a time of the API, or nil for one that is not there.
func apiTime(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	out := metav1.NewTime(t)
	return &out
}
