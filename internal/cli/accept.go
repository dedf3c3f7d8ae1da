package cli

import (
	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewAccept is the command that takes an assignment on.
func NewAccept(f *Factory) *cobra.Command {
	return f.newEntry(entry{
		use: "accept INCIDENT [ASSIGNMENT]", aliases: []string{"ack"}, short: "Take the incident on: you have read its journal",
		long: `Take the incident on, which says that you have read its journal, so that the customer need not tell it
again. Without ASSIGNMENT, it is the latest one.`,
		example:  `  kubectl amends accept upgrade-2203`,
		complete: []completion{f.ofIncident(assignments)},
		fact: func(_ *scene, args []string) (work.Fact, error) {
			return work.Acceptance{Assignment: first(args)}, nil
		},
	})
}

// assignments are the entries that assigned the incident.
func assignments(inc *v1alpha1.Incident) []v1alpha1.Name {
	var out []v1alpha1.Name
	for i := range inc.Spec.Journal {
		if inc.Spec.Journal[i].Assignment != nil {
			out = append(out, inc.Spec.Journal[i].ID)
		}
	}
	return out
}
