package offline

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/amends-dev/amends/internal/lint"
	"github.com/amends-dev/amends/internal/manifest"
)

// NewCalendar is the command for calendars. now says which year it is.
func NewCalendar(s genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	c := &cobra.Command{
		Use: "calendar", Short: "Make BusinessCalendars",
		Long:    `Make BusinessCalendars of what there is: import-ics takes public holidays from an iCalendar file.`,
		Example: `  kubectl amends calendar import-ics holidays.ics --name front-desk --timezone Europe/Berlin`,
		Args: func(c *cobra.Command, given []string) error {
			if len(given) > 0 {
				return cannot(fmt.Errorf("%s has no command %q; it has import-ics", c.CommandPath(), given[0]))
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newImport(s, now))
	return c
}

// importing is what import-ics is asked for.
type importing struct {
	name, zone  string
	from, years int
	hours       []string
}

// defaultYears is how many years an import covers unless told otherwise.
const defaultYears = 3

func newImport(s genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	var o importing
	c := &cobra.Command{
		Use: "import-ics FILE|-", Short: "Make a BusinessCalendar of the all-day events of an iCalendar file",
		Long: `Make a BusinessCalendar of an iCalendar file (RFC 5545), as public-holiday services and office suites
give it: every all-day event becomes a holiday, an event of several days a range, and one that comes
back every year is written out for each year. Events at a time of day are left out, and so is what comes
back in other ways; both are told. Opening hours do not stand in such a file: give them with --hours.`,
		Example: `  kubectl amends calendar import-ics holidays.ics --name office --timezone Europe/Berlin > office.yaml
  kubectl amends calendar import-ics - --name shop --timezone Asia/Shanghai --hours Mon-Sat=10:00-22:00 --years 2`,
		Args: func(c *cobra.Command, given []string) error {
			if len(given) != 1 {
				return cannot(fmt.Errorf("%s takes one file, or - for the standard input", c.CommandPath()))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{"ics"}, cobra.ShellCompDirectiveFilterFileExt),
		RunE: func(c *cobra.Command, given []string) error {
			if o.from == 0 {
				o.from = now().UTC().Year()
			}
			data, err := readInput(given[0], s.In)
			if err != nil {
				return cannot(err)
			}
			out, remarks, err := o.convert(data)
			if err != nil {
				return cannot(err)
			}
			found, err := check(c, out)
			if err != nil {
				return cannot(err)
			}
			if len(found) > 0 {
				return cannot(errors.Join(found...))
			}
			for _, remark := range remarks {
				if _, err := fmt.Fprintln(s.ErrOut, remark); err != nil {
					return err
				}
			}
			_, err = s.Out.Write(out)
			return err
		},
	}
	c.Flags().StringVar(&o.name, "name", "", "name of the calendar")
	c.Flags().StringVar(&o.zone, "timezone", "", "IANA time zone of the calendar, for example Europe/Berlin")
	c.Flags().IntVar(&o.years, "years", defaultYears, "number of years that are written out")
	c.Flags().IntVar(&o.from, "from", 0, "first year that is written out; default the present one")
	c.Flags().StringSliceVar(&o.hours, "hours", []string{"Mon-Fri=09:00-17:00"}, "opening hours, for example Mon-Fri=09:00-17:00; may be given several times")
	return c
}

// check holds what was made against what a calendar must be.
func check(c *cobra.Command, out []byte) ([]error, error) {
	docs, bad := manifest.Parse("the calendar", out)
	found, err := lint.Run(c.Context(), docs, bad, lint.Options{})
	wrong := make([]error, len(found))
	for i := range found {
		wrong[i] = fmt.Errorf("%s: %s", found[i].Field, found[i].Message)
	}
	return wrong, err
}

// weekdays are the days as flags name them, and as the API does.
var weekdays = []struct{ short, long string }{
	{"mon", "Monday"}, {"tue", "Tuesday"}, {"wed", "Wednesday"}, {"thu", "Thursday"}, {"fri", "Friday"}, {"sat", "Saturday"}, {"sun", "Sunday"},
}

// weekly writes opening hours as the API has them.
func weekly(hours []string) ([]string, error) {
	var out []string
	for _, each := range hours {
		days, span, ok := strings.Cut(each, "=")
		from, to, ok2 := strings.Cut(span, "-")
		if !ok || !ok2 {
			return nil, fmt.Errorf("--hours %q: write days and hours, for example Mon-Fri=09:00-17:00", each)
		}
		names, err := daysOf(days)
		if err != nil {
			return nil, fmt.Errorf("--hours %q: %w", each, err)
		}
		out = append(out, fmt.Sprintf("  - days: [%s]\n    hours: [{from: %q, to: %q}]", strings.Join(names, ", "), from, to))
	}
	return out, nil
}

// daysOf reads a day, or the first and the last of several.
func daysOf(text string) ([]string, error) {
	first, last, isRange := strings.Cut(text, "-")
	from, errFrom := dayOf(first)
	if errFrom != nil || !isRange {
		return []string{weekdays[from].long}, errFrom
	}
	to, err := dayOf(last)
	if err != nil {
		return nil, err
	}
	var out []string
	for i := from; ; i = (i + 1) % len(weekdays) {
		out = append(out, weekdays[i].long)
		if i == to {
			return out, nil
		}
	}
}

func dayOf(text string) (int, error) {
	i := slices.IndexFunc(weekdays, func(d struct{ short, long string }) bool {
		return strings.EqualFold(d.short, text) || strings.EqualFold(d.long, text)
	})
	if i < 0 {
		return 0, fmt.Errorf("%q is no day; the days are Mon, Tue, Wed, Thu, Fri, Sat, Sun", text)
	}
	return i, nil
}
