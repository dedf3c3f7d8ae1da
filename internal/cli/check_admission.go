package cli

import (
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/refusal"
	"github.com/amends-dev/amends/internal/cli/view"
)

// guards are the admission policies that config/admission installs, and what each one
// holds people to.
var guards = []struct{ name, holds string }{
	{"amends-journal", "entries are signed by who sends them, and dated by the API server"},
	{"amends-compensations", "money is asked for, spent, approved and handed over in one's own name"},
	{"amends-operator-fields", "status, finalizers and owner references are the operator's"},
	{"amends-deletions", "what is not at its end is not deleted"},
}

const installAdmission = "install the admission policies: kubectl apply --server-side -k config/admission"

// admission looks at the policies that hold signatures and times, and at the bindings
// without which they hold nothing.
func (c *checker) admission() {
	policies := &admissionregistrationv1.ValidatingAdmissionPolicyList{}
	if !c.listed(policies, "admission policies") {
		return
	}
	ours := map[string]*admissionregistrationv1.ValidatingAdmissionPolicy{}
	for i := range policies.Items {
		if p := &policies.Items[i]; matchesOurs(p) {
			ours[guardOf(p.Name)] = p
		}
	}
	if len(ours) == 0 {
		c.add(view.Doubtful, "admission", "nothing holds people to their own names: whoever may append can sign for anybody", installAdmission)
		return
	}
	bindings := &admissionregistrationv1.ValidatingAdmissionPolicyBindingList{}
	if !c.listed(bindings, "the bindings of admission policies") {
		return
	}
	for _, guard := range guards {
		p := ours[guard.name]
		if p == nil {
			c.add(view.Wrong, "admission", guard.name+" is missing: nothing sees to it that "+guard.holds, installAdmission)
			continue
		}
		c.guard(p, guard.holds, bindings.Items)
	}
}

// listed lists admission policies or bindings, and says so where they cannot be listed.
func (c *checker) listed(list client.ObjectList, what string) bool {
	const look = "let an administrator look: kubectl get validatingadmissionpolicies,validatingadmissionpolicybindings"
	err := c.k.Client.List(c.ctx, list)
	switch {
	case apierrors.IsForbidden(err):
		c.add(view.Unseen, "admission", "you may not read "+what, look)
	case err != nil:
		c.add(view.Doubtful, "admission", refusal.Of(err).Said[0], "check again; or "+look)
	}
	return err == nil
}

// guardOf is the name of a policy as config/admission has it, where an installation may
// have put a prefix before it.
func guardOf(name string) string {
	for _, guard := range guards {
		if strings.HasSuffix(name, "-"+guard.name) {
			return guard.name
		}
	}
	return name
}

// guard says whether a policy is in force. A policy holds nothing by itself: a binding
// puts it in force, and only one that denies holds anybody.
func (c *checker) guard(p *admissionregistrationv1.ValidatingAdmissionPolicy, holds string, bindings []admissionregistrationv1.ValidatingAdmissionPolicyBinding) {
	var bound, denies, everywhere bool
	for i := range bindings {
		b := &bindings[i]
		if b.Spec.PolicyName != p.Name {
			continue
		}
		bound = true
		if slices.Contains(b.Spec.ValidationActions, admissionregistrationv1.Deny) {
			denies = true
			everywhere = everywhere || b.Spec.MatchResources == nil
		}
	}
	rebind := "bind it: kubectl apply --server-side -k config/admission"
	switch {
	case !bound:
		c.add(view.Wrong, "admission", p.Name+" is not bound, and enforces nothing: nothing sees to it that "+holds, rebind)
	case !denies:
		c.add(view.Wrong, "admission", p.Name+" denies nothing, because its binding does not: nothing sees to it that "+holds, rebind)
	case !everywhere:
		c.add(view.Doubtful, "admission", p.Name+" is in force only where its binding matches", "see whether that is meant so: kubectl get validatingadmissionpolicybindings -o yaml; elsewhere nothing sees to it that "+holds)
	default:
		c.add(view.Fine, "admission", p.Name+" is in force: "+holds, "")
	}
}

// matchesOurs says that an admission policy is about our kinds.
func matchesOurs(p *admissionregistrationv1.ValidatingAdmissionPolicy) bool {
	if p.Spec.MatchConstraints == nil {
		return false
	}
	return slices.ContainsFunc(p.Spec.MatchConstraints.ResourceRules, func(r admissionregistrationv1.NamedRuleWithOperations) bool {
		return slices.Contains(r.APIGroups, v1alpha1.GroupVersion.Group)
	})
}
