package v1alpha1

// Conditions of a RecoveryBudget, beside Ready and Stalled.
const (
	// NearLimitCondition says that the first threshold of spec.warnAt is reached in the
	// running period.
	NearLimitCondition = "NearLimit"
	// ExhaustedCondition says that nothing is left of the running period's pool.
	ExhaustedCondition = "Exhausted"
	// OverdrawnCondition says that what is owed by contract or law has taken the running
	// period beyond its pool.
	OverdrawnCondition = "Overdrawn"
	// OverCommittedCondition says that more is spent and reserved than the limit, because
	// the limit was lowered; the message says by how much. Nothing is revoked, and
	// nothing more is given.
	OverCommittedCondition = "OverCommitted"
	// ConsistentCondition says whether the sums agree with a recount of the budget's
	// Compensations. A recount only reports; it never changes a sum.
	ConsistentCondition = "Consistent"
)

// Reasons of the conditions of a RecoveryBudget.
const (
	// WithinLimitReason means that the condition is false: the money is within its limit.
	WithinLimitReason = "WithinLimit"
	// ThresholdReachedReason means that a threshold of spec.warnAt is reached.
	ThresholdReachedReason = "ThresholdReached"
	// NothingLeftReason means that the pool of the running period is used up.
	NothingLeftReason = "NothingLeft"
	// OwedBeyondPoolReason means that spent, reserved and owed are together more than the
	// pool.
	OwedBeyondPoolReason = "OwedBeyondPool"
	// LimitLoweredReason means that the limit is below what is spent and reserved.
	LimitLoweredReason = "LimitLowered"
	// RecountAgreesReason means that the sums are those of the Compensations.
	RecountAgreesReason = "RecountAgrees"
	// RecountDiffersReason means that the sums are not those of the Compensations: one was
	// deleted past its finalizer, or a status was written by hand.
	RecountDiffersReason = "RecountDiffers"
)

// Reasons of a Compensation whose money its budget gave back by itself.
const (
	// PeriodClosedReason means that the period in which it counts is closed: it was asked
	// too long ago, or nobody decided or chose while a whole further period passed.
	PeriodClosedReason = "PeriodClosed"
	// MoneyFreedReason means that its money had been given back already when it was looked
	// at anew, after the operator was interrupted.
	MoneyFreedReason = "MoneyFreed"
)

// Reasons of events about a RecoveryBudget, each told once it is written.
const (
	// EventThresholdReached tells that a threshold of spec.warnAt is reached, once a period.
	EventThresholdReached = "ThresholdReached"
	// EventPoolExhausted tells that the pool is used up, or that a request was denied
	// because the pool cannot hold it.
	EventPoolExhausted = "PoolExhausted"
	// EventOverdrawn tells that what is owed has gone beyond the pool.
	EventOverdrawn = "Overdrawn"
	// EventOverCommitted tells that the limit was lowered below what is used.
	EventOverCommitted = "OverCommitted"
	// EventPeriodBegan tells that a new period has begun, with its pool.
	EventPeriodBegan = "PeriodBegan"
	// EventRecountDiffers tells that a recount found other sums than the ledger has.
	EventRecountDiffers = "RecountDiffers"
)
