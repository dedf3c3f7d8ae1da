package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ChargeState is where the money of a Compensation is.
//
// +kubebuilder:validation:Enum=None;Reserved;Spent;Owed
type ChargeState string

const (
	// ChargeNone means that no money is set aside.
	ChargeNone ChargeState = "None"
	// ChargeReserved means that it waits for a decision or a choice.
	ChargeReserved ChargeState = "Reserved"
	// ChargeSpent means that it was granted.
	ChargeSpent ChargeState = "Spent"
	// ChargeOwed means that it is due by contract or law, outside the pool.
	ChargeOwed ChargeState = "Owed"
)

// LedgerEntry is a transition of one Compensation's money that is written here
// first and confirmed on the Compensation afterwards. Until then it stands beside
// the sums of its period; what it takes from the pool counts at once, what it gives
// back counts only once it is folded:
//
//	None → Reserved, None → Spent    amount counts as used from here on
//	Reserved → Spent, Owed           moves; fromAmount - amount is free once folded
//	Reserved → Reserved              a smaller reservation: fromAmount becomes amount
//	Reserved → None, Spent → None    amount is free once folded
//	None → Owed, Owed → None         outside the pool
//
// Folding takes the entry out and, in the same write, moves the sums: amount out of
// from (fromAmount, where that is given) and amount into to. Of an entry that came to
// nothing, because its Compensation was withdrawn or deleted meanwhile, what leaves
// from arrives nowhere.
//
// +kubebuilder:validation:XValidation:rule="self.from == 'None' ? self.to != 'None' : self.from == 'Reserved' ? (self.to != 'Reserved' || (has(self.fromAmount) && self.fromAmount > self.amount)) : self.to == 'None'",message="money goes from None to Reserved, Spent or Owed; from Reserved to Spent, Owed, None or a smaller reservation; from Spent or Owed only back to None"
// +kubebuilder:validation:XValidation:rule="!has(self.fromAmount) || (self.from == 'Reserved' && self.to != 'None' && self.fromAmount >= self.amount)",message="fromAmount is what a reservation was, at least amount; it goes with from Reserved and another to than None"
// +kubebuilder:validation:XValidation:rule="self == oldSelf || (self.period == oldSelf.period && (self.from == oldSelf.to || (self.from == oldSelf.from && self.to == 'None')))",message="an entry in flight is not edited: it stays, is taken out, is followed by one that starts where it went, or gives way to one that frees the money"
type LedgerEntry struct {
	// uid is the UID of the Compensation; there is one entry of it at a time. Of what was
	// set aside for Compensations that are gone, it is nobody- and the start of the period.
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

	// amount is how much arrives in to, or with to None how much leaves from, in the
	// currency's smallest unit.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Amount *int64 `json:"amount,omitempty"`

	// fromAmount is how much leaves Reserved where less arrives, for example the dearest
	// of several offers when a cheaper one was chosen. Absent, it is amount.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	FromAmount *int64 `json:"fromAmount,omitempty"`

	// period is the start of the period that it counts in, one of status.periods that
	// is not closed.
	//
	// +required
	Period Date `json:"period,omitempty"`
}

// PeriodTotals are the sums of one period, in the currency's smallest unit. They
// move only by what stood in entries before; a new period begins with zero, or with
// the opening balance where that falls in it.
//
// +kubebuilder:validation:XValidation:rule="!(has(oldSelf.closed) && oldSelf.closed) || (has(self.closed) && self.closed && self.spent == oldSelf.spent && self.reserved == oldSelf.reserved && self.owed == oldSelf.owed)",message="the period is closed: nothing in it moves any more"
// +kubebuilder:validation:XValidation:rule="!(has(self.closed) && self.closed) || self.reserved == 0",message="a period is closed once nothing is reserved in it"
type PeriodTotals struct {
	// start is the first day of the period.
	//
	// +required
	Start Date `json:"start,omitempty"`

	// limit is the pool of the period, as spec had it when the period or its limit was
	// last written. What counts is the smaller one of it and what spec says now.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Limit *int64 `json:"limit,omitempty"`

	// spent is what was granted and confirmed.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Spent *int64 `json:"spent,omitempty"`

	// reserved is what waits for a decision or a choice, confirmed.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Reserved *int64 `json:"reserved,omitempty"`

	// owed is what was due by contract or law, confirmed; it is outside the limit.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=9000000000000000
	Owed *int64 `json:"owed,omitempty"`

	// closed says that the period is over and nothing in it moves any more. A period
	// with money in it is closed in one write and may be taken out in a later one.
	//
	// +optional
	Closed bool `json:"closed,omitempty"`
}

