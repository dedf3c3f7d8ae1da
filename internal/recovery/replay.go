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
	steps    []step    // of the round, in the order of the plan
	clocks   []*clock  // of all rounds, in order of their start

	resolved, closed, journal flip
	endedBy                   string // the reason of a cancel, or the incident merged into
	documented                flip
	accepted                  v1alpha1.Accepted
	acceptedAt                time.Time

	// What does not count, and why.
	refused   []remark // entries that count for nothing
	headerBad []remark // fields of the header that count for nothing
	failed    []remark // verdicts that are false because an expression failed

	// What is read back, with what this replay adds.
	pins      []v1alpha1.Pin
	recorded  []v1alpha1.Recorded
	announced []v1alpha1.Announced
	latched   []v1alpha1.Latched

	// lastWarnings is the highest new warning of each running clock, to be told.
	lastWarnings []warning
	wake         time.Time
}

// remark is something to tell the author of an entry or a policy.
type remark struct {
	subject string // the entry's id, or a field
	text    string
}

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

// play takes all facts in order and lets time pass between them and up to now.
func (r *run) play() {
	r.readHeader()
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
	for i := r.nextStart(); i >= 0 && r.steps[i].startAt.Before(to); i = r.nextStart() {
		r.startLater(i)
	}
	for _, c := range r.clocks {
		r.pass(c, to)
	}
}

// advanceToNow lets time pass up to and including now.
func (r *run) advanceToNow() {
	i := r.nextStart()
	for ; i >= 0 && !r.steps[i].startAt.After(r.now); i = r.nextStart() {
		r.startLater(i)
	}
	if i >= 0 {
		r.wakeBy(r.steps[i].startAt)
	}
	for _, c := range r.clocks {
		r.passNow(c)
	}
}

// startLater starts a step whose notBefore has passed.
func (r *run) startLater(i int) {
	at := r.steps[i].startAt
	r.startStep(i, at)
	r.judge(at)
}

// apply takes one fact. A contact beside another member is the channel of that
// member; its own effects come after it.
func (r *run) apply(f *stamp.Fact) {
	e := f.Entry
	switch {
	case e.Completion != nil:
		r.complete(f)
	case e.Skip != nil:
		r.skip(f)
	case e.Retarget != nil:
		r.retarget(f)
	case e.Assignment != nil:
		r.owner = e.Assignment.Owner
	case e.Amend != nil:
		r.amend(f)
	case e.Reopen != nil:
		r.reopenByEntry(f)
	case e.Cancel != nil:
		r.cancel(f)
	case e.Merge != nil:
		r.merge(f)
	}
	r.reopenByContact(f)
	r.retryCompletions(f.At)
}

// judge derives the verdicts that follow from the facts up to an instant.
func (r *run) judge(at time.Time) {
	r.rephase(at)
	r.documented.set(r.isDocumented(), at)
	r.journal.set(r.hasRemarks(), at)
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

// over says that the incident has ended by a cancel or a merge, which nothing undoes.
func (r *run) over() bool {
	return r.phase == v1alpha1.PhaseCancelled || r.phase == v1alpha1.PhaseMerged
}
