package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/reference"
)

// NewReference is the command that writes the command line down. It is for who builds
// and packages the program, and no help lists it.
func NewReference(f *Factory) *cobra.Command {
	var man string
	c := &cobra.Command{
		Use: "reference", Short: "Write the reference of all commands", Hidden: true, Args: args,
		ValidArgsFunction: nothing,
		Long: `Write the reference of all commands: as Markdown to the standard output, or as man pages into a
folder.`,
		Example: `  kubectl amends reference >docs/reference/cli.md
  kubectl amends reference --man /usr/local/share/man/man1`,
		RunE: func(c *cobra.Command, _ []string) error {
			if man == "" {
				return reference.Markdown(f.Out, c.Root())
			}
			pages, err := reference.Man(man, c.Root(), f.Version)
			if err != nil {
				return err
			}
			return f.print(fmt.Sprintf("%d man pages are in %s", len(pages), man))
		},
	}
	c.Flags().StringVar(&man, "man", "", "folder to write man pages into, one for each command")
	return c
}
