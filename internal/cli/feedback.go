package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewFeedback is the command that records how the customer took it.
func NewFeedback(f *Factory) *cobra.Command {
	var in work.Feedback
	c := f.newEntry(entry{
		use: "feedback INCIDENT", short: "Record how the customer took the recovery",
		long:    "Record how the customer took the recovery. A bad feedback is escalated, or reopens the incident.",
		example: `  kubectl amends feedback upgrade-2203 --satisfaction 5 --versus Above --will-return Yes --source Customer`,
		fact:    func(*scene, []string) (work.Fact, error) { return in, nil },
	})
	fl := c.Flags()
	fl.Int32Var(&in.Satisfaction, "satisfaction", 0, "from 1, not at all, to 5, fully")
	fl.StringVar(&in.Versus, "versus", "", "Below, Met or Above what they expected")
	fl.StringVar(&in.WillReturn, "will-return", "", "whether they mean to come back: Yes, No or Unknown")
	fl.StringVar(&in.Retained, "retained", "", "whether they have come back: Yes, No or Unknown")
	fl.StringVar(&in.Source, "source", "", "Customer, where they said it, or Staff, where we judge so")
	f.completeWords(c, "versus", work.Comparisons)
	f.completeWords(c, "will-return", work.Answers)
	f.completeWords(c, "retained", work.Answers)
	f.completeWords(c, "source", work.FeedbackSources)
	return c
}
