package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Expression is a CEL expression that yields true or false, with the functions
// known from Kubernetes admission policies. One that fails to evaluate counts as
// false and is told by a condition.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
type Expression string

// IncidentSelector says to which incidents a policy applies. All parts that are
// given must hold; an empty selector holds for every incident.
type IncidentSelector struct {
	// severities are the severities, as reported, that it holds for.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Severities []Severity `json:"severities,omitempty"`

	// matchLabels are labels that the incident carries, all of them.
	//
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() >= 1 && k.size() <= 317 && self[k].size() <= 63)",message="a label has a key of 1 to 317 characters and a value of at most 63"
	MatchLabels map[string]LabelValue `json:"matchLabels,omitempty"`

	// expression is a CEL expression over incident, with its metadata.name,
	// metadata.labels and the header under spec, for example
	// incident.spec.customer.tier == "Gold".
	//
	// +optional
	Expression Expression `json:"expression,omitempty"`
}

// Rollout says whom an edit of the policy touches.
//
// +kubebuilder:validation:Enum=NewIncidents;OpenIncidents
type Rollout string

const (
	// RolloutNewIncidents leaves open incidents under the revision they have.
	RolloutNewIncidents Rollout = "NewIncidents"
	// RolloutOpenIncidents counts the open clocks of open incidents anew.
	RolloutOpenIncidents Rollout = "OpenIncidents"
)

// OnDissatisfied says what follows when a customer is not satisfied.
//
// +kubebuilder:validation:Enum=Escalate;Reopen
type OnDissatisfied string

const (
	// OnDissatisfiedEscalate tells the levels that are told of Dissatisfied.
	OnDissatisfiedEscalate OnDissatisfied = "Escalate"
	// OnDissatisfiedReopen reopens the incident, once; later it escalates.
	OnDissatisfiedReopen OnDissatisfied = "Reopen"
)

// RecoveryPolicySpec says what is owed and by when.
type RecoveryPolicySpec struct {
	// priority decides between policies whose selectors hold: the highest is taken. Two
	// of the same priority are a tie, which leaves the incident Stalled until a person
	// resolves it. From 0, the default, to 1000000.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000
	Priority int32 `json:"priority,omitempty"`

	// selector says to which incidents it applies, where they name no policy. Without
	// it, the policy applies only to incidents that name it.
	//
	// +optional
	Selector *IncidentSelector `json:"selector,omitempty"`

	// categories are the categories that incidents may have; absent, any.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Categories []Category `json:"categories,omitempty"`

	// calendarName names the BusinessCalendar that Business clocks and businessDays
	// count on. Wall clocks need none.
	//
	// +optional
	CalendarName ObjectName `json:"calendarName,omitempty"`

	// rollout is NewIncidents (the default): an edit touches incidents that are created
	// afterwards; or OpenIncidents: it also moves the clocks that are open.
	//
	// +optional
	Rollout Rollout `json:"rollout,omitempty"`

	// steps are the stages of recovery. Absent: apologise, review, resolve, three
	// follow-ups and write-up, with deadlines of 10m, 4h, 24h, and days.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule="self.all(s, !has(s.after) || s.after.all(a, self.exists(t, t.name == a)))",message="after names a step that this policy does not have; check the spelling against the names under steps"
	Steps []Step `json:"steps,omitempty"`

	// responses says how soon a contact from the customer is answered.
	//
	// +optional
	Responses *Responses `json:"responses,omitempty"`

	// updates says how often the customer hears from us, until resolved.
	//
	// +optional
	Updates *Updates `json:"updates,omitempty"`

	// resolution is the total time to resolution, across reopenings.
	//
	// +optional
	Resolution *ResolutionLimit `json:"resolution,omitempty"`

	// assignment says how soon somebody has the incident and takes it on.
	//
	// +optional
	Assignment *AssignmentLimits `json:"assignment,omitempty"`

	// promises says what may become of promises.
	//
	// +optional
	Promises *PromiseLimits `json:"promises,omitempty"`

	// contactGrace is added to the customer's next opening where a call would fall due
	// outside their hours; the default is 1h.
	//
	// +optional
	ContactGrace Duration `json:"contactGrace,omitempty"`

	// bySeverity replaces deadlines for single severities.
	//
	// +optional
	// +listType=map
	// +listMapKey=severity
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	BySeverity []SeverityOverlay `json:"bySeverity,omitempty"`

	// holds are the reasons for which clocks may be paused; absent, there is none.
	//
	// +optional
	// +listType=map
	// +listMapKey=reason
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Holds []HoldRule `json:"holds,omitempty"`

	// escalation is who is told of what, how long after it.
	//
	// +optional
	// +listType=map
	// +listMapKey=level
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Escalation []EscalationLevel `json:"escalation,omitempty"`

	// onDissatisfied is Escalate (the default) or Reopen, once.
	//
	// +optional
	OnDissatisfied OnDissatisfied `json:"onDissatisfied,omitempty"`

	// compensation says what may be given and from which budget.
	//
	// +optional
	Compensation *PolicyCompensation `json:"compensation,omitempty"`

	// reopenWithin is how long after the last resolution or closing the incident can be
	// reopened; the default is 168h.
	//
	// +optional
	ReopenWithin Duration `json:"reopenWithin,omitempty"`
}

