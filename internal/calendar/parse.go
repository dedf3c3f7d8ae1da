package calendar

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// weekdays are the names that a spec uses, Sunday first.
var weekdays = [7]v1alpha1.Weekday{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// parseTimeOfDay returns a wall-clock time in minutes after midnight, 24:00 included.
func parseTimeOfDay(value v1alpha1.TimeOfDay) (int, error) {
	var n [4]int
	ok := len(value) == 5 && value[2] == ':'
	for i, at := range [4]int{0, 1, 3, 4} {
		ok = ok && isDigit(value[at])
		if ok {
			n[i] = int(value[at] - '0')
		}
	}
	hour, minute := n[0]*10+n[1], n[2]*10+n[3]
	if !ok || minute > 59 || hour*60+minute > dayMinutes {
		return 0, fmt.Errorf("%s is not a time of day; give HH:MM from 00:00 to 24:00", quote(value))
	}
	return hour*60 + minute, nil
}

// parseDate returns a date in days since 1970-01-01.
func parseDate(value v1alpha1.Date) (int, error) {
	t, err := time.Parse(time.DateOnly, string(value))
	if err != nil {
		return 0, fmt.Errorf("%s is not a date; give YYYY-MM-DD", quote(value))
	}
	date := int(floorDiv(t.Unix(), daySeconds))
	if date < firstDate || date > lastDate {
		return 0, fmt.Errorf("%s lies outside the years that calendars cover; give a date from 1970-01-01 to 2200-12-31", quote(value))
	}
	return date, nil
}

// parseWeekday returns the number of a day of the week, Sunday being 0.
func parseWeekday(value v1alpha1.Weekday) (int, error) {
	for i, name := range weekdays {
		if value == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s is not a day of the week; give Monday, Tuesday, Wednesday, Thursday, Friday, Saturday or Sunday", quote(value))
}
