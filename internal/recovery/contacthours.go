package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/stamp"
)

// moveToContactHours lets a clock be due in the customer's own hours.
func (r *run) moveToContactHours(c *clock) {
	if c.customer == nil {
		c.customer = r.customer
	}
	if c.dueAt.IsZero() {
		return
	}
	moved := r.inContactHours(c, c.dueAt)
	switch {
	case !moved.Equal(c.dueAt):
		c.dueAt, c.reason = moved, v1alpha1.ClockMovedToContactHoursReason
	case c.reason == v1alpha1.ClockMovedToContactHoursReason:
		c.reason = "" // of an instant that it is no longer due at
	}
}

// recountContactHours follows a correction of the customer. Where a clock would have been
// due before it, or was, the hours that were known stay: nobody could have known better.
func (r *run) recountContactHours(customer *v1alpha1.Customer, at time.Time) {
	r.customer = customer
	for _, c := range r.clocks {
		open := c.running() || c.state == v1alpha1.StatePaused
		if !open || !c.byContactHours || c.breachedBefore(at) {
			continue
		}
		was := *c
		c.customer = customer
		if r.setDue(c); c.state == v1alpha1.StatePaused {
			due := c.dueAt // of a time that was over before the hold
			if *c = was; due.IsZero() {
				c.customer = customer
			}
		} else if c.dueAt.Before(at) {
			*c = was
		}
	}
}

// inContactHours moves an instant that lies outside the customer's own hours to their
// next opening and the policy's grace, or to their end where that comes first, never to an
// earlier one: nobody is called at three in the morning. Without a zone of the customer, or with one that is not known
// here, the calendar's is meant.
func (r *run) inContactHours(c *clock, at time.Time) time.Time {
	customer := c.customer
	if customer == nil || customer.ContactHours == nil {
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
	on := func(day, minute int) time.Time { return time.Date(year, month, day, minute/60, minute%60, 0, 0, zone) }
	switch {
	case local.Before(on(day, from)):
	case !local.After(on(day, to)):
		return at
	default:
		day++
	}
	return stamp.Earlier(on(day, from).Add(r.plan.ContactGrace), on(day, to)).UTC()
}

// minuteOfDay reads a time of day, whose form the API server has checked.
func minuteOfDay(s string) int {
	if len(s) != 5 {
		return 0
	}
	digit := func(i int) int { return int(s[i] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}
