package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewPromise is the command that records what was promised to the customer.
func NewPromise(f *Factory) *cobra.Command {
	var in work.Promise
	c := f.newEntry(entry{
		use: "promise INCIDENT TEXT", short: "Record what was promised to the customer, and by when",
		long: `Record what was promised to the customer, and by when. A promise runs on the wall clock; nothing
pauses or moves it. Another one may supersede it, once the customer was told.`,
		example: `  kubectl amends promise coffee-0417 "A dry towel" --within 10m
  kubectl amends promise upgrade-2203 "The hotel calls you back" --within 30m --owner tom --reached Phone`,
		fact: func(_ *scene, args []string) (work.Fact, error) {
			in.Text = args[0]
			return in, nil
		},
	})
	addDue(c, &in.Within, &in.Due)
	fl := c.Flags()
	fl.StringVar(&in.Channel, "channel", "", "how we said we would be in touch")
	fl.StringVar(&in.Owner, "owner", "", "who keeps it; without it, the owner of the incident")
	fl.StringVar(&in.Supersedes, "supersedes", "", "the promise that this one replaces")
	fl.StringVar(&in.ForStep, "for-step", "", "the step for which the customer chose this slot: it becomes the step's due time")
	f.completeWords(c, "channel", work.Channels)
	completeFlag(c, "owner", f.people)
	_ = c.RegisterFlagCompletionFunc("supersedes", f.ofIncident(work.Promises))
	_ = c.RegisterFlagCompletionFunc("for-step", f.ofIncident(openSteps))
	return c
}

// addDue adds the two ways to say by when.
func addDue(c *cobra.Command, within, due *string) {
	c.Flags().StringVar(within, "within", "", "by when, from now: 30m, 1h30m")
	c.Flags().StringVar(due, "due", "", `by when: 16:30, "2026-10-02 16:30"`)
}
