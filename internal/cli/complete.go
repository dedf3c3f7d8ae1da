package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewComplete is the command that says that a step is done.
func NewComplete(f *Factory) *cobra.Command {
	var in work.Completion
	c := f.newEntry(entry{
		use: "complete INCIDENT STEP", short: "Say that a step is done",
		long: `Say that a step is done. Where something is missing that the step demands, the answer says what to
add; the completion then counts as soon as that is recorded.`,
		example: `  kubectl amends complete coffee-0417 apologise --reached InPerson
  kubectl amends complete coffee-0417 resolve --accepted Yes`,
		complete: []completion{f.ofIncident(openSteps)},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			in.Step = args[0]
			return in, nil
		},
	})
	c.Flags().StringVar(&in.Accepted, "accepted", "", "whether the customer accepted it: Yes or NotYet")
	c.Flags().StringVar(&in.NoRemedy, "no-remedy", "", "why the customer gets no remedy")
	f.completeWords(c, "accepted", work.Accepteds)
	return c
}
