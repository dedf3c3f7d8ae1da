package recovery

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// run is one replay of an incident.
type run struct {
	snapshot *Snapshot
	inc      *v1alpha1.Incident
	plan     *policy.Plan
	now      time.Time
	// settledBy is the last instant of which it is known that no earlier fact will come:
	// a due instant at or before it has passed.
	settledBy time.Time

	// rollouts are the revisions that take over later, and rolled how many have.
	rollouts []*policy.Plan
	rolled   int

	facts []stamp.Fact
	// seen is how many facts were applied, the one under way included.
	seen int

	// What the facts say so far.
	start    time.Time // of the clocks of round one: the report
	header   policy.Header
	severity v1alpha1.Severity
	owner    v1alpha1.User
	phase    v1alpha1.Phase
	round    int
	roundAt  time.Time // of the round's beginning
	gaps     []span    // between the resolutions and the reopenings after them
	steps    []step    // of the round, in the order of the plan
	clocks   []*clock  // of all rounds, in order of their start

	holds    []*hold // in order of their beginning
	promises []*promise
	tasks    []*task
	// The clocks that there is one of at a time; nil where there is none.
	response, update, resolution, assigning, accepting *clock

	heardAt             time.Time // when the customer last heard from us, in this round
	severities          []severityChange
	unanswered          *stamp.Fact   // the oldest contact that nobody has answered
	assignment          v1alpha1.Name // the entry of the latest one
	unaccepted          *stamp.Fact   // the latest assignment, until it is accepted
	waitedForAcceptance time.Duration
	dissatisfied        []dissatisfaction
	reopenedByFeedback  bool

	resolved, closed, journal flip
	held, risk, late          flip
	resolvedSeen              int  // how many facts had come when it was resolved
	scheduled, broken, well   flip // a contact with the customer, a promise, the end
	untold, documented        flip
	judgedAt                  time.Time // the last instant at which verdicts were derived
	endedBy                   string    // the reason of a cancel, or the incident merged into
	accepted                  v1alpha1.Accepted
	acceptedAt                time.Time

	// What does not count, and why.
	refused   []remark // entries that count for nothing
	headerBad []remark // fields of the header that count for nothing
	failed    []remark // verdicts that are false because an expression failed

	// What expressions have answered in this replay.
	verdicts map[evaluation]verdict
	budgets  map[int]*policy.Budget // by the place of the entry
	amended  int                    // how often the header was amended

	// What is read back, with what this replay adds.
	pins      []v1alpha1.Pin
	recorded  []v1alpha1.Recorded
	announced []v1alpha1.Announced
	latched   []v1alpha1.Latched

	// lastWarnings is the highest new warning of each running clock, to be told.
	lastWarnings []warning
	// escalations are the levels that are told now.
	escalations []escalation
	wake        time.Time

	// watch, where it is set, looks at the run after each thing that has happened.
	watch func(at time.Time)
}

// remark is something to tell the author of an entry or a policy.
type remark struct {
	subject string // the entry's id, or a field
	text    string
}

// play takes all facts in order and lets time pass between them and up to now.
func (r *run) play() {
	r.readHeader()
	r.facts = slices.DeleteFunc(r.facts, r.datedBefore)
	r.beginRound(r.start)
	r.judge(r.start)
	for i := range r.facts {
		f := &r.facts[i]
		r.advance(f.At)
		r.seen = i + 1
		r.apply(f)
		r.judge(f.At)
	}
	r.advanceToNow()
	r.finish()
}

// advance lets time pass up to, and not including, the instant of the next fact.
func (r *run) advance(to time.Time) {
	for at, happen := r.next(); happen != nil && at.Before(to); at, happen = r.next() {
		r.passAll(at)
		happen()
	}
	r.passAll(to)
}

func (r *run) passAll(to time.Time) {
	for _, c := range r.clocks {
		r.pass(c, to)
	}
	r.judgePassed(to)
}

