package ledger

import (
	"fmt"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Recount compares the sums of the running period with the charges that its
// Compensations tell, and keeps what it found for the budget's conditions. It only
// reports: totals are never made from a list.
func (b *Book) Recount(now time.Time) string {
	b.differs = ""
	if p := b.period(b.terms.PeriodOf(now)); p != nil {
		b.differs = b.recount(p)
	}
	return b.differs
}

func (b *Book) recount(p *period) string {
	counted := period{}
	if o := b.terms.opening; o != nil && o.period == p.start {
		counted.spent = o.spent.Minor()
	}
	for uid, l := range b.lines {
		if _, flying := b.flights[uid]; !flying && l.was.Period == p.start {
			counted.move(l.was.State, l.was.Amount)
		}
	}
	// What is in flight is in the sums where it came from.
	for _, f := range b.flights {
		if f.period == p.start {
			counted.move(f.from, f.leaving)
		}
	}
	var out []string
	compare := func(what string, ledger, counted int64) {
		if ledger != counted {
			out = append(out, fmt.Sprintf("%s is %s and the Compensations come to %s", what, b.terms.amount(ledger).Text(), b.terms.amount(counted).Text()))
		}
	}
	compare(string(v1alpha1.ChargeSpent), p.spent, counted.spent)
	compare(string(v1alpha1.ChargeReserved), p.reserved, counted.reserved)
	compare(string(v1alpha1.ChargeOwed), p.owed, counted.owed)
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("in the period that began on %s, %s: one was deleted past its finalizer, or a status was written by hand", p.start, strings.Join(out, ", "))
}
