package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Phase is where an incident stands.
//
// +kubebuilder:validation:Enum=Open;Resolved;Closed;Cancelled;Merged
type Phase string

const (
	// PhaseOpen means recovery is under way.
	PhaseOpen Phase = "Open"
	// PhaseResolved means the resolution is settled and something remains to be done.
	PhaseResolved Phase = "Resolved"
	// PhaseClosed means nothing remains to be done.
	PhaseClosed Phase = "Closed"
	// PhaseCancelled means the incident was none.
	PhaseCancelled Phase = "Cancelled"
	// PhaseMerged means another incident carries on with the recovery.
	PhaseMerged Phase = "Merged"
)

// SLA is how the incident stands against what is owed.
//
// +kubebuilder:validation:Enum=OnTrack;AtRisk;Overdue;Missed;Met
type SLA string

const (
	// SLAOnTrack means nothing is or was late.
	SLAOnTrack SLA = "OnTrack"
	// SLAAtRisk means nothing is late yet, and something will be.
	SLAAtRisk SLA = "AtRisk"
	// SLAOverdue means a running clock is past its due instant.
	SLAOverdue SLA = "Overdue"
	// SLAMissed means something was late before and nothing is now.
	SLAMissed SLA = "Missed"
	// SLAMet means the incident has ended and nothing was ever late.
	SLAMet SLA = "Met"
)

// ClockKind says what a clock measures.
//
// +kubebuilder:validation:Enum=Step;Response;Update;Promise;Task;Assignment;Acceptance;Resolution;Approval;Delivery
type ClockKind string

const (
	// ClockStep measures a step of the policy.
	ClockStep ClockKind = "Step"
	// ClockResponse measures our answer to a contact from the customer.
	ClockResponse ClockKind = "Response"
	// ClockUpdate measures the silence that the customer hears.
	ClockUpdate ClockKind = "Update"
	// ClockPromise measures what was said to the customer.
	ClockPromise ClockKind = "Promise"
	// ClockTask measures what colleagues owe each other.
	ClockTask ClockKind = "Task"
	// ClockAssignment measures the time until somebody has the incident.
	ClockAssignment ClockKind = "Assignment"
	// ClockAcceptance measures the time until the owner has taken it on.
	ClockAcceptance ClockKind = "Acceptance"
	// ClockResolution measures the time to resolution, across reopenings.
	ClockResolution ClockKind = "Resolution"
	// ClockApproval measures our own approval of a remedy.
	ClockApproval ClockKind = "Approval"
	// ClockDelivery measures the delivery of a granted remedy.
	ClockDelivery ClockKind = "Delivery"
)

// ClockState says whether a clock counts.
//
// +kubebuilder:validation:Enum=Waiting;Running;Paused;Done;Cancelled
type ClockState string

const (
	// StateWaiting means it has not started; waiting clocks are not listed.
	StateWaiting ClockState = "Waiting"
	// StateRunning means it counts.
	StateRunning ClockState = "Running"
	// StatePaused means a hold has stopped it.
	StatePaused ClockState = "Paused"
	// StateDone means that what it waits for has come.
	StateDone ClockState = "Done"
	// StateCancelled means it is no longer owed.
	StateCancelled ClockState = "Cancelled"
)

