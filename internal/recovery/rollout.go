package recovery

import (
	"slices"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// reign is a plan with the instant from which it holds, zero for the first.
type reign struct {
	plan *policy.Plan
	from time.Time
}

// maxPins bounds how many revisions an incident follows; the API server holds the same
// bound. One that has followed so many keeps the last.
const maxPins = 32

// pin takes the plan's revision on, the first time there is one. Since when it holds
// follows from the world alone: since the incident and the revision were both there. The
// next one that the policy rolls out comes in its turn.
func (r *run) pin() {
	r.pins = slices.Clip(r.inc.Status.Pins) // what is appended is never written into theirs
	if r.plan == nil {
		return
	}
	r.reigns = []reign{{plan: r.plan}}
	if len(r.pins) == 0 {
		at := stamp.Later(r.inc.CreationTimestamp.UTC(), r.snapshot.PlanCreated.UTC().Truncate(time.Second))
		r.pins = []v1alpha1.Pin{{Revision: v1alpha1.ObjectName(r.plan.Revision), At: metav1.NewTime(at)}}
		return
	}
	r.expect(r.snapshot.Next)
}

// expect lets a revision take over that is not pinned yet, from its own creation on, so
// that it does not matter when the operator looked. One that is older than the revision
// before it is there once more, since an edit that only the operator's look can date.
func (r *run) expect(next *policy.Plan) {
	last := &r.pins[len(r.pins)-1]
	if next == nil || next.Revision == string(last.Revision) || len(r.pins) >= maxPins || len(r.pins) != len(r.rollouts)+1 {
		return
	}
	r.coming, r.comingAt = next, r.snapshot.NextCreated.UTC().Truncate(time.Second)
	if r.comingAt.Before(last.At.Time) {
		r.comingAt = stamp.Later(r.now.Truncate(time.Second), last.At.UTC())
	}
}

// nextRollout is when the next revision takes over. An incident that has ended follows
// none, unless it is reopened: then that one holds from there on.
func (r *run) nextRollout() (at time.Time, found bool) {
	if r.final() {
		return time.Time{}, false
	}
	return r.nextRevision()
}

// nextRevision is the instant from which the next revision is to hold.
func (r *run) nextRevision() (at time.Time, found bool) {
	switch {
	case r.plan == nil:
		return time.Time{}, false
	case r.rolled < len(r.rollouts) && r.rolled+1 < len(r.pins):
		at = r.pins[r.rolled+1].At.UTC()
	case r.coming != nil:
		at = r.comingAt
	default:
		return time.Time{}, false
	}
	return stamp.Later(at, r.roundAt), true
}

// rollOut lets the next revision hold from an instant on, and starts what it owes.
func (r *run) rollOut(at time.Time) {
	f := r.takeOver(at)
	r.startOwed(f)
	n := len(r.clocks)
	r.release(at)
	for _, c := range r.clocks[n:] {
		r.pastDue(c, f)
	}
}

// takeOverBefore lets every revision hold that was waiting for the incident to be
// reopened, before the new round begins by it.
func (r *run) takeOverBefore(round time.Time) {
	for at, found := r.nextRevision(); found && !at.After(round); at, found = r.nextRevision() {
		r.takeOver(round)
	}
}

// takeOver lets the next revision hold from an instant on. Steps are the same where
// their names are; what is settled or was breached stays, and open clocks are counted
// anew from where they always counted. Nothing was late by a rule that nobody knew: what
// is then already past due is breached at the change.
func (r *run) takeOver(at time.Time) *change {
	from := r.plan
	if r.rolled == len(r.rollouts) {
		r.pins = append(r.pins, v1alpha1.Pin{Revision: v1alpha1.ObjectName(r.coming.Revision), At: metav1.NewTime(at)})
		r.rollouts = append(slices.Clip(r.rollouts), r.coming)
		r.coming = nil
	}
	r.plan = r.rollouts[r.rolled]
	r.rolled++
	r.reigns = append(r.reigns, reign{r.plan, at})
	move := r.remapSteps(from, at)
	r.remapHolds(move, at)
	f := &change{
		at: at, name: v1alpha1.Name("Rollout-" + strconv.Itoa(r.rolled)), leavesBreached: true,
		reason: v1alpha1.ClockRolledOutReason, pastDue: v1alpha1.ClockRolledOutPastDueReason,
	}
	r.recountClocks(f)
	return f
}

// remapSteps carries the round's steps over by name, and says where a place in the plan
// before is in this one, or -1.
func (r *run) remapSteps(from *policy.Plan, at time.Time) (move func(int) int) {
	before := r.steps
	r.steps = make([]step, len(r.plan.Steps))
	place := make([]int, len(before))
	for i := range before {
		place[i] = r.plan.StepNamed(from.Steps[i].Name)
		if place[i] >= 0 {
			r.steps[place[i]] = before[i]
		} else if c := before[i].clock; c != nil && open(c) {
			c.end(v1alpha1.StateCancelled, v1alpha1.ClockRolledOutReason, at, "")
		}
	}
	for i := range r.steps {
		s := &r.steps[i]
		if s.state != stepWaiting {
			continue
		}
		if s.eligibleAt.IsZero() {
			s.addedAt = at // it counts from here at the earliest, whatever it waited for
		}
		s.eligibleAt, s.startAt = time.Time{}, time.Time{}
	}
	move = func(i int) int {
		if i < 0 || i >= len(place) {
			return -1
		}
		return place[i]
	}
	for _, c := range r.clocks {
		if c.kind == v1alpha1.ClockStep {
			c.step = move(c.step)
		}
	}
	for _, p := range r.promises {
		p.forStep = move(p.forStep)
	}
	return move
}

// remapHolds lets holds go on under the new rules for their reasons. One for a reason
// that is no longer allowed ends; what it paused so far stands.
func (r *run) remapHolds(move func(int) int, at time.Time) {
	for _, h := range r.holds {
		rule := r.plan.HoldFor(h.rule.Reason)
		if rule == nil {
			kept := *h.rule
			kept.Steps = nil
			for _, i := range h.rule.Steps {
				if to := move(i); to >= 0 {
					kept.Steps = append(kept.Steps, to)
				}
			}
			rule = &kept
			if h.active() {
				h.endedAt = at
			}
		}
		h.rule = rule
	}
	r.recountPauses(at)
}
