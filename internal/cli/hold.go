package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewHold is the command that pauses what may be paused.
func NewHold(f *Factory) *cobra.Command {
	var until string
	c := f.newEntry(entry{
		use: "hold INCIDENT REASON", short: "Pause what the policy lets this reason pause",
		long: `Pause the clocks that the policy lets this reason pause. Apologies, answers, promises, approvals and
deliveries are never paused.`,
		example: `  kubectl amends hold coffee-0417 WaitingForCustomer --until "2026-10-05 09:00"`,
		alone:   true, complete: []completion{f.holdReasons},
		fact: func(s *scene, args []string) (work.Fact, error) {
			return work.Hold{Reason: args[0], Until: until, Allowed: allowedHolds(s.policy)}, nil
		},
	})
	c.Flags().StringVar(&until, "until", "", `when it ends by itself: 16:30, "2026-10-05 09:00"`)
	return c
}

// allowedHolds are the reasons that a policy lists; nil where it is not known.
func allowedHolds(pol *v1alpha1.RecoveryPolicy) []string {
	if pol == nil {
		return nil
	}
	out := []string{}
	for i := range pol.Spec.Holds {
		out = append(out, string(pol.Spec.Holds[i].Reason))
	}
	return out
}

// holdReasons proposes the reasons that the policy of the incident lists.
func (f *Factory) holdReasons(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	k, inc := f.first(c, args)
	if inc == nil {
		return nil, noFiles
	}
	return allowedHolds(k.Policy(c.Context(), inc)), noFiles
}
