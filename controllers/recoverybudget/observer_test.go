package recoverybudget

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/money"
)

// observed is an observer whose events and metrics can be read.
type observed struct {
	*Observer
	registry *prometheus.Registry
	recorder *events.FakeRecorder
}

func observe() *observed {
	registry := prometheus.NewRegistry()
	recorder := events.NewFakeRecorder(32)
	return &observed{Observer: &Observer{Recorder: recorder, Money: metrics.NewMoney(registry)}, registry: registry, recorder: recorder}
}

// told are the events so far, sorted: those of one write have no order among them.
func (o *observed) told() []string {
	var out []string
	for len(o.recorder.Events) > 0 {
		out = append(out, <-o.recorder.Events)
	}
	slices.Sort(out)
	return out
}

func because(kind string, status metav1.ConditionStatus, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: "Because", Message: message}
}

// Each thing that becomes true of a budget is told once, in the write that makes it true.
func TestObserverTellsWhatHasBecomeTrue(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		was, is v1alpha1.RecoveryBudgetStatus
		want    []string
	}{
		"a write that only moves the ledger tells nothing": {
			was: v1alpha1.RecoveryBudgetStatus{Period: "2026-10-01", Sequence: 4},
			is:  v1alpha1.RecoveryBudgetStatus{Period: "2026-10-01", Sequence: 5},
		},
		"the first period of a budget is no news": {
			is: v1alpha1.RecoveryBudgetStatus{Period: "2026-10-01"},
		},
		"a period begins": {
			was:  v1alpha1.RecoveryBudgetStatus{Period: "2026-10-01"},
			is:   v1alpha1.RecoveryBudgetStatus{Period: "2026-11-01", Limit: "60.00"},
			want: []string{"Normal PeriodBegan the period that begins on 2026-11-01 has begun, with a pool of 60.00 EUR"},
		},
		"two thresholds in one write are told by the higher one": {
			was:  v1alpha1.RecoveryBudgetStatus{Period: "2026-10-01", Warned: []int32{50}},
			is:   v1alpha1.RecoveryBudgetStatus{Period: "2026-10-01", Warned: []int32{50, 80, 100}, Available: "0.00", Limit: "60.00"},
			want: []string{"Warning ThresholdReached 100 % of the pool is spent or reserved: 0.00 EUR are left of 60.00"},
		},
		"thresholds are told anew in a new period": {
			was: v1alpha1.RecoveryBudgetStatus{Period: "2026-10-01", Warned: []int32{80, 100}},
			is:  v1alpha1.RecoveryBudgetStatus{Period: "2026-11-01", Warned: []int32{80}, Available: "10.00", Limit: "60.00"},
			want: []string{
				"Normal PeriodBegan the period that begins on 2026-11-01 has begun, with a pool of 60.00 EUR",
				"Warning ThresholdReached 80 % of the pool is spent or reserved: 10.00 EUR are left of 60.00",
			},
		},
		"a pool is exhausted and overcommitted at once": {
			is: v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{
				because("Exhausted", metav1.ConditionTrue, "nothing is left"),
				because("OverCommitted", metav1.ConditionTrue, "5.00 EUR too much"),
			}},
			want: []string{"Warning OverCommitted 5.00 EUR too much", "Warning PoolExhausted nothing is left"},
		},
		"what was true before is not told again": {
			was: v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{because("Exhausted", metav1.ConditionTrue, "nothing is left")}},
			is:  v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{because("Exhausted", metav1.ConditionTrue, "nothing is left, still")}},
		},
		"a budget owes more than its pool": {
			was:  v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{because("Overdrawn", metav1.ConditionFalse, "")}},
			is:   v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{because("Overdrawn", metav1.ConditionTrue, "7.00 EUR beyond the pool")}},
			want: []string{"Warning Overdrawn 7.00 EUR beyond the pool"},
		},
		"a recount differs": {
			was:  v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{because("Consistent", metav1.ConditionTrue, "")}},
			is:   v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{because("Consistent", metav1.ConditionFalse, "spent is 2.00 EUR too high")}},
			want: []string{"Warning RecountDiffers spent is 2.00 EUR too high"},
		},
		"a spec is wrong": {
			is:   v1alpha1.RecoveryBudgetStatus{Conditions: []metav1.Condition{because("Stalled", metav1.ConditionTrue, "spec.timeZone: Mars is unknown")}},
			want: []string{"Warning SpecInvalid spec.timeZone: Mars is unknown"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := observe()
			b := fixture.Budget("front-desk", "EUR", "60.00")
			b.Status = c.is
			o.Wrote(b, &c.was, time.Millisecond)
			if diff := cmp.Diff(c.want, o.told()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// The gauges show a budget as it was last written, and forget it when it is gone.
func TestObserverShowsTheMoneyOfABudget(t *testing.T) {
	t.Parallel()
	o := observe()
	b := fixture.Budget("front-desk", "EUR", "60.00")
	b.Namespace = "hotel-b"
	for _, spent := range []v1alpha1.Money{"5.00", "12.50"} {
		b.Status = v1alpha1.RecoveryBudgetStatus{Limit: "60.00", Spent: spent, Reserved: "1.00", Owed: "0.00", Available: "46.50"}
		o.Wrote(b, &v1alpha1.RecoveryBudgetStatus{}, time.Millisecond)
	}
	want := map[string]float64{"Available": 46.5, "Limit": 60, "Owed": 0, "Reserved": 1, "Spent": 12.5}
	if diff := cmp.Diff(want, o.gauges(t)); diff != "" {
		t.Errorf("gauges (-want +got):\n%s", diff)
	}
	o.Money.BudgetGone(types.NamespacedName{Namespace: "hotel-b", Name: "front-desk"})
	if left := o.gauges(t); len(left) > 0 {
		t.Errorf("the budget is gone and %v is shown", left)
	}
}

// gauges are the amounts of the budget hotel-b/front-desk, in euros.
func (o *observed) gauges(t *testing.T) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, m := range o.gather(t, "amends_budget_amount") {
		labels := map[string]string{}
		for _, l := range m.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		if labels["namespace"] != "hotel-b" || labels["budget"] != "front-desk" || labels["currency"] != "EUR" {
			t.Errorf("a gauge of %v", labels)
		}
		out[labels["amount"]] = m.GetGauge().GetValue()
	}
	return out
}

// A request is counted once, by what became of it.
func TestObserverCountsWhatBecameOfARequest(t *testing.T) {
	t.Parallel()
	left, err := money.Parse("EUR", "3.00")
	if err != nil {
		t.Fatal(err)
	}
	denied := func(reason string) v1alpha1.CompensationStatus {
		ready := because(v1alpha1.ReadyCondition, metav1.ConditionFalse, "")
		ready.Reason = reason
		return v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationDenied, Conditions: []metav1.Condition{ready}}
	}
	o := observe()
	budget := fixture.Budget("front-desk", "EUR", "60.00")
	for _, c := range []struct {
		was, is v1alpha1.CompensationStatus
		outcome ledger.Outcome
	}{
		{was: v1alpha1.CompensationStatus{}, is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, Allowance: "frontline"}},
		{was: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted}, is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, Allowance: "frontline"}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, Entitlement: v1alpha1.EntitlementOwed}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationAwaitingApproval}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationOffered}},
		{was: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationAwaitingApproval}, is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationReleased}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationReleased}},
		{is: denied(v1alpha1.NoApprovalReason), outcome: ledger.Outcome{Phase: v1alpha1.CompensationDenied, Refusals: []ledger.Refusal{{Limit: ledger.LimitDay, Left: left}}}},
		{is: denied(v1alpha1.PoolExhaustedReason), outcome: ledger.Outcome{Phase: v1alpha1.CompensationDenied, Refusals: []ledger.Refusal{{Limit: ledger.LimitDay}, {Limit: ledger.LimitPool, Left: left}}}},
		{is: denied("NewInALaterVersion")},
	} {
		o.Recorded(budget, &c.was, &v1alpha1.Compensation{Status: c.is}, &c.outcome)
	}
	want := map[string]float64{
		`amends_remedies_granted_total{under="Allowance"}`:                          1,
		`amends_remedies_granted_total{under="Owed"}`:                               1,
		`amends_remedies_granted_total{under="Approved"}`:                           1,
		`amends_remedies_pending_total{phase="AwaitingApproval"}`:                   1,
		`amends_remedies_pending_total{phase="Offered"}`:                            1,
		`amends_remedies_released_total{from="AwaitingApproval"}`:                   1,
		`amends_remedies_released_total{from="Requested"}`:                          1,
		`amends_remedies_denied_total{limit="PerPersonPerDay",reason="NoApproval"}`: 1,
		`amends_remedies_denied_total{limit="Pool",reason="PoolExhausted"}`:         1,
		`amends_remedies_denied_total{limit="",reason="Other"}`:                     1,
	}
	if diff := cmp.Diff(want, o.counts(t, "amends_remedies_")); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Warning PoolExhausted a request was denied because the pool cannot hold it: 3.00 EUR are left"}, o.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// Each limit that denies is counted by its own name, and by the one that denied where a
