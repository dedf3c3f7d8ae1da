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
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported: occurredAt cannot be changed"
	OccurredAt *metav1.Time `json:"occurredAt,omitempty"`

	// expectedAt is when it is expected to happen, for an early warning; it may be in
	// the future. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the header stays as reported: expectedAt cannot be changed"
	ExpectedAt *metav1.Time `json:"expectedAt,omitempty"`

	// reportedAt is a claimed time of the report, before the incident was created, for
	// example of a call taken while the API was away; clocks then start there.
	// Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
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
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:XValidation:rule="self.size() >= oldSelf.size() && oldSelf.all(i, o, self[i].id == o.id)",message="the journal is append-only: entries keep their place and none is removed; append with kubectl patch --type=json, op add, path /spec/journal/- (kubectl apply of a file with a journal cannot append; --server-side can)"
	// +kubebuilder:validation:XValidation:rule="self.size() <= 90 || self.all(i, e, i < 90 || has(e.completion) || has(e.outcome) || has(e.cancel) || has(e.merge) || (has(e.note) && !(has(e.skip) || has(e.need) || has(e.promise) || has(e.task) || has(e.hold) || has(e.resume) || has(e.retarget) || has(e.assignment) || has(e.acceptance) || has(e.impact) || has(e.finding) || has(e.gesture) || has(e.feedback) || has(e.amend) || has(e.link) || has(e.reopen))))",message="the journal is nearly full: its last ten places are for completion, outcome, cancel, merge and note; bring the incident to its end, or merge it into a new one"
	// +kubebuilder:validation:XValidation:rule="(oldSelf.hasValue() && oldSelf.value().size() == self.size()) || self.map(e, has(e.note) ? e.note.size() : 0).sum() <= 65536",optionalOldSelf=true,message="all notes of an incident together have at most 65536 characters; put long texts elsewhere and append a link entry"
	Journal []JournalEntry `json:"journal,omitempty"`
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
// +kubebuilder:printcolumn:name="Compensated",type=string,priority=1,JSONPath=`.status.compensation.given`
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
