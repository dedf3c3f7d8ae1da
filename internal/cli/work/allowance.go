package work

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// May is what somebody may give for an incident.
type May struct {
	// Terms are the policy's.
	Terms *v1alpha1.PolicyCompensation
	// Severity is the one that holds.
	Severity v1alpha1.Severity
	// Budget is the policy's budget; nil where there is none, or it cannot be read.
	Budget *v1alpha1.RecoveryBudget
	// Mine are the allowances that they may spend.
	Mine []Allowance
}

// Allowance is what is left of an allowance for one person and one incident.
type Allowance struct {
	// Name is its name.
	Name v1alpha1.Name
	// Day is what is left of the person's day, and Incident of the incident; nil is no
	// limit.
	Day, Incident, Customer *money.Amount
	// Ends is when the day ends, in the budget's zone.
	Ends time.Time
}

// Left reckons what is left of an allowance from the remedies given so far. Granted under
// an allowance counts in the day of the budget's zone in which it was asked for; granted
// or waiting counts in the incident; granted counts for the customer, as far back as the
// window reaches.
func Left(b *v1alpha1.RecoveryBudget, a *v1alpha1.Allowance, given []v1alpha1.Compensation, inc *v1alpha1.Incident, me v1alpha1.User, now time.Time) (Allowance, error) {
	out := Allowance{Name: a.Name}
	zone, err := time.LoadLocation(string(b.Spec.TimeZone))
	if err != nil {
		return out, fmt.Errorf("the budget %s has an unknown time zone %s", b.Name, b.Spec.TimeZone)
	}
	today := now.In(zone)
	begins := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, zone)
	out.Ends = begins.AddDate(0, 0, 1)
	if out.Day, err = remains(b.Spec.Currency, a.PerPersonPerDay, given, inMyDay(me, begins, out.Ends)); err != nil {
		return out, err
	}
	if out.Incident, err = remains(b.Spec.Currency, a.PerIncident, given, forIncident(inc)); err != nil || a.PerCustomer == nil {
		return out, err
	}
	window, err := time.ParseDuration(string(a.PerCustomer.Window))
	if err != nil {
		return out, fmt.Errorf("the budget %s: window %s is no duration", b.Name, a.PerCustomer.Window)
	}
	customer := EffectiveCustomer(inc).ID
	out.Customer, err = remains(b.Spec.Currency, a.PerCustomer.Amount, given, func(c *v1alpha1.Compensation) bool {
		return isGiven(c) && c.Status.Customer == customer && c.CreationTimestamp.Time.After(now.Add(-window))
	})
	return out, err
}

// inMyDay counts what somebody gave without asking, or typed for another, in a day.
func inMyDay(me v1alpha1.User, begins, ends time.Time) func(*v1alpha1.Compensation) bool {
	return func(c *v1alpha1.Compensation) bool {
		mine := c.Spec.By == me || c.Spec.RecordedBy == me
		today := !c.CreationTimestamp.Time.Before(begins) && c.CreationTimestamp.Time.Before(ends)
		return mine && today && c.Spec.Allowance != "" && c.Spec.Decision == nil && isGiven(c)
	}
}

// forIncident counts what an incident was given, or waits for.
func forIncident(inc *v1alpha1.Incident) func(*v1alpha1.Compensation) bool {
	return func(c *v1alpha1.Compensation) bool {
		waits := c.Status.Phase == v1alpha1.CompensationAwaitingApproval || c.Status.Phase == v1alpha1.CompensationOffered
		return string(c.Spec.IncidentName) == inc.Name && (isGiven(c) || waits)
	}
}

// isGiven says that money of the pool is spent for it.
func isGiven(c *v1alpha1.Compensation) bool {
	return (c.Status.Phase == v1alpha1.CompensationGranted || c.Status.Phase == v1alpha1.CompensationDelivered) && c.Status.Entitlement != v1alpha1.EntitlementOwed
}

// remains is what is left of a limit; nil where there is none.
func remains(currency v1alpha1.Currency, limit v1alpha1.Money, given []v1alpha1.Compensation, counts func(*v1alpha1.Compensation) bool) (*money.Amount, error) {
	if limit == "" {
		return nil, nil
	}
	left, err := money.Parse(currency, limit)
	if err != nil {
		return nil, err
	}
	for i := range given {
		if !counts(&given[i]) || given[i].Status.Amount == "" {
			continue
		}
		amount, err := money.Parse(currency, given[i].Status.Amount)
		if err != nil {
			return nil, err
		}
		if left, err = left.Less(amount); err != nil {
			return nil, err
		}
	}
	return &left, nil
}
