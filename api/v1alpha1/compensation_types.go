package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CompensationOffer is one remedy among those offered; one that names no option of
// the catalogue says what it is in custom.
//
// +kubebuilder:validation:XValidation:rule="has(self.option) != has(self.custom)",message="an offer is an option of the policy's catalogue or a custom text: give exactly one of them"
type CompensationOffer struct {
	// name names the offer within this request.
	//
	// +required
	Name Name `json:"name,omitempty"`

	// option is an option of the policy's catalogue.
	//
	// +optional
	Option Name `json:"option,omitempty"`

	// custom says what it is, where the catalogue has nothing like it.
	//
	// +optional
	Custom Text `json:"custom,omitempty"`

	// amount is what it costs the firm, in the budget's currency.
	//
	// +required
	Amount Money `json:"amount,omitempty"`

	// currency is the budget's; another one is refused. Absent, it is the budget's.
	//
	// +optional
	Currency Currency `json:"currency,omitempty"`
}

// CompensationChoice is what the customer chose.
type CompensationChoice struct {
	// offer is the name of the chosen offer.
	//
	// +required
	Offer Name `json:"offer,omitempty"`

	// by is who recorded it.
	//
	// +optional
	By User `json:"by,omitempty"`

	// recordedAt is when the API server took it in.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	RecordedAt *metav1.Time `json:"recordedAt,omitempty"`
}

// CompensationVerdict is what an approver decides.
//
// +kubebuilder:validation:Enum=Approved;Denied
type CompensationVerdict string

const (
	// VerdictApproved grants the request.
	VerdictApproved CompensationVerdict = "Approved"
	// VerdictDenied refuses it.
	VerdictDenied CompensationVerdict = "Denied"
)

// CompensationDecision is an approver's decision; it is final.
type CompensationDecision struct {
	// verdict is Approved or Denied.
	//
	// +required
	Verdict CompensationVerdict `json:"verdict,omitempty"`

	// by is who decided; never who asked.
	//
	// +optional
	By User `json:"by,omitempty"`

	// level is the approval level of the budget under which it was decided.
	//
	// +required
	Level Name `json:"level,omitempty"`

	// amount is what is approved, at most what was asked; absent, all of it.
	//
	// +optional
	Amount Money `json:"amount,omitempty"`

	// reason says why.
	//
	// +optional
	Reason Text `json:"reason,omitempty"`

	// recordedAt is when the API server took it in.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	RecordedAt *metav1.Time `json:"recordedAt,omitempty"`
}

// CompensationDelivery says that the customer has it.
type CompensationDelivery struct {
	// by is who delivered it.
	//
	// +optional
	By User `json:"by,omitempty"`

	// evidence is how one can see that: a receipt, a booking number.
	//
	// +optional
	Evidence Text `json:"evidence,omitempty"`

	// recordedAt is when the API server took it in.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	RecordedAt *metav1.Time `json:"recordedAt,omitempty"`
}

// CompensationWithdrawal takes the request back.
type CompensationWithdrawal struct {
	// by is who took it back.
	//
	// +optional
	By User `json:"by,omitempty"`

	// reason says why.
	//
	// +optional
	Reason Text `json:"reason,omitempty"`

	// recordedAt is when the API server took it in.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	RecordedAt *metav1.Time `json:"recordedAt,omitempty"`
}

