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
	// coming is one more that is not pinned yet, and comingAt from when on it is to hold.
	coming   *policy.Plan
	comingAt time.Time
	// reigns are the plans that have held so far, in order.
	reigns []reign

	facts []stamp.Fact
	// seen is how many facts were applied, the one under way included.
	seen int

	// What the facts say so far.
	start    time.Time // of the clocks of round one: the report
	header   policy.Header
	customer *v1alpha1.Customer // of the header, as amended
	severity v1alpha1.Severity
	owner    v1alpha1.User
	phase    v1alpha1.Phase
	round    int
	roundAt  time.Time // of the round's beginning
	gaps     []span    // between the resolutions and the reopenings after them
	steps    []step    // of the round, in the order of the plan
	clocks   []*clock  // of all rounds, in order of their start
	room     []clock   // see newClock

	holds    []*hold // in order of their beginning
	spans    []span  // see pauses
	slow     []span  // see slowed
	promises []*promise
	tasks    []*task
	remedies []*remedy    // the Compensations
	turns    []remedyTurn // of the remedies, in order of their instants
	turned   int          // how many of them were taken
	// The clocks that there is one of at a time; nil where there is none.
	response, update, resolution, assigning, accepting *clock
	spare                                              *clock // of a silence that is not listed, to be used again

	heardAt             time.Time // when the customer last heard from us, in this round
	severities          []severityChange
	unanswered          *stamp.Fact   // the oldest contact that nobody has answered
	assignment          v1alpha1.Name // the entry of the latest one
	unaccepted          *stamp.Fact   // the latest assignment, until it is accepted
	waitedForAcceptance time.Duration
	waitedForApproval   time.Duration
	approvalsSince      time.Time // since when approvals are waited for without a break
	dissatisfied        []dissatisfaction
	reopenedByFeedback  bool

	resolved, closed, journal flip
	held, risk, late          flip
	riskWhy                   string
	resolvedSeen              int  // how many facts had come when it was resolved
	scheduled, broken, well   flip // a contact with the customer, a promise, the end
	untold, documented        flip
	pending, undelivered      flip      // an approval, a delivery
	anyLate, anyUntold        bool      // whether there is anything to look for
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
		if r.apply(f) {
			r.judge(f.At)
		} else {
			r.judged(f.At)
		}
	}
	// What is written of a Compensation has come, also where this clock is behind.
	for t := r.nextTurn(); t != nil; t = r.nextTurn() {
		r.advance(t.at)
		r.happen(moment{kind: remedyTurns, at: t.at})
	}
	r.advanceToNow()
	r.finish()
}

// advance lets time pass up to, and not including, the instant of the next fact.
func (r *run) advance(to time.Time) {
	for e := r.next(); e.kind != nothing && e.at.Before(to); e = r.next() {
		r.passAll(e.at)
		r.happen(e)
	}
	r.passAll(to)
}

func (r *run) passAll(to time.Time) {
	r.stayClosed(to)
	for _, c := range r.clocks {
		r.pass(c, to)
	}
	r.judgePassed(to)
}

// advanceToNow lets time pass up to and including now.
func (r *run) advanceToNow() {
	for e := r.next(); e.kind != nothing && !e.at.After(r.now); e = r.next() {
		r.passAll(e.at)
		r.happen(e)
	}
	r.stayClosed(r.now.Add(1))
	for _, c := range r.clocks {
		r.passNow(c)
	}
	r.judgePassed(r.end())
	if e := r.next(); e.kind != nothing {
		r.wakeBy(e.at)
	}
}

// happening is what happens by itself and changes more than its own clock.
type happening int

// In one instant they come in this order.
const (
	nothing happening = iota
	remedyTurns
	holdEnds
	stepStarts
	revisionTakesOver
	promiseBreaks
	riskBegins
)

// moment is when something happens by itself, and to what.
type moment struct {
	kind    happening
	at      time.Time
	hold    *hold
	step    int
	promise *promise
}

// next is what happens next beside the facts of the journal: something becomes of a
// Compensation, a hold ends, a step starts whose notBefore has
// passed, another revision takes over, a promise is broken, the resolution cannot be in
// time any more.
func (r *run) next() moment {
	var m moment
	earlier := func(at time.Time) bool { return m.kind == nothing || at.Before(m.at) }
	if t := r.nextTurn(); t != nil {
		m = moment{kind: remedyTurns, at: t.at}
	}
	if h := r.nextHoldEnd(); h != nil && earlier(h.endsAt) {
		m = moment{kind: holdEnds, at: h.endsAt, hold: h}
	}
	if i := r.nextStart(); i >= 0 && earlier(r.steps[i].startAt) {
		m = moment{kind: stepStarts, at: r.steps[i].startAt, step: i}
	}
	if at, found := r.nextRollout(); found && earlier(at) {
		m = moment{kind: revisionTakesOver, at: at}
	}
	if p := r.nextPromiseDue(); p != nil && earlier(p.due) {
		m = moment{kind: promiseBreaks, at: p.due, promise: p}
	}
	if at, found := r.nextRisk(); found && earlier(at) {
		m = moment{kind: riskBegins, at: at}
	}
	return m
}

// happen lets it happen.
func (r *run) happen(m moment) {
	switch m.kind {
	case remedyTurns:
		r.takeTurn()
	case holdEnds:
		r.endHold(m.hold, m.at)
	case stepStarts:
		r.startStep(m.step, m.at)
	case revisionTakesOver:
		r.rollOut(m.at)
	case promiseBreaks:
		r.passPromise(m.promise)
		return
	}
	r.judge(m.at)
}

// apply takes one fact. A contact beside another member comes first: it is how the
// act was done.
//
// It says whether anything can have changed: a note does that only for what waits.
func (r *run) apply(f *stamp.Fact) bool {
	taken := f.Entry.Contact != nil || f.Entry.Finding != nil
	r.contact(f)
	taken = r.takeWork(f) || r.takeWord(f) || taken
	if !taken && !r.anyWaits() {
		return false
	}
	r.reopenByContact(f)
	r.retryCompletions(f.At, f)
	r.retryClaims(f.At)
	return true
}

// anyWaits says whether a completion, or a claim that a promise was kept, waits for facts.
func (r *run) anyWaits() bool {
	for i := range r.steps {
		if len(r.steps[i].pending) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(r.promises, func(p *promise) bool { return p.claim != nil })
}

// takeWork takes the members that say how the work goes on, if it is one of them.
func (r *run) takeWork(f *stamp.Fact) bool {
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
	default:
		return false
	}
	return true
}

// takeWord takes the members that say what people owe or think, if it is one of them.
func (r *run) takeWord(f *stamp.Fact) bool {
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
	default:
		return false
	}
	return true
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
