package reference

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Markdown writes all commands as one page.
func Markdown(w io.Writer, root *cobra.Command) error {
	var b strings.Builder
	b.WriteString("# Reference of kubectl amends\n\n")
	b.WriteString("<!-- Made by \"make docs\" from the commands themselves; an edit here is lost. -->\n\n")
	b.WriteString("What each command takes. [kubectl amends](../cli.md) says what they are good for.\n\n")
	for _, g := range root.Groups() {
		fmt.Fprintf(&b, "- %s", strings.TrimSuffix(g.Title, ":"))
		for i, c := range ofGroup(root, g.ID) {
			fmt.Fprintf(&b, "%s[%s](#%s)", []string{": ", ", "}[min(i, 1)], name(c), anchor(c))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Flags of every command\n\n")
	writeFlags(&b, flags(root.PersistentFlags()))
	b.WriteString("\nThe other flags that `kubectl options` lists, such as `--as-group` and `--request-timeout`, are taken too.\n")
	common := shared(root)
	b.WriteString("\n## Flags of many commands\n\nWhich of them a command takes stands with it.\n\n")
	writeFlags(&b, common)
	for _, c := range commands(root) {
		writeCommand(&b, c, common)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// anchor is where a command stands on the page.
func anchor(c *cobra.Command) string { return strings.ReplaceAll(name(c), " ", "-") }

func writeCommand(b *strings.Builder, c *cobra.Command, shared []flag) {
	fmt.Fprintf(b, "\n## %s\n\n```\n%s\n```\n", name(c), usage(c))
	if len(c.Aliases) > 0 {
		fmt.Fprintf(b, "\nAlso: `%s`.\n", strings.Join(c.Aliases, "`, `"))
	}
	for _, p := range paragraphs(c.Long) {
		if p.setIn {
			fmt.Fprintf(b, "\n```\n%s\n```\n", p.text)
			continue
		}
		fmt.Fprintf(b, "\n%s\n", escape(p.text))
	}
	own, common := split(flags(c.NonInheritedFlags()), shared)
	if len(own) > 0 {
		b.WriteString("\n")
		writeFlags(b, own)
	}
	if len(common) > 0 {
		names := make([]string, len(common))
		for i, f := range common {
			names[i] = "`" + f.long + "`"
		}
		fmt.Fprintf(b, "\nOf the [flags of many commands](#flags-of-many-commands): %s.\n", strings.Join(names, ", "))
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", examples(c))
	}
}

func writeFlags(b *strings.Builder, all []flag) {
	b.WriteString("| flag | means |\n| --- | --- |\n")
	for _, f := range all {
		fmt.Fprintf(b, "| `%s` | %s |\n", f.written, strings.ReplaceAll(escape(f.means), "|", `\|`))
	}
}

// escape keeps a text from being read as Markdown.
func escape(text string) string {
	return strings.NewReplacer("<", "&lt;", "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`).Replace(text)
}
