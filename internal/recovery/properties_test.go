package recovery_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// TestMain sets how much the properties are checked, where the command line does not
// say. Cases that failed are not kept in files: what fails is shown, and told by a seed.
func TestMain(m *testing.M) {
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

// An incident that is played on time: at each instant the record follows from the one
// before, nothing changes in between, and one late decision writes the same.
func TestOnTimeAndLate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := throws(t)
		s := newSim(t, d)
		if s == nil {
			t.Skip("the policy is wrong")
		}
		inc, journal := d.incident(), d.journal(40)
		until := zero.Add(time.Hour)
		if n := len(journal); n > 0 {
			until = journal[n-1].RecordedAt.Add(pick(d, 0, time.Second, time.Hour))
		}
		until = until.Add(pick(d, 0, time.Hour, 100*time.Hour))
		s.live(inc, journal, until)
		onTime := s.Incident.Status

		s.Incident = inc.DeepCopy()
		s.see(journal, until)
		s.decide(until)
		s.same("late does not equal on time", s.text(record(onTime)), s.text(record(s.Incident.Status)))
	})
}

// An incident whose facts come in any order, some without a time, while other revisions
// of the policy are rolled out: whatever is seen, a decision can be repeated, and what
// was written stays.
func TestInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := throws(t)
		s := newSim(t, d)
		if s == nil {
			t.Skip("the policy is wrong")
		}
		s.Incident = d.incident()
		s.edit(d)
		s.anyOrder(d, d.journal(30))
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
			s.Next, s.editions = s.editions[0], s.editions[1:]
		}
		was := *s.Incident.Status.DeepCopy()
		s.pure(now)
		next := s.decide(now)
		s.keeps(&was, &next.Status, now)
	}
}
