package recovery

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// promise is what was said to a customer. It runs on the wall clock, and no hold, no
// retarget and no end of the incident moves it.
type promise struct {
	id    v1alpha1.Name
	due   time.Time
	clock *clock // nil until it counts
	// replaces is the promise that it supersedes; replacedBy is one that supersedes it
	// and was not told to the customer yet.
	replaces, replacedBy *promise
	// changes is how often the first promise was superseded on the way here.
	changes int
	forStep int // the place of a step, or -1
	kept    bool
	broken  bool
	// claim says that it was kept, and lacks a contact or evidence so far.
	claim *stamp.Fact
	// madeBy is how many facts there were once it counted: what keeps it comes after.
	madeBy int
}

// open says whether the promise is still to be kept.
func (p *promise) open() bool {
	return p.clock != nil && p.clock.running()
}

// promise takes a promise. One that supersedes another counts from when the customer
// was told of it, on this entry or by a later contact, before the old one was due.
func (r *run) promise(f *stamp.Fact) {
	e := f.Entry.Promise
	p := &promise{id: f.Entry.ID, forStep: -1}
	var err error
	if p.due, err = dueInstant(f, e.Due, e.Within); err != nil {
		r.refuse(f, "promise."+err.Error())
		return
	}
	if e.ForStep != "" && r.plan != nil {
		if p.forStep = r.plan.StepNamed(e.ForStep); p.forStep < 0 {
			r.refuse(f, fmt.Sprintf("promise.forStep: there is no step %q in policy %s; its steps are %s", e.ForStep, r.plan.Policy, r.plan.StepNames()))
			return
		}
	}
	if e.Supersedes == "" {
		r.promises = append(r.promises, p)
		r.startPromise(p, f.At)
		return
	}
	old, refusal := r.supersedable(e.Supersedes)
	if refusal != "" {
		r.refuse(f, "promise.supersedes: "+refusal)
		return
	}
	p.replaces, p.changes, old.replacedBy = old, old.changes+1, p
	r.promises = append(r.promises, p)
	if reachedByPerson(f.Entry) {
		r.supersede(p, f)
	}
}

// dueInstant is the due instant of a promise or a task. A within counts from the
// claimed time, where there is one.
func dueInstant(f *stamp.Fact, due *metav1.Time, within v1alpha1.Duration) (time.Time, error) {
	if within != "" {
		d, err := policy.ParseDuration(within)
		if err != nil {
			return time.Time{}, fmt.Errorf("within: %w", err)
		}
		from := f.At
		if at := f.Entry.At; at != nil && at.Time.Before(from) {
			from = at.UTC().Truncate(time.Second)
		}
		return from.Add(d), nil
	}
	if due == nil {
		return time.Time{}, errors.New("due: give an instant, or a duration in within")
	}
	at := due.UTC().Truncate(time.Second)
	if !at.After(f.At) {
		return at, fmt.Errorf("due: %s is not after it was recorded (%s); say when it will be", stampText(at), stampText(f.At))
	}
	return at, nil
}

// supersedable finds a promise that may be superseded, or says why it may not.
func (r *run) supersedable(id v1alpha1.Name) (*promise, string) {
	for _, p := range r.promises {
		if p.id != id {
			continue
		}
		switch {
		case p.broken:
			return nil, fmt.Sprintf("the promise %q is broken; make a new one", id)
		case !p.open():
			return nil, fmt.Sprintf("the promise %q is not open", id)
		case p.replacedBy != nil:
			return nil, fmt.Sprintf("the promise %q is superseded by %q already, which the customer is to be told", id, p.replacedBy.id)
		case r.plan != nil && p.changes >= r.plan.MaxSupersedes:
			return nil, fmt.Sprintf("the policy lets a promise be superseded %d times, and %q is at that; keep it", r.plan.MaxSupersedes, id)
		}
		return p, ""
	}
	return nil, fmt.Sprintf("there is no promise %q in this journal", id)
}

