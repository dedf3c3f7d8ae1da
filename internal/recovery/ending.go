package recovery

import (
	"fmt"
	"strconv"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// rephase derives Resolved and Closed from the steps. They are left only by a
// reopening.
func (r *run) rephase(at time.Time) {
	if r.plan == nil || r.over() {
		return
	}
	if r.phase == v1alpha1.PhaseOpen && r.settledAll(r.plan.Resolves) {
		r.resolve(at)
	}
	if r.phase == v1alpha1.PhaseResolved && r.settledAll(func(int) bool { return true }) && len(r.openItems(at)) == 0 {
		r.close(at)
	}
}

func (r *run) resolve(at time.Time) {
	r.phase = v1alpha1.PhaseResolved
	r.resolved.set(true, at)
	r.resolvedSeen = r.seen
	r.stopUpdates(v1alpha1.StateDone, v1alpha1.ClockResolvedReason, at, "")
	r.stopResolution(v1alpha1.StateDone, v1alpha1.ClockResolvedReason, at)
}

func (r *run) close(at time.Time) {
	if r.findLatched(r.closedKey()) == nil {
		r.latch(r.closedKey(), latchTrue, at)
	}
	r.phase = v1alpha1.PhaseClosed
	r.closed.set(true, at)
	r.well = flip{at: at}
	r.endHolds(at, "")
	r.stopAssignment(at)
}

// stayClosed keeps closed what was closed before an instant, also where something is seen
// now that came before that and would have kept it open. Its clock runs on in a closed
// incident as in any other.
func (r *run) stayClosed(before time.Time) {
	if r.plan == nil || r.final() || len(r.latched) == 0 {
		return
	}
	if at := r.closedBefore(); !at.IsZero() && at.Before(before) {
		if r.phase == v1alpha1.PhaseOpen {
			r.resolve(at)
		}
		r.close(at)
		r.judge(at)
	}
}

// closedBefore is when this round was closed, as it is written; zero where it was not.
func (r *run) closedBefore() time.Time {
	if was := r.findLatched(r.closedKey()); was != nil {
		return was.At.UTC()
	}
	return time.Time{}
}

// closedKey is the key of the latch that the round was closed.
func (r *run) closedKey() string {
	if r.round > 1 {
		return "Closed#" + strconv.Itoa(r.round)
	}
	return "Closed"
}

// openItems are what keeps an incident from closing at an instant, beside the steps: open
// promises, contacts without an answer, remedies that are not decided, chosen or delivered
// yet, and tasks, those for prevention aside.
func (r *run) openItems(at time.Time) []string {
	var out []string
	for _, c := range r.clocks {
		if !c.running() {
			continue
		}
		switch c.kind {
		case v1alpha1.ClockPromise, v1alpha1.ClockResponse, v1alpha1.ClockApproval, v1alpha1.ClockDelivery:
			out = append(out, c.name())
		}
	}
	for _, m := range r.remedies {
		switch {
		case m.asks(at):
			out = append(out, "the answer to "+m.is.Name)
		case m.choosing():
			out = append(out, "the choice of "+m.is.Name)
		}
	}
	if f := r.unanswered; f != nil && (r.response == nil || !r.response.running()) {
		out = append(out, "an answer to "+string(f.Entry.ID)) // It has no time of its own.
	}
	for _, t := range r.tasks {
		if t.clock.running() && t.kind != v1alpha1.TaskPrevention {
			out = append(out, t.clock.name())
		}
	}
	return out
}

// settledAll says whether every step that counts is settled.
func (r *run) settledAll(counts func(i int) bool) bool {
	for i := range r.steps {
		if counts(i) && r.steps[i].state != stepSettled {
			return false
		}
	}
	return true
}

// cancel ends the incident as none.
func (r *run) cancel(f *stamp.Fact) {
	if r.refuseEnd(f, "cancel") {
		return
	}
	r.finishAs(v1alpha1.PhaseCancelled, string(f.Entry.Cancel.Reason), f)
}

// merge ends the incident in favour of another one. Whether that one can take it is
// judged once, when the entry is first seen, and stays so.
func (r *run) merge(f *stamp.Fact) {
	if r.refuseEnd(f, "merge") {
		return
	}
	into := string(f.Entry.Merge.Into)
	key := "Merge/" + string(f.Entry.ID)
	verdict := r.findLatched(key)
	if verdict == nil {
		r.latch(key, r.mergeVerdict(into), f.At)
		verdict = r.findLatched(key)
	}
	switch verdict.Value {
	case mergeMissing:
		r.refuse(f, fmt.Sprintf("merge.into: there was no incident %q in this namespace when this was recorded; append a new merge entry once there is", into))
	case mergeOver:
		r.refuse(f, fmt.Sprintf("merge.into: the incident %q was itself cancelled or merged; name the one that carries on", into))
	case mergeSelf:
		r.refuse(f, "merge.into: an incident cannot be merged into itself")
	default:
		r.finishAs(v1alpha1.PhaseMerged, into, f)
	}
}

// The verdicts on a merge that is refused; one that counts is the UID of the other.
const (
	mergeMissing = "NotFound"
	mergeOver    = "NotOpen"
	mergeSelf    = "Itself"
)

func (r *run) mergeVerdict(into string) string {
	other, ok := r.snapshot.Others[into]
	switch {
	case into == r.inc.Name:
		return mergeSelf
	case !ok:
		return mergeMissing
	case other.Phase == v1alpha1.PhaseCancelled || other.Phase == v1alpha1.PhaseMerged:
		return mergeOver
	}
	return other.UID
}

// refuseEnd refuses to end an incident that has ended, unless by the very entry that
// ended it: the first end that was seen is the end, whatever a fact that is seen later
// claims to have come before.
func (r *run) refuseEnd(f *stamp.Fact, field string) bool {
	end := r.findLatched(endKey)
	if r.phase == v1alpha1.PhaseOpen || r.phase == v1alpha1.PhaseResolved || end != nil && end.Value == string(f.Entry.ID) {
		return false
	}
	r.refuse(f, fmt.Sprintf("%s: the incident is %s already", field, r.phase))
	return true
}

// endKey is the key of the latch that holds which entry ended the incident.
const endKey = "End"

// finishAs freezes steps, updates and resolution, unless another entry was the end. A
// clock that was late stays so, and what was promised to the customer runs on: an end
// is no escape.
func (r *run) finishAs(phase v1alpha1.Phase, by string, f *stamp.Fact) {
	switch end := r.findLatched(endKey); {
	case end == nil:
		r.latch(endKey, string(f.Entry.ID), f.At)
	case end.Value != string(f.Entry.ID):
		r.refuse(f, fmt.Sprintf("the entry %s has ended the incident already", end.Value))
		return
	}
	r.phase, r.endedBy = phase, by
	r.endHolds(f.At, "")
	r.stopSteps(v1alpha1.ClockIncidentEndedReason, f)
	r.stopUpdates(v1alpha1.StateCancelled, v1alpha1.ClockIncidentEndedReason, f.At, "")
	r.stopResolution(v1alpha1.StateCancelled, v1alpha1.ClockIncidentEndedReason, f.At)
	r.stopTasks(f)
	r.stopAssignment(f.At)
	r.closed = flip{on: true, at: f.At}
}

// stopSteps ends the running clocks of the round's steps.
func (r *run) stopSteps(reason string, f *stamp.Fact) {
	for i := range r.steps {
		r.steps[i].pending = nil
		if r.steps[i].state == stepRunning {
			r.steps[i].clock.end(v1alpha1.StateCancelled, reason, f.At, f.Entry.ID)
		}
	}
}
