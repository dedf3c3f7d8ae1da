package ledger

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// Kind is what there is to do about a claim.
type Kind int

const (
	// Idle means nothing: the claim has been answered.
	Idle Kind = iota
	// Later means that it is looked at again once something in flight has landed or is met,
	// or once there is room for another entry.
	Later
	// Tell means that the outcome moves no money: it is only recorded.
	Tell
	// Move means that money moves: an entry first, then the record.
	Move
)

// Verdict is what a claim comes to.
type Verdict struct {
	// Kind is what there is to do.
	Kind Kind
	// Outcome is what is recorded, where Kind is Tell or Move.
	Outcome Outcome

	from, to Charge
}

// Consider looks at one claim, against everything that is charged or in flight. It
// changes nothing but the list of periods.
func (b *Book) Consider(c *Claim, now time.Time) (Verdict, error) {
	if err := b.check(c); err != nil {
		return Verdict{}, err
	}
	if _, flying := b.flights[c.UID]; flying || b.fellNow(c.UID) {
		return Verdict{Kind: Later}, nil
	}
	cur := b.terms.chargeFor(c)
	if l, ok := b.lines[c.UID]; ok {
		cur = l.is
		if cur.State == v1alpha1.ChargeNone {
			// What a request that was not judged yet counts in is the claim's to say.
			cur = b.terms.chargeFor(c)
		}
	}
	v := b.judge(c, cur, now)
	switch {
	case v.Kind != Move:
	case cur.State == v1alpha1.ChargeReserved && b.open(cur.Period, now) == accessClosed:
		return b.expire(cur), nil
	case len(b.flights) >= MaxEntries:
		return Verdict{Kind: Later}, nil
	}
	return v, nil
}

// Holds tells whether the sums have what a verdict takes out of them. Where they have not,
// a status was written by hand, and the API server would refuse the entry, together with
// those of everybody else.
func (b *Book) Holds(v *Verdict) bool {
	return v.Kind != Move || v.from.State == v1alpha1.ChargeNone || b.holds(&v.from)
}

// expire is the verdict of a request that is still set aside when its period is closed, as
// one that costs nothing may be: it is denied, and nothing moves.
func (b *Book) expire(cur Charge) Verdict {
	to := cur
	to.State, to.Amount, to.Awaiting, to.Allowance = v1alpha1.ChargeNone, 0, false, ""
	v := b.move(cur, to, b.tooLate(cur.Period))
	v.Kind = Tell
	return v
}

// fellNow tells whether an entry of it that came to nothing is folded in this very batch:
// another one can follow in the next write, because an entry is not edited.
func (b *Book) fellNow(uid string) bool {
	if b.undo == nil {
		return false
	}
	f, was := b.undo.flights[uid]
	return was && !f.came
}

func (b *Book) judge(c *Claim, cur Charge, now time.Time) Verdict {
	switch {
	case c.Want == WantFree:
		return b.free(c, cur)
	case cur.State == v1alpha1.ChargeSpent || cur.State == v1alpha1.ChargeOwed:
		return Verdict{}
	case c.Want == WantOwe:
		return b.owe(c, cur, now)
	case cur.State == v1alpha1.ChargeReserved && !cur.Awaiting:
		return b.choose(c, cur)
	case b.waits(c):
		return Verdict{Kind: Later}
	case cur.State == v1alpha1.ChargeReserved && c.Approved != nil:
		return b.bothViews(func(v view) Verdict { return b.approve(c, cur, v) })
	case cur.State == v1alpha1.ChargeReserved:
		return b.reconsider(c, cur)
	default:
		return b.fresh(c, cur, now)
	}
}

// Take enters a verdict of Move or Tell: from here on, later claims are judged with it.
func (b *Book) Take(v *Verdict) {
	switch v.Kind {
	case Move:
		b.depart(&v.from, &v.to)
	case Idle, Later:
		return
	case Tell:
		if v.from == v.to {
			return
		}
	}
	b.enter(v.to.UID, line{was: v.from, is: v.to})
}

// bothViews judges with everything in flight held back. Where that comes to another
// phase than with everything arrived, it waits for what is in flight: money that is on
// its way back denies nobody.
func (b *Book) bothViews(judge func(view) Verdict) Verdict {
	now := judge(held)
	if now.Kind == Later || b.still() {
		return now
	}
	if then := judge(arrived); then.Kind != now.Kind || then.Outcome.Phase != now.Outcome.Phase {
		return Verdict{Kind: Later}
	}
	return now
}

// still tells whether nothing in flight gives anything back.
func (b *Book) still() bool {
	for _, f := range b.flights {
		if f.frees() > 0 || f.to == v1alpha1.ChargeNone {
			return false
		}
	}
	return true
}

// move is the verdict that a charge becomes another one.
func (b *Book) move(cur, to Charge, o Outcome) Verdict {
	o.State, o.Amount, o.Allowance = to.State, b.terms.amount(to.Amount), to.Allowance
	v := Verdict{Kind: Move, Outcome: o, from: cur, to: to}
	if cur.State == to.State && cur.Amount == to.Amount {
		v.Kind = Tell
	}
	return v
}

// free gives back whatever is set aside or granted, to its own day and period. What
// stands in a closed period stays there.
func (b *Book) free(c *Claim, cur Charge) Verdict {
	to := cur
	to.State, to.Amount, to.Awaiting, to.Allowance = v1alpha1.ChargeNone, 0, false, ""
	if cur.State != v1alpha1.ChargeNone {
		if p := b.period(cur.Period); p == nil || p.closed {
			to = cur
		}
	}
	return b.move(cur, to, Outcome{Phase: c.Freed.Phase, Freed: c.Freed})
}

