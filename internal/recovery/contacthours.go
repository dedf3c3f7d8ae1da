package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// moveToContactHours lets a clock be due in the customer's own hours.
func (r *run) moveToContactHours(c *clock) {
	moved := r.inContactHours(c.dueAt)
	switch {
	case !moved.Equal(c.dueAt):
		c.dueAt, c.reason = moved, v1alpha1.ClockMovedToContactHoursReason
	case c.reason == v1alpha1.ClockMovedToContactHoursReason:
		c.reason = "" // of an instant that it is no longer due at
	}
}

// recountContactHours follows a correction of the customer. It makes nothing due before
// itself: nobody could have known.
func (r *run) recountContactHours(at time.Time) {
	for _, c := range r.clocks {
		if !c.running() || !c.byContactHours || c.breachedBefore(at) {
			continue
		}
		before, reason := c.dueAt, c.reason
		if r.setDue(c); c.dueAt.Before(at) {
			c.dueAt, c.reason = before, reason
		}
	}
}

// inContactHours moves an instant that lies outside the customer's own hours to their
// next opening and the policy's grace, never to an earlier one: nobody is called at
// three in the morning. Without a zone of the customer, or with one that is not known
// here, the calendar's is meant.
func (r *run) inContactHours(at time.Time) time.Time {
	customer := &r.header.Spec.Customer
	if customer.ContactHours == nil {
		return at
	}
	zone := r.plan.Location()
	if customer.TimeZone != "" {
		if own, err := calendar.LoadZone(string(customer.TimeZone)); err == nil {
			zone = own
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
