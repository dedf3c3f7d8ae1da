package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Impact is how long the failure lasted and what was at stake.
//
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="!has(self.startedAt) || !has(self.endedAt) || self.startedAt <= self.endedAt",message="endedAt is at or after startedAt"
type Impact struct {
	// startedAt is when it began to hurt.
	//
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// endedAt is when it stopped.
	//
	// +optional
	EndedAt *metav1.Time `json:"endedAt,omitempty"`

	// amountAtStake is what the customer stood to lose, in the budget's currency.
	//
	// +optional
	AmountAtStake Money `json:"amountAtStake,omitempty"`
}

// Finding is a cause that was found.
type Finding struct {
	// cause is Execution (done wrong), Process (the way it is done is wrong), System
	// (something broke), Customer, Expectation (promised or understood differently),
	// ThirdParty, External (wind, weather) or Unknown. No cause shortens what is owed.
	//
	// +required
	Cause Cause `json:"cause,omitempty"`

	// detail is what was found.
	//
	// +optional
	Detail Text `json:"detail,omitempty"`

	// primary says that this is the main cause among several.
	//
	// +optional
	Primary bool `json:"primary,omitempty"`

	// preventable says whether it could have been prevented: Yes, No or Unknown.
	//
	// +optional
	Preventable Preventable `json:"preventable,omitempty"`
}

// Cause is why a service failed.
//
// +kubebuilder:validation:Enum=Execution;Process;System;Customer;Expectation;ThirdParty;External;Unknown
type Cause string

// Preventable says whether a failure could have been prevented.
//
// +kubebuilder:validation:Enum=Yes;No;Unknown
type Preventable string

// Gesture is a kindness that costs no budget.
//
// +kubebuilder:validation:XValidation:rule="has(self.option) || has(self.text)",message="name an option of the policy's catalogue, or say in text what was done"
type Gesture struct {
	// option is a catalogue option of the policy that costs nothing.
	//
	// +optional
	Option Name `json:"option,omitempty"`

	// text says what was done.
	//
	// +optional
	Text Text `json:"text,omitempty"`
}

// Feedback is how the customer took the recovery.
//
// +kubebuilder:validation:MinProperties=1
type Feedback struct {
	// satisfaction is from 1, not at all, to 5, fully.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	Satisfaction int32 `json:"satisfaction,omitempty"`

	// versusExpectation is Below, Met or Above what the customer expected.
	//
	// +optional
	VersusExpectation VersusExpectation `json:"versusExpectation,omitempty"`

	// willReturn says whether the customer means to come back: Yes, No or Unknown.
	//
	// +optional
	WillReturn Answer `json:"willReturn,omitempty"`

	// retained says whether the customer has in fact come back: Yes, No or Unknown.
	//
	// +optional
	Retained Answer `json:"retained,omitempty"`

	// source is Customer, when the customer said it, or Staff, when we judge so.
	//
	// +optional
	Source FeedbackSource `json:"source,omitempty"`
}

// VersusExpectation compares what was done with what was expected.
//
// +kubebuilder:validation:Enum=Below;Met;Above
type VersusExpectation string

// Answer is Yes, No or Unknown.
//
// +kubebuilder:validation:Enum=Yes;No;Unknown
type Answer string

// FeedbackSource says whose judgement a feedback is.
//
// +kubebuilder:validation:Enum=Customer;Staff
type FeedbackSource string

// Amend corrects the header.
//
// +kubebuilder:validation:MinProperties=1
type Amend struct {
	// summary replaces the summary.
	//
	// +optional
	Summary Text `json:"summary,omitempty"`

	// customer replaces the customer, whole.
	//
	// +optional
	Customer *Customer `json:"customer,omitempty"`

	// category replaces the category.
	//
	// +optional
	Category Category `json:"category,omitempty"`

	// service replaces the service.
	//
	// +optional
	Service Service `json:"service,omitempty"`
}

// Link points to something elsewhere.
type Link struct {
	// name is what it is.
	//
	// +required
	Name Text `json:"name,omitempty"`

	// url is where it is: http, https or mailto.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^((https?://|mailto:)\S+|\[redacted\])$`
	URL string `json:"url,omitempty"`
}

// Reopen starts another round.
type Reopen struct {
	// reason says why.
	//
	// +optional
	Reason ReopenReason `json:"reason,omitempty"`
}

// ReopenReason is why an incident is reopened.
//
// +kubebuilder:validation:Enum=NotFixed;HappenedAgain;CustomerDisagrees;Other
type ReopenReason string

// Cancel ends the incident as none.
type Cancel struct {
	// reason is Mistake, Duplicate, Averted (the failure did not come) or
	// CustomerWithdrew.
	//
	// +required
	Reason CancelReason `json:"reason,omitempty"`
}

// CancelReason is why an incident is none.
//
// +kubebuilder:validation:Enum=Mistake;Duplicate;Averted;CustomerWithdrew
type CancelReason string

// Merge ends the incident in favour of another one.
type Merge struct {
	// into is the name of the other incident, in the same namespace.
	//
	// +required
	Into ObjectName `json:"into,omitempty"`
}
