package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewImpact is the command that records how long it hurt.
func NewImpact(f *Factory) *cobra.Command {
	var in work.Impact
	c := f.newEntry(entry{
		use: "impact INCIDENT", short: "Record how long it hurt, and what was at stake",
		long: `Record from when to when the failure hurt the customer, and what was at stake. Give what you know; more
may follow as another entry.`,
		example: `  kubectl amends impact api-0042 --started 14:05 --ended 14:45`,
		fact:    func(*scene, []string) (work.Fact, error) { return in, nil },
	})
	c.Flags().StringVar(&in.Started, "started", "", `when it began to hurt: 14:05, "2h ago", "2026-10-02 14:05"`)
	c.Flags().StringVar(&in.Ended, "ended", "", "when it stopped, in the same form")
	c.Flags().StringVar(&in.AtStake, "at-stake", "", "what the customer stood to lose, in the budget's currency: 1200.00")
	return c
}
