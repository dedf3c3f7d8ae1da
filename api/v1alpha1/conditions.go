package v1alpha1

// Conditions that every kind has. Ready says that the operator has accepted the
// object and acts on it; Reconciling and Stalled are true only while something is
// under way, or wrong until a person mends it (the kstatus convention).
const (
	// ReadyCondition says that the object is accepted and in force.
	ReadyCondition = "Ready"
	// ReconcilingCondition is true while the operator waits for something that comes by
	// itself; otherwise it is absent.
	ReconcilingCondition = "Reconciling"
	// StalledCondition is true while a person must mend something; otherwise it is absent.
	StalledCondition = "Stalled"
)

// Reasons of Ready, Reconciling and Stalled.
const (
	// AcceptedReason means the object is in force.
	AcceptedReason = "Accepted"
	// InvalidSpecReason means the spec is wrong; the message lists each field with what
	// is allowed.
	InvalidSpecReason = "InvalidSpec"
	// UnknownTimeZoneReason means the time zone is none of the IANA database.
	UnknownTimeZoneReason = "UnknownTimeZone"
	// CalendarExhaustedReason means a calendar has no opening within 400 days, so that
	// what counts on it would never be due.
	CalendarExhaustedReason = "CalendarExhausted"
	// CalendarNotFoundReason means a policy names a calendar that is not there (yet).
	CalendarNotFoundReason = "CalendarNotFound"
	// CalendarNotReadyReason means a policy names a calendar that is Stalled.
	CalendarNotReadyReason = "CalendarNotReady"
)

// Conditions of an Incident.
const (
	// PolicyBoundCondition says that a policy was found and a revision of it is pinned.
	PolicyBoundCondition = "PolicyBound"
	// OnTrackCondition says that nothing is late now.
	OnTrackCondition = "OnTrack"
	// HeldCondition says that a hold pauses something.
	HeldCondition = "Held"
	// NextContactScheduledCondition says that the customer is to hear from us by a known
	// instant.
	NextContactScheduledCondition = "NextContactScheduled"
	// PromisesKeptCondition says that no promise was broken.
	PromisesKeptCondition = "PromisesKept"
	// ApprovalPendingCondition says that a remedy waits for an approval.
	ApprovalPendingCondition = "ApprovalPending"
	// RemedyDeliveredCondition says that every granted remedy was delivered.
	RemedyDeliveredCondition = "RemedyDelivered"
	// CustomerAcceptedCondition says that the customer accepted the resolution.
	CustomerAcceptedCondition = "CustomerAccepted"
	// DocumentedCondition says that every documentation step is settled and a finding is
	// recorded.
	DocumentedCondition = "Documented"
	// EndedWellCondition says that after the last resolution a person's closing contact
	// reached the customer, and nothing was broken or left unanswered since.
	EndedWellCondition = "EndedWell"
	// ResolvedCondition says that the resolution is settled.
	ResolvedCondition = "Resolved"
	// ClosedCondition says that nothing remains to be done.
	ClosedCondition = "Closed"
	// JournalAcceptedCondition says that every entry counts, or names those that do not
	// and why.
	JournalAcceptedCondition = "JournalAccepted"
	// JournalNearlyFullCondition is true once the journal has 80 entries of its 100;
	// otherwise it is absent.
	JournalNearlyFullCondition = "JournalNearlyFull"
)

// Reasons of PolicyBound, and of Reconciling and Stalled where a policy is missing.
const (
	// BoundReason means a revision is pinned.
	BoundReason = "Bound"
	// PolicyNotFoundReason means the policy that the incident names does not exist yet.
	// The clocks run from the report all the same, and count once it exists.
	PolicyNotFoundReason = "PolicyNotFound"
	// NoPolicyMatchesReason means no policy's selector holds for the incident.
	NoPolicyMatchesReason = "NoPolicyMatches"
	// PolicyTieReason means two policies of the same priority hold; the message names them.
	PolicyTieReason = "PolicyTie"
	// PolicyNotReadyReason means the policy is Stalled, or its revision is not written yet.
	PolicyNotReadyReason = "PolicyNotReady"
	// RevisionMissingReason means the pinned revision was deleted; what was written stands.
	RevisionMissingReason = "RevisionMissing"
	// RevisionUnreadableReason means the pinned revision cannot be read by this version.
	RevisionUnreadableReason = "RevisionUnreadable"
)

