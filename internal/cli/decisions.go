package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewApprove is the command that approves a remedy.
func NewApprove(f *Factory) *cobra.Command {
	v := &work.Verdict{Approve: true}
	c := f.newDecision(v, "approve REMEDY [REASON]", "Approve a remedy that waits for a decision",
		`Approve a remedy. You approve in your own name, never what you asked for yourself, at the lowest of
your levels that reaches. REMEDY may be the name of an incident that has only one waiting.`,
		`  kubectl amends approvals
  kubectl amends approve no-room-0733-1`)
	c.Flags().StringVar(&v.Amount, "amount", "", "how much is approved, in the budget's currency, where that is less than was asked: 80.00")
	return c
}

// NewDeny is the command that denies a remedy.
func NewDeny(f *Factory) *cobra.Command {
	return f.newDecision(&work.Verdict{}, "deny REMEDY REASON", "Deny a remedy that waits for a decision",
		"Deny a remedy, with a reason: who asked reads it, and tells the customer. It is final.",
		`  kubectl amends deny no-room-0733-1 "A room became free"`)
}

func (f *Factory) newDecision(v *work.Verdict, use, short, long, example string) *cobra.Command {
	said := "denied"
	if v.Approve {
		said = "approved"
	}
	c := f.newAddition(addition{
		use: use, short: short, long: long, example: example, said: said, field: "decision",
		phases: []v1alpha1.CompensationPhase{v1alpha1.CompensationAwaitingApproval}, complete: []completion{nothing},
		stands: func(comp *v1alpha1.Compensation, args []string) *work.Standing {
			v.Reason = first(args)
			return v.Stands(comp)
		},
		fact: func(ctx context.Context, k *kube.Cluster, comp *v1alpha1.Compensation, me v1alpha1.User, args []string) (any, error) {
			if comp.Status.Phase != v1alpha1.CompensationAwaitingApproval {
				return nil, fmt.Errorf("%s does not wait for an approval: it is %s", comp.Name, phase(comp))
			}
			v.Reason = first(args)
			if v.Level == "" {
				if err := lookUpLevels(ctx, k, comp, v); err != nil {
					return nil, err
				}
			}
			return v.Decision(comp, me)
		},
	})
	c.Flags().StringVar(&v.Level, "level", "", "the approval level; without it, the lowest of yours that reaches")
	completeFlag(c, "level", f.levels([]v1alpha1.CompensationPhase{v1alpha1.CompensationAwaitingApproval}))
	return c
}

// lookUpLevels reads at which levels whoever asks may decide.
func lookUpLevels(ctx context.Context, k *kube.Cluster, comp *v1alpha1.Compensation, v *work.Verdict) error {
	name := comp.Spec.BudgetName
	budget, hidden, err := k.Budget(ctx, comp.Namespace, string(name))
	switch {
	case err != nil:
		return err
	case hidden:
		return fmt.Errorf("you may not read the budget %s, so that your levels could not be looked up: name yours with --level, or ask for the role amends-viewer", name)
	case budget == nil:
		return fmt.Errorf("there is no budget %s here, so that your levels could not be looked up: name yours with --level", name)
	}
	v.Currency = budget.Spec.Currency
	v.Levels, err = k.Levels(ctx, budget)
	return err
}

// phase is the phase of a compensation, also before the operator has seen it.
func phase(c *v1alpha1.Compensation) v1alpha1.CompensationPhase {
	if c.Status.Phase == "" {
		return v1alpha1.CompensationRequested
	}
	return c.Status.Phase
}

// NewChoose is the command that records what the customer chose.
func NewChoose(f *Factory) *cobra.Command {
	return f.newAddition(addition{
		use: "choose REMEDY OFFER", short: "Record which of several offers the customer chose",
		long: `Record which of several offers the customer chose. The money that was set aside for a dearer one is
free again. REMEDY may be the name of an incident that has only one to choose from.`,
		example: `  kubectl amends choose parcel-0007-1 voucher`, said: "chosen", field: "choice",
		phases: []v1alpha1.CompensationPhase{v1alpha1.CompensationOffered}, complete: []completion{f.offers},
		stands: func(comp *v1alpha1.Compensation, args []string) *work.Standing {
			return work.ChoiceStands(comp, args[0])
		},
		fact: func(_ context.Context, _ *kube.Cluster, comp *v1alpha1.Compensation, me v1alpha1.User, args []string) (any, error) {
			return work.Choice(comp, args[0], me)
		},
	})
}

// offers proposes the offers of the remedy that the first argument names.
func (f *Factory) offers(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	k, err := f.Cluster(c.Context())
	if err != nil {
		return nil, noFiles
	}
	comp, err := findRemedy(c.Context(), k, args[0], nil)
	if err != nil {
		return nil, noFiles
	}
	var out []string
	for i := range comp.Spec.Offers {
		out = append(out, string(comp.Spec.Offers[i].Name))
	}
	return out, noFiles
}

// NewDeliver is the command that says that the customer has the remedy.
func NewDeliver(f *Factory) *cobra.Command {
	return f.newAddition(addition{
		use: "deliver REMEDY [EVIDENCE]", short: "Say that the customer has the remedy",
		long:    "Say that the customer has the remedy, and how one can see it: a receipt, a booking number.",
		example: `  kubectl amends deliver parcel-0007-1 "Voucher 8812 by mail"`, said: "delivered", field: "delivery",
		phases: []v1alpha1.CompensationPhase{v1alpha1.CompensationGranted}, complete: []completion{nothing},
		stands: func(comp *v1alpha1.Compensation, args []string) *work.Standing {
			return work.DeliveryStands(comp, first(args))
		},
		fact: func(_ context.Context, _ *kube.Cluster, _ *v1alpha1.Compensation, me v1alpha1.User, args []string) (any, error) {
			return work.Delivery(first(args), me), nil
		},
	})
}

// NewWithdraw is the command that takes a request back.
func NewWithdraw(f *Factory) *cobra.Command {
	return f.newAddition(addition{
		use: "withdraw REMEDY [REASON]", short: "Take a request for a remedy back",
		long:    "Take a request back, before the customer has it. The money is free again.",
		example: `  kubectl amends withdraw parcel-0007-1 "The parcel has come"`, said: "withdrawn", field: "withdrawal",
		phases: []v1alpha1.CompensationPhase{
			"", v1alpha1.CompensationRequested, v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered, v1alpha1.CompensationGranted,
		}, complete: []completion{nothing},
		stands: func(comp *v1alpha1.Compensation, args []string) *work.Standing {
			return work.WithdrawalStands(comp, first(args))
		},
		fact: func(_ context.Context, _ *kube.Cluster, _ *v1alpha1.Compensation, me v1alpha1.User, args []string) (any, error) {
			return work.Withdrawal(first(args), me), nil
		},
	})
}
