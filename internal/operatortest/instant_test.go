package operatortest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// A fact is stamped exactly at the due instant, and another one a second later, while
// the operator runs and both are still to come.
func TestFactsAtTheDueInstant(t *testing.T) {
	t.Parallel()
	// No longer than this, because a stamp too far ahead is not believed.
	const due = 4 * time.Second
	inTime(t, func(time.Duration) bool { return tellAtTheInstant(t, due) }, due, due, due)
}

func tellAtTheInstant(t *testing.T, within time.Duration) bool {
	t.Helper()
	s := open(t)
	s.create(fixture.Policy("quick", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin(v1alpha1.Duration(within.String())), fixture.Demanding())))
	s.awaitReady("quick")
	trails := map[string]*trail{}
	var due time.Time
	for name, after := range map[string]time.Duration{"at-the-instant": 0, "a-second-later": time.Second} {
		trails[name] = s.follow(name)
		created := s.report("alice", fixture.Incident(name, fixture.UnderPolicy("quick")))
		due = created.CreationTimestamp.Add(within)
		s.add(name, fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise").RecordedAt(due.Add(after)))
		s.awaitSeen(name)
		if !s.isBefore(due) {
			return false
		}
	}

	breached := func(i *v1alpha1.Incident) bool {
		c := findClock(i, "Step/apologise")
		return c != nil && c.BreachedAt != nil
	}
	late := trails["a-second-later"].until("a breach", breached)
	c := s.clockOf(late, "Step/apologise")
	if !sameInstant(c.BreachedAt, c.DueAt) || lateness(c) < 0 {
		t.Errorf("breached at %s and observed at %s, want the due instant %s and not before a second later", c.BreachedAt, c.ObservedAt, c.DueAt)
	}
	if late.Status.SLA != v1alpha1.SLAMissed {
		t.Errorf("SLA %s, want Missed", late.Status.SLA)
	}
	s.awaitPhase("at-the-instant", v1alpha1.PhaseClosed)
	s.awaitServerTime(due.Add(settling + tolerated))
	trails["at-the-instant"].rest(glance * 20)
	if slices.ContainsFunc(trails["at-the-instant"].seen, breached) {
		t.Errorf("breached, by a fact at the due instant:\n%s", asYAML(trails["at-the-instant"].last().Status.Clocks))
	}
	if last := trails["at-the-instant"].last(); last.Status.SLA != v1alpha1.SLAMet {
		t.Errorf("SLA %s, want Met", last.Status.SLA)
	}
	return true
}

// Many steps fall due in the same instant. Runs alone, because it measures.
func TestManyDueInOneInstant(t *testing.T) {
	const many = 100
	s := open(t)
	s.create(fixture.Policy("first", fixture.Step("apologise", v1alpha1.StepApology)))
	s.awaitReady("first")
	now, err := s.serverTime(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	due := now.Add(8 * time.Second).Truncate(time.Second)
	s.create(fixture.Policy("midnight", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueAt(due))))
	s.awaitReady("midnight")
	var group sync.WaitGroup
	for n := range 10 {
		author := s.as(fmt.Sprintf("person-%d", n), staff)
		group.Go(func() {
			for i := range many / 10 {
				incident := fixture.In(s.namespace, fixture.Incident(fmt.Sprintf("burst-%d-%d", n, i), fixture.UnderPolicy("midnight")))
				s.insist("report", func(ctx context.Context) error { return author.Create(ctx, incident) })
			}
		})
	}
	group.Wait()
	s.awaitServerTime(due.Add(settling))

	var late []time.Duration
	for n := range many {
		name := fmt.Sprintf("burst-%d-%d", n/10, n%10)
		c := s.clockOf(s.awaitBreach(name, "Step/apologise"), "Step/apologise")
		if !c.BreachedAt.Time.Equal(due) {
			t.Errorf("%s: breached at %s, want %s", name, c.BreachedAt, due)
		}
		late = append(late, lateness(c))
	}
	slices.Sort(late)
	t.Logf("%d breaches of one instant were observed from %s to %s after due + 1s, half of them by %s", many, late[0], late[many-1], late[many/2])
	if late[0] < 0 {
		t.Errorf("a breach was observed %s too early", -late[0])
	}
}

// An incident is deleted and another one is reported under its name: it is another one.
func TestIncidentReportedAnew(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(threeSteps("desk"))
	s.awaitReady("desk")
	first := s.report("alice", fixture.Incident("again", fixture.UnderPolicy("desk")))
	s.add("again", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	s.awaitRunning("again", "Step/resolve")
	s.awaitServerTime(first.CreationTimestamp.Add(time.Second))
	s.remove(&v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "again"}})
	second := s.report("alice", fixture.Incident("again", fixture.UnderPolicy("desk")))
	inc := s.awaitRunning("again", "Step/apologise")
	if c := s.clockOf(inc, "Step/apologise"); inc.UID == first.UID || !c.StartedAt.Equal(&second.CreationTimestamp) || len(inc.Status.Clocks) != 1 {
		t.Errorf("the record of the one before lives on:\n%s", asYAML(inc.Status))
	}
	var list v1alpha1.IncidentList
	if err := s.admin.List(t.Context(), &list, client.InNamespace(s.namespace)); err != nil || len(list.Items) != 1 {
		t.Errorf("%d incidents, want one: %v", len(list.Items), err)
	}
}
