package calendar

import (
	"cmp"
	"slices"
	"sort"
)

// pageDays is how many days one page holds. It is less than reachDays, so within a
// page no search can exceed its reach. The last page is not full: every instant up
// to coverTo, itself included, lies in a page.
const (
	pageDays  = 256
	pageLen   = pageDays * day
	pageCount = lastDate/pageDays + 1
)

// run is a stretch of open time in a page.
type run struct {
	from, to int64
	before   int64 // the open time of the page that lies before from
}

// businessDay is a date on which at least one opening begins.
type businessDay struct {
	date  int
	close int64 // when the last opening ends that began on it or before
}

// page is the calendar in pageDays days, resolved. Its runs are those of the days in
// UTC, sorted, apart from each other, not empty and cut at the page's bounds; its
// business days are those of the local dates of the same numbers, sorted.
type page struct {
	runs  []run
	total int64
	days  []businessDay
}

// pageFrom returns the instant at which page i begins, which is where page i-1 ends.
func pageFrom(i int) int64 {
	return int64(i) * pageLen
}

// pageAt returns the number of the page that holds an instant: below zero or from
// pageCount on, where no calendar is open.
func pageAt(instant int64) int {
	return int(floorDiv(instant, pageLen))
}

// page returns page i, which it makes when it is first asked for. Two goroutines may
// make the same page at once; both are equal, and either may stay.
func (c *Calendar) page(i int) *page {
	if p := c.pages[i].Load(); p != nil {
		return p
	}
	p := c.makePage(i)
	c.pages[i].Store(p)
	return p
}

func (c *Calendar) makePage(i int) *page {
	first := i * pageDays
	last := min(first+pageDays-1, lastDate)
	l := c.layOut(first, last)
	openings := l.openings()
	p := &page{days: businessDays(l.clock, openings, first, last)}
	for _, s := range clip(union(openings), span{pageFrom(i), int64(last+1) * day}) {
		p.runs = append(p.runs, run{from: s.from, to: s.to, before: p.total})
		p.total += s.to - s.from
	}
	p.runs = slices.Clip(p.runs)
	return p
}

// businessDays returns the dates from first to last on which openings begin. Those
// before and after are made as well and dropped, because a date never closes before
// an earlier one does.
func businessDays(clock wallClock, openings []span, first, last int) []businessDay {
	days := make([]businessDay, 0, last-first+1+2*margin)
	for _, s := range openings {
		if s.from < s.to {
			days = append(days, businessDay{date: clock.date(s.from), close: s.to})
		}
	}
	slices.SortFunc(days, func(a, b businessDay) int {
		return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(b.close, a.close))
	})
	days = slices.CompactFunc(days, func(a, b businessDay) bool { return a.date == b.date })
	for i := 1; i < len(days); i++ {
		days[i].close = max(days[i].close, days[i-1].close)
	}
	from := sort.Search(len(days), func(i int) bool { return days[i].date >= first })
	to := sort.Search(len(days), func(i int) bool { return days[i].date > last })
	return slices.Clone(days[from:to])
}

// at returns the first run that ends after an instant and the open time of the page
// before the instant. Without such a run, it returns their number.
func (p *page) at(instant int64) (next int, passed int64) {
	next = sort.Search(len(p.runs), func(i int) bool { return p.runs[i].to > instant })
	if next == len(p.runs) {
		return next, p.total
	}
	return next, p.runs[next].before + max(0, instant-p.runs[next].from)
}

// until returns the end of the open time before an instant, and its length. Where
// the length is zero, the end means nothing.
func (p *page) until(instant int64) (end, open int64) {
	next, open := p.at(instant)
	switch {
	case next < len(p.runs) && p.runs[next].from < instant:
		end = instant
	case next > 0:
		end = p.runs[next-1].to
	}
	return end, open
}

// first returns the earliest instant before which the page has been open for a time
// above zero and at most its total.
func (p *page) first(open int64) int64 {
	i := sort.Search(len(p.runs), func(i int) bool { return p.runs[i].before >= open }) - 1
	return p.runs[i].from + open - p.runs[i].before
}

// last returns the latest instant before which the page has been open for a time of
// at least zero and below its total.
func (p *page) last(open int64) int64 {
	i := sort.Search(len(p.runs), func(i int) bool { return p.runs[i].before > open }) - 1
	return p.runs[i].from + open - p.runs[i].before
}
