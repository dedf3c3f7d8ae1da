package simulate

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/condition"
	"github.com/amends-dev/amends/internal/ledger"
)

// remedyStory tells what has changed about a Compensation.
func (p *player) remedyStory(c *v1alpha1.Compensation, was *v1alpha1.CompensationStatus) {
	incident, status := string(c.Spec.IncidentName), &c.Status
	p.conditions(incident, "Compensation", c.Name, was.Conditions, status.Conditions)
	if was.Phase == status.Phase && was.Amount == status.Amount {
		return
	}
	text := string(status.Phase)
	if status.Amount != "" {
		text += " " + string(status.Amount)
	}
	p.tell(incident, "Compensation", c.Name, Stands, string(status.Phase), text)
}

// budgetStory tells what has changed about a budget.
func (p *player) budgetStory(b *v1alpha1.RecoveryBudget, was *v1alpha1.RecoveryBudgetStatus) {
	p.conditions("", "RecoveryBudget", b.Name, was.Conditions, b.Status.Conditions)
	if text := poolText(&b.Status); text != poolText(was) {
		p.tell("", "RecoveryBudget", b.Name, Stands, string(b.Status.Period), text)
	}
}

// poolText is how the running period of a budget stands.
func poolText(s *v1alpha1.RecoveryBudgetStatus) string {
	out := "period " + string(s.Period) + ": limit " + string(s.Limit) + ", spent " + string(s.Spent) + ", reserved " + string(s.Reserved)
	if s.Owed != "" {
		out += ", owed " + string(s.Owed)
	}
	return out + ", available " + string(s.Available)
}

// budgetNotices tells the events that the operator makes of what has become true of a
// budget.
func (p *player) budgetNotices(b *v1alpha1.RecoveryBudget, was *v1alpha1.RecoveryBudgetStatus) {
	is := &b.Status
	warn := func(reason, message string) { p.tell("", "RecoveryBudget", b.Name, Warned, reason, message) }
	if message, told := condition.NewlyStalled(was.Conditions, is.Conditions); told {
		warn(v1alpha1.EventSpecInvalid, message)
	}
	known := len(was.Warned)
	if was.Period != is.Period {
		known = 0
		if was.Period != "" {
			p.tell("", "RecoveryBudget", b.Name, Told, v1alpha1.EventPeriodBegan,
				fmt.Sprintf("the period that begins on %s has begun, with a pool of %s %s", is.Period, is.Limit, b.Spec.Currency))
		}
	}
	if n := len(is.Warned); n > known {
		warn(v1alpha1.EventThresholdReached, fmt.Sprintf("%d %% of the pool is spent or reserved: %s %s are left of %s", is.Warned[n-1], is.Available, b.Spec.Currency, is.Limit))
	}
	for _, each := range []struct{ kind, reason string }{
		{v1alpha1.ExhaustedCondition, v1alpha1.EventPoolExhausted},
		{v1alpha1.OverdrawnCondition, v1alpha1.EventOverdrawn},
		{v1alpha1.OverCommittedCondition, v1alpha1.EventOverCommitted},
	} {
		if !apimeta.IsStatusConditionTrue(was.Conditions, each.kind) && apimeta.IsStatusConditionTrue(is.Conditions, each.kind) {
			warn(each.reason, apimeta.FindStatusCondition(is.Conditions, each.kind).Message)
		}
	}
}

// poolDenied says whether a request was denied because the pool could not hold it.
func poolDenied(o *ledger.Outcome) bool {
	n := len(o.Refusals)
	return o.Phase == v1alpha1.CompensationDenied && n > 0 && o.Refusals[n-1].Limit == ledger.LimitPool
}

// poolNotice tells the event of such a request.
func (p *player) poolNotice(budget string, o *ledger.Outcome) {
	p.tell("", "RecoveryBudget", budget, Warned, v1alpha1.EventPoolExhausted,
		"a request was denied because the pool cannot hold it: "+o.Refusals[len(o.Refusals)-1].Left.Text()+" are left")
}

// specNotice tells the event of a spec that has become wrong.
func (p *player) specNotice(kind, name string, was, is []metav1.Condition) {
	if message, told := condition.NewlyStalled(was, is); told {
		p.tell("", kind, name, Warned, v1alpha1.EventSpecInvalid, message)
	}
}