// owe books what is due by contract or law. It never refuses: what the sum of a period
// has no place for stays due, and waits.
func (b *Book) owe(c *Claim, cur Charge, now time.Time) Verdict {
	to := cur
	to.State, to.Amount, to.Awaiting, to.Allowance = v1alpha1.ChargeOwed, c.Amount.Minor(), false, ""
	o := Outcome{Phase: v1alpha1.CompensationGranted}
	switch b.open(cur.Period, now) {
	case accessLater:
		return Verdict{Kind: Later}
	case accessClosed:
		// Nothing moves in its period any more; it is due all the same.
		v := b.move(cur, to, o)
		v.Kind = Tell
		return v
	}
	if cur.State == v1alpha1.ChargeReserved && to.Amount > cur.Amount {
		// More than is set aside cannot move; what is set aside is the dearest offer.
		to.Amount = cur.Amount
	}
	p := b.period(cur.Period)
	if owed := b.owed(p); owed+to.Amount > money.Max {
		if cur.State == v1alpha1.ChargeReserved {
			return Verdict{} // It stays set aside.
		}
		return b.move(cur, cur, Outcome{
			Phase: v1alpha1.CompensationRequested, Refusals: []Refusal{{
				Limit: LimitOwed, Whose: string(p.start), Max: b.terms.amount(money.Max), Left: b.terms.amount(money.Max - owed),
			}},
		})
	}
	o.Overdrawn = b.overdrawn(p, to.Amount)
	return b.move(cur, to, o)
}

// choose answers the customer's choice among offers that were set aside: what is chosen
// is charged and the rest is free again, with nobody asked.
func (b *Book) choose(c *Claim, cur Charge) Verdict {
	if c.Want != WantGive {
		return Verdict{}
	}
	to := cur
	to.State, to.Amount = v1alpha1.ChargeSpent, min(c.Amount.Minor(), cur.Amount)
	if c.Approved != nil {
		to.Amount = min(to.Amount, c.Approved.Amount.Minor())
	}
	return b.move(cur, to, Outcome{Phase: v1alpha1.CompensationGranted})
}

// reconsider looks again at a request that awaits a decision, where the customer has
// chosen a cheaper offer meanwhile. Anything else waits on.
func (b *Book) reconsider(c *Claim, cur Charge) Verdict {
	if c.Want != WantGive || c.Amount.Minor() >= cur.Amount {
		return Verdict{}
	}
	return b.bothViews(func(v view) Verdict {
		to := cur
		to.Amount = c.Amount.Minor()
		refusals := b.beyond(c, cur, v)
		if a, ok := b.terms.allowances[c.Allowance]; ok && len(refusals) == 0 {
			to.State, to.Awaiting, to.Allowance = v1alpha1.ChargeSpent, false, a.name
			return b.move(cur, to, Outcome{Phase: v1alpha1.CompensationGranted})
		}
		return b.move(cur, to, Outcome{
			Phase: v1alpha1.CompensationAwaitingApproval, Refusals: refusals, Level: b.lowestLevel(cur, to.Amount, v),
		})
	})
}

// approve answers an approver's decision in favour.
func (b *Book) approve(c *Claim, cur Charge, v view) Verdict {
	to := cur
	to.Amount, to.Awaiting, to.Allowance = c.Approved.Amount.Minor(), false, ""
	total := b.ofIncident(cur, v) + to.Amount
	if refusal, ok := b.levelRefuses(c, total, to.Amount); ok {
		to.State, to.Amount = v1alpha1.ChargeNone, 0
		return b.move(cur, to, Outcome{
			Phase: v1alpha1.CompensationDenied, Refusals: []Refusal{refusal}, Level: b.terms.lowestLevel(total),
		})
	}
	if c.Want == WantOffer {
		to.State = v1alpha1.ChargeReserved
		return b.move(cur, to, Outcome{Phase: v1alpha1.CompensationOffered})
	}
	to.State = v1alpha1.ChargeSpent
	return b.move(cur, to, Outcome{Phase: v1alpha1.CompensationGranted})
}

// levelRefuses tells whether the level of a decision is missing, or too low for the
// incident's total.
func (b *Book) levelRefuses(c *Claim, total, amount int64) (Refusal, bool) {
	zero := b.terms.amount(0)
	l, ok := b.terms.level(c.Approved.Level)
	switch {
	case !ok:
		return Refusal{Limit: LimitLevel, Whose: string(c.Approved.Level), Max: zero, Left: zero}, true
	case l.upTo != nil && amount > 0 && total > l.upTo.Minor():
		return Refusal{
			Limit: LimitLevel, Whose: string(l.name), Max: *l.upTo, Left: b.terms.amount(l.upTo.Minor() - (total - amount)),
		}, true
	}
	return Refusal{}, false
}

// Answered tells whether a claim asks nothing any more of what its Compensation says by
// now, so that somebody has answered it.
func Answered(t *Terms, c *Claim, live *v1alpha1.Compensation, now time.Time) bool {
	if Finished(live.Status.Phase) {
		return true
	}
	book := NewBook(t, &v1alpha1.RecoveryBudgetStatus{}, []v1alpha1.Compensation{*live})
	v, err := book.Consider(c, now)
	return err == nil && v.Kind == Idle
}
