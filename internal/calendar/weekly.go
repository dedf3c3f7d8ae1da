package calendar

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

const weekMinutes = 7 * dayMinutes

// stated are opening hours and where the spec states them.
type stated struct {
	hours
	path string
}

// weekHours are stated hours on a day of the week.
type weekHours struct {
	stated
	day int
}

// start and end are minutes since the Sunday midnight that begins the week.
func (w weekHours) start() int { return w.day*dayMinutes + w.from }
func (w weekHours) end() int   { return w.day*dayMinutes + w.to }

// String names the hours as people read them, for example Monday 09:00 to 17:00.
func (w weekHours) String() string {
	to, next := w.to, ""
	if to > dayMinutes {
		to, next = to-dayMinutes, " of the next day"
	}
	return fmt.Sprintf("%s %02d:%02d to %02d:%02d%s", weekdays[w.day], w.from/60, w.from%60, to/60, to%60, next)
}

// weekly checks the weekly hours and sorts them by day and beginning.
func (k *compiler) weekly(list []v1alpha1.WeeklyOpening) [7][]hours {
	var week [7][]hours
	if !k.atMost("spec.weekly", len(list), maxWeekly, "entries") {
		return week
	}
	var all []weekHours
	for i, w := range list {
		path := fmt.Sprintf("spec.weekly[%d]", i)
		days, hs := k.days(path+".days", w.Days), k.hours(path+".hours", w.Hours)
		for _, day := range days {
			for _, h := range hs {
				all = append(all, weekHours{h, day})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b weekHours) int { return cmp.Compare(a.start(), b.start()) })
	k.overlaps(all)
	for _, h := range all {
		week[h.day] = append(week[h.day], h.hours)
	}
	return week
}

// days checks a list of days of the week.
func (k *compiler) days(path string, list []v1alpha1.Weekday) []int {
	if len(list) == 0 {
		k.add(path, ReasonInvalid, "there are no days; give at least one, for example Monday")
	}
	if !k.atMost(path, len(list), len(weekdays), "days") {
		return nil
	}
	var out []int
	for i, name := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		day, err := parseWeekday(name)
		switch {
		case err != nil:
			k.invalid(at, err)
		case slices.Contains(out, day):
			k.add(at, ReasonInvalid, "%s is listed twice; name each day once", name)
		default:
			out = append(out, day)
		}
	}
	return out
}

// overlaps reports hours that begin before earlier ones have ended, also over the
// end of the week. Hours that overlap on several days are reported once.
func (k *compiler) overlaps(all []weekHours) {
	if len(all) == 0 {
		return
	}
	reported := map[[2]string]bool{}
	latest := slices.MaxFunc(all, func(a, b weekHours) int { return cmp.Compare(a.end(), b.end()) })
	end := latest.end() - weekMinutes
	for _, h := range all {
		pair := [2]string{h.path, latest.path}
		if h.start() < end && !reported[pair] {
			reported[pair] = true
			k.add(h.path, ReasonInvalid, "%s overlaps %s (%s); weekly hours may touch but not overlap", h, latest, latest.path)
		}
		if h.end() > end {
			latest, end = h, h.end()
		}
	}
}
