package remedy

import (
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/text"
)

// maxMessage bounds a message, in bytes.
const maxMessage = 2048

// conditions tell how the request stands after an outcome, and why.
func (f *Facts) conditions(o ledger.Outcome, s *v1alpha1.CompensationStatus, now time.Time) []metav1.Condition {
	at := changedAt(s)
	if o.Phase == v1alpha1.CompensationAwaitingApproval {
		asked := f.askedLate(s, now)
		out := f.with(at, f.ready(metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason, f.explainAwaiting(o, s, asked)))
		if asked != nil {
			out = append(out, *asked)
		}
		return out
	}
	reason, message := f.explain(o)
	switch o.Phase {
	case v1alpha1.CompensationGranted:
		return f.with(at, append([]metav1.Condition{f.ready(metav1.ConditionTrue, reason, message)}, f.advice(s)...)...)
	case v1alpha1.CompensationOffered:
		return f.with(at, f.ready(metav1.ConditionTrue, reason, message))
	case v1alpha1.CompensationDenied:
		stalled := f.ready(metav1.ConditionTrue, reason, message)
		stalled.Type = v1alpha1.StalledCondition
		return f.with(at, f.ready(metav1.ConditionFalse, reason, message), stalled)
	}
	return f.with(at, f.ready(metav1.ConditionFalse, reason, message))
}

// askedLate says since when a person can decide, where that is not from the beginning: the
// request waits for nothing that comes by itself any more, so that Reconciling is False, and
// its last transition is when that was written first. What a status says of facts is dated
// by them; nothing else tells this instant.
func (f *Facts) askedLate(s *v1alpha1.CompensationStatus, now time.Time) *metav1.Condition {
	was := &f.Compensation.Status
	out := f.ready(metav1.ConditionFalse, v1alpha1.AwaitingApprovalReason, "a person can decide since then")
	out.Type = v1alpha1.ReconcilingCondition
	if was.Phase == v1alpha1.CompensationAwaitingApproval && apimeta.FindStatusCondition(was.Conditions, out.Type) == nil {
		return nil // It was asked in time.
	}
	out = f.with(now, out)[0]
	if !out.LastTransitionTime.After(s.AwaitingSince.Time) {
		return nil
	}
	return &out
}

// deliveredConditions keep the advice that was given with the grant.
func (f *Facts) deliveredConditions(s *v1alpha1.CompensationStatus) []metav1.Condition {
	d := f.Compensation.Spec.Delivery
	message := "the customer has it"
	if d.By != "" {
		message = fmt.Sprintf("%s delivered it", d.By)
	}
	if d.Evidence != "" {
		message += ": " + string(d.Evidence)
	}
	out := []metav1.Condition{f.ready(metav1.ConditionTrue, v1alpha1.DeliveredReason, message)}
	for _, kind := range []string{v1alpha1.CheaperOptionAvailableCondition, v1alpha1.BelowFloorCondition} {
		if c := apimeta.FindStatusCondition(f.Compensation.Status.Conditions, kind); c != nil {
			out = append(out, *c)
		}
	}
	return f.with(s.DeliveredAt.Time, out...)
}

func (f *Facts) ready(status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{
		Type: v1alpha1.ReadyCondition, Status: status, Reason: reason,
		Message: text.Truncate(message, maxMessage), ObservedGeneration: f.Compensation.Generation,
	}
}

// with dates the conditions: one whose status stays keeps the time of its last change.
func (f *Facts) with(at time.Time, conditions ...metav1.Condition) []metav1.Condition {
	return dated(f.Compensation.Status.Conditions, at, conditions...)
}

func dated(was []metav1.Condition, at time.Time, conditions ...metav1.Condition) []metav1.Condition {
	for i := range conditions {
		conditions[i].LastTransitionTime = *instant(at)
		if before := apimeta.FindStatusCondition(was, conditions[i].Type); before != nil && before.Status == conditions[i].Status {
			conditions[i].LastTransitionTime = before.LastTransitionTime
		}
	}
	return conditions
}

// changedAt is the instant at which the request came to its phase.
func changedAt(s *v1alpha1.CompensationStatus) time.Time {
	for _, at := range []*metav1.Time{s.ReleasedAt, s.DeliveredAt, s.DecidedAt, s.OfferedAt, s.AwaitingSince} {
		if at != nil {
			return at.Time
		}
	}
	return time.Time{}
}

// waiting are the conditions of a request that waits for what comes by itself. While
// it waits for the same thing, nothing in them changes.
func waiting(was []metav1.Condition, generation int64, now time.Time, reason, message string) []metav1.Condition {
	out := []metav1.Condition{
		{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse},
		{Type: v1alpha1.ReconcilingCondition, Status: metav1.ConditionTrue},
	}
	for i := range out {
		out[i].Reason, out[i].Message, out[i].ObservedGeneration = reason, text.Truncate(message, maxMessage), generation
	}
	return dated(was, now, out...)
}
