package recovery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Explanation tells how a clock came to stand as it does: what counted, what did not,
// and who changed it.
type Explanation struct {
	// Clock is the clock as Decide writes it at the same instant.
	Clock v1alpha1.Clock
	// Counts says what the clock counts, for example "8h of business time on calendar
	// office", "an instant" or "the slot the customer chose".
	Counts string
	// CountsFrom is where it counts from, which may lie before it started.
	CountsFrom time.Time
	// DueAt is when it is due; zero where it is never due, or not while it is paused.
	DueAt time.Time
	// Owed is the duration that the deadline counts; zero where it is due at an instant,
	// at the close of a business day, or never.
	Owed time.Duration
	// Elapsed is how much has counted up to now, or up to the end of the clock.
	Elapsed time.Duration
	// Left is how much still counts from there to the due instant, without what lies
	// between it and the customer's contact hours. Below zero, it says by how much the
	// clock is over.
	Left time.Duration
	// Stretches are the time from CountsFrom to now, or to the end of the clock, and of a
	// running clock on to DueAt. They follow each other without a gap.
	Stretches []Stretch
	// Changes are what set and moved the due instant, and what ended the clock, in order.
	Changes []Change
}

// Stretch is a part of the time line in which one thing holds for a clock.
type Stretch struct {
	// From is its beginning.
	From time.Time
	// To is its end, itself excluded.
	To time.Time
	// Counted says whether it counts.
	Counted bool
	// Counts is how much it counts: all of it, or nothing.
	Counts time.Duration
	// Why says what holds, for example "open", "holiday National Day" or "held Parts by
	// alice".
	Why string
	// Future says that it lies ahead, and is so if nothing happens until then.
	Future bool
}

// Change is one thing that set or moved the due instant of a clock, or ended it.
type Change struct {
	// At is when it happened.
	At time.Time
	// By is who did it; empty where time alone did, or nobody is named.
	By v1alpha1.User
	// Entry is the journal entry that says so, if one does.
	Entry v1alpha1.Name
	// What is what happened.
	What string
	// From and To are the due instant before and after; zero where there was none. Where
	// one fact made several changes, the last of them tells where the due instant went.
	From, To time.Time
}

// Explain tells how a clock of an incident came to stand as it does. It runs the same
// replay as Decide and reads it, so the two never disagree. There is no explanation of a
// clock that is not listed, nor while the pinned revision cannot be read.
func Explain(s *Snapshot, clock string, now time.Time) (Explanation, error) {
	r := newRun(s, now.UTC())
	if r.standing() {
		return Explanation{}, fmt.Errorf("the clocks of incident %s cannot be explained, because the revision that it is held to cannot be read: %s; what was written of them stands", r.inc.Name, standingProblem(s))
	}
	w := newWatcher(r, clock)
	r.pin()
	r.play()
	c := r.clockNamed(clock)
	if c == nil {
		return Explanation{}, fmt.Errorf("incident %s has no clock %q; %s", r.inc.Name, clock, r.clockNames())
	}
	return w.explain(c), nil
}

func standingProblem(s *Snapshot) string {
	if s.Problem == nil {
		return v1alpha1.RevisionMissingReason
	}
	return s.Problem.Reason + ": " + s.Problem.Message
}

// clockNamed finds a listed clock, or nil.
func (r *run) clockNamed(name string) *clock {
	if i := slices.IndexFunc(r.clocks, func(c *clock) bool { return c.name() == name }); i >= 0 {
		return r.clocks[i]
	}
	return nil
}

// clockNames lists the clocks, for a message.
func (r *run) clockNames() string {
	if len(r.clocks) == 0 {
		return "it has none yet"
	}
	names := make([]string, len(r.clocks))
	for i, c := range r.clocks {
		names[i] = c.name()
	}
	return "its clocks are " + strings.Join(names, ", ")
}

// explain tells of a listed clock what the watcher saw.
func (w *watcher) explain(c *clock) Explanation {
	out := Explanation{Clock: c.api(&instants{}), DueAt: c.dueAt}
	if c != w.clock {
		// Only its breach is left of it; see listLostBreaches.
		out.Counts = "nothing"
		out.Changes = []Change{{At: c.breachedAt, What: "its breach was written, and stands, though an earlier fact that was seen later let it never start", To: c.dueAt}}
		return out
	}
	b := w.basis
	w.said(c, &b)
	end := w.r.now.Truncate(time.Second)
	if !open(c) {
		end = c.endedAt
	}
	if end.Before(b.from) {
		end = b.from
	}
	out.Counts, out.CountsFrom, out.Owed, out.Changes = b.words, b.from, b.owes(), w.changes
	if out.Counts == "" {
		out.Counts = b.describe()
	}
	out.Stretches = b.stretches(b.from, end, false)
	out.Elapsed = counted(out.Stretches)
	if c.running() && !c.dueAt.IsZero() {
		out.Stretches = append(out.Stretches, b.stretches(end, c.dueAt, true)...)
	}
	out.Left = b.left(end, b.until(c), out.Elapsed)
	return out
}

// said tells what a promise or a task counts: those say for themselves when they are due.
func (w *watcher) said(c *clock, b *basis) {
	e := w.r.entryOf(c)
	if e == nil {
		return
	}
	var within v1alpha1.Duration
	switch {
	case e.Promise != nil:
		within = e.Promise.Within
	case e.Task != nil:
		within = e.Task.Within
	}
	b.words = instantWords
	if d, err := time.ParseDuration(string(within)); err == nil {
		b.owed, b.from = d, c.dueAt.Add(-d)
		b.words = shortDuration(d) + " of wall time"
	}
}

// entryOf is the entry that made a promise or set a task, or nil.
func (r *run) entryOf(c *clock) *v1alpha1.JournalEntry {
	if c.kind != v1alpha1.ClockPromise && c.kind != v1alpha1.ClockTask {
		return nil
	}
	_, id, _ := strings.Cut(c.name(), "/")
	return r.entry(v1alpha1.Name(id))
}

// entry finds an entry of the journal, or nil.
func (r *run) entry(id v1alpha1.Name) *v1alpha1.JournalEntry {
	for i := range r.facts {
		if r.facts[i].Entry.ID == id {
			return r.facts[i].Entry
		}
	}
	return nil
}

// open says that a clock has not ended.
func open(c *clock) bool {
	return c.running() || c.state == v1alpha1.StatePaused
}

// counted adds up what stretches count.
func counted(list []Stretch) time.Duration {
	var total time.Duration
	for i := range list {
		total += list[i].Counts
	}
	return total
}
