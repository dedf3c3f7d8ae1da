package ledger

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// Charge is the money of one Compensation: where it is, how much, and what it counts in.
type Charge struct {
	// UID is the Compensation's, and Name its name.
	UID, Name string
	// State is where the money is, and Amount how much, in the smallest unit.
	State  v1alpha1.ChargeState
	Amount int64
	// Awaiting says that a person is to decide: it counts for the incident and the pool
	// alone.
	Awaiting bool
	// Unclear says that it is not known whether a person is to decide, or has decided: until
	// it is, it counts in everything that it may count in.
	Unclear bool
	// Allowance is what it was taken from; empty where it was approved, awaits an approval
	// or is owed: then it counts in nobody's day.
	Allowance v1alpha1.Name
	// By asked, RecordedBy typed it; Incident is the incident's UID and Customer an id.
	By, RecordedBy     v1alpha1.User
	Incident, Customer string
	// CreatedAt is the Compensation's creation, and Day and Period are those of it.
	CreatedAt   time.Time
	Day, Period v1alpha1.Date
}

// ChargeOf is the charge that a Compensation's own status tells.
func (t *Terms) ChargeOf(c *v1alpha1.Compensation) Charge {
	out := Charge{
		UID: string(c.UID), Name: c.Name, State: v1alpha1.ChargeNone, By: c.Spec.By, RecordedBy: c.Spec.RecordedBy,
		Incident: c.Status.IncidentUID, Customer: c.Status.Customer, CreatedAt: c.CreationTimestamp.Time,
		Day: t.Day(c.CreationTimestamp.Time), Period: t.PeriodOf(c.CreationTimestamp.Time),
	}
	given := v1alpha1.ChargeSpent
	if c.Status.Entitlement == v1alpha1.EntitlementOwed {
		given = v1alpha1.ChargeOwed
	}
	switch c.Status.Phase {
	case v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered:
		out.State = v1alpha1.ChargeReserved
		out.Awaiting = c.Status.Phase == v1alpha1.CompensationAwaitingApproval
	case v1alpha1.CompensationGranted, v1alpha1.CompensationDelivered:
		out.State = given
	case v1alpha1.CompensationReleased:
		// One that was taken back once its period was closed stays spent.
		if c.Status.Amount != "" {
			out.State = given
		}
	}
	if out.State == v1alpha1.ChargeNone {
		return out
	}
	out.Allowance = c.Status.Allowance
	if a, err := money.Parse(t.Currency, c.Status.Amount); err == nil {
		out.Amount = a.Minor()
	}
	return out
}

// chargeFor is the charge that a claim has at first: none.
func (t *Terms) chargeFor(c *Claim) Charge {
	return Charge{
		UID: c.UID, Name: c.Name, State: v1alpha1.ChargeNone, By: c.By, RecordedBy: c.RecordedBy, Incident: c.Incident, Customer: c.Customer,
		CreatedAt: c.CreatedAt, Day: t.Day(c.CreatedAt), Period: t.PeriodOf(c.CreatedAt),
	}
}

// Finished tells whether a phase is one in which no money can be set aside or granted
// any more: whatever was in flight came to nothing.
func Finished(p v1alpha1.CompensationPhase) bool {
	return p == v1alpha1.CompensationDenied || p == v1alpha1.CompensationReleased
}

// counts is how much a charge counts in its incident, its persons' day and its
// customer's window, and whether it is one that awaits a decision.
type counts struct {
	incident, day, customer, pending int64
}

func (c *Charge) counts() counts {
	switch {
	case c.State != v1alpha1.ChargeReserved && c.State != v1alpha1.ChargeSpent:
		return counts{}
	case c.Awaiting && !c.Unclear:
		return counts{incident: c.Amount, pending: 1}
	}
	out := counts{incident: c.Amount, customer: c.Amount}
	if c.Allowance != "" {
		out.day = c.Amount
	}
	if c.Unclear {
		out.pending = 1
	}
	return out
}