// CompensationSpec is a request for one remedy, and the facts that others append
// to it, each once.
//
// +kubebuilder:validation:XValidation:rule="has(self.allowance) == has(oldSelf.allowance) && has(self.by) == has(oldSelf.by) && has(self.recordedBy) == has(oldSelf.recordedBy) && has(self.justification) == has(oldSelf.justification)",message="a request stays as it was asked: withdraw it and ask anew"
// +kubebuilder:validation:XValidation:rule="(!has(oldSelf.choice) || has(self.choice)) && (!has(oldSelf.decision) || has(self.decision)) && (!has(oldSelf.delivery) || has(self.delivery)) && (!has(oldSelf.withdrawal) || has(self.withdrawal))",message="a choice, decision, delivery or withdrawal, once there, stays"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.withdrawal) || (has(self.choice) == has(oldSelf.choice) && has(self.decision) == has(oldSelf.decision) && has(self.delivery) == has(oldSelf.delivery))",message="the request was withdrawn: nothing can be added to it"
// +kubebuilder:validation:XValidation:rule="!has(self.choice) || self.offers.exists(o, o.name == self.choice.offer)",message="choice names an offer that this request does not have"
// +kubebuilder:validation:XValidation:rule="!has(self.decision) || self.decision.verdict == 'Approved' || !has(self.decision.amount)",message="an amount goes with the verdict Approved"
// +kubebuilder:validation:XValidation:rule="has(oldSelf.decision) || !has(self.decision) || !has(self.decision.amount) || self.offers.exists(o, (!has(self.choice) || self.choice.offer == o.name) && quantity(self.decision.amount).compareTo(quantity(o.amount)) <= 0)",message="an approval is for at most what was asked: lower decision.amount, or leave it out for all of it"
// +kubebuilder:validation:XValidation:rule="!has(self.withdrawal) || !has(self.delivery)",message="what the customer has cannot be withdrawn: the remedy was delivered"
type CompensationSpec struct {
	// incidentName names the Incident, in the same namespace. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request stays as it was asked: withdraw it and ask anew"
	IncidentName ObjectName `json:"incidentName,omitempty"`

	// budgetName names the RecoveryBudget of the incident's policy. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request stays as it was asked: withdraw it and ask anew"
	BudgetName ObjectName `json:"budgetName,omitempty"`

	// offers are the remedies offered; of several, the customer chooses one. Immutable.
	//
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request stays as it was asked: withdraw it and ask anew"
	Offers []CompensationOffer `json:"offers,omitempty"`

	// allowance names the allowance of the budget that it is taken from; absent, it asks
	// for an approval. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request stays as it was asked: withdraw it and ask anew"
	Allowance Name `json:"allowance,omitempty"`

	// by is who asks, as the API server knows them. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request stays as it was asked: withdraw it and ask anew"
	By User `json:"by,omitempty"`

	// recordedBy is who typed it, when that is someone else. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request stays as it was asked: withdraw it and ask anew"
	RecordedBy User `json:"recordedBy,omitempty"`

	// justification says why, for the approver and for later. Immutable.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request stays as it was asked: withdraw it and ask anew"
	Justification Text `json:"justification,omitempty"`

	// choice is the offer that the customer chose; set once.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the choice was made and stays"
	Choice *CompensationChoice `json:"choice,omitempty"`

	// decision is the approver's; set once.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a decision is final: withdraw the request and ask anew"
	Decision *CompensationDecision `json:"decision,omitempty"`

	// delivery says that the customer has it; set once.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the delivery was recorded and stays"
	Delivery *CompensationDelivery `json:"delivery,omitempty"`

	// withdrawal takes the request back; set once.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the request was withdrawn and stays so"
	Withdrawal *CompensationWithdrawal `json:"withdrawal,omitempty"`
}

// CompensationPhase is where a request stands.
//
// +kubebuilder:validation:Enum=Requested;AwaitingApproval;Offered;Granted;Denied;Delivered;Released
type CompensationPhase string

const (
	// CompensationRequested means it was not looked at yet.
	CompensationRequested CompensationPhase = "Requested"
	// CompensationAwaitingApproval means the money is reserved and a person decides.
	CompensationAwaitingApproval CompensationPhase = "AwaitingApproval"
	// CompensationOffered means the money is reserved and the customer chooses.
	CompensationOffered CompensationPhase = "Offered"
	// CompensationGranted means it may be given.
	CompensationGranted CompensationPhase = "Granted"
	// CompensationDenied means it is not given.
	CompensationDenied CompensationPhase = "Denied"
	// CompensationDelivered means the customer has it.
	CompensationDelivered CompensationPhase = "Delivered"
	// CompensationReleased means it was taken back and the money is free again.
	CompensationReleased CompensationPhase = "Released"
)

