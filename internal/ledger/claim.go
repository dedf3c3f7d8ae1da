package ledger

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// Want is what a Claim asks to be done with the money of one Compensation.
type Want string

const (
	// WantOffer sets the dearest of several offers aside while the customer chooses.
	WantOffer Want = "Offer"
	// WantGive grants: the only offer, the chosen one, or what was approved.
	WantGive Want = "Give"
	// WantOwe books what is due by contract or law, outside every limit.
	WantOwe Want = "Owe"
	// WantFree gives back whatever is set aside or granted.
	WantFree Want = "Free"
)

// Claim is what one Compensation asks of its budget, with everything that the limits
// look at. It is made from the Compensation, its incident and the pinned policy alone,
// so that anyone who looks makes the same one.
type Claim struct {
	// UID is the Compensation's; everything is keyed by it.
	UID string
	// Name is the Compensation's name, for messages.
	Name string
	// CreatedAt is the Compensation's creationTimestamp: its day and period.
	CreatedAt time.Time
	// By asked; RecordedBy typed it, where that is someone else. The day counts against
	// both.
	By, RecordedBy v1alpha1.User
	// Incident is the UID of the incident, and Customer the id of its customer.
	Incident, Customer string
	// IncidentName is the name by which the incident is asked for. Requests for one incident
	// have one name, also while nobody can tell which incident goes by it.
	IncidentName v1alpha1.ObjectName

	// Want is what is asked.
	Want Want
	// Several says that the customer has, or had, the choice among several offers. What was
	// chosen meanwhile makes a Give of an Offer, and this is what is left to tell it by.
	Several bool
	// Amount is what would be charged: the only or chosen offer, else the dearest.
	Amount money.Amount
	// Allowance names the allowance that it is taken from; empty asks for an approval.
	Allowance v1alpha1.Name
	// Beyond are limits of the policy that it is above: the catalogue's maximum. An
	// allowance does not do then.
	Beyond []Refusal
	// BoundsMax is the most that an allowance gives for the incident's severity, all its
	// remedies together; nil where the policy has no such bound.
	BoundsMax *money.Amount
	// Approved is the decision that grants it, or nil.
	Approved *Approved
	// Freed says why, where Want is WantFree.
	Freed Freed
}

// Approved is an approver's decision in favour.
type Approved struct {
	// Level is the level of the budget under which it was decided.
	Level v1alpha1.Name
	// Amount is what is approved, at most the claim's.
	Amount money.Amount
}

// Freed says why money is given back, as the phase and the reason that the Compensation
// then has.
type Freed struct {
	// Phase is Denied or Released.
	Phase v1alpha1.CompensationPhase
	// Reason is a condition reason of the API package.
	Reason string
	// Message is for people.
	Message string
}
