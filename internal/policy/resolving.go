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

// ResolvesLater says whether a step that resolves the incident, or one that is settled
// before it, waits for more than the steps before it. Where none does, the resolution can
// come at once.
func (p *Plan) ResolvesLater() bool {
	return p.resolvesLater
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
	k.plan.resolvesLater = k.resolvesLater()
}

// resolvesLater looks at each step once, from those that resolve backwards, also where the
// graph has a cycle, which is told elsewhere.
func (k *compiler) resolvesLater() bool {
	seen := slices.Clone(k.plan.resolving)
	var open []int
	for i := range seen {
		if seen[i] {
			open = append(open, i)
		}
	}
	for len(open) > 0 {
		s := &k.plan.Steps[open[len(open)-1]]
		open = open[:len(open)-1]
		if s.NotBefore != nil {
			return true
		}
		for _, before := range s.After {
			if !seen[before] {
				seen[before] = true
				open = append(open, before)
			}
		}
	}
	return false
}