// Attainment is how many clocks of a kind were met, of all with a due instant that were
// done or breached in a window. Updates have none: a silence that was short enough leaves
// no clock behind.
type Attainment struct {
	// kind is the kind of clock.
	//
	// +required
	Kind ClockKind `json:"kind,omitempty"`

	// window is 24h, 168h or 720h.
	//
	// +required
	Window Duration `json:"window,omitempty"`

	// met is how many were met.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Met int32 `json:"met,omitempty"`

	// total is how many there were.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	Total int32 `json:"total,omitempty"`
}

// RecoveryPolicyStatus is what the operator makes of the policy.
type RecoveryPolicyStatus struct {
	// conditions tell whether the policy is in force: Ready, and Reconciling and
	// Stalled, which are true only when something is under way or wrong.
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

	// revision is the ControllerRevision that new incidents pin.
	//
	// +optional
	Revision ObjectName `json:"revision,omitempty"`

	// openIncidents is how many incidents under this policy are open.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	OpenIncidents *int32 `json:"openIncidents,omitempty"`

	// overdueIncidents is how many of them are overdue.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	OverdueIncidents *int32 `json:"overdueIncidents,omitempty"`

	// breachedIncidents is how many of them have broken a commitment at any time, whether
	// they are overdue now or not.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	BreachedIncidents *int32 `json:"breachedIncidents,omitempty"`

	// atRiskIncidents is how many of them will be late.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	AtRiskIncidents *int32 `json:"atRiskIncidents,omitempty"`

	// attainment is how many clocks were met, by kind and window.
	//
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=window
	// +kubebuilder:validation:MaxItems=30
	Attainment []Attainment `json:"attainment,omitempty"`

	// endedWellPercent is the share of incidents closed in the last 720h that ended
	// well, in whole percent, rounded down.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	EndedWellPercent *int32 `json:"endedWellPercent,omitempty"`
}

// RecoveryPolicy is the recovery SLA: the steps, their deadlines, escalation and
// the compensation catalogue.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=rpol,categories=recovery
// +kubebuilder:printcolumn:name="Priority",type=integer,JSONPath=`.spec.priority`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Open",type=integer,JSONPath=`.status.openIncidents`
// +kubebuilder:printcolumn:name="Overdue",type=integer,JSONPath=`.status.overdueIncidents`
// +kubebuilder:printcolumn:name="Ended well %",type=integer,priority=1,JSONPath=`.status.endedWellPercent`
// +kubebuilder:printcolumn:name="Revision",type=string,priority=1,JSONPath=`.status.revision`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 200",message="the name of a policy has at most 200 characters"
type RecoveryPolicy struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says what is owed and by when. Without it, the policy has the built-in steps,
	// and applies only to incidents that name it.
	//
	// +optional
	Spec RecoveryPolicySpec `json:"spec,omitempty"`

	// status is what the operator makes of the policy.
	//
	// +optional
	Status RecoveryPolicyStatus `json:"status,omitempty,omitzero"`
}

// RecoveryPolicyList is a list of policies.
//
// +kubebuilder:object:root=true
type RecoveryPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []RecoveryPolicy `json:"items"`
}
