package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// code is code within a line, in which nothing is a link.
	code = regexp.MustCompile("`[^`\n]*`")
	// heading matches a heading; the text in it makes its anchor.
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	// dropped is what an anchor leaves out of a heading, beside turning spaces to dashes.
	dropped = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
)

func TestEveryRelativeLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	known := map[string]map[string]bool{} // anchors by page
	for _, page := range pages(t) {
		content := code.ReplaceAllString(fence.ReplaceAllString(read(t, page), ""), "")
		for _, m := range link.FindAllStringSubmatch(content, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // elsewhere
			}
			path := page
			if target != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
				continue
			}
			if anchor == "" {
				continue
			}
			if known[path] == nil {
				known[path] = anchors(read(t, path))
			}
			if !known[path][anchor] {
				t.Errorf("%s links to %s: there is no such heading", page, m[1])
			}
		}
	}
}

// anchors are the anchors of a page's headings, as GitHub makes them.
func anchors(content string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(content, ""), -1) {
		text := dropped.ReplaceAllString(strings.ToLower(m[1]), "")
		found[strings.ReplaceAll(strings.TrimSpace(text), " ", "-")] = true
	}
	return found
}
