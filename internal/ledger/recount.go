package ledger

import (
	"fmt"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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

// Differs tells whether the last recount found a difference.
func (b *Book) Differs() bool { return b.differs != "" }

// Told tells whether a budget's status says what the last recount found.
func (b *Book) Told(s *v1alpha1.RecoveryBudgetStatus) bool {
	said := apimeta.FindStatusCondition(s.Conditions, v1alpha1.ConsistentCondition)
	if said == nil {
		return !b.Differs()
	}
	return said.Message == b.consistent().Message
}

// consistent is the condition that says what the last recount found.
func (b *Book) consistent() metav1.Condition {
	if b.Differs() {
		return metav1.Condition{Type: v1alpha1.ConsistentCondition, Status: metav1.ConditionFalse, Reason: v1alpha1.RecountDiffersReason, Message: b.differs}
	}
	return metav1.Condition{Type: v1alpha1.ConsistentCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.RecountAgreesReason, Message: "the sums are those of the Compensations"}
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
