package reference

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands are those that people see, each before those below it, in the order of the
// help.
func commands(root *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range root.Commands() {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		out = append(out, c)
		out = append(out, commands(c)...)
	}
	return out
}

// ofGroup are the commands of a group of the root, with those below them.
func ofGroup(root *cobra.Command, group string) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range commands(root) {
		top := c
		for top.Parent() != root {
			top = top.Parent()
		}
		if top.GroupID == group {
			out = append(out, c)
		}
	}
	return out
}

// name is a command without the name of the program.
func name(c *cobra.Command) string {
	return strings.TrimPrefix(c.CommandPath(), c.Root().CommandPath()+" ")
}

// usage is how a command is typed.
func usage(c *cobra.Command) string {
	if c.Parent() == nil {
		return c.CommandPath()
	}
	return c.Parent().CommandPath() + " " + c.Use
}

// flag is a flag as it is described.
type flag struct {
	// long is its name with the dashes.
	long string
	// written is how it is typed, with a word for its value.
	written string
	means   string
}

// flags are those of a set that people see.
func flags(set *pflag.FlagSet) []flag {
	var out []flag
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		word, means := pflag.UnquoteUsage(f)
		written := "--" + f.Name
		if f.Shorthand != "" {
			written = "-" + f.Shorthand + ", " + written
		}
		switch {
		case word == "":
		case f.Value.Type() == "duration":
			written += " DURATION"
		case strings.HasPrefix(f.Value.Type(), "int"):
			written += " NUMBER"
		default:
			written += " VALUE"
		}
		out = append(out, flag{"--" + f.Name, written, means})
	})
	return out
}

// paragraph is a part of a long text. One that is set in is a table, and keeps its lines.
type paragraph struct {
	text  string
	setIn bool
}

// paragraphs are the parts of a text between its empty lines.
func paragraphs(text string) []paragraph {
	var out []paragraph
	for part := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		out = append(out, paragraph{part, strings.HasPrefix(part, "  ")})
	}
	return out
}

// examples are the lines of an example, without the space before them.
func examples(c *cobra.Command) string {
	var out []string
	for line := range strings.Lines(c.Example) {
		out = append(out, strings.TrimPrefix(strings.TrimRight(line, "\n"), "  "))
	}
	return strings.Join(out, "\n")
}