// Clock is one thing that the operator holds in time. Late is not a state: a
// clock can be Running and breached, or Done and breached.
type Clock struct {
	// name names the clock in this incident: the kind, a slash and what it measures,
	// for example Step/apologise. One of the second round has #2 behind it; a step that
	// was put back to Running in the same round has ~2.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// kind says what it measures.
	//
	// +required
	Kind ClockKind `json:"kind,omitempty"`

	// type is the type of the step, for a Step clock.
	//
	// +optional
	Type StepType `json:"type,omitempty"`

	// round is the round of the incident in which it started; absent in the first.
	//
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=10
	Round int32 `json:"round,omitempty"`

	// state is Running, Paused, Done or Cancelled.
	//
	// +required
	State ClockState `json:"state,omitempty"`

	// startedAt is when it started to count.
	//
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// targetAt is the aim that would exceed expectations; missing it is no breach.
	//
	// +optional
	TargetAt *metav1.Time `json:"targetAt,omitempty"`

	// dueAt is the commitment; missing it is a breach. Empty while it is paused.
	//
	// +optional
	DueAt *metav1.Time `json:"dueAt,omitempty"`

	// originalDueAt is the first commitment, where dueAt was moved.
	//
	// +optional
	OriginalDueAt *metav1.Time `json:"originalDueAt,omitempty"`

	// reason says in one word why the clock stands as it does, for example Completed,
	// Skipped, OutOfOrder or RetargetedPastDue.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Z][A-Za-z0-9]*$`
	Reason string `json:"reason,omitempty"`

	// doneAt is when what it waits for was recorded.
	//
	// +optional
	DoneAt *metav1.Time `json:"doneAt,omitempty"`

	// breachedAt is the due instant that passed, never the time at which it was noticed.
	//
	// +optional
	BreachedAt *metav1.Time `json:"breachedAt,omitempty"`

	// observedAt is when the operator noticed the breach.
	//
	// +optional
	ObservedAt *metav1.MicroTime `json:"observedAt,omitempty"`

	// disputedBy is the entry that was first seen after the breach was written, and
	// claims to be older than the due instant. The breach stands.
	//
	// +optional
	DisputedBy Name `json:"disputedBy,omitempty"`
}

// Pin is a revision of a policy, with its calendars, that holds for the incident
// from an instant on.
type Pin struct {
	// revision is the name of the ControllerRevision.
	//
	// +required
	Revision ObjectName `json:"revision,omitempty"`

	// at is from when on the revision holds.
	//
	// +required
	At metav1.Time `json:"at,omitempty,omitzero"`
}

// RecordedSource says where the time of a fact comes from.
//
// +kubebuilder:validation:Enum=Entry;ManagedFields;Observed
type RecordedSource string

const (
	// SourceEntry is the entry's own recordedAt.
	SourceEntry RecordedSource = "Entry"
	// SourceManagedFields is the earliest time of a field manager that owns the entry.
	SourceManagedFields RecordedSource = "ManagedFields"
	// SourceObserved is when the operator first saw it.
	SourceObserved RecordedSource = "Observed"
)

// Recorded is the accepted time of a fact that does not carry its own.
type Recorded struct {
	// key is journal/ID for an entry, and compensation/UID/PHASE for a Compensation.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// at is the accepted time.
	//
	// +required
	At metav1.Time `json:"at,omitempty,omitzero"`

	// source says where the time comes from.
	//
	// +required
	Source RecordedSource `json:"source,omitempty"`

	// observedAt is when the operator first saw the fact, where that differs from at.
	//
	// +optional
	ObservedAt *metav1.MicroTime `json:"observedAt,omitempty"`
}

// Announced is something that was told once and stays told: a warning, a breach,
// an escalation level.
type Announced struct {
	// key is the kind of notice and the clock, for example Breach/Step/apologise or
	// Warning/Step/apologise/80.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=192
	Key string `json:"key,omitempty"`

	// at is the instant of which it tells, for a breach the due instant.
	//
	// +required
	At metav1.Time `json:"at,omitempty,omitzero"`

	// observedAt is when the operator noticed, for a breach.
	//
	// +optional
	ObservedAt *metav1.MicroTime `json:"observedAt,omitempty"`

	// notify is who is told, for an escalation level.
	//
	// +optional
	Notify *Notify `json:"notify,omitempty"`
}

// Latched is a verdict that is taken once, at first sight, and stays: one that depends on
// something outside the incident's own facts, or that a round was closed.
type Latched struct {
	// key says what was decided, for example When/review.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=192
	Key string `json:"key,omitempty"`

	// value is the verdict.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Value string `json:"value,omitempty"`

	// at is the instant of which it holds.
	//
	// +required
	At metav1.Time `json:"at,omitempty,omitzero"`
}

// PinnedPolicy is the policy that holds for the incident.
type PinnedPolicy struct {
	// name is the name of the RecoveryPolicy.
	//
	// +required
	Name ObjectName `json:"name,omitempty"`

	// revision is the name of the ControllerRevision with its content.
	//
	// +required
	Revision ObjectName `json:"revision,omitempty"`
}

