package policy_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// What is owed to the customer in any case is never paused, also not by a revision that
// was written by hand.
func TestHoldsThatPauseTooMuch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pauses      v1alpha1.Pauses
		field, part string
	}{
		"an apology":          {v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix", "sorry"}}, "spec.holds[0].pauses.steps[1]", `the step "sorry" is an Apology, which is never paused`},
		"a step that is none": {v1alpha1.Pauses{Steps: []v1alpha1.Name{"fixx"}}, "spec.holds[0].pauses.steps[0]", `there is no step "fixx"; the steps are sorry, fix`},
		"responses":           {v1alpha1.Pauses{Clocks: []v1alpha1.ClockKind{"Update", "Response"}}, "spec.holds[0].pauses.clocks[1]", "Response is never paused; a hold pauses steps and the clocks Resolution and Update"},
		"promises":            {v1alpha1.Pauses{Clocks: []v1alpha1.ClockKind{"Promise"}}, "spec.holds[0].pauses.clocks[0]", "Promise is never paused"},
		"approvals":           {v1alpha1.Pauses{Clocks: []v1alpha1.ClockKind{"Approval"}}, "spec.holds[0].pauses.clocks[0]", "Approval is never paused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := policySpec(fixture.Step("sorry", v1alpha1.StepApology, fixture.DueWithin("10m")), fixture.Step("fix", v1alpha1.StepResolution, fixture.DueWithin("8h")))
			spec.Holds = []v1alpha1.HoldRule{{Reason: "Parts", Pauses: c.pauses}}
			p, problems := compile(spec)
			if p != nil || !has(problems, v1alpha1.InvalidSpecReason, c.field, c.part) {
				t.Errorf("it does not say %s: %q", c.field, policy.Describe(problems))
			}
		})
	}
}
