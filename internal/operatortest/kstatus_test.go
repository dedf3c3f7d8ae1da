package operatortest

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// kstatus checks what GitOps tools make of an object.
func (s *site) kstatus(kind, name string, want status.Status) {
	s.Helper()
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	if err := s.admin.Get(s.Context(), client.ObjectKey{Namespace: s.namespace, Name: name}, u); err != nil {
		s.Fatal(err)
	}
	got, err := status.Compute(u)
	if err != nil {
		s.Fatal(err)
	}
	if got.Status != want {
		s.Errorf("%s %s is %s to GitOps tools (%s), want %s", kind, name, got.Status, got.Message, want)
	}
}

func TestWhatGitOpsToolsSee(t *testing.T) {
	t.Parallel()
	s := open(t)
	waiting := fixture.Policy("waiting", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueBusiness("1h")))
	waiting.Spec.CalendarName = "not-there"
	bad := fixture.Policy("bad", fixture.Step("apologise", v1alpha1.StepApology))
	bad.Spec.Steps[0].When = "nonsense"
	s.create(threeSteps("good"), waiting, bad, always("office"), fixture.Calendar("nowhere", "Europe/Atlantis"))
	for incident, policy := range map[string]v1alpha1.ObjectName{"open": "good", "early": "nobody", "stuck": "bad", "patient": "waiting"} {
		s.report("alice", fixture.Incident(incident, fixture.UnderPolicy(policy)))
	}

	s.awaitReady("good")
	s.kstatus("RecoveryPolicy", "good", status.CurrentStatus)
	s.awaitPolicy("waiting", "a status", func(p *v1alpha1.RecoveryPolicy) bool { return p.Status.ObservedGeneration > 0 })
	s.kstatus("RecoveryPolicy", "waiting", status.InProgressStatus)
	s.awaitStalledPolicy("bad", v1alpha1.InvalidSpecReason)
	s.kstatus("RecoveryPolicy", "bad", status.FailedStatus)

	for _, name := range []string{"office", "nowhere"} {
		s.awaitCalendar(name, "a status", func(c *v1alpha1.BusinessCalendar) bool { return c.Status.ObservedGeneration > 0 })
	}
	s.kstatus("BusinessCalendar", "office", status.CurrentStatus)
	s.kstatus("BusinessCalendar", "nowhere", status.FailedStatus)

	s.awaitRunning("open", "Step/apologise")
	s.kstatus("Incident", "open", status.CurrentStatus)
	s.awaitIncident("early", "to wait", func(i *v1alpha1.Incident) bool { return isTrue(i.Status.Conditions, v1alpha1.ReconcilingCondition) })
	s.kstatus("Incident", "early", status.InProgressStatus)
	s.awaitCondition("stuck", v1alpha1.StalledCondition, v1alpha1.PolicyNotReadyReason)
	s.kstatus("Incident", "stuck", status.FailedStatus)

	// A policy that is edited for the worse and mended again.
	edit(s, &v1alpha1.RecoveryPolicy{ObjectMeta: metav1.ObjectMeta{Name: "good"}}, func(p *v1alpha1.RecoveryPolicy) { p.Spec.Steps[0].When = "nonsense" })
	s.awaitStalledPolicy("good", v1alpha1.InvalidSpecReason)
	s.kstatus("RecoveryPolicy", "good", status.FailedStatus)
	s.kstatus("Incident", "open", status.CurrentStatus)
	edit(s, &v1alpha1.RecoveryPolicy{ObjectMeta: metav1.ObjectMeta{Name: "good"}}, func(p *v1alpha1.RecoveryPolicy) { p.Spec.Steps[0].When = "" })
	s.awaitReady("good")
	s.kstatus("RecoveryPolicy", "good", status.CurrentStatus)

	// A policy that waits for its calendar makes its incidents wait, not fail: the
	// calendar comes with the next sync.
	s.awaitIncident("patient", "to wait for the policy", func(i *v1alpha1.Incident) bool {
		return says(i.Status.Conditions, v1alpha1.PolicyBoundCondition, metav1.ConditionFalse, v1alpha1.PolicyNotReadyReason)
	})
	s.kstatus("Incident", "patient", status.InProgressStatus)
	s.create(always("not-there"))
	s.awaitIncident("patient", "to be bound", bound("waiting"))
	s.kstatus("RecoveryPolicy", "waiting", status.CurrentStatus)
	s.kstatus("Incident", "patient", status.CurrentStatus)

	// The calendar goes again: who was accepted goes on, who comes now waits for it.
	s.remove(&v1alpha1.BusinessCalendar{ObjectMeta: metav1.ObjectMeta{Name: "not-there"}})
	s.awaitPolicy("waiting", "to wait again", func(p *v1alpha1.RecoveryPolicy) bool {
		return isTrue(p.Status.Conditions, v1alpha1.ReconcilingCondition)
	})
	s.report("alice", fixture.Incident("patient-too", fixture.UnderPolicy("waiting")))
	s.awaitIncident("patient-too", "to wait for the policy", func(i *v1alpha1.Incident) bool {
		return says(i.Status.Conditions, v1alpha1.PolicyBoundCondition, metav1.ConditionFalse, v1alpha1.PolicyNotReadyReason)
	})
	s.kstatus("Incident", "patient-too", status.InProgressStatus)
	s.kstatus("Incident", "patient", status.CurrentStatus)
}
