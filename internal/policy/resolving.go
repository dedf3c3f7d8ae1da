package policy

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Resolves says whether a step is one of those that make the incident resolved: the
// Resolution steps; without any, the Offer steps; without those, every step before the
// first FollowUp, or every step where none is before it.
func (p *Plan) Resolves(i int) bool {
	return p.resolving[i]
}

// FirstOf is the place of the first step of a type, or -1.
func (p *Plan) FirstOf(t v1alpha1.StepType) int {
	return slices.IndexFunc(p.Steps, func(s Step) bool { return s.Type == t })
}

func (k *compiler) resolving() {
	steps, first := k.plan.Steps, k.plan.FirstOf(v1alpha1.StepFollowUp)
	resolution, offer := k.plan.FirstOf(v1alpha1.StepResolution) >= 0, k.plan.FirstOf(v1alpha1.StepOffer) >= 0
	k.plan.resolving = make([]bool, len(steps))
	for i := range steps {
		switch {
		case resolution:
			k.plan.resolving[i] = steps[i].Type == v1alpha1.StepResolution
		case offer:
			k.plan.resolving[i] = steps[i].Type == v1alpha1.StepOffer
		default:
			k.plan.resolving[i] = i < first || first <= 0
		}
	}
}
