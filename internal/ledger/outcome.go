package ledger

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// Limit names a limit that can refuse.
type Limit string

const (
	// LimitCatalogue is the maxAmount of the option.
	LimitCatalogue Limit = "CatalogueMaximum"
	// LimitBounds is the most for the severity.
	LimitBounds Limit = "SeverityBounds"
	// LimitIncident is the allowance's perIncident.
	LimitIncident Limit = "PerIncident"
	// LimitDay is the allowance's perPersonPerDay.
	LimitDay Limit = "PerPersonPerDay"
	// LimitCustomer is the allowance's perCustomer in its window.
	LimitCustomer Limit = "PerCustomer"
	// LimitPool is the pool of the period.
	LimitPool Limit = "Pool"
	// LimitPending is how many requests of one person may wait for a decision.
	LimitPending Limit = "TooManyPending"
	// LimitLevel is the upTo of the level under which it was approved. Max and Left are
	// zero where the budget has no such level.
	LimitLevel Limit = "ApprovalLevel"
	// LimitPeriod says that the period it would count in is closed.
	LimitPeriod Limit = "PeriodClosed"
	// LimitOwed is the most that a period can owe: the largest sum that is counted. It
	// denies nothing.
	LimitOwed Limit = "OwedSum"
)

// Refusal is one limit that a claim does not fit, with how much of it is left.
type Refusal struct {
	Limit Limit
	// Whose is the person, customer, option, level or period that the limit is of.
	Whose string
	// Max is the limit and Left what is left of it before this claim, at least zero. For
	// LimitPending they are numbers of requests.
	Max, Left money.Amount
}

// Outcome is what a claim came to. It is not in force before the budget's status, and
// then the Compensation's, say so.
type Outcome struct {
	// Phase is Granted, Offered, AwaitingApproval, Denied or Released; or Requested, for what
	// is owed and cannot be booked now.
	Phase v1alpha1.CompensationPhase
	// State is where the money is, and Amount how much: what is set aside, charged or owed.
	State  v1alpha1.ChargeState
	Amount money.Amount
	// Allowance is the allowance that it was taken from, so that it counts in the person's
	// day; empty where it awaits an approval, was approved or is owed. The Compensation's
	// status keeps it.
	Allowance v1alpha1.Name
	// Refusals are the limits that kept an allowance from doing, or that denied it; all of
	// them at once.
	Refusals []Refusal
	// Level is the lowest level that may approve it, where it awaits an approval; empty
	// where none may.
	Level v1alpha1.Name
	// Overdrawn says that what is owed has taken the pool beyond its limit.
	Overdrawn bool
	// Freed says why, where the money was given back.
	Freed Freed
}

// DeniedBy is the limit that denied it; empty where none did. Of those that kept an
// allowance from doing, where nobody may approve, it is the first.
func (o *Outcome) DeniedBy() Limit {
	if o.Phase != v1alpha1.CompensationDenied || len(o.Refusals) == 0 {
		return ""
	}
	for _, limit := range []Limit{LimitPeriod, LimitPool, LimitPending, LimitLevel} {
		if slices.ContainsFunc(o.Refusals, func(r Refusal) bool { return r.Limit == limit }) {
			return limit
		}
	}
	return o.Refusals[0].Limit
}
