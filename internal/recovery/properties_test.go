package recovery_test

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// TestMain sets how much the properties are checked, where the command line does not
// say. Cases that failed are not kept in files: what fails is shown, and told by a seed.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800) // A case leaves little behind, and there are very many.
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.nofailfile": "true", "rapid.shrinktime": "20s"} {
		if f := flag.Lookup(name); f != nil {
			_ = f.Value.Set(value)
		}
	}
	os.Exit(m.Run())
}

func throws(t *rapid.T) dice {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "throw") }
}

// An incident that is played on time, while other revisions of its policy are rolled out:
// at each instant the record follows from the one before, nothing changes in between, and
// late decisions write the same, if each revision was met while it was current and the
// incident was open.
func TestOnTimeAndLate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := throws(t)
		s := newSim(t, d)
		if s == nil {
			t.Skip("the policy is wrong")
		}
		inc, journal := d.incident(), d.journal(pick(d, 20, 40, 60))
		until := zero.Add(time.Hour)
		if n := len(journal); n > 0 {
			until = journal[n-1].RecordedAt.Add(pick(d, 0, time.Second, time.Hour))
		}
		until = until.Add(pick(d, 0, time.Hour, 100*time.Hour))
		if d.one(2) {
			s.edit(d, journal)
		}
		s.live(inc, journal, until)
		onTime := s.Incident.Status
		s.late(d, inc, journal, until)
		s.same("late does not equal on time", s.text(record(onTime)), s.text(record(s.Incident.Status)))
	})
}

// late looks at an incident when it must: where there are editions, once before the first
// and once while each of them is current, or twice where it was not followed the first
// time; and at an instant.
func (s *sim) late(d dice, inc *v1alpha1.Incident, journal []v1alpha1.JournalEntry, until time.Time) {
	s.Helper()
	s.Incident, s.Rollouts = inc.DeepCopy(), nil
	look := func(now time.Time) {
		journal = s.see(journal, now)
		s.roll(now)
		s.decide(now)
	}
	for i := range s.editions {
		from, to := zero, s.editions[i].At
		if i > 0 {
			from = s.editions[i-1].At
		}
		most := min(to.Sub(from), until.Sub(from))
		if most <= 0 {
			continue
		}
		look(from.Add(time.Duration(d(int(most/time.Second))) * time.Second))
		// One that had ended when it was looked at may be reopened before the next revision.
		if s.Next != nil {
			look(from.Add(most - time.Second))
		}
	}
	look(until)
}

// An incident whose facts come in any order, some without a time, while other revisions
// of the policy are rolled out: whatever is seen, a decision can be repeated, and what
// was written stays. One more fact never removes a breach, nor anything that was told.
func TestInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := throws(t)
		s := newSim(t, d)
		if s == nil {
			t.Skip("the policy is wrong")
		}
		s.Incident = d.incident()
		journal := d.journal(pick(d, 20, 30, 60))
		s.edit(d, journal)
		s.anyOrder(d, journal)
	})
}

// anyOrder shows the facts of a journal at any instants and in any order.
func (s *sim) anyOrder(d dice, journal []v1alpha1.JournalEntry) {
	s.Helper()
	now := zero
	for len(journal) > 0 {
		at := d(min(3, len(journal)))
		e := journal[at]
		journal = append(journal[:at:at], journal[at+1:]...)
		now = now.Add(pick(d, 0, 0, 500*time.Millisecond, time.Second, time.Minute, 5*time.Minute, time.Hour))
		if e.RecordedAt.After(now) && !d.one(3) {
			now = e.RecordedAt.Time
		}
		if d.one(5) {
			e.RecordedAt = nil
		}
		s.Incident.Spec.Journal = append(s.Incident.Spec.Journal, e)
		s.Incident.Generation++
		if s.Next == nil && len(s.editions) > 0 && len(s.Incident.Status.Pins) > 0 && d.one(4) {
			s.Next, s.NextCreated, s.editions = s.editions[0].plan, pick(d, time.Time{}, s.editions[0].At), s.editions[1:]
		}
		was := *s.Incident.Status.DeepCopy()
		s.pure(now)
		next := s.decide(now)
		s.keeps(&was, &next.Status, now)
	}
}
