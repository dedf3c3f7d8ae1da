package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// Whoever may approve at several levels decides at the lowest that reaches: the order is
// that of what they reach, and the one without a limit is the last.
func TestLevelsAreTakenLowestFirst(t *testing.T) {
	t.Parallel()
	director := v1alpha1.ApprovalLevel{Name: "director"}
	lead := v1alpha1.ApprovalLevel{Name: "lead", UpTo: "100.00"}
	manager := v1alpha1.ApprovalLevel{Name: "manager", UpTo: "1000.00"}
	cases := map[string][]v1alpha1.ApprovalLevel{
		"as they rise": {lead, manager, director},
		"as they fall": {director, manager, lead},
		"as they come": {manager, director, lead},
	}
	for name, levels := range cases {
		t.Run(name, func(t *testing.T) {
			b := fixture.Budget("desk", "EUR", "5000.00", fixture.ApprovedBy("15m", levels...))
			if diff := cmp.Diff([]v1alpha1.ApprovalLevel{lead, manager, director}, lowestFirst(&b.Spec)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := lowestFirst(&fixture.Budget("desk", "EUR", "5000.00").Spec); got != nil {
		t.Errorf("a budget without approval has levels: %v", got)
	}
}
