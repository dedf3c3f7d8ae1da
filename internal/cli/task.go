package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewTask is the command that asks a colleague for something.
func NewTask(f *Factory) *cobra.Command {
	var in work.Task
	c := f.newEntry(entry{
		use: "task INCIDENT TEXT", short: "Ask a colleague for something, by when",
		long: `Ask a colleague for something: Help for the customer, an Internal hand-over, a check (Verify), Care on
the next days, or Prevention, which outlives the incident.`,
		example: `  kubectl amends task upgrade-2203 "Breakfast at 06:00 on the terrace" --kind Care --to wei --within 24h`,
		fact: func(_ *scene, args []string) (work.Fact, error) {
			in.Text = args[0]
			return in, nil
		},
	})
	addDue(c, &in.Within, &in.Due)
	c.Flags().StringVar(&in.Kind, "kind", "Help", "Help, Internal, Verify, Care or Prevention")
	c.Flags().StringVar(&in.To, "to", "", "the person or group who has it to do")
	f.completeWords(c, "kind", work.TaskKinds)
	completeFlag(c, "to", f.people)
	return c
}
