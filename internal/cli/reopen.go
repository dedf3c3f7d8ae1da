package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewReopen is the command that starts another round.
func NewReopen(f *Factory) *cobra.Command {
	var in work.Reopen
	c := f.newEntry(entry{
		use: "reopen INCIDENT", short: "Say that it is not over: the next round begins",
		long: `Say that it is not over. The next round begins with another apology; the total time to resolution
goes on. Where the customer was in touch, contact --heard reopens it as well.`,
		example: `  kubectl amends reopen bike-0031 --reason HappenedAgain`,
		fact:    func(*scene, []string) (work.Fact, error) { return in, nil },
	})
	c.Flags().StringVar(&in.Reason, "reason", "", "NotFixed, HappenedAgain, CustomerDisagrees or Other")
	f.completeWords(c, "reason", work.ReopenReasons)
	return c
}
