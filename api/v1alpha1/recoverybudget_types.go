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
	// period is Month, Quarter or Year, which begin in the budget's time zone. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="period is immutable: money already counted would move to another period"
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
// +kubebuilder:validation:XValidation:rule="!has(self.pool.amount) || self.pool.amount.matches((self.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? '^[0-9]{1,15}$' : self.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? '^[0-9]{1,12}([.][0-9]{1,3})?$' : self.currency in ['CLF', 'UYW'] ? '^[0-9]{1,11}([.][0-9]{1,4})?$' : '^[0-9]{1,13}([.][0-9]{1,2})?$'))",fieldPath=".pool.amount",message="an amount has at most as many decimals as its currency (none for JPY and its like, 3 for KWD and its like, 2 for most), and at most 15 digits with all of them written out"
// +kubebuilder:validation:XValidation:rule="!has(self.pool.percentOf) || self.pool.percentOf.amount.matches((self.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? '^[0-9]{1,15}$' : self.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? '^[0-9]{1,12}([.][0-9]{1,3})?$' : self.currency in ['CLF', 'UYW'] ? '^[0-9]{1,11}([.][0-9]{1,4})?$' : '^[0-9]{1,13}([.][0-9]{1,2})?$'))",fieldPath=".pool.percentOf.amount",message="an amount has at most as many decimals as its currency (none for JPY and its like, 3 for KWD and its like, 2 for most), and at most 15 digits with all of them written out"
// +kubebuilder:validation:XValidation:rule="!has(self.allowances) || self.allowances.all(a, (!has(a.perIncident) || a.perIncident.matches((self.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? '^[0-9]{1,15}$' : self.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? '^[0-9]{1,12}([.][0-9]{1,3})?$' : self.currency in ['CLF', 'UYW'] ? '^[0-9]{1,11}([.][0-9]{1,4})?$' : '^[0-9]{1,13}([.][0-9]{1,2})?$'))) && (!has(a.perPersonPerDay) || a.perPersonPerDay.matches((self.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? '^[0-9]{1,15}$' : self.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? '^[0-9]{1,12}([.][0-9]{1,3})?$' : self.currency in ['CLF', 'UYW'] ? '^[0-9]{1,11}([.][0-9]{1,4})?$' : '^[0-9]{1,13}([.][0-9]{1,2})?$'))) && (!has(a.perCustomer) || a.perCustomer.amount.matches((self.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? '^[0-9]{1,15}$' : self.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? '^[0-9]{1,12}([.][0-9]{1,3})?$' : self.currency in ['CLF', 'UYW'] ? '^[0-9]{1,11}([.][0-9]{1,4})?$' : '^[0-9]{1,13}([.][0-9]{1,2})?$'))))",fieldPath=".allowances",message="an amount has at most as many decimals as its currency (none for JPY and its like, 3 for KWD and its like, 2 for most), and at most 15 digits with all of them written out"
// +kubebuilder:validation:XValidation:rule="!has(self.approval) || self.approval.levels.all(l, !has(l.upTo) || l.upTo.matches((self.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? '^[0-9]{1,15}$' : self.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? '^[0-9]{1,12}([.][0-9]{1,3})?$' : self.currency in ['CLF', 'UYW'] ? '^[0-9]{1,11}([.][0-9]{1,4})?$' : '^[0-9]{1,13}([.][0-9]{1,2})?$')))",fieldPath=".approval.levels",message="an amount has at most as many decimals as its currency (none for JPY and its like, 3 for KWD and its like, 2 for most), and at most 15 digits with all of them written out"
// +kubebuilder:validation:XValidation:rule="!has(self.openingBalance) || self.openingBalance.spent.matches((self.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? '^[0-9]{1,15}$' : self.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? '^[0-9]{1,12}([.][0-9]{1,3})?$' : self.currency in ['CLF', 'UYW'] ? '^[0-9]{1,11}([.][0-9]{1,4})?$' : '^[0-9]{1,13}([.][0-9]{1,2})?$'))",fieldPath=".openingBalance.spent",message="an amount has at most as many decimals as its currency (none for JPY and its like, 3 for KWD and its like, 2 for most), and at most 15 digits with all of them written out"
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

