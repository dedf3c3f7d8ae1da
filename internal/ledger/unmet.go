package ledger

import (
	"github.com/amends-dev/amends/api/v1alpha1"
)

// suppose makes a charge in flight that another writer wrote count in every limit that it
// may count in, until its claim tells more. was is what its Compensation says.
//
// Which incident and which customer it is for, a Compensation does not say before its first
// entry has arrived. No sum can make up for that: it is unmet, and who may share a limit
// with it waits.
func (b *Book) suppose(is *Charge, f *flight, was *Charge, c *v1alpha1.Compensation) {
	several := len(c.Spec.Offers) > 1
	if f.from == v1alpha1.ChargeNone && pooled(f.to) {
		b.unmet[is.UID] = c.Spec.IncidentName
	}
	switch {
	case f.to == v1alpha1.ChargeReserved && f.from == v1alpha1.ChargeNone:
		// It is set aside for the customer who chooses, or else for a person who decides.
		is.Unclear = several && c.Spec.Allowance != ""
		is.Awaiting = !is.Unclear
		if is.Unclear {
			is.Allowance = c.Spec.Allowance
		}
	case f.to == v1alpha1.ChargeReserved:
		is.Unclear = was.Awaiting // It still awaits a decision, or was approved.
	case f.to == v1alpha1.ChargeSpent && (f.from == v1alpha1.ChargeNone || was.Awaiting && several):
		is.Allowance = c.Spec.Allowance // Unless it was approved.
	}
}

// Meet tells what an entry that another writer made counts in. Its Compensation does not
// say so yet, and whatever is judged for the same incident or customer must know: until an
// entry is met, such claims wait. What it comes to may be known later.
func (b *Book) Meet(c *Claim) {
	f, flying := b.flights[c.UID]
	l, ok := b.lines[c.UID]
	if !flying || f.landed || !ok {
		return
	}
	l.is.Incident, l.is.Customer = c.Incident, c.Customer
	b.enter(c.UID, l)
	delete(b.unmet, c.UID)
}

// waits tells whether a claim may share the limit of an incident or of a customer with an
// entry that is not met. Two requests for one incident have one name for it; of customers
// nothing is known, so that every limit of one may be shared. A person's day and the pool
// know of the entry already.
func (b *Book) waits(c *Claim) bool {
	a, named := b.terms.allowances[c.Allowance]
	for uid, incident := range b.unmet {
		if uid != c.UID && (incident == c.IncidentName || named && a.window != nil) {
			return true
		}
	}
	return false
}

// unclear tells whether somebody has an entry in flight of which it is not known whether a
// person is to decide on it: as one that awaits a decision it denies nobody.
func (b *Book) unclear(by v1alpha1.User) bool {
	for uid := range b.flights {
		if is := b.lines[uid].is; is.Unclear && is.By == by {
			return true
		}
	}
	return false
}
