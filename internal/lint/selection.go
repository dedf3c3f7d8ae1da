package lint

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// selection looks for policies that select the same incidents.
func (l *linter) selection() {
	keys := ordered(l.world.policies)
	for i, k := range keys {
		b := l.world.policies[k]
		for j, other := range keys {
			a := l.world.policies[other]
			if i == j || a.spec.Selector == nil || b.spec.Selector == nil || !sameNamespace(a.doc, b.doc) {
				continue
			}
			switch {
			case a.spec.Priority == b.spec.Priority && j < i && mayMeet(a.spec.Selector, b.spec.Selector):
				l.add(rulePolicyTie, b.doc, "spec.selector", "the policy %s (%s) selects the same incidents at the same priority, %d; give one of them a higher priority, or narrow a selector",
					a.doc.Name, a.doc.At("spec.selector"), b.spec.Priority)
			case a.spec.Priority > b.spec.Priority && covers(a.spec.Selector, b.spec.Selector):
				l.add(rulePolicyShadowed, b.doc, "spec.selector", "the policy %s (%s) of priority %d selects everything that this one of priority %d selects, so that this one holds only for incidents that name it",
					a.doc.Name, a.doc.At("spec.selector"), a.spec.Priority, b.spec.Priority)
			}
		}
	}
}

// mayMeet says whether two selectors certainly have incidents in common. What different
// expressions have in common nobody can say.
func mayMeet(a, b *v1alpha1.IncidentSelector) bool {
	if a.Expression != b.Expression {
		return false
	}
	for k, v := range a.MatchLabels {
		if other, ok := b.MatchLabels[k]; ok && other != v {
			return false
		}
	}
	if len(a.Severities) == 0 || len(b.Severities) == 0 {
		return true
	}
	return slices.ContainsFunc(a.Severities, func(s v1alpha1.Severity) bool { return slices.Contains(b.Severities, s) })
}

// covers says whether a certainly holds wherever b does.
func covers(a, b *v1alpha1.IncidentSelector) bool {
	if a.Expression != "" && a.Expression != b.Expression {
		return false
	}
	for k, v := range a.MatchLabels {
		if other, ok := b.MatchLabels[k]; !ok || other != v {
			return false
		}
	}
	if len(a.Severities) == 0 {
		return true
	}
	return len(b.Severities) > 0 && !slices.ContainsFunc(b.Severities, func(s v1alpha1.Severity) bool { return !slices.Contains(a.Severities, s) })
}
