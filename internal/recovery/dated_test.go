package recovery_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// An entry that claims to be older than its incident counts for nothing and is told;
// one that is within the clocks' tolerance counts from the creation.
func TestAnEntryDatedBeforeItsIncident(t *testing.T) {
	plan, wrong := policy.Compile("p", "p-1", policy.Content{Policy: policy.Complete(v1alpha1.RecoveryPolicySpec{
		Steps: []v1alpha1.Step{{Name: "fix", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{Within: "1h"}}},
	})})
	if len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	created := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	for earlier, want := range map[time.Duration]struct {
		phase    v1alpha1.Phase
		accepted metav1.ConditionStatus
	}{
		5 * time.Second: {v1alpha1.PhaseClosed, metav1.ConditionTrue},
		6 * time.Second: {v1alpha1.PhaseOpen, metav1.ConditionFalse},
	} {
		inc := fixture.Incident("inc", fixture.WithJournal(fixture.Entry("e").RecordedAt(created.Add(-earlier)).Completion("fix")))
		inc.CreationTimestamp = metav1.NewTime(created)
		d := recovery.Decide(&recovery.Snapshot{Incident: inc, Plan: plan}, created.Add(time.Minute))
		if d.Status.Phase != want.phase {
			t.Errorf("%s earlier: the phase is %s, want %s", earlier, d.Status.Phase, want.phase)
		}
		for _, c := range d.Status.Conditions {
			if c.Type == v1alpha1.JournalAcceptedCondition && c.Status != want.accepted {
				t.Errorf("%s earlier: JournalAccepted is %s: %s", earlier, c.Status, c.Message)
			}
		}
	}
}
