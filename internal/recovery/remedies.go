package recovery

import (
	"cmp"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// remedy is a Compensation of the incident during a replay.
type remedy struct {
	is *v1alpha1.Compensation
	// approval and delivery are its clocks; nil where they have not started.
	approval, delivery *clock
	// answered says that a turn of it has come; until then it asks.
	answered bool
	// offeredAt is since when the customer has it, or may choose it; zero while that is
	// not so, and once it was denied or taken back.
	offeredAt time.Time
	// exhaustedAt is when it was denied because the pool was; zero where it was not.
	exhaustedAt time.Time
}

// turn is something that became of a Compensation, at the instant that stands in it.
type turn int

// In one instant they come in this order.
const (
	turnAwaits turn = iota
	turnOffered
	turnAnswered // by a person, though the ledger has not followed yet
	turnGranted
	turnDenied
	turnDelivered
	turnReleased
)

// remedyTurn is a turn with its instant.
type remedyTurn struct {
	at     time.Time
	turn   turn
	remedy *remedy
}

// maxRemedies bounds the Compensations that have clocks, because a status is bounded.
// An incident is given fewer; more can only come about where two were judged at once.
const maxRemedies = 64

// takeRemedies reads what became of the Compensations of this incident, in the order in
// which they were asked for. Their instants stand in their own status, which keeps them.
func (r *run) takeRemedies() {
	clocked := 0
	for i := range r.snapshot.Compensations {
		c := &r.snapshot.Compensations[i]
		if uid := c.Status.IncidentUID; uid != "" && uid != string(r.inc.UID) {
			continue // It was asked of another incident by this name.
		}
		m := &remedy{is: c}
		r.remedies = append(r.remedies, m)
		if m.clocked() {
			if clocked++; clocked > maxRemedies {
				m.answered = true
				continue
			}
		}
		r.turns = append(r.turns, m.turns()...)
	}
	slices.SortFunc(r.turns, func(a, b remedyTurn) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.remedy.is.Name, b.remedy.is.Name), cmp.Compare(a.turn, b.turn))
	})
}

// clocked says whether it has a clock, or had one.
func (m *remedy) clocked() bool {
	s := &m.is.Status
	return s.AwaitingSince != nil || s.DecidedAt != nil && s.Phase != v1alpha1.CompensationDenied
}

func (m *remedy) turns() []remedyTurn {
	s := &m.is.Status
	var out []remedyTurn
	add := func(t turn, at time.Time) { out = append(out, remedyTurn{at.UTC(), t, m}) }
	if s.AwaitingSince != nil {
		add(turnAwaits, s.AwaitingSince.Time)
	}
	if s.OfferedAt != nil {
		add(turnOffered, s.OfferedAt.Time)
	}
	if d := m.is.Spec.Decision; d != nil && d.RecordedAt != nil && s.AwaitingSince != nil && d.RecordedAt.After(s.AwaitingSince.Time) {
		add(turnAnswered, d.RecordedAt.Time)
	}
	if s.DecidedAt != nil {
		if s.Phase == v1alpha1.CompensationDenied {
			add(turnDenied, m.deniedAt())
		} else {
			add(turnGranted, s.DecidedAt.Time)
		}
	}
	switch d := m.is.Spec.Delivery; {
	case s.DeliveredAt != nil:
		add(turnDelivered, s.DeliveredAt.Time)
	case d != nil && d.RecordedAt != nil && s.DecidedAt != nil && d.RecordedAt.After(s.DecidedAt.Time):
		add(turnDelivered, d.RecordedAt.Time)
	}
	if s.ReleasedAt != nil {
		add(turnReleased, s.ReleasedAt.Time)
	}
	return out
}

// deniedAt is when a denial takes effect: one because nobody decided in time, when it
// is certain that nobody did.
func (m *remedy) deniedAt() time.Time {
	at := m.is.Status.DecidedAt.Time
	if m.reason() == v1alpha1.ApprovalTimedOutReason {
		return at.Add(time.Second)
	}
	return at
}

// reason is why the Compensation stands as it does.
func (m *remedy) reason() string {
	if ready := apimeta.FindStatusCondition(m.is.Status.Conditions, v1alpha1.ReadyCondition); ready != nil {
		return ready.Reason
	}
	return ""
}

// nextTurn is what becomes of a Compensation next, or nil.
func (r *run) nextTurn() *remedyTurn {
	if r.turned < len(r.turns) {
		return &r.turns[r.turned]
	}
	return nil
}

