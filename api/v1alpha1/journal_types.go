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
