package ledger

import (
	"fmt"
	"maps"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// MaxEntries is how many transitions may be in flight; the next ones wait.
const MaxEntries = 128

// MaxPending is how many requests of one person may await a decision.
const MaxPending = 10

// Book is the ledger of one budget in memory: the sums of its periods, what is in
// flight, and every charge by its Compensation's UID. It is made from the budget's
// status and a consistent list of its Compensations. It is not safe for concurrent use.
type Book struct {
	terms         *Terms
	periods       []period
	closedThrough v1alpha1.Date
	flights       map[string]flight
	lines         map[string]line
	sums          sums
	// unmet are the entries in flight of which nobody knows yet which incident and which
	// customer they are for: the name of the incident, by the Compensation's UID.
	unmet map[string]v1alpha1.ObjectName
	// differs says what a recount found, where it differs.
	differs string
	// undo is what the lines were when the batch began; nil outside a batch.
	undo *savepoint
}

// savepoint is what a batch began with.
type savepoint struct {
	periods       []period
	closedThrough v1alpha1.Date
	flights       map[string]flight
	lines         map[string]line
	absent        map[string]bool
	terms         *Terms
}

// NewBook makes the book of a budget from its status and its Compensations, which were
// listed after the status was read: what is in flight is known from the status.
func NewBook(t *Terms, status *v1alpha1.RecoveryBudgetStatus, list []v1alpha1.Compensation) *Book {
	b := &Book{
		terms: t, closedThrough: status.ClosedThrough, flights: map[string]flight{},
		lines: make(map[string]line, len(list)), sums: newSums(), unmet: map[string]v1alpha1.ObjectName{},
	}
	for i := range status.Periods {
		b.periods = append(b.periods, periodOf(&status.Periods[i]))
	}
	for i := range list {
		c := t.ChargeOf(&list[i])
		b.enter(c.UID, line{c, c})
	}
	for i := range status.Entries {
		e := &status.Entries[i]
		at := slices.IndexFunc(list, func(c v1alpha1.Compensation) bool { return string(c.UID) == e.UID })
		if at < 0 {
			b.inherit(e, nil)
		} else {
			b.inherit(e, &list[at])
		}
	}
	return b
}

// inherit takes over an entry in flight. What its Compensation says tells whether it has
// arrived already; of one that is gone, nothing arrives.
func (b *Book) inherit(e *v1alpha1.LedgerEntry, c *v1alpha1.Compensation) {
	f := flightOf(e)
	l := b.lines[e.UID]
	if c == nil {
		l.is = Charge{UID: e.UID, State: v1alpha1.ChargeNone, Period: e.Period}
		l.was = l.is
	}
	now := l.is
	l.is.State, l.is.Amount = f.to, f.arriving()
	l.is.Awaiting = l.is.Awaiting && f.to == v1alpha1.ChargeReserved
	switch {
	case c == nil:
		f.landed, f.came = true, f.to == v1alpha1.ChargeNone
		l.is = l.was
	case now.State == f.to && now.Amount == f.arriving() && (f.to != v1alpha1.ChargeNone || Finished(c.Status.Phase)):
		f.landed, f.came = true, true
		l.was = l.is
	case Finished(c.Status.Phase):
		f.landed = true
		l.is = l.was
	default:
		b.suppose(&l.is, &f, &now, c)
	}
	b.flights[e.UID] = f
	if c != nil || !f.landed {
		b.enter(e.UID, l)
	}
}

// enter puts a line in the place of the one before it.
func (b *Book) enter(uid string, l line) {
	was, ok := b.lines[uid]
	if b.undo != nil {
		_, saved := b.undo.lines[uid]
		switch {
		case saved || b.undo.absent[uid]:
		case ok:
			b.undo.lines[uid] = was
		default:
			b.undo.absent[uid] = true
		}
	}
	if ok {
		b.sums.count(&was, -1)
	}
	b.sums.count(&l, 1)
	b.lines[uid] = l
}

// strike takes a line out.
func (b *Book) strike(uid string) {
	if _, ok := b.lines[uid]; !ok {
		return
	}
	b.enter(uid, line{})
	delete(b.lines, uid)
}

// Begin begins a batch: what is done from here on is undone by Rollback and kept by
// Commit.
func (b *Book) Begin() {
	b.undo = &savepoint{
		periods: slices.Clone(b.periods), closedThrough: b.closedThrough, flights: maps.Clone(b.flights),
		lines: map[string]line{}, absent: map[string]bool{}, terms: b.terms,
	}
}

// Commit keeps the batch: the budget's status says so now.
func (b *Book) Commit() {
	b.undo = nil
	for i := range b.periods {
		b.periods[i].sealed = b.periods[i].closed
	}
}

// Rollback undoes the batch.
func (b *Book) Rollback() {
	undo := b.undo
	if undo == nil {
		return
	}
	b.undo = nil
	b.periods, b.closedThrough, b.flights, b.terms = undo.periods, undo.closedThrough, undo.flights, undo.terms
	for uid, l := range undo.lines {
		b.enter(uid, l)
	}
	for uid := range undo.absent {
		b.strike(uid)
	}
}

// Terms are those that the book counts by.
func (b *Book) Terms() *Terms { return b.terms }

// Adopt takes the terms of an edited spec. Currency, zone and period never change.
func (b *Book) Adopt(t *Terms) { b.terms = t }

// Charge is what is known of a Compensation, in flight included.
func (b *Book) Charge(uid string) (Charge, bool) {
	l, ok := b.lines[uid]
	return l.is, ok
}

// check refuses claims that the rules cannot count.
func (b *Book) check(c *Claim) error {
	wrong := func(what string, a money.Amount) error {
		return fmt.Errorf("the claim of Compensation %s: %s is %s, and the budget counts in %s", c.Name, what, a.Text(), b.terms.Currency)
	}
	switch {
	case c.Want == WantFree:
		return nil
	case c.Amount.Currency() != b.terms.Currency:
		return wrong("its amount", c.Amount)
	case c.BoundsMax != nil && c.BoundsMax.Currency() != b.terms.Currency:
		return wrong("the most for its severity", *c.BoundsMax)
	case c.Approved != nil && c.Approved.Amount.Currency() != b.terms.Currency:
		return wrong("what was approved", c.Approved.Amount)
	case c.Approved != nil && c.Approved.Amount.Cmp(c.Amount) > 0:
		return wrong("what was approved", c.Approved.Amount)
	}
	return nil
}
