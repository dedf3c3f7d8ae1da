package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewRetarget is the command that changes the severity.
func NewRetarget(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "retarget INCIDENT SEVERITY [REASON]", short: "Change the severity",
		long: `Change the severity. Deadlines that run are counted anew from their start; a milder severity needs a
reason.`,
		example: `  kubectl amends retarget coffee-0417 High
  kubectl amends retarget coffee-0417 Low "It was the guest's own mug"`,
		alone: true, complete: []completion{words(work.Severities), nothing},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Retarget{Severity: args[0], Reason: first(args[1:])}, nil
		},
	})
}
