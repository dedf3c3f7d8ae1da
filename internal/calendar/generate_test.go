package calendar_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// pick chooses a number from 0 to n-1. Random tests, fuzz tests and property tests
// bring their own.
type pick func(n int) int

// place is a zone and the days around which its clock does something rare.
type place struct {
	zone  v1alpha1.TimeZone
	step  int64 // seconds that divide every offset
	dates []string
}

var places = []place{
	{"Europe/Berlin", 60, []string{"2026-03-29", "2026-10-25", "1980-04-06", "2040-12-31", "2199-10-27"}},
	{"America/New_York", 60, []string{"2026-03-08", "2026-11-01", "1974-01-06", "2096-12-31"}},
	{"Asia/Kolkata", 60, []string{"2026-01-26", "2028-02-29"}},
	{"Australia/Lord_Howe", 60, []string{"2026-04-05", "2026-10-04", "1981-03-01", "2044-12-31"}},
	{"Asia/Shanghai", 60, []string{"2026-10-01", "1986-05-04", "1991-09-15"}},
	{"America/St_Johns", 60, []string{"2010-11-07", "2011-03-13", "1988-04-03", "2026-11-01"}},
	{"Pacific/Apia", 60, []string{"2011-12-30", "2010-09-26", "2021-04-04"}},
	{"Pacific/Kwajalein", 60, []string{"1993-08-21"}},
	{"Africa/Cairo", 60, []string{"2026-04-24", "2026-10-30", "2014-07-31"}},
	{"America/Sao_Paulo", 60, []string{"2018-11-04", "2018-02-18"}},
	{"Antarctica/Troll", 60, []string{"2026-03-29", "2026-10-25"}},
	{"Africa/Casablanca", 60, []string{"2026-02-15", "2026-03-22"}},
	{"Africa/Monrovia", 30, []string{"1972-01-07"}},
	{"Europe/Dublin", 60, []string{"2026-10-25", "1971-10-31"}},
	{"America/Nuuk", 60, []string{"2024-03-31", "2048-12-31"}},
	{"America/Havana", 60, []string{"2026-11-01", "2026-03-08"}},
	{"Atlantic/Azores", 60, []string{"2026-10-25"}},
	{"Asia/Gaza", 60, []string{"2086-04-14", "2030-02-09"}},
}

// date chooses a date at which to look: a rare one, the seam of two pages, or any.
func (p place) date(pick pick) time.Time {
	switch n := pick(len(p.dates) + 2); n {
	case len(p.dates):
		return day0.AddDate(0, 0, 256*(1+pick(328)))
	case len(p.dates) + 1:
		return day0.AddDate(0, 0, 30+pick(84000))
	default:
		t, err := time.Parse(time.DateOnly, p.dates[n])
		if err != nil {
			panic(err)
		}
		return t
	}
}

var day0 = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

var allDays = []v1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// generate makes a valid spec around a date.
func generate(pick pick, zone v1alpha1.TimeZone, around time.Time) v1alpha1.BusinessCalendarSpec {
	spec := v1alpha1.BusinessCalendarSpec{TimeZone: zone, Weekly: generateWeek(pick)}
	for range pick(5) {
		date := around.AddDate(0, 0, pick(21)-10)
		h := v1alpha1.Holiday{Name: fmt.Sprintf("Holiday %d", pick(3)), Date: isoDate(date)}
		if pick(3) == 0 {
			h.Until = isoDate(date.AddDate(0, 0, pick(6)))
		}
		for range pick(3) {
			from := minute(pick)
			h.Closed = append(h.Closed, v1alpha1.Opening{From: timeOfDay(from), To: timeOfDay(from + 1 + pick(1440-from))})
		}
		spec.Holidays = append(spec.Holidays, h)
	}
	for range pick(4) {
		e := v1alpha1.ExtraOpening{Date: isoDate(around.AddDate(0, 0, pick(21)-10))}
		for range 1 + pick(2) {
			e.Hours = append(e.Hours, opening(pick, minute(pick), 1+pick(1439)))
		}
		spec.Openings = append(spec.Openings, e)
	}
	if len(spec.Weekly) == 0 && len(spec.Openings) == 0 {
		spec.Weekly = week(allDays[:5], "09:00", "17:00")
	}
	return spec
}

func generateWeek(pick pick) []v1alpha1.WeeklyOpening {
	switch pick(9) {
	case 0:
		return week(allDays[:5], "09:00", "17:00")
	case 1:
		return week(allDays[:6], "08:00", "12:00", "12:30", "16:30")
	case 2:
		return week(allDays[:5], "22:00", "06:00")
	case 3:
		return week(allDays, "00:00", "24:00")
	case 4:
		return week(allDays, "06:00", "14:00", "14:00", "22:00", "22:00", "06:00")
	case 5:
		return nil
	case 6:
		return week(allDays, "01:00", "02:00", "02:00", "02:30", "02:30", "03:30", "23:30", "00:30")
	}
	return generateRing(pick)
}

// generateRing opens some of the stretches between random points of the week.
func generateRing(pick pick) []v1alpha1.WeeklyOpening {
	var points []int
	for range 2 + pick(12) {
		points = append(points, pick(7)*1440+minute(pick))
	}
	slices.Sort(points)
	points = slices.Compact(points)
	var out []v1alpha1.WeeklyOpening
	for i, at := range points {
		length := points[(i+1)%len(points)] - at
		if length <= 0 {
			length += 7 * 1440
		}
		if length < 1440 && pick(4) > 0 && len(out) < 14 {
			out = append(out, v1alpha1.WeeklyOpening{
				Days:  []v1alpha1.Weekday{allDays[at/1440]},
				Hours: []v1alpha1.Opening{opening(pick, at%1440, length)},
			})
		}
	}
	return out
}

// minute chooses a time of day, often one near which clocks change.
func minute(pick pick) int {
	rare := []int{0, 1, 30, 60, 90, 105, 120, 130, 150, 165, 180, 195, 210, 1380, 1381, 1410, 1439}
	if n := pick(2 * len(rare)); n < len(rare) {
		return rare[n]
	}
	return pick(1440)
}

// opening makes hours of less than a day.
func opening(pick pick, from, length int) v1alpha1.Opening {
	to := from + length
	if to > 1440 || to == 1440 && from > 0 && pick(2) == 0 {
		to -= 1440
	}
	return v1alpha1.Opening{From: timeOfDay(from), To: timeOfDay(to)}
}

// week makes weekly hours from pairs of times.
func week(days []v1alpha1.Weekday, times ...v1alpha1.TimeOfDay) []v1alpha1.WeeklyOpening {
	w := v1alpha1.WeeklyOpening{Days: days}
	for pair := range slices.Chunk(times, 2) {
		w.Hours = append(w.Hours, v1alpha1.Opening{From: pair[0], To: pair[1]})
	}
	return []v1alpha1.WeeklyOpening{w}
}

func timeOfDay(minutes int) v1alpha1.TimeOfDay {
	return v1alpha1.TimeOfDay(fmt.Sprintf("%02d:%02d", minutes/60, minutes%60))
}

func isoDate(t time.Time) v1alpha1.Date {
	return v1alpha1.Date(t.Format(time.DateOnly))
}

func show(spec v1alpha1.BusinessCalendarSpec) string {
	data, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(data)
}
