package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/view"
)

// NewPromises is the command that lists promises.
func NewPromises(f *Factory) *cobra.Command {
	var o promisesOptions
	c := &cobra.Command{
		Use: "promises [INCIDENT…]", Short: "List promises, what is to be kept next first", GroupID: groupSee, Args: args,
		ValidArgsFunction: func(c *cobra.Command, given []string, typed string) ([]string, cobra.ShellCompDirective) {
			return f.incidents(c, given, typed)
		},
		Long: "List the promises to customers that are still to be kept, the most urgent first.",
		Example: `  kubectl amends promises
  kubectl amends promises -A --mine
  kubectl amends promises coffee-0417 --all`,
		RunE: func(c *cobra.Command, given []string) error { return f.promises(c.Context(), &o, given) },
	}
	addScope(c, &o.scope)
	c.Flags().BoolVar(&o.mine, "mine", false, "only those that you keep")
	c.Flags().BoolVar(&o.settled, "all", false, "also those that were kept, broken, superseded or released")
	return c
}

type promisesOptions struct {
	scope
	mine, settled bool
}

func (f *Factory) promises(ctx context.Context, o *promisesOptions, names []string) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	incidents, err := find(ctx, k, &o.scope, names)
	if err != nil {
		return err
	}
	var me v1alpha1.User
	if o.mine {
		who, err := k.Me()
		if err != nil {
			return err
		}
		me = v1alpha1.User(who.Username)
	}
	return f.print(f.frame(k.Now()).Promises(incidents, view.Promised{By: me, Settled: o.settled, Namespaces: o.all})...)
}
