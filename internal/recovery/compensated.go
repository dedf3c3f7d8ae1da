package recovery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/text"
)

// compensation sums up the Compensations; nil where there is none.
func (r *run) compensation() *v1alpha1.IncidentCompensation {
	if len(r.remedies) == 0 {
		return nil
	}
	var offered, pending, granted, delivered []v1alpha1.Money
	var given []string
	for _, m := range r.remedies {
		amount := m.is.Status.Amount
		switch m.is.Status.Phase {
		case v1alpha1.CompensationOffered:
			offered = append(offered, amount)
		case v1alpha1.CompensationAwaitingApproval:
			pending = append(pending, amount)
		case v1alpha1.CompensationDelivered:
			delivered = append(delivered, amount)
			fallthrough
		case v1alpha1.CompensationGranted:
			granted, given = append(granted, amount), append(given, m.gives())
		}
	}
	out := v1alpha1.IncidentCompensation{
		Offered: total(offered), Pending: total(pending), Granted: total(granted), Delivered: total(delivered),
		Given: v1alpha1.Text(text.Truncate(strings.Join(given, ", "), maxGiven)),
	}
	if out == (v1alpha1.IncidentCompensation{}) {
		return nil
	}
	return &out
}

// maxGiven bounds the names of what was given, as the API does.
const maxGiven = 253

// gives names the remedy that was granted.
func (m *remedy) gives() string {
	offers := m.is.Spec.Offers
	if c := m.is.Spec.Choice; c != nil {
		offers = slices.DeleteFunc(slices.Clone(offers), func(o v1alpha1.CompensationOffer) bool { return o.Name != c.Offer })
	}
	if len(offers) == 0 {
		return m.is.Name
	}
	if o := offers[0]; o.Option != "" {
		return string(o.Option)
	}
	return string(offers[0].Name)
}

// total adds amounts of one budget, which the ledger has read already. Where they cannot
// be added there is none: a wrong one would be worse.
func total(amounts []v1alpha1.Money) v1alpha1.Money {
	out, err := money.Sum(amounts)
	if err != nil {
		return ""
	}
	return out
}

// waited is what our own ways cost the customer so far; waits that last still are not
// counted, since the status never counts down or up by itself.
func (r *run) waited() *v1alpha1.Waits {
	length := func(d time.Duration) v1alpha1.Duration {
		if d = min(d, policy.MaxDuration); d > 0 {
			return v1alpha1.Duration(d.String())
		}
		return ""
	}
	out := v1alpha1.Waits{Approval: length(r.waitedForApproval), Acceptance: length(r.waitedForAcceptance)}
	if out == (v1alpha1.Waits{}) {
		return nil
	}
	return &out
}

// remedyConditions adds how it stands with the remedies; what there is none of is left
// out.
func (r *run) remedyConditions(out []metav1.Condition) []metav1.Condition {
	if names := r.remedyClocks(v1alpha1.ClockApproval, true); len(names) > 0 {
		out = append(out, r.condition(v1alpha1.ApprovalPendingCondition, true, v1alpha1.AwaitingApprovalReason,
			"a decision is waited for: "+strings.Join(names, ", "), r.pending.at))
	} else if len(r.remedyClocks(v1alpha1.ClockApproval, false)) > 0 {
		out = append(out, r.condition(v1alpha1.ApprovalPendingCondition, false, v1alpha1.NothingPendingReason, "no decision is waited for", r.pending.at))
	}
	if names := r.remedyClocks(v1alpha1.ClockDelivery, true); len(names) > 0 {
		out = append(out, r.condition(v1alpha1.RemedyDeliveredCondition, false, v1alpha1.DeliveryPendingReason,
			"granted and not delivered: "+strings.Join(names, ", "), r.undelivered.at))
	} else if n := len(r.remedyClocks(v1alpha1.ClockDelivery, false)); n > 0 {
		out = append(out, r.condition(v1alpha1.RemedyDeliveredCondition, true, v1alpha1.AllDeliveredReason,
			fmt.Sprintf("of %d granted, all were delivered or taken back", n), r.undelivered.at))
	}
	return out
}

// remedyClocks names the clocks of a kind, all or those that run.
func (r *run) remedyClocks(kind v1alpha1.ClockKind, running bool) []string {
	var out []string
	for _, c := range r.clocks {
		if c.kind == kind && (!running || c.running()) {
			out = append(out, c.name())
		}
	}
	return out
}
