package recovery

import (
	"slices"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// maxPins bounds how many revisions an incident follows; the API server holds the same
// bound. One that has followed so many keeps the last.
const maxPins = 32

// pin takes the plan's revision on, the first time there is one, and the next one that
// its policy rolls out to open incidents.
func (r *run) pin() {
	r.pins = r.inc.Status.Pins
	if r.plan == nil {
		return
	}
	at := metav1.NewTime(r.now.Truncate(time.Second))
	if len(r.pins) == 0 {
		r.pins = []v1alpha1.Pin{{Revision: v1alpha1.ObjectName(r.plan.Revision), At: at}}
		return
	}
	if next := r.snapshot.Next; next != nil && len(r.pins) < maxPins && !finalPhase(r.inc.Status.Phase) {
		r.pins = append(slices.Clip(r.pins), v1alpha1.Pin{Revision: v1alpha1.ObjectName(next.Revision), At: at})
		r.rollouts = append(slices.Clip(r.rollouts), next)
	}
}

func finalPhase(p v1alpha1.Phase) bool {
	return p == v1alpha1.PhaseClosed || p == v1alpha1.PhaseCancelled || p == v1alpha1.PhaseMerged
}

// nextRollout is when the next pinned revision takes over.
func (r *run) nextRollout() (at time.Time, found bool) {
	if r.plan == nil || r.rolled >= len(r.rollouts) || r.rolled+1 >= len(r.pins) {
		return time.Time{}, false
	}
	return r.pins[r.rolled+1].At.UTC(), true
}

// rollOut lets the next revision hold from an instant on. Steps are the same where
// their names are; what is settled or was breached stays, and open clocks are counted
// anew from where they always counted. Nothing was late by a rule that nobody knew: what
// is then already past due is breached at the change.
func (r *run) rollOut(at time.Time) {
	from, to := r.plan, r.rollouts[r.rolled]
	r.rolled++
	if r.final() {
		return
	}
	r.plan = to
	move := r.remapSteps(from, at)
	r.remapHolds(move, at)
	f := &change{
		at: at, name: v1alpha1.Name("Rollout-" + strconv.Itoa(r.rolled)), leavesBreached: true,
		reason: v1alpha1.ClockRolledOutReason, pastDue: v1alpha1.ClockRolledOutPastDueReason,
	}
	r.recountClocks(f)
	r.startOwed(f)
	n := len(r.clocks)
	r.release(at)
	for _, c := range r.clocks[n:] {
		r.pastDue(c, f)
	}
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
		} else if c := before[i].clock; c != nil && before[i].state == stepRunning {
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
