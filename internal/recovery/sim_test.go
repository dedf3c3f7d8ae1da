package recovery_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// judge is a test or a property that can end at once.
type judge interface {
	failer
	Fatalf(format string, args ...any)
}

// sim is an incident of which properties are checked. It holds what was written so far.
type sim struct {
	judge
	recovery.Snapshot
	spec v1alpha1.RecoveryPolicySpec
	// editions are later revisions of the policy, rolled out in this order.
	editions []edition
}

// edition is a revision of the policy that is rolled out.
type edition struct {
	At   time.Time // when the API server creates it
	Spec v1alpha1.RecoveryPolicySpec
	plan *policy.Plan
}

// Fatalf fails with the policy and the incident of the case.
func (s *sim) Fatalf(format string, args ...any) {
	s.Helper()
	spec, _ := yaml.Marshal(s.spec)
	inc, _ := yaml.Marshal(s.Incident.Spec)
	later, _ := yaml.Marshal(s.editions)
	s.judge.Fatalf("%s\n\nSkew: %s\nPolicy:\n%s\nRolled out later:\n%s\nIncident:\n%s", fmt.Sprintf(format, args...), s.Skew, spec, later, inc)
}

// Errorf fails at once, as Fatalf does.
func (s *sim) Errorf(format string, args ...any) {
	s.Helper()
	s.Fatalf(format, args...)
}

// newSim is an incident under a policy; nil where the policy is wrong.
func newSim(t judge, d dice) *sim {
	t.Helper()
	spec := policy.Complete(d.policy())
	plan, problems := policy.Compile("desk", "desk-r1", policy.Content{Policy: spec, Calendars: calendars()})
	if len(problems) > 0 {
		return nil
	}
	s := &sim{judge: t, spec: spec}
	s.Plan, s.Others = plan, others()
	s.Skew = pick(d, 0, 0, 2*time.Second)
	return s
}

// edit draws later revisions of the policy, each at the time of an entry or a little
// after one.
func (s *sim) edit(d dice, journal []v1alpha1.JournalEntry) {
	for range d(3) {
		at := zero.Add(time.Second) // The incident is there before.
		if n := len(journal); n > 0 {
			at = latest(at, journal[d(n)].RecordedAt.Time)
		}
		at = at.Add(pick(d, 0, time.Second, time.Minute, 7*time.Minute, time.Hour))
		spec := policy.Complete(d.policy())
		plan, problems := policy.Compile("desk", fmt.Sprintf("desk-r%d", len(s.editions)+2), policy.Content{Policy: spec, Calendars: calendars()})
		if len(problems) == 0 {
			s.editions = append(s.editions, edition{at, spec, plan})
		}
	}
	slices.SortStableFunc(s.editions, func(a, b edition) int { return a.At.Compare(b.At) })
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// roll lets the edition that is current at an instant be the next one, as the operator
// finds it.
func (s *sim) roll(now time.Time) {
	s.Next = nil
	for _, e := range s.editions {
		if !e.At.After(now) {
			s.Next, s.NextCreated = e.plan, e.At
		}
	}
	if n := len(s.Rollouts); n > 0 && s.Rollouts[n-1] == s.Next {
		s.Next = nil
	}
}

// nextEdition is when the next edition comes after an instant.
func (s *sim) nextEdition(now time.Time) (at time.Time, found bool) {
	i := slices.IndexFunc(s.editions, func(e edition) bool { return e.At.After(now) })
	if i < 0 {
		return time.Time{}, false
	}
	return s.editions[i].At, true
}

// text is a value as the API server would store it.
func (s *sim) text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		s.Fatalf("%v", err)
	}
	return string(data)
}

// same compares two texts of one kind of object.
func (s *sim) same(what, want, got string) {
	s.Helper()
	if want == got {
		return
	}
	var a, b any
	_ = json.Unmarshal([]byte(want), &a)
	_ = json.Unmarshal([]byte(got), &b)
	s.Fatalf("%s (-want +got):\n%s", what, cmp.Diff(a, b))
}

