package recovery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// An incident of up to sixty entries on its way, also while its policy is rolled out to it:
//
//   - the replay of the journal from empty says the same, but for what is read back
//     (isDerived);
//   - done clocks never change (staysDone);
//   - an open incident has a next customer contact due, or says why not (hasContact);
//   - an end absorbs (absorbs);
//   - elapsed never falls, but where another revision counts anew (neverFalls).
func TestClocksOnTheWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := throws(t)
		s := newSim(t, d)
		if s == nil {
			t.Skip("the policy is wrong")
		}
		s.Skew = 0
		s.Incident = d.incident()
		journal := d.journal(60)
		if d.one(3) {
			s.edit(d, journal)
		}
		s.onTheWay(journal)
	})
}

// onTheWay looks at each fact, and whenever the incident asks to be woken, at most so often.
func (s *sim) onTheWay(journal []v1alpha1.JournalEntry) {
	s.Helper()
	counts := map[string]recovery.Count{}
	for now, looks := zero, 0; looks < 150; looks++ {
		journal = s.see(journal, now)
		s.roll(now)
		was := s.Incident.Status
		d, text := s.ask(now)
		if s.take(text) {
			counts = nil // Another revision may count otherwise, and holds may pause other clocks.
		}
		s.isDerived(text, now)
		s.staysDone(&was, &s.Incident.Status, now)
		s.hasContact(&s.Incident.Status, now)
		s.absorbs(&s.Incident.Status, now)
		counts = s.neverFalls(counts, now)
		checkBounds(s, &s.Incident.Status)
		next, more := d.WakeAt, !d.WakeAt.IsZero()
		if len(journal) > 0 && (!more || journal[0].RecordedAt.Time.Before(next)) {
			next, more = journal[0].RecordedAt.Time, true
		}
		if at, found := s.nextEdition(now); found && (!more || at.Before(next)) {
			next, more = at, true
		}
		if !more {
			return
		}
		now = next
	}
}

// isDerived checks that the status follows from what is read back alone.
func (s *sim) isDerived(text string, now time.Time) {
	s.Helper()
	kept := s.Incident.Status
	s.Incident.Status = v1alpha1.IncidentStatus{Pins: kept.Pins, Recorded: kept.Recorded, Announced: kept.Announced, Latched: kept.Latched}
	_, again := s.ask(now)
	s.same("wiped at "+offset(now)+", it does not come back the same", text, again)
	s.Incident.Status = kept
}

// staysDone checks that a clock that is done is changed by nothing later: only the total
// time goes on after a reopening, and an admission overturns that a promise was kept.
func (s *sim) staysDone(was, next *v1alpha1.IncidentStatus, now time.Time) {
	s.Helper()
	for i := range was.Clocks {
		c := &was.Clocks[i]
		then := find(next, c.Name)
		overturned := then != nil && then.Reason == v1alpha1.ClockBrokenReason && c.Kind == v1alpha1.ClockPromise
		if c.State == v1alpha1.StateDone && c.Kind != v1alpha1.ClockResolution && !overturned {
			s.same("at "+offset(now)+" a clock that is done has changed", s.text(c), s.text(then))
		}
	}
	for i := range next.Clocks {
		if c := &next.Clocks[i]; c.State == v1alpha1.StatePaused && (c.DueAt != nil || c.TargetAt != nil) {
			s.Fatalf("at %s %s is paused and due at %v, with the target %v", offset(now), c.Name, c.DueAt, c.TargetAt)
		}
	}
}

// hasContact checks that an incident that has not ended says when the customer hears from
// us next, or that nothing says so.
func (s *sim) hasContact(status *v1alpha1.IncidentStatus, now time.Time) {
	s.Helper()
	c := apimeta.FindStatusCondition(status.Conditions, v1alpha1.NextContactScheduledCondition)
	open := status.Phase == v1alpha1.PhaseOpen || status.Phase == v1alpha1.PhaseResolved
	switch {
	case open != (c != nil):
		s.Fatalf("at %s it is %s, and the next contact is told: %t", offset(now), status.Phase, c != nil)
	case c != nil && (c.Status == metav1.ConditionTrue) != (status.NextContactDueAt != nil):
		s.Fatalf("at %s the next contact is %s, and due at %v", offset(now), c.Status, status.NextContactDueAt)
	case c != nil && c.Message == "":
		s.Fatalf("at %s nothing says why there is no next contact", offset(now))
	}
}

