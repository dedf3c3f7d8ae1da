package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewNeed is the command that records what the customer needs at heart.
func NewNeed(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "need INCIDENT TEXT", short: "Record what the customer needs at heart",
		long:    "Record what the customer needs at heart, best in their own words.",
		example: `  kubectl amends need upgrade-2203 "That this weekend feels like an anniversary again" --reached InPerson`,
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Need{Text: args[0]}, nil
		},
	})
}
