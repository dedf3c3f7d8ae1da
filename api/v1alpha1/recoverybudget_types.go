package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Currency is an ISO 4217 code, for example EUR.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=3
// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
type Currency string

// Period is how long a pool lasts.
//
// +kubebuilder:validation:Enum=Month;Quarter;Year
type Period string

// Basis says what kind of figure a revenue is.
//
// +kubebuilder:validation:Enum=Planned;Actual
type Basis string

// PercentOf makes the pool a share of revenue, rounded down to the currency's
// smallest unit.
type PercentOf struct {
	// amount is the revenue of the pool's own period.
	//
	// +required
	Amount Money `json:"amount,omitempty"`

	// percent is the share of it, for example "0.5".
	//
	// +required
	Percent Percent `json:"percent,omitempty"`

	// basis is Planned or Actual.
	//
	// +required
	Basis Basis `json:"basis,omitempty"`

	// asOf is the day from which the figure is.
	//
	// +required
	AsOf Date `json:"asOf,omitempty"`
}

// Pool is the money of a period.
//
// +kubebuilder:validation:XValidation:rule="has(self.amount) != has(self.percentOf)",message="a pool is an amount or a percentOf revenue: give exactly one of them"
type Pool struct {
	// period is Month, Quarter or Year, which begin in the budget's time zone.
	//
	// +required
	Period Period `json:"period,omitempty"`

	// amount is the money of each period.
	//
	// +optional
	Amount Money `json:"amount,omitempty"`

	// percentOf makes the money a share of revenue.
	//
	// +optional
	PercentOf *PercentOf `json:"percentOf,omitempty"`
}

// CustomerLimit limits what one customer gets in a window.
type CustomerLimit struct {
	// amount is the most.
	//
	// +required
	Amount Money `json:"amount,omitempty"`

	// window is how far back it looks, for example 720h.
	//
	// +required
	Window Duration `json:"window,omitempty"`
}

// Allowance says what a person may give without asking. Who may use it is RBAC:
// the verb spend on recoverybudgets/NAME.
type Allowance struct {
	// name is the allowance's name.
	//
	// +required
	Name Name `json:"name,omitempty"`

	// perIncident is the most for one incident, all its remedies together.
	//
	// +optional
	PerIncident Money `json:"perIncident,omitempty"`

	// perPersonPerDay is the most that one person gives on one local day.
	//
	// +optional
	PerPersonPerDay Money `json:"perPersonPerDay,omitempty"`

	// perCustomer is the most for one customer in a window.
	//
	// +optional
	PerCustomer *CustomerLimit `json:"perCustomer,omitempty"`
}

// OnTimeout says what follows when nobody decides in time.
//
// +kubebuilder:validation:Enum=Escalate;Deny
type OnTimeout string

// ApprovalLevel is who may approve up to an amount. Who that is is RBAC: the verb
// approve on recoverybudgets/NAME.
type ApprovalLevel struct {
	// name is the level's name.
	//
	// +required
	Name Name `json:"name,omitempty"`

	// upTo is the most that it approves for one incident; absent, any amount in the pool.
	//
	// +optional
	UpTo Money `json:"upTo,omitempty"`
}

// Approval says how requests beyond an allowance are decided.
type Approval struct {
	// within is the time in which they are decided.
	//
	// +required
	Within Duration `json:"within,omitempty"`

	// onTimeout is Escalate (the default) or Deny. Nothing is ever approved by a timeout.
	//
	// +optional
	OnTimeout OnTimeout `json:"onTimeout,omitempty"`

	// levels are who may approve, lowest first.
	//
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Levels []ApprovalLevel `json:"levels,omitempty"`
}

// OpeningBalance is what was spent before this object was created.
type OpeningBalance struct {
	// spent is the amount.
	//
	// +required
	Spent Money `json:"spent,omitempty"`

	// asOf is a day of the period that it counts in.
	//
	// +required
	AsOf Date `json:"asOf,omitempty"`
}

