package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

func root() *cobra.Command {
	streams, _, _, _ := genericiooptions.NewTestIOStreams()
	return cli.NewRoot(&cli.Factory{IOStreams: streams})
}

// page is docs/cli.md.
func page(t *testing.T) string {
	t.Helper()
	dir, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "docs", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// every are all commands below one.
func every(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, below := range c.Commands() {
		out = append(append(out, below), every(below)...)
	}
	return out
}

func TestEveryCommandIsExplained(t *testing.T) {
	text := page(t)
	for _, c := range every(root()) {
		if c.Name() == "help" || c.Hidden {
			continue
		}
		if c.HasParent() && !c.Parent().HasParent() && c.GroupID == "" {
			t.Errorf("%s stands in no group of the help", c.Name())
		}
		if c.Short == "" || c.Long == "" || c.Example == "" || c.Args == nil || c.ValidArgsFunction == nil {
			t.Errorf("%s lacks a summary, an explanation, an example, a rule for its arguments or their completion", c.Name())
		}
		if strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: a summary is no sentence: %q", c.Name(), c.Short)
		}
		for line := range strings.Lines(c.Long) {
			if len([]rune(line)) > 105 {
				t.Errorf("%s: a line of %d columns: %s", c.Name(), len([]rune(line)), line)
			}
		}
		name := strings.TrimPrefix(c.CommandPath(), "kubectl amends ")
		if !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "`"+name+" ") {
			t.Errorf("docs/cli.md does not explain %s", c.Name())
		}
	}
}

// Every command line in the help and in the documentation is one that is taken.
func TestEveryExampleIsTaken(t *testing.T) {
	var lines []string
	for _, c := range every(root()) {
		lines = append(lines, commandLines(c.Example)...)
	}
	lines = append(lines, commandLines(root().Example)...)
	lines = append(lines, commandLines(page(t))...)
	if len(lines) < 50 {
		t.Fatalf("only %d examples were found", len(lines))
	}
	for _, line := range lines {
		args := split(line)
		top := root()
		c, rest, err := top.Find(args)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if err := c.ParseFlags(rest); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if err := c.ValidateArgs(c.Flags().Args()); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// commandLines are the command lines of a text, those that go on in the next line joined.
func commandLines(text string) []string {
	var out []string
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if after, ok := strings.CutPrefix(line, "kubectl amends "); ok && !strings.Contains(line, "COMMAND") {
			after, _, _ = strings.Cut(after, " | ")
			out = append(out, after)
		}
	}
	return out
}

// split splits a command line as a shell does, as far as the examples go; what comes
// after a redirection is not ours.
func split(line string) []string {
	var out []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, open = r, true
		case r == ' ':
			if word.Len() > 0 || open {
				out = append(out, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
		}
	}
	if i := slices.IndexFunc(out, func(w string) bool { return strings.HasPrefix(w, ">") || w == "||" }); i >= 0 {
		out = out[:i]
	}
	return out
}
