package lint

import (
	"fmt"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/manifest"
)

// known tells of a gesture whose option the catalogue does not have.
func (l *linter) known(at manifest.Position, field string, p *compiledPolicy, each *incident, option v1alpha1.Name) {
	if text := unknownOption(p, option); text != "" {
		l.at(ruleOptionUnknown, each.doc, at, field, "%s", text)
	}
}

// unknownOption says that a catalogue does not have an option, or nothing.
func unknownOption(p *compiledPolicy, option v1alpha1.Name) string {
	if _, ok := p.plan.Catalogue[option]; ok {
		return ""
	}
	var names []v1alpha1.Name
	if c := p.spec.Compensation; c != nil {
		for _, o := range c.Catalogue {
			names = append(names, o.Name)
		}
	}
	if len(names) == 0 {
		return fmt.Sprintf("the policy %s has no catalogue, so that there is no option %q", p.doc.Name, option)
	}
	return fmt.Sprintf("the policy %s has no option %q; its catalogue has %s", p.doc.Name, option, join(names))
}

// compensations holds requests against the budget, and against the policy of their
// incident, where the files have them.
func (l *linter) compensations() {
	for _, r := range l.world.requests {
		if b, ok := find(l.world.budgets, "RecoveryBudget", r.doc.Namespace, string(r.spec.BudgetName)); ok {
			l.request(r, b)
		} else if l.world.has("RecoveryBudget") && !l.world.described("RecoveryBudget", r.doc.Namespace, string(r.spec.BudgetName)) {
			l.add(ruleBudgetNotFound, r.doc, "spec.budgetName", "there is no RecoveryBudget %q among the files", r.spec.BudgetName)
		}
		each, ok := find(l.world.incidents, "Incident", r.doc.Namespace, string(r.spec.IncidentName))
		if !ok || !l.world.has("RecoveryPolicy") {
			continue
		}
		if p := l.policyQuietly(each); p != nil {
			l.offers(r, p)
		}
	}
}

// policyQuietly is the policy of an incident. What is wrong with that is told of the
// incident.
func (l *linter) policyQuietly(each *incident) *compiledPolicy {
	n := len(l.findings)
	p := l.policyOf(each)
	l.findings = l.findings[:n]
	return p
}

func (l *linter) request(r *request, b *compiledBudget) {
	has := func(a v1alpha1.Allowance) bool { return a.Name == r.spec.Allowance }
	if r.spec.Allowance != "" && !slices.ContainsFunc(b.spec.Allowances, has) {
		l.add(ruleAllowanceUnknown, r.doc, "spec.allowance", "the budget %s has no allowance %q", b.doc.Name, r.spec.Allowance)
	}
}

func (l *linter) offers(r *request, p *compiledPolicy) {
	for i, o := range r.spec.Offers {
		if o.Option == "" {
			continue
		}
		if text := unknownOption(p, o.Option); text != "" {
			l.add(ruleOptionUnknown, r.doc, index("spec.offers", i)+".option", "%s", text)
		}
	}
}
