package apitest

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-dev/amends/internal/fixture"
)

func TestBusinessCalendar(t *testing.T) {
	hours := list{object{"from": "09:00", "to": "12:00"}}
	holiday := func(h object) op { return add("/spec/holidays", list{h}) }
	holidays := func(n int) op {
		var days list
		first := fixture.Instant("2026-01-01T00:00:00Z")
		for i := range n {
			days = append(days, object{"name": "Day off", "date": first.AddDate(0, 0, i).Format(time.DateOnly)})
		}
		return add("/spec/holidays", days)
	}
	openings := func(n int) op {
		var days list
		first := fixture.Instant("2026-01-01T00:00:00Z")
		for i := range n {
			days = append(days, object{"date": first.AddDate(0, 0, i).Format(time.DateOnly), "hours": hours})
		}
		return add("/spec/openings", days)
	}
	minutes := func(n int) op {
		var many list
		for i := range n {
			many = append(many, object{"from": fmt.Sprintf("%02d:00", i), "to": fmt.Sprintf("%02d:30", i)})
		}
		return replace("/spec/weekly/0/hours", many)
	}
	check(t, map[string]attempt{
		"opening hours in a zone":                   accepted(),
		"openings alone, without weekly hours":      accepted(remove("/spec/weekly"), openings(1)),
		"a calendar that never opens is refused":    refused("a calendar has weekly hours or openings", remove("/spec/weekly")),
		"no zone is refused":                        refused("spec.timeZone: Required value", remove("/spec/timeZone")),
		"an unknown weekday is refused":             refused("Unsupported value: \"Someday\"", replace("/spec/weekly/0/days", list{"Someday"})),
		"a weekday twice is refused":                refused("Duplicate value: \"Monday\"", replace("/spec/weekly/0/days", list{"Monday", "Monday"})),
		"weekly hours without days are refused":     refused("at least 1 items", replace("/spec/weekly/0/days", list{})),
		"weekly hours without hours are refused":    refused("at least 1 items", replace("/spec/weekly/0/hours", list{})),
		"12 openings a day":                         accepted(minutes(12)),
		"13 openings a day are refused":             refused("must have at most 12 items", minutes(13)),
		"a holiday of several days":                 accepted(holiday(object{"name": "New Year", "date": "2026-12-31", "until": "2027-01-02"})),
		"a holiday of one day, with until":          accepted(holiday(object{"name": "New Year", "date": "2027-01-01", "until": "2027-01-01"})),
		"a holiday that ends before it begins":      refused("until is a date on or after date", holiday(object{"name": "New Year", "date": "2027-01-02", "until": "2027-01-01"})),
		"a holiday without a name":                  refused("name: Required value", holiday(object{"date": "2027-01-01"})),
		"an afternoon off":                          accepted(holiday(object{"name": "Eve", "date": "2026-12-24", "closed": list{object{"from": "12:00", "to": "24:00"}}})),
		"closed hours over midnight are refused":    refused("the closed hours of a holiday end on the same day", holiday(object{"name": "Eve", "date": "2026-12-24", "closed": list{object{"from": "22:00", "to": "06:00"}}})),
		"400 holidays":                              accepted(holidays(400)),
		"401 holidays are refused":                  refused("must have at most 400 items", holidays(401)),
		"200 extra openings":                        accepted(openings(200)),
		"201 extra openings are refused":            refused("must have at most 200 items", openings(201)),
		"an extra opening without hours is refused": refused("at least 1 items", add("/spec/openings", list{object{"date": "2026-10-03", "hours": list{}}})),
	}, creating(fixture.Calendar("calendar", "Europe/Berlin")))
}
