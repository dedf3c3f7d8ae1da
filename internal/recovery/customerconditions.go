package recovery

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// customerConditions adds how it stands with the customer: what pauses us, when they
// hear from us, what was promised, and how it ended. Those that have nothing to tell
// are left out.
func (r *run) customerConditions(out []metav1.Condition) []metav1.Condition {
	if r.held.on {
		out = append(out, r.condition(v1alpha1.HeldCondition, true, v1alpha1.HoldLastsReason, r.holding(), r.held.at))
	} else if len(r.holds) > 0 {
		out = append(out, r.condition(v1alpha1.HeldCondition, false, v1alpha1.NothingHeldReason, r.holding(), r.held.at))
	}
	if r.plan != nil && !r.final() {
		out = append(out, r.contactCondition())
	}
	if n := r.promiseCounts(); n != nil {
		out = append(out, r.promisesCondition(n.Broken))
	}
	out = r.remedyConditions(out)
	if r.phase == v1alpha1.PhaseClosed {
		well, why := r.endedWell(r.end())
		reason := v1alpha1.GoodEndReason
		if !well {
			reason = v1alpha1.NoGoodEndReason
		}
		out = append(out, r.condition(v1alpha1.EndedWellCondition, well, reason, why, r.well.at))
	}
	return out
}

// contactCondition says when the customer hears from us next, at the latest.
func (r *run) contactCondition() metav1.Condition {
	var next *clock
	due := r.nextDueOf(r.isContact)
	for _, c := range r.clocks {
		if c.running() && !due.IsZero() && c.dueAt.Equal(due) && r.isContact(c) {
			next = c
			break
		}
	}
	if next == nil {
		return r.condition(v1alpha1.NextContactScheduledCondition, false, v1alpha1.NoContactDueReason, r.noContactText(), r.scheduled.at)
	}
	return r.condition(v1alpha1.NextContactScheduledCondition, true, v1alpha1.ContactDueReason,
		next.name()+" is due at "+stampText(due), r.scheduled.at)
}

// noContactText says why no clock tells when the customer hears from us next.
func (r *run) noContactText() string {
	for _, c := range r.clocks {
		if c.state == v1alpha1.StatePaused && r.isContact(c) {
			return fmt.Sprintf("%s would say when the customer hears from us next, and is paused: %s; make the customer a promise, or resume", c.name(), r.holding())
		}
	}
	return "no clock says when the customer hears from us next; give the policy updates, or make the customer a promise"
}

// promisesCondition says whether every promise was kept so far.
func (r *run) promisesCondition(broken int32) metav1.Condition {
	if broken == 0 {
		return r.condition(v1alpha1.PromisesKeptCondition, true, v1alpha1.NoneBrokenReason, "no promise was broken", r.start)
	}
	return r.condition(v1alpha1.PromisesKeptCondition, false, v1alpha1.PromiseBrokenReason, fmt.Sprintf("%d broken", broken), r.broken.at)
}
