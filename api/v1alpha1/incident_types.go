package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Category is a kind of failure, in the words of those who use it.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type Category string

// Service is what failed: a place, a product, a system.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type Service string

// DetectedBy says who noticed the failure first.
//
// +kubebuilder:validation:Enum=Customer;Staff;Monitoring;EarlyWarning
type DetectedBy string

const (
	// DetectedByCustomer means the customer told us.
	DetectedByCustomer DetectedBy = "Customer"
	// DetectedByStaff means a colleague saw it.
	DetectedByStaff DetectedBy = "Staff"
	// DetectedByMonitoring means a system saw it.
	DetectedByMonitoring DetectedBy = "Monitoring"
	// DetectedByEarlyWarning means it has not happened yet.
	DetectedByEarlyWarning DetectedBy = "EarlyWarning"
)

// Customer is to whom the recovery is owed.
type Customer struct {
	// id is the customer in your own systems; put no name of a person here.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	ID string `json:"id,omitempty"`

	// tier is the customer's standing, for example Gold; policies may select by it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Tier string `json:"tier,omitempty"`

	// timeZone is the IANA time zone that the customer lives in; without it, contact
	// hours are read in the calendar's.
	//
	// +optional
	TimeZone TimeZone `json:"timeZone,omitempty"`

	// contactHours are the hours of the day in which the customer may be called or
	// visited.
	//
	// +optional
	ContactHours *ContactHours `json:"contactHours,omitempty"`
}

// ContactHours are hours of each day, on the customer's own clock.
//
// +kubebuilder:validation:XValidation:rule="self.from < self.to",message="contact hours begin before they end, on the same day"
type ContactHours struct {
	// from is when the customer may first be called, as HH:MM.
	//
	// +required
	From TimeOfDay `json:"from,omitempty"`

	// to is when the customer may no longer be called, as HH:MM.
	//
	// +required
	To TimeOfDay `json:"to,omitempty"`
}

// IncidentSpec is the header, which stays as reported, and the journal, to which
// facts are appended.
//
// +kubebuilder:validation:XValidation:rule="has(self.category) == has(oldSelf.category) && has(self.occurredAt) == has(oldSelf.occurredAt) && has(self.expectedAt) == has(oldSelf.expectedAt) && has(self.reportedAt) == has(oldSelf.reportedAt) && has(self.policyName) == has(oldSelf.policyName)",message="the header of an incident stays as reported: no field is added or removed; append an amend entry to the journal to correct it"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.journal) || has(self.journal)",message="the journal cannot be removed; append entries with kubectl patch --type=json, op add, path /spec/journal/-"
// +kubebuilder:validation:XValidation:rule="!(has(self.occurredAt) && has(self.expectedAt))",message="a failure has occurred or is expected: give one of occurredAt and expectedAt, or none"
type IncidentSpec struct {
	// summary is what happened, in a sentence. Immutable; an amend entry corrects it.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported; append an amend entry to the journal to correct the summary"
	Summary Text `json:"summary,omitempty"`

	// customer is to whom the recovery is owed. Immutable; an amend entry corrects it.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported; append an amend entry to the journal to correct the customer"
	Customer Customer `json:"customer,omitempty,omitzero"`

	// severity is how bad it is for the customer, as reported: Low, Medium, High or
	// Critical. Immutable; a retarget entry changes what holds, see status.severity.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the severity stays as reported; append a retarget entry to the journal to change it"
	Severity Severity `json:"severity,omitempty"`

	// category is the kind of failure; the policy may list the allowed ones.
	// Immutable; an amend entry corrects it.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported; append an amend entry to the journal to correct the category"
	Category Category `json:"category,omitempty"`

	// service is what failed. Immutable; an amend entry corrects it.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported; append an amend entry to the journal to correct the service"
	Service Service `json:"service,omitempty"`

	// detectedBy says who noticed first: Customer, Staff, Monitoring or EarlyWarning.
	// Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported: detectedBy cannot be changed"
	DetectedBy DetectedBy `json:"detectedBy,omitempty"`

	// occurredAt is when it happened, as claimed; it informs and starts no clock. It
	// is not in the future, else it counts for nothing and JournalAccepted says so.
	// Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported: occurredAt cannot be changed"
	OccurredAt *metav1.Time `json:"occurredAt,omitempty"`

	// expectedAt is when it is expected to happen, for an early warning; it may be in
	// the future. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported: expectedAt cannot be changed"
	ExpectedAt *metav1.Time `json:"expectedAt,omitempty"`

	// reportedAt is a claimed time of the report, before the incident was created, for
	// example of a call taken while the API was away; clocks then start there.
	// Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported: reportedAt cannot be changed"
	ReportedAt *metav1.Time `json:"reportedAt,omitempty"`

	// policyName names the RecoveryPolicy that holds, in the same namespace. Without
	// it, the policy with the highest priority whose selector holds is taken; a
	// policy that does not exist yet is waited for, while the clocks run. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="an incident keeps its policy; open a new incident and merge this one into it"
	PolicyName ObjectName `json:"policyName,omitempty"`

	// journal is what happened since, one entry a fact, in order: at most 100 entries,
	// of which the last ten places are kept for completion, outcome, cancel, merge and
	// note. Entries are appended, never edited, removed or reordered:
	//
	//   kubectl patch incident NAME --type=json -p
	//   '[{"op": "add", "path": "/spec/journal/-", "value":
	//   {"id": "said-sorry", "by": "alice", "completion": {"step": "apologise"}}}]'
	//
	// An entry has an id, an author, and one member that says what kind of fact it is:
	// a completion of a step, a promise, a hold, a finding and so on. A contact may
	// stand beside another member, because calling the customer and completing the
	// apology is one act. The order of facts is that of recordedAt, then of the list.
	//
	// +optional
	// +default=[]
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:XValidation:rule="self.size() >= oldSelf.size() && oldSelf.all(i, o, self[i].id == o.id)",message="the journal is append-only: entries keep their place and none is removed; append with kubectl patch --type=json, op add, path /spec/journal/- (kubectl apply of a file with a journal cannot append; --server-side can)"
	// +kubebuilder:validation:XValidation:rule="self.size() <= 90 || self.all(i, e, i < 90 || has(e.completion) || has(e.outcome) || has(e.cancel) || has(e.merge) || (has(e.note) && !(has(e.skip) || has(e.need) || has(e.promise) || has(e.task) || has(e.hold) || has(e.resume) || has(e.retarget) || has(e.assignment) || has(e.acceptance) || has(e.impact) || has(e.finding) || has(e.gesture) || has(e.feedback) || has(e.amend) || has(e.link) || has(e.reopen))))",message="the journal is nearly full: its last ten places are for completion, outcome, cancel, merge and note; bring the incident to its end, or merge it into a new one"
	// +kubebuilder:validation:XValidation:rule="self.map(e, has(e.note) ? e.note.size() : 0).sum() <= 65536",message="all notes of an incident together have at most 65536 characters; put long texts elsewhere and append a link entry"
	Journal []JournalEntry `json:"journal,omitempty"`
}

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
	// for example Step/apologise; a second run of the same has #2 behind it.
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

	// at is when it was pinned.
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

	// refused says in one word why the fact counts for nothing; absent, it counts.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Refused string `json:"refused,omitempty"`
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
}

