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
	MatchLabels map[string]string `json:"matchLabels,omitempty"`

	// expression is a CEL expression over incident, with its metadata.name,
	// metadata.labels and the header under spec, for example
	// incident.spec.customer.tier == "Gold".
	//
	// +optional
	Expression Expression `json:"expression,omitempty"`
}

// StepType says what a step is for, and so what it demands by default.
//
// +kubebuilder:validation:Enum=Apology;Review;Offer;Mitigation;Resolution;FollowUp;Documentation;Custom
type StepType string

const (
	// StepApology is the first word to the customer: a person has said sorry. It demands
	// CustomerReached and ByPerson, and cannot be skipped.
	StepApology StepType = "Apology"
	// StepReview looks into it together with the customer. It demands CustomersWords.
	StepReview StepType = "Review"
	// StepOffer puts a remedy to the customer. It demands nothing by default.
	StepOffer StepType = "Offer"
	// StepMitigation stops the harm. It demands nothing by default.
	StepMitigation StepType = "Mitigation"
	// StepResolution puts it right. It demands RemedyDecided.
	StepResolution StepType = "Resolution"
	// StepFollowUp comes back to it afterwards. It demands CustomerReached, unless it is
	// Internal.
	StepFollowUp StepType = "FollowUp"
	// StepDocumentation writes down what was found. It demands FindingRecorded.
	StepDocumentation StepType = "Documentation"
	// StepCustom is your own. It demands nothing by default.
	StepCustom StepType = "Custom"
)

// FollowUpKind says when and with whom a follow-up is.
//
// +kubebuilder:validation:Enum=Immediate;Internal;Closing
type FollowUpKind string

const (
	// FollowUpImmediate asks the customer at once whether it works now.
	FollowUpImmediate FollowUpKind = "Immediate"
	// FollowUpInternal tells the colleagues.
	FollowUpInternal FollowUpKind = "Internal"
	// FollowUpClosing says goodbye, days later.
	FollowUpClosing FollowUpKind = "Closing"
)

// Demand is something that must be there before a completion of a step counts.
//
// +kubebuilder:validation:Enum=CustomerReached;ByPerson;CustomersWords;NeedRecorded;RemedyDecided;FindingRecorded
type Demand string

const (
	// DemandCustomerReached asks for a contact to the customer that reached them, on the
	// completion or since the step started.
	DemandCustomerReached Demand = "CustomerReached"
	// DemandByPerson asks for that contact to be a person's own, not an automated one.
	DemandByPerson Demand = "ByPerson"
	// DemandCustomersWords asks for a contact with the customer with a note, or a need,
	// so that their own words are written down.
	DemandCustomersWords Demand = "CustomersWords"
	// DemandNeedRecorded asks for a need entry.
	DemandNeedRecorded Demand = "NeedRecorded"
	// DemandRemedyDecided asks for a gesture, a Compensation, or a noRemedyReason on the
	// completion, as compensation.demand says.
	DemandRemedyDecided Demand = "RemedyDecided"
	// DemandFindingRecorded asks for a finding entry.
	DemandFindingRecorded Demand = "FindingRecorded"
)

// Requirement is a demand in the policy's own words.
type Requirement struct {
	// expression is a CEL expression over entry, the completion's journal entry, and
	// over incident, severity, round, tier and category; it must be true for the
	// completion to count. For example entry.note.size() >= 6.
	//
	// +required
	Expression Expression `json:"expression,omitempty"`

	// message says what is missing, to the person whose completion does not count yet.
	//
	// +required
	Message Text `json:"message,omitempty"`
}