// request is above several.
func TestObserverCountsByLimit(t *testing.T) {
	t.Parallel()
	many := []ledger.Limit{ledger.LimitCatalogue, ledger.LimitBounds}
	for _, limits := range [][]ledger.Limit{
		{ledger.LimitCatalogue}, {ledger.LimitBounds}, {ledger.LimitIncident}, {ledger.LimitDay}, {ledger.LimitCustomer},
		append(many, ledger.LimitPool), append(many, ledger.LimitPending), {ledger.LimitLevel}, {ledger.LimitPeriod},
	} {
		outcome := &ledger.Outcome{Phase: v1alpha1.CompensationDenied}
		for _, l := range limits {
			outcome.Refusals = append(outcome.Refusals, ledger.Refusal{Limit: l})
		}
		o := observe()
		o.Recorded(fixture.Budget("front-desk", "EUR", "60.00"), &v1alpha1.CompensationStatus{}, &v1alpha1.Compensation{Status: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationDenied}}, outcome)
		want := map[string]float64{fmt.Sprintf(`amends_remedies_denied_total{limit=%q,reason="Other"}`, limits[len(limits)-1]): 1}
		if diff := cmp.Diff(want, o.counts(t, "amends_remedies_")); diff != "" {
			t.Errorf("counted (-want +got):\n%s", diff)
		}
	}
}

