package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewKeep is the command that says what became of a promise.
func NewKeep(f *Factory) *cobra.Command {
	var in work.PromiseOutcome
	c := f.newEntry(entry{
		use: "keep INCIDENT [PROMISE]", short: "Say that a promise was kept, or what else became of it",
		long: `Say that a promise was kept. It counts once a person's contact has reached the customer since it was
made, or with a note by which one can see it. Without PROMISE, it is the only open one.`,
		example: `  kubectl amends keep upgrade-2203 --reached Phone --minutes 4
  kubectl amends keep coffee-0417 promise-2 --result Broken`,
		complete: []completion{f.ofIncident(work.Promises)},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			in.Promise = first(args)
			return in, nil
		},
	})
	c.Flags().StringVar(&in.Result, "result", "Kept", "Kept; Attempted: we tried and did not reach them; Released: they no longer want it; or Broken")
	f.completeWords(c, "result", work.PromiseResults)
	return c
}

// first is the first argument, or nothing.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
