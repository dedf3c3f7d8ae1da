package reference

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// Man writes a man page for each command into a folder, and returns their names. Pages
// that have the same version are the same, whenever they are written.
func Man(dir string, root *cobra.Command, version string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var out []string
	for _, c := range append([]*cobra.Command{root}, commands(root)...) {
		file := filepath.Join(dir, page(c)+".1")
		if err := os.WriteFile(file, []byte(manPage(c, version)), 0o644); err != nil { //nolint:gosec // everybody may read a manual
			return out, err
		}
		out = append(out, file)
	}
	return out, nil
}

// page is the name of a man page.
func page(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

func manPage(c *cobra.Command, version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %q 1 \"\" %q \"kubectl amends\"\n", strings.ToUpper(page(c)), "amends "+version)
	fmt.Fprintf(&b, ".nh\n.ad l\n.SH NAME\n%s \\- %s\n.SH SYNOPSIS\n%s\n", roff(page(c)), roff(c.Short), roff(usage(c)))
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, ".PP\nAlso: %s\n", roff(strings.Join(c.Aliases, ", ")))
	}
	b.WriteString(".SH DESCRIPTION\n")
	for _, p := range paragraphs(c.Long) {
		if p.setIn {
			fmt.Fprintf(&b, ".PP\n.nf\n%s\n.fi\n", roff(p.text))
			continue
		}
		fmt.Fprintf(&b, ".PP\n%s\n", roff(p.text))
	}
	manFlags(&b, "OPTIONS", flags(c.NonInheritedFlags()))
	if c.Parent() != nil {
		manFlags(&b, "OPTIONS OF EVERY COMMAND", flags(c.InheritedFlags()))
	}
	if c.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(examples(c)))
	}
	b.WriteString(".SH SEE ALSO\n")
	var others []string
	if c.Parent() != nil {
		others = append(others, page(c.Parent()))
	}
	for _, below := range commands(c) {
		others = append(others, page(below))
	}
	b.WriteString(roff(strings.Join(others, "(1), ")) + "(1)\n")
	return b.String()
}

func manFlags(b *strings.Builder, title string, all []flag) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	for _, f := range all {
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", roff(f.written), roff(f.means))
	}
}

// roff keeps a text from being read as commands of roff.
func roff(text string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
