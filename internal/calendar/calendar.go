package calendar

import (
	"sync/atomic"
	"time"
)

// Calendar is a compiled business calendar. It never changes, and it is safe for
// concurrent use. It resolves its hours to instants when they are first asked about,
// a page of 256 days at a time, and keeps the pages.
type Calendar struct {
	loc      *time.Location
	weekly   [7][]hours // by weekday, Sunday first, sorted
	closures []closure  // ranges of dates that do not meet, sorted
	extras   []extra    // sorted by date
	names    []string   // of the holidays, in the order of the spec

	pages [pageCount]atomic.Pointer[page]
}

// Location returns the time zone of the calendar.
func (c *Calendar) Location() *time.Location {
	return c.loc
}

// Due returns the earliest instant t, not before start, with Counted(start, t) = d.
// Where d ends exactly at a closing time, that closing time is due, not the next
// opening. A d of zero or less is due at start. The error wraps ErrExhausted where
// more than 400 times 24 hours without open time lie between start, or the end of
// the last stretch counted, and the next open time.
func (c *Calendar) Due(start time.Time, d time.Duration) (time.Time, error) {
	if d <= 0 {
		return plain(start), nil
	}
	due, ok := c.seek(toInstant(start), int64(d), reach)
	if !ok {
		return time.Time{}, exhaustedAfter(due)
	}
	return toTime(due), nil
}

// seek returns the earliest instant by which the calendar has been open for the time
// need, which is above zero, since start. It fails when it would pass more than
// maxGap without open time, and returns the instant from which nothing opens.
func (c *Calendar) seek(start, need, maxGap int64) (int64, bool) {
	last := start
	for i := max(0, pageAt(start)); i < pageCount; i++ {
		p := c.page(i)
		next, passed := p.at(start)
		if next == len(p.runs) {
			if pageFrom(i+1)-last > maxGap {
				break
			}
			continue
		}
		if p.runs[next].from-last > maxGap {
			break
		}
		if need <= p.total-passed {
			return p.first(passed + need), true
		}
		need -= p.total - passed
		last = p.runs[len(p.runs)-1].to
	}
	return last, false
}

// Back returns the latest instant t, not after end, with Counted(t, end) = d. A d of
// zero or less leads to end. The error wraps ErrExhausted where more than 400 times
// 24 hours without open time lie between end, or the beginning of the last stretch
// counted, and the open time before it.
func (c *Calendar) Back(end time.Time, d time.Duration) (time.Time, error) {
	if d <= 0 {
		return plain(end), nil
	}
	from, need := toInstant(end), int64(d)
	last := from
	for i := min(pageCount-1, pageAt(from)); i >= 0; i-- {
		p := c.page(i)
		latest, passed := p.until(from)
		if passed == 0 {
			if last-pageFrom(i) > reach {
				break
			}
			continue
		}
		if last-latest > reach {
			break
		}
		if need <= passed {
			return toTime(p.last(passed - need)), nil
		}
		need -= passed
		last = p.runs[0].from
	}
	return time.Time{}, exhaustedBefore(last)
}

// Counted returns how long the calendar is open from one instant to another; zero
// when to is not after from.
func (c *Calendar) Counted(from, to time.Time) time.Duration {
	a, b := max(toInstant(from), coverFrom), min(toInstant(to), coverTo)
	if a >= b {
		return 0
	}
	return time.Duration(c.counted(a, b))
}

// counted is Counted for instants that calendars cover.
func (c *Calendar) counted(from, to int64) int64 {
	i, end := pageAt(from), pageAt(to)
	_, before := c.page(i).at(from)
	open := -before
	for ; i < end; i++ {
		open += c.page(i).total
	}
	_, passed := c.page(end).at(to)
	return open + passed
}

// IsOpen tells whether the calendar is open at t: at an opening it is, at a closing
// it is not.
func (c *Calendar) IsOpen(t time.Time) bool {
	at := toInstant(t)
	if at < coverFrom || at >= coverTo {
		return false
	}
	p := c.page(pageAt(at))
	next, _ := p.at(at)
	return next < len(p.runs) && p.runs[next].from <= at
}

// Includes tells whether t lies in opening hours or exactly at their end, where
// something can still be due.
func (c *Calendar) Includes(t time.Time) bool {
	return c.IsOpen(t) || c.IsOpen(t.Add(-1))
}

// FirstOpen returns the earliest instant, not before t, at which the calendar is
// open. The error wraps ErrExhausted when that is more than 400 times 24 hours away.
func (c *Calendar) FirstOpen(t time.Time) (time.Time, error) {
	if c.IsOpen(t) {
		return plain(t), nil
	}
	if at, ok := c.NextOpening(t); ok {
		return at, nil
	}
	return time.Time{}, exhaustedAfter(toInstant(t))
}

// NextOpening returns the first instant after t at which the calendar, having been
// closed, opens; false when there is none within 400 times 24 hours. A calendar that
// never closes has none.
func (c *Calendar) NextOpening(t time.Time) (time.Time, bool) {
	from := toInstant(t)
	end := from + reach
	for i := max(0, pageAt(from)); i < pageCount && pageFrom(i) <= end; i++ {
		p := c.page(i)
		next, _ := p.at(from)
		for ; next < len(p.runs); next++ {
			if at := p.runs[next].from; at > from && !c.isOpenBefore(i, at) {
				return toTime(at), at <= end
			}
		}
	}
	return time.Time{}, false
}

// NextClosing returns the first instant after t at which the calendar, having been
// open, closes; false when there is none within 400 times 24 hours. A calendar that
// never closes has none.
func (c *Calendar) NextClosing(t time.Time) (time.Time, bool) {
	from := toInstant(t)
	end := from + reach
	for i := max(0, pageAt(from)); i < pageCount && pageFrom(i) <= end; i++ {
		p := c.page(i)
		next, _ := p.at(from)
		for ; next < len(p.runs); next++ {
			if at := p.runs[next].to; !c.isOpenAfter(i, at) {
				return toTime(at), at <= end
			}
		}
	}
	return time.Time{}, false
}

// isOpenBefore tells whether a run that begins at an instant in page i continues one
// of the page before it.
func (c *Calendar) isOpenBefore(i int, at int64) bool {
	if i == 0 || at != pageFrom(i) {
		return false
	}
	runs := c.page(i - 1).runs
	return len(runs) > 0 && runs[len(runs)-1].to == at
}

// isOpenAfter tells whether a run that ends at an instant in page i is continued in
// the page after it.
func (c *Calendar) isOpenAfter(i int, at int64) bool {
	if i == pageCount-1 || at != pageFrom(i+1) {
		return false
	}
	runs := c.page(i + 1).runs
	return len(runs) > 0 && runs[0].from == at
}
