package recovery

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Lines is the explanation in plain text for people, with times in a zone; UTC where it
// is nil. There is one line for each stretch and one for each change.
func (e Explanation) Lines(zone *time.Location) []string {
	if zone == nil {
		zone = time.UTC
	}
	out := e.header(zone)
	if len(e.Stretches) > 0 {
		out = append(out, "What counted:")
		out = append(out, e.stretchLines(zone)...)
	}
	if len(e.Changes) > 0 {
		out = append(out, "What changed it:")
		for i := range e.Changes {
			out = append(out, e.Changes[i].line(zone))
		}
	}
	return out
}

// header tells how the clock stands.
func (e *Explanation) header(zone *time.Location) []string {
	c := &e.Clock
	first := c.Name + ": " + string(c.State)
	if c.Reason != "" {
		first += " (" + c.Reason + ")"
	}
	out := []string{first}
	add := func(name, format string, args ...any) {
		out = append(out, fmt.Sprintf("  %-8s "+format, append([]any{name}, args...)...))
	}
	from := ""
	if !e.CountsFrom.IsZero() {
		from = ", from " + clockText(e.CountsFrom, zone)
	}
	add("counts", "%s%s", e.Counts, from)
	if !e.DueAt.IsZero() || e.Owed > 0 {
		add("elapsed", "%s, %s", shortDuration(e.Elapsed), e.rest())
	} else {
		add("elapsed", "%s", shortDuration(e.Elapsed))
	}
	add("due", "%s", e.dueText(zone))
	for _, at := range []struct {
		name string
		when *metav1.Time
	}{{"first", c.OriginalDueAt}, {"target", c.TargetAt}, {"breached", c.BreachedAt}, {"done", c.DoneAt}} {
		if at.when != nil {
			add(at.name, "%s", clockText(at.when.Time, zone))
		}
	}
	if c.DisputedBy != "" {
		add("disputed", "by entry %s", c.DisputedBy)
	}
	return out
}

// rest says what is left.
func (e *Explanation) rest() string {
	if e.Left < 0 {
		return "over by " + shortDuration(-e.Left)
	}
	return shortDuration(e.Left) + " left"
}

// dueText says when the clock is due, or why that is not told.
func (e *Explanation) dueText(zone *time.Location) string {
	switch {
	case !e.DueAt.IsZero():
		return clockText(e.DueAt, zone)
	case e.Clock.State == v1alpha1.StatePaused:
		return "not while it is paused"
	case e.Clock.Reason == v1alpha1.ClockCalendarExhaustedReason:
		return "never: the calendar does not open again"
	}
	return "never"
}

// stretchLines are in columns: from, to, what counts, why.
func (e *Explanation) stretchLines(zone *time.Location) []string {
	rows := make([][]string, len(e.Stretches))
	for i := range e.Stretches {
		s := &e.Stretches[i]
		amount, why := "-", s.Why
		if s.Counted {
			amount = shortDuration(s.Counts)
		}
		if s.Future {
			why += " (ahead)"
		}
		rows[i] = []string{clockText(s.From, zone), clockText(s.To, zone), amount, why}
	}
	return columns(rows)
}

// columns aligns the cells of rows; the last one is free.
func columns(rows [][]string) []string {
	width := make([]int, len(rows[0])-1)
	for _, row := range rows {
		for i := range width {
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
		}
	}
	out := make([]string, len(rows))
	for n, row := range rows {
		var b strings.Builder
		for i := range width {
			b.WriteString("  " + row[i] + strings.Repeat(" ", width[i]-utf8.RuneCountInString(row[i])))
		}
		b.WriteString("  " + row[len(width)])
		out[n] = b.String()
	}
	return out
}

// line is a change on one line.
func (c *Change) line(zone *time.Location) string {
	var b strings.Builder
	b.WriteString("  " + clockText(c.At, zone) + "  " + c.What)
	var who []string
	if c.By != "" {
		who = append(who, "by "+string(c.By))
	}
	if c.Entry != "" {
		who = append(who, "entry "+string(c.Entry))
	}
	if len(who) > 0 {
		b.WriteString(" (" + strings.Join(who, ", ") + ")")
	}
	switch {
	case c.From.Equal(c.To):
	case c.To.IsZero():
		b.WriteString(": not due for now, instead of " + clockText(c.From, zone))
	case c.From.IsZero():
		b.WriteString(": due " + clockText(c.To, zone))
	default:
		b.WriteString(": due " + clockText(c.To, zone) + " instead of " + clockText(c.From, zone))
	}
	return b.String()
}

// clockText is an instant as people read it, with the zone's offset in words, since an
// hour of autumn comes twice.
func clockText(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2006-01-02 15:04:05 MST")
}

// shortDuration writes a duration without the units that are zero.
func shortDuration(d time.Duration) string {
	s := d.String()
	if short, ok := strings.CutSuffix(s, "m0s"); ok {
		s = short + "m"
	}
	if short, ok := strings.CutSuffix(s, "h0m"); ok {
		s = short + "h"
	}
	return s
}
