// Package condition makes the conditions that every kind has, in the way that
// kubectl wait and GitOps tools read them: Ready says that the spec is accepted;
// Reconciling and Stalled are there only while they are true.
package condition

import (
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/text"
)

// maxMessage bounds a message, in bytes.
const maxMessage = 4096

// Ready is the conditions of an object that is accepted. A condition whose status
// stays keeps the time of its last transition.
func Ready(was []metav1.Condition, generation int64, now time.Time, message string) []metav1.Condition {
	return with(was, now, metav1.Condition{
		Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.AcceptedReason,
		Message: message, ObservedGeneration: generation,
	})
}

// Stalled is the conditions of an object that a person must mend.
func Stalled(was []metav1.Condition, generation int64, now time.Time, reason, message string) []metav1.Condition {
	return broken(was, generation, now, v1alpha1.StalledCondition, reason, message)
}

// Reconciling is the conditions of an object that waits for what comes by itself.
func Reconciling(was []metav1.Condition, generation int64, now time.Time, reason, message string) []metav1.Condition {
	return broken(was, generation, now, v1alpha1.ReconcilingCondition, reason, message)
}

func broken(was []metav1.Condition, generation int64, now time.Time, abnormal, reason, message string) []metav1.Condition {
	message = text.Truncate(message, maxMessage)
	return with(was, now,
		metav1.Condition{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: reason, Message: message, ObservedGeneration: generation},
		metav1.Condition{Type: abnormal, Status: metav1.ConditionTrue, Reason: reason, Message: message, ObservedGeneration: generation},
	)
}

// with gives each condition the time of its last transition.
func with(was []metav1.Condition, now time.Time, conditions ...metav1.Condition) []metav1.Condition {
	for i := range conditions {
		conditions[i].LastTransitionTime = metav1.NewTime(now.UTC().Truncate(time.Second))
		if before := apimeta.FindStatusCondition(was, conditions[i].Type); before != nil && before.Status == conditions[i].Status {
			conditions[i].LastTransitionTime = before.LastTransitionTime
		}
	}
	return conditions
}

// NewlyStalled is the message of a Stalled condition that says something new.
func NewlyStalled(was, is []metav1.Condition) (string, bool) {
	after := apimeta.FindStatusCondition(is, v1alpha1.StalledCondition)
	if after == nil {
		return "", false
	}
	before := apimeta.FindStatusCondition(was, v1alpha1.StalledCondition)
	return after.Message, before == nil || before.Message != after.Message
}
