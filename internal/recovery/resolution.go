package recovery

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// startResolution begins the total time to resolution, or goes on with it: in another
// round, or at a severity at which it is owed again. It counts from the report, less the
// time between a resolution and its reopening.
func (r *run) startResolution(f *change) {
	if r.plan == nil {
		return
	}
	within := r.plan.Pace(r.severity).Resolution
	c := r.resolution
	switch {
	case within == nil:
		return
	case c == nil:
		c = r.newClock()
		*c = clock{
			named: string(v1alpha1.ClockResolution), kind: v1alpha1.ClockResolution, round: r.round, step: -1,
			state: v1alpha1.StateRunning, startedAt: f.at, countsFrom: r.start,
		}
		r.resolution = r.addClock(c)
	case c.state == v1alpha1.StateDone || c.unowed:
		c.goOn(f.reason)
	default:
		return
	}
	c.due, c.warnFrom, c.gaps = within, f.at, slices.Clone(r.gaps)
	r.setDue(c)
	r.pastDue(c, f)
	r.recount(c, f.at)
}

// goOn lets a clock go on that was done, or not owed for some time.
func (c *clock) goOn(reason string) {
	c.state, c.reason, c.unowed = v1alpha1.StateRunning, reason, false
	c.endedAt, c.disputedBy = time.Time{}, ""
}

// stopResolution ends the total time to resolution.
func (r *run) stopResolution(state v1alpha1.ClockState, reason string, at time.Time) {
	if c := r.resolution; c != nil && (c.running() || c.state == v1alpha1.StatePaused) {
		c.end(state, reason, at, "")
	}
}
