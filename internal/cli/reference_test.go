package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/internal/cli/reference"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

func TestTheReferenceIsCurrent(t *testing.T) {
	dir, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	there, err := os.ReadFile(filepath.Join(dir, "docs", "reference", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	var made bytes.Buffer
	if err := reference.Markdown(&made, root()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(there), "\n"), strings.Split(made.String(), "\n")); diff != "" {
		t.Errorf("docs/reference/cli.md is not what the commands say; run make docs (-there +made):\n%s", diff)
	}
}

// Every link of the page leads to a heading of it.
func TestTheReferenceLeadsSomewhere(t *testing.T) {
	var page bytes.Buffer
	if err := reference.Markdown(&page, root()); err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for line := range strings.Lines(page.String()) {
		if title, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			headings[strings.ReplaceAll(strings.ToLower(title), " ", "-")] = true
		}
	}
	links := regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(page.String(), -1)
	if len(links) < 40 {
		t.Errorf("only %d links", len(links))
	}
	for _, link := range links {
		if !headings[link[1]] {
			t.Errorf("there is no heading %s", link[1])
		}
	}
}

// What krew is told to fetch is what make cross compiles.
func TestKrewNamesWhatIsCompiled(t *testing.T) {
	dir, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	read := func(path ...string) string {
		content, err := os.ReadFile(filepath.Join(append([]string{dir}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	var want []string
	for _, m := range regexp.MustCompile(`matchLabels: \{os: (\w+), arch: (\w+)\}`).FindAllStringSubmatch(read("contrib", "krew", "amends.yaml"), -1) {
		want = append(want, m[1]+"/"+m[2])
	}
	_, after, _ := strings.Cut(read("Makefile"), "CROSS ?= ")
	list, _, _ := strings.Cut(after, "\n")
	if diff := cmp.Diff(want, strings.Fields(list)); diff != "" || len(want) == 0 {
		t.Errorf("(-contrib/krew +make cross):\n%s", diff)
	}
}

// A man page is text and a few known requests of roff; nothing of the texts is read as
// another one.
func TestManPages(t *testing.T) {
	pages, err := reference.Man(t.TempDir(), root(), "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	if want := len(every(root())); len(pages) < want-2 {
		t.Errorf("%d pages of %d commands", len(pages), want)
	}
	request := regexp.MustCompile(`^\.(TH ".*" 1 "" "amends 1\.2\.3" "kubectl amends"|SH [A-Z ]+|nh|ad l|PP|TP|nf|fi)$`)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, ".") && !request.MatchString(line) || strings.HasPrefix(line, "'") {
				t.Errorf("%s: %q is no request of ours", filepath.Base(page), line)
			}
		}
	}
}
