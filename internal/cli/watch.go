package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/watch"
)

// NewWatch is the command that shows incidents live.
func NewWatch(f *Factory) *cobra.Command {
	var s scope
	c := &cobra.Command{
		Use: "watch [INCIDENT]", Aliases: []string{"top"}, Short: "Watch incidents live", GroupID: groupSee, Args: args, ValidArgsFunction: places(f.incidents),
		Long: `Watch incidents live: a list to scroll, sort and filter, from which one opens an incident; or one
incident, until it has ended. Without a terminal, it writes a line for each change.`,
		Example: `  kubectl amends watch
  kubectl amends watch -A
  kubectl amends watch coffee-0417`,
		RunE: func(c *cobra.Command, given []string) error { return f.watch(c.Context(), &s, first(given)) },
	}
	addScope(c, &s)
	return c
}

func (f *Factory) watch(ctx context.Context, s *scope, name string) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	me, err := k.Me()
	if err != nil {
		return err
	}
	o := watch.Options{
		Now: k.Now, Zone: f.zone(), Paint: view.Painter(f.colours()), Namespaces: s.all, Me: v1alpha1.User(me.Username), Where: k.Namespace,
		Fetch: func(inc *v1alpha1.Incident) []v1alpha1.Compensation {
			remedies, _ := k.CompensationsOf(ctx, inc)
			return remedies
		},
	}
	if s.all {
		o.Where = "all namespaces"
	}
	selected, err := f.selected(ctx, k, s, name, &o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	source := &watch.Source{Client: k.Client, Select: selected}
	if _, terminal := f.terminal(); !terminal || f.env("TERM") == "dumb" {
		return f.watchLines(ctx, cancel, source, &o)
	}
	return f.watchScreen(ctx, source, o)
}

// selected says which incidents are watched, and asks for them once, so that a missing
// right or a wrong name is told before the screen is taken.
func (f *Factory) selected(ctx context.Context, k *kube.Cluster, s *scope, name string, o *watch.Options) ([]client.ListOption, error) {
	if name != "" {
		inc, err := k.Incident(ctx, k.Namespace, name)
		if err != nil {
			return nil, err
		}
		key := watch.KeyOf(inc)
		o.Only = &key
		return []client.ListOption{client.InNamespace(k.Namespace), client.MatchingFields{"metadata.name": name}}, nil
	}
	selected, err := s.options(k)
	if err != nil {
		return nil, err
	}
	err = k.Client.List(ctx, &v1alpha1.IncidentList{}, append([]client.ListOption{client.Limit(1)}, selected...)...)
	return selected, err
}

// watchScreen shows the live view, and what became of the one incident once it is left.
func (f *Factory) watchScreen(ctx context.Context, source *watch.Source, o watch.Options) error {
	p := tea.NewProgram(watch.New(o), tea.WithContext(ctx), tea.WithInput(f.In), tea.WithOutput(f.Out), tea.WithoutSignalHandler())
	following, cancel := context.WithCancel(ctx)
	defer cancel()
	source.Send = func(msg any) { p.Send(msg) }
	go func() { _ = source.Follow(following) }()
	last, err := p.Run()
	if err != nil && ctx.Err() == nil && !errors.Is(err, tea.ErrInterrupted) {
		return fmt.Errorf("drawing the screen: %w", err)
	}
	m, ok := last.(*watch.Model)
	if !ok || !m.Over() {
		return nil
	}
	inc := m.Watched()
	if inc == nil {
		return f.print(o.Only.Name + " is gone")
	}
	return f.print(f.frame(o.Now()).Status(inc, o.Fetch(inc))...)
}

// watchLines writes a line for each change, until the one incident has ended.
func (f *Factory) watchLines(ctx context.Context, stop context.CancelFunc, source *watch.Source, o *watch.Options) error {
	was := map[watch.Key]*v1alpha1.Incident{}
	var failed error
	source.Send = func(msg any) {
		switch msg := msg.(type) {
		case watch.Troubled:
			if msg != "" {
				_, _ = fmt.Fprintln(f.ErrOut, string(msg))
			}
		case watch.Changed:
			if failed = f.print(f.changedLines(was, &msg, o)...); failed != nil || o.Only != nil && isOver(was[*o.Only]) {
				stop()
			}
		}
	}
	if err := source.Follow(ctx); err != nil {
		return err
	}
	return failed
}

func isOver(inc *v1alpha1.Incident) bool { return inc == nil || view.Ended(inc) }

// changedLines are the lines of changes, those that are due first, first.
func (f *Factory) changedLines(was map[watch.Key]*v1alpha1.Incident, changed *watch.Changed, o *watch.Options) []string {
	frame := f.frame(o.Now())
	var out []string
	for _, inc := range changed.Incidents {
		key := watch.KeyOf(inc)
		out = append(out, frame.Line(was[key], inc, o.Namespaces)...)
		was[key] = inc
	}
	for _, key := range changed.Gone {
		delete(was, key)
		out = append(out, o.Now().In(f.zone()).Format(time.TimeOnly)+"  "+key.Name+" is gone")
	}
	return out
}
