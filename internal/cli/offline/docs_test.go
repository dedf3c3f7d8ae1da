package offline_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/internal/lint"
)

const page = "../../../docs/policies-as-code.md"

func readPage(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestPageTellsEveryRule holds the table of the page against the rules.
func TestPageTellsEveryRule(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, r := range lint.Rules() {
		want = append(want, fmt.Sprintf("| `%s` | %s | %s |", r.ID, r.Severity, r.Help))
	}
	row := regexp.MustCompile("(?m)^\\| `[a-z-]+` \\| (error|warning) \\| .*$")
	got = append(got, row.FindAllString(readPage(t), -1)...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-rules +page):\n%s", page, diff)
	}
}

// TestPageExample plays the example of the page.
func TestPageExample(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile("(?s)```yaml\n(.*?)```\n\nit says\n\n```text\n(.*?)```").FindStringSubmatch(readPage(t))
	if found == nil {
		t.Fatalf("%s has no example of simulate", page)
	}
	revision := regexp.MustCompile(`-[0-9a-f]{12}\b`)
	got := run(t, simulator, found[1], "-f", "-").out.String()
	if diff := cmp.Diff(strings.Split(revision.ReplaceAllString(found[2], ""), "\n"), strings.Split(revision.ReplaceAllString(got, ""), "\n")); diff != "" {
		t.Errorf("%s (-page +now):\n%s", page, diff)
	}
	if d := run(t, linter, found[1], "-f", "-"); d.code != 0 {
		t.Errorf("lint finds something in it:\n%s", d.out.String())
	}
}
