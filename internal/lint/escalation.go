package lint

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// escalation looks for levels that are never told, or told twice.
func (l *linter) escalation(p *compiledPolicy) {
	for i, level := range p.spec.Escalation {
		field := index("spec.escalation", i)
		for j, trigger := range level.Triggers {
			if why := l.neverFires(p, trigger, level.Severities); why != "" {
				l.add(ruleTriggerNever, p.doc, index(field+".triggers", j), "%s never happens to level %s: %s", trigger, level.Level, why)
			}
		}
		for j, other := range p.spec.Escalation[:i] {
			if toldTheSame(level, other) {
				l.add(ruleLevelTwice, p.doc, field, "level %s tells the same people the same, at the same time, as level %s (%s); take one of them out", level.Level, other.Level, index("spec.escalation", j))
			}
		}
	}
}

// neverFires says why a trigger can never come, or nothing. Breach is not looked at, nor
// are PromiseBroken and Dissatisfied: what makes them happen is no policy's to say. A task
// is due by its own entry, under every policy and at every severity, and one that is late
// is a breach, also where nothing that the policy asks for is ever due.
func (l *linter) neverFires(p *compiledPolicy, t v1alpha1.Trigger, severities []v1alpha1.Severity) string {
	heard := func(holds func(v1alpha1.Severity) bool) bool {
		return anySeverity(func(s v1alpha1.Severity) bool { return selects(severities, s) && holds(s) })
	}
	switch t {
	case v1alpha1.TriggerWarning:
		warns := func(s v1alpha1.Severity) bool {
			return slices.ContainsFunc(p.plan.Steps, func(step policy.Step) bool { return len(step.Limits(s).WarnAt) > 0 })
		}
		if !heard(warns) {
			return "no step warns at a severity that the level hears; give warnAt on a step"
		}
	case v1alpha1.TriggerUnowned:
		if !heard(func(s v1alpha1.Severity) bool { return p.plan.Pace(s).Assign != nil }) {
			return "nothing says how soon an incident has an owner; give assignment.assignWithin"
		}
	case v1alpha1.TriggerUnaccepted:
		if !heard(func(s v1alpha1.Severity) bool { return p.plan.Pace(s).Accept != nil }) {
			return "nothing says how soon an owner accepts; give assignment.acceptWithin"
		}
	case v1alpha1.TriggerPoolExhausted, v1alpha1.TriggerApprovalStale:
		return l.noMoney(p, t)
	}
	return ""
}

// noMoney says why nothing is ever asked of a budget, or nothing awaits an approval.
func (l *linter) noMoney(p *compiledPolicy, t v1alpha1.Trigger) string {
	c := p.spec.Compensation
	if c == nil || c.BudgetName == "" {
		return "the policy names no budget; give compensation.budgetName"
	}
	b, ok := find(l.world.budgets, "RecoveryBudget", p.doc.Namespace, string(c.BudgetName))
	if ok && t == v1alpha1.TriggerApprovalStale && b.spec.Approval == nil {
		return "the budget " + string(c.BudgetName) + " has no approval, so that nothing waits for one"
	}
	return ""
}

func toldTheSame(a, b v1alpha1.EscalationLevel) bool {
	return a.Notify == b.Notify && a.After == b.After && a.Hours == b.Hours && sameSet(a.Triggers, b.Triggers) && sameSet(a.Severities, b.Severities)
}

func sameSet[T ~string](a, b []T) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
