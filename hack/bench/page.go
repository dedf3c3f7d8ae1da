package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// What stands between the marks is written by this program, the rest of the page by
// hand.
const (
	begins = "<!-- measured: written by make bench-scale -->"
	ends   = "<!-- /measured -->"
)

const (
	heading = "| | what | measured | aim | | peer |\n| --- | --- | --- | --- | --- | --- |\n"
	columns = 6
)

// report is what was measured: how each section was run, and its rows.
type report struct {
	// runs say of each section when and how it was measured.
	runs map[string]string
	rows []row
}

// enter takes the rows of a section, in the place of those that it had before.
func (r *report) enter(s section, how string, rows []row) {
	r.runs[s.name] = how
	r.rows = slices.DeleteFunc(r.rows, func(old row) bool { return slices.Contains(s.letters, old.letter) })
	r.rows = append(r.rows, rows...)
	slices.SortStableFunc(r.rows, func(a, b row) int { return cmp.Compare(a.letter, b.letter) })
}

// table lays everything out as a part of a page.
func (r *report) table() string {
	var b strings.Builder
	for _, s := range sections() {
		if how, ok := r.runs[s.name]; ok {
			fmt.Fprintf(&b, "- %s: %s\n", s.name, how)
		}
	}
	b.WriteString("\n" + heading)
	for _, one := range r.rows {
		fmt.Fprintf(&b, "| (%s) | %s | %s | %s | %s | %s |\n", one.letter, one.what, one.measured, one.aim, one.met, one.peer)
	}
	return b.String()
}

// readReport reads what stands in a page, so that sections can be measured one by one.
func readReport(path string) (*report, error) {
	out := &report{runs: map[string]string{}}
	if path == "" {
		return out, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the page that the caller names
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(string(text), begins)
	part, _, _ := strings.Cut(rest, ends)
	for line := range strings.Lines(part) {
		line = strings.TrimSuffix(line, "\n")
		if run, ok := strings.CutPrefix(line, "- "); ok {
			name, how, _ := strings.Cut(run, ": ")
			out.runs[name] = how
		}
		cells := strings.Split(line, "|")
		if len(cells) != columns+2 || !strings.HasPrefix(line, "| (") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out.rows = append(out.rows, row{strings.Trim(cells[1], "()"), cells[2], cells[3], cells[4], cells[5], cells[6]})
	}
	return out, nil
}

// write puts the table between the marks of a page, and leaves the rest as it is.
func (r *report) write(path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the page that the caller names
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begins)
	_, after, closed := strings.Cut(rest, ends)
	if len(text) > 0 && !(ok && closed) {
		return fmt.Errorf("%s has no place for the table: it goes between the lines %q and %q", path, begins, ends)
	}
	page := before + begins + "\n\n" + r.table() + "\n" + ends + cmp.Or(after, "\n")
	return os.WriteFile(path, []byte(page), 0o644) //nolint:gosec // a page of the documentation, for everybody to read
}
