package offline

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/amends-dev/amends/internal/simulate"
)

// NewSimulate is the command that plays files on a virtual clock. now is where that
// clock starts, if the files do not say.
func NewSimulate(s genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	var files []string
	var output, start, until string
	var every time.Duration
	var verbose bool
	c := &cobra.Command{
		Use: "simulate -f DIR|FILE|-", Short: "Play incidents against policies, on a virtual clock", Args: noArgs,
		Long: `Play the incidents, journal entries and Compensations in files against the policies, calendars and
budgets there, on a virtual clock, until nothing more is due, and print what would have happened. It is
the operator's own engine that decides; nobody is asked who they are, and no cluster is needed.

An entry comes at its recordedAt, else at its at; an object at its creationTimestamp, at the annotation
simulate.amends.dev/at, or at the start. Facts without a time come one after the other, half a minute
apart, in the order of the files. A Timetable among the files says it better; see the documentation.`,
		Example: `  kubectl amends simulate -f config/samples/coffee-in-the-wind
  kubectl amends simulate -f policies/ -f incident.yaml --start 2026-10-02T16:30:00+02:00 --verbose
  kubectl amends simulate -f cases/ -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "" && output != "text" && output != "json" {
				return cannot(fmt.Errorf("-o %q: it is one of text, json", output))
			}
			o := simulate.Options{Start: now(), Every: every}
			for _, each := range []struct {
				flag, text string
				into       *time.Time
			}{{"start", start, &o.Start}, {"until", until, &o.Until}} {
				if each.text == "" {
					continue
				}
				at, err := time.Parse(time.RFC3339, each.text)
				if err != nil {
					return cannot(fmt.Errorf("--%s %q: write an instant such as 2026-10-02T16:30:00+02:00", each.flag, each.text))
				}
				*each.into = at
			}
			if c.Flags().Changed("every") && (every < time.Second || every%time.Second != 0) {
				return cannot(fmt.Errorf("--every %s: give whole seconds, at least 1s", every))
			}
			docs, err := load(files, s.In)
			if err != nil {
				return err
			}
			out, err := simulate.Simulate(c.Context(), docs, o)
			if err != nil {
				return cannot(err)
			}
			if output == "json" {
				return out.WriteJSON(s.Out)
			}
			return out.WriteText(s.Out, verbose)
		},
	}
	addFiles(c, &files, "files, folders with all below them, or - for the standard input")
	c.Flags().StringVarP(&output, "output", "o", "", "form of the transcript: text, json")
	c.Flags().StringVar(&start, "start", "", "when it begins, unless the files say it: 2026-10-02T16:30:00+02:00; default now")
	c.Flags().StringVar(&until, "until", "", "when it ends, if more would be due: 2026-10-09T16:30:00+02:00; default 400 days after the last fact")
	c.Flags().DurationVar(&every, "every", 0, "time between facts that have none, in whole seconds: 30s, 5m; default 30s")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell of single clocks and conditions too")
	return c
}
