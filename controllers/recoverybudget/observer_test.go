package recoverybudget

import (
	"fmt"
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
	since, decided := metav1.NewTime(fixture.Instant("2026-10-02T12:00:00Z")), metav1.NewTime(fixture.Instant("2026-10-02T12:07:00Z"))
	left, err := money.Parse("EUR", "3.00")
	if err != nil {
		t.Fatal(err)
	}
	refusedBy := func(limits ...ledger.Limit) *ledger.Outcome {
		out := &ledger.Outcome{}
		for _, limit := range limits {
			out.Refusals = append(out.Refusals, ledger.Refusal{Limit: limit, Left: left})
		}
		return out
	}
	o := observe()
	budget := fixture.Budget("front-desk", "EUR", "60.00")
	for _, c := range []struct {
		was, is v1alpha1.CompensationStatus
		outcome *ledger.Outcome
	}{
		{was: v1alpha1.CompensationStatus{}, is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, Allowance: "frontline"}},
		{was: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted}, is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, Allowance: "frontline"}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, Entitlement: v1alpha1.EntitlementOwed}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationAwaitingApproval}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationOffered}},
		{was: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationAwaitingApproval, AwaitingSince: &since}, is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, DecidedAt: &decided}},
		{was: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationAwaitingApproval}, is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationReleased}},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationDenied}, outcome: refusedBy()},
		{is: v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationDenied}, outcome: refusedBy(ledger.LimitPool)},
	} {
		if c.outcome == nil {
			c.outcome = refusedBy()
		}
		o.Recorded(budget, &c.was, &v1alpha1.Compensation{Status: c.is}, c.outcome)
	}
	for name, want := range map[string]float64{
		`amends_remedies_granted_total{under="Allowance"}`:                       1,
		`amends_remedies_granted_total{under="Owed"}`:                            1,
		`amends_remedies_granted_total{under="Approved"}`:                        1,
		`amends_remedies_pending_total{phase="AwaitingApproval"}`:                1,
		`amends_remedies_pending_total{phase="Offered"}`:                         1,
		`amends_remedies_released_total{from="AwaitingApproval"}`:                1,
		`amends_remedies_denied_total{limit="None"}`:                             1,
		`amends_remedies_denied_total{limit="` + string(ledger.LimitPool) + `"}`: 1,
		`amends_approval_latency_seconds`:                                        (7 * time.Minute).Seconds(),
	} {
		if got := o.value(t, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if diff := cmp.Diff([]string{"Warning PoolExhausted a request was denied because the pool cannot hold it: 3.00 EUR are left"}, o.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// value is a counter, or the sum of a histogram, by its name and label.
func (o *observed) value(t *testing.T, series string) float64 {
	t.Helper()
	name, label, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
	for _, m := range o.gather(t, name) {
		var labels []string
		for _, l := range m.GetLabel() {
			labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
		}
		if strings.Join(labels, ",") == label {
			return m.GetCounter().GetValue() + m.GetHistogram().GetSampleSum()
		}
	}
	return 0
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
