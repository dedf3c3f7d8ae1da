package recovery

import (
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// Snapshot is the world as gathered, which Decide reads and never changes.
type Snapshot struct {
	// Incident is the incident with the status that was last written.
	Incident *v1alpha1.Incident
	// Plan is the revision that was pinned first, or the one to be pinned now; nil while
	// Problem is set.
	Plan *policy.Plan
	// PlanCreated is when the API server created the revision of Plan, where it is to be
	// pinned now.
	PlanCreated time.Time
	// Rollouts are the revisions that were pinned after it, in order of the pins.
	Rollouts []*policy.Plan
	// Next is a revision that the policy rolls out to open incidents and that is not
	// pinned yet; nil where there is none.
	Next *policy.Plan
	// NextCreated is when the API server created the revision of Next, from which on it
	// holds; zero is now.
	NextCreated time.Time
	// Problem says why there is no plan.
	Problem *Problem
	// Others are the incidents that merge entries name, by name; one that does not
	// exist is absent.
	Others map[string]Other
	// Compensations are those of this incident, by its UID.
	Compensations []v1alpha1.Compensation
	// Skew is added to the second after which a due instant counts as passed, for
	// clusters whose clocks differ.
	Skew time.Duration
}

// Problem says why an incident has no plan.
type Problem struct {
	// Reason is a condition reason of the API package.
	Reason string
	// Message says what to do about it.
	Message string
	// Stalled says that a person must mend it; otherwise it is waited for.
	Stalled bool
}

// Other is another incident, as far as a merge needs to know it.
type Other struct {
	UID   string
	Phase v1alpha1.Phase
}

// Decision is what Decide found.
type Decision struct {
	// Status is the whole status to be written.
	Status v1alpha1.IncidentStatus
	// Notices is what is told once the status is written, in order.
	Notices []Notice
	// WakeAt is the next instant at which the decision changes without a new fact; zero
	// when there is none.
	WakeAt time.Time
	// Confirm says that it must be decided again with Compensations that were read live:
	// a breach is new that one of them may have averted, or something is taken back that is
	// written. The incident's version guards its own facts, and what was recorded of a
	// Compensation is not among them.
	Confirm bool
}

// Notice is one thing that happened, for an Event and for metrics.
type Notice struct {
	// Warning says that somebody should look; otherwise it is good to know.
	Warning bool
	// Reason is one of the event reasons of the API package.
	Reason string
	// Action is what the operator did, in one word.
	Action string
	// Message is for people, without times that flap.
	Message string
	// Announced is the key in status.announced, if it is about an escalation.
	Announced string
	// Trigger is what a level was told of, if it is about an escalation.
	Trigger v1alpha1.Trigger
	// Clock is the clock concerned, if it is about one.
	Clock *v1alpha1.Clock
}
