package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// NewVersion is the command that tells the versions.
func NewVersion(f *Factory) *cobra.Command {
	var o output
	var clientOnly bool
	c := &cobra.Command{
		Use: "version", Short: "Tell the versions of this program and of the API server", GroupID: groupOperate, Args: args, ValidArgsFunction: nothing,
		Long: `Tell the versions of this program and of the API server. kubectl amends check says whether they go
together, and with the operator.`,
		Example: `  kubectl amends version
  kubectl amends version --client`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return f.version(c.Context(), &o, clientOnly)
		},
	}
	o.add(f, c, "yaml", "json")
	c.Flags().BoolVar(&clientOnly, "client", false, "only this program's; nothing is asked")
	return c
}

// versions are what the command tells.
type versions struct {
	Client string `json:"clientVersion"`
	Server string `json:"serverVersion,omitempty"`
}

func (f *Factory) version(ctx context.Context, o *output, clientOnly bool) error {
	v := versions{Client: f.Version}
	if !clientOnly {
		k, err := f.Cluster(ctx)
		if err != nil {
			return err
		}
		server, err := k.Version(ctx)
		if err != nil {
			return err
		}
		v.Server = server.GitVersion
	}
	if o.format != "" {
		return f.marshal(o.format, v)
	}
	lines := []string{"Client Version: " + v.Client}
	if v.Server != "" {
		lines = append(lines, "Server Version: "+v.Server)
	}
	return f.print(lines...)
}
