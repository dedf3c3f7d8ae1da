package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// NewTimeline is the command that tells all that happened.
func NewTimeline(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use: "timeline INCIDENT", Aliases: []string{"journal"}, Short: "Tell all that happened, and when", GroupID: groupSee, Args: args,
		ValidArgsFunction: places(f.incidents),
		Long: `Tell all that happened, in order: what people recorded, in their own words, what the clocks did, and
who was told. Read it before you call, so that the customer need not tell it again.`,
		Example: `  kubectl amends timeline upgrade-2203`,
		RunE: func(c *cobra.Command, given []string) error {
			return f.timeline(c.Context(), given[0])
		},
	}
}

func (f *Factory) timeline(ctx context.Context, name string) error {
	k, inc, err := f.incident(ctx, name)
	if err != nil {
		return err
	}
	// Without the right to read remedies, the rest is still worth telling.
	remedies, _ := k.CompensationsOf(ctx, inc)
	return f.print(f.frame(k.Now()).Timeline(inc, remedies)...)
}
