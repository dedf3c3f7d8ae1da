package v1alpha1

// Finalizers of the operator. Each is taken off by the operator alone.
const (
	// LedgerFinalizer keeps a Compensation while a limit still counts its money or its
	// incident's record needs it: deleting it would forget what was given.
	LedgerFinalizer = "recovery.amends.dev/ledger"
	// MoneyFinalizer keeps an Incident while money for it is asked for, set aside, or
	// granted and not delivered.
	MoneyFinalizer = "recovery.amends.dev/money"
)

// Conditions of a Compensation, beside Ready, Reconciling and Stalled. Ready is true
// once the remedy may be offered or given; Reconciling is true while the request waits
// for something that comes by itself; Stalled is true once it is denied. The two below
// are advice: they are set with the grant, and only while they are true.
const (
	// CheaperOptionAvailableCondition says that a cheaper option of the same purpose stood
	// in the catalogue for the incident's severity.
	CheaperOptionAvailableCondition = "CheaperOptionAvailable"
	// BelowFloorCondition says that what the incident was given is less than the policy
	// finds adequate for its severity.
	BelowFloorCondition = "BelowFloor"
)

// Reasons of Ready and Reconciling while a request waits. Nothing is denied meanwhile.
const (
	// IncidentNotFoundReason means that the incident does not exist yet.
	IncidentNotFoundReason = "IncidentNotFound"
	// PolicyPendingReason means that the incident has no policy yet, or that the revision
	// it is held to cannot be read; the incident's own conditions say why.
	PolicyPendingReason = "PolicyPending"
	// BudgetNotFoundReason means that the budget does not exist yet.
	BudgetNotFoundReason = "BudgetNotFound"
	// BudgetNotReadyReason means that the budget's spec is wrong, and its own condition says
	// what a person must mend there; or that what is owed has no room in the period's sum.
	BudgetNotReadyReason = "BudgetNotReady"
)

// Reasons of Ready once a request was judged and is not denied.
const (
	// AwaitingApprovalReason means that the money is set aside and a person decides; the
	// message says which limit it is above, and who may decide until when.
	AwaitingApprovalReason = "AwaitingApproval"
	// CustomerChoosesReason means that the dearest of several offers is set aside while the
	// customer chooses.
	CustomerChoosesReason = "CustomerChooses"
	// WithinAllowanceReason means granted within every limit of the allowance, with nobody
	// asked.
	WithinAllowanceReason = "WithinAllowance"
	// ApprovedReason means granted by an approver.
	ApprovedReason = "Approved"
	// OwedReason means granted because it is due by contract or law.
	OwedReason = "Owed"
	// DeliveredReason means that the customer has it.
	DeliveredReason = "Delivered"
	// WithdrawnReason means that it was taken back.
	WithdrawnReason = "Withdrawn"
	// DeletedReason means that the request was deleted before it was granted, which takes
	// it back.
	DeletedReason = "Deleted"
)

// Reasons of Ready and Stalled of a request that the limits denied. The message says
// how much is left and what to do.
const (
	// PoolExhaustedReason means that the pool of the period cannot hold it.
	PoolExhaustedReason = "PoolExhausted"
	// TooManyPendingReason means that ten requests of this person await an approval.
	TooManyPendingReason = "TooManyPending"
	// NoApprovalReason means that it is above an allowance, or names none, and the budget
	// has nobody who could approve it.
	NoApprovalReason = "NoApproval"
)

// Reasons of Ready and Stalled of a request that was denied in the course of its
// approval.
const (
	// DeniedByApproverReason means that an approver refused it.
	DeniedByApproverReason = "DeniedByApprover"
	// ApprovalTimedOutReason means that nobody decided in time, and the budget says Deny.
	ApprovalTimedOutReason = "ApprovalTimedOut"
	// ApprovalLevelTooLowReason means that it was approved under a level that the budget
	// does not have, or that may not approve so much.
	ApprovalLevelTooLowReason = "ApprovalLevelTooLow"
	// SelfApprovalReason means that it was decided by who asked for it or typed it.
	SelfApprovalReason = "SelfApproval"
)

// Reasons of Ready and Stalled of a request that asks for what cannot be given.
const (
	// AmountInvalidReason means that an amount has more decimals or digits than the
	// budget's currency allows.
	AmountInvalidReason = "AmountInvalid"
	// AmountZeroReason means an amount of zero where the catalogue gives no cost of zero.
	AmountZeroReason = "AmountZero"
	// AmountMismatchReason means another amount than the catalogue's fixed cost, or more
	// than the catalogue says is owed.
	AmountMismatchReason = "AmountMismatch"
	// CurrencyMismatchReason means another currency than the budget's.
	CurrencyMismatchReason = "CurrencyMismatch"
	// OptionUnknownReason means an option that the policy's catalogue does not have.
	OptionUnknownReason = "OptionUnknown"
	// OptionNotForSeverityReason means an option that is not for the incident's severity.
	OptionNotForSeverityReason = "OptionNotForSeverity"
	// OwedAmongOffersReason means that what is owed was put among several offers to choose
	// from: it is due in any case, and is asked for alone.
	OwedAmongOffersReason = "OwedAmongOffers"
	// AllowanceUnknownReason means an allowance that the budget does not have.
	AllowanceUnknownReason = "AllowanceUnknown"
	// BudgetNotPolicysReason means a budget other than the one of the incident's policy.
	BudgetNotPolicysReason = "BudgetNotPolicys"
	// IncidentEndedReason means that the incident was Closed before it was asked, or is
	// Cancelled, Merged or being deleted.
	IncidentEndedReason = "IncidentEnded"
	// TooManyForIncidentReason means that 50 remedies of the incident were judged already;
	// its record has no place for more.
	TooManyForIncidentReason = "TooManyForIncident"
	// IncidentReplacedReason means that the incident is gone, whether or not another one was
	// created under its name.
	IncidentReplacedReason = "IncidentReplaced"
)

// Reasons of CheaperOptionAvailable and BelowFloor.
const (
	// CheaperOptionReason means that the option which the message names costs less.
	CheaperOptionReason = "CheaperOption"
	// BelowMinimumReason means less than the least of the policy's bounds.
	BelowMinimumReason = "BelowMinimum"
)

// Reasons of events about a Compensation, each told once it is written. They name the
// incident as related; amounts stand in the Compensation's status and in no event.
const (
	// EventRemedyGranted tells that a remedy may be given.
	EventRemedyGranted = "RemedyGranted"
	// EventRemedyOffered tells that the customer may choose.
	EventRemedyOffered = "RemedyOffered"
	// EventRemedyDenied tells that a request is denied, and why.
	EventRemedyDenied = "RemedyDenied"
	// EventApprovalAsked tells that a request waits for a person.
	EventApprovalAsked = "ApprovalAsked"
	// EventApprovalGiven tells that a person approved a request.
	EventApprovalGiven = "ApprovalGiven"
	// EventRemedyDelivered tells that the customer has it.
	EventRemedyDelivered = "RemedyDelivered"
	// EventRemedyReleased tells that a request was taken back.
	EventRemedyReleased = "RemedyReleased"
	// EventDeletionWaits tells that a deleted request stays for now, and until when.
	EventDeletionWaits = "DeletionWaits"
)
