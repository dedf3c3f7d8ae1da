package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewApprovals is the command that lists what waits for whoever asks.
func NewApprovals(f *Factory) *cobra.Command {
	var o struct {
		scope
		everybody bool
	}
	c := &cobra.Command{
		Use: "approvals", Short: "List the remedies that wait for your decision", GroupID: groupMoney, Args: args, ValidArgsFunction: nothing,
		Long: `List the remedies that wait for a decision that you may take: you hold the verb approve at a level
that reaches, and it was not you who asked. The customer's clock goes on while they wait.`,
		Example: `  kubectl amends approvals -A`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.approvals(c.Context(), &o.scope, o.everybody)
		},
	}
	addScope(c, &o.scope)
	c.Flags().BoolVar(&o.everybody, "everybody", false, "also those that wait for somebody else")
	return c
}

func (f *Factory) approvals(ctx context.Context, s *scope, everybody bool) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	me, err := k.Me()
	if err != nil {
		return err
	}
	all, err := asked(ctx, k, s)
	if err != nil {
		return err
	}
	levels := budgetLevels{k: k, known: map[string]*knownBudget{}}
	var waiting []view.Waiting
	others := 0
	for i := range all {
		comp := &all[i]
		if comp.Status.Phase != v1alpha1.CompensationAwaitingApproval {
			continue
		}
		level, err := levels.reach(ctx, comp)
		if err != nil {
			return err
		}
		mine := level != "" && comp.Spec.By != v1alpha1.User(me.Username) && comp.Spec.RecordedBy != v1alpha1.User(me.Username)
		if !mine {
			others++
		}
		if mine || everybody {
			waiting = append(waiting, view.Waiting{Compensation: comp, Level: level, Mine: mine})
		}
	}
	f.hint(levels.unread())
	lines := f.frame(k.Now()).Approvals(waiting, s.all)
	if others > 0 && !everybody {
		lines = append(lines, fmt.Sprintf("%d more wait for somebody else; --everybody lists them", others))
	}
	return f.print(lines...)
}

// asked reads the requests of a scope. Labels are those of the incidents that they name:
// a request has none of its own.
func asked(ctx context.Context, k *kube.Cluster, s *scope) ([]v1alpha1.Compensation, error) {
	everywhere := scope{all: s.all}
	opts, err := everywhere.options(k)
	if err != nil {
		return nil, err
	}
	all, err := k.Compensations(ctx, opts...)
	if err != nil || s.selector == "" {
		return all, err
	}
	incidents, err := find(ctx, k, s, nil)
	if err != nil {
		return nil, err
	}
	labelled := map[client.ObjectKey]bool{}
	for _, inc := range incidents {
		labelled[client.ObjectKeyFromObject(inc)] = true
	}
	return slices.DeleteFunc(all, func(c v1alpha1.Compensation) bool {
		return !labelled[client.ObjectKey{Namespace: c.Namespace, Name: string(c.Spec.IncidentName)}]
	}), nil
}

// budgetLevels knows at which levels of which budgets whoever asks may approve.
type budgetLevels struct {
	k     *kube.Cluster
	known map[string]*knownBudget
}

type knownBudget struct {
	currency v1alpha1.Currency
	levels   []v1alpha1.ApprovalLevel
	hidden   bool
}

// unread tells of the budgets that whoever asks may not read: what waits for a decision on
// them may be theirs to decide all the same.
func (b *budgetLevels) unread() []string {
	var names []string
	for name, known := range b.known {
		if known.hidden {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return []string{"you may not read the budget " + strings.Join(names, ", ") + ", so that your levels there could not be looked up: what waits for it counts as somebody else's. The role amends-viewer lets you read budgets"}
}

// reach is the lowest level at which whoever asks may approve a request; empty where
// there is none.
func (b *budgetLevels) reach(ctx context.Context, comp *v1alpha1.Compensation) (v1alpha1.Name, error) {
	key := comp.Namespace + "/" + string(comp.Spec.BudgetName)
	known := b.known[key]
	if known == nil {
		known = &knownBudget{}
		budget, hidden, err := b.k.Budget(ctx, comp.Namespace, string(comp.Spec.BudgetName))
		if err != nil {
			return "", err
		}
		known.hidden = hidden
		if budget != nil {
			known.currency = budget.Spec.Currency
			if known.levels, err = b.k.Levels(ctx, budget); err != nil {
				return "", err
			}
		}
		b.known[key] = known
	}
	for _, level := range known.levels {
		if work.Reaches(level, work.Asked(comp), known.currency) {
			return level.Name, nil
		}
	}
	return "", nil
}