// How long a request waited for an approver ends with the approver's decision, whatever
// the customer does after it, and is known only where somebody decided.
func TestObserverMeasuresApprovals(t *testing.T) {
	t.Parallel()
	at := func(minutes int) *metav1.Time {
		return &metav1.Time{Time: fixture.Instant("2026-10-02T12:00:00Z").Add(time.Duration(minutes) * time.Minute)}
	}
	type status = v1alpha1.CompensationStatus
	denied := func(reason string) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: reason}}
	}
	cases := map[string]struct {
		was       v1alpha1.CompensationPhase
		is        status
		undecided bool
		count     uint64
		sum       time.Duration
	}{
		"approved":                                     {is: status{Phase: v1alpha1.CompensationGranted, DecidedAt: at(7)}, count: 1, sum: 7 * time.Minute},
		"approved in the same second":                  {is: status{Phase: v1alpha1.CompensationGranted, DecidedAt: at(0)}, count: 1},
		"approved, and now the customer chooses":       {is: status{Phase: v1alpha1.CompensationOffered, OfferedAt: at(7)}, count: 1, sum: 7 * time.Minute},
		"approved, and chosen when both were seen":     {is: status{Phase: v1alpha1.CompensationGranted, OfferedAt: at(7), DecidedAt: at(45)}, count: 1, sum: 7 * time.Minute},
		"approved long ago, and chosen by now":         {was: v1alpha1.CompensationOffered, is: status{Phase: v1alpha1.CompensationGranted, OfferedAt: at(7), DecidedAt: at(45)}},
		"denied by an approver":                        {is: status{Phase: v1alpha1.CompensationDenied, DecidedAt: at(9), Conditions: denied(v1alpha1.DeniedByApproverReason)}, count: 1, sum: 9 * time.Minute},
		"denied because nobody decided":                {undecided: true, is: status{Phase: v1alpha1.CompensationDenied, DecidedAt: at(15), Conditions: denied(v1alpha1.ApprovalTimedOutReason)}},
		"denied by time, and decided too late":         {is: status{Phase: v1alpha1.CompensationDenied, DecidedAt: at(15), Conditions: denied(v1alpha1.ApprovalTimedOutReason)}},
		"taken back":                                   {is: status{Phase: v1alpha1.CompensationReleased, ReleasedAt: at(3)}},
		"chosen within the allowance, so nobody's ask": {undecided: true, is: status{Phase: v1alpha1.CompensationGranted, Allowance: "frontline", DecidedAt: at(20)}},
		"still waiting":                                {was: v1alpha1.CompensationAwaitingApproval, is: status{Phase: v1alpha1.CompensationAwaitingApproval}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := observe()
			was := status{Phase: v1alpha1.CompensationAwaitingApproval, AwaitingSince: at(0)}
			if c.was != "" {
				was.Phase = c.was
			}
			written := &v1alpha1.Compensation{Status: c.is}
			written.Status.AwaitingSince = at(0)
			if !c.undecided {
				written.Spec.Decision = &v1alpha1.CompensationDecision{}
			}
			o.Recorded(fixture.Budget("front-desk", "EUR", "60.00"), &was, written, &ledger.Outcome{})
			if count, sum := o.histogram(t, "amends_approval_latency_seconds"); count != c.count || sum != c.sum.Seconds() {
				t.Errorf("%d decisions after %v s, want %d after %v s", count, sum, c.count, c.sum.Seconds())
			}
		})
	}
}

