package bookkeeper

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// any is one of the requests that pass, or "".
func (m *model) any(pass func(*v1alpha1.Compensation) bool) string {
	names := m.names(pass)
	if len(names) == 0 {
		return ""
	}
	return names[m.rand.IntN(len(names))]
}

func inPhase(phases ...v1alpha1.CompensationPhase) func(*v1alpha1.Compensation) bool {
	return func(c *v1alpha1.Compensation) bool { return slices.Contains(phases, c.Status.Phase) }
}

// editAny edits one of the requests that pass, and tells whether there is one.
func (m *model) editAny(pass func(*v1alpha1.Compensation) bool, change func(*v1alpha1.Compensation)) bool {
	name := m.any(pass)
	if name == "" {
		return false
	}
	m.edit(name, change)
	return true
}

// user does one thing that a user, or another controller, may do, and tells whether there
// was anything to do.
func (m *model) user() bool {
	switch m.rand.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		return m.request()
	case 6, 7, 8:
		return m.decide()
	case 9, 10:
		return m.editAny(func(c *v1alpha1.Compensation) bool {
			return len(c.Spec.Offers) > 1 && c.Spec.Choice == nil && c.Spec.Withdrawal == nil
		}, func(c *v1alpha1.Compensation) {
			c.Spec.Choice = &v1alpha1.CompensationChoice{Offer: c.Spec.Offers[m.rand.IntN(len(c.Spec.Offers))].Name}
		})
	case 11, 12:
		return m.editAny(func(c *v1alpha1.Compensation) bool {
			return c.Spec.Withdrawal == nil && c.Status.Phase != v1alpha1.CompensationDelivered && !ledger.Finished(c.Status.Phase)
		}, func(c *v1alpha1.Compensation) { c.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{} })
	case 13:
		// What was withdrawn cannot be delivered, nor the other way round.
		return m.editAny(func(c *v1alpha1.Compensation) bool {
			return c.Status.Phase == v1alpha1.CompensationGranted && c.Spec.Withdrawal == nil
		}, func(c *v1alpha1.Compensation) { c.Status.Phase = v1alpha1.CompensationDelivered })
	case 14:
		// The other controller denies one that it finds wrong.
		return m.editAny(inPhase(""), func(c *v1alpha1.Compensation) { c.Status.Phase = v1alpha1.CompensationDenied })
	case 15, 16:
		return m.editAny(func(c *v1alpha1.Compensation) bool { return c.DeletionTimestamp == nil },
			func(c *v1alpha1.Compensation) { c.DeletionTimestamp = &metav1.Time{Time: m.now} })
	case 17:
		m.editBudget(func(b *v1alpha1.RecoveryBudget) {
			if m.rand.IntN(3) == 0 {
				b.Labels = map[string]string{"edit": fmt.Sprint(m.revision)}
				return
			}
			b.Spec.Pool.Amount = v1alpha1.Money(fmt.Sprint(500 + m.rand.IntN(5000)))
			m.limits++
		})
		return true
	default:
		return m.collect()
	}
}

// request asks for something, unless there are many requests.
func (m *model) request() bool {
	if len(m.comps) >= 60 {
		return false
	}
	amount := func() v1alpha1.Money {
		return v1alpha1.Money(fmt.Sprintf("%d.%02d", m.rand.IntN(180), m.rand.IntN(100)))
	}
	spec := v1alpha1.CompensationSpec{
		IncidentName: v1alpha1.ObjectName(fmt.Sprintf("i%d", m.rand.IntN(12))), BudgetName: v1alpha1.ObjectName(budgetKey.Name),
		By: v1alpha1.User(fmt.Sprintf("p%d", m.rand.IntN(4))), Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: amount()}},
	}
	if m.rand.IntN(3) > 0 {
		spec.Allowance = "frontline"
	}
	switch m.rand.IntN(8) {
	case 0:
		spec.Offers[0].Custom = "owed"
	case 1, 2:
		spec.Offers = append(spec.Offers, v1alpha1.CompensationOffer{Name: "b", Custom: "y", Amount: amount()})
	case 3:
		spec.RecordedBy = v1alpha1.User(fmt.Sprintf("p%d", m.rand.IntN(4)))
	}
	m.create(spec)
	return true
}

func (m *model) decide() bool {
	return m.editAny(func(c *v1alpha1.Compensation) bool {
		return c.Status.Phase == v1alpha1.CompensationAwaitingApproval && c.Spec.Decision == nil && c.Spec.Withdrawal == nil
	}, func(c *v1alpha1.Compensation) {
		d := &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, Level: "general"}
		switch m.rand.IntN(5) {
		case 0:
			d.Verdict = v1alpha1.VerdictDenied
		case 1:
			d.Level = "duty"
		case 2:
			d.Amount = "5.00"
		}
		c.Spec.Decision = d
	})
}

// collect takes deleted requests away once nothing counts them any more.
func (m *model) collect() bool {
	found := false
	for _, name := range m.names(func(c *v1alpha1.Compensation) bool { return c.DeletionTimestamp != nil }) {
		c := m.comps[name]
		period := m.terms().PeriodOf(c.CreationTimestamp.Time)
		over := period <= m.budget.Status.ClosedThrough
		for _, p := range m.budget.Status.Periods {
			over = over || (p.Closed && p.Start == period)
		}
		// What is not judged yet goes away only with its finalizer, as all others.
		if over && c.Status.Phase != "" || ledger.Finished(c.Status.Phase) {
			m.remove(name)
			found = true
		}
	}
	return found
}
