package recovery

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/internal/policy"
)

// Count is how much a clock has counted towards its deadline.
type Count struct {
	Elapsed  time.Duration
	Deadline *policy.Deadline
	From     time.Time
}

// Counts are how much the clocks of an incident have counted by an instant, or by their
// end, without what paused them. Only those that count a duration are there.
func Counts(s *Snapshot, now time.Time) map[string]Count {
	r := newRun(s, now.UTC())
	r.pin()
	r.play()
	out := map[string]Count{}
	for _, c := range r.clocks {
		if c.due == nil || c.due.Within == 0 || c.countsFrom.IsZero() {
			continue
		}
		out[c.name()] = Count{Elapsed: r.elapsed(c), Deadline: c.due, From: c.countsFrom}
	}
	return out
}

// elapsed adds up what lies outside of every pause, one stretch after another.
func (r *run) elapsed(c *clock) time.Duration {
	end := c.endedAt
	if end.IsZero() {
		end = r.now
	}
	pauses := slices.Clone(r.pauses(c))
	slices.SortFunc(pauses, func(a, b span) int { return a.from.Compare(b.from) })
	var total time.Duration
	count := func(from, to time.Time) {
		if to.After(end) {
			to = end
		}
		if to.After(from) {
			total += r.plan.Counted(c.due, from, to)
		}
	}
	from := c.countsFrom
	for _, p := range pauses {
		count(from, p.from)
		switch {
		case p.to.IsZero():
			return total
		case p.to.After(from):
			from = p.to
		}
	}
	count(from, end)
	return total
}
