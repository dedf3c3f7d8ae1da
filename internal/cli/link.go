package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewLink is the command that points elsewhere.
func NewLink(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "link INCIDENT URL NAME", short: "Point to a ticket, a call record, a chat",
		long: `Point to what stands elsewhere and belongs to the incident. NAME is what people read instead of the
URL.`,
		example:  `  kubectl amends link coffee-0417 https://tickets.example.com/4711 "Ticket 4711"`,
		complete: []completion{nothing, nothing},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Link{URL: args[0], Name: args[1]}, nil
		},
	})
}
