package ledger

import (
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// maxPeriods is how many periods a status has.
const maxPeriods = 3

// period is the sums of a period.
type period struct {
	start                        v1alpha1.Date
	limit, spent, reserved, owed int64
	closed                       bool
	// sealed says that the stored status has it closed, so that it may be taken out.
	sealed bool
}

func periodOf(p *v1alpha1.PeriodTotals) period {
	return period{
		start: p.Start, limit: value(p.Limit), spent: value(p.Spent), reserved: value(p.Reserved), owed: value(p.Owed),
		closed: p.Closed, sealed: p.Closed,
	}
}

func value(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

func (p *period) totals() v1alpha1.PeriodTotals {
	return v1alpha1.PeriodTotals{
		Start: p.start, Limit: new(p.limit), Spent: new(p.spent), Reserved: new(p.reserved), Owed: new(p.owed), Closed: p.closed,
	}
}

// empty tells whether no money is in it.
func (p *period) empty() bool {
	return p.spent == 0 && p.reserved == 0 && p.owed == 0
}

// sum is that of a state.
func (p *period) sum(s v1alpha1.ChargeState) int64 {
	switch s {
	case v1alpha1.ChargeSpent:
		return p.spent
	case v1alpha1.ChargeReserved:
		return p.reserved
	case v1alpha1.ChargeOwed:
		return p.owed
	}
	return 0
}

// move adds to the sum of a state.
func (p *period) move(s v1alpha1.ChargeState, amount int64) {
	switch s {
	case v1alpha1.ChargeSpent:
		p.spent += amount
	case v1alpha1.ChargeReserved:
		p.reserved += amount
	case v1alpha1.ChargeOwed:
		p.owed += amount
	}
}

// period finds a period by its start.
func (b *Book) period(start v1alpha1.Date) *period {
	i := slices.IndexFunc(b.periods, func(p period) bool { return p.start == start })
	if i < 0 {
		return nil
	}
	return &b.periods[i]
}

// flying tells whether anything in flight counts in a period.
func (b *Book) flying(start v1alpha1.Date) bool {
	for _, f := range b.flights {
		if f.period == start {
			return true
		}
	}
	return false
}

// holds tells whether the sums of a charge's period have it, besides what leaves them
// already. The API server refuses an entry that takes out more, and the whole write with it.
func (b *Book) holds(c *Charge) bool {
	p := b.period(c.Period)
	if p == nil || p.closed {
		return false
	}
	left := p.sum(c.State)
	for _, f := range b.flights {
		if f.period == p.start && f.from == c.State {
			left -= f.leaving
		}
	}
	return c.Amount <= left
}

// short tells whether a charge stands in a period in which money moves, and whose sums do
// not hold it.
func (b *Book) short(c *Charge) bool {
	p := b.period(c.Period)
	return p != nil && !p.closed && !b.holds(c)
}

// used is what a period has spent, reserved and in flight. It is what the API server
// counts against the limit in the held view; in the other one, what frees has arrived.
func (b *Book) used(p *period, v view) int64 {
	used := p.spent + p.reserved
	for _, f := range b.flights {
		if f.period != p.start {
			continue
		}
		used += f.takes()
		if v == arrived {
			used -= f.frees()
		}
	}
	return used
}

// owed is what a period owes, in flight included.
func (b *Book) owed(p *period) int64 {
	owed := p.owed
	for _, f := range b.flights {
		if f.period == p.start && f.to == v1alpha1.ChargeOwed {
			owed += f.amount
		}
	}
	return owed
}

// overdrawn says whether a period owes and has used more than the pool, with so much more.
func (b *Book) overdrawn(p *period, more int64) bool {
	return b.used(p, held)+b.owed(p)+more > b.terms.Limit.Minor()
}

// cap is the limit in force for new money in a period: the smaller one of what its sums
// were counted by and what the spec says now.
func (b *Book) cap(p *period) int64 {
	return min(p.limit, b.terms.Limit.Minor())
}

// Turn brings the periods up to an instant: the running one is there and has the limit
// of the spec, and those before the one before it are closed as soon as nothing in them
// can move any more.
func (b *Book) Turn(now time.Time) {
	running := b.terms.PeriodOf(now)
	for i := range b.periods {
		p := &b.periods[i]
		switch {
		case p.start >= running:
			p.limit = b.terms.Limit.Minor()
		case !b.terms.Over(p.start, now) || p.closed || b.flying(p.start):
		case p.reserved == 0:
			p.closed = true
		case len(b.flights) < MaxEntries && !b.awaited(p.start):
			b.release(p)
		}
	}
	b.open(running, now)
}

// awaited tells whether a period has set anything aside for somebody who is there.
func (b *Book) awaited(start v1alpha1.Date) bool {
	for _, l := range b.lines {
		if l.is.Period == start && l.is.State == v1alpha1.ChargeReserved && b.holds(&l.is) {
			return true
		}
	}
	return false
}

// release gives back what is set aside in a period for nobody: for Compensations that went
// past their finalizer while no one looked. Else the period is never closed, and in time
// there is no place for a new one. The entry is nobody's: it has landed as it is written.
func (b *Book) release(p *period) {
	b.flights["nobody-"+string(p.start)] = flight{
		from: v1alpha1.ChargeReserved, to: v1alpha1.ChargeNone, amount: p.reserved, leaving: p.reserved,
		period: p.start, landed: true, came: true,
	}
}

// access says whether new money can be counted in a period.
type access int

const (
	accessOpen access = iota
	// accessLater means that there is no place for it yet: an older period must go first.
	accessLater
	accessClosed
)

// open makes sure that a period is there and takes new money.
func (b *Book) open(start v1alpha1.Date, now time.Time) access {
	if p := b.period(start); p != nil {
		if p.closed {
			return accessClosed
		}
		return accessOpen
	}
	if start <= b.closedThrough || b.terms.Over(start, now) {
		return accessClosed
	}
	if start > b.terms.step(b.terms.PeriodOf(now), 1) || !b.makeRoom(start) {
		return accessLater
	}
	p := period{start: start, limit: b.terms.Limit.Minor()}
	if o := b.terms.opening; o != nil && o.period == start {
		p.spent = o.spent.Minor()
	}
	b.periods = append(b.periods, p)
	slices.SortFunc(b.periods, func(a, b period) int { return strings.Compare(string(a.start), string(b.start)) })
	return accessOpen
}

// makeRoom takes out the oldest period where a younger one needs its place. Only one
// that the stored status has closed may go, or one that never had any money.
func (b *Book) makeRoom(forStart v1alpha1.Date) bool {
	if len(b.periods) < maxPeriods {
		return true
	}
	for i := range b.periods {
		p := &b.periods[i]
		if p.start >= forStart || b.flying(p.start) {
			continue
		}
		if p.sealed && !p.empty() && i == 0 {
			b.closedThrough = p.start
		} else if !p.empty() {
			continue
		}
		b.periods = slices.Delete(b.periods, i, i+1)
		return true
	}
	return false
}

// Expired are the charges that are still set aside in a period that is to be closed:
// whoever was to decide or choose has let a whole period pass.
func (b *Book) Expired(now time.Time) []Charge {
	if !slices.ContainsFunc(b.periods, func(p period) bool { return b.terms.Over(p.start, now) && p.reserved > 0 }) {
		return nil
	}
	var out []Charge
	for uid, l := range b.lines {
		if _, flying := b.flights[uid]; !flying && l.is.State == v1alpha1.ChargeReserved && b.terms.Over(l.is.Period, now) && !b.short(&l.is) {
			out = append(out, l.is)
		}
	}
	slices.SortFunc(out, func(a, b Charge) int { return strings.Compare(a.UID, b.UID) })
	return out
}
