package v1alpha1

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
