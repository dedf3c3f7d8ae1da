package operatortest

import (
	"slices"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// A policy tells how it is kept, as soon as that changes: its incidents, and what of
// their clocks was met.
func TestPolicyCountsItsIncidents(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(fixture.Policy("desk",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")),
		fixture.Step("check", v1alpha1.StepCustom, fixture.DueWithin("1h")),
		fixture.Step("late", v1alpha1.StepCustom, fixture.After(), fixture.DueWithin("1s"))))
	s.awaitReady("desk")
	s.report("alice", fixture.Incident("x", fixture.UnderPolicy("desk")))
	steps := func(met, total int32) func(*v1alpha1.RecoveryPolicy) bool {
		return func(p *v1alpha1.RecoveryPolicy) bool {
			return slices.ContainsFunc(p.Status.Attainment, func(a v1alpha1.Attainment) bool {
				return a.Kind == v1alpha1.ClockStep && a.Window == "24h" && a.Met == met && a.Total == total
			})
		}
	}
	p := s.awaitPolicy("desk", "one step of one to be missed", steps(0, 1))
	if *p.Status.OpenIncidents != 1 || *p.Status.OverdueIncidents != 1 {
		t.Errorf("%d open and %d overdue, want one and one", *p.Status.OpenIncidents, *p.Status.OverdueIncidents)
	}
	// Neither the phase nor the SLA changes by this.
	s.add("x", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	s.awaitPolicy("desk", "one step of two to be met", steps(1, 2))
	s.add("x", fixture.Entry("checked").By("alice").Completion("check"), fixture.Entry("at-last").By("alice").Completion("late"))
	// The last step was breached before; the fact that ends it changes what is open.
	s.awaitPolicy("desk", "two steps of three to be met, and nothing open", func(p *v1alpha1.RecoveryPolicy) bool {
		return steps(2, 3)(p) && *p.Status.OpenIncidents == 0 && *p.Status.OverdueIncidents == 0
	})
}
