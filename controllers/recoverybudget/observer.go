package recoverybudget

import (
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/condition"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/metrics"
)

// Observer makes metrics and events of what the bookkeeper has written.
type Observer struct {
	Recorder events.EventRecorder
	Money    *metrics.Money
}

var _ bookkeeper.Observer = (*Observer)(nil)

// Wrote implements bookkeeper.Observer.
func (o *Observer) Wrote(b *v1alpha1.RecoveryBudget, was *v1alpha1.RecoveryBudgetStatus, took time.Duration) {
	o.Money.Commit(added(was, &b.Status), len(b.Status.Entries), took)
	o.Money.Budget(types.NamespacedName{Namespace: b.Namespace, Name: b.Name}, standing(b))
	o.tell(b, was)
}

// TookOver implements bookkeeper.Observer.
func (o *Observer) TookOver(*v1alpha1.RecoveryBudget) {
	o.Money.TookOver()
}

// StandsBy implements bookkeeper.Observer: what another process writes is not shown here.
func (o *Observer) StandsBy(key types.NamespacedName) {
	o.Money.BudgetGone(key)
}

// added is how many transitions of money a write added.
func added(was, is *v1alpha1.RecoveryBudgetStatus) int {
	n := 0
	for i := range is.Entries {
		if !slices.ContainsFunc(was.Entries, func(e v1alpha1.LedgerEntry) bool { return equality.Semantic.DeepEqual(e, is.Entries[i]) }) {
			n++
		}
	}
	return n
}

// standing is how a budget stands, for the gauges; floats leave no room for sums of it.
func standing(b *v1alpha1.RecoveryBudget) metrics.Standing {
	read := func(m v1alpha1.Money) float64 {
		v, err := strconv.ParseFloat(string(m), 64)
		if err != nil {
			return 0
		}
		return v
	}
	s := &b.Status
	return metrics.Standing{
		Currency: b.Spec.Currency, Limit: read(s.Limit), Spent: read(s.Spent), Reserved: read(s.Reserved), Owed: read(s.Owed), Available: read(s.Available),
	}
}

// tell makes events of what has become true of a budget.
func (o *Observer) tell(b *v1alpha1.RecoveryBudget, was *v1alpha1.RecoveryBudgetStatus) {
	warn := func(reason, action, message string) {
		o.Recorder.Eventf(b, nil, corev1.EventTypeWarning, reason, action, "%s", message)
	}
	if message, told := condition.NewlyStalled(was.Conditions, b.Status.Conditions); told {
		warn(v1alpha1.EventSpecInvalid, "ReadSpec", message)
	}
	if was.Period != b.Status.Period && was.Period != "" {
		o.Recorder.Eventf(b, nil, corev1.EventTypeNormal, v1alpha1.EventPeriodBegan, "KeepLedger",
			"the period that begins on %s has begun, with a pool of %s %s", b.Status.Period, b.Status.Limit, b.Spec.Currency)
	}
	warned := len(was.Warned)
	if was.Period != b.Status.Period {
		warned = 0
	}
	if n := len(b.Status.Warned); n > warned {
		o.Recorder.Eventf(b, nil, corev1.EventTypeWarning, v1alpha1.EventThresholdReached, "KeepLedger",
			"%d %% of the pool is spent or reserved: %s %s are left of %s", b.Status.Warned[n-1], b.Status.Available, b.Spec.Currency, b.Status.Limit)
	}
	for kind, reason := range map[string]string{
		v1alpha1.ExhaustedCondition:     v1alpha1.EventPoolExhausted,
		v1alpha1.OverdrawnCondition:     v1alpha1.EventOverdrawn,
		v1alpha1.OverCommittedCondition: v1alpha1.EventOverCommitted,
	} {
		if c := became(was, &b.Status, kind, metav1.ConditionTrue); c != nil {
			warn(reason, "KeepLedger", c.Message)
		}
	}
	if c := became(was, &b.Status, v1alpha1.ConsistentCondition, metav1.ConditionFalse); c != nil {
		warn(v1alpha1.EventRecountDiffers, "Recount", c.Message)
	}
}

// became is a condition that has just taken a value.
func became(was, is *v1alpha1.RecoveryBudgetStatus, kind string, value metav1.ConditionStatus) *metav1.Condition {
	now := apimeta.FindStatusCondition(is.Conditions, kind)
	if now == nil || now.Status != value {
		return nil
	}
	if before := apimeta.FindStatusCondition(was.Conditions, kind); before != nil && before.Status == value {
		return nil
	}
	return now
}

// Recorded implements bookkeeper.Observer.
func (o *Observer) Recorded(budget *v1alpha1.RecoveryBudget, was *v1alpha1.CompensationStatus, written *v1alpha1.Compensation, outcome *ledger.Outcome) {
	s := &written.Status
	if was.Phase == s.Phase {
		return
	}
	if at := decidedAt(was, written); at != nil && was.AwaitingSince != nil {
		o.Money.Decided(at.Sub(was.AwaitingSince.Time))
	}
	switch s.Phase {
	case v1alpha1.CompensationGranted:
		o.Money.Granted(under(s))
	case v1alpha1.CompensationDenied:
		o.Money.DeniedBy(reason(s), string(outcome.DeniedBy()))
		if i := slices.IndexFunc(outcome.Refusals, func(r ledger.Refusal) bool { return r.Limit == ledger.LimitPool }); i >= 0 {
			o.exhausted(budget, written, &outcome.Refusals[i])
		}
	case v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered:
		o.Money.Pending(s.Phase)
	case v1alpha1.CompensationReleased:
		o.Money.Released(was.Phase)
	}
}

// decidedAt is when a person decided on a request that awaited it, or nil where none did:
// from then on it is the customer who is waited for, or nobody.
func decidedAt(was *v1alpha1.CompensationStatus, written *v1alpha1.Compensation) *metav1.Time {
	s := &written.Status
	if was.Phase != v1alpha1.CompensationAwaitingApproval || written.Spec.Decision == nil {
		return nil
	}
	switch {
	case s.Phase == v1alpha1.CompensationOffered, s.Phase == v1alpha1.CompensationGranted && under(s) == metrics.GrantedApproved && s.OfferedAt != nil:
		return s.OfferedAt
	case s.Phase == v1alpha1.CompensationGranted && under(s) == metrics.GrantedApproved,
		s.Phase == v1alpha1.CompensationDenied && reason(s) != v1alpha1.ApprovalTimedOutReason:
		return s.DecidedAt
	}
	return nil
}

// reason is why a request has its phase.
func reason(s *v1alpha1.CompensationStatus) string {
	if ready := apimeta.FindStatusCondition(s.Conditions, v1alpha1.ReadyCondition); ready != nil {
		return ready.Reason
	}
	return ""
}

// under is what a remedy was granted under.
func under(s *v1alpha1.CompensationStatus) string {
	switch {
	case s.Entitlement == v1alpha1.EntitlementOwed:
		return metrics.GrantedOwed
	case s.Allowance != "":
		return metrics.GrantedWithin
	}
	return metrics.GrantedApproved
}

// exhausted tells of a request that the pool could not hold. Repeated ones are one event
// with a count.
func (o *Observer) exhausted(budget *v1alpha1.RecoveryBudget, c *v1alpha1.Compensation, pool *ledger.Refusal) {
	o.Recorder.Eventf(budget, c, corev1.EventTypeWarning, v1alpha1.EventPoolExhausted, "KeepLedger",
		"a request was denied because the pool cannot hold it: %s are left", pool.Left.Text())
}
