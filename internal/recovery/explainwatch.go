package recovery

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// watcher follows one clock through a replay and keeps how its due instant came about.
type watcher struct {
	r    *run
	name string

	// What it saw last.
	seen     int // facts
	plan     *policy.Plan
	severity v1alpha1.Severity
	clock    *clock  // nil while there is none
	was      clock   // as it stood then
	pausing  []*hold // those that paused it

	// frozen says that a revision has taken over that leaves the clock as it was, because
	// it was breached before.
	frozen  bool
	basis   basis
	changes []Change
}

// event is one thing that happened in a replay: a fact, or something by itself.
type event struct {
	at   time.Time
	fact *stamp.Fact // nil where it happened by itself
	// rolled says that another revision took over.
	rolled bool
	// severity is the one before.
	severity v1alpha1.Severity
}

// newWatcher lets a run that has not begun be watched.
func newWatcher(r *run, name string) *watcher {
	w := &watcher{r: r, name: name, plan: r.plan, severity: r.severity}
	r.watch = w.look
	return w
}

// look takes in what has just happened.
func (w *watcher) look(at time.Time) {
	e := event{at: at, rolled: w.plan != w.r.plan, severity: w.severity}
	if w.seen < w.r.seen {
		w.seen = w.r.seen
		e.fact = &w.r.facts[w.seen-1]
	}
	w.plan, w.severity = w.r.plan, w.r.severity
	switch c := w.r.clockNamed(w.name); {
	case c == nil:
		w.clock = nil // not yet, or a silence that was short enough
		return
	case c != w.clock:
		w.begin(c, e)
	default:
		w.follow(e)
	}
	w.was, w.pausing = *w.clock, w.holding()
}

// holding are the holds that pause the clock, or paused it to its end.
func (w *watcher) holding() []*hold {
	var out []*hold
	for _, h := range w.r.holds {
		if h.active() && h.pauses(w.clock) && (open(w.clock) || w.clock.dueAt.IsZero()) {
			out = append(out, h)
		}
	}
	return out
}

// begin takes a clock in that is new.
func (w *watcher) begin(c *clock, e event) {
	w.clock, w.was, w.pausing, w.changes, w.frozen, w.basis = c, clock{}, nil, nil, false, basis{}
	w.reckon(e)
	if early := c.countsFrom.IsZero(); !early {
		w.move(append([]Change{w.started(e)}, w.heldOrResumed(e)...), e)
	}
	if !open(c) {
		w.changes = append(w.changes, w.ended(e))
	}
}

// follow takes in what has become of the clock.
func (w *watcher) follow(e event) {
	c, was := w.clock, &w.was
	// One event may let a clock that has ended go on, count it anew and end it.
	if open(c) || c.due != was.due || !c.dueAt.Equal(was.dueAt) {
		w.reckon(e)
		w.move(w.causes(e), e)
	}
	if !open(c) && (open(was) || !c.endedAt.Equal(was.endedAt) || c.reason != was.reason) {
		w.changes = append(w.changes, w.ended(e))
	}
}

// move keeps what moved the due instant. The last cause tells where it went; the
// customer's contact hours may then put it off.
func (w *watcher) move(causes []Change, e event) {
	before, after := w.was.dueAt, w.clock.dueAt
	moved := !before.Equal(after)
	if len(causes) == 0 {
		if !moved {
			return
		}
		causes = []Change{w.change(e, countedAnew)}
	}
	raw := after
	if waits := moved && !after.IsZero() && after.Equal(w.basis.wait.to); waits {
		raw = w.basis.wait.from
	}
	last := &causes[len(causes)-1]
	last.From, last.To = before, raw
	if !raw.Equal(after) {
		put := w.change(e, "put off to the customer's contact hours")
		put.By, put.Entry = "", ""
		put.From, put.To = raw, after
		causes = append(causes, put)
	}
	w.changes = append(w.changes, causes...)
}

// countedAnew is said where no rule is known that moved a due instant.
const countedAnew = "counted anew"

// reckon brings the basis up to an event that the clock was open in.
func (w *watcher) reckon(e event) {
	c, same := w.clock, w.same()
	if e.rolled && same && c.missedBefore(e.at) {
		w.frozen = true
	}
	if w.frozen && same {
		return
	}
	w.frozen = false
	pauses := w.pauses()
	if same {
		w.basis.pauses = pauses
		return
	}
	wait := w.basis.wait
	w.basis = basis{plan: w.r.plan, deadline: c.due, slot: c.slot, from: c.countsFrom, pauses: pauses}
	if c.countsFrom.IsZero() {
		w.basis.from = c.startedAt
	}
	switch {
	case c.kind == v1alpha1.ClockPromise || c.kind == v1alpha1.ClockTask:
	case !c.dueAt.IsZero():
		w.trace()
	case c.due == w.was.due && !wait.from.After(e.at):
		// Paused while it waited for the customer's contact hours: nothing counted then.
		w.basis.wait = wait
	}
}

// same says that the due instant is reckoned as it was before.
func (w *watcher) same() bool {
	c, was := w.clock, &w.was
	return w.basis.plan != nil && c.due == was.due && c.dueAt.Equal(was.dueAt) && c.slot.Equal(was.slot) && c.countsFrom.Equal(was.countsFrom)
}

// trace finds how the engine came to a due instant that is not where the count ends: the
// customer's contact hours have put it off, or an update counts anew after a hold.
func (w *watcher) trace() {
	c, b := w.clock, &w.basis
	raw := c.slot
	switch {
	case !raw.IsZero():
	case c.kind == v1alpha1.ClockUpdate:
		s := w.r.silenceOf(c)
		raw, b.from, b.kept = s.due, s.from, s.kept
	default:
		raw = w.r.dueOf(c, c.due)
	}
	switch {
	case raw.Equal(c.dueAt):
	case c.dueAt.Before(raw):
		b.kept = true
	default:
		b.wait = span{raw, c.dueAt}
	}
}

// pauses are the stretches in which the clock does not count, as the engine has them
// now, each with what says so.
func (w *watcher) pauses() []pause {
	var out []pause
	for _, gap := range w.clock.gaps {
		out = append(out, pause{span: gap, why: "resolved, not counted"})
	}
	for _, h := range w.r.holds {
		if h.pauses(w.clock) {
			out = append(out, pause{span: span{h.from, h.endedAt}, why: w.held(h), hold: true})
		}
	}
	return out
}

// held says by whom the clock is held, and why.
func (w *watcher) held(h *hold) string {
	text := "held " + string(h.rule.Reason)
	if e := w.r.entry(h.id); e != nil && e.By != "" {
		return text + " by " + string(e.By)
	}
	return text + " by entry " + string(h.id)
}

// heldOrResumed are the holds that have begun or ceased to pause the clock.
func (w *watcher) heldOrResumed(e event) []Change {
	var out []Change
	now := w.holding()
	for _, h := range w.pausing {
		if !slices.Contains(now, h) {
			out = append(out, w.change(e, w.resumed(h, e)))
		}
	}
	for _, h := range now {
		if slices.Contains(w.pausing, h) {
			continue
		}
		c := Change{At: e.at, Entry: h.id, What: "held " + string(h.rule.Reason)}
		if begun := w.r.entry(h.id); begun != nil {
			c.By = begun.By
		}
		out = append(out, c)
	}
	return out
}

// change is something that an event did.
func (w *watcher) change(e event, what string) Change {
	c := Change{At: e.at, What: what}
	if e.fact != nil {
		c.By, c.Entry = e.fact.Entry.By, e.fact.Entry.ID
	}
	return c
}
