// Package doctest holds the documentation to the code: what the pages name exists,
// what the code can say is explained, examples decode and compile, and the times in
// them are those that the engine gives. It holds tests only.
package doctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the root of the repository, seen from this package.
const root = "../.."

// The pages that are held to the code, from the root.
const (
	operationsPage = "docs/operations.md"
	conceptsPage   = "docs/concepts.md"
)

// read reads a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// pages are all Markdown files of the repository, from the root, in order.
func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "dist"}, rel):
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(rel, ".md"):
			found = append(found, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// section is the text of a page below a heading of level two, up to the next one.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, below, ok := strings.Cut(read(t, page), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("%s has no section %q", page, heading)
	}
	text, _, _ := strings.Cut(below, "\n## ")
	return text
}

// names says whether a text names a word as code, alone or with something after it,
// as in `Ready` and `Ready=False`.
func names(text, word string) bool {
	return regexp.MustCompile("`(?:[A-Za-z]+=)?" + regexp.QuoteMeta(word) + "(?:`|=)").MatchString(text)
}

// block is a fenced block of a page.
type block struct {
	page string
	line int
	lang string
	text string
}

var fence = regexp.MustCompile("(?m)^ *```([a-z]*)\n((?:.*\n)*?) *```$")

// blocks are the fenced blocks of a page.
func blocks(page, content string) []block {
	var found []block
	for _, m := range fence.FindAllStringSubmatchIndex(content, -1) {
		found = append(found, block{
			page: page, line: 1 + strings.Count(content[:m[0]], "\n"),
			lang: content[m[2]:m[3]], text: content[m[4]:m[5]],
		})
	}
	return found
}

// table is a table of a page: a header and rows of cells.
type table struct {
	line   int
	header []string
	rows   [][]string
}

// tables are the tables of a page.
func tables(content string) []table {
	var found []table
	var open *table
	for n, line := range strings.Split(content, "\n") {
		if !strings.HasPrefix(line, "|") {
			open = nil
			continue
		}
		cells := splitRow(line)
		switch {
		case open == nil:
			found = append(found, table{line: n + 1, header: cells})
			open = &found[len(found)-1]
		case !strings.HasPrefix(line, "| ---"):
			open.rows = append(open.rows, cells)
		}
	}
	return found
}

// splitRow splits a row of a table into its cells. A bar within a cell is written
// with a backslash before it.
func splitRow(line string) []string {
	const bar = "\x00"
	line = strings.TrimSpace(strings.ReplaceAll(line, `\|`, bar))
	cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], bar, "|"))
	}
	return cells
}