// takeTurn takes the next turn.
func (r *run) takeTurn() {
	t := r.turns[r.turned]
	r.turned++
	m, at := t.remedy, t.at
	m.answered = true
	switch t.turn {
	case turnAwaits:
		m.approval = r.startApproval(m, at)
	case turnAnswered:
		r.endApproval(m, v1alpha1.StateDone, v1alpha1.ClockCompletedReason, at)
	case turnOffered:
		r.endApproval(m, v1alpha1.StateDone, v1alpha1.ClockCompletedReason, at)
		m.offeredAt = at
	case turnGranted:
		r.endApproval(m, v1alpha1.StateDone, v1alpha1.ClockCompletedReason, at)
		if m.offeredAt.IsZero() {
			m.offeredAt = at
		}
		m.delivery = r.startDelivery(m, at)
	case turnDenied:
		r.deny(m, at)
	case turnDelivered:
		endIfRunning(m.delivery, v1alpha1.StateDone, v1alpha1.ClockCompletedReason, at)
	case turnReleased:
		r.endApproval(m, v1alpha1.StateCancelled, v1alpha1.ClockReleasedReason, at)
		endIfRunning(m.delivery, v1alpha1.StateCancelled, v1alpha1.ClockReleasedReason, at)
		m.offeredAt = time.Time{}
	}
	r.pending.set(r.remediesRun(v1alpha1.ClockApproval), at)
	r.undelivered.set(r.remediesRun(v1alpha1.ClockDelivery), at)
	r.retryCompletions(at, nil)
}

// deny ends what was asked for.
func (r *run) deny(m *remedy, at time.Time) {
	state, reason := v1alpha1.StateDone, v1alpha1.ClockCompletedReason
	switch m.reason() {
	case v1alpha1.ApprovalTimedOutReason:
		state, reason = v1alpha1.StateCancelled, v1alpha1.ClockTimedOutReason
	case v1alpha1.PoolExhaustedReason:
		m.exhaustedAt = at
	}
	r.endApproval(m, state, reason, at)
	m.offeredAt = time.Time{}
}

// startApproval starts the clock of our own decision. It stops none of the customer's.
func (r *run) startApproval(m *remedy, at time.Time) *clock {
	var within *policy.Deadline
	if due := m.is.Status.ApprovalDueAt; due != nil && due.After(at) {
		within = &policy.Deadline{Within: due.Sub(at)}
	}
	if !r.remediesRun(v1alpha1.ClockApproval) {
		r.approvalsSince = at
	}
	return r.startClock(v1alpha1.ClockApproval, clockName(v1alpha1.ClockApproval, v1alpha1.Name(m.is.Name), 1), at, within)
}

// endApproval ends it, and counts what it cost the customer: approvals that were waited
// for at the same time cost that time once, when the last of them ends.
func (r *run) endApproval(m *remedy, state v1alpha1.ClockState, reason string, at time.Time) {
	if c := m.approval; c != nil && c.running() {
		c.end(state, reason, at, "")
		if !r.remediesRun(v1alpha1.ClockApproval) {
			r.waitedForApproval += at.Sub(r.approvalsSince)
		}
	}
}

// startDelivery starts the clock of a grant: the customer has it once it is delivered.
func (r *run) startDelivery(m *remedy, at time.Time) *clock {
	var within *policy.Deadline
	if r.plan != nil {
		within = r.plan.DeliverWithin
	}
	return r.startClock(v1alpha1.ClockDelivery, clockName(v1alpha1.ClockDelivery, v1alpha1.Name(m.is.Name), 1), at, within)
}

func endIfRunning(c *clock, state v1alpha1.ClockState, reason string, at time.Time) {
	if c != nil && c.running() {
		c.end(state, reason, at, "")
	}
}

// remediesRun says whether a clock of this kind runs.
func (r *run) remediesRun(kind v1alpha1.ClockKind) bool {
	return slices.ContainsFunc(r.clocks, func(c *clock) bool { return c.kind == kind && c.running() })
}

// asks says whether it was there at an instant and nothing had become of it yet.
func (m *remedy) asks(at time.Time) bool {
	return !m.answered && !m.is.CreationTimestamp.After(at)
}

// choosing says whether the customer has been offered a choice that is open still.
func (m *remedy) choosing() bool {
	return !m.offeredAt.IsZero() && m.delivery == nil
}

// extra says whether it was something beyond what was expected. An extra among several
// offers was offered, whatever the customer chooses.
func (m *remedy) extra() bool {
	return m.is.Status.Purpose == v1alpha1.PurposeExtra || slices.Contains(m.is.Status.OfferedPurposes, v1alpha1.PurposeExtra)
}

// offered says whether a remedy that fits was offered or given in this round.
func (r *run) offered(fits func(*remedy) bool) bool {
	return slices.ContainsFunc(r.remedies, func(m *remedy) bool {
		return !m.offeredAt.IsZero() && !m.offeredAt.Before(r.roundAt) && fits(m)
	})
}