// PromiseCounts counts promises.
//
// +kubebuilder:validation:MinProperties=1
type PromiseCounts struct {
	// open is how many are neither kept nor broken.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Open int32 `json:"open,omitempty"`

	// kept is how many were kept in time.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Kept int32 `json:"kept,omitempty"`

	// broken is how many were not.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Broken int32 `json:"broken,omitempty"`
}

// IncidentCompensation sums up the Compensations of the incident, in the budget's
// currency.
//
// +kubebuilder:validation:MinProperties=1
type IncidentCompensation struct {
	// offered is what was offered and not chosen yet.
	//
	// +optional
	Offered Money `json:"offered,omitempty"`

	// pending is what waits for an approval.
	//
	// +optional
	Pending Money `json:"pending,omitempty"`

	// granted is what was granted, delivered or not.
	//
	// +optional
	Granted Money `json:"granted,omitempty"`

	// delivered is what the customer has received.
	//
	// +optional
	Delivered Money `json:"delivered,omitempty"`

	// given names the remedies that were granted, delivered or not.
	//
	// +optional
	Given Text `json:"given,omitempty"`
}

// Waits is the time that our own ways of working cost the customer.
//
// +kubebuilder:validation:MinProperties=1
type Waits struct {
	// approval is how long decisions on money were waited for.
	//
	// +optional
	Approval Duration `json:"approval,omitempty"`

	// acceptance is how long assigned incidents waited to be taken on.
	//
	// +optional
	Acceptance Duration `json:"acceptance,omitempty"`
}

// IncidentStatus is what the operator makes of the facts. It is derived: only pins,
// recorded, announced and latched are read back. Its lists are atomic, because the
// operator alone writes them, and the bookkeeping of owners for each element would
// be larger than the lists.
type IncidentStatus struct {
	// conditions tell how the incident stands, for people and for kubectl wait:
	// PolicyBound, OnTrack, Resolved, Closed, JournalAccepted and others; Reconciling
	// and Stalled are true only when something is under way or wrong.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=32
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status speaks of.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// phase is Open, Resolved, Closed, Cancelled or Merged.
	//
	// +optional
	Phase Phase `json:"phase,omitempty"`

	// sla is OnTrack, AtRisk, Overdue, Missed or Met.
	//
	// +optional
	SLA SLA `json:"sla,omitempty"`

	// severity is the one that holds now, after retarget entries.
	//
	// +optional
	Severity Severity `json:"severity,omitempty"`

	// currentStep is the running step that is due first.
	//
	// +optional
	CurrentStep Name `json:"currentStep,omitempty"`

	// owner is the person or group who has the incident.
	//
	// +optional
	Owner User `json:"owner,omitempty"`

	// round counts reopenings: 1 until the first one.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	Round int32 `json:"round,omitempty"`

	// policy is the policy and revision that holds.
	//
	// +optional
	Policy *PinnedPolicy `json:"policy,omitempty"`

	// nextDueAt is the earliest due instant that has not passed, else the earliest
	// one that has.
	//
	// +optional
	NextDueAt *metav1.Time `json:"nextDueAt,omitempty"`

	// nextContactDueAt is when the customer hears from us next, at the latest.
	//
	// +optional
	NextContactDueAt *metav1.Time `json:"nextContactDueAt,omitempty"`

	// clocks are the clocks that have started, in order of their start.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=512
	Clocks []Clock `json:"clocks,omitempty"`

	// promises counts promises.
	//
	// +optional
	Promises *PromiseCounts `json:"promises,omitempty"`

	// compensation sums up the Compensations.
	//
	// +optional
	Compensation *IncidentCompensation `json:"compensation,omitempty"`

	// waits is the time that our own approvals and hand-overs cost the customer.
	//
	// +optional
	Waits *Waits `json:"waits,omitempty"`

	// pins are the revisions that hold, from which instant on; read back.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Pins []Pin `json:"pins,omitempty"`

	// recorded are the accepted times of facts that carry none; read back.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=512
	Recorded []Recorded `json:"recorded,omitempty"`

	// announced is what was told once: warnings, breaches, escalation levels; read back.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1024
	Announced []Announced `json:"announced,omitempty"`

	// latched are verdicts taken once; read back.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=512
	Latched []Latched `json:"latched,omitempty"`
}
