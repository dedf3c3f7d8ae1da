package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Contact is a contact with the customer.
//
// +kubebuilder:validation:XValidation:rule="self.direction == 'ToCustomer' || !(has(self.reached) || has(self.audience) || has(self.automated))",message="reached, audience and automated go with direction ToCustomer"
// +kubebuilder:validation:XValidation:rule="self.direction == 'FromCustomer' || !(has(self.acknowledgementOnly) || has(self.repeated))",message="acknowledgementOnly and repeated go with direction FromCustomer"
type Contact struct {
	// direction is FromCustomer or ToCustomer.
	//
	// +required
	Direction ContactDirection `json:"direction,omitempty"`

	// channel is how, for example Phone, Visit, InPerson, Email, Chat, Letter.
	//
	// +required
	Channel Channel `json:"channel,omitempty"`

	// reached says that our contact reached the customer; absent means it did not.
	//
	// +optional
	Reached bool `json:"reached,omitempty"`

	// automated says that no person did it, for example a confirmation mail. It
	// satisfies no apology, no promise and no response.
	//
	// +optional
	Automated bool `json:"automated,omitempty"`

	// audience is Customer (the default) for a contact with this customer alone, or
	// All for a broadcast such as a status page; a broadcast counts as an update but
	// answers nobody.
	//
	// +optional
	Audience Audience `json:"audience,omitempty"`

	// acknowledgementOnly says that the customer only said thanks or goodbye: it asks
	// for no answer and reopens nothing.
	//
	// +optional
	AcknowledgementOnly bool `json:"acknowledgementOnly,omitempty"`

	// mood is how the customer sounded: Calm, Upset or Angry.
	//
	// +optional
	Mood Mood `json:"mood,omitempty"`

	// repeated says that the customer had to tell the story once more.
	//
	// +optional
	Repeated bool `json:"repeated,omitempty"`

	// minutes is how long it took, at most a day.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1440
	Minutes int32 `json:"minutes,omitempty"`
}

// ContactDirection says who contacted whom.
//
// +kubebuilder:validation:Enum=FromCustomer;ToCustomer
type ContactDirection string

const (
	// FromCustomer is a contact that the customer made.
	FromCustomer ContactDirection = "FromCustomer"
	// ToCustomer is a contact that we made, or tried to make.
	ToCustomer ContactDirection = "ToCustomer"
)

// Channel is how a contact was made.
//
// +kubebuilder:validation:Enum=InPerson;Visit;Phone;Video;Chat;Message;Email;Letter;Social;StatusPage;Other
type Channel string

const (
	// ChannelVisit is a visit at the customer's; contact hours hold for it.
	ChannelVisit Channel = "Visit"
	// ChannelPhone is a call; contact hours hold for it.
	ChannelPhone Channel = "Phone"
	// ChannelVideo is a video call; contact hours hold for it.
	ChannelVideo Channel = "Video"
)

// Audience says for whom a contact was.
//
// +kubebuilder:validation:Enum=Customer;All
type Audience string

const (
	// AudienceCustomer is this customer alone.
	AudienceCustomer Audience = "Customer"
	// AudienceAll is everybody concerned.
	AudienceAll Audience = "All"
)

// Mood is how the customer sounded.
//
// +kubebuilder:validation:Enum=Calm;Upset;Angry
type Mood string

// Completion says that a step is done.
type Completion struct {
	// step is the name of the step in the incident's policy.
	//
	// +required
	Step Name `json:"step,omitempty"`

	// accepted says whether the customer accepted what was done: Yes or NotYet.
	//
	// +optional
	Accepted Accepted `json:"accepted,omitempty"`

	// noRemedyReason says why the customer gets no remedy, where the policy lets a
	// reason stand for one.
	//
	// +optional
	NoRemedyReason Text `json:"noRemedyReason,omitempty"`
}

// Accepted says whether the customer accepted the outcome.
//
// +kubebuilder:validation:Enum=Yes;NotYet
type Accepted string

const (
	// AcceptedYes means the customer accepted.
	AcceptedYes Accepted = "Yes"
	// AcceptedNotYet means the customer has not accepted so far.
	AcceptedNotYet Accepted = "NotYet"
)

// Skip leaves a step out.
type Skip struct {
	// step is the name of the step in the incident's policy.
	//
	// +required
	Step Name `json:"step,omitempty"`

	// reason says why it is left out.
	//
	// +required
	Reason Text `json:"reason,omitempty"`
}

// Need is the customer's core need.
type Need struct {
	// text is the need, best in the customer's own words.
	//
	// +required
	Text Text `json:"text,omitempty"`
}

// Promise is what was said to the customer; its name is the entry's id.
//
// +kubebuilder:validation:XValidation:rule="has(self.due) != has(self.within)",message="a promise is due at an instant or within a duration: give exactly one of due and within"
type Promise struct {
	// text is what was promised.
	//
	// +required
	Text Text `json:"text,omitempty"`

	// due is the instant by which it is kept.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	Due *metav1.Time `json:"due,omitempty"`

	// within is the wall-clock time by which it is kept, from the entry's at, else
	// from its recordedAt; for example 30m.
	//
	// +optional
	Within Duration `json:"within,omitempty"`

	// channel is how we said we would be in touch.
	//
	// +optional
	Channel Channel `json:"channel,omitempty"`

	// owner is who keeps it; without it, the owner of the incident.
	//
	// +optional
	Owner User `json:"owner,omitempty"`

	// supersedes is the id of the promise that this one replaces. It counts only if
	// the customer was told before the old one was due.
	//
	// +optional
	Supersedes Name `json:"supersedes,omitempty"`

	// forStep names a step for which the customer chose this slot: the slot replaces
	// the step's due instant.
	//
	// +optional
	ForStep Name `json:"forStep,omitempty"`
}

