package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewContact is the command that records a contact with the customer.
func NewContact(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "contact INCIDENT", short: "Record a contact with the customer, or an attempt at one",
		long: `Record a contact with the customer. Say which, and by which channel: --reached, where we reached
them; --tried, where we did not; --heard, where they were in touch with us, which asks for an answer.`,
		example: `  kubectl amends contact upgrade-2203 --heard Phone --mood Upset -m "We booked the garden suite"
  kubectl amends contact upgrade-2203 --reached Phone --minutes 4`,
		fact: func(*scene, []string) (work.Fact, error) { return work.OnlyContact{}, nil },
	})
}
