package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
	"github.com/amends-dev/amends/internal/recovery"
)

// NewWhy is the command that explains a deadline.
func NewWhy(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use: "why INCIDENT [CLOCK]", Aliases: []string{"explain"}, Short: "Explain a deadline, stretch by stretch", GroupID: groupSee, Args: args,
		ValidArgsFunction: places(f.incidents, f.ofIncident(clockNames)),
		Long: `Explain why something is due when it is due: what it counts, which hours counted and which did not, and
who moved it. It replays the journal as the operator does. CLOCK is a name such as Step/resolve, or
resolve alone; without it, what is due next.`,
		Example: `  kubectl amends why coffee-0417
  kubectl amends why coffee-0417 resolve`,
		RunE: func(c *cobra.Command, given []string) error {
			return f.why(c.Context(), given[0], first(given[1:]))
		},
	}
}

// clockNames are the names of all clocks.
func clockNames(inc *v1alpha1.Incident) []v1alpha1.Name {
	out := make([]v1alpha1.Name, len(inc.Status.Clocks))
	for i := range inc.Status.Clocks {
		out[i] = v1alpha1.Name(inc.Status.Clocks[i].Name)
	}
	return out
}

func (f *Factory) why(ctx context.Context, name, typed string) error {
	k, inc, err := f.incident(ctx, name)
	if err != nil {
		return err
	}
	clock, err := clockOf(inc, typed)
	if err != nil {
		return err
	}
	snapshot, err := k.Snapshot(ctx, inc)
	if err != nil {
		return err
	}
	explanation, err := recovery.Explain(snapshot, clock, k.Now())
	if err != nil {
		return err
	}
	lines := explanation.Lines(f.zone())
	if zone, err := time.LoadLocation(string(work.EffectiveCustomer(inc).TimeZone)); err == nil && zone != time.UTC && !explanation.DueAt.IsZero() {
		lines = append(lines, "For the customer it is due "+explanation.DueAt.In(zone).Format("Mon 2006-01-02 15:04:05 MST"))
	}
	for i := range lines {
		lines[i] = view.Clean(lines[i])
	}
	return f.print(lines...)
}

// clockOf is the name of the clock that is meant: in full, or what it measures, in its
// last round. Without a word, it is the one that is due next, else the last one.
func clockOf(inc *v1alpha1.Incident, typed string) (string, error) {
	if typed == "" {
		if asks := view.Asks(inc); len(asks) > 0 {
			return asks[0].Clock.Name, nil
		}
		if n := len(inc.Status.Clocks); n > 0 {
			return inc.Status.Clocks[n-1].Name, nil
		}
		return "", fmt.Errorf("incident %s has no clocks yet", inc.Name)
	}
	for _, c := range slices.Backward(inc.Status.Clocks) {
		if c.Name == typed || string(work.SubjectOf(&c)) == typed || strings.EqualFold(c.Name, typed) {
			return c.Name, nil
		}
	}
	return typed, nil // the engine knows what to say
}
