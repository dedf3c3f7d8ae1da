package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/work"
)

// NewAmend is the command that corrects what was reported.
func NewAmend(f *Factory) *cobra.Command {
	var in work.Amend
	c := f.newEntry(entry{
		use: "amend INCIDENT", short: "Correct what was reported",
		long: `Correct what was reported wrongly. The header itself stays; what is given here holds from now on. Of
the customer, only what is given changes. A wrong severity is corrected with retarget.`,
		example: `  kubectl amends amend coffee-0417 --summary "Wind tipped a coffee over the guest's passport"
  kubectl amends amend coffee-0417 --tier Gold`,
		fact: func(*scene, []string) (work.Fact, error) { return in, nil },
	})
	fl := c.Flags()
	fl.StringVar(&in.Summary, "summary", "", "what happened")
	fl.StringVar(&in.Category, "category", "", "the kind of failure")
	fl.StringVar(&in.Service, "service", "", "what failed")
	fl.StringVar(&in.Customer.ID, "customer", "", "the customer's id")
	fl.StringVar(&in.Customer.Tier, "tier", "", "the customer's standing")
	fl.StringVar(&in.Customer.TimeZone, "time-zone", "", "where the customer lives, for example Asia/Shanghai")
	fl.StringVar(&in.Customer.ContactHours, "contact-hours", "", "when the customer may be called: 09:00-21:00")
	return c
}