// RecoveryBudgetStatus is the ledger's fence and write-ahead log. The API server
// holds it to its rules: one writer at a time, each write one step on, no sum that
// moves without an entry, and never more used in a period than its limit. Used are
// spent, reserved, and the entries from None to Reserved or Spent.
//
// +kubebuilder:validation:XValidation:rule="(oldSelf.hasValue() && self == oldSelf.value()) || self.?sequence.orValue(0) == oldSelf.?sequence.orValue(0) + 1",optionalOldSelf=true,message="each write of the ledger raises sequence by one; this one was made from an older state: read it again"
// +kubebuilder:validation:XValidation:rule="self.?epoch.orValue(0) == oldSelf.?epoch.orValue(0) || self.?epoch.orValue(0) == oldSelf.?epoch.orValue(0) + 1",optionalOldSelf=true,message="the ledger's epoch never falls, and rises by one: another writer has taken over"
// +kubebuilder:validation:XValidation:rule="!has(self.entries) || self.entries.size() == (has(self.periods) ? self.periods.filter(p, !(has(p.closed) && p.closed)).map(p, p.start).map(start, self.entries.filter(e, e.period == start).size()).sum() : 0)",message="an entry counts in a period that is listed and not closed"
// +kubebuilder:validation:XValidation:rule="!has(self.periods) || !has(self.entries) || self.entries.all(e, e.from == 'None') || self.periods.all(p, self.entries.filter(e, e.from == 'Reserved' && e.period == p.start).map(e, has(e.fromAmount) ? e.fromAmount : e.amount).sum() <= p.reserved && self.entries.filter(e, e.from == 'Spent' && e.period == p.start).map(e, e.amount).sum() <= p.spent && self.entries.filter(e, e.from == 'Owed' && e.period == p.start).map(e, e.amount).sum() <= p.owed)",message="entries take more out of a period than is reserved, spent or owed in it"
// +kubebuilder:validation:XValidation:rule="!has(self.periods) || !has(self.closedThrough) || self.periods.all(p, p.start > self.closedThrough)",message="a period at or before closedThrough is over and does not come back"
type RecoveryBudgetStatus struct {
	// conditions tell how the budget stands: Ready, NearLimit, Exhausted, Overdrawn,
	// OverCommitted, Consistent, and Reconciling and Stalled.
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

	// epoch counts takeovers; a writer that meets a higher one stops. It never falls.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Epoch int64 `json:"epoch,omitempty"`

	// sequence counts writes of this status: each one that changes anything, conditions
	// too, is one higher than the last.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Sequence int64 `json:"sequence,omitempty"`

	// entries are the transitions not confirmed yet, at most 128, in the order of their
	// uid.
	//
	// +optional
	// +listType=map
	// +listMapKey=uid
	// +kubebuilder:validation:MaxItems=128
	// +kubebuilder:validation:XValidation:rule="self.all(i, e, i == 0 || self[i - 1].uid < e.uid)",message="entries stand in the order of their uid, each uid once"
	Entries []LedgerEntry `json:"entries,omitempty"`

	// periods are the sums of the running period and the ones before it, at most three,
	// oldest first.
	//
	// +optional
	// +listType=map
	// +listMapKey=start
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:XValidation:rule="self.all(i, p, i == 0 || self[i - 1].start < p.start)",message="periods stand in the order of their start, each start once"
	Periods []PeriodTotals `json:"periods,omitempty"`

	// closedThrough is the start of the last period that was closed and taken out; no
	// period at or before it comes back.
	//
	// +optional
	ClosedThrough Date `json:"closedThrough,omitempty"`

	// period is the first day of the running period, which the figures below are of.
	//
	// +optional
	Period Date `json:"period,omitempty"`

	// limit is the pool of the running period, as a decimal string.
	//
	// +optional
	Limit Money `json:"limit,omitempty"`

	// spent is what was granted in the running period, in flight included, as a decimal
	// string.
	//
	// +optional
	Spent Money `json:"spent,omitempty"`

	// reserved is what waits in the running period for a decision or a choice, in flight
	// included, as a decimal string.
	//
	// +optional
	Reserved Money `json:"reserved,omitempty"`

	// owed is what was given in the running period because it is due by contract or law,
	// outside the pool, as a decimal string.
	//
	// +optional
	Owed Money `json:"owed,omitempty"`

	// available is what is left of the running period, as a decimal string.
	//
	// +optional
	Available Money `json:"available,omitempty"`

	// usedPercent is how much of the limit is spent and reserved, in whole percent,
	// rounded down.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	UsedPercent *int64 `json:"usedPercent,omitempty"`

	// warned are the thresholds of spec.warnAt that were told in the running period.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Warned []int32 `json:"warned,omitempty"`
}
