package operatortest

import "github.com/amends-dev/amends/internal/ledger"

// The metrics of budgets stand in the lists too. A budget's own name is no closed list,
// and there are as few of them as there are budgets.
func init() {
	var limits []string
	for _, l := range []ledger.Limit{
		ledger.LimitCatalogue, ledger.LimitBounds, ledger.LimitIncident, ledger.LimitDay, ledger.LimitCustomer,
		ledger.LimitPool, ledger.LimitPending, ledger.LimitLevel, ledger.LimitPeriod,
	} {
		limits = append(limits, string(l))
	}
	ours["amends_remedies_granted_total"] = map[string][]string{"under": {"Allowance", "Approved", "Owed"}}
	ours["amends_remedies_denied_total"] = map[string][]string{"limit": append(limits, "None")}
	ours["amends_remedies_pending_total"] = map[string][]string{"phase": {"AwaitingApproval", "Offered"}}
	ours["amends_remedies_released_total"] = map[string][]string{"from": {"Requested", "AwaitingApproval", "Offered", "Granted"}}
	ours["amends_budget_amount"] = map[string][]string{
		"namespace": nil, "budget": nil, "currency": nil, "amount": {"Limit", "Spent", "Reserved", "Owed", "Available"},
	}
	ours["amends_ledger_takeovers_total"] = nil
	for _, histogram := range []string{"amends_approval_latency_seconds", "amends_ledger_entries", "amends_ledger_commit_seconds"} {
		ours[histogram+"_bucket"] = map[string][]string{"le": nil}
		ours[histogram+"_sum"], ours[histogram+"_count"] = nil, nil
	}
}
