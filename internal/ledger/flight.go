package ledger

import (
	"cmp"
	"maps"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// flight is a transition that the budget's status has, and that its Compensation's
// status is about to have.
type flight struct {
	from, to v1alpha1.ChargeState
	// amount arrives in to, or with to None leaves; leaving leaves from.
	amount, leaving int64
	period          v1alpha1.Date
	// landed says that it is known what came of it, and came that it arrived: the
	// Compensation's status says so. Otherwise what left arrives nowhere.
	landed, came bool
}

// flightOf reads an entry of a status.
func flightOf(e *v1alpha1.LedgerEntry) flight {
	f := flight{from: e.From, to: e.To, amount: value(e.Amount), period: e.Period}
	f.leaving = f.amount
	if e.FromAmount != nil {
		f.leaving = *e.FromAmount
	}
	return f
}

// entry writes it.
func (f *flight) entry(uid string) v1alpha1.LedgerEntry {
	e := v1alpha1.LedgerEntry{UID: uid, From: f.from, To: f.to, Amount: new(f.amount), Period: f.period}
	if f.from == v1alpha1.ChargeReserved && f.leaving != f.amount {
		e.FromAmount = new(f.leaving)
	}
	return e
}

// arriving is how much the charge is once it has arrived.
func (f *flight) arriving() int64 {
	if f.to == v1alpha1.ChargeNone {
		return 0
	}
	return f.amount
}

// takes is how much it takes from the pool, from the moment it is written.
func (f *flight) takes() int64 {
	if f.from == v1alpha1.ChargeNone && pooled(f.to) {
		return f.amount
	}
	return 0
}

// frees is how much it gives back to the pool once it is folded.
func (f *flight) frees() int64 {
	switch {
	case !pooled(f.from):
		return 0
	case pooled(f.to):
		return f.leaving - f.amount
	default:
		return f.leaving
	}
}

// pooled tells whether money in a state is the pool's.
func pooled(s v1alpha1.ChargeState) bool {
	return s == v1alpha1.ChargeReserved || s == v1alpha1.ChargeSpent
}

// depart writes a transition from one charge to another.
func (b *Book) depart(from, to *Charge) {
	f := flight{from: from.State, to: to.State, amount: to.Amount, leaving: from.Amount, period: to.Period}
	switch {
	case f.to == v1alpha1.ChargeNone:
		f.amount = f.leaving
	case f.from == v1alpha1.ChargeNone:
		f.leaving = f.amount
	}
	b.flights[to.UID] = f
}

// Land says what came of what is in flight: whether it arrived, as the Compensation's
// status says now. If not, what left arrives nowhere. What did not move may land too.
func (b *Book) Land(uid string, came bool) {
	l, ok := b.lines[uid]
	f, flying := b.flights[uid]
	delete(b.unmet, uid)
	if !came {
		l.is.State, l.is.Amount, l.is.Awaiting = v1alpha1.ChargeNone, 0, false
	}
	if flying {
		f.landed, f.came = true, came
		b.flights[uid] = f
	}
	switch {
	case !ok:
	case l.is.State == v1alpha1.ChargeNone:
		b.strike(uid)
	default:
		l.was = l.is
		b.enter(uid, l)
	}
}

// Leaves is what the Compensation of what is in flight says until it has arrived: where
// its money is, and how much.
func (b *Book) Leaves(uid string) (v1alpha1.ChargeState, int64) {
	f := b.flights[uid]
	if f.from == v1alpha1.ChargeNone || f.from == "" {
		return v1alpha1.ChargeNone, 0
	}
	return f.from, f.leaving
}

// Arrives is what the Compensation of what is in flight says once it has arrived.
func (b *Book) Arrives(uid string) (v1alpha1.ChargeState, int64) {
	f := b.flights[uid]
	return f.to, f.arriving()
}

// Frees tells whether what is in flight gives money back.
func (b *Book) Frees(uid string) bool {
	return b.flights[uid].to == v1alpha1.ChargeNone
}

// Says tells whether a Compensation says what is in flight for it.
func (b *Book) Says(uid string, c Charge, p v1alpha1.CompensationPhase) bool {
	f := b.flights[uid]
	return c.State == f.to && c.Amount == f.arriving() && (c.State != v1alpha1.ChargeNone || Finished(p))
}

// Restate takes a charge as its Compensation tells it, where somebody else has written
// it. What is in flight stays so.
func (b *Book) Restate(c Charge) {
	if _, ok := b.lines[c.UID]; ok && c.State != v1alpha1.ChargeNone {
		b.enter(c.UID, line{c, c})
	}
}

// Forget takes out a charge whose Compensation is gone. What it spent stays spent; it
// tells whether there was any.
func (b *Book) Forget(uid string) bool {
	if _, flying := b.flights[uid]; flying {
		return false
	}
	l := b.lines[uid]
	b.strike(uid)
	return l.is.State != "" && l.is.State != v1alpha1.ChargeNone
}

// Undecided takes back what was told and not written: a charge that did not move is
// again as its Compensation says.
func (b *Book) Undecided(uid string) {
	if _, flying := b.flights[uid]; flying {
		return
	}
	if l, ok := b.lines[uid]; ok {
		l.is = l.was
		b.enter(uid, l)
	}
}

// Fold moves the sums by everything that has landed, and takes it out. It tells whether
// there was any.
func (b *Book) Fold() bool {
	found := false
	for uid, f := range b.flights {
		if !f.landed {
			continue
		}
		found = true
		if p := b.period(f.period); p != nil {
			p.move(f.from, -f.leaving)
			if f.came {
				p.move(f.to, f.amount)
			}
		}
		delete(b.flights, uid)
	}
	return found
}

// InFlight are the UIDs of what is in flight and has not landed, in order.
func (b *Book) InFlight() []string {
	var out []string
	for uid, f := range b.flights {
		if !f.landed {
			out = append(out, uid)
		}
	}
	slices.Sort(out)
	return out
}

// AtRest tells whether nothing at all is in flight.
func (b *Book) AtRest() bool { return len(b.flights) == 0 }

// Landed is how many transitions have landed and are not folded yet.
func (b *Book) Landed() int {
	return len(b.flights) - len(b.InFlight())
}

// entries writes what is in flight, in the order of the UIDs.
func (b *Book) entries() []v1alpha1.LedgerEntry {
	var out []v1alpha1.LedgerEntry
	for _, uid := range slices.SortedFunc(maps.Keys(b.flights), cmp.Compare[string]) {
		f := b.flights[uid]
		out = append(out, f.entry(uid))
	}
	return out
}