// ask asks for a decision and writes nothing.
func (s *sim) ask(now time.Time) (recovery.Decision, string) {
	s.Helper()
	one := recovery.Decide(&s.Snapshot, now)
	text := s.text(one.Status)
	return one, text
}

// pure checks that Decide says the same each time and changes nothing.
func (s *sim) pure(now time.Time) {
	s.Helper()
	before := s.text(s.Incident)
	d, text := s.ask(now)
	twin, twinText := s.ask(now)
	s.same("Decide is not deterministic", text, twinText)
	s.same("its notices are not deterministic", s.text(d.Notices), s.text(twin.Notices))
	s.same("Decide changed the incident", before, s.text(s.Incident))
}

// decide asks for a decision and writes it; asked again, it says the same and tells
// nothing.
func (s *sim) decide(now time.Time) recovery.Decision {
	s.Helper()
	d, text := s.ask(now)
	s.take(text)
	again, textAgain := s.ask(now)
	s.same("asked again at "+offset(now), text, textAgain)
	if len(again.Notices) > 0 {
		s.Fatalf("asked again at %s, it tells again: %v", offset(now), tell(again.Notices))
	}
	if !again.WakeAt.Equal(d.WakeAt) {
		s.Fatalf("asked again at %s, it wakes at %s and not at %s", offset(now), offset(again.WakeAt), offset(d.WakeAt))
	}
	if !d.WakeAt.IsZero() && !d.WakeAt.After(now) {
		s.Fatalf("at %s it asks to be woken at %s", offset(now), offset(d.WakeAt))
	}
	checkBounds(s, &d.Status)
	return d
}

// take writes a status, and says whether the next revision is pinned in it: then it is
// the next one no more.
func (s *sim) take(text string) (rolled bool) {
	s.Helper()
	pinned := len(s.Incident.Status.Pins)
	s.write(text)
	rolled = s.Next != nil && pinned > 0 && len(s.Incident.Status.Pins) > pinned
	if rolled {
		s.Rollouts, s.Next = append(s.Rollouts, s.Next), nil
	}
	return rolled
}

func (s *sim) write(text string) {
	s.Helper()
	s.Incident.Status = v1alpha1.IncidentStatus{}
	if err := json.Unmarshal([]byte(text), &s.Incident.Status); err != nil {
		s.Fatalf("%v", err)
	}
}

// see appends the entries of a journal that were recorded by now.
func (s *sim) see(journal []v1alpha1.JournalEntry, now time.Time) []v1alpha1.JournalEntry {
	for len(journal) > 0 && !journal[0].RecordedAt.After(now) {
		s.Incident.Spec.Journal = append(s.Incident.Spec.Journal, journal[0])
		journal = journal[1:]
	}
	s.Incident.Generation = int64(1 + len(s.Incident.Spec.Journal))
	return journal
}

// live plays an incident on time to an instant and checks what must hold on the way.
func (s *sim) live(inc *v1alpha1.Incident, journal []v1alpha1.JournalEntry, until time.Time) {
	s.Helper()
	s.Incident, s.Rollouts = inc.DeepCopy(), nil
	for before, now := zero, zero; ; {
		journal = s.see(journal, now)
		s.roll(now)
		was := *s.Incident.Status.DeepCopy()
		d := s.decide(now)
		s.follows(&was, &d.Status, before, now)
		if !now.Before(until) {
			return
		}
		next := until
		if len(journal) > 0 && journal[0].RecordedAt.Time.Before(next) {
			next = journal[0].RecordedAt.Time
		}
		if at, found := s.nextEdition(now); found && at.Before(next) {
			next = at
		}
		s.rests(now, d.WakeAt, next)
		if !d.WakeAt.IsZero() && d.WakeAt.Before(next) {
			next = d.WakeAt
		}
		before, now = now, next
	}
}

