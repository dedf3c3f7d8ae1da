package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
)

// NewGet is the command that lists incidents.
func NewGet(f *Factory) *cobra.Command {
	var o getOptions
	c := &cobra.Command{
		Use: "get [INCIDENT…]", Aliases: []string{"list", "ls"}, Short: "List incidents, what is due next first", GroupID: groupSee, Args: args,
		ValidArgsFunction: func(c *cobra.Command, given []string, typed string) ([]string, cobra.ShellCompDirective) {
			return f.incidents(c, given, typed)
		},
		Long: "List incidents, what is due next first: what is late, then what comes soonest, then what owes nothing.",
		Example: `  kubectl amends get
  kubectl amends get -A --late
  kubectl amends get --mine -o wide`,
		RunE: func(c *cobra.Command, given []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return f.get(c.Context(), &o, given)
		},
	}
	o.add(f, c, "wide", "yaml", "json", "name")
	addScope(c, &o.scope)
	fl := c.Flags()
	fl.BoolVar(&o.mine, "mine", false, "only those that you own")
	fl.BoolVar(&o.late, "late", false, "only those of which something is late")
	fl.BoolVar(&o.open, "open", false, "only those of which something is owed")
	return c
}

type getOptions struct {
	output
	scope
	mine, late, open bool
}

func (f *Factory) get(ctx context.Context, o *getOptions, names []string) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	incidents, err := find(ctx, k, &o.scope, names)
	if err != nil {
		return err
	}
	if incidents, err = o.keep(k, incidents); err != nil {
		return err
	}
	slices.SortFunc(incidents, view.ByDue)
	if o.data() {
		if len(names) == 1 && len(incidents) == 1 {
			return f.show(o.format, incidents[0])
		}
		list := &v1alpha1.IncidentList{}
		for _, inc := range incidents {
			list.Items = append(list.Items, *inc)
		}
		return f.showAll(o.format, list)
	}
	if len(incidents) == 0 {
		where := "namespace " + k.Namespace
		if o.all {
			where = "any namespace"
		}
		_, err := fmt.Fprintln(f.ErrOut, "No such incidents in "+where+".")
		return err
	}
	return f.print(f.frame(k.Now()).List(incidents, view.Listing{Namespaces: o.all, Wide: o.format == "wide"})...)
}

// keep leaves those that the flags ask for.
func (o *getOptions) keep(k *kube.Cluster, incidents []*v1alpha1.Incident) ([]*v1alpha1.Incident, error) {
	var me v1alpha1.User
	if o.mine {
		who, err := k.Me()
		if err != nil {
			return nil, err
		}
		me = v1alpha1.User(who.Username)
	}
	return slices.DeleteFunc(incidents, func(inc *v1alpha1.Incident) bool {
		return o.mine && inc.Status.Owner != me || o.late && inc.Status.SLA != v1alpha1.SLAOverdue || o.open && view.Ended(inc)
	}), nil
}

// find reads incidents by name, or all in a scope.
func find(ctx context.Context, k *kube.Cluster, s *scope, names []string) ([]*v1alpha1.Incident, error) {
	var out []*v1alpha1.Incident
	for _, name := range names {
		inc, err := k.Incident(ctx, k.Namespace, name)
		if err != nil {
			return nil, err
		}
		out = append(out, inc)
	}
	if len(names) > 0 {
		return out, nil
	}
	opts, err := s.options(k)
	if err != nil {
		return nil, err
	}
	all, err := k.Incidents(ctx, opts...)
	for i := range all {
		out = append(out, &all[i])
	}
	return out, err
}

// options are the scope as the API server takes it.
func (s *scope) options(k *kube.Cluster) ([]client.ListOption, error) {
	var out []client.ListOption
	if !s.all {
		out = append(out, client.InNamespace(k.Namespace))
	}
	if s.selector != "" {
		selector, err := labels.Parse(s.selector)
		if err != nil {
			return nil, usageError{fmt.Errorf("-l %q: %w", s.selector, err)}
		}
		out = append(out, client.MatchingLabelsSelector{Selector: selector})
	}
	return out, nil
}