// Step is one stage of recovery.
//
// +kubebuilder:validation:XValidation:rule="!has(self.after) || !(self.name in self.after)",message="a step cannot come after itself: take its own name out of after"
// +kubebuilder:validation:XValidation:rule="has(self.followUp) == (self.type == 'FollowUp')",message="followUp (Immediate, Internal or Closing) goes with type FollowUp, and that type needs it"
// +kubebuilder:validation:XValidation:rule="!has(self.notBefore) || !has(self.notBefore.at) || !has(self.due) || !has(self.due.at) || self.notBefore.at <= self.due.at",message="due is at or after notBefore"
type Step struct {
	// name is the step's name, which completions refer to.
	//
	// +required
	Name Name `json:"name,omitempty"`

	// type says what the step is for: Apology, Review, Offer, Mitigation, Resolution,
	// FollowUp, Documentation or Custom. It decides what the step demands by default
	// and what Resolved and Closed mean.
	//
	// +required
	Type StepType `json:"type,omitempty"`

	// followUp is Immediate, Internal or Closing, for type FollowUp.
	//
	// +optional
	FollowUp FollowUpKind `json:"followUp,omitempty"`

	// after names the steps that are settled before this one starts. Absent, it is the
	// step before in the list; the first step, or one with an empty list, starts at
	// once. Several names make a graph.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=20
	After []Name `json:"after,omitzero"`

	// when is a CEL expression over severity, round, tier, category and incident. It is
	// evaluated once, when the step would start; where it is false the step does not
	// apply and counts as settled.
	//
	// +optional
	When Expression `json:"when,omitempty"`

	// notBefore holds the step's start back: by a duration after the steps before it
	// are settled, or until an instant. Due counts from the settling, not from here.
	//
	// +optional
	NotBefore *Due `json:"notBefore,omitempty"`

	// target is the aim that would exceed expectations; missing it is no breach.
	//
	// +optional
	Target *Due `json:"target,omitempty"`

	// due is the commitment; missing it is a breach. Without it, the step has no
	// deadline of its own.
	//
	// +optional
	Due *Due `json:"due,omitempty"`

	// warnAt are the percentages of the counted time at which a warning is told, each
	// once. Absent, there is none.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=99
	WarnAt []int32 `json:"warnAt,omitempty"`

	// demands is what must be there before a completion counts. Absent, it is what the
	// type demands: see type. An empty list demands nothing.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=0
	// +kubebuilder:validation:MaxItems=6
	Demands []Demand `json:"demands,omitzero"`

	// requires are further demands, as expressions.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	Requires []Requirement `json:"requires,omitempty"`
}

// Responses says how soon a contact from the customer is answered.
type Responses struct {
	// within is the time to our own answer, a person's.
	//
	// +required
	Within Duration `json:"within,omitempty"`

	// clock is Wall (the default) or Business.
	//
	// +optional
	Clock ClockType `json:"clock,omitempty"`
}

// Updates says how often the customer hears from us at least, until resolved.
type Updates struct {
	// every is the longest silence.
	//
	// +required
	Every Duration `json:"every,omitempty"`

	// clock is Wall (the default) or Business.
	//
	// +optional
	Clock ClockType `json:"clock,omitempty"`

	// whileHeld is the longest silence while a hold pauses the resolution; without it,
	// every holds then too.
	//
	// +optional
	WhileHeld Duration `json:"whileHeld,omitempty"`
}

// ResolutionLimit is the total time to resolution, across reopenings.
type ResolutionLimit struct {
	// within is the time from the report to resolution.
	//
	// +required
	Within Duration `json:"within,omitempty"`

	// clock is Wall (the default) or Business.
	//
	// +optional
	Clock ClockType `json:"clock,omitempty"`
}

// AssignmentLimits say how soon somebody has the incident and takes it on.
//
// +kubebuilder:validation:MinProperties=1
type AssignmentLimits struct {
	// assignWithin is the time until the incident has an owner.
	//
	// +optional
	AssignWithin Duration `json:"assignWithin,omitempty"`

	// acceptWithin is the time until the owner has accepted.
	//
	// +optional
	AcceptWithin Duration `json:"acceptWithin,omitempty"`
}

// PromiseLimits say what may become of a promise.
type PromiseLimits struct {
	// maxSupersedes is how often a promise may be superseded by a later one, from 0 to
	// 5; the default is 1.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	MaxSupersedes *int32 `json:"maxSupersedes,omitempty"`
}

// StepOverlay replaces a step's deadlines for one severity.
type StepOverlay struct {
	// name is the step.
	//
	// +required
	Name Name `json:"name,omitempty"`

	// target replaces the step's target.
	//
	// +optional
	Target *Due `json:"target,omitempty"`

	// due replaces the step's due.
	//
	// +optional
	Due *Due `json:"due,omitempty"`

	// warnAt replaces the step's warnings.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=99
	WarnAt []int32 `json:"warnAt,omitempty"`
}