// advanceToNow lets time pass up to and including now.
func (r *run) advanceToNow() {
	at, happen := r.next()
	for ; happen != nil && !at.After(r.now); at, happen = r.next() {
		r.passAll(at)
		happen()
	}
	if happen != nil {
		r.wakeBy(at)
	}
	for _, c := range r.clocks {
		r.passNow(c)
	}
	r.judgePassed(r.end())
}

// next is what happens next by itself and changes more than its own clock: a hold
// ends, a step starts whose notBefore has passed, another revision takes over, a promise
// is broken. In one instant they come in this order.
func (r *run) next() (at time.Time, happen func()) {
	if h := r.nextHoldEnd(); h != nil {
		at, happen = h.endsAt, func() { r.endHold(h, h.endsAt); r.judge(h.endsAt) }
	}
	if i := r.nextStart(); i >= 0 && (happen == nil || r.steps[i].startAt.Before(at)) {
		start := r.steps[i].startAt
		at, happen = start, func() { r.startStep(i, start); r.judge(start) }
	}
	if rollAt, found := r.nextRollout(); found && (happen == nil || rollAt.Before(at)) {
		at, happen = rollAt, func() { r.rollOut(rollAt); r.judge(rollAt) }
	}
	if p := r.nextPromiseDue(); p != nil && (happen == nil || p.due.Before(at)) {
		at, happen = p.due, func() { r.passPromise(p) }
	}
	return at, happen
}

// apply takes one fact. A contact beside another member comes first: it is how the
// act was done.
func (r *run) apply(f *stamp.Fact) {
	r.contact(f)
	r.take(f)
	r.reopenByContact(f)
	r.retryCompletions(f.At)
	r.retryClaims(f.At)
}

// take takes the member of an entry that tells its fact.
func (r *run) take(f *stamp.Fact) {
	r.takeWork(f)
	r.takeWord(f)
}

// takeWork takes the members that say how the work goes on.
func (r *run) takeWork(f *stamp.Fact) {
	e := f.Entry
	switch {
	case e.Completion != nil:
		r.complete(f)
	case e.Skip != nil:
		r.skip(f)
	case e.Hold != nil:
		r.hold(f)
	case e.Resume != nil:
		r.resume(f)
	case e.Retarget != nil:
		r.retarget(f)
	case e.Reopen != nil:
		r.reopenByEntry(f)
	case e.Cancel != nil:
		r.cancel(f)
	case e.Merge != nil:
		r.merge(f)
	}
}

// takeWord takes the members that say what people owe or think.
func (r *run) takeWord(f *stamp.Fact) {
	e := f.Entry
	switch {
	case e.Promise != nil:
		r.promise(f)
	case e.Task != nil:
		r.task(f)
	case e.Outcome != nil && e.Outcome.Promise != "":
		r.promiseOutcome(f)
	case e.Outcome != nil:
		r.taskOutcome(f)
	case e.Assignment != nil:
		r.assign(f)
	case e.Acceptance != nil:
		r.takeOn(f)
	case e.Feedback != nil && r.plan != nil:
		r.feedback(f)
	case e.Amend != nil:
		r.amend(f)
	}
}

// refuse lets an entry count for nothing.
func (r *run) refuse(f *stamp.Fact, text string) {
	r.refused = append(r.refused, remark{subject: string(f.Entry.ID), text: text})
}

// fail keeps that an expression failed, once.
func (r *run) fail(subject, text string) {
	if m := (remark{subject: subject, text: text}); !slices.Contains(r.failed, m) {
		r.failed = append(r.failed, m)
	}
}

// wakeBy asks to be woken at an instant at the latest.
func (r *run) wakeBy(at time.Time) {
	if r.wake.IsZero() || at.Before(r.wake) {
		r.wake = at
	}
}

// final says that the incident has ended, for good or until it is reopened.
func (r *run) final() bool {
	return r.over() || r.phase == v1alpha1.PhaseClosed
}

// over says that the incident has ended by a cancel or a merge, which nothing undoes.
func (r *run) over() bool {
	return r.phase == v1alpha1.PhaseCancelled || r.phase == v1alpha1.PhaseMerged
}
