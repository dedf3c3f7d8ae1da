package operatortest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// Several people append as fast as they can while the operator writes: no fact is
// lost, and the operator writes no more often than there are facts.
func TestRapidAppendsByMany(t *testing.T) {
	t.Parallel()
	const people, each, steps = 5, 6, 20
	s := open(t)
	var list []v1alpha1.Step
	for i := range steps {
		list = append(list, fixture.Step(v1alpha1.Name(fmt.Sprintf("step-%d", i)), v1alpha1.StepCustom, fixture.After(), fixture.DueWithin("1h")))
	}
	s.create(fixture.Policy("many", list...))
	s.awaitReady("many")
	trail := s.follow("busy")
	s.report("person-0", fixture.Incident("busy", fixture.UnderPolicy("many")))
	s.awaitRunning("busy", "Step/step-0")

	var group sync.WaitGroup
	for person := range people {
		name := fmt.Sprintf("person-%d", person)
		author := s.as(name, staff)
		group.Go(func() {
			for n := range each {
				fact := person*each + n
				entry := fixture.Entry(v1alpha1.Name(fmt.Sprintf("fact-%d", fact))).By(v1alpha1.User(name))
				if fact < steps {
					entry = entry.Completion(v1alpha1.Name(fmt.Sprintf("step-%d", fact)))
				} else {
					entry = entry.Note("and more")
				}
				patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal/-", "value": entry.Build()}})
				if err != nil {
					s.Error(err)
					return
				}
				s.patchAs(author, &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "busy"}}, patch)
				if person%2 == 0 {
					// Some wait for the operator, so that facts come while it writes.
					s.awaitSeen("busy")
				}
			}
		})
	}
	group.Wait()

	const facts = people * each
	inc := trail.until("every fact to be seen", func(i *v1alpha1.Incident) bool {
		return len(i.Spec.Journal) == facts && i.Status.ObservedGeneration == i.Generation
	})
	trail.rest(glance * 20)
	if inc.Status.Phase != v1alpha1.PhaseClosed || inc.Status.SLA != v1alpha1.SLAMet {
		t.Errorf("phase %s, SLA %s, want Closed and Met", inc.Status.Phase, inc.Status.SLA)
	}
	for i := range steps {
		if c := s.clockOf(inc, fmt.Sprintf("Step/step-%d", i)); c.State != v1alpha1.StateDone || c.BreachedAt != nil {
			t.Errorf("%s is %s: its completion was lost", c.Name, c.State)
		}
	}
	recorded := map[string]bool{}
	for _, r := range inc.Status.Recorded {
		recorded[r.Key] = true
		if r.Source != v1alpha1.SourceManagedFields {
			t.Errorf("the time of %s comes from %s, want the API server's", r.Key, r.Source)
		}
	}
	if len(recorded) != facts {
		t.Errorf("the times of %d facts are written down, want %d", len(recorded), facts)
	}
	if blind := trail.blindWrites(); len(blind) > 0 {
		t.Errorf("%d writes did not see what was there, the first one:\n%s", len(blind), asYAML(blind[0]))
	}
	writes := trail.statusWrites()
	conflicts := sum(s.metricsOf(s.shared), "amends_reconciles_total", map[string]string{"controller": "incident", "outcome": "Conflict"})
	t.Logf("%d facts, %d writes of the status; %v conflicts of incidents in all tests so far", facts, writes, conflicts)
	if most := 1 + facts + len(inc.Status.Latched) + len(inc.Status.Announced); writes > most {
		t.Errorf("%d writes of the status for %d facts and %d latches", writes, facts, most-1-facts)
	}
}

// What is appended between two decisions counts as if it had come alone: the order of
// the journal is that of its facts.
func TestOneWriteForManyFacts(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(threeSteps("desk"))
	s.awaitReady("desk")
	trail := s.follow("at-once")
	s.report("alice", fixture.Incident("at-once", fixture.UnderPolicy("desk"), fixture.WithJournal(
		fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"),
		fixture.Entry("coffee").By("alice").With(func(e *v1alpha1.JournalEntry) { e.Gesture = &v1alpha1.Gesture{Text: "A coffee"} }),
		fixture.Entry("resolved").By("alice").Completion("resolve"),
		fixture.Entry("called").By("alice").Reached("Phone").Completion("call"),
	)))
	inc := trail.until("phase Closed", func(i *v1alpha1.Incident) bool { return i.Status.Phase == v1alpha1.PhaseClosed })
	if n := trail.statusWrites(); n != 1 {
		t.Errorf("%d writes of the status, want one for all four facts", n)
	}
	if inc.Status.SLA != v1alpha1.SLAMet {
		t.Errorf("SLA %s, want Met", inc.Status.SLA)
	}
	for _, reason := range []string{v1alpha1.EventPolicyBound, v1alpha1.EventResolved, v1alpha1.EventClosed} {
		s.awaitNotice("at-once", reason)
	}
}