// SeverityOverlay replaces what is given here for one severity.
type SeverityOverlay struct {
	// severity is the severity, after retargets, that it holds for.
	//
	// +required
	Severity Severity `json:"severity,omitempty"`

	// responses replaces responses.
	//
	// +optional
	Responses *Responses `json:"responses,omitempty"`

	// updates replaces updates.
	//
	// +optional
	Updates *Updates `json:"updates,omitempty"`

	// resolution replaces resolution.
	//
	// +optional
	Resolution *ResolutionLimit `json:"resolution,omitempty"`

	// assignment replaces assignment.
	//
	// +optional
	Assignment *AssignmentLimits `json:"assignment,omitempty"`

	// steps replace the deadlines of steps.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Steps []StepOverlay `json:"steps,omitempty"`
}

// HoldRule allows a reason to hold, and says what it pauses and for how long.
type HoldRule struct {
	// reason is the reason, for example WaitingForCustomer.
	//
	// +required
	Reason HoldReason `json:"reason,omitempty"`

	// pauses is what it pauses. Apology, responses, promises, approvals and deliveries
	// are never paused.
	//
	// +required
	Pauses Pauses `json:"pauses,omitempty,omitzero"`

	// maxEach is how long one hold lasts at most; then it ends by itself.
	//
	// +optional
	MaxEach Duration `json:"maxEach,omitempty"`

	// maxTotal is how long all holds for this reason last at most, taken together.
	//
	// +optional
	MaxTotal Duration `json:"maxTotal,omitempty"`
}

// Pauses is what a hold pauses.
//
// +kubebuilder:validation:MinProperties=1
type Pauses struct {
	// steps are the steps it pauses.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Steps []Name `json:"steps,omitempty"`

	// clocks are the other clocks it pauses: Resolution, Update.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	// +kubebuilder:validation:XValidation:rule="self.all(c, c in ['Resolution', 'Update'])",message="a hold pauses steps and the clocks Resolution and Update; apologies, responses, promises, tasks, approvals and deliveries run on"
	Clocks []ClockKind `json:"clocks,omitempty"`
}

// Trigger is what an escalation level is told about.
//
// +kubebuilder:validation:Enum=Warning;Breach;PromiseBroken;ApprovalStale;Unowned;Unaccepted;Dissatisfied;PoolExhausted
type Trigger string

// The triggers.
const (
	TriggerWarning       Trigger = "Warning"
	TriggerBreach        Trigger = "Breach"
	TriggerPromiseBroken Trigger = "PromiseBroken"
	TriggerApprovalStale Trigger = "ApprovalStale"
	TriggerUnowned       Trigger = "Unowned"
	TriggerUnaccepted    Trigger = "Unaccepted"
	TriggerDissatisfied  Trigger = "Dissatisfied"
	TriggerPoolExhausted Trigger = "PoolExhausted"
)

// EscalationLevel is somebody who is told.
type EscalationLevel struct {
	// level names the level.
	//
	// +required
	Level Name `json:"level,omitempty"`

	// triggers are what it is told about.
	//
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Triggers []Trigger `json:"triggers,omitempty"`

	// severities limits it to these severities.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Severities []Severity `json:"severities,omitempty"`

	// after is how long after the trigger's instant it is told; absent, at once.
	//
	// +optional
	After Duration `json:"after,omitempty"`

	// hours names a BusinessCalendar; outside its hours the level waits for the next
	// opening.
	//
	// +optional
	Hours ObjectName `json:"hours,omitempty"`

	// notify is who is told.
	//
	// +required
	Notify Notify `json:"notify,omitempty,omitzero"`
}

// Notify is a person or a group.
//
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="has(self.user) != has(self.group)",message="notify names one user or one group"
type Notify struct {
	// user is a person.
	//
	// +optional
	User User `json:"user,omitempty"`

	// group is a group of people.
	//
	// +optional
	Group User `json:"group,omitempty"`
}

// ExtraDemand says whether an extra is owed beyond what was expected.
//
// +kubebuilder:validation:Enum=Optional;OfferedOrReason;Offered
type ExtraDemand string

const (
	// ExtraOptional leaves it to the front line.
	ExtraOptional ExtraDemand = "Optional"
	// ExtraOfferedOrReason asks for an extra, or a reason for none.
	ExtraOfferedOrReason ExtraDemand = "OfferedOrReason"
	// ExtraOffered asks for an extra.
	ExtraOffered ExtraDemand = "Offered"
)