// Reasons of OnTrack.
const (
	// NothingLateReason means nothing is or was late.
	NothingLateReason = "NothingLate"
	// AtRiskReason means nothing is late and the resolution will be; the message says since
	// when that is clear, and why.
	AtRiskReason = "AtRisk"
	// OverdueReason means a running clock is past its due instant; the message names it.
	OverdueReason = "Overdue"
	// MissedReason means something was late before; nothing is now.
	MissedReason = "Missed"
)

// Reasons of Resolved, Closed, Documented and CustomerAccepted.
const (
	// StepsOpenReason means steps are not settled; the message names them.
	StepsOpenReason = "StepsOpen"
	// StepsSettledReason means the steps that it depends on are settled.
	StepsSettledReason = "StepsSettled"
	// CancelledReason means the incident was cancelled.
	CancelledReason = "Cancelled"
	// MergedReason means the incident was merged; the message names where.
	MergedReason = "Merged"
	// FindingMissingReason means the documentation is settled without a finding.
	FindingMissingReason = "FindingMissing"
	// AcceptedByCustomerReason means the last completion of a resolution says that the
	// customer accepted.
	AcceptedByCustomerReason = "AcceptedByCustomer"
	// NotAcceptedYetReason means the customer has not accepted so far.
	NotAcceptedYetReason = "NotAcceptedYet"
)

// Reasons of Held, NextContactScheduled, PromisesKept and EndedWell.
const (
	// HoldLastsReason means a hold lasts; the message names it.
	HoldLastsReason = "HoldLasts"
	// NothingHeldReason means no hold lasts any more.
	NothingHeldReason = "NothingHeld"
	// ContactDueReason means the customer is to hear from us by a known instant.
	ContactDueReason = "ContactDue"
	// NoContactDueReason means no clock says when the customer hears from us next; give
	// the policy updates, or make the customer a promise.
	NoContactDueReason = "NoContactDue"
	// NoneBrokenReason means no promise was broken.
	NoneBrokenReason = "NoneBroken"
	// PromiseBrokenReason means a promise was broken; the message says how many.
	PromiseBrokenReason = "PromiseBroken"
	// GoodEndReason means a person reached the customer after the resolution, and nothing
	// was broken or left unanswered since.
	GoodEndReason = "GoodEnd"
	// NoGoodEndReason means it did not end so; the message says what was missing.
	NoGoodEndReason = "NoGoodEnd"
	// OutcomeUnprovenReason means a claim that a promise was kept lacks a contact that
	// reached the customer, or evidence.
	OutcomeUnprovenReason = "OutcomeUnproven"
)

// Reasons of ApprovalPending and RemedyDelivered, beside AwaitingApproval.
const (
	// NothingPendingReason means that no decision on a remedy is waited for any more.
	NothingPendingReason = "NothingPending"
	// DeliveryPendingReason means that a remedy was granted and the customer does not have
	// it yet.
	DeliveryPendingReason = "DeliveryPending"
	// AllDeliveredReason means that every remedy that was granted was delivered or taken
	// back.
	AllDeliveredReason = "AllDelivered"
)

// Reasons of JournalAccepted and JournalNearlyFull.
const (
	// AllEntriesCountReason means every entry counts.
	AllEntriesCountReason = "AllEntriesCount"
	// EntriesRefusedReason means some entries count for nothing; the message lists each
	// with what is allowed.
	EntriesRefusedReason = "EntriesRefused"
	// DemandsUnmetReason means a completion does not count yet, because something that
	// its step demands is missing; the message says what.
	DemandsUnmetReason = "DemandsUnmet"
	// HeaderRefusedReason means a field of the header counts for nothing, for example an
	// occurredAt after the report.
	HeaderRefusedReason = "HeaderRefused"
	// ExpressionFailedReason means a CEL expression of the policy failed and counted as
	// false.
	ExpressionFailedReason = "ExpressionFailed"
	// EightyEntriesReason means few places are left in the journal.
	EightyEntriesReason = "EightyEntries"
)

