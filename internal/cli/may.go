package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewMay is the command that says what one may give.
func NewMay(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use: "may INCIDENT", Short: "Say what you may give now, without asking", GroupID: groupMoney, Args: args, ValidArgsFunction: places(f.incidents),
		Long: `Say what you may give for an incident now: the allowances that you may spend and what is left of them
today, and the options of the policy's catalogue for the severity. What is left is reckoned from the
remedies that you may read; the operator, which grants, has the last word.`,
		Example: `  kubectl amends may parcel-0007`,
		RunE:    func(c *cobra.Command, given []string) error { return f.may(c.Context(), given[0]) },
	}
}

// unknownTerms says why it is not known what may be given.
func unknownTerms(s *scene) error {
	pinned, named := s.Incident.Status.Policy, s.Incident.Spec.PolicyName
	switch {
	case pinned != nil:
		return fmt.Errorf("incident %s follows the revision %s of the policy %s, and neither can be read: you may not, or they were deleted; what may be given is not known", s.Incident.Name, pinned.Revision, pinned.Name)
	case named != "":
		return fmt.Errorf("incident %s has no policy yet: the one that it names, %s, does not exist, or you may not read it; what may be given is not known", s.Incident.Name, named)
	}
	return fmt.Errorf("incident %s has no policy yet: what may be given is not known", s.Incident.Name)
}

func (f *Factory) may(ctx context.Context, name string) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	s, err := f.scene(ctx, k, name)
	if err != nil {
		return err
	}
	if s.policy == nil {
		return unknownTerms(s)
	}
	if s.Unsure {
		f.hint([]string{"the policy " + s.policy.Name + " was edited since; this is what it says now, but the operator judges by the revision that the incident follows, which cannot be read (ask for the role amends-viewer) or is about to change"})
	}
	terms := s.policy.Spec.Compensation
	if terms == nil {
		return f.print("The policy " + s.policy.Name + " says nothing about remedies: kindness that costs nothing is always allowed (kubectl amends gesture).")
	}
	may := work.May{Terms: terms, Severity: work.EffectiveSeverity(s.Incident)}
	if may.Budget, _, err = k.Budget(ctx, s.Incident.Namespace, string(terms.BudgetName)); err != nil {
		return err
	}
	if may.Budget != nil {
		given, err := k.Compensations(ctx, client.InNamespace(s.Incident.Namespace), client.MatchingFields{"spec.budgetName": may.Budget.Name})
		if err != nil {
			return err
		}
		for i := range may.Budget.Spec.Allowances {
			a := &may.Budget.Spec.Allowances[i]
			allowed, err := k.MaySpend(ctx, s.Incident.Namespace, may.Budget.Name, a.Name)
			if err != nil {
				return err
			}
			if !allowed {
				continue
			}
			left, err := work.Left(may.Budget, a, given, s.Incident, s.Me, k.Now())
			if err != nil {
				return err
			}
			may.Mine = append(may.Mine, left)
		}
	}
	return f.print(f.frame(k.Now()).May(s.Incident, &may)...)
}
