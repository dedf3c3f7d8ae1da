package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// contact takes what a contact does beside the member that it stands with: ours ends
// the silence and answers; the customer's asks for an answer, and ends the wait for it.
func (r *run) contact(f *stamp.Fact) {
	c := f.Entry.Contact
	if c == nil {
		return
	}
	if c.Direction == v1alpha1.ToCustomer {
		if c.Reached {
			r.heardAt = f.At
			r.restartUpdates(f.At, f.Entry.ID)
		}
		if reachedByPerson(f.Entry) {
			r.answer(f)
			r.tellSuperseded(f)
		}
		return
	}
	r.endHolds(f.At, v1alpha1.WaitingForCustomer)
	if !c.AcknowledgementOnly && !belongsToUs(f.Entry) {
		r.ask(f)
	}
}

// ask opens a response clock at the oldest contact that nobody has answered; more
// contacts do not restart it.
func (r *run) ask(f *stamp.Fact) {
	if r.plan == nil || r.unanswered != nil {
		return
	}
	r.unanswered = f
	if within := r.plan.Pace(r.severity).Response; within != nil {
		r.response = r.startClock(v1alpha1.ClockResponse, clockName(v1alpha1.ClockResponse, f.Entry.ID, 1), f.At, within)
	}
}

// answer closes the response clock.
func (r *run) answer(f *stamp.Fact) {
	if c := r.response; c != nil && c.running() {
		c.end(v1alpha1.StateDone, v1alpha1.ClockCompletedReason, f.At, f.Entry.ID)
	}
	r.response, r.unanswered = nil, nil
}

// startUpdates begins the count of silence.
func (r *run) startUpdates(at time.Time, from v1alpha1.Name) {
	r.update = nil
	if r.plan == nil || r.phase != v1alpha1.PhaseOpen {
		return
	}
	every := r.updateEvery()
	if every == nil {
		return
	}
	c := r.spare
	if c == nil {
		c = r.newClock()
	}
	r.spare = nil
	*c = clock{
		since: from, kind: v1alpha1.ClockUpdate, round: r.round, step: -1,
		state: v1alpha1.StateRunning, startedAt: at, countsFrom: at, warnFrom: at, due: every, byContactHours: true,
	}
	r.update = r.addClock(c)
	r.setDue(r.update)
	r.recount(r.update, at)
}

// restartUpdates begins the count of silence anew, at a contact that reached the
// customer.
func (r *run) restartUpdates(at time.Time, by v1alpha1.Name) {
	if r.update == nil {
		return
	}
	r.stopUpdates(v1alpha1.StateDone, v1alpha1.ClockCompletedReason, at, by)
	r.startUpdates(at, by)
}

// stopUpdates ends the count of silence. Only silences that were too long stay listed:
// the others say nothing, and would make an incident large.
func (r *run) stopUpdates(state v1alpha1.ClockState, reason string, at time.Time, by v1alpha1.Name) {
	c := r.update
	if c == nil {
		return
	}
	r.update = nil
	c.end(state, reason, at, by)
	if !c.breachedAt.IsZero() || !c.missedAt.IsZero() {
		return
	}
	for i, listed := range r.clocks {
		if listed == c {
			r.clocks, r.spare = append(r.clocks[:i], r.clocks[i+1:]...), c
			return
		}
	}
}
