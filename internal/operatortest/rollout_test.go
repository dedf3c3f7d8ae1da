package operatortest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// A policy that rolls its edits out moves the open clocks of open incidents, and
// leaves those that were met or breached. Every revision that held is kept.
func TestEditsAreRolledOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	policy := fixture.Policy("desk",
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueWithin("4h"), fixture.Demanding()),
		fixture.Step("met", v1alpha1.StepCustom, fixture.After(), fixture.DueWithin("1h")),
		fixture.Step("late", v1alpha1.StepCustom, fixture.After(), fixture.DueWithin("1s")))
	policy.Spec.Rollout = v1alpha1.RolloutOpenIncidents
	s.create(policy)
	first := s.awaitReady("desk").Status.Revision
	s.report("alice", fixture.Incident("under-way", fixture.UnderPolicy("desk")))
	s.add("under-way", fixture.Entry("that-one").By("alice").Completion("met"))
	s.awaitIncident("under-way", "a step that is met", func(i *v1alpha1.Incident) bool {
		c := findClock(i, "Step/met")
		return c != nil && c.State == v1alpha1.StateDone
	})
	before := s.awaitBreach("under-way", "Step/late")

	edit(s, policy, func(p *v1alpha1.RecoveryPolicy) {
		for i := range p.Spec.Steps {
			p.Spec.Steps[i].Due = &v1alpha1.Due{Within: "2h"}
		}
	})
	after := s.awaitIncident("under-way", "to follow the edit", func(i *v1alpha1.Incident) bool { return len(i.Status.Pins) == 2 })
	if after.Status.Policy.Revision == first || after.Status.Pins[0].Revision != first {
		t.Errorf("bound to %s, pinned to %v, and was to %s", after.Status.Policy.Revision, after.Status.Pins, first)
	}
	moved := s.clockOf(after, "Step/resolve")
	if !sameInstant(moved.DueAt, plus(*moved.StartedAt, 2*time.Hour)) || !sameInstant(moved.OriginalDueAt, plus(*moved.StartedAt, 4*time.Hour)) ||
		moved.Reason != v1alpha1.ClockRolledOutReason {
		t.Errorf("the open clock has not moved to two hours:\n%s", asYAML(moved))
	}
	for _, name := range []string{"Step/met", "Step/late"} {
		if diff := cmp.Diff(s.clockOf(before, name), s.clockOf(after, name)); diff != "" {
			t.Errorf("%s has moved (-before +after):\n%s", name, diff)
		}
	}

	// The revision that held first is lost, and restored from a backup.
	backup := s.awaitRevision(first, "it", func(*appsv1.ControllerRevision) bool { return true })
	s.remove(revisionNamed(first))
	s.awaitIncident("under-way", "Stalled", func(i *v1alpha1.Incident) bool {
		return says(i.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.RevisionMissingReason)
	})
	s.create(&appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Name: backup.Name, Labels: backup.Labels}, Data: backup.Data, Revision: backup.Revision,
	})
	again := s.awaitIncident("under-way", "not to be Stalled", func(i *v1alpha1.Incident) bool { return !isTrue(i.Status.Conditions, v1alpha1.StalledCondition) })
	if diff := cmp.Diff(after.Status.Clocks, again.Status.Clocks); diff != "" {
		t.Errorf("a clock has moved (-before +after):\n%s", diff)
	}
}
