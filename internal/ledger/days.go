package ledger

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Day is the local day of an instant, in the budget's zone.
func (t *Terms) Day(at time.Time) v1alpha1.Date {
	return v1alpha1.Date(at.In(t.Zone).Format(time.DateOnly))
}

// PeriodOf is the first day of the period of an instant.
func (t *Terms) PeriodOf(at time.Time) v1alpha1.Date {
	return periodOfDay(at.In(t.Zone), t.Period)
}

// periodOfDay is the first day of the period of a day.
func periodOfDay(day time.Time, p v1alpha1.Period) v1alpha1.Date {
	months := max(1, monthsOf(p))
	month := (int(day.Month())-1)/months*months + 1
	return v1alpha1.Date(time.Date(day.Year(), time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}

// step is the first day of the period that is so many periods after another.
func (t *Terms) step(start v1alpha1.Date, periods int) v1alpha1.Date {
	first, err := time.Parse(time.DateOnly, string(start))
	if err != nil {
		return start
	}
	return v1alpha1.Date(first.AddDate(0, periods*max(1, monthsOf(t.Period)), 0).Format(time.DateOnly))
}

// NextPeriodAt is the instant at which the period after that of now begins: the first
// one that the budget's zone dates in it.
func (t *Terms) NextPeriodAt(now time.Time) time.Time {
	next := t.step(t.PeriodOf(now), 1)
	first, err := time.ParseInLocation(time.DateOnly, string(next), t.Zone)
	if err != nil {
		return time.Time{}
	}
	// Where the clock leaps over midnight, a day begins at the end of the leap.
	if t.Day(first) < next {
		_, first = first.ZoneBounds()
	}
	return first
}

// Over tells whether a period is neither the running one nor the one before it: no new
// money counts in it any more, and what it has still set aside has expired.
func (t *Terms) Over(period v1alpha1.Date, now time.Time) bool {
	return period < t.step(t.PeriodOf(now), -1)
}

// monthsOf is how many months a period has; zero for what is no period.
func monthsOf(p v1alpha1.Period) int {
	switch p {
	case "Month":
		return 1
	case "Quarter":
		return 3
	case "Year":
		return 12
	default:
		return 0
	}
}

// KeptUntil is the instant at which every window has passed that the money of a request
// created at an instant counts in: its day, its period and the one after it, in which
// money can still come back, and the longest look back at a customer.
func (t *Terms) KeptUntil(created time.Time) time.Time {
	until := t.NextPeriodAt(t.NextPeriodAt(created))
	for _, a := range t.allowances {
		if back := created.Add(a.lookBack); back.After(until) {
			until = back
		}
	}
	return until
}
