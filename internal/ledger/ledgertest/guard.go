// Package ledgertest states in Go the rules by which the API server guards a budget's
// ledger, so that tests without an API server hold to them too.
package ledgertest

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// Guard says why the API server refuses a write of a budget's status, or nil.
func Guard(old, next *v1alpha1.RecoveryBudget) error {
	g := guard{old: &old.Status, next: &next.Status, spec: &next.Spec}
	if equality.Semantic.DeepEqual(g.old, g.next) {
		return nil
	}
	for _, rule := range []func() string{
		g.steps, g.bounds, g.order, g.entries, g.edits, g.taken, g.closed,
		g.moves, g.stays, g.closing, g.begins, g.limits, g.exhausted,
	} {
		if refusal := rule(); refusal != "" {
			return fmt.Errorf("%s", refusal)
		}
	}
	return nil
}

type guard struct {
	old, next *v1alpha1.RecoveryBudgetStatus
	spec      *v1alpha1.RecoveryBudgetSpec
}

func value(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

func leaving(e *v1alpha1.LedgerEntry) int64 {
	if e.FromAmount != nil {
		return *e.FromAmount
	}
	return value(e.Amount)
}

// sum adds what of measures over the entries of a period that pass.
func sum(s *v1alpha1.RecoveryBudgetStatus, start v1alpha1.Date, pass func(*v1alpha1.LedgerEntry) bool, of func(*v1alpha1.LedgerEntry) int64) int64 {
	var out int64
	for i := range s.Entries {
		if e := &s.Entries[i]; e.Period == start && pass(e) {
			out += of(e)
		}
	}
	return out
}

func from(s v1alpha1.ChargeState) func(*v1alpha1.LedgerEntry) bool {
	return func(e *v1alpha1.LedgerEntry) bool { return e.From == s }
}

func to(s v1alpha1.ChargeState) func(*v1alpha1.LedgerEntry) bool {
	return func(e *v1alpha1.LedgerEntry) bool { return e.To == s }
}

func amount(e *v1alpha1.LedgerEntry) int64 { return value(e.Amount) }

func find(s *v1alpha1.RecoveryBudgetStatus, start v1alpha1.Date) *v1alpha1.PeriodTotals {
	for i := range s.Periods {
		if s.Periods[i].Start == start {
			return &s.Periods[i]
		}
	}
	return nil
}

func (g *guard) steps() string {
	switch {
	case g.next.Sequence != g.old.Sequence+1:
		return "each write of the ledger raises sequence by one"
	case g.next.Epoch != g.old.Epoch && g.next.Epoch != g.old.Epoch+1:
		return "the ledger's epoch never falls, and rises by one"
	}
	return ""
}

// within tells whether an amount is one that the API takes.
func within(p *int64) bool { return p != nil && *p >= 0 && *p <= money.Max }

func (g *guard) bounds() string {
	for i := range g.next.Entries {
		e := &g.next.Entries[i]
		if !within(e.Amount) || (e.FromAmount != nil && !within(e.FromAmount)) || e.Period == "" || e.UID == "" {
			return fmt.Sprintf("entry %s is out of bounds", e.UID)
		}
	}
	for i := range g.next.Periods {
		p := &g.next.Periods[i]
		for _, sum := range []*int64{p.Limit, p.Spent, p.Reserved, p.Owed} {
			if !within(sum) {
				return fmt.Sprintf("period %s is out of bounds", p.Start)
			}
		}
	}
	if len(g.next.Entries) > 128 || len(g.next.Periods) > 3 {
		return fmt.Sprintf("%d entries and %d periods are too many", len(g.next.Entries), len(g.next.Periods))
	}
	return ""
}

func (g *guard) order() string {
	for i := range g.next.Entries {
		if i > 0 && g.next.Entries[i-1].UID >= g.next.Entries[i].UID {
			return "entries stand in the order of their uid"
		}
	}
	for i := range g.next.Periods {
		if i > 0 && g.next.Periods[i-1].Start >= g.next.Periods[i].Start {
			return "periods stand in the order of their start"
		}
		if g.next.ClosedThrough != "" && g.next.Periods[i].Start <= g.next.ClosedThrough {
			return "a period at or before closedThrough is over"
		}
	}
	return ""
}

func (g *guard) entries() string {
	for i := range g.next.Entries {
		e := &g.next.Entries[i]
		if p := find(g.next, e.Period); p == nil || p.Closed {
			return "an entry counts in a period that is listed and not closed"
		}
		ok := false
		switch e.From {
		case v1alpha1.ChargeNone:
			ok = e.To != v1alpha1.ChargeNone
		case v1alpha1.ChargeReserved:
			ok = e.To != v1alpha1.ChargeReserved || (e.FromAmount != nil && *e.FromAmount > *e.Amount)
		default:
			ok = e.To == v1alpha1.ChargeNone
		}
		if !ok {
			return fmt.Sprintf("money does not go from %s to %s", e.From, e.To)
		}
		if e.FromAmount != nil && (e.From != v1alpha1.ChargeReserved || e.To == v1alpha1.ChargeNone || *e.FromAmount < *e.Amount) {
			return "fromAmount is what a reservation was, at least amount"
		}
	}
	return ""
}

func (g *guard) edits() string {
	for i := range g.next.Entries {
		e := &g.next.Entries[i]
		for j := range g.old.Entries {
			o := &g.old.Entries[j]
			if o.UID != e.UID || equality.Semantic.DeepEqual(o, e) {
				continue
			}
			if e.Period != o.Period || (e.From != o.To && (e.From != o.From || e.To != v1alpha1.ChargeNone)) {
				return fmt.Sprintf("entry %s in flight is not edited", e.UID)
			}
		}
	}
	return ""
}

func (g *guard) taken() string {
	for i := range g.next.Periods {
		p := &g.next.Periods[i]
		if sum(g.next, p.Start, from(v1alpha1.ChargeReserved), leaving) > *p.Reserved ||
			sum(g.next, p.Start, from(v1alpha1.ChargeSpent), amount) > *p.Spent ||
			sum(g.next, p.Start, from(v1alpha1.ChargeOwed), amount) > *p.Owed {
			return "entries take more out of a period than is in it"
		}
	}
	return ""
}

func (g *guard) closed() string {
	for i := range g.next.Periods {
		p := &g.next.Periods[i]
		if p.Closed && *p.Reserved != 0 {
			return "a period is closed once nothing is reserved in it"
		}
		if o := find(g.old, p.Start); o != nil && o.Closed &&
			(!p.Closed || *p.Spent != *o.Spent || *p.Reserved != *o.Reserved || *p.Owed != *o.Owed) {
			return "the period is closed: nothing in it moves any more"
		}
	}
	return ""
}

func (g *guard) moves() string {
	for i := range g.next.Periods {
		p := &g.next.Periods[i]
		o := find(g.old, p.Start)
		if o == nil {
			if *p.Reserved != 0 || *p.Owed != 0 {
				return "a new period has nothing reserved or owed"
			}
			continue
		}
		between := func(is, was int64, s v1alpha1.ChargeState) bool {
			return is <= was+sum(g.old, p.Start, to(s), amount) && is >= was-sum(g.old, p.Start, from(s), leaving)
		}
		if !between(*p.Spent, *o.Spent, v1alpha1.ChargeSpent) || !between(*p.Reserved, *o.Reserved, v1alpha1.ChargeReserved) ||
			!between(*p.Owed, *o.Owed, v1alpha1.ChargeOwed) {
			return "the sums of a period move only by what stood in entries before"
		}
	}
	return ""
}

func (g *guard) stays() string {
	for i := range g.old.Periods {
		o := &g.old.Periods[i]
		if find(g.next, o.Start) != nil || (*o.Spent == 0 && *o.Reserved == 0 && *o.Owed == 0) ||
			(o.Closed && g.next.ClosedThrough != "" && g.next.ClosedThrough >= o.Start) {
			continue
		}
		return "a period with money in it stays until it is closed"
	}
	return ""
}

func (g *guard) closing() string {
	if g.next.ClosedThrough < g.old.ClosedThrough {
		return "closedThrough never goes back"
	}
	if g.next.ClosedThrough == g.old.ClosedThrough {
		return ""
	}
	if o := find(g.old, g.next.ClosedThrough); o == nil || !o.Closed {
		return "closedThrough is the start of a period that was closed"
	}
	return ""
}

func (g *guard) begins() string {
	for i := range g.next.Periods {
		p := &g.next.Periods[i]
		if find(g.old, p.Start) != nil {
			continue
		}
		if !startsPeriod(string(p.Start), g.spec.Pool.Period) {
			return "a period starts on the first day of a month, quarter or year"
		}
		if *p.Spent != g.openingIn(p.Start) {
			return "a new period begins with nothing spent, or with the opening balance"
		}
	}
	return ""
}

func startsPeriod(start string, p v1alpha1.Period) bool {
	switch {
	case !strings.HasSuffix(start, "-01"):
		return false
	case p == "Month":
		return true
	case p == "Quarter":
		return strings.Contains("01 04 07 10", start[5:7])
	default:
		return start[5:7] == "01"
	}
}

// openingIn is what is spent in a period by the opening balance.
func (g *guard) openingIn(start v1alpha1.Date) int64 {
	o := g.spec.OpeningBalance
	if o == nil {
		return 0
	}
	same := o.AsOf[:4] == start[:4]
	switch g.spec.Pool.Period {
	case "Month":
		same = o.AsOf[:7] == start[:7]
	case "Quarter":
		quarter := func(d v1alpha1.Date) byte { return ((d[5]-'0')*10 + d[6] - '0' - 1) / 3 }
		same = same && quarter(o.AsOf) == quarter(start)
	}
	spent, err := money.Parse(g.spec.Currency, o.Spent)
	if !same || err != nil {
		return 0
	}
	return spent.Minor()
}

func (g *guard) limits() string {
	limit := g.limit()
	for i := range g.next.Periods {
		p := &g.next.Periods[i]
		if o := find(g.old, p.Start); *p.Limit != limit && (o == nil || *o.Limit != *p.Limit) {
			return "the limit of a period is what spec.pool gives"
		}
	}
	return ""
}

func (g *guard) limit() int64 {
	terms, problems := ledger.Compile(*g.spec)
	if len(problems) > 0 {
		return -1
	}
	return terms.Limit.Minor()
}

func (g *guard) exhausted() string {
	limit := g.limit()
	takes := func(e *v1alpha1.LedgerEntry) bool {
		return e.From == v1alpha1.ChargeNone && e.To != v1alpha1.ChargeOwed
	}
	for i := range g.next.Periods {
		p := &g.next.Periods[i]
		used := *p.Spent + *p.Reserved + sum(g.next, p.Start, takes, amount)
		was := *p.Spent
		if o := find(g.old, p.Start); o != nil {
			was = *o.Spent + *o.Reserved + sum(g.old, p.Start, takes, amount)
		}
		if (used > limit || used > *p.Limit) && used > was {
			return fmt.Sprintf("the pool is exhausted: %d would be used of %d", used, min(limit, *p.Limit))
		}
	}
	return ""
}
