package offline

import (
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// rule is a recurrence that is written out: once a year, on the day of the first time, or
// on such a day of the week of a month.
type rule struct {
	interval, count int
	until           time.Time
	month           time.Month
	// nth is 1 for the first, -1 for the last such weekday of the month; 0 for a day of
	// the month.
	nth     int
	weekday time.Weekday
}

// occurrences are the days on which an event begins, before an end; or why they cannot
// be told.
func occurrences(e *ics.VEvent, first, end time.Time) ([]time.Time, string) {
	out := []time.Time{first}
	if text := property(e, ics.ComponentPropertyRrule); text != "" {
		r, why := readRule(text, first)
		if why != "" {
			return nil, why
		}
		out = r.days(first, end)
	}
	for _, p := range e.GetProperties(ics.ComponentPropertyRdate) {
		for each := range strings.SplitSeq(p.Value, ",") {
			if at, ok := date(strings.TrimSpace(each)); ok {
				out = append(out, at)
			}
		}
	}
	for _, p := range e.GetProperties(ics.ComponentPropertyExdate) {
		for each := range strings.SplitSeq(p.Value, ",") {
			if at, ok := date(strings.TrimSpace(each)); ok {
				out = slices.DeleteFunc(out, at.Equal)
			}
		}
	}
	return out, ""
}

// readRule reads a recurrence, or says which part of it is not written out.
func readRule(text string, first time.Time) (rule, string) {
	r := rule{interval: 1, month: first.Month()}
	for part := range strings.SplitSeq(strings.ToUpper(text), ";") {
		key, value, _ := strings.Cut(part, "=")
		if !r.read(key, value, first) {
			return r, part
		}
	}
	if r.nth == 0 && r.month != first.Month() {
		return r, "BYMONTH=" + strconv.Itoa(int(r.month))
	}
	return r, ""
}

// read reads one part of a recurrence.
func (r *rule) read(key, value string, first time.Time) (ok bool) {
	switch key {
	case "FREQ":
		return value == "YEARLY"
	case "INTERVAL":
		return number(value, &r.interval) && r.interval > 0 && r.interval <= maxYear
	case "COUNT":
		return number(value, &r.count) && r.count > 0
	case "UNTIL":
		r.until, ok = date(value[:min(len(value), len("20060102"))])
		return ok
	case "BYMONTH":
		var m int
		ok = number(value, &m) && m >= 1 && m <= 12
		r.month = time.Month(m)
		return ok
	case "BYMONTHDAY":
		return value == strconv.Itoa(first.Day())
	case "BYDAY":
		return r.byDay(value)
	}
	return key == "WKST" || key == ""
}

func number(text string, into *int) bool {
	n, err := strconv.Atoi(text)
	*into = n
	return err == nil
}

// byDay reads one weekday of the month, such as 4TH or -1MO.
func (r *rule) byDay(value string) bool {
	if len(value) < len("1MO") {
		return false
	}
	i := slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, value[len(value)-2:])
	r.weekday = time.Weekday(i)
	return i >= 0 && number(value[:len(value)-2], &r.nth) && r.nth != 0 && r.nth >= -5 && r.nth <= 5
}

// days are the days that the rule makes, from the first time on and before an end.
func (r *rule) days(first, end time.Time) []time.Time {
	var out []time.Time
	for year := first.Year(); year < end.Year(); year += r.interval {
		at, ok := r.in(year, first)
		if !ok || at.Before(first) {
			continue
		}
		if !r.until.IsZero() && at.After(r.until) || r.count > 0 && len(out) == r.count {
			break
		}
		out = append(out, at)
	}
	return out
}

// in is the day of a year, if it has one: not every February has a 29th.
func (r *rule) in(year int, first time.Time) (time.Time, bool) {
	if r.nth == 0 {
		at := time.Date(year, first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
		return at, at.Day() == first.Day()
	}
	const week = 7
	if r.nth > 0 {
		at := time.Date(year, r.month, 1, 0, 0, 0, 0, time.UTC)
		at = at.AddDate(0, 0, (int(r.weekday)-int(at.Weekday())+week)%week+(r.nth-1)*week)
		return at, at.Month() == r.month
	}
	at := time.Date(year, r.month+1, 0, 0, 0, 0, 0, time.UTC)
	at = at.AddDate(0, 0, -(int(at.Weekday())-int(r.weekday)+week)%week+(r.nth+1)*week)
	return at, at.Month() == r.month
}
