package offline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/amends-dev/amends/internal/lint"
)

// NewLint is the command that finds mistakes in files. now is the clock that fixed
// instants are held against; version is the program's own, for reports.
func NewLint(s genericiooptions.IOStreams, now func() time.Time, version string) *cobra.Command {
	var files []string
	var output string
	var rules bool
	c := &cobra.Command{
		Use: "lint -f DIR|FILE|-", Short: "Find mistakes in policies, budgets and calendars before they reach a cluster", Args: noArgs,
		Long: `Find what is wrong with policies, budgets, calendars and what goes with them, in files alone: what
the API server would refuse, what the operator would stall on, and what both would take although it can
never do what was meant: a level that is never told, an option that nobody can give, a step that never
applies. Roles in the same files are looked at for who may spend and approve.

It exits with 0 where there is nothing to find, 1 where there is, and 2 where it could not run.`,
		Example: `  kubectl amends lint -f policies/
  kubectl amends lint -f policies/ -o sarif > lint.sarif
  kustomize build overlays/hotel-b | kubectl amends lint -f -
  kubectl amends lint --rules`,
		RunE: func(c *cobra.Command, _ []string) error {
			if rules {
				return listRules(s)
			}
			if known := []string{"", "text", "json", "sarif"}; !slices.Contains(known, output) {
				return cannot(fmt.Errorf("-o %q: it is one of %s", output, strings.Join(known[1:], ", ")))
			}
			docs, bad, err := loadAll(files, s.In)
			if err != nil {
				return err
			}
			found, err := lint.Run(c.Context(), docs, bad, lint.Options{Now: now()})
			if err != nil {
				return cannot(err)
			}
			switch output {
			case "json":
				err = lint.WriteJSON(s.Out, found)
			case "sarif":
				err = lint.WriteSARIF(s.Out, found, version)
			default:
				err = lint.WriteText(s.Out, found)
			}
			if err != nil {
				return cannot(err)
			}
			if len(found) > 0 {
				return &Exit{Code: ExitFound}
			}
			return nil
		},
	}
	addFiles(c, &files, "files, folders with all below them, or - for the standard input")
	c.Flags().StringVarP(&output, "output", "o", "", "form of the report: text, json, sarif")
	c.Flags().BoolVar(&rules, "rules", false, "list the rules and end")
	return c
}

func listRules(s genericiooptions.IOStreams) error {
	for _, r := range lint.Rules() {
		if _, err := fmt.Fprintf(s.Out, "%-32s %-8s %s\n", r.ID, r.Severity, r.Help); err != nil {
			return err
		}
	}
	return nil
}