// absorbs checks that nothing of a cancelled or merged incident runs on but what was
// promised to the customer, and prevention.
func (s *sim) absorbs(status *v1alpha1.IncidentStatus, now time.Time) {
	s.Helper()
	if status.Phase != v1alpha1.PhaseCancelled && status.Phase != v1alpha1.PhaseMerged {
		return
	}
	for i := range status.Clocks {
		c := &status.Clocks[i]
		if c.State == v1alpha1.StateDone || c.State == v1alpha1.StateCancelled {
			continue
		}
		if !slices.Contains([]v1alpha1.ClockKind{v1alpha1.ClockPromise, v1alpha1.ClockResponse, v1alpha1.ClockTask}, c.Kind) || c.State == v1alpha1.StatePaused {
			s.Fatalf("at %s it is %s, and %s is %s", offset(now), status.Phase, c.Name, c.State)
		}
	}
}

// neverFalls checks that no clock has counted less than before, as long as it counts the
// same from the same instant.
func (s *sim) neverFalls(before map[string]recovery.Count, now time.Time) map[string]recovery.Count {
	s.Helper()
	next := recovery.Counts(&s.Snapshot, now)
	for name, c := range next {
		was, ok := before[name]
		if ok && was.Deadline.Business == c.Deadline.Business && was.From.Equal(c.From) && c.Elapsed < was.Elapsed {
			s.Fatalf("at %s %s has counted %s, and before %s", offset(now), name, c.Elapsed, was.Elapsed)
		}
	}
	return next
}

// essence is what a hold decides: all but the words about it, and what was due first,
// which a step that starts in a hold is told only at its end.
func essence(status *v1alpha1.IncidentStatus) v1alpha1.IncidentStatus {
	out := *status.DeepCopy()
	out.Conditions, out.ObservedGeneration, out.Pins = nil, 0, nil
	for i := range out.Announced {
		out.Announced[i].ObservedAt = nil
	}
	for i := range out.Clocks {
		out.Clocks[i].ObservedAt, out.Clocks[i].OriginalDueAt, out.Clocks[i].Reason = nil, nil, ""
	}
	return out
}

// put inserts entries into a journal where their times say, after those of the same time.
func put(journal []v1alpha1.JournalEntry, entries ...fixture.EntryBuilder) []v1alpha1.JournalEntry {
	out := slices.Clone(journal)
	for _, b := range entries {
		e := b.Build()
		at, _ := slices.BinarySearchFunc(out, e, func(a, b v1alpha1.JournalEntry) int {
			if a.RecordedAt.After(b.RecordedAt.Time) {
				return 1
			}
			return -1
		})
		out = slices.Insert(out, at, e)
	}
	return out
}

// check runs a property so many times as often as the command line says.
func check(t *testing.T, times int, property func(*rapid.T)) {
	t.Helper()
	for i := range times {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, property)
		})
	}
}

// simUnder is an incident under a policy; nil where the policy is wrong.
func simUnder(t judge, spec v1alpha1.RecoveryPolicySpec) *sim {
	plan, problems := policy.Compile("desk", "desk-r1", policy.Content{Policy: policy.Complete(spec), Calendars: calendars()})
	if len(problems) > 0 {
		return nil
	}
	s := &sim{judge: t, spec: spec}
	s.Plan, s.Others = plan, others()
	return s
}

// standsAt is how an incident stands at an instant, looked at for the first time.
func (s *sim) standsAt(inc *v1alpha1.Incident, journal []v1alpha1.JournalEntry, now time.Time) v1alpha1.IncidentStatus {
	s.Incident = inc.DeepCopy()
	s.see(journal, now)
	d := recovery.Decide(&s.Snapshot, now)
	return essence(&d.Status)
}

