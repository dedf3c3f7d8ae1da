package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewCancel is the command that ends an incident as none.
func NewCancel(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "cancel INCIDENT REASON", short: "Say that it was none",
		long: `Say that it was none: a Mistake, a Duplicate, Averted (the failure did not come) or CustomerWithdrew.
Its steps stop for good; promises already made run on.`,
		example:  `  kubectl amends cancel parcel-0007 Averted`,
		complete: []completion{words(work.CancelReasons)},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Cancel{Reason: args[0]}, nil
		},
	})
}
