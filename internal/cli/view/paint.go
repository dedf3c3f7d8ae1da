package view

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Painter colours text, or leaves it alone.
type Painter bool

// Tone is what a colour says.
type Tone int

// The tones. Each has a word or a sign beside it, so that nothing is told by colour
// alone.
const (
	Plain Tone = iota
	Strong
	Faint
	Good
	Warning
	Bad
	Marked
)

var codes = map[Tone]string{Strong: "1", Faint: "2", Good: "32", Warning: "33", Bad: "1;31", Marked: "7"}

// Paint colours a text.
func (p Painter) Paint(t Tone, text string) string {
	code := codes[t]
	if !p || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Clean makes a text that somebody wrote fit for a line of a terminal: what would move
// the cursor or colour the screen becomes a space.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
}

// Width is how many columns a text takes.
func Width(text string) int {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return ansi.StringWidth(text)
		}
	}
	return len(text) // as most texts are
}

// Clip cuts a text to a width; 0 is without end.
func Clip(text string, width int) string {
	if width <= 0 || Width(text) <= width {
		return text
	}
	return ansi.Truncate(text, width, "…")
}

// pad fills a text up to a width.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Width(text)))
}

// wrap breaks a text between words; 0 breaks nothing.
func wrap(text string, width int) []string {
	if width <= 0 || Width(text) <= width {
		return []string{text}
	}
	return strings.Split(ansi.Wrap(text, max(width, 10), ""), "\n")
}

// hang lays a text out behind a prefix, in as many rows as it needs.
func hang(prefix, text string, width int) []string {
	room := 0
	if width > 0 {
		room = max(10, width-Width(prefix))
	}
	rows := wrap(text, room)
	for i := range rows {
		rows[i] = prefix + rows[i]
		prefix = strings.Repeat(" ", Width(prefix))
	}
	return rows
}

// SLATone is the colour of an SLA.
func SLATone(s v1alpha1.SLA) Tone {
	switch s {
	case v1alpha1.SLAMet:
		return Good
	case v1alpha1.SLAAtRisk, v1alpha1.SLAMissed:
		return Warning
	case v1alpha1.SLAOverdue:
		return Bad
	}
	return Plain
}
