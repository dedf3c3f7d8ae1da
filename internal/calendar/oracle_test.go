package calendar_test

import (
	"fmt"
	"sort"
	"testing"
	"time"
	_ "time/tzdata" // the zones must not depend on the machine

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// oracle answers the package's questions in a slow way of its own. It looks at the
// wall clock in every step of a limited time and asks of each step: has the clock
// shown the beginning of the hours by now, and will it still show a time before
// their end? It knows no transitions, no pages and no interval arithmetic.
type oracle struct {
	spec  v1alpha1.BusinessCalendarSpec
	step  int64 // seconds; every bound and every clock change falls on a step
	start int64 // of step 0, in Unix seconds

	wall []int64 // what the clock shows, as Unix seconds of the same reading in UTC
	past []int64 // the latest time that it has shown so far
	rest []int64 // the earliest time that it shows from here on

	weekly, extra, holiday []bool
	passed                 []int64 // open seconds before each step, and after the last
	openings, closings     []int64 // instants at which it opens and closes
}

// newOracle looks at the time between two instants in Unix seconds.
func newOracle(spec v1alpha1.BusinessCalendarSpec, step, start, end int64) *oracle {
	loc, err := time.LoadLocation(string(spec.TimeZone))
	if err != nil {
		panic(err)
	}
	n := int((end - start) / step)
	o := &oracle{spec: spec, step: step, start: start}
	o.wall, o.past, o.rest = make([]int64, n), make([]int64, n), make([]int64, n)
	for k := range n {
		t := time.Unix(o.at(k), 0).In(loc)
		year, month, date := t.Date()
		h, m, s := t.Clock()
		o.wall[k] = time.Date(year, month, date, h, m, s, 0, time.UTC).Unix()
		o.past[k] = o.wall[k]
		if k > 0 {
			o.past[k] = max(o.past[k], o.past[k-1])
		}
	}
	for k := n - 1; k >= 0; k-- {
		o.rest[k] = o.wall[k]
		if k < n-1 {
			o.rest[k] = min(o.rest[k], o.rest[k+1])
		}
	}
	o.paint()
	return o
}

func (o *oracle) at(k int) int64  { return o.start + int64(k)*o.step }
func (o *oracle) end() int64      { return o.at(len(o.wall)) }
func (o *oracle) open(k int) bool { return o.extra[k] || o.weekly[k] && !o.holiday[k] }

// paint marks the steps of all hours.
func (o *oracle) paint() {
	n := len(o.wall)
	o.weekly, o.extra, o.holiday = make([]bool, n), make([]bool, n), make([]bool, n)
	for _, h := range o.dated() {
		mask := map[string][]bool{"weekly": o.weekly, "extra": o.extra, "holiday": o.holiday}[h.kind]
		for k := h.first; k < h.end; k++ {
			mask[k] = true
		}
	}
	o.passed = make([]int64, n+1)
	wasOpen := o.open(0)
	for k := range n {
		isOpen := o.open(k)
		o.passed[k+1] = o.passed[k]
		switch {
		case isOpen && !wasOpen:
			o.openings = append(o.openings, o.at(k))
		case wasOpen && !isOpen:
			o.closings = append(o.closings, o.at(k))
		}
		if isOpen {
			o.passed[k+1] += o.step
		}
		wasOpen = isOpen
	}
}

// datedHours are hours on one date and the steps that they cover.
type datedHours struct {
	kind       string
	first, end int
}

// dated lists the hours of all dates in sight.
func (o *oracle) dated() []datedHours {
	var out []datedHours
	add := func(kind string, midnight time.Time, from, to v1alpha1.TimeOfDay) {
		a, b := midnight.Unix()+secondsOf(from), midnight.Unix()+secondsOf(to)
		if b <= a {
			b += 24 * 60 * 60
		}
		first := sort.Search(len(o.past), func(k int) bool { return o.past[k] >= a })
		end := sort.Search(len(o.rest), func(k int) bool { return o.rest[k] >= b })
		if first < end {
			out = append(out, datedHours{kind, first, end})
		}
	}
	last := time.Unix(o.past[len(o.past)-1], 0).UTC()
	date := time.Unix(o.wall[0], 0).UTC().AddDate(0, 0, -2).Truncate(24 * time.Hour)
	for ; !date.After(last); date = date.AddDate(0, 0, 1) {
		iso := v1alpha1.Date(date.Format("2006-01-02"))
		for _, w := range o.spec.Weekly {
			for _, d := range w.Days {
				for _, h := range w.Hours {
					if string(d) == date.Weekday().String() {
						add("weekly", date, h.From, h.To)
					}
				}
			}
		}
		for _, e := range o.spec.Openings {
			for _, h := range e.Hours {
				if e.Date == iso {
					add("extra", date, h.From, h.To)
				}
			}
		}
		for _, h := range o.spec.Holidays {
			if iso < h.Date || iso > max(h.Date, h.Until) {
				continue
			}
			if len(h.Closed) == 0 {
				add("holiday", date, "00:00", "24:00")
			}
			for _, c := range h.Closed {
				add("holiday", date, c.From, c.To)
			}
		}
	}
	return out
}

func secondsOf(value v1alpha1.TimeOfDay) int64 {
	var h, m int64
	if _, err := fmt.Sscanf(string(value), "%d:%d", &h, &m); err != nil {
		panic(err)
	}
	return h*3600 + m*60
}

// counted returns the open seconds before an instant in sight.
func (o *oracle) counted(at int64) int64 {
	k := int((at - o.start) / o.step)
	if k < len(o.wall) && o.open(k) {
		return o.passed[k] + at - o.at(k)
	}
	return o.passed[k]
}

// due returns the smallest instant with the open time wanted, or that it is out of
// sight.
func (o *oracle) due(start, d int64) (int64, bool) {
	want := o.counted(start) + d
	if want > o.passed[len(o.wall)] {
		return 0, false
	}
	k := sort.Search(len(o.wall), func(k int) bool { return o.passed[k+1] >= want })
	return o.at(k) + want - o.passed[k], true
}

// back returns the largest instant with the open time wanted, or that it is out of
// sight.
func (o *oracle) back(end, d int64) (int64, bool) {
	want := o.counted(end) - d
	if want < 0 {
		return 0, false
	}
	k := sort.Search(len(o.wall), func(k int) bool { return o.passed[k+1] > want })
	return o.at(k) + want - o.passed[k], true
}

// firstAfter returns the first of sorted instants that lies after another.
func firstAfter(instants []int64, at int64) (int64, bool) {
	k := sort.Search(len(instants), func(k int) bool { return instants[k] > at })
	if k == len(instants) {
		return 0, false
	}
	return instants[k], true
}

// closes returns the close of each business date in sight, as Unix seconds by date.
func (o *oracle) closes() map[string]int64 {
	out := map[string]int64{}
	for _, h := range o.dated() {
		began := -1
		for k := h.first; k <= h.end && h.kind != "holiday"; k++ {
			isOpen := k < h.end && (h.kind == "extra" || !o.holiday[k])
			switch {
			case isOpen && began < 0:
				began = k
			case !isOpen && began >= 0:
				date := o.date(began)
				out[date] = max(out[date], o.at(k))
				began = -1
			}
		}
	}
	return out
}

func (o *oracle) date(k int) string {
	return time.Unix(o.wall[k], 0).UTC().Format("2006-01-02")
}

// agree asks a calendar and the oracle the same about one span of time.
func (o *oracle) agree(t testing.TB, c *calendar.Calendar, from, to, d int64) {
	t.Helper()
	start, end, length := time.Unix(from, 0).UTC(), time.Unix(to, 0).UTC(), time.Duration(d)*time.Second
	if got, want := c.Counted(start, end), time.Duration(o.counted(to)-o.counted(from))*time.Second; got != want {
		t.Fatalf("Counted(%s, %s) = %s, the oracle says %s\n%s", start, end, got, want, show(o.spec))
	}
	isOpen, wasOpen := o.open(int((from-o.start)/o.step)), o.open(int((from-1-o.start)/o.step))
	if got := c.IsOpen(start); got != isOpen {
		t.Fatalf("IsOpen(%s) = %t, the oracle says %t\n%s", start, got, isOpen, show(o.spec))
	}
	if got, want := c.Includes(start), isOpen || wasOpen; got != want {
		t.Fatalf("Includes(%s) = %t, the oracle says %t\n%s", start, got, want, show(o.spec))
	}
	due, err := c.Due(start, length)
	want, seen := o.due(from, d)
	o.same(t, fmt.Sprintf("Due(%s, %s)", start, length), due, err == nil, want, seen)
	back, err := c.Back(end, length)
	want, seen = o.back(to, d)
	o.same(t, fmt.Sprintf("Back(%s, %s)", end, length), back, err == nil, want, seen)
	opening, ok := c.NextOpening(start)
	want, seen = firstAfter(o.openings, from)
	o.same(t, fmt.Sprintf("NextOpening(%s)", start), opening, ok, want, seen)
	closing, ok := c.NextClosing(start)
	want, seen = firstAfter(o.closings, from)
	o.same(t, fmt.Sprintf("NextClosing(%s)", start), closing, ok, want, seen)
}

// same compares an answer with the oracle's. Where the oracle sees none, the answer
// must be none, or out of its sight.
func (o *oracle) same(t testing.TB, question string, got time.Time, ok bool, want int64, seen bool) {
	t.Helper()
	switch {
	case seen && (!ok || got.Unix() != want || got.Nanosecond() != 0):
		t.Fatalf("%s = %s, %t; the oracle says %s\n%s", question, got, ok, time.Unix(want, 0).UTC(), show(o.spec))
	case !seen && ok && got.Unix() > o.start && got.Unix() < o.end():
		t.Fatalf("%s = %s, the oracle sees none\n%s", question, got, show(o.spec))
	}
}

// agreeOnDays compares the closes of business days after the date of an instant, up
// to another instant.
func (o *oracle) agreeOnDays(t testing.TB, c *calendar.Calendar, from, until int64) {
	t.Helper()
	closes, latest := o.closes(), int64(0)
	first, last := o.date(int((from-o.start)/o.step)), o.date(int((until-o.start)/o.step))
	var dates []string
	for date := range closes {
		dates = append(dates, date)
	}
	sort.Strings(dates)
	for n := 0; len(dates) > 0 && dates[0] < last; dates = dates[1:] {
		date := dates[0]
		latest = max(latest, closes[date])
		if date <= first {
			continue
		}
		n++
		got, err := c.CloseOfBusinessDay(time.Unix(from, 0), n)
		if err != nil || got.Unix() != latest {
			t.Fatalf("CloseOfBusinessDay(%s, %d) = %s, %v; the oracle says %s on %s\n%s", time.Unix(from, 0).UTC(), n,
				got, err, time.Unix(latest, 0).UTC(), date, show(o.spec))
		}
	}
}

// agreeOnStretches compares what holds in every step of a time.
func (o *oracle) agreeOnStretches(t testing.TB, c *calendar.Calendar, from, to int64) {
	t.Helper()
	at := from
	var before calendar.Stretch
	for s := range c.Stretches(time.Unix(from, 0), time.Unix(to, 0)) {
		if s.From.Unix() != at || !s.From.Before(s.To) || s.Kind == before.Kind && s.Holiday == before.Holiday {
			t.Fatalf("the stretch %v follows %v, which ends at %s\n%s", s, before, time.Unix(at, 0).UTC(), show(o.spec))
		}
		for ; at < s.To.Unix(); at += o.step {
			if want := o.kind(int((at - o.start) / o.step)); s.Kind != want {
				t.Fatalf("the stretch %v is %s at %s\n%s", s, want, time.Unix(at, 0).UTC(), show(o.spec))
			}
		}
		before = s
	}
	if at != to {
		t.Fatalf("the stretches from %s end at %s, not at %s\n%s", time.Unix(from, 0).UTC(), time.Unix(at, 0).UTC(),
			time.Unix(to, 0).UTC(), show(o.spec))
	}
}

func (o *oracle) kind(k int) calendar.Kind {
	switch {
	case o.weekly[k] && !o.holiday[k]:
		return calendar.KindOpen
	case o.extra[k]:
		return calendar.KindExtra
	case o.holiday[k]:
		return calendar.KindHoliday
	}
	return calendar.KindClosed
}