// A hold that begins and ends while the calendar is closed moves nothing that counts
// business time, and breaches nothing.
func TestAHoldInClosedHoursCostsNothing(t *testing.T) {
	t.Parallel()
	// The office is closed from 6h40m to 70h40m, and in the nights after that. Facts come
	// while it is open: a clock that is done while it is paused has no due instant.
	open := []time.Duration{0, 70*time.Hour + 40*time.Minute, 94*time.Hour + 40*time.Minute}
	closed := [][2]time.Duration{
		{6*time.Hour + 40*time.Minute, 70*time.Hour + 40*time.Minute},
		{78*time.Hour + 40*time.Minute, 94*time.Hour + 40*time.Minute},
		{102*time.Hour + 40*time.Minute, 118*time.Hour + 40*time.Minute},
	}
	check(t, 2, func(t *rapid.T) {
		d := throws(t)
		spec := v1alpha1.RecoveryPolicySpec{CalendarName: "office", Holds: []v1alpha1.HoldRule{pausing("Snow")}}
		spec.Holds[0].Pauses.Clocks = []v1alpha1.ClockKind{"Resolution", "Update"}
		business := func() v1alpha1.Duration { return v1alpha1.Duration(fmt.Sprintf("%dm", 1+d(1500))) }
		for i := range 1 + d(4) {
			step := custom(stepNames[i], fixture.DueBusiness(business()), fixture.WarnAt(int32(1+d(99))))
			if d.one(2) {
				step.After = []v1alpha1.Name{}
			}
			spec.Steps = append(spec.Steps, step)
			spec.Holds[0].Pauses.Steps = append(spec.Holds[0].Pauses.Steps, step.Name)
		}
		spec.Resolution = &v1alpha1.ResolutionLimit{Within: business(), Clock: v1alpha1.ClockBusiness}
		spec.Updates = &v1alpha1.Updates{Every: business(), Clock: v1alpha1.ClockBusiness}
		s := simUnder(t, spec)
		if s == nil {
			t.Fatalf("the policy is wrong")
		}
		inc, journal := fixture.Created(zero, fixture.Incident("coffee")), []v1alpha1.JournalEntry{}
		for i := range d(pick(d, 6, 6, 55)) {
			e := entry(v1alpha1.Name(fmt.Sprintf("e%d", i)))
			at := pick(d, open...) + time.Duration(d(400))*time.Minute
			journal = put(journal, pick(d, e.Completion(stepNames[d(4)]), e.Reached("Phone"), e.Reopen("NotFixed")).RecordedAt(zero.Add(at)))
		}
		held := journal
		for i, hours := range closed {
			length := int((hours[1] - hours[0]) / time.Second)
			from, to := 1+d(length-1), 1+d(length-1)
			h := v1alpha1.Name(fmt.Sprintf("h%d", i))
			held = put(held, entry(h).Hold("Snow").RecordedAt(zero.Add(hours[0]+time.Duration(min(from, to))*time.Second)))
			held = put(held, entry("end-"+h).Resume(h).RecordedAt(zero.Add(hours[0]+time.Duration(max(from, to))*time.Second)))
		}
		now := zero.Add(time.Duration(d(200*60)) * time.Minute)
		bare, under := s.standsAt(inc, journal, now), s.standsAt(inc, held, now)
		for _, list := range [][]v1alpha1.Clock{bare.Clocks, under.Clocks} {
			for i := range list {
				list[i].Reason = "" // says that it was held and resumed
			}
		}
		for i := range under.Clocks {
			if under.Clocks[i].State == v1alpha1.StatePaused {
				return // the hold lasts
			}
		}
		s.same("a hold in closed hours has moved something by "+offset(now), s.text(bare), s.text(under))
	})
}

// To resume a hold and begin it again in the same instant changes nothing.
func TestAHoldInTwoIsOne(t *testing.T) {
	t.Parallel()
	check(t, 2, func(t *rapid.T) {
		d := throws(t)
		spec := d.policy()
		whole := v1alpha1.HoldRule{Reason: "Snow", Pauses: v1alpha1.Pauses{Clocks: []v1alpha1.ClockKind{"Resolution", "Update"}[:1+d(2)]}}
		for i := range spec.Steps {
			if due := spec.Steps[i].Due; spec.Steps[i].Type != v1alpha1.StepApology && (due == nil || due.Within != "") {
				whole.Pauses.Steps = append(whole.Pauses.Steps, spec.Steps[i].Name)
			}
		}
		spec.Holds = append(spec.Holds, whole)
		s := simUnder(t, spec)
		if s == nil {
			t.Skip("the policy is wrong")
		}
		inc, journal := d.incident(), d.journal(pick(d, 20, 20, 56))
		moments := []time.Duration{time.Duration(d(180)) * time.Minute, time.Duration(d(180)) * time.Minute, time.Duration(d(180)) * time.Minute}
		slices.Sort(moments)
		on := func(at time.Duration, e fixture.EntryBuilder) fixture.EntryBuilder { return e.RecordedAt(zero.Add(at)) }
		one := put(journal, on(moments[0], entry("h").Hold("Snow")), on(moments[2], entry("end-h").Resume("h")))
		s.Incident = inc.DeepCopy()
		s.see(one, zero.Add(moments[1]))
		d1, _ := s.ask(zero.Add(moments[1]))
		if c := apimeta.FindStatusCondition(d1.Status.Conditions, v1alpha1.HeldCondition); c == nil || !strings.Contains(c.Message, "h (Snow)") {
			t.Skip("it does not last so long")
		}
		two := put(journal, on(moments[0], entry("h").Hold("Snow")), on(moments[1], entry("end-first").Resume("h")),
			on(moments[1], entry("g").Hold("Snow")), on(moments[2], entry("end-h").Resume("g")))
		for _, now := range []time.Time{zero.Add(moments[1]), zero.Add(moments[2]), zero.Add(4 * time.Hour), zero.Add(100 * time.Hour)} {
			s.same("a hold in two is another one at "+offset(now), s.text(s.standsAt(inc, one, now)), s.text(s.standsAt(inc, two, now)))
		}
	})
}