// CompensationStatus is what the operator makes of the request.
//
// +kubebuilder:validation:XValidation:rule="(!has(oldSelf.phase) || has(self.phase)) && (!has(oldSelf.incidentUID) || has(self.incidentUID))",message="a phase or an incidentUID, once there, stays"
// +kubebuilder:validation:XValidation:rule="(!has(oldSelf.customer) || has(self.customer)) && (!has(oldSelf.entitlement) || has(self.entitlement)) && (!has(oldSelf.purpose) || has(self.purpose)) && (!has(oldSelf.awaitingSince) || has(self.awaitingSince)) && (!has(oldSelf.approvalDueAt) || has(self.approvalDueAt)) && (!has(oldSelf.offeredAt) || has(self.offeredAt)) && (!has(oldSelf.decidedAt) || has(self.decidedAt)) && (!has(oldSelf.deliveredAt) || has(self.deliveredAt)) && (!has(oldSelf.releasedAt) || has(self.releasedAt))",message="the record of a request is kept: customer, entitlement, purpose and its instants, once there, stay"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.phase) || !(oldSelf.phase in ['Granted', 'Delivered']) || self.phase == 'Released' || (has(self.amount) == has(oldSelf.amount) && (!has(self.amount) || self.amount == oldSelf.amount))",message="what was granted is charged as it was granted: its amount stays"
type CompensationStatus struct {
	// conditions tell how the request stands: Ready, and why; Reconciling while it waits
	// for what comes by itself; Stalled once it is denied; and as advice beside a grant
	// CheaperOptionAvailable and BelowFloor.
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

	// phase is Requested, AwaitingApproval, Offered, Granted, Denied, Delivered or
	// Released; it only moves forward.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf || (oldSelf == 'Requested' && self != 'Delivered') || (oldSelf == 'AwaitingApproval' && self in ['Offered', 'Granted', 'Denied', 'Released']) || (oldSelf == 'Offered' && self in ['AwaitingApproval', 'Granted', 'Denied', 'Released']) || (oldSelf == 'Granted' && self in ['Delivered', 'Released'])",message="a request only moves forward: Denied, Delivered and Released are final, and Granted becomes Delivered or Released"
	Phase CompensationPhase `json:"phase,omitempty"`

	// incidentUID is the UID of the incident that it belongs to; one that was created
	// anew under the same name is another incident.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=36
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a request belongs to one incident for ever"
	IncidentUID string `json:"incidentUID,omitempty"`

	// customer is the id of the incident's customer when the request was first judged; a
	// limit for a customer counts by it.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="customer, once there, stays"
	Customer string `json:"customer,omitempty"`

	// entitlement is Owed where the only or chosen offer is due by contract or law;
	// absent, it is a kindness.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="entitlement, once there, stays"
	Entitlement Entitlement `json:"entitlement,omitempty"`

	// purpose is what the only or chosen offer is for, by the catalogue: Restore or
	// Extra. Absent, it is a remedy of its own kind, or none is chosen yet.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="purpose, once there, stays"
	Purpose RemedyPurpose `json:"purpose,omitempty"`

	// offeredPurposes are what the offers are for, where there are several: an Extra
	// among them was offered, whatever the customer chooses.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	OfferedPurposes []RemedyPurpose `json:"offeredPurposes,omitempty"`

	// amount is what is set aside, and once it is granted what is charged, in the
	// budget's currency. It stays once it is granted.
	//
	// +optional
	Amount Money `json:"amount,omitempty"`

	// allowance is the allowance that it counts in: the one it names, where it was set
	// aside or granted within it. What an approver granted counts in none.
	//
	// +optional
	Allowance Name `json:"allowance,omitempty"`

	// awaitingSince is since when an approval is waited for.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="awaitingSince, once there, stays"
	AwaitingSince *metav1.Time `json:"awaitingSince,omitempty"`

	// approvalDueAt is when it is to be decided, by the budget as it was then.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="approvalDueAt, once there, stays"
	ApprovalDueAt *metav1.Time `json:"approvalDueAt,omitempty"`

	// offeredAt is since when the customer chooses among several offers.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="offeredAt, once there, stays"
	OfferedAt *metav1.Time `json:"offeredAt,omitempty"`

	// decidedAt is when it was granted or denied: the instant of the fact that decided it,
	// whenever that was seen.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="decidedAt, once there, stays"
	DecidedAt *metav1.Time `json:"decidedAt,omitempty"`

	// deliveredAt is when the delivery was recorded.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="deliveredAt, once there, stays"
	DeliveredAt *metav1.Time `json:"deliveredAt,omitempty"`

	// releasedAt is when it was taken back.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="releasedAt, once there, stays"
	ReleasedAt *metav1.Time `json:"releasedAt,omitempty"`

	// dueAt is when it is to be decided, or once granted to be delivered.
	//
	// +optional
	DueAt *metav1.Time `json:"dueAt,omitempty"`
}

// Compensation is one remedy for a customer: offered, chosen, granted from a
// budget, approved where it must be, delivered in time.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=comp,categories=recovery
// +kubebuilder:selectablefield:JSONPath=`.spec.incidentName`
// +kubebuilder:selectablefield:JSONPath=`.spec.budgetName`
// +kubebuilder:selectablefield:JSONPath=`.spec.by`
// +kubebuilder:selectablefield:JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Incident",type=string,JSONPath=`.spec.incidentName`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Amount",type=string,JSONPath=`.status.amount`
// +kubebuilder:printcolumn:name="Allowance",type=string,JSONPath=`.spec.allowance`
// +kubebuilder:printcolumn:name="By",type=string,JSONPath=`.spec.by`
// +kubebuilder:printcolumn:name="Due",type=string,JSONPath=`.status.dueAt`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:validation:XValidation:rule="!has(self.spec.delivery) || oldSelf.?spec.?delivery.hasValue() || (has(self.status) && has(self.status.phase) && self.status.phase == 'Granted')",optionalOldSelf=true,message="only a granted remedy can be delivered: wait for status.phase Granted"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.decision) || oldSelf.?spec.?decision.hasValue() || (has(self.status) && has(self.status.phase) && self.status.phase == 'AwaitingApproval')",optionalOldSelf=true,message="only a request that awaits approval can be decided: status.phase is not AwaitingApproval"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || has(self.status)",message="the status of a request cannot be removed"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="a Compensation's name has at most 63 characters"
type Compensation struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is the request and the facts appended to it.
	//
	// +required
	Spec CompensationSpec `json:"spec,omitempty,omitzero"`

	// status is what the operator makes of it.
	//
	// +optional
	Status CompensationStatus `json:"status,omitempty,omitzero"`
}

// CompensationList is a list of Compensations.
//
// +kubebuilder:object:root=true
type CompensationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Compensation `json:"items"`
}
