package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewMerge is the command that lets another incident carry on.
func NewMerge(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "merge INCIDENT INTO", short: "Let another incident carry on with the recovery",
		long:     "Let another incident of the namespace carry on. The steps stop here; promises already made run on here.",
		example:  `  kubectl amends merge coffee-0418 coffee-0417`,
		complete: []completion{f.incidents},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Merge{Into: args[0]}, nil
		},
	})
}
