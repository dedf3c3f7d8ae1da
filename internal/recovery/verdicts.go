package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// flip is a verdict with the instant since which it holds.
type flip struct {
	on bool
	at time.Time
}

func (f *flip) set(on bool, at time.Time) {
	if f.on != on {
		f.on, f.at = on, at
	}
}

// judge derives the verdicts that follow from the facts up to an instant.
func (r *run) judge(at time.Time) {
	r.rephase(at)
	r.documented.set(r.isDocumented(), at)
	risk, why := r.atRisk(at)
	r.risk.set(risk, at)
	r.riskWhy = why
	r.late.set(r.lateBefore(at) != nil, at)
	r.scheduled.set(r.hasContact(), at)
	r.untold.set(r.exhausted(), at)
	if r.phase == v1alpha1.PhaseClosed {
		well, _ := r.endedWell(at)
		r.well.set(well, at)
	}
	r.journal.set(r.hasRemarks(), at)
	r.judged(at)
}

// judged keeps that verdicts were derived, or would be the same.
func (r *run) judged(at time.Time) {
	r.judgedAt = at
	if r.watch != nil {
		r.watch(at)
	}
}

// judgePassed derives the verdicts that follow from the due instants before an
// instant. Between two facts, clocks are breached and none is done.
func (r *run) judgePassed(to time.Time) {
	if c := r.lateBefore(to); c != nil {
		r.late.set(true, r.notBeforeJudged(c.lateFrom()))
	}
	if r.phase != v1alpha1.PhaseClosed {
		return
	}
	if c := r.missedSinceResolved(to); c != nil {
		r.well.set(false, r.notBeforeJudged(c.lateFrom()))
	}
}

// end is after everything that this replay knows of: now, and a fact of a clock that is
// a little ahead.
func (r *run) end() time.Time {
	return r.notBeforeJudged(r.now).Add(time.Nanosecond)
}

// notBeforeJudged is an instant, or the last one at which verdicts were derived: a due
// instant may lie before the start of its clock, and what was told before stays.
func (r *run) notBeforeJudged(at time.Time) time.Time {
	return stamp.Later(at, r.judgedAt)
}

// lateBefore is the running clock that was breached first before an instant, or nil. A
// breach that was written may lie after it.
func (r *run) lateBefore(at time.Time) *clock {
	var first *clock
	if !r.anyLate {
		return first
	}
	for _, c := range r.clocks {
		if c.running() && c.lateFrom().Before(at) && (first == nil || c.breachedAt.Before(first.breachedAt)) {
			first = c
		}
	}
	return first
}

// lateFrom is when the clock became late: at its breach; or at its start, where it was
// due before that. A clock that was not breached is never late.
func (c *clock) lateFrom() time.Time {
	if c.breachedAt.IsZero() {
		return never
	}
	return stamp.Later(c.breachedAt, c.startedAt)
}

// never is after every instant of a record.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
