package operatortest

import (
	"context"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/metrics"
)

// The metrics of budgets stand in the lists too. A budget's own name is no closed list,
// and there are as few of them as there are budgets.
func init() {
	ours["amends_remedies_granted_total"] = map[string][]string{"under": {"Allowance", "Approved", "Owed"}}
	ours["amends_remedies_denied_total"] = map[string][]string{"reason": metrics.DenialReasons(), "limit": metrics.DenialLimits()}
	ours["amends_remedies_pending_total"] = map[string][]string{"phase": {"AwaitingApproval", "Offered"}}
	ours["amends_remedies_released_total"] = map[string][]string{"from": {"Requested", "AwaitingApproval", "Offered", "Granted"}}
	ours["amends_remedies_waiting"] = map[string][]string{"phase": {"Requested", "AwaitingApproval", "Offered"}}
	ours["amends_budget_amount"] = map[string][]string{
		"namespace": nil, "budget": nil, "currency": nil, "amount": {"Limit", "Spent", "Reserved", "Owed", "Available"},
	}
	ours["amends_ledger_takeovers_total"] = nil
	for _, histogram := range []string{
		"amends_approval_latency_seconds", "amends_ledger_batch_transitions", "amends_ledger_in_flight_entries", "amends_ledger_commit_seconds",
	} {
		ours[histogram+"_bucket"] = map[string][]string{"le": nil}
		ours[histogram+"_sum"], ours[histogram+"_count"] = nil, nil
	}
}

// Runs alone, because it counts: one grant, one denial by the pool, one approval.
func TestMoneyIsMeasured(t *testing.T) {
	s := open(t)
	openDesk(s, nil)
	before := s.metricsOf(s.shared)
	waiting := map[string]string{"phase": "AwaitingApproval"}

	s.ask(refundOf("small", "40.00"))
	s.awaitStage("small", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.ask(refundOf("large", "2000.00"))
	s.awaitStage("large", v1alpha1.CompensationDenied, v1alpha1.PoolExhaustedReason)
	s.ask(refundOf("beyond-the-day", "300.00"))
	s.awaitStage("beyond-the-day", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.awaitMeasured("one that waits for an approval", before, map[string]float64{"amends_remedies_waiting": 1}, waiting)
	s.approve("tom", "beyond-the-day", "manager")
	s.awaitStage("beyond-the-day", v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	s.awaitMeasured("nothing that waits", before, map[string]float64{"amends_remedies_waiting": 0}, waiting)

	for _, want := range []struct {
		labels map[string]string
		more   map[string]float64
	}{
		{nil, map[string]float64{
			"amends_remedies_granted_total": 2, "amends_remedies_denied_total": 1, "amends_remedies_pending_total": 1, "amends_remedies_released_total": 0,
			"amends_approval_latency_seconds_count": 1, "amends_ledger_batch_transitions_sum": 3,
		}},
		{map[string]string{"under": "Allowance"}, map[string]float64{"amends_remedies_granted_total": 1}},
		{map[string]string{"under": "Approved"}, map[string]float64{"amends_remedies_granted_total": 1}},
		{map[string]string{"reason": v1alpha1.PoolExhaustedReason, "limit": "Pool"}, map[string]float64{"amends_remedies_denied_total": 1}},
		{map[string]string{"namespace": s.namespace, "amount": "Spent"}, map[string]float64{"amends_budget_amount": 340}},
		{map[string]string{"namespace": s.namespace, "amount": "Reserved"}, map[string]float64{"amends_budget_amount": 0}},
	} {
		s.awaitMeasured("what was done", before, want.more, want.labels)
	}
	after := s.metricsOf(s.shared)
	writes := sum(after, "amends_ledger_commit_seconds_count", nil) - sum(before, "amends_ledger_commit_seconds_count", nil)
	for _, each := range []string{"amends_ledger_batch_transitions_count", "amends_ledger_in_flight_entries_count"} {
		if n := sum(after, each, nil) - sum(before, each, nil); n != writes || n < 3 {
			t.Errorf("%s rose by %v, and %v writes of a ledger took their time, want as many and at least 3", each, n, writes)
		}
	}
	if wrong := strangers(after); len(wrong) > 0 {
		t.Errorf("metrics outside the closed lists: %v", wrong)
	}
}

// awaitMeasured waits until metrics have risen by so much.
func (s *site) awaitMeasured(what, before string, more map[string]float64, labels map[string]string) {
	s.Helper()
	page := ""
	err := s.shared.poll(s.Context(), "does not show "+what, func(ctx context.Context) bool {
		var err error
		if page, err = s.shared.page(ctx); err != nil {
			return false
		}
		for name, want := range more {
			if sum(page, name, labels)-sum(before, name, labels) != want {
				return false
			}
		}
		return true
	})
	if err == nil {
		return
	}
	for name, want := range more {
		s.Errorf("%s%v rose by %v, want %v", name, labels, sum(page, name, labels)-sum(before, name, labels), want)
	}
	s.Fatal(err)
}
