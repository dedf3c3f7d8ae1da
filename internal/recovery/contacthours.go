package recovery

import (
	"time"

	"github.com/amends-dev/amends/internal/calendar"
)

// inContactHours moves an instant that lies outside the customer's own hours to their
// next opening and the policy's grace, never to an earlier one: nobody is called at
// three in the morning. Without a zone of the customer, the calendar's is meant.
func (r *run) inContactHours(at time.Time) time.Time {
	customer := &r.header.Spec.Customer
	if customer.ContactHours == nil {
		return at
	}
	zone := r.plan.Location()
	if customer.TimeZone != "" {
		var err error
		if zone, err = calendar.LoadZone(string(customer.TimeZone)); err != nil {
			return at
		}
	}
	if zone == nil {
		return at
	}
	from, to := minuteOfDay(string(customer.ContactHours.From)), minuteOfDay(string(customer.ContactHours.To))
	local := at.In(zone)
	year, month, day := local.Date()
	opening := time.Date(year, month, day, from/60, from%60, 0, 0, zone)
	closing := time.Date(year, month, day, to/60, to%60, 0, 0, zone)
	switch {
	case local.Before(opening):
	case !local.After(closing):
		return at
	default:
		opening = time.Date(year, month, day+1, from/60, from%60, 0, 0, zone)
	}
	return opening.Add(r.plan.ContactGrace).UTC()
}

// minuteOfDay reads a time of day, whose form the API server has checked.
func minuteOfDay(s string) int {
	if len(s) != 5 {
		return 0
	}
	digit := func(i int) int { return int(s[i] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}