// Reasons of a clock.
const (
	// ClockCompletedReason means a completion settled it.
	ClockCompletedReason = "Completed"
	// ClockSkippedReason means a skip entry settled it.
	ClockSkippedReason = "Skipped"
	// ClockOutOfOrderReason means it was settled before its turn.
	ClockOutOfOrderReason = "OutOfOrder"
	// ClockIncidentEndedReason means the incident was cancelled or merged before.
	ClockIncidentEndedReason = "IncidentEnded"
	// ClockReopenedReason means a reopening ended the round in which it ran.
	ClockReopenedReason = "Reopened"
	// ClockRetargetedReason means a change of the severity moved its due instant.
	ClockRetargetedReason = "Retargeted"
	// ClockRetargetedPastDueReason means a change of the severity moved its due instant
	// into the past; the breach is dated at the change.
	ClockRetargetedPastDueReason = "RetargetedPastDue"
	// ClockHeldReason means a hold pauses it.
	ClockHeldReason = "Held"
	// ClockResumedReason means a hold paused it, and it counts again.
	ClockResumedReason = "Resumed"
	// ClockMovedToContactHoursReason means its due instant lay outside the customer's own
	// hours and was moved to their next opening and the policy's grace.
	ClockMovedToContactHoursReason = "MovedToContactHours"
	// ClockSlotChosenReason means the customer chose the slot that it is due at.
	ClockSlotChosenReason = "SlotChosen"
	// ClockSupersededReason means another promise, or assignment, took its place.
	ClockSupersededReason = "Superseded"
	// ClockReleasedReason means that it is no longer wanted.
	ClockReleasedReason = "Released"
	// ClockDeclinedReason means that who was asked will not do it.
	ClockDeclinedReason = "Declined"
	// ClockTimedOutReason means that nobody decided in time, and the budget says Deny.
	ClockTimedOutReason = "TimedOut"
	// ClockKeptReason means the promise was kept.
	ClockKeptReason = "Kept"
	// ClockBrokenReason means somebody recorded that the promise was not kept.
	ClockBrokenReason = "Broken"
	// ClockResolvedReason means the resolution of the incident ended it.
	ClockResolvedReason = "Resolved"
	// ClockRolledOutReason means an edit of the policy, rolled out to open incidents, moved
	// its due instant or ended it.
	ClockRolledOutReason = "RolledOut"
	// ClockRolledOutPastDueReason means such an edit moved its due instant into the past;
	// the breach is dated at the edit.
	ClockRolledOutPastDueReason = "RolledOutPastDue"
	// ClockCalendarExhaustedReason means its calendar has no opening within 400 days, so
	// that no due instant can be told.
	ClockCalendarExhaustedReason = "CalendarExhausted"
)

// Reasons of events about an Incident.
const (
	// EventPolicyBound tells that a policy's revision was pinned.
	EventPolicyBound = "PolicyBound"
	// EventPolicyProblem tells that no policy can be bound, and why.
	EventPolicyProblem = "PolicyProblem"
	// EventStepStarted tells that a step runs.
	EventStepStarted = "StepStarted"
	// EventStepDone tells that a step was completed.
	EventStepDone = "StepDone"
	// EventStepSkipped tells that a step was skipped.
	EventStepSkipped = "StepSkipped"
	// EventClockStarted tells that something beside a step is owed from now on.
	EventClockStarted = "ClockStarted"
	// EventClockDone tells that something beside a step was done.
	EventClockDone = "ClockDone"
	// EventPromiseBroken tells that a promise to the customer was not kept.
	EventPromiseBroken = "PromiseBroken"
	// EventEscalated tells that an escalation level is told; the message names whom.
	EventEscalated = "Escalated"
	// EventDeadlineNear tells that a warning threshold was reached.
	EventDeadlineNear = "DeadlineNear"
	// EventDeadlineBreached tells that a due instant passed.
	EventDeadlineBreached = "DeadlineBreached"
	// EventEntryRefused tells that a journal entry counts for nothing, and why.
	EventEntryRefused = "EntryRefused"
	// EventDemandUnmet tells that a completion does not count yet, and what is missing.
	EventDemandUnmet = "DemandUnmet"
	// EventResolved tells that the incident is resolved.
	EventResolved = "Resolved"
	// EventClosed tells that the incident is closed.
	EventClosed = "Closed"
	// EventReopened tells that another round began.
	EventReopened = "Reopened"
	// EventCancelled tells that the incident was cancelled.
	EventCancelled = "Cancelled"
	// EventMerged tells that the incident was merged.
	EventMerged = "Merged"
	// EventRetargeted tells that the severity changed.
	EventRetargeted = "Retargeted"
	// EventExpressionFailed tells that a CEL expression of the policy failed.
	EventExpressionFailed = "ExpressionFailed"
)

// Reasons of events about a RecoveryPolicy or a BusinessCalendar.
const (
	// EventSpecInvalid tells that the spec is wrong; the message lists what.
	EventSpecInvalid = "SpecInvalid"
	// EventRevisionCreated tells that a new revision was written.
	EventRevisionCreated = "RevisionCreated"
)

// PolicyLabel is the label of a ControllerRevision that holds the name of the
// policy that it is a revision of.
const PolicyLabel = "recovery.amends.dev/policy"