// CompensationDemand says what a resolution owes at a severity.
type CompensationDemand struct {
	// severity is the severity, and those above it that have no demand of their own.
	//
	// +required
	Severity Severity `json:"severity,omitempty"`

	// extra is Optional, OfferedOrReason or Offered.
	//
	// +required
	Extra ExtraDemand `json:"extra,omitempty"`
}

// CompensationBounds bound what is given at a severity.
//
// +kubebuilder:validation:XValidation:rule="has(self.min) || has(self.max)",message="give min, max or both"
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || quantity(self.min).compareTo(quantity(self.max)) <= 0",message="min is at most max"
type CompensationBounds struct {
	// severity is the severity that they hold for.
	//
	// +required
	Severity Severity `json:"severity,omitempty"`

	// min is the least that is adequate; below it is told, not refused.
	//
	// +optional
	Min Money `json:"min,omitempty"`

	// max is the most that an allowance gives.
	//
	// +optional
	Max Money `json:"max,omitempty"`
}

// RemedyPurpose says what a remedy is for.
//
// +kubebuilder:validation:Enum=Restore;Extra
type RemedyPurpose string

const (
	// PurposeRestore gives what was expected in the first place.
	PurposeRestore RemedyPurpose = "Restore"
	// PurposeExtra gives something beyond, for the injustice that was felt.
	PurposeExtra RemedyPurpose = "Extra"
)

// RemedyKind says what a remedy is.
//
// +kubebuilder:validation:Enum=Replacement;Repair;Upgrade;Refund;Credit;Voucher;Discount;Service;Gift;Other
type RemedyKind string

// Entitlement says whether a remedy is a right or a kindness.
//
// +kubebuilder:validation:Enum=Goodwill;Owed
type Entitlement string

const (
	// EntitlementGoodwill is a kindness, within the limits of the budget.
	EntitlementGoodwill Entitlement = "Goodwill"
	// EntitlementOwed is a right by contract or law; it is never denied.
	EntitlementOwed Entitlement = "Owed"
)

// CatalogueOption is one remedy that the policy offers.
//
// +kubebuilder:validation:XValidation:rule="!has(self.cost) || !has(self.maxAmount)",message="an option costs a fixed cost, or an amount up to maxAmount: give one of them, or none for an amount without a limit of its own"
type CatalogueOption struct {
	// name is the option's name.
	//
	// +required
	Name Name `json:"name,omitempty"`

	// kind is Replacement, Repair, Upgrade, Refund, Credit, Voucher, Discount, Service,
	// Gift or Other.
	//
	// +required
	Kind RemedyKind `json:"kind,omitempty"`

	// purpose is Restore, to give what was expected, or Extra, to give beyond it.
	//
	// +required
	Purpose RemedyPurpose `json:"purpose,omitempty"`

	// cost is what it costs the firm, which is what is charged.
	//
	// +optional
	Cost Money `json:"cost,omitempty"`

	// value is what it is worth to the customer; it informs.
	//
	// +optional
	Value Money `json:"value,omitempty"`

	// maxAmount is the most of it, for a remedy whose amount is chosen each time.
	//
	// +optional
	MaxAmount Money `json:"maxAmount,omitempty"`

	// severities limits it to these severities.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Severities []Severity `json:"severities,omitempty"`

	// entitlement is Goodwill (the default) or Owed, by contract or law.
	//
	// +optional
	Entitlement Entitlement `json:"entitlement,omitempty"`
}

// PolicyCompensation says what may be given and from what.
type PolicyCompensation struct {
	// budgetName names the RecoveryBudget that it is charged to, in the same namespace.
	//
	// +optional
	BudgetName ObjectName `json:"budgetName,omitempty"`

	// demand says what a resolution owes, by severity; a severity below the mildest one
	// listed owes nothing beyond: Optional.
	//
	// +optional
	// +listType=map
	// +listMapKey=severity
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Demand []CompensationDemand `json:"demand,omitempty"`

	// bounds bound what is given, by severity.
	//
	// +optional
	// +listType=map
	// +listMapKey=severity
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Bounds []CompensationBounds `json:"bounds,omitempty"`

	// deliverWithin is the time from the grant to the delivery.
	//
	// +optional
	DeliverWithin *Due `json:"deliverWithin,omitempty"`

	// catalogue are the remedies on offer, best the cheapest first.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	Catalogue []CatalogueOption `json:"catalogue,omitempty"`
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

// Attainment is how many clocks of a kind were met, of all that ended or were
// breached in a window.
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
