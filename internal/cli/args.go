package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// args demands arguments, named as in the command's use line: those in capitals are
// needed, those in brackets are not, and one with dots may be repeated.
func args(c *cobra.Command, given []string) error {
	var most int
	var needed []string
	for _, word := range strings.Fields(c.Use)[1:] {
		bare := strings.Trim(word, "[]…")
		if bare != strings.ToUpper(bare) || strings.HasPrefix(bare, "-") {
			break
		}
		if !strings.HasPrefix(word, "[") {
			needed = append(needed, bare)
		}
		most++
		if strings.Contains(word, "…") {
			most = 1 << 10
		}
	}
	switch n := len(given); {
	case n < len(needed):
		return usageError{fmt.Errorf("%s is missing: %s\n%s", needed[n], usage(c), example(c))}
	case n > most:
		return usageError{fmt.Errorf("%q is one argument too many: %s; put a text of several words in quotes", given[most], usage(c))}
	}
	return nil
}

func usage(c *cobra.Command) string { return "kubectl amends " + c.Use }

// example is the first example of a command.
func example(c *cobra.Command) string {
	for line := range strings.Lines(c.Example) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "kubectl amends") {
			return "for example: " + line
		}
	}
	return ""
}
