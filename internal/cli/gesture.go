package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewGesture is the command that records a kindness that costs no budget.
func NewGesture(f *Factory) *cobra.Command {
	var in work.Gesture
	c := f.newEntry(entry{
		use: "gesture INCIDENT [TEXT]", short: "Record a kindness that costs no budget",
		long: "Record a kindness that costs no budget. What costs money is a remedy: see compensate.",
		example: `  kubectl amends gesture coffee-0417 "A fresh coffee"
  kubectl amends gesture upgrade-2203 --option better-room`,
		fact: func(_ *scene, args []string) (work.Fact, error) {
			in.Text = first(args)
			return in, nil
		},
	})
	c.Flags().StringVar(&in.Option, "option", "", "an option of the policy's catalogue that costs nothing")
	_ = c.RegisterFlagCompletionFunc("option", f.options(true))
	return c
}
