package work

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func TestPeople(t *testing.T) {
	s := scene() // alice recorded all of it, and bob was assigned
	s.Incident.Status.Owner = "duty"
	s.Incident.Spec.Journal = append(s.Incident.Spec.Journal,
		fixture.Entry("promise-2").By("mei").RecordedBy("lin").Promise("x", "1h").With(func(e *v1alpha1.JournalEntry) { e.Promise.Owner = "tom" }).Build(),
		fixture.Entry("care-3").By("mei").Task(v1alpha1.TaskCare, "x", "1h").With(func(e *v1alpha1.JournalEntry) { e.Task.To = "wei" }).Build(),
	)
	pol := fixture.Policy("stay")
	pol.Spec.Escalation = []v1alpha1.EscalationLevel{{Level: "first", Notify: v1alpha1.Notify{Group: "duty-managers"}}, {Level: "second", Notify: v1alpha1.Notify{User: "tom"}}}
	if diff := cmp.Diff([]string{"duty", "wei", "mei", "tom", "lin", "bob", "alice", "duty-managers"}, People(s.Incident, pol)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"bob", "alice"}, People(scene().Incident, nil)); diff != "" {
		t.Error(diff)
	}
}
