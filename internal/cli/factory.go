package cli

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
)

// Factory is what every command is made with. The zero value of each field but Clock
// and the streams does.
type Factory struct {
	genericiooptions.IOStreams
	// Clock is this machine's, by which time passes on a screen. No fact is dated by it.
	Clock clock.PassiveClock
	// Zone is where the viewer is; nil is UTC.
	Zone *time.Location
	// Version is the program's own.
	Version string
	// Getenv reads the environment; nil is an empty one.
	Getenv func(string) string
	// Patience is how long a command waits for the operator's answer; zero is 2s.
	Patience time.Duration

	flags   kube.Flags
	cluster *kube.Cluster
}

// patience is how long a person waits for an answer without wondering.
const patience = 2 * time.Second

// Cluster connects to the API server, once.
func (f *Factory) Cluster(ctx context.Context) (*kube.Cluster, error) {
	if f.cluster != nil {
		return f.cluster, nil
	}
	config, namespace, err := f.flags.Load()
	if err != nil {
		return nil, err
	}
	f.cluster, err = kube.Connect(ctx, config, namespace, f.Clock, f.ErrOut)
	return f.cluster, err
}

// incident connects to the API server, and reads an incident of the namespace.
func (f *Factory) incident(ctx context.Context, name string) (*kube.Cluster, *v1alpha1.Incident, error) {
	k, err := f.Cluster(ctx)
	if err != nil {
		return nil, nil, err
	}
	inc, err := k.Incident(ctx, k.Namespace, name)
	return k, inc, err
}

// env is a variable of the environment.
func (f *Factory) env(name string) string {
	if f.Getenv == nil {
		return ""
	}
	return f.Getenv(name)
}

// terminal is the width of the terminal that the output goes to, and whether it goes to
// one.
func (f *Factory) terminal() (width int, ok bool) {
	file, isFile := f.Out.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		return 80, true
	}
	return width, true
}

// colours says whether the output may be coloured.
func (f *Factory) colours() bool {
	_, ok := f.terminal()
	return ok && f.env("NO_COLOR") == "" && f.env("TERM") != "dumb"
}

// zone is where the viewer is.
func (f *Factory) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// frame is how things are drawn at an instant.
func (f *Factory) frame(now time.Time) *view.Frame {
	width, _ := f.terminal()
	return &view.Frame{Now: now, Zone: f.zone(), Width: width, Paint: view.Painter(f.colours())}
}

// print writes lines.
func (f *Factory) print(lines ...string) error {
	for _, line := range lines {
		if _, err := f.Out.Write(append([]byte(line), '\n')); err != nil {
			return err
		}
	}
	return nil
}

// wait bounds a wait for the operator's answer.
func (f *Factory) wait(ctx context.Context) (context.Context, context.CancelFunc) {
	d := f.Patience
	if d == 0 {
		d = patience
	}
	return context.WithTimeout(ctx, d)
}

// scope is where a command looks for objects.
type scope struct {
	all      bool
	selector string
}

// addScope adds the flags of a scope.
func addScope(c *cobra.Command, s *scope) {
	c.Flags().BoolVarP(&s.all, "all-namespaces", "A", false, "look in all namespaces")
	c.Flags().StringVarP(&s.selector, "selector", "l", "", "look only at incidents with these labels, for example site=pool-bar")
}
