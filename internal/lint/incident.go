package lint

import (
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// incidents holds incidents against the policies, where the files have any.
func (l *linter) incidents() {
	if !l.world.has("RecoveryPolicy") {
		return
	}
	for _, k := range ordered(l.world.incidents) {
		each := l.world.incidents[k]
		if p := l.policyOf(each); p != nil {
			l.journal(each, p)
		}
	}
}

// policyOf is the policy of an incident, by name or by selection; nil where there is
// none, which is told, or none that compiles.
func (l *linter) policyOf(each *incident) *compiledPolicy {
	name := string(each.inc.Spec.PolicyName)
	if name != "" && !l.world.described("RecoveryPolicy", each.doc.Namespace, name) {
		l.add(rulePolicyNotFound, each.doc, "spec.policyName", "there is no RecoveryPolicy %q among the files", name)
		return nil
	}
	if name == "" {
		var candidates []policy.Candidate
		for _, k := range ordered(l.world.policies) {
			p := l.world.policies[k]
			if sameNamespace(p.doc, each.doc) {
				candidates = append(candidates, policy.Candidate{Name: p.doc.Name, Priority: p.spec.Priority, Selector: p.selector})
			}
		}
		found, problem := policy.Select(policy.NewHeader(each.inc), candidates)
		if problem != nil && problem.Reason == v1alpha1.NoPolicyMatchesReason && len(candidates) == l.count("RecoveryPolicy") {
			l.add(ruleNoPolicySelects, each.doc, "spec", "%s", problem.Message)
		}
		name = found
	}
	p, ok := find(l.world.policies, "RecoveryPolicy", each.doc.Namespace, name)
	if !ok || p.plan == nil {
		return nil
	}
	return p
}

// count is how many objects of a kind the files describe.
func (l *linter) count(kind string) int {
	n := 0
	for k := range l.world.seen {
		if k.kind == kind {
			n++
		}
	}
	return n
}

// journal holds what an incident says against its policy.
func (l *linter) journal(each *incident, p *compiledPolicy) {
	spec := &each.inc.Spec
	if spec.Category != "" && len(p.spec.Categories) > 0 && !slices.Contains(p.spec.Categories, spec.Category) {
		l.add(ruleCategory, each.doc, "spec.category", "the policy %s does not list %q; its categories are %s", p.doc.Name, spec.Category, join(p.spec.Categories))
	}
	for i := range spec.Journal {
		e, field := &spec.Journal[i], index("spec.journal", i)
		if e.Completion != nil && p.plan.StepNamed(e.Completion.Step) < 0 {
			l.add(ruleUnknownStep, each.doc, field+".completion.step", "there is no step %q in the policy %s; the steps are %s", e.Completion.Step, p.doc.Name, p.plan.StepNames())
		}
		if e.Gesture != nil && e.Gesture.Option != "" {
			l.known(each.doc.At(field+".gesture.option"), field+".gesture.option", p, each, e.Gesture.Option)
		}
	}
}

func join[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}
