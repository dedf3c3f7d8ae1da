package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Widths of the columns before a line's text.
const (
	offsetWidth   = 5
	incidentWidth = 12
	whoWidth      = 8
	textColumn    = offsetWidth + 2 + incidentWidth + 2 + whoWidth + 2
	barWidth      = 10
)

// painter colours text, or leaves it alone.
type painter bool

func (p painter) paint(t tone, text string) string {
	code := map[tone]string{
		toneOperator: "36", toneGood: "32", toneWarning: "33", toneBreach: "1;31", toneWhy: "2", toneStage: "2",
	}[t]
	if !p || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// layout lays a line out in as many rows as it needs at a width; 0 is without end.
func (p painter) layout(l *line, width int) []string {
	prefix, indent := fmt.Sprintf("%*s  %-*s  %-*s  ", offsetWidth, offset(l.at), incidentWidth, l.incident, whoWidth, l.who), textColumn
	switch l.tone {
	case toneStage:
		prefix, indent = fmt.Sprintf("%*s  ", offsetWidth, offset(l.at)), offsetWidth+2
	case toneWhy:
		prefix = strings.Repeat(" ", indent)
	}
	rows := wrap(l.text, width-indent)
	for i := range rows {
		rows[i] = p.paint(l.tone, rows[i])
	}
	return hang(prefix, rows)
}

// hang puts a prefix before the first row and as much room before the others.
func hang(prefix string, rows []string) []string {
	room := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	for i := range rows {
		rows[i] = prefix + rows[i]
		prefix = room
	}
	return rows
}

// wrap breaks a text between words, so that no row is longer than the width. A word
// that is longer stands alone. A width that leaves no room for words breaks nothing.
func wrap(text string, width int) []string {
	if width < 20 || utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var rows []string
	row := ""
	for word := range strings.FieldsSeq(text) {
		if row != "" && utf8.RuneCountInString(row)+1+utf8.RuneCountInString(word) > width {
			rows = append(rows, row)
			row = ""
		}
		row = strings.TrimPrefix(row+" "+word, " ")
	}
	return append(rows, row)
}

// clip cuts a text to a width.
func clip(text string, width int) string {
	if width <= 0 || utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

// column is a column of a table; among those that may be left out on a narrow
// terminal, the one with the highest drop goes first.
type column struct {
	head  string
	drop  int
	cells []string
}

// table lays columns out side by side and leaves out what does not fit.
func table(columns []column, width int) []string {
	for width > 0 && tableWidth(columns) > width {
		worst := 0
		for i := range columns {
			if columns[i].drop > columns[worst].drop {
				worst = i
			}
		}
		if columns[worst].drop == 0 {
			break
		}
		columns = slices.Delete(slices.Clone(columns), worst, worst+1)
	}
	if len(columns) == 0 {
		return nil
	}
	rows := make([]string, 1+len(columns[0].cells))
	for _, c := range columns {
		for i, cell := range append([]string{c.head}, c.cells...) {
			rows[i] += fmt.Sprintf("%-*s   ", c.width(), cell)
		}
	}
	for i := range rows {
		rows[i] = clip(strings.TrimRight(rows[i], " "), width)
	}
	return rows
}

func tableWidth(columns []column) int {
	sum := -3
	for _, c := range columns {
		sum += c.width() + 3
	}
	return sum
}

func (c *column) width() int {
	width := utf8.RuneCountInString(c.head)
	for _, cell := range c.cells {
		width = max(width, utf8.RuneCountInString(cell))
	}
	return width
}

// incidentTable is "kubectl get incidents", with the due instant as a countdown and
// the running clock as a bar.
func incidentTable(incidents []*v1alpha1.Incident, now time.Time, width int, p painter) []string {
	columns := []column{
		{head: "NAME"}, {head: "SEVERITY", drop: 3}, {head: "SERVICE", drop: 4}, {head: "PHASE"}, {head: "STEP", drop: 1},
		{head: "DUE"}, {head: "CLOCK", drop: 6}, {head: "SLA"}, {head: "OWNER", drop: 2}, {head: "AGE", drop: 5},
	}
	for _, inc := range incidents {
		s := &inc.Status
		for i, cell := range []string{
			inc.Name, string(cmp.Or(s.Severity, inc.Spec.Severity)), string(inc.Spec.Service), string(s.Phase), string(s.CurrentStep),
			dueText(s.NextDueAt, now), bar(s, now), string(s.SLA), string(s.Owner), duration.HumanDuration(now.Sub(inc.CreationTimestamp.Time)),
		} {
			columns[i].cells = append(columns[i].cells, cmp.Or(cell, "-"))
		}
	}
	rows := table(columns, width)
	for i := range incidents {
		rows[i+1] = p.paint(slaTone(incidents[i].Status.SLA), rows[i+1])
	}
	return rows
}

func slaTone(s v1alpha1.SLA) tone {
	switch s {
	case v1alpha1.SLAMet:
		return toneGood
	case v1alpha1.SLAAtRisk, v1alpha1.SLAMissed:
		return toneWarning
	case v1alpha1.SLAOverdue:
		return toneBreach
	}
	return toneFact
}

// dueText counts down to a due instant, and up behind it.
func dueText(due *metav1.Time, now time.Time) string {
	if due == nil {
		return ""
	}
	if left := due.Sub(now); left >= 0 {
		return fmt.Sprintf("in %ds", (left+time.Second-1)/time.Second)
	}
	return fmt.Sprintf("%ds ago", now.Sub(due.Time)/time.Second)
}

// bar shows how much of the time of the next due clock has passed.
func bar(s *v1alpha1.IncidentStatus, now time.Time) string {
	if s.NextDueAt == nil {
		return ""
	}
	for i := range s.Clocks {
		c := &s.Clocks[i]
		if c.State != v1alpha1.StateRunning || c.StartedAt == nil || !s.NextDueAt.Equal(c.DueAt) {
			continue
		}
		whole := c.DueAt.Sub(c.StartedAt.Time)
		if whole <= 0 {
			return ""
		}
		full := min(barWidth, max(0, int(now.Sub(c.StartedAt.Time)*barWidth/whole)))
		return strings.Repeat("#", full) + strings.Repeat(".", barWidth-full)
	}
	return ""
}

// screenful is one picture of the live view: a title, the table, and as much of what
// happened last as there is room for.
func screenful(title string, rows []string, lines []line, width, height int, p painter) []string {
	out := append([]string{clip(title, width), ""}, rows...)
	out = append(out, "")
	room := height - len(out)
	var told []string
	for i := len(lines) - 1; i >= 0 && len(told) < room; i-- {
		told = append(p.layout(&lines[i], width), told...)
	}
	if over := len(told) - max(room, 0); over > 0 {
		told = told[over:]
	}
	out = append(out, told...)
	return out[:min(len(out), max(height, 1))]
}
