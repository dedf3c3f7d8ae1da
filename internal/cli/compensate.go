package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewCompensate is the command that gives a remedy, or asks for one.
func NewCompensate(f *Factory) *cobra.Command {
	var o compensateOptions
	c := &cobra.Command{
		Use: "compensate INCIDENT [OPTION…]", Short: "Give a remedy, or ask for one", GroupID: groupMoney, Args: args,
		ValidArgsFunction: places(f.incidents, f.options(false), f.options(false), f.options(false), f.options(false), f.options(false)),
		Long: `Give a remedy out of the policy's catalogue, OPTION, or OPTION=AMOUNT where it has no fixed cost; of
several, the customer chooses one. --custom "TEXT=AMOUNT" gives what the catalogue does not have.

Within an allowance that you may spend it is granted at once, with nobody asked. Above it, or with
--ask, an approver decides. kubectl amends may INCIDENT shows what you may give now.`,
		Example: `  kubectl amends compensate parcel-0007 refund=35.00
  kubectl amends compensate parcel-0007 refund=35.00 voucher=50.00
  kubectl amends compensate no-room-0733 --custom "A night at the Grand Hotel=900.00" --ask -m "No room left in the house"`,
		RunE: func(c *cobra.Command, given []string) error {
			if err := o.check(); err != nil {
				return err
			}
			o.request.Options = given[1:]
			return f.compensate(c.Context(), given[0], &o)
		},
	}
	o.add(f, c)
	fl := c.Flags()
	fl.StringArrayVar(&o.request.Custom, "custom", nil, "a remedy that the catalogue does not have, TEXT=AMOUNT; may be repeated")
	fl.StringVar(&o.allowance, "allowance", "", "the allowance that it is taken from; without it, the one that you may spend")
	fl.BoolVar(&o.ask, "ask", false, "ask for an approval, whatever you may spend")
	fl.StringVar(&o.request.Budget, "budget", "", "the budget; without it, the policy's")
	fl.StringVarP(&o.request.Justification, "note", "m", "", "why, for the approver and for later")
	fl.StringVar(&o.request.Name, "name", "", "name of the request; with it, repeating the command does no harm. Without it, one is made of the incident's")
	fl.StringVar(&o.request.By, "by", "", "who asks, where that is not you; needs the verb record-for-others")
	completeFlag(c, "allowance", f.allowances)
	completeFlag(c, "budget", f.budgets)
	return c
}

type compensateOptions struct {
	writeOptions
	request   work.Request
	allowance string
	ask       bool
}

func (f *Factory) compensate(ctx context.Context, incident string, o *compensateOptions) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	s, err := f.scene(ctx, k, incident)
	if err != nil {
		return err
	}
	counter, budget, err := f.counter(ctx, k, s, o.request.Budget)
	if err != nil {
		return err
	}
	if o.request.Allowance, err = o.spend(ctx, k, s.Incident.Namespace, budget.RecoveryBudget); err != nil {
		return err
	}
	if !o.ask && o.allowance == "" {
		f.hint(budget.unread())
	}
	comp, err := o.request.Compensation(&s.Scene, counter)
	if err != nil {
		return err
	}
	f.hint(s.Hints)
	repeated, err := create(ctx, k, comp, o.dry(), sameRequest)
	if err != nil {
		return err
	}
	said := "asked for"
	if repeated {
		said = "asked for before, nothing changed"
	}
	return f.answerRemedy(ctx, k, comp, said, &o.writeOptions)
}

// sameRequest says whether two requests ask for the same, whatever became of them.
func sameRequest(a, b *v1alpha1.Compensation) bool {
	x, y := a.Spec.DeepCopy(), b.Spec.DeepCopy()
	for _, spec := range []*v1alpha1.CompensationSpec{x, y} {
		spec.Choice, spec.Decision, spec.Delivery, spec.Withdrawal = nil, nil, nil, nil
	}
	return equality.Semantic.DeepEqual(x, y)
}

// counterBudget is the budget of a request, as far as it can be read.
type counterBudget struct {
	*v1alpha1.RecoveryBudget
	name   string
	hidden bool
}

// unread says why it is asked for an approval where one might have spent: whoever knows
// better names the allowance.
func (b *counterBudget) unread() []string {
	switch {
	case b.hidden:
		return []string{"you may not read the budget " + b.name + ", so that the allowance could not be looked up: this asks for an approval. If you may spend one, name it with --allowance; the role amends-viewer lets you read budgets"}
	case b.RecoveryBudget == nil && b.name != "":
		return []string{"there is no budget " + b.name + " here yet: this asks for an approval, and is judged once there is"}
	}
	return nil
}

// counter reads what a request is made against. A budget that may not be read leaves the
// amounts to the server.
func (f *Factory) counter(ctx context.Context, k *kube.Cluster, s *scene, budgetName string) (*work.Counter, *counterBudget, error) {
	out := &work.Counter{}
	if s.policy != nil {
		out.Terms = s.policy.Spec.Compensation
	}
	if budgetName == "" && out.Terms != nil {
		budgetName = string(out.Terms.BudgetName)
	}
	taken, err := k.CompensationsOf(ctx, s.Incident)
	if err != nil {
		return nil, nil, err
	}
	for i := range taken {
		out.Taken = append(out.Taken, taken[i].Name)
	}
	budget := &counterBudget{name: budgetName}
	if budget.RecoveryBudget, budget.hidden, err = k.Budget(ctx, s.Incident.Namespace, budgetName); err != nil {
		return nil, nil, err
	}
	if budget.RecoveryBudget != nil {
		out.Currency = budget.Spec.Currency
	}
	return out, budget, nil
}

// spend is the allowance that the request names: the one that is given, or the only one
// that whoever asks may spend. Empty asks for an approval.
func (o *compensateOptions) spend(ctx context.Context, k *kube.Cluster, namespace string, budget *v1alpha1.RecoveryBudget) (v1alpha1.Name, error) {
	if o.ask && o.allowance != "" {
		return "", usageError{fmt.Errorf("--ask asks for an approval, --allowance does without one: give one of them")}
	}
	if o.ask || o.allowance != "" || budget == nil {
		return v1alpha1.Name(o.allowance), nil
	}
	var mine []v1alpha1.Name
	for i := range budget.Spec.Allowances {
		may, err := k.MaySpend(ctx, namespace, budget.Name, budget.Spec.Allowances[i].Name)
		if err != nil {
			return "", err
		}
		if may {
			mine = append(mine, budget.Spec.Allowances[i].Name)
		}
	}
	switch len(mine) {
	case 0:
		return "", nil
	case 1:
		return mine[0], nil
	}
	return "", fmt.Errorf("you may spend several allowances: name one with --allowance, %v; or ask for an approval with --ask", mine)
}
