package v1alpha1

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