// RecoveryBudget is money for recovery: a pool for a period, and allowances that
// say what a person may give without asking.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=rbud,categories=recovery
// +kubebuilder:printcolumn:name="Currency",type=string,JSONPath=`.spec.currency`
// +kubebuilder:printcolumn:name="Limit",type=string,JSONPath=`.status.limit`
// +kubebuilder:printcolumn:name="Spent",type=string,JSONPath=`.status.spent`
// +kubebuilder:printcolumn:name="Reserved",type=string,JSONPath=`.status.reserved`
// +kubebuilder:printcolumn:name="Available",type=string,JSONPath=`.status.available`
// +kubebuilder:printcolumn:name="Used %",type=integer,JSONPath=`.status.usedPercent`
// +kubebuilder:printcolumn:name="Period",type=string,priority=1,JSONPath=`.status.period`
// +kubebuilder:printcolumn:name="Owed",type=string,priority=1,JSONPath=`.status.owed`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || has(self.status)",message="the ledger in status cannot be removed"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || self.status.?sequence == oldSelf.?status.?sequence || !has(self.status.periods) || self.status.periods.all(p, (has(oldSelf.status) && has(oldSelf.status.periods) && oldSelf.status.periods.exists(o, o.start == p.start && (p.spent <= o.spent || p.spent <= o.spent + (has(oldSelf.status) && has(oldSelf.status.entries) ? oldSelf.status.entries.filter(e, e.to == 'Spent' && e.period == p.start).map(e, e.amount).sum() : 0)) && (p.spent >= o.spent || p.spent >= o.spent - (has(oldSelf.status) && has(oldSelf.status.entries) ? oldSelf.status.entries.filter(e, e.from == 'Spent' && e.period == p.start).map(e, e.amount).sum() : 0)) && (p.reserved <= o.reserved || p.reserved <= o.reserved + (has(oldSelf.status) && has(oldSelf.status.entries) ? oldSelf.status.entries.filter(e, e.to == 'Reserved' && e.period == p.start).map(e, e.amount).sum() : 0)) && (p.reserved >= o.reserved || p.reserved >= o.reserved - (has(oldSelf.status) && has(oldSelf.status.entries) ? oldSelf.status.entries.filter(e, e.from == 'Reserved' && e.period == p.start).map(e, has(e.fromAmount) ? e.fromAmount : e.amount).sum() : 0)) && (p.owed <= o.owed || p.owed <= o.owed + (has(oldSelf.status) && has(oldSelf.status.entries) ? oldSelf.status.entries.filter(e, e.to == 'Owed' && e.period == p.start).map(e, e.amount).sum() : 0)) && (p.owed >= o.owed || p.owed >= o.owed - (has(oldSelf.status) && has(oldSelf.status.entries) ? oldSelf.status.entries.filter(e, e.from == 'Owed' && e.period == p.start).map(e, e.amount).sum() : 0)))) || (!(has(oldSelf.status) && has(oldSelf.status.periods) && oldSelf.status.periods.exists(o, o.start == p.start)) && p.reserved == 0 && p.owed == 0))",fieldPath=".status.periods",message="the sums of a period move only by what stood in entries before: write the entry, confirm it, then fold it"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || self.status.?sequence == oldSelf.?status.?sequence || !(has(oldSelf.status) && has(oldSelf.status.periods)) || oldSelf.status.periods.all(o, (has(self.status.periods) && self.status.periods.exists(p, p.start == o.start)) || (o.spent == 0 && o.reserved == 0 && o.owed == 0) || (has(o.closed) && o.closed && has(self.status.closedThrough) && self.status.closedThrough >= o.start))",fieldPath=".status.periods",message="a period with money in it stays until it is closed, and goes with closedThrough set to its start"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || self.status.?sequence == oldSelf.?status.?sequence || (has(oldSelf.status) && has(oldSelf.status.closedThrough) ? (has(self.status.closedThrough) && self.status.closedThrough >= oldSelf.status.closedThrough) : true) && (!has(self.status.closedThrough) || (has(oldSelf.status) && has(oldSelf.status.closedThrough) && self.status.closedThrough == oldSelf.status.closedThrough) || (has(oldSelf.status) && has(oldSelf.status.periods) && oldSelf.status.periods.exists(o, has(o.closed) && o.closed && o.start == self.status.closedThrough)))",fieldPath=".status.closedThrough",message="closedThrough never goes back, and is the start of a period that was closed"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || self.status.?sequence == oldSelf.?status.?sequence || !has(self.status.periods) || self.status.periods.all(p, (has(oldSelf.status) && has(oldSelf.status.periods) && oldSelf.status.periods.exists(o, o.start == p.start)) || (p.start.endsWith('-01') && (self.spec.pool.period == 'Month' || (self.spec.pool.period == 'Quarter' && p.start.substring(5, 7) in ['01', '04', '07', '10']) || p.start.substring(5, 7) == '01')))",fieldPath=".status.periods",message="a period starts on the first day of a month, quarter or year, as spec.pool.period says"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || self.status.?sequence == oldSelf.?status.?sequence || !has(self.status.periods) || self.status.periods.all(p, (has(oldSelf.status) && has(oldSelf.status.periods) && oldSelf.status.periods.exists(o, o.start == p.start)) || p.spent == (has(self.spec.openingBalance) && (self.spec.pool.period == 'Year' ? self.spec.openingBalance.asOf.substring(0, 4) == p.start.substring(0, 4) : self.spec.pool.period == 'Month' ? self.spec.openingBalance.asOf.substring(0, 7) == p.start.substring(0, 7) : (self.spec.openingBalance.asOf.substring(0, 4) == p.start.substring(0, 4) && (int(self.spec.openingBalance.asOf.substring(5, 7)) - 1) / 3 == (int(p.start.substring(5, 7)) - 1) / 3)) ? [(self.spec.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? 0 : self.spec.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? 3 : self.spec.currency in ['CLF', 'UYW'] ? 4 : 2)].map(d, int(self.spec.openingBalance.spent.split('.')[0] + (self.spec.openingBalance.spent.split('.').size() > 1 ? self.spec.openingBalance.spent.split('.')[1] + '0000' : '0000').substring(0, d)))[0] : 0))",fieldPath=".status.periods",message="a new period begins with nothing spent, or with the opening balance where that falls in it"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || self.status.?sequence == oldSelf.?status.?sequence || !has(self.status.periods) || [(self.spec.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? 0 : self.spec.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? 3 : self.spec.currency in ['CLF', 'UYW'] ? 4 : 2)].map(d, has(self.spec.pool.amount) ? int(self.spec.pool.amount.split('.')[0] + (self.spec.pool.amount.split('.').size() > 1 ? self.spec.pool.amount.split('.')[1] + '0000' : '0000').substring(0, d)) : [int(self.spec.pool.percentOf.amount.split('.')[0] + (self.spec.pool.percentOf.amount.split('.').size() > 1 ? self.spec.pool.percentOf.amount.split('.')[1] + '0000' : '0000').substring(0, d))].map(a, [int(self.spec.pool.percentOf.percent.split('.')[0] + (self.spec.pool.percentOf.percent.split('.').size() > 1 ? self.spec.pool.percentOf.percent.split('.')[1] + '0000' : '0000').substring(0, 4))].map(p, a / 1000000 * p + a % 1000000 * p / 1000000)[0])[0]).all(limit, self.status.periods.all(p, p.limit == limit || (has(oldSelf.status) && has(oldSelf.status.periods) && oldSelf.status.periods.exists(o, o.start == p.start && o.limit == p.limit))))",fieldPath=".status.periods",message="the limit of a period is what spec.pool gives, in the currency's smallest unit"
// +kubebuilder:validation:XValidation:rule="!has(self.status) || self.status.?sequence == oldSelf.?status.?sequence || !has(self.status.periods) || [(self.spec.currency in ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'] ? 0 : self.spec.currency in ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'] ? 3 : self.spec.currency in ['CLF', 'UYW'] ? 4 : 2)].map(d, has(self.spec.pool.amount) ? int(self.spec.pool.amount.split('.')[0] + (self.spec.pool.amount.split('.').size() > 1 ? self.spec.pool.amount.split('.')[1] + '0000' : '0000').substring(0, d)) : [int(self.spec.pool.percentOf.amount.split('.')[0] + (self.spec.pool.percentOf.amount.split('.').size() > 1 ? self.spec.pool.percentOf.amount.split('.')[1] + '0000' : '0000').substring(0, d))].map(a, [int(self.spec.pool.percentOf.percent.split('.')[0] + (self.spec.pool.percentOf.percent.split('.').size() > 1 ? self.spec.pool.percentOf.percent.split('.')[1] + '0000' : '0000').substring(0, 4))].map(p, a / 1000000 * p + a % 1000000 * p / 1000000)[0])[0]).all(limit, self.status.periods.all(p, [p.spent + p.reserved + (has(self.status.entries) ? self.status.entries.filter(e, e.from == 'None' && e.to != 'Owed' && e.period == p.start).map(e, e.amount).sum() : 0)].all(used, (used <= limit && used <= p.limit) || used <= ((has(oldSelf.status) && has(oldSelf.status.periods) && oldSelf.status.periods.exists(o, o.start == p.start)) ? oldSelf.status.periods.filter(o, o.start == p.start).map(o, o.spent + o.reserved).sum() + (has(oldSelf.status) && has(oldSelf.status.entries) ? oldSelf.status.entries.filter(e, e.period == p.start && e.from == 'None' && e.to != 'Owed').map(e, e.amount).sum() : 0) : p.spent))))",fieldPath=".status.periods",message="the pool is exhausted: what is spent, reserved and in flight would be more than the limit of the period"
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
