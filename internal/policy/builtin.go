package policy

import "github.com/amends-dev/amends/api/v1alpha1"

// builtinSteps are the steps of a policy that gives none: four stages and three
// follow-ups. They count wall time, because such a policy need not name a calendar.
func builtinSteps() []v1alpha1.Step {
	within := func(d v1alpha1.Duration) *v1alpha1.Due { return &v1alpha1.Due{Within: d} }
	return []v1alpha1.Step{
		{Name: "apologise", Type: v1alpha1.StepApology, After: []v1alpha1.Name{}, Due: within("10m"), WarnAt: []int32{50, 80}},
		{Name: "review", Type: v1alpha1.StepReview, After: []v1alpha1.Name{"apologise"}, Due: within("4h"), WarnAt: []int32{80}},
		{Name: "resolve", Type: v1alpha1.StepResolution, After: []v1alpha1.Name{"review"}, Due: within("24h"), WarnAt: []int32{50, 80}},
		{Name: "check-it-works", Type: v1alpha1.StepFollowUp, FollowUp: v1alpha1.FollowUpImmediate, After: []v1alpha1.Name{"resolve"}, Due: within("1h")},
		{Name: "tell-the-others", Type: v1alpha1.StepFollowUp, FollowUp: v1alpha1.FollowUpInternal, After: []v1alpha1.Name{"resolve"}, Due: within("24h")},
		{Name: "thank-you-call", Type: v1alpha1.StepFollowUp, FollowUp: v1alpha1.FollowUpClosing, After: []v1alpha1.Name{"check-it-works"}, NotBefore: within("24h"), Due: within("72h")},
		{Name: "write-up", Type: v1alpha1.StepDocumentation, After: []v1alpha1.Name{"resolve"}, Due: within("72h")},
	}
}

// defaultDemands is what a step of this type demands where the policy does not say.
func defaultDemands(t v1alpha1.StepType, f v1alpha1.FollowUpKind) []v1alpha1.Demand {
	switch t {
	case v1alpha1.StepApology:
		return []v1alpha1.Demand{v1alpha1.DemandCustomerReached, v1alpha1.DemandByPerson}
	case v1alpha1.StepReview:
		return []v1alpha1.Demand{v1alpha1.DemandCustomersWords}
	case v1alpha1.StepResolution:
		return []v1alpha1.Demand{v1alpha1.DemandRemedyDecided}
	case v1alpha1.StepDocumentation:
		return []v1alpha1.Demand{v1alpha1.DemandFindingRecorded}
	case v1alpha1.StepFollowUp:
		if f != v1alpha1.FollowUpInternal {
			return []v1alpha1.Demand{v1alpha1.DemandCustomerReached}
		}
	}
	return []v1alpha1.Demand{}
}

// defaultReopenWithin is how long an incident can be reopened where the policy does
// not say.
const defaultReopenWithin v1alpha1.Duration = "168h"

// Complete writes the defaults of a spec out: the built-in steps, the step before
// under after, the demands of the type, and reopenWithin. The result is what a
// revision holds; completing it again changes nothing.
func Complete(spec v1alpha1.RecoveryPolicySpec) v1alpha1.RecoveryPolicySpec {
	out := *spec.DeepCopy()
	if len(out.Steps) == 0 {
		out.Steps = builtinSteps()
	}
	for i := range out.Steps {
		s := &out.Steps[i]
		if s.After == nil {
			s.After = []v1alpha1.Name{}
			if i > 0 {
				s.After = []v1alpha1.Name{out.Steps[i-1].Name}
			}
		}
		if s.Demands == nil {
			s.Demands = defaultDemands(s.Type, s.FollowUp)
		}
	}
	if out.ReopenWithin == "" {
		out.ReopenWithin = defaultReopenWithin
	}
	return out
}