// Task is what colleagues owe each other; its name is the entry's id.
//
// +kubebuilder:validation:XValidation:rule="has(self.due) != has(self.within)",message="a task is due at an instant or within a duration: give exactly one of due and within"
type Task struct {
	// kind is Help (do something for the customer), Internal (a hand-over), Verify (a
	// check), Care (on the next days) or Prevention (it outlives the incident).
	//
	// +required
	Kind TaskKind `json:"kind,omitempty"`

	// to is the person or group who has it to do.
	//
	// +optional
	To User `json:"to,omitempty"`

	// text is what there is to do.
	//
	// +required
	Text Text `json:"text,omitempty"`

	// due is the instant by which it is done.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	Due *metav1.Time `json:"due,omitempty"`

	// within is the wall-clock time by which it is done, from the entry's at, else
	// from its recordedAt.
	//
	// +optional
	Within Duration `json:"within,omitempty"`
}

// TaskKind says what a task is for.
//
// +kubebuilder:validation:Enum=Help;Internal;Verify;Care;Prevention
type TaskKind string

const (
	// TaskHelp is something that the customer is waiting for.
	TaskHelp TaskKind = "Help"
	// TaskInternal is a hand-over between colleagues.
	TaskInternal TaskKind = "Internal"
	// TaskVerify is a check that something was done.
	TaskVerify TaskKind = "Verify"
	// TaskCare is care for the customer on the next days.
	TaskCare TaskKind = "Care"
	// TaskPrevention keeps it from happening again; it does not keep an incident open.
	TaskPrevention TaskKind = "Prevention"
)

// Outcome tells what became of a promise or a task.
//
// +kubebuilder:validation:XValidation:rule="has(self.promise) != has(self.task)",message="an outcome is that of one promise or one task: give exactly one of promise and task"
// +kubebuilder:validation:XValidation:rule="!has(self.promise) || self.result in ['Kept', 'Attempted', 'Broken', 'Released']",message="a promise is Kept, Attempted, Broken or Released"
// +kubebuilder:validation:XValidation:rule="!has(self.task) || self.result in ['Done', 'Attempted', 'Declined', 'Released']",message="a task is Done, Attempted, Declined or Released"
type Outcome struct {
	// promise is the id of the entry that made the promise.
	//
	// +optional
	Promise Name `json:"promise,omitempty"`

	// task is the id of the entry that set the task.
	//
	// +optional
	Task Name `json:"task,omitempty"`

	// result is Kept, Attempted, Broken or Released for a promise, and Done, Attempted,
	// Declined or Released for a task.
	//
	// +required
	Result Result `json:"result,omitempty"`
}

// Result is what became of a promise or a task.
//
// +kubebuilder:validation:Enum=Kept;Attempted;Broken;Released;Done;Declined
type Result string

const (
	// ResultKept means the promise was kept.
	ResultKept Result = "Kept"
	// ResultAttempted means we tried and did not reach the customer; it keeps nothing.
	ResultAttempted Result = "Attempted"
	// ResultBroken means the promise was not kept.
	ResultBroken Result = "Broken"
	// ResultReleased means the customer, or who asked, no longer wants it.
	ResultReleased Result = "Released"
	// ResultDone means the task is done.
	ResultDone Result = "Done"
	// ResultDeclined means that who was asked will not do it.
	ResultDeclined Result = "Declined"
)

// Hold pauses clocks; its name is the entry's id.
type Hold struct {
	// reason is one of the reasons that the policy lists under holds, for example
	// WaitingForCustomer.
	//
	// +required
	Reason HoldReason `json:"reason,omitempty"`

	// until is when it ends by itself, at the latest; the policy's caps may end it
	// earlier.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	Until *metav1.Time `json:"until,omitempty"`
}

// HoldReason is why clocks may be paused. WaitingForCustomer is known to the
// operator (a customer's contact ends it); others are the policy's own.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^[A-Z][A-Za-z0-9]*$`
type HoldReason string

// WaitingForCustomer is the hold that a contact from the customer ends at once.
const WaitingForCustomer HoldReason = "WaitingForCustomer"

// Resume ends a hold.
type Resume struct {
	// hold is the id of the entry that set the hold.
	//
	// +required
	Hold Name `json:"hold,omitempty"`
}

// Retarget changes the severity.
type Retarget struct {
	// severity is the severity from now on.
	//
	// +required
	Severity Severity `json:"severity,omitempty"`

	// reason says why; a milder severity needs one.
	//
	// +optional
	Reason Text `json:"reason,omitempty"`
}

// Assignment hands the incident over.
type Assignment struct {
	// owner is the person or group who has it from now on.
	//
	// +required
	Owner User `json:"owner,omitempty"`
}

// Acceptance takes an assignment on.
type Acceptance struct {
	// assignment is the id of the entry that made the assignment; without it, the
	// latest one.
	//
	// +optional
	Assignment Name `json:"assignment,omitempty"`
}
