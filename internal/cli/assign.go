package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewAssign is the command that hands an incident over.
func NewAssign(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "assign INCIDENT OWNER", short: "Hand the incident to a person or a group, or take it",
		long: "Hand the incident to a person or a group; me is you. Who gets it takes it on with accept.",
		example: `  kubectl amends assign upgrade-2203 tom
  kubectl amends assign upgrade-2203 me`,
		complete: []completion{f.owners},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Assignment{Owner: args[0]}, nil
		},
	})
}
