package policy

import (
	"github.com/amends-dev/amends/api/v1alpha1"
)

// Extra says whether a resolution at a severity owes an extra beyond what was expected.
func (p *Plan) Extra(severity v1alpha1.Severity) v1alpha1.ExtraDemand {
	return p.extra[Rank(severity)]
}

// remedies compiles what the policy says about money. Whether a budget can give it is
// the budget's to say.
func (k *compiler) remedies() {
	for i := range k.plan.extra {
		k.plan.extra[i] = v1alpha1.ExtraOptional
	}
	c := k.spec.Compensation
	if c == nil {
		return
	}
	for _, o := range c.Catalogue {
		k.plan.Catalogue[o.Name] = o
	}
	k.plan.DeliverWithin = k.deadline("spec.compensation.deliverWithin", c.DeliverWithin)
	given := map[v1alpha1.Severity]v1alpha1.ExtraDemand{}
	for _, d := range c.Demand {
		given[d.Severity] = d.Extra
	}
	demand := v1alpha1.ExtraOptional
	for i, severity := range Severities {
		if own, ok := given[severity]; ok {
			demand = own
		}
		k.plan.extra[i] = demand
	}
}
