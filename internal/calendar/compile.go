package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// The bounds of a spec, as its schema states them too.
const (
	maxWeekly   = 14
	maxHours    = 12
	maxHolidays = 400
	maxClosed   = 4
	maxOpenings = 200
	maxName     = 63
)

// Compile checks a spec and makes a calendar of it. It reports every problem that it
// finds, and returns a calendar exactly when there is none. It trusts nothing that
// the API server may have checked before.
func Compile(spec v1alpha1.BusinessCalendarSpec) (*Calendar, []Problem) {
	var k compiler
	cal := &Calendar{}
	loc, err := loadZone(spec.TimeZone)
	if err != nil {
		k.invalid("spec.timeZone", err)
	}
	cal.loc = loc
	cal.weekly = k.weekly(spec.Weekly)
	cal.closures, cal.names = k.holidays(spec.Holidays)
	cal.extras = k.openings(spec.Openings)
	if len(k.problems) == 0 {
		k.opens(cal, spec)
	}
	if len(k.problems) > 0 {
		return nil, k.problems
	}
	return cal, nil
}

// compiler collects the problems of one spec.
type compiler struct {
	problems []Problem
}

func (k *compiler) add(path, reason, format string, args ...any) {
	k.problems = append(k.problems, Problem{Path: path, Reason: reason, Message: fmt.Sprintf(format, args...)})
}

func (k *compiler) invalid(path string, err error) {
	k.add(path, ReasonInvalid, "%s", err.Error())
}

// atMost reports a list that is too long. Nothing in it is looked at then, so the
// work that a spec can cause is bounded.
func (k *compiler) atMost(path string, n, most int, what string) bool {
	if n > most {
		k.add(path, ReasonInvalid, "%d %s are too many; give at most %d", n, what, most)
		return false
	}
	return true
}

// opens reports a calendar that never opens.
func (k *compiler) opens(cal *Calendar, spec v1alpha1.BusinessCalendarSpec) {
	switch {
	case len(spec.Weekly) == 0 && len(spec.Openings) == 0:
		k.add("spec", ReasonExhausted, "a calendar without weekly hours and openings never opens; give weekly or openings")
	case cal.everOpens():
	case len(spec.Weekly) == 0:
		k.add("spec.openings", ReasonExhausted, "the clocks in %s skip all of these hours, so the calendar never opens; give an opening that takes place", cal.loc)
	default:
		k.add("spec.holidays", ReasonExhausted, "the holidays close all opening hours for ever; leave some hours open or give openings")
	}
}

// everOpens tells whether an opening begins on any date that calendars cover.
func (c *Calendar) everOpens() bool {
	for _, e := range c.extras {
		if c.opensWithin(e.date, e.date) {
			return true
		}
	}
	const step = 8 * 7 // nearly every calendar opens in the first of them
	for date := firstDate; date <= lastDate; date += step {
		if c.opensWithin(date, min(date+step-1, lastDate)) {
			return true
		}
	}
	return false
}

func (c *Calendar) opensWithin(first, last int) bool {
	l := c.layOut(first, last)
	return len(businessDays(l.clock, l.openings(), first, last)) > 0
}

// opening checks one opening. Closed hours of a holiday end on their own date.
func (k *compiler) opening(path string, o v1alpha1.Opening, sameDay bool) (hours, bool) {
	from, errFrom := parseTimeOfDay(o.From)
	if errFrom != nil {
		k.invalid(path+".from", errFrom)
	}
	to, errTo := parseTimeOfDay(o.To)
	if errTo != nil {
		k.invalid(path+".to", errTo)
	}
	switch {
	case errFrom != nil || errTo != nil:
		return hours{}, false
	case from == dayMinutes:
		k.add(path+".from", ReasonInvalid, "hours cannot begin at 24:00; give a time from 00:00 to 23:59")
	case sameDay && to <= from:
		k.add(path, ReasonInvalid, "the closed hours %s to %s do not end on the same day; give a to after from, at 24:00 at the latest", o.From, o.To)
	case from == to:
		k.add(path, ReasonInvalid, "the hours %s to %s are empty; give a to that differs from from, or 00:00 to 24:00 for a whole day", o.From, o.To)
	case to < from:
		return hours{from, to + dayMinutes}, true
	default:
		return hours{from, to}, true
	}
	return hours{}, false
}

// hours checks a list of openings.
func (k *compiler) hours(path string, list []v1alpha1.Opening) []stated {
	if len(list) == 0 {
		k.add(path, ReasonInvalid, "there are no hours; give at least one opening with from and to")
	}
	if !k.atMost(path, len(list), maxHours, "openings") {
		return nil
	}
	var out []stated
	for i, o := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if h, ok := k.opening(at, o, false); ok {
			out = append(out, stated{h, at})
		}
	}
	return out
}

// openings checks the extra openings and sorts them by date.
func (k *compiler) openings(list []v1alpha1.ExtraOpening) []extra {
	if !k.atMost("spec.openings", len(list), maxOpenings, "openings") {
		return nil
	}
	var out []extra
	for i, o := range list {
		path := fmt.Sprintf("spec.openings[%d]", i)
		date, err := parseDate(o.Date)
		if err != nil {
			k.invalid(path+".date", err)
		}
		e := extra{date: date}
		for _, h := range k.hours(path+".hours", o.Hours) {
			e.hours = append(e.hours, h.hours)
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b extra) int { return cmp.Compare(a.date, b.date) })
	return out
}

// holidayName checks the name of a holiday.
func (k *compiler) holidayName(path, name string) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		k.add(path, ReasonInvalid, "a holiday needs a name; explanations show it")
	case n > maxName:
		k.add(path, ReasonInvalid, "%s has %d characters; give at most %d", quote(name), n, maxName)
	}
}
