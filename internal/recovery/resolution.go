package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// startResolution begins the total time to resolution, or goes on with it in another
// round: the time between a resolution and its reopening does not count.
func (r *run) startResolution(at time.Time) {
	if r.plan == nil {
		return
	}
	if c := r.resolution; c != nil {
		if c.state == v1alpha1.StateDone {
			c.gaps = append(c.gaps, span{c.doneAt, at})
			c.state, c.reason, c.doneAt = v1alpha1.StateRunning, v1alpha1.ClockReopenedReason, time.Time{}
			r.setDue(c)
			c.warnFrom = at
		}
		return
	}
	within := r.plan.Pace(r.severity).Resolution
	if within == nil {
		return
	}
	r.resolution = r.startClock(v1alpha1.ClockResolution, string(v1alpha1.ClockResolution), at, within)
}

// stopResolution ends the total time to resolution.
func (r *run) stopResolution(state v1alpha1.ClockState, reason string, at time.Time) {
	if c := r.resolution; c != nil && (c.running() || c.state == v1alpha1.StatePaused) {
		c.end(state, reason, at, "")
	}
}