// rests checks that nothing changes until the incident wakes, and something then.
func (s *sim) rests(now, wake, next time.Time) {
	s.Helper()
	text := s.text(s.Incident.Status)
	last := next
	if !wake.IsZero() && !wake.After(next) {
		last = wake
	}
	if at := last.Add(-1); at.After(now) {
		d, textThen := s.ask(at)
		s.same("it changes at "+offset(at)+" before it wakes at "+offset(wake), text, textThen)
		if len(d.Notices) > 0 {
			s.Fatalf("at %s, before it wakes, it tells %v", offset(at), tell(d.Notices))
		}
	}
	if last.Equal(wake) {
		if _, then := s.ask(wake); then == text {
			s.Fatalf("at %s it was woken, and nothing changes", offset(wake))
		}
	}
}

// follows checks that one record follows from another one: the instant since which a
// condition holds moves only with its status, unless that went to and fro in between.
func (s *sim) follows(was, next *v1alpha1.IncidentStatus, before, now time.Time) {
	s.Helper()
	s.keeps(was, next, now)
	if s.Skew > 0 {
		return // A breach may then be decided of a time about which something was told.
	}
	for _, c := range next.Conditions {
		old := apimeta.FindStatusCondition(was.Conditions, c.Type)
		switch {
		case old == nil:
		case old.Status == c.Status && !old.LastTransitionTime.Equal(&c.LastTransitionTime) && !c.LastTransitionTime.After(before):
			s.Fatalf("at %s %s is %s still, and since %s and not %s: %s", offset(now), c.Type, c.Status,
				offset(c.LastTransitionTime.Time), offset(old.LastTransitionTime.Time), c.Message)
		case old.Status != c.Status && c.LastTransitionTime.Before(&old.LastTransitionTime):
			s.Fatalf("at %s %s is %s since %s, and was %s since %s: %s", offset(now), c.Type, c.Status,
				offset(c.LastTransitionTime.Time), old.Status, offset(old.LastTransitionTime.Time), c.Message)
		}
	}
}

// keeps checks that what was written once stays, whatever is seen later.
func (s *sim) keeps(was, next *v1alpha1.IncidentStatus, now time.Time) {
	s.Helper()
	if (was.Phase == v1alpha1.PhaseCancelled || was.Phase == v1alpha1.PhaseMerged) && next.Phase != was.Phase {
		s.Fatalf("at %s it is %s and was %s", offset(now), next.Phase, was.Phase)
	}
	for i := range was.Clocks {
		c := &was.Clocks[i]
		if c.BreachedAt == nil {
			continue
		}
		then := find(next, c.Name)
		if then == nil || then.BreachedAt == nil || !then.BreachedAt.Equal(c.BreachedAt) || !then.ObservedAt.Equal(c.ObservedAt) {
			s.Fatalf("at %s a breach has changed: %+v, and was %+v", offset(now), then, c)
		}
	}
	if len(next.Announced) < len(was.Announced) || len(next.Latched) < len(was.Latched) || len(next.Recorded) < len(was.Recorded) {
		s.Fatalf("at %s something that is kept is gone", offset(now))
	}
	announced := map[string]metav1.Time{}
	for _, a := range next.Announced {
		announced[a.Key] = a.At
	}
	for _, a := range was.Announced {
		if at, ok := announced[a.Key]; !ok || !at.Equal(&a.At) {
			s.Fatalf("at %s the announcement %s has changed", offset(now), a.Key)
		}
	}
	if n := len(was.Pins); n > 0 {
		s.same("at "+offset(now)+" what is pinned has changed", s.text(was.Pins), s.text(next.Pins[:min(n, len(next.Pins))]))
	}
	for i := 1; i < len(next.Pins); i++ {
		if next.Pins[i].At.Before(&next.Pins[i-1].At) {
			s.Fatalf("at %s a pin moves back: %+v", offset(now), next.Pins)
		}
	}
	if n := len(was.Latched); n > 0 {
		s.same("at "+offset(now)+" latched has changed", s.text(was.Latched), s.text(next.Latched[:n]))
	}
	if n := len(was.Recorded); n > 0 {
		s.same("at "+offset(now)+" recorded has changed", s.text(was.Recorded), s.text(next.Recorded[:n]))
	}
}

func find(s *v1alpha1.IncidentStatus, name string) *v1alpha1.Clock {
	for i := range s.Clocks {
		if s.Clocks[i].Name == name {
			return &s.Clocks[i]
		}
	}
	return nil
}
