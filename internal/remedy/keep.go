package remedy

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// Hold says why a Compensation that is deleted stays for now.
type Hold struct {
	// Why is for people; empty where nothing holds it.
	Why string
	// Brief says that it is over in seconds by itself, so that nobody needs to be told.
	Brief bool
	// WakeAt is when to look again without a new fact; zero where there is no such instant.
	WakeAt time.Time
}

// confirmedWithin is when to look again at a request of which the budget has an entry in
// flight. Nothing tells when that is folded: most writes of a budget are about others.
const confirmedWithin = 5 * time.Second

// Held says what keeps a Compensation that is deleted: a claim under way, a limit that
// still counts its money, or its incident, whose record it is a part of.
func Held(f *Facts, now time.Time) Hold {
	s := &f.Compensation.Status
	switch s.Phase {
	case "", v1alpha1.CompensationRequested, v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered:
		return Hold{Why: "its money is being given back"}
	}
	if f.inFlight() {
		return Hold{Why: fmt.Sprintf("budget %s is about to confirm it", f.Compensation.Spec.BudgetName), Brief: true, WakeAt: now.Add(confirmedWithin)}
	}
	if s.Amount != "" && f.Budget != nil {
		terms, wrong := ledger.Compile(f.Budget.Spec)
		if len(wrong) > 0 {
			return Hold{Why: fmt.Sprintf("budget %s is not in force, so that nobody can tell until when its amount counts", f.Budget.Name)}
		}
		if until := terms.KeptUntil(f.Compensation.CreationTimestamp.Time); now.Before(until) {
			return Hold{Why: fmt.Sprintf("its amount counts until %s in a limit of budget %s", stampText(until), f.Budget.Name), WakeAt: until}
		}
	}
	if f.storied() && s.IncidentUID != "" && !f.Gone() {
		return Hold{Why: fmt.Sprintf("it is a part of the record of Incident %s, and goes after it", f.Compensation.Spec.IncidentName)}
	}
	return Hold{}
}

// storied says whether the request ever came so far that its incident's record tells of
// it.
func (f *Facts) storied() bool {
	s := &f.Compensation.Status
	return s.AwaitingSince != nil || s.OfferedAt != nil || s.DecidedAt != nil && s.Phase != v1alpha1.CompensationDenied
}

// Unsettled says whether a Compensation keeps its incident: money for it is asked for,
// set aside, or granted and not delivered.
func Unsettled(c *v1alpha1.Compensation) bool {
	switch c.Status.Phase {
	case v1alpha1.CompensationDenied, v1alpha1.CompensationDelivered, v1alpha1.CompensationReleased:
		return false
	}
	return true
}
