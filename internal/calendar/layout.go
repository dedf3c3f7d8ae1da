package calendar

import (
	"slices"
	"sort"
)

// hours are opening hours in minutes after the midnight that begins their date. To
// lies above from and may reach into the next date.
type hours struct {
	from, to int
}

// closure is what holidays close on each date of a range.
type closure struct {
	first, last int
	hours       []closedHours // disjoint, sorted
}

// closedHours are hours of a date that a holiday closes.
type closedHours struct {
	hours
	holiday int // place in Calendar.names
}

// extra is the extra opening hours of one date.
type extra struct {
	date  int
	hours []hours
}

// margin is how many dates around those asked for are laid out as well: hours reach
// into the next date, a wall clock may skip a date or show one twice, and local
// dates begin up to a day before or after the date in UTC.
const margin = 3

// layout is the calendar around some dates, as instants.
type layout struct {
	clock  wallClock
	weekly []span // after holidays, by the hours they come from, sorted
	extra  []span // by the hours they come from, sorted
	closed []closedSpan
}

// layOut resolves the hours that begin on the dates first to last, give or take the
// margin.
func (c *Calendar) layOut(first, last int) layout {
	first, last = first-margin, last+margin
	l := layout{clock: newWallClock(c.loc, first-margin, last+margin)}
	l.closed = c.closedSpans(l.clock, first-1, last+1)
	l.weekly = cutAll(c.weeklySpans(l.clock, first, last), l.closed)
	l.extra = c.extraSpans(l.clock, first, last)
	return l
}

// openings returns all openings of the layout, each with its own bounds.
func (l layout) openings() []span {
	return slices.Concat(l.weekly, l.extra)
}

func (c *Calendar) weeklySpans(clock wallClock, first, last int) []span {
	perWeek := 0
	for _, hs := range c.weekly {
		perWeek += len(hs)
	}
	out := make([]span, 0, perWeek*((last-first)/7+1))
	for date := first; date <= last; date++ {
		for _, h := range c.weekly[weekday(date)] {
			out = append(out, h.on(clock, date))
		}
	}
	return out
}

func (c *Calendar) closedSpans(clock wallClock, first, last int) []closedSpan {
	var out []closedSpan
	next := sort.Search(len(c.closures), func(i int) bool { return c.closures[i].last >= first })
	for _, cl := range c.closures[next:] {
		if cl.first > last {
			break
		}
		for date := max(first, cl.first); date <= min(last, cl.last); date++ {
			for _, h := range cl.hours {
				out = append(out, closedSpan{span: h.on(clock, date), holiday: h.holiday})
			}
		}
	}
	return out
}

func (c *Calendar) extraSpans(clock wallClock, first, last int) []span {
	var out []span
	next := sort.Search(len(c.extras), func(i int) bool { return c.extras[i].date >= first })
	for _, e := range c.extras[next:] {
		if e.date > last {
			break
		}
		for _, h := range e.hours {
			out = append(out, h.on(clock, e.date))
		}
	}
	return out
}

// on resolves hours that begin on a date. The span is empty where the wall clock
// skips them.
func (h hours) on(clock wallClock, date int) span {
	midnight := int64(date) * daySeconds
	return span{
		from: clock.opens(midnight + int64(h.from)*60),
		to:   clock.closes(midnight + int64(h.to)*60),
	}
}