// supersede lets a promise take the place of the one it replaces, also as the slot of
// its step. The first due instant stays visible.
func (r *run) supersede(p *promise, f *stamp.Fact) {
	old := p.replaces
	old.replacedBy = nil
	if i := old.forStep; p.forStep < 0 && i >= 0 && i < len(r.steps) && r.steps[i].slot.Equal(old.due) {
		p.forStep = i
	}
	old.clock.end(v1alpha1.StateCancelled, v1alpha1.ClockSupersededReason, f.At, f.Entry.ID)
	r.startPromise(p, f.At)
	p.clock.originalDueAt = old.clock.originalDueAt
}

// startPromise lets a promise count.
func (r *run) startPromise(p *promise, at time.Time) {
	p.madeBy = r.seen
	p.clock = r.startClock(v1alpha1.ClockPromise, clockName(v1alpha1.ClockPromise, p.id, 1), at, &policy.Deadline{At: p.due})
	// A slot that had passed when it was recorded can be chosen by nobody.
	if p.forStep >= 0 && p.forStep < len(r.steps) && p.due.After(at) {
		r.steps[p.forStep].slot = p.due
		if c := r.steps[p.forStep].clock; c != nil && r.steps[p.forStep].state == stepRunning {
			r.chooseSlot(c, p.due, at)
		}
	}
}

// chooseSlot lets a step be due at the slot that the customer chose, also where a hold
// has paused it.
func (r *run) chooseSlot(c *clock, due, at time.Time) {
	if !c.running() && c.state != v1alpha1.StatePaused {
		return // It ended with the incident.
	}
	c.slot = due
	r.recount(c, at)
	r.setDue(c)
	c.reason = v1alpha1.ClockSlotChosenReason
}

// tellSuperseded lets the superseding promises count that the customer has now heard of.
func (r *run) tellSuperseded(f *stamp.Fact) {
	for _, p := range r.promises {
		old := p.replaces
		switch {
		case old == nil || old.replacedBy != p || old.fulfilledBy(f.Entry):
		case p.due.Before(f.At):
			r.refuseReplacement(old, fmt.Sprintf("it was due at %s, before the customer was told of it, so that %q stands", stampText(p.due), old.id))
		default:
			r.supersede(p, f)
		}
	}
}

// fulfilledBy says whether a promise that is open ends as kept or released by an entry
// that has reached the customer: the entry says so, or it is what an earlier claim has
// waited for. To fulfil comes first in its instant, so that nothing replaces it then.
func (p *promise) fulfilledBy(e *v1alpha1.JournalEntry) bool {
	o := e.Outcome
	if o == nil || o.Promise != p.id || o.Result == v1alpha1.ResultAttempted {
		return p.claim != nil
	}
	return o.Result != v1alpha1.ResultBroken
}

// refuseReplacement says of the promise that was to replace this one, if there is one,
// why it counts for nothing.
func (r *run) refuseReplacement(p *promise, why string) {
	if q := p.replacedBy; q != nil {
		r.refused = append(r.refused, remark{string(q.id), "promise.supersedes: " + why})
		p.replacedBy = nil
	}
}

// fulfil ends a promise that is kept or released. One that was to replace it, and of which
// the customer was not told, is refused then, as it would be had it been recorded after
// this.
func (r *run) fulfil(p *promise, state v1alpha1.ClockState, reason string, at time.Time, by v1alpha1.Name) {
	p.clock.end(state, reason, at, by)
	p.claim = nil
	r.refuseReplacement(p, fmt.Sprintf("%q was %s before the customer was told of this one, which replaces nothing now; make a new promise of what is still owed", p.id, strings.ToLower(reason)))
}

// promiseOutcome takes what became of a promise.
func (r *run) promiseOutcome(f *stamp.Fact) {
	o := f.Entry.Outcome
	for _, p := range r.promises {
		if p.id == o.Promise && p.clock != nil {
			r.settlePromise(p, f)
			return
		}
	}
	r.refuse(f, fmt.Sprintf("outcome.promise: there is no promise %q in this journal that counts", o.Promise))
}

