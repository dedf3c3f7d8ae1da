package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewDone is the command that says what became of a task.
func NewDone(f *Factory) *cobra.Command {
	var in work.TaskOutcome
	c := f.newEntry(entry{
		use: "done INCIDENT [TASK]", short: "Say that a task is done, or what else became of it",
		long:     "Say that a task is done. Without TASK, it is the only open one.",
		example:  `  kubectl amends done upgrade-2203 care`,
		complete: []completion{f.ofIncident(work.Tasks)},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			in.Task = first(args)
			return in, nil
		},
	})
	c.Flags().StringVar(&in.Result, "result", "Done", "Done, Attempted, Declined or Released")
	f.completeWords(c, "result", work.TaskResults)
	return c
}
