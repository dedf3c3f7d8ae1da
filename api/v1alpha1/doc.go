// Package v1alpha1 is the contract of Amends: the five kinds of the group
// recovery.amends.dev, their bounds and validation rules, and every condition
// type and reason that the operator sets. It holds no behaviour.
//
// An Incident records one service failure and what was done about it; a
// RecoveryPolicy says what is owed and by when; a BusinessCalendar says when
// time counts; a RecoveryBudget holds the money; a Compensation is one remedy.
//
// +kubebuilder:object:generate=true
// +groupName=recovery.amends.dev
package v1alpha1