// Each write of a ledger is observed: what it added, what is in flight, and its time.
func TestObserverMeasuresWrites(t *testing.T) {
	t.Parallel()
	o := observe()
	entry := func(uid string, amount int64) v1alpha1.LedgerEntry {
		return v1alpha1.LedgerEntry{UID: uid, From: v1alpha1.ChargeNone, To: v1alpha1.ChargeSpent, Amount: &amount, Period: "2026-10-01"}
	}
	before := v1alpha1.RecoveryBudgetStatus{}
	for _, entries := range [][]v1alpha1.LedgerEntry{
		{entry("a", 1), entry("b", 2), entry("c", 3)},
		{entry("b", 2), entry("c", 3), entry("d", 4), entry("e", 5)},
		{entry("e", 5)},
	} {
		b := fixture.Budget("front-desk", "EUR", "60.00")
		b.Status = v1alpha1.RecoveryBudgetStatus{Entries: entries}
		o.Wrote(b, &before, 20*time.Millisecond)
		before = b.Status
	}
	for name, want := range map[string]float64{
		"amends_ledger_batch_transitions": 3 + 2 + 0, "amends_ledger_in_flight_entries": 3 + 4 + 1, "amends_ledger_commit_seconds": 0.06,
	} {
		if count, sum := o.histogram(t, name); count != 3 || math.Abs(sum-want) > 1e-9 {
			t.Errorf("%s counts %d writes with a sum of %v, want 3 with %v", name, count, sum, want)
		}
	}
	o.TookOver(nil)
	if diff := cmp.Diff(map[string]float64{"amends_ledger_takeovers_total{}": 1}, o.counts(t, "amends_ledger_takeovers_total")); diff != "" {
		t.Errorf("takeovers (-want +got):\n%s", diff)
	}
}

// Who stands by shows no budget: its money is shown by who writes it.
func TestObserverStandsBy(t *testing.T) {
	t.Parallel()
	o := observe()
	b := fixture.Budget("front-desk", "EUR", "60.00")
	b.Namespace, b.Status = "hotel-b", v1alpha1.RecoveryBudgetStatus{Limit: "60.00"}
	o.Wrote(b, &v1alpha1.RecoveryBudgetStatus{}, time.Millisecond)
	if len(o.gauges(t)) == 0 {
		t.Fatal("nothing is shown")
	}
	o.StandsBy(types.NamespacedName{Namespace: "hotel-b", Name: "front-desk"})
	if left := o.gauges(t); len(left) > 0 {
		t.Errorf("another process writes the budget, and %v is shown", left)
	}
}

// counts are the series whose name begins so and that are not zero, by name and label.
func (o *observed) counts(t *testing.T, prefix string) map[string]float64 {
	t.Helper()
	families, err := o.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if strings.HasPrefix(f.GetName(), prefix) && value != 0 {
				out[f.GetName()+"{"+strings.Join(labels, ",")+"}"] = value
			}
		}
	}
	return out
}

// histogram is how many values were observed, and their sum.
func (o *observed) histogram(t *testing.T, name string) (count uint64, sum float64) {
	t.Helper()
	for _, m := range o.gather(t, name) {
		count += m.GetHistogram().GetSampleCount()
		sum += m.GetHistogram().GetSampleSum()
	}
	return count, sum
}

func (o *observed) gather(t *testing.T, name string) []*dto.Metric {
	t.Helper()
	families, err := o.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()
		}
	}
	return nil
}
