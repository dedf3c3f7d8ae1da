package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewSkip is the command that leaves a step out.
func NewSkip(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "skip INCIDENT STEP REASON", short: "Leave a step out, with a reason",
		long:     "Leave a step out, with a reason. An apology cannot be skipped.",
		example:  `  kubectl amends skip coffee-0417 thank-you-call "The guest has left for good"`,
		complete: []completion{f.ofIncident(openSteps), nothing},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Skip{Step: args[0], Reason: args[1]}, nil
		},
	})
}
