package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// JournalEntry is one fact that a person or a system recorded: one act, one
// entry. It holds exactly one member beside the common fields; a contact may stand
// beside one of the others, and an entry may also be a contact or a note alone.
//
// Entries are appended and never edited: the only change that the API server lets
// through is the replacement of a text by "[redacted]". So the other rules look at
// an entry once, when it is appended (oldSelf.hasValue() is false then), and a write
// to a long journal does not pay for all that came before.
//
// +kubebuilder:validation:XValidation:rule="oldSelf.hasValue() || [has(self.completion), has(self.skip), has(self.need), has(self.promise), has(self.task), has(self.outcome), has(self.hold), has(self.resume), has(self.retarget), has(self.assignment), has(self.acceptance), has(self.impact), has(self.finding), has(self.gesture), has(self.feedback), has(self.amend), has(self.link), has(self.reopen), has(self.cancel), has(self.merge)].filter(x, x).size() <= 1",optionalOldSelf=true,message="an entry tells one fact: give one of completion, skip, need, promise, task, outcome, hold, resume, retarget, assignment, acceptance, impact, finding, gesture, feedback, amend, link, reopen, cancel and merge (a contact may stand beside it); write a second entry for a second fact"
// +kubebuilder:validation:XValidation:rule="oldSelf.hasValue() || [has(self.contact), has(self.note), has(self.completion), has(self.skip), has(self.need), has(self.promise), has(self.task), has(self.outcome), has(self.hold), has(self.resume), has(self.retarget), has(self.assignment), has(self.acceptance), has(self.impact), has(self.finding), has(self.gesture), has(self.feedback), has(self.amend), has(self.link), has(self.reopen), has(self.cancel), has(self.merge)].exists(x, x)",optionalOldSelf=true,message="an entry tells something: give a contact, a note or one of the other members, for example completion: {step: apologise}"
// +kubebuilder:validation:XValidation:rule="self == oldSelf || (self.id == oldSelf.id && has(self.by) == has(oldSelf.by) && (!has(self.by) || self.by == oldSelf.by) && has(self.recordedBy) == has(oldSelf.recordedBy) && (!has(self.recordedBy) || self.recordedBy == oldSelf.recordedBy) && has(self.recordedAt) == has(oldSelf.recordedAt) && (!has(self.recordedAt) || self.recordedAt == oldSelf.recordedAt) && has(self.at) == has(oldSelf.at) && (!has(self.at) || self.at == oldSelf.at) && has(self.contact) == has(oldSelf.contact) && (!has(self.contact) || self.contact == oldSelf.contact) && has(self.hold) == has(oldSelf.hold) && (!has(self.hold) || self.hold == oldSelf.hold) && has(self.resume) == has(oldSelf.resume) && (!has(self.resume) || self.resume == oldSelf.resume) && has(self.outcome) == has(oldSelf.outcome) && (!has(self.outcome) || self.outcome == oldSelf.outcome) && has(self.assignment) == has(oldSelf.assignment) && (!has(self.assignment) || self.assignment == oldSelf.assignment) && has(self.acceptance) == has(oldSelf.acceptance) && (!has(self.acceptance) || self.acceptance == oldSelf.acceptance) && has(self.impact) == has(oldSelf.impact) && (!has(self.impact) || self.impact == oldSelf.impact) && has(self.feedback) == has(oldSelf.feedback) && (!has(self.feedback) || self.feedback == oldSelf.feedback) && has(self.reopen) == has(oldSelf.reopen) && (!has(self.reopen) || self.reopen == oldSelf.reopen) && has(self.cancel) == has(oldSelf.cancel) && (!has(self.cancel) || self.cancel == oldSelf.cancel) && has(self.merge) == has(oldSelf.merge) && (!has(self.merge) || self.merge == oldSelf.merge) && has(self.note) == has(oldSelf.note) && (!has(self.note) || self.note == oldSelf.note || self.note == '[redacted]') && has(self.completion) == has(oldSelf.completion) && (!has(self.completion) || (self.completion.step == oldSelf.completion.step && has(self.completion.accepted) == has(oldSelf.completion.accepted) && (!has(self.completion.accepted) || self.completion.accepted == oldSelf.completion.accepted) && has(self.completion.noRemedyReason) == has(oldSelf.completion.noRemedyReason) && (!has(self.completion.noRemedyReason) || self.completion.noRemedyReason == oldSelf.completion.noRemedyReason || self.completion.noRemedyReason == '[redacted]'))) && has(self.skip) == has(oldSelf.skip) && (!has(self.skip) || (self.skip.step == oldSelf.skip.step && (self.skip.reason == oldSelf.skip.reason || self.skip.reason == '[redacted]'))) && has(self.need) == has(oldSelf.need) && (!has(self.need) || ((self.need.text == oldSelf.need.text || self.need.text == '[redacted]'))) && has(self.promise) == has(oldSelf.promise) && (!has(self.promise) || ((self.promise.text == oldSelf.promise.text || self.promise.text == '[redacted]') && has(self.promise.due) == has(oldSelf.promise.due) && (!has(self.promise.due) || self.promise.due == oldSelf.promise.due) && has(self.promise.within) == has(oldSelf.promise.within) && (!has(self.promise.within) || self.promise.within == oldSelf.promise.within) && has(self.promise.channel) == has(oldSelf.promise.channel) && (!has(self.promise.channel) || self.promise.channel == oldSelf.promise.channel) && has(self.promise.owner) == has(oldSelf.promise.owner) && (!has(self.promise.owner) || self.promise.owner == oldSelf.promise.owner) && has(self.promise.supersedes) == has(oldSelf.promise.supersedes) && (!has(self.promise.supersedes) || self.promise.supersedes == oldSelf.promise.supersedes) && has(self.promise.forStep) == has(oldSelf.promise.forStep) && (!has(self.promise.forStep) || self.promise.forStep == oldSelf.promise.forStep))) && has(self.task) == has(oldSelf.task) && (!has(self.task) || ((self.task.text == oldSelf.task.text || self.task.text == '[redacted]') && self.task.kind == oldSelf.task.kind && has(self.task.to) == has(oldSelf.task.to) && (!has(self.task.to) || self.task.to == oldSelf.task.to) && has(self.task.due) == has(oldSelf.task.due) && (!has(self.task.due) || self.task.due == oldSelf.task.due) && has(self.task.within) == has(oldSelf.task.within) && (!has(self.task.within) || self.task.within == oldSelf.task.within))) && has(self.retarget) == has(oldSelf.retarget) && (!has(self.retarget) || (self.retarget.severity == oldSelf.retarget.severity && has(self.retarget.reason) == has(oldSelf.retarget.reason) && (!has(self.retarget.reason) || self.retarget.reason == oldSelf.retarget.reason || self.retarget.reason == '[redacted]'))) && has(self.finding) == has(oldSelf.finding) && (!has(self.finding) || (self.finding.cause == oldSelf.finding.cause && has(self.finding.primary) == has(oldSelf.finding.primary) && (!has(self.finding.primary) || self.finding.primary == oldSelf.finding.primary) && has(self.finding.preventable) == has(oldSelf.finding.preventable) && (!has(self.finding.preventable) || self.finding.preventable == oldSelf.finding.preventable) && has(self.finding.detail) == has(oldSelf.finding.detail) && (!has(self.finding.detail) || self.finding.detail == oldSelf.finding.detail || self.finding.detail == '[redacted]'))) && has(self.gesture) == has(oldSelf.gesture) && (!has(self.gesture) || (has(self.gesture.option) == has(oldSelf.gesture.option) && (!has(self.gesture.option) || self.gesture.option == oldSelf.gesture.option) && has(self.gesture.text) == has(oldSelf.gesture.text) && (!has(self.gesture.text) || self.gesture.text == oldSelf.gesture.text || self.gesture.text == '[redacted]'))) && has(self.amend) == has(oldSelf.amend) && (!has(self.amend) || (has(self.amend.customer) == has(oldSelf.amend.customer) && (!has(self.amend.customer) || self.amend.customer == oldSelf.amend.customer) && has(self.amend.category) == has(oldSelf.amend.category) && (!has(self.amend.category) || self.amend.category == oldSelf.amend.category) && has(self.amend.service) == has(oldSelf.amend.service) && (!has(self.amend.service) || self.amend.service == oldSelf.amend.service) && has(self.amend.summary) == has(oldSelf.amend.summary) && (!has(self.amend.summary) || self.amend.summary == oldSelf.amend.summary || self.amend.summary == '[redacted]'))) && has(self.link) == has(oldSelf.link) && (!has(self.link) || ((self.link.name == oldSelf.link.name || self.link.name == '[redacted]') && (self.link.url == oldSelf.link.url || self.link.url == '[redacted]'))))",message="an entry of the journal is never edited: append a new one that says what is right (kubectl patch --type=json, op add, path /spec/journal/-); only its texts may be replaced by [redacted]"
// +kubebuilder:validation:XValidation:rule="oldSelf.hasValue() || !has(self.at) || !(has(self.hold) || has(self.resume) || has(self.retarget))",optionalOldSelf=true,message="hold, resume and retarget count from when they are recorded: they carry no claimed time in at"
type JournalEntry struct {
	// id names the entry within the incident; lower-case letters, digits and dashes.
	// A repeated id is refused, which makes sending an entry twice harmless.
	//
	// +required
	ID Name `json:"id,omitempty"`

	// by is who did it, as the API server knows them.
	//
	// +optional
	By User `json:"by,omitempty"`

	// recordedBy is who typed it, when that is someone else than by.
	//
	// +optional
	RecordedBy User `json:"recordedBy,omitempty"`

	// recordedAt is when the API server took it in, in whole seconds; deadlines are
	// judged by it. Without it, the operator takes the time from the object's
	// managedFields, else the time at which it first saw the entry, and writes it to
	// status.recorded.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	RecordedAt *metav1.Time `json:"recordedAt,omitempty"`

	// at is a claimed earlier time at which it happened. It informs reports, and a
	// promise's within counts from it; it never makes a late fact timely.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="timestamp(int(self)) == self",message="an instant has whole seconds, for example 2026-10-02T08:20:00Z"
	At *metav1.Time `json:"at,omitempty"`

	// note is what there is to say beside the fact, or a note of its own: at most
	// 4096 characters, and at most 64 KiB in all notes of the incident together.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Note string `json:"note,omitempty"`

	// contact is a contact with the customer, or an attempt at one. It may stand
	// beside one other member.
	//
	// +optional
	Contact *Contact `json:"contact,omitempty"`

	// completion says that a step is done. It counts once what the step demands is
	// there; before its turn it is kept, flagged OutOfOrder, and not asked for again.
	//
	// +optional
	Completion *Completion `json:"completion,omitempty"`

	// skip leaves a step out, with a reason. An Apology cannot be skipped.
	//
	// +optional
	Skip *Skip `json:"skip,omitempty"`

	// need is what the customer needs at heart, in words.
	//
	// +optional
	Need *Need `json:"need,omitempty"`

	// promise is what was promised to the customer and by when. It runs on the wall
	// clock, is never paused and never moved.
	//
	// +optional
	Promise *Promise `json:"promise,omitempty"`

	// task is what colleagues owe each other for this customer.
	//
	// +optional
	Task *Task `json:"task,omitempty"`

	// outcome tells what became of a promise or a task.
	//
	// +optional
	Outcome *Outcome `json:"outcome,omitempty"`

	// hold pauses what the policy lets this reason pause.
	//
	// +optional
	Hold *Hold `json:"hold,omitempty"`

	// resume ends a hold.
	//
	// +optional
	Resume *Resume `json:"resume,omitempty"`

	// retarget changes the severity; deadlines are counted anew from their start.
	//
	// +optional
	Retarget *Retarget `json:"retarget,omitempty"`

	// assignment hands the incident to a person or a group.
	//
	// +optional
	Assignment *Assignment `json:"assignment,omitempty"`

	// acceptance takes the assignment on: "I have read the journal".
	//
	// +optional
	Acceptance *Acceptance `json:"acceptance,omitempty"`

	// impact is how long the failure lasted and what was at stake.
	//
	// +optional
	Impact *Impact `json:"impact,omitempty"`

	// finding is a cause that was found.
	//
	// +optional
	Finding *Finding `json:"finding,omitempty"`

	// gesture is a kindness that costs no budget.
	//
	// +optional
	Gesture *Gesture `json:"gesture,omitempty"`

	// feedback is how the customer took the recovery.
	//
	// +optional
	Feedback *Feedback `json:"feedback,omitempty"`

	// amend corrects the header, which itself stays as reported.
	//
	// +optional
	Amend *Amend `json:"amend,omitempty"`

	// link points to something elsewhere: a ticket, a call record, a chat.
	//
	// +optional
	Link *Link `json:"link,omitempty"`

	// reopen starts another round of a resolved or closed incident, within the
	// policy's reopenWithin.
	//
	// +optional
	Reopen *Reopen `json:"reopen,omitempty"`

	// cancel ends the incident as none: steps, updates and resolution stop; promises
	// already made run on.
	//
	// +optional
	Cancel *Cancel `json:"cancel,omitempty"`

	// merge ends the incident in favour of another one, which carries on with the
	// recovery; promises already made run on here.
	//
	// +optional
	Merge *Merge `json:"merge,omitempty"`
}

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