func (r *run) settlePromise(p *promise, f *stamp.Fact) {
	switch result := f.Entry.Outcome.Result; {
	case result == v1alpha1.ResultBroken:
		r.breakPromise(p, f)
	case !p.open():
		// It is settled; another outcome adds its contact and note to the record.
	case result == v1alpha1.ResultReleased:
		r.fulfil(p, v1alpha1.StateCancelled, v1alpha1.ClockReleasedReason, f.At, f.Entry.ID)
	case result == v1alpha1.ResultKept:
		p.claim = f
		r.tryKept(p, f.At)
	}
}

// tryKept keeps a promise that is claimed to be kept, if a contact has reached the
// customer since it was made, or the claim has a note as evidence. Else the claim
// waits, as a completion does.
func (r *run) tryKept(p *promise, at time.Time) {
	if p.claim.Entry.Note == "" && !r.after(p.madeBy, reachedByPerson) {
		return
	}
	p.kept = true
	r.fulfil(p, v1alpha1.StateDone, v1alpha1.ClockKeptReason, at, p.claim.Entry.ID)
}

// retryClaims looks again at claims that a promise was kept.
func (r *run) retryClaims(at time.Time) {
	for _, p := range r.promises {
		if p.open() && p.claim != nil {
			r.tryKept(p, at)
		}
	}
}

// breakPromise takes the admission that a promise was not kept. After a claim that it
// was, it overturns the claim, and the breach is dated at the due instant; before the
// due instant, it is dated at the admission.
func (r *run) breakPromise(p *promise, f *stamp.Fact) {
	if p.clock.state == v1alpha1.StateCancelled || p.broken && !p.open() {
		return
	}
	at := stamp.Earlier(p.due, f.At)
	p.kept, p.clock.disputedBy = false, ""
	if p.clock.breachedAt.IsZero() {
		r.breach(p.clock, at)
	}
	p.clock.end(v1alpha1.StateDone, v1alpha1.ClockBrokenReason, f.At, "")
	if !p.broken {
		r.promiseBroken(p, f.At)
	}
}

// promiseBroken is what follows from a broken promise: the failure to keep it is a
// second failure, and needs a second apology.
func (r *run) promiseBroken(p *promise, at time.Time) {
	p.broken = true
	r.broken.set(true, at)
	r.refuseReplacement(p, fmt.Sprintf("the customer was not told before %q was due, so that one stands, and is broken", p.id))
	if r.final() {
		return
	}
	for i := range r.steps {
		if r.plan.Steps[i].Type == v1alpha1.StepApology && r.steps[i].state == stepSettled {
			r.steps[i] = step{eligibleAt: at, startAt: at, again: r.steps[i].again + 1}
			r.startStep(i, at)
		}
	}
}

// nextPromiseDue is the open promise that is due first, and certainly broken if no fact
// comes before; or nil.
func (r *run) nextPromiseDue() *promise {
	var next *promise
	for _, p := range r.promises {
		// A breach that was written stands, also against a fact that was seen later, unless
		// it was written because of an admission, which counts with its own time.
		owed := p.open() || p.clock != nil && p.clock.latched && !r.admitted(p)
		if owed && !p.broken && !r.settledBy.Before(p.due) && (next == nil || p.due.Before(next.due)) {
			next = p
		}
	}
	return next
}

// admitted says whether somebody recorded, by now, that a promise was not kept.
func (r *run) admitted(p *promise) bool {
	return slices.ContainsFunc(r.facts, func(f stamp.Fact) bool {
		o := f.Entry.Outcome
		return o != nil && o.Promise == p.id && o.Result == v1alpha1.ResultBroken
	})
}

// overAt is when the promise is over if nothing keeps it: its due instant; or, where it
// was recorded only after that, then. No fact of that instant comes before.
func (p *promise) overAt() time.Time {
	return stamp.Later(p.due, p.clock.startedAt)
}

// passPromise breaks a promise at its due instant.
func (r *run) passPromise(p *promise) {
	r.passDue(p.clock)
	r.promiseBroken(p, p.overAt())
	r.judge(p.overAt())
}

// reachedByPerson says whether an entry has a person's own contact that reached this
// customer.
func reachedByPerson(e *v1alpha1.JournalEntry) bool {
	c := e.Contact
	return c != nil && c.Direction == v1alpha1.ToCustomer && c.Reached && !c.Automated && c.Audience != v1alpha1.AudienceAll
}
