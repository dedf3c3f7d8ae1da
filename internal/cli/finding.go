package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewFinding is the command that records a cause.
func NewFinding(f *Factory) *cobra.Command {
	var in work.Finding
	c := f.newEntry(entry{
		use: "finding INCIDENT CAUSE [DETAIL]", short: "Record why it failed",
		long: `Record why it failed: Execution (done wrong), Process (the way it is done is wrong), System (something
broke), Customer, Expectation, ThirdParty, External (wind, weather) or Unknown. No cause shortens
what is owed.`,
		example:  `  kubectl amends finding coffee-0417 External "A gust of wind"`,
		complete: []completion{words(work.Causes), nothing},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			in.Cause, in.Detail = args[0], first(args[1:])
			return in, nil
		},
	})
	c.Flags().BoolVar(&in.Primary, "primary", false, "it is the main cause among several")
	c.Flags().StringVar(&in.Preventable, "preventable", "", "whether it could have been prevented: Yes, No or Unknown")
	f.completeWords(c, "preventable", work.Answers)
	return c
}