// RecoveryBudgetSpec says how much money there is and who may give how much of it.
//
// +kubebuilder:validation:XValidation:rule="has(self.openingBalance) == has(oldSelf.openingBalance)",message="openingBalance is given when the budget is created and stays"
type RecoveryBudgetSpec struct {
	// currency is the ISO 4217 code of every amount. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="currency is immutable: create another budget for another currency"
	Currency Currency `json:"currency,omitempty"`

	// timeZone is the IANA zone in which a day, a month and a year begin. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="timeZone is immutable: days already counted would move"
	TimeZone TimeZone `json:"timeZone,omitempty"`

	// pool is the money of a period.
	//
	// +required
	Pool Pool `json:"pool,omitempty,omitzero"`

	// allowances say what people may give without asking.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Allowances []Allowance `json:"allowances,omitempty"`

	// approval says how requests beyond an allowance are decided.
	//
	// +optional
	Approval *Approval `json:"approval,omitempty"`

	// warnAt are the percentages of the pool at which a warning is told, once a period.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=100
	WarnAt []int32 `json:"warnAt,omitempty"`

	// openingBalance is what was spent in the running period before this object was
	// created, for a restore or a migration. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="openingBalance is immutable"
	OpeningBalance *OpeningBalance `json:"openingBalance,omitempty"`
}

// ChargeState is where the money of a Compensation is.
//
// +kubebuilder:validation:Enum=None;Reserved;Spent;Owed
type ChargeState string

// LedgerEntry is a transition that is written here first and confirmed on its
// Compensation afterwards.
type LedgerEntry struct {
	// uid is the UID of the Compensation.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=36
	UID string `json:"uid,omitempty"`

	// from is where the money was.
	//
	// +required
	From ChargeState `json:"from,omitempty"`

	// to is where it goes.
	//
	// +required
	To ChargeState `json:"to,omitempty"`

	// amount is how much, in the currency's smallest unit.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Amount *int64 `json:"amount,omitempty"`

	// period is the start of the period that it counts in.
	//
	// +required
	Period Date `json:"period,omitempty"`
}

// PeriodTotals are the sums of one period, in the currency's smallest unit.
type PeriodTotals struct {
	// start is the first day of the period.
	//
	// +required
	Start Date `json:"start,omitempty"`

	// limit is the pool.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Limit *int64 `json:"limit,omitempty"`

	// spent is what was granted.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Spent *int64 `json:"spent,omitempty"`

	// reserved is what waits for a decision or a choice.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Reserved *int64 `json:"reserved,omitempty"`

	// owed is what was due by contract or law, outside the limit.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Owed *int64 `json:"owed,omitempty"`

	// closed says that the period is over and nothing in it moves any more.
	//
	// +optional
	Closed bool `json:"closed,omitempty"`
}

// RecoveryBudgetStatus is the ledger's fence and write-ahead log.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf || !has(self.sequence) || self.?sequence.orValue(0) == oldSelf.?sequence.orValue(0) + 1 || self.?sequence.orValue(0) == oldSelf.?sequence.orValue(0)",message="the ledger's sequence advances by one with each write"
// +kubebuilder:validation:XValidation:rule="self.?epoch.orValue(0) >= oldSelf.?epoch.orValue(0)",message="the ledger's epoch never falls"
type RecoveryBudgetStatus struct {
	// conditions tell how the budget stands: Ready, NearLimit, Exhausted, Overdrawn,
	// and Reconciling and Stalled.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status speaks of.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// epoch counts takeovers; a writer that meets a higher one stops.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Epoch int64 `json:"epoch,omitempty"`

	// sequence counts writes of the ledger.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Sequence int64 `json:"sequence,omitempty"`

	// entries are the transitions not confirmed yet.
	//
	// +optional
	// +listType=map
	// +listMapKey=uid
	// +kubebuilder:validation:MaxItems=128
	Entries []LedgerEntry `json:"entries,omitempty"`

	// periods are the sums of the running period and the ones before it.
	//
	// +optional
	// +listType=map
	// +listMapKey=start
	// +kubebuilder:validation:MaxItems=3
	Periods []PeriodTotals `json:"periods,omitempty"`

	// available is what is left of the running period, as a decimal string.
	//
	// +optional
	Available Money `json:"available,omitempty"`
}

// RecoveryBudget is money for recovery: a pool for a period, and allowances that
// say what a person may give without asking.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=rbud,categories=recovery
// +kubebuilder:printcolumn:name="Currency",type=string,JSONPath=`.spec.currency`
// +kubebuilder:printcolumn:name="Period",type=string,JSONPath=`.spec.pool.period`
// +kubebuilder:printcolumn:name="Available",type=string,JSONPath=`.status.available`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || has(self.status)",message="the ledger in status cannot be removed"
type RecoveryBudget struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says how much money there is and who may give how much.
	//
	// +required
	Spec RecoveryBudgetSpec `json:"spec,omitempty,omitzero"`

	// status is the ledger.
	//
	// +optional
	Status RecoveryBudgetStatus `json:"status,omitempty,omitzero"`
}

// RecoveryBudgetList is a list of budgets.
//
// +kubebuilder:object:root=true
type RecoveryBudgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []RecoveryBudget `json:"items"`
}
