package recovery

import (
	"fmt"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// maxRounds bounds how often an incident is reopened, and so its size: one that
// fails a tenth time deserves an incident of its own.
const maxRounds = 10

// reopenByEntry starts another round because somebody says so.
func (r *run) reopenByEntry(f *stamp.Fact) {
	switch {
	case r.phase == v1alpha1.PhaseOpen:
		r.refuse(f, "reopen: the incident is open")
	case r.over():
		r.refuse(f, fmt.Sprintf("reopen: the incident is %s for good; open a new one and link it", r.phase))
	case !r.reopenable(f):
		r.refuse(f, fmt.Sprintf("reopen: it can be reopened within %s of its last resolution or closing, and %d times at most; open a new incident and link it", r.plan.ReopenWithin, maxRounds-1))
	default:
		r.nextRound(f)
	}
}

// reopenByContact starts another round because the customer came back with more than
// thanks. One that comes too late reopens nothing.
func (r *run) reopenByContact(f *stamp.Fact) {
	e := f.Entry
	if e.Contact == nil || e.Contact.Direction != v1alpha1.FromCustomer || e.Contact.AcknowledgementOnly || belongsToUs(e) {
		return
	}
	if (r.phase == v1alpha1.PhaseResolved || r.phase == v1alpha1.PhaseClosed) && r.reopenable(f) {
		r.nextRound(f)
	}
}

// reopenable says whether a fact comes in time to reopen.
func (r *run) reopenable(f *stamp.Fact) bool {
	last := r.resolved.at
	if r.closed.on {
		last = stamp.Later(last, r.closed.at)
	}
	return r.round < maxRounds && !f.At.After(last.Add(r.plan.ReopenWithin))
}

// nextRound runs every step again, from the apology on. What was achieved before
// stays as it was.
func (r *run) nextRound(f *stamp.Fact) {
	r.stopSteps(v1alpha1.ClockReopenedReason, f)
	r.takeOverBefore(f.At)
	r.gaps = append(r.gaps, span{r.resolved.at, f.At})
	r.round++
	r.phase = v1alpha1.PhaseOpen
	r.resolved.set(false, f.At)
	r.closed.set(false, f.At)
	r.accepted = ""
	r.beginRound(f.At)
}

// belongsToUs says whether a contact is the channel of something that we did or asked:
// a follow-up that was completed or that the customer did not need, a promise that was
// kept, a feedback that was given.
func belongsToUs(e *v1alpha1.JournalEntry) bool {
	return e.Completion != nil || e.Skip != nil || e.Outcome != nil || e.Feedback != nil
}
