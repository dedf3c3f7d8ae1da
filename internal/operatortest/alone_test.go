package operatortest

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

const (
	// settling is the second after which a due instant has certainly passed.
	settling = time.Second
	// tolerated is how late after that a breach may be observed.
	tolerated = time.Second
	// quiet is how long nothing is written to an incident to which nothing happens.
	quiet = 6 * time.Second
)

// lateness is how long after the earliest possible instant a breach was observed.
func lateness(c *v1alpha1.Clock) time.Duration {
	return c.ObservedAt.Sub(c.DueAt.Add(settling))
}

// A step is left alone. Runs alone, because it measures and counts.
func TestStepLeftAlone(t *testing.T) {
	const tries = 3
	for try := 1; ; try++ {
		late := leaveAlone(t)
		t.Logf("try %d: the breach was observed %s after due + 1s", try, late)
		if late >= 0 && late <= tolerated {
			return
		}
		if try == tries {
			t.Fatalf("the breach was observed %s after due + 1s, want at most %s and never before", late, tolerated)
		}
	}
}

func leaveAlone(t *testing.T) time.Duration {
	t.Helper()
	s := open(t)
	s.create(fixture.Policy("quick", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("3s"))))
	s.awaitReady("quick")
	trail := s.follow("alone")
	requests := s.statusWrites()
	created := s.report("alice", fixture.Incident("alone", fixture.UnderPolicy("quick")))

	trail.until("a breach", func(i *v1alpha1.Incident) bool {
		c := findClock(i, "Step/apologise")
		return c != nil && c.BreachedAt != nil
	})
	s.awaitNotice("alone", v1alpha1.EventDeadlineBreached)
	if more := trail.rest(quiet); len(more) != 0 {
		t.Errorf("%d writes in the %s in which nothing happened:\n%s", len(more), quiet, asYAML(more[0]))
	}
	inc := trail.last()
	c := s.clockOf(inc, "Step/apologise")
	due := plus(created.CreationTimestamp, 3*time.Second)
	if !sameInstant(c.DueAt, due) || !sameInstant(c.BreachedAt, due) {
		t.Errorf("due %s, breached %s, want both %s", c.DueAt, c.BreachedAt, due)
	}
	if c.State != v1alpha1.StateRunning || inc.Status.SLA != v1alpha1.SLAOverdue || inc.Status.Phase != v1alpha1.PhaseOpen {
		t.Errorf("clock %s, SLA %s, phase %s, want it Running, Overdue and Open", c.State, inc.Status.SLA, inc.Status.Phase)
	}
	// One write to start the clock, one for the breach, and no request beside them.
	if n := trail.statusWrites(); n != 2 {
		t.Errorf("%d writes of the status, want 2", n)
	}
	if n := s.statusWrites() - requests; n != 2 {
		t.Errorf("%v patches of statuses were asked of the API server, want 2", n)
	}
	told := s.notices("alone")[v1alpha1.EventDeadlineBreached]
	if len(told) != 1 || told[0].Type != corev1.EventTypeWarning {
		t.Errorf("breaches told: %+v, want one Warning", told)
	}
	return lateness(c)
}

// statusWrites is how many writes of the status of incidents the API server has
// been asked for, whatever came of them.
func (s *site) statusWrites() float64 {
	s.Helper()
	_, page, err := s.askAPIServer(s.Context(), "/metrics")
	if err != nil {
		s.Fatal(err)
	}
	return sum(page, "apiserver_request_total", map[string]string{
		"group": v1alpha1.GroupVersion.Group, "resource": "incidents", "subresource": "status", "verb": "PUT",
	})
}
