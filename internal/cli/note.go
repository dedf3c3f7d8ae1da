package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewNote is the command that writes something down.
func NewNote(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "note INCIDENT TEXT", short: "Write something down",
		long:    "Write something down. It stays: who may redact can blank a text out, nobody can change it.",
		example: `  kubectl amends note coffee-0417 "The towel was a present"`,
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.OnlyNote{Text: args[0]}, nil
		},
	})
}