// Latched is a verdict that depends on something outside the incident's own facts,
// taken once, at first sight.
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
// recorded, announced and latched are read back.
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
	// +listType=map
	// +listMapKey=name
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
	// +listType=map
	// +listMapKey=revision
	// +kubebuilder:validation:MaxItems=32
	Pins []Pin `json:"pins,omitempty"`

	// recorded are the accepted times of facts that carry none; read back.
	//
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=512
	Recorded []Recorded `json:"recorded,omitempty"`

	// announced is what was told once: warnings, breaches, escalation levels; read back.
	//
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=1024
	Announced []Announced `json:"announced,omitempty"`

	// latched are verdicts taken once; read back.
	//
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=512
	Latched []Latched `json:"latched,omitempty"`
}

// Incident is one service failure and the recovery owed to one customer for it: a
// header that stays as reported, and a journal to which facts are appended. The
// operator derives its status from them and from the policy.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=inc,categories=recovery
// +kubebuilder:selectablefield:JSONPath=`.spec.severity`
// +kubebuilder:selectablefield:JSONPath=`.spec.service`
// +kubebuilder:selectablefield:JSONPath=`.spec.customer.id`
// +kubebuilder:selectablefield:JSONPath=`.spec.policyName`
// +kubebuilder:selectablefield:JSONPath=`.status.phase`
// +kubebuilder:selectablefield:JSONPath=`.status.sla`
// +kubebuilder:selectablefield:JSONPath=`.status.owner`
// +kubebuilder:printcolumn:name="Severity",type=string,JSONPath=`.status.severity`
// +kubebuilder:printcolumn:name="Service",type=string,JSONPath=`.spec.service`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Step",type=string,JSONPath=`.status.currentStep`
// +kubebuilder:printcolumn:name="Due",type=string,JSONPath=`.status.nextDueAt`
// +kubebuilder:printcolumn:name="SLA",type=string,JSONPath=`.status.sla`
// +kubebuilder:printcolumn:name="Owner",type=string,JSONPath=`.status.owner`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Summary",type=string,priority=1,JSONPath=`.spec.summary`
// +kubebuilder:printcolumn:name="Customer",type=string,priority=1,JSONPath=`.spec.customer.id`
// +kubebuilder:printcolumn:name="Compensated",type=string,priority=1,JSONPath=`.status.compensation.granted`
type Incident struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is the header and the journal.
	//
	// +required
	Spec IncidentSpec `json:"spec,omitempty,omitzero"`

	// status is what the operator makes of the facts.
	//
	// +optional
	Status IncidentStatus `json:"status,omitempty,omitzero"`
}

// IncidentList is a list of incidents.
//
// +kubebuilder:object:root=true
type IncidentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Incident `json:"items"`
}
