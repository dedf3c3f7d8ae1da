// Package rollout says what an edition of a policy that nobody has applied yet would do
// to the incidents that are open now. It asks the operator's own engine, twice: as things
// are, and with the new edition rolled out at this moment.
package rollout

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// Move is a clock that the edition would change. A zero instant is one that is not
// there: the clock has no deadline, or there is no such clock.
type Move struct {
	// Clock is the clock's name.
	Clock string
	// Was and Is are when it is due, before and after.
	Was, Is time.Time
	// WasState and IsState are its states; empty where there is no such clock.
	WasState, IsState v1alpha1.ClockState
	// LateAtOnce says that it would be breached by the change itself.
	LateAtOnce bool
}

// Effect is what the edition would do to one incident.
type Effect struct {
	Incident types.NamespacedName
	Severity v1alpha1.Severity
	// Was and Is are how the incident stands before and after.
	Was, Is v1alpha1.SLA
	// Moves are the clocks that would change; none where nothing would.
	Moves []Move
	// Unreadable says that the incident's own revision cannot be read, so that nobody can
	// tell.
	Unreadable string
}

// Compare says what rolling out next would do to each of these incidents at now.
// Snapshots are as the operator gathers them; they are not changed.
func Compare(snapshots []*recovery.Snapshot, next *policy.Plan, now time.Time) []Effect {
	out := make([]Effect, 0, len(snapshots))
	for _, s := range snapshots {
		out = append(out, effect(s, next, now))
	}
	slices.SortFunc(out, func(a, b Effect) int {
		return cmp.Or(cmp.Compare(a.Incident.Namespace, b.Incident.Namespace), cmp.Compare(a.Incident.Name, b.Incident.Name))
	})
	return out
}

func effect(s *recovery.Snapshot, next *policy.Plan, now time.Time) Effect {
	out := Effect{Incident: types.NamespacedName{Namespace: s.Incident.Namespace, Name: s.Incident.Name}, Severity: s.Incident.Status.Severity}
	if s.Plan == nil {
		out.Unreadable = "its revision cannot be read"
		if s.Problem != nil {
			out.Unreadable = s.Problem.Message
		}
		return out
	}
	bare, rolled := *s, *s
	bare.Next, rolled.Next = nil, next
	if followed(s, next) {
		rolled.Next = nil
	}
	before, after := recovery.Decide(&bare, now).Status, recovery.Decide(&rolled, now).Status
	out.Severity, out.Was, out.Is = before.Severity, before.SLA, after.SLA
	out.Moves = moves(&before, &after)
	return out
}

// followed says whether the incident has the edition already.
func followed(s *recovery.Snapshot, next *policy.Plan) bool {
	pins := s.Incident.Status.Pins
	return len(pins) > 0 && string(pins[len(pins)-1].Revision) == next.Revision
}

// moves are the clocks that differ.
func moves(before, after *v1alpha1.IncidentStatus) []Move {
	var out []Move
	for i := range after.Clocks {
		is := &after.Clocks[i]
		was := find(before, is.Name)
		m := Move{Clock: is.Name, Is: due(is), IsState: is.State, Was: due(was), LateAtOnce: is.BreachedAt != nil && (was == nil || was.BreachedAt == nil)}
		if was != nil {
			m.WasState = was.State
		}
		if m.Was.Equal(m.Is) && m.WasState == m.IsState && !m.LateAtOnce {
			continue
		}
		out = append(out, m)
	}
	for i := range before.Clocks {
		if was := &before.Clocks[i]; find(after, was.Name) == nil {
			out = append(out, Move{Clock: was.Name, Was: due(was), WasState: was.State})
		}
	}
	return out
}

func find(s *v1alpha1.IncidentStatus, name string) *v1alpha1.Clock {
	i := slices.IndexFunc(s.Clocks, func(c v1alpha1.Clock) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Clocks[i]
}

// due is when a clock is due; a clock that is paused has no due instant for now.
func due(c *v1alpha1.Clock) time.Time {
	if c == nil || c.DueAt == nil {
		return time.Time{}
	}
	return c.DueAt.UTC()
}
