package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewResume is the command that ends a hold.
func NewResume(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "resume INCIDENT [HOLD]", short: "End a hold",
		long:    "End a hold. Without HOLD, it is the only one that lasts.",
		example: `  kubectl amends resume coffee-0417`,
		alone:   true, complete: []completion{f.ofIncident(work.Holds)},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Resume{Hold: first(args)}, nil
		},
	})
}
