package lint

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/manifest"
)

// role is a Role or ClusterRole of the files.
type role struct {
	doc   *manifest.Document
	rules []rbacv1.PolicyRule
}

func isRole(d *manifest.Document) bool {
	return strings.HasPrefix(d.APIVersion, rbacv1.GroupName+"/")
}

// role takes a role in, and the name of the role that a binding grants.
func (l *linter) role(d *manifest.Document) error {
	switch d.Kind {
	case "Role", "ClusterRole":
		var r rbacv1.ClusterRole
		if err := d.Into(&r); err != nil {
			l.at(ruleWrongType, d, d.At(""), "", "it cannot be read: %v", err)
			return nil
		}
		l.world.roles = append(l.world.roles, role{doc: d, rules: r.Rules})
	case "RoleBinding", "ClusterRoleBinding":
		ref, _ := d.Object["roleRef"].(map[string]any)
		name, _ := ref["name"].(string)
		l.world.bindings = append(l.world.bindings, name)
	}
	return nil
}

// The verbs on money.
const (
	verbSpend   = "spend"
	verbApprove = "approve"
	budgets     = "recoverybudgets"
)

// grantAll are roles that every installation has and that grant approve on every level.
var grantAll = []string{"amends-approver", "cluster-admin"}

// roles holds budgets against the roles in the files. Without any, who may spend is said
// elsewhere.
func (l *linter) roles() {
	if len(l.world.roles) == 0 {
		return
	}
	for _, k := range ordered(l.world.budgets) {
		b := l.world.budgets[k]
		if b.terms == nil {
			continue
		}
		l.spenders(b)
		l.approvers(b)
	}
	l.rolesForNothing()
}

func (l *linter) spenders(b *compiledBudget) {
	names := make([]string, len(b.spec.Allowances))
	for i, a := range b.spec.Allowances {
		names[i] = string(a.Name)
		if l.granted(b, verbSpend, names[i]) {
			return
		}
	}
	if len(names) > 0 {
		l.add(ruleBudgetNoSpender, b.doc, "spec.allowances", "no Role among the files grants the verb spend on %s/%s, so that nobody may give anything without asking; the allowances are %s",
			budgets, names[0], strings.Join(names, ", "))
	}
}

func (l *linter) approvers(b *compiledBudget) {
	if b.spec.Approval == nil || slices.ContainsFunc(l.world.bindings, func(name string) bool { return slices.Contains(grantAll, name) }) {
		return
	}
	for i, level := range b.spec.Approval.Levels {
		if !l.granted(b, verbApprove, string(level.Name)) {
			l.add(ruleLevelNoApprover, b.doc, index("spec.approval.levels", i), "no Role among the files grants the verb approve on %s/%s, so that nobody can decide at this level", budgets, level.Name)
		}
	}
}

// granted says whether a role lets somebody do something with a part of the budget.
func (l *linter) granted(b *compiledBudget, verb, part string) bool {
	for _, r := range l.world.roles {
		if r.doc.Kind == "Role" && !sameNamespace(r.doc, b.doc) {
			continue
		}
		if slices.ContainsFunc(r.rules, func(rule rbacv1.PolicyRule) bool { return grants(&rule, verb, part, b.doc.Name) }) {
			return true
		}
	}
	return false
}

// grants reads a rule as the API server's authorizer does.
func grants(rule *rbacv1.PolicyRule, verb, part, budget string) bool {
	among := func(list []string, wanted ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return slices.Contains(wanted, s) })
	}
	return among(rule.Verbs, verb, rbacv1.VerbAll) &&
		among(rule.APIGroups, v1alpha1.GroupVersion.Group, rbacv1.APIGroupAll) &&
		among(rule.Resources, budgets+"/"+part, "*/"+part, rbacv1.ResourceAll) &&
		(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, budget))
}

// rolesForNothing looks for grants on what no budget has.
func (l *linter) rolesForNothing() {
	if !l.world.has("RecoveryBudget") || slices.ContainsFunc(ordered(l.world.seen), func(k key) bool {
		return k.kind == "RecoveryBudget" && (l.world.budgets[k] == nil || l.world.budgets[k].terms == nil)
	}) {
		return // A budget that is wrong may have it.
	}
	for _, r := range l.world.roles {
		for i := range r.rules {
			for j, resource := range r.rules[i].Resources {
				part, isPart := strings.CutPrefix(resource, budgets+"/")
				if !isPart || part == "status" || part == "finalizers" {
					continue
				}
				if why := l.nothing(&r.rules[i], part); why != "" {
					l.add(ruleRoleForNothing, r.doc, fmt.Sprintf("rules[%d].resources[%d]", i, j), "%s", why)
				}
			}
		}
	}
}

// nothing says why a rule grants nothing, or nothing.
func (l *linter) nothing(rule *rbacv1.PolicyRule, part string) string {
	var have []string
	for _, k := range ordered(l.world.budgets) {
		b := l.world.budgets[k]
		if len(rule.ResourceNames) > 0 && !slices.Contains(rule.ResourceNames, b.doc.Name) {
			continue
		}
		if slices.Contains(rule.Verbs, verbSpend) {
			for _, a := range b.spec.Allowances {
				have = append(have, string(a.Name))
			}
		}
		if slices.Contains(rule.Verbs, verbApprove) && b.spec.Approval != nil {
			for _, level := range b.spec.Approval.Levels {
				have = append(have, string(level.Name))
			}
		}
	}
	verbs := strings.Join(rule.Verbs, ", ")
	switch {
	case !slices.Contains(rule.Verbs, verbSpend) && !slices.Contains(rule.Verbs, verbApprove), slices.Contains(have, part):
		return ""
	case len(have) == 0:
		return fmt.Sprintf("no budget among the files has %q to %s", part, verbs)
	}
	return fmt.Sprintf("no budget that the rule is for has %q to %s; there is %s", part, verbs, strings.Join(have, ", "))
}
