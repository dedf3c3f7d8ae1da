package view

import (
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Frame is when, where and how wide something is drawn.
type Frame struct {
	// Now is the time of the API server.
	Now time.Time
	// Zone is the viewer's.
	Zone *time.Location
	// Width is that of the terminal; 0 is without end.
	Width int
	// Paint colours.
	Paint Painter
}

// zone is the viewer's, UTC where there is none.
func (f *Frame) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// When writes an instant in the viewer's zone: the time of the day where it is today,
// and else the date too.
func (f *Frame) When(at time.Time) string { return f.in(at, f.zone()) }

func (f *Frame) in(at time.Time, zone *time.Location) string {
	local, today := at.In(zone), f.Now.In(zone)
	if local.YearDay() == today.YearDay() && local.Year() == today.Year() {
		return local.Format("15:04:05")
	}
	if local.Year() == today.Year() {
		return local.Format("Mon 02 Jan 15:04")
	}
	return local.Format("2006-01-02 15:04")
}

// theirs writes an instant in the customer's zone, to stand beside When: the time of the
// day, with the day of the week where it is another day there; a dash without a zone.
func (f *Frame) theirs(at time.Time, zone *time.Location) string {
	if zone == nil {
		return "-"
	}
	ours, theirs := at.In(f.zone()), at.In(zone)
	switch today := f.Now.In(f.zone()); {
	case ours.Day() != theirs.Day():
		return theirs.Format("Mon 15:04")
	case ours.YearDay() == today.YearDay() && ours.Year() == today.Year():
		return theirs.Format(time.TimeOnly)
	}
	return theirs.Format("15:04")
}

// Left says how long it is to an instant, or how long ago it was due.
func (f *Frame) Left(due time.Time) string {
	left := due.Sub(f.Now)
	switch {
	case left >= 30*time.Minute:
		return "in " + Span(left.Round(time.Minute))
	case left >= 0:
		// Rounded up: what is due in half a second is not due now.
		return "in " + Span(left+time.Second-1)
	}
	return Span(-left) + " late"
}

// Ago says how long ago an instant was.
func (f *Frame) Ago(at time.Time) string {
	return Span(max(0, f.Now.Sub(at))) + " ago"
}

// Span writes a duration in its two greatest units. A day is none of them, as everywhere
// else.
func Span(d time.Duration) string {
	d = d.Truncate(time.Second)
	h, m, s := int(d/time.Hour), int(d%time.Hour/time.Minute), int(d%time.Minute/time.Second)
	switch {
	case h >= 48, h > 0 && m == 0:
		return strconv.Itoa(h) + "h"
	case h > 0:
		return strconv.Itoa(h) + "h" + strconv.Itoa(m) + "m"
	case m >= 30, m > 0 && s == 0:
		return strconv.Itoa(m) + "m"
	case m > 0:
		return strconv.Itoa(m) + "m" + strconv.Itoa(s) + "s"
	}
	return strconv.Itoa(s) + "s"
}

// zoneName is how a zone is written behind a time.
func zoneName(at time.Time, zone *time.Location) string { return at.In(zone).Format("MST") }

// customerZone is the customer's own zone, or nil where there is none or it is the
// viewer's.
func (f *Frame) customerZone(name string) *time.Location {
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	_, theirs := f.Now.In(zone).Zone()
	_, ours := f.Now.In(f.zone()).Zone()
	if theirs == ours {
		return nil
	}
	return zone
}

// instant is the time of the API, or the zero time.
func instant(at *metav1.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.Time
}

// or is the text, or a dash where there is none.
func or(text string) string {
	if strings.TrimSpace(text) == "" {
		return "-"
	}
	return text
}
