package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/offline"
)

// filed makes a command that works with files one of these.
func filed(construct func(f *Factory) *cobra.Command) func(*Factory) *cobra.Command {
	return func(f *Factory) *cobra.Command {
		c := construct(f)
		c.GroupID = groupFiles
		if c.ValidArgsFunction == nil {
			c.ValidArgsFunction = nothing
		}
		return c
	}
}

// NewLint is the command that says what is wrong with policies in files.
func NewLint(f *Factory) *cobra.Command {
	return offline.NewLint(f.IOStreams, f.now, f.Version)
}

// NewSimulate is the command that plays the incidents in files.
func NewSimulate(f *Factory) *cobra.Command {
	return offline.NewSimulate(f.IOStreams, f.now)
}

// NewDiff is the command that says what a changed policy would do to open incidents.
func NewDiff(f *Factory) *cobra.Command {
	return offline.NewDiff(f.IOStreams, offline.Desk{Now: f.now, Namespace: f.flags.Namespace, Connect: f.live})
}

// NewCalendar is the command that makes calendars.
func NewCalendar(f *Factory) *cobra.Command {
	return offline.NewCalendar(f.IOStreams, f.now)
}

// NewInit is the command that writes a policy to start from.
func NewInit(f *Factory) *cobra.Command {
	return offline.NewInit(f.IOStreams)
}

// now is this machine's time, by which files are judged.
func (f *Factory) now() time.Time { return f.Clock.Now() }

// live is the cluster as diff needs it.
func (f *Factory) live(ctx context.Context) (*offline.Live, error) {
	c, err := f.Cluster(ctx)
	if err != nil {
		return nil, err
	}
	return &offline.Live{
		Reader: c.Client, Namespace: c.Namespace, Snapshot: c.Snapshot,
		Now: func() time.Time { return c.Now() },
	}, nil
}
