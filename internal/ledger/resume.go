package ledger

import (
	"github.com/amends-dev/amends/api/v1alpha1"
)

// Resume makes the outcome of what is in flight and was written by another writer, or
// before a crash. Where the money goes and how much of it is settled; the claim, made
// anew, only tells what it is for. It is false where nothing is in flight, and where what it
// comes to may depend on an entry that is not met yet.
func (b *Book) Resume(c *Claim) (Outcome, bool) {
	f, ok := b.flights[c.UID]
	if !ok || f.landed || f.to == v1alpha1.ChargeReserved && b.waits(c) {
		return Outcome{}, false
	}
	l := b.lines[c.UID]
	// It is judged without itself.
	b.enter(c.UID, line{l.was, l.was})
	to := b.terms.chargeFor(c)
	to.State, to.Amount, to.Period = f.to, f.arriving(), f.period
	o := Outcome{State: to.State, Amount: b.terms.amount(to.Amount)}
	switch f.to {
	case v1alpha1.ChargeNone:
		o.Freed = freedBefore(c)
		o.Phase = o.Freed.Phase
	case v1alpha1.ChargeOwed:
		o.Phase = v1alpha1.CompensationGranted
		if p := b.period(f.period); p != nil {
			o.Overdrawn = b.overdrawn(p, 0)
		}
	case v1alpha1.ChargeSpent:
		o.Phase = v1alpha1.CompensationGranted
		to.Allowance = allowanceOf(c, &l)
	default:
		o = b.resumeReserved(c, &l, &to, o)
	}
	o.Allowance = to.Allowance
	l.is = to
	b.enter(c.UID, l)
	return o, true
}

// freedBefore says why money was given back: the claim does, unless it asks for
// something else by now.
func freedBefore(c *Claim) Freed {
	if c.Want == WantFree {
		return c.Freed
	}
	return Freed{
		Phase: v1alpha1.CompensationDenied, Reason: v1alpha1.MoneyFreedReason,
		Message: "the money that was set aside had been given back already, before this was recorded: ask anew",
	}
}

// allowanceOf is the allowance that a grant counts in: that under which it was offered,
// or else its own, unless it was approved.
func allowanceOf(c *Claim, l *line) v1alpha1.Name {
	switch {
	case l.was.State == v1alpha1.ChargeReserved && !l.was.Awaiting:
		return l.was.Allowance
	case c.Approved != nil:
		return ""
	default:
		return c.Allowance
	}
}

// offeredAtFirst tells whether money may have been set aside for a customer who chooses. One
// who has chosen since is granted it at the next look: nobody needs to be asked.
func (b *Book) offeredAtFirst(c *Claim, l *line) bool {
	return l.was.State == v1alpha1.ChargeNone && c.Approved == nil && (c.Want == WantOffer || c.Want == WantGive && c.Several)
}

// resumeReserved tells what money that was set aside waits for: the customer's choice or
// a person's decision.
func (b *Book) resumeReserved(c *Claim, l *line, to *Charge, o Outcome) Outcome {
	// By all that is set aside, also where a cheaper offer was chosen since.
	aside := *c
	aside.Amount = o.Amount
	o.Refusals = b.beyond(&aside, *to, held)
	a, named := b.terms.allowances[c.Allowance]
	switch {
	case c.Want == WantOffer && c.Approved != nil:
		o.Phase, o.Refusals = v1alpha1.CompensationOffered, nil
	case b.offeredAtFirst(c, l) && named && len(o.Refusals) == 0:
		o.Phase = v1alpha1.CompensationOffered
		to.Allowance = a.name
	default:
		o.Phase = v1alpha1.CompensationAwaitingApproval
		o.Level = b.lowestLevel(*to, to.Amount, held)
		to.Awaiting = true
	}
	return o
}
