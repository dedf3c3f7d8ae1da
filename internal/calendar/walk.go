package calendar

import (
	"iter"
	"math"
	"time"
)

// Kind says why a stretch is open or closed.
type Kind string

const (
	// KindOpen is a stretch of weekly hours.
	KindOpen Kind = "Open"
	// KindExtra is a stretch that only an extra opening opens.
	KindExtra Kind = "Extra"
	// KindHoliday is a stretch that is closed and lies in the hours that a holiday
	// closes, whether or not the calendar would be open otherwise.
	KindHoliday Kind = "Holiday"
	// KindClosed is any other stretch that is closed.
	KindClosed Kind = "Closed"
)

// IsOpen tells whether stretches of this kind count.
func (k Kind) IsOpen() bool {
	return k == KindOpen || k == KindExtra
}

// Stretch is a part of the time line in which one thing holds.
type Stretch struct {
	// From is its beginning.
	From time.Time
	// To is its end, itself excluded.
	To time.Time
	// Kind says what holds.
	Kind Kind
	// Holiday is the name of the holiday, for KindHoliday. Where holidays overlap, it
	// is the one whose closed hours begin first that day, then the one listed first.
	Holiday string
}

// Stretches walks the time from from to to. The stretches follow each other without
// a gap, two neighbours differ in kind or holiday, and the open ones add up to
// Counted.
func (c *Calendar) Stretches(from, to time.Time) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		if !from.Before(to) {
			return
		}
		pending := Stretch{From: plain(from)}
		for m := range c.marks(toInstant(from), toInstant(to)) {
			switch {
			case pending.Kind == "":
			case m.kind == pending.Kind && c.name(m) == pending.Holiday:
				continue
			default:
				pending.To = toTime(m.at)
				if !yield(pending) {
					return
				}
				pending.From = pending.To
			}
			pending.Kind, pending.Holiday = m.kind, c.name(m)
		}
		pending.To = plain(to)
		yield(pending)
	}
}

// mark says what holds from an instant on.
type mark struct {
	at      int64
	kind    Kind
	holiday int
}

func (c *Calendar) name(m mark) string {
	if m.kind != KindHoliday {
		return ""
	}
	return c.names[m.holiday]
}

// marks yields what holds at from, and every change before to; it may repeat what
// holds already.
func (c *Calendar) marks(from, to int64) iter.Seq[mark] {
	return func(yield func(mark) bool) {
		if from < coverFrom && !yield(mark{at: from, kind: KindClosed}) {
			return
		}
		for at := max(from, coverFrom); at < min(to, coverTo); {
			i := pageAt(at)
			end := min(to, coverTo, pageFrom(i+1))
			for m := range c.sweep(i).marks(at, end) {
				if !yield(m) {
					return
				}
			}
			at = end
		}
		if to > coverTo {
			yield(mark{at: max(from, coverTo), kind: KindClosed})
		}
	}
}

// sweep holds the layout of one page for a walk forward in time.
type sweep struct {
	weekly, extra []span // disjoint, sorted
	closed        []closedSpan
}

func (c *Calendar) sweep(i int) *sweep {
	first := i * pageDays
	l := c.layOut(first, first+pageDays-1)
	return &sweep{weekly: union(l.weekly), extra: union(l.extra), closed: l.closed}
}

// marks yields what holds at from and at every bound before to.
func (s *sweep) marks(from, to int64) iter.Seq[mark] {
	return func(yield func(mark) bool) {
		for at := from; at < to; {
			m, until := s.next(at)
			if !yield(m) {
				return
			}
			at = until
		}
	}
}

// next returns what holds at an instant, and until when that is certain. Instants
// are asked about in ascending order.
func (s *sweep) next(at int64) (mark, int64) {
	m := mark{at: at, kind: KindClosed}
	until := int64(math.MaxInt64)
	for len(s.closed) > 0 && s.closed[0].to <= at {
		s.closed = s.closed[1:]
	}
	if len(s.closed) > 0 && s.closed[0].covers(at, &until) {
		m.kind, m.holiday = KindHoliday, s.closed[0].holiday
	}
	if s.extra = after(s.extra, at); len(s.extra) > 0 && s.extra[0].covers(at, &until) {
		m.kind = KindExtra
	}
	if s.weekly = after(s.weekly, at); len(s.weekly) > 0 && s.weekly[0].covers(at, &until) {
		m.kind = KindOpen
	}
	return m, until
}

// after drops the spans that end at or before an instant.
func after(spans []span, at int64) []span {
	for len(spans) > 0 && spans[0].to <= at {
		spans = spans[1:]
	}
	return spans
}

// covers tells whether an instant that lies before the end of s lies in it, and
// lowers until to the next bound of s.
func (s span) covers(at int64, until *int64) bool {
	if at < s.from {
		*until = min(*until, s.from)
		return false
	}
	*until = min(*until, s.to)
	return true
}
