package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
)

// completeFlag proposes live names for a flag.
func completeFlag(c *cobra.Command, flag string, propose completion) {
	// It fails only where the flag is not there, which every test would see.
	_ = c.RegisterFlagCompletionFunc(flag, propose)
}

// people proposes those whom the incident of the first argument and its policy name.
func (f *Factory) people(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	k, inc := f.first(c, args)
	if inc == nil {
		return nil, noFiles
	}
	return work.People(inc, k.Policy(c.Context(), inc)), noFiles | cobra.ShellCompDirectiveKeepOrder
}

// owners proposes whoever types, and then people.
func (f *Factory) owners(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	people, directive := f.people(c, args, typed)
	return append([]string{"me"}, people...), directive
}

// policies proposes the policies of the namespace.
func (f *Factory) policies(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	k, err := f.Cluster(c.Context())
	if err != nil {
		return nil, noFiles
	}
	list := &v1alpha1.RecoveryPolicyList{}
	var out []string
	_ = k.Each(c.Context(), list, func() {
		for i := range list.Items {
			out = append(out, fmt.Sprintf("%s\tpriority %d", list.Items[i].Name, list.Items[i].Spec.Priority))
		}
		list.Items = nil
	}, client.InNamespace(k.Namespace))
	return out, noFiles
}

// budgets proposes the budgets of the namespace.
func (f *Factory) budgets(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	k, err := f.Cluster(c.Context())
	if err != nil {
		return nil, noFiles
	}
	list := &v1alpha1.RecoveryBudgetList{}
	var out []string
	_ = k.Each(c.Context(), list, func() {
		for i := range list.Items {
			b := &list.Items[i]
			out = append(out, described(b.Name, worth(b.Status.Available, b.Spec.Currency, "available")))
		}
		list.Items = nil
	}, client.InNamespace(k.Namespace))
	return out, noFiles
}

// allowances proposes the allowances of the budget that the flag or the policy names.
func (f *Factory) allowances(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	k, inc := f.first(c, args)
	if inc == nil {
		return nil, noFiles
	}
	name, _ := c.Flags().GetString("budget")
	if name == "" {
		name = budgetOf(k.Policy(c.Context(), inc))
	}
	budget, _, err := k.Budget(c.Context(), inc.Namespace, name)
	if err != nil || budget == nil {
		return nil, noFiles
	}
	var out []string
	for i := range budget.Spec.Allowances {
		a := &budget.Spec.Allowances[i]
		out = append(out, described(string(a.Name), worth(a.PerPersonPerDay, budget.Spec.Currency, "a day"), worth(a.PerIncident, budget.Spec.Currency, "for an incident")))
	}
	return out, noFiles
}

// levels proposes the approval levels of the budget of the remedy that the first argument
// names.
func (f *Factory) levels(phases []v1alpha1.CompensationPhase) completion {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		k, err := f.Cluster(c.Context())
		if err != nil || len(args) == 0 {
			return nil, noFiles
		}
		return levelsOf(c, k, args[0], phases), noFiles | cobra.ShellCompDirectiveKeepOrder
	}
}

func levelsOf(c *cobra.Command, k *kube.Cluster, remedy string, phases []v1alpha1.CompensationPhase) []string {
	comp, err := findRemedy(c.Context(), k, remedy, phases)
	if err != nil {
		return nil
	}
	budget, _, err := k.Budget(c.Context(), comp.Namespace, string(comp.Spec.BudgetName))
	if err != nil || budget == nil || budget.Spec.Approval == nil {
		return nil
	}
	var out []string
	for _, l := range budget.Spec.Approval.Levels {
		upTo := "without a limit"
		if l.UpTo != "" {
			upTo = "up to " + worth(l.UpTo, budget.Spec.Currency, "")
		}
		out = append(out, described(string(l.Name), upTo))
	}
	return out
}

// budgetOf is the budget that a policy names.
func budgetOf(pol *v1alpha1.RecoveryPolicy) string {
	if pol == nil || pol.Spec.Compensation == nil {
		return ""
	}
	return string(pol.Spec.Compensation.BudgetName)
}

// described is a proposal with what there is to say about it.
func described(name string, words ...string) string {
	var said []string
	for _, w := range words {
		if w != "" {
			said = append(said, w)
		}
	}
	if len(said) == 0 {
		return name
	}
	return name + "\t" + view.Clean(strings.Join(said, ", "))
}

// worth is an amount in words; nothing without one.
func worth(amount v1alpha1.Money, currency v1alpha1.Currency, words string) string {
	if amount == "" {
		return ""
	}
	return strings.TrimSpace(string(amount) + " " + string(currency) + " " + words)
}
