package ledger

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// fresh judges a request for which nothing is set aside yet.
func (b *Book) fresh(c *Claim, cur Charge, now time.Time) Verdict {
	switch b.open(cur.Period, now) {
	case accessLater:
		return Verdict{Kind: Later}
	case accessClosed:
		return b.move(cur, cur, b.tooLate(cur.Period))
	}
	return b.bothViews(func(v view) Verdict { return b.first(c, cur, v) })
}

// tooLate is the outcome of a request whose period is closed.
func (b *Book) tooLate(period v1alpha1.Date) Outcome {
	zero := b.terms.amount(0)
	return Outcome{
		Phase: v1alpha1.CompensationDenied, Refusals: []Refusal{{Limit: LimitPeriod, Whose: string(period), Max: zero, Left: zero}},
	}
}

// first is the first judgement of a request, by every limit at once. What costs nothing
// is within all of them, also where one was lowered below what is used.
func (b *Book) first(c *Claim, cur Charge, v view) Verdict {
	to := cur
	to.Amount = c.Amount.Minor()
	if c.Approved != nil {
		to.Amount = c.Approved.Amount.Minor()
	}
	refusals := b.beyond(c, cur, v)
	if p := b.period(cur.Period); to.Amount > 0 && b.used(p, v)+to.Amount > b.cap(p) {
		refusals = append(refusals, Refusal{
			Limit: LimitPool, Whose: string(p.start), Max: b.terms.amount(b.cap(p)), Left: b.terms.amount(b.cap(p) - b.used(p, v)),
		})
		return b.deny(cur, refusals)
	}
	if c.Approved != nil {
		return b.approve(c, cur, v)
	}
	if a, ok := b.terms.allowances[c.Allowance]; ok && len(refusals) == 0 {
		to.Allowance = a.name
		return b.give(c, cur, to)
	}
	return b.ask(c, cur, to, refusals, v)
}

// deny is the verdict that nothing is given.
func (b *Book) deny(cur Charge, refusals []Refusal) Verdict {
	return b.move(cur, cur, Outcome{Phase: v1alpha1.CompensationDenied, Refusals: refusals})
}

// give is the verdict of what fits: granted, or set aside while the customer chooses.
func (b *Book) give(c *Claim, cur, to Charge) Verdict {
	if c.Want == WantOffer {
		to.State = v1alpha1.ChargeReserved
		return b.move(cur, to, Outcome{Phase: v1alpha1.CompensationOffered})
	}
	to.State = v1alpha1.ChargeSpent
	return b.move(cur, to, Outcome{Phase: v1alpha1.CompensationGranted})
}

// ask is the verdict that a person decides, if there is one who may and not too many
// requests wait already.
func (b *Book) ask(c *Claim, cur, to Charge, refusals []Refusal, v view) Verdict {
	if b.terms.approval == nil {
		return b.deny(cur, refusals)
	}
	if pending := b.sums.pending[c.By][v]; pending >= MaxPending {
		if b.unclear(c.By) {
			return Verdict{Kind: Later}
		}
		return b.deny(cur, append(refusals, Refusal{
			Limit: LimitPending, Whose: string(c.By), Max: b.terms.amount(MaxPending), Left: b.terms.amount(MaxPending - pending),
		}))
	}
	to.State, to.Awaiting = v1alpha1.ChargeReserved, true
	return b.move(cur, to, Outcome{
		Phase: v1alpha1.CompensationAwaitingApproval, Refusals: refusals, Level: b.lowestLevel(cur, to.Amount, v),
	})
}

// lowestLevel is the lowest level that may approve an amount for an incident, all its
// remedies together; empty where none may. Any level approves what costs nothing.
func (b *Book) lowestLevel(cur Charge, amount int64, v view) v1alpha1.Name {
	if amount == 0 {
		return b.terms.lowestLevel(0)
	}
	return b.terms.lowestLevel(b.ofIncident(cur, v) + amount)
}

// ofIncident is what the claim's incident was given without it.
func (b *Book) ofIncident(cur Charge, v view) int64 {
	sum := b.sums.incidents[cur.Incident][v]
	if l, ok := b.lines[cur.UID]; ok {
		was, is := l.was.counts(), l.is.counts()
		sum -= total{max(was.incident, is.incident), is.incident}[v]
	}
	return sum
}

// beyond are all limits of the allowance and the policy that a claim is above. The claim
// itself counts in none of them yet, or awaits a decision and counts for the incident
// alone.
func (b *Book) beyond(c *Claim, cur Charge, v view) []Refusal {
	a, ok := b.terms.allowances[c.Allowance]
	if !ok {
		return nil
	}
	out := append([]Refusal(nil), c.Beyond...)
	amount := c.Amount.Minor()
	test := func(limit Limit, whose string, most *money.Amount, used int64) {
		if most != nil && amount > 0 && used+amount > most.Minor() {
			out = append(out, Refusal{Limit: limit, Whose: whose, Max: *most, Left: b.terms.amount(most.Minor() - used)})
		}
	}
	incident := b.ofIncident(cur, v)
	test(LimitBounds, cur.Incident, c.BoundsMax, incident)
	test(LimitIncident, cur.Incident, a.incident, incident)
	persons := []v1alpha1.User{cur.By}
	if cur.RecordedBy != "" && cur.RecordedBy != cur.By {
		persons = append(persons, cur.RecordedBy)
	}
	for _, person := range persons {
		test(LimitDay, string(person), a.day, b.sums.days[personDay{person, cur.Day}][v])
	}
	if a.window != nil {
		since := cur.CreatedAt.Add(-a.lookBack)
		test(LimitCustomer, cur.Customer, a.window, b.sums.ofCustomer(cur.Customer, since, v, a.window.Minor()))
	}
	return out
}
