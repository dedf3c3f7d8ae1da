package recovery

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/text"
)

// finish completes a replay that has arrived at now.
func (r *run) finish() {
	r.listLostBreaches()
	r.escalate()
	r.announced = sortAnnounced(r.announced)
	slices.SortFunc(r.lastWarnings, func(a, b warning) int { return cmp.Compare(a.clock.name(), b.clock.name()) })
}

// listLostBreaches lists the clocks whose breach was written and that a fact seen
// later, with an earlier time, lets never have started. A written breach stays.
func (r *run) listLostBreaches() {
	for i := range r.inc.Status.Announced {
		was := &r.inc.Status.Announced[i]
		name, ok := strings.CutPrefix(was.Key, "Breach/")
		if !ok || slices.ContainsFunc(r.clocks, func(c *clock) bool { return c.name() == name }) {
			continue
		}
		c := &clock{
			named: name, step: -1, state: v1alpha1.StateCancelled, reason: v1alpha1.ClockIncidentEndedReason,
			dueAt: was.At.UTC(), originalDueAt: was.At.UTC(), breachedAt: was.At.UTC(), observedAt: was.ObservedAt, latched: true,
		}
		kind, what, _ := strings.Cut(name, "/")
		c.kind = v1alpha1.ClockKind(kind)
		what, _, _ = strings.Cut(what, "~")
		what, round, _ := strings.Cut(what, "#")
		c.round, _ = strconv.Atoi(round)
		if c.kind == v1alpha1.ClockStep && r.plan != nil {
			if at := r.plan.StepNamed(v1alpha1.Name(what)); at >= 0 {
				c.step, c.stepType = at, r.plan.Steps[at].Type
			}
		}
		r.clocks = append(r.clocks, c)
	}
}

// status is the status that the replay leads to.
func (r *run) status() v1alpha1.IncidentStatus {
	out := v1alpha1.IncidentStatus{
		ObservedGeneration: r.inc.Generation,
		Phase:              r.phase,
		Severity:           r.severity,
		Owner:              r.owner,
		Round:              int32(r.round),
		Pins:               r.pins,
		Recorded:           r.recorded,
		Announced:          r.announced,
		Latched:            r.latched,
	}
	times := make(instants, 0, len(r.clocks)*clockTimes+2) // its elements stay where they are
	if r.plan != nil {
		out.Policy = &v1alpha1.PinnedPolicy{Name: v1alpha1.ObjectName(r.plan.Policy), Revision: v1alpha1.ObjectName(r.plan.Revision)}
		out.SLA = r.sla()
		out.CurrentStep = r.currentStep()
		out.NextDueAt = times.take(r.nextDue())
	}
	if len(r.clocks) > 0 {
		out.Clocks = make([]v1alpha1.Clock, len(r.clocks))
	}
	for i, c := range r.clocks {
		out.Clocks[i] = c.api(&times)
	}
	out.NextContactDueAt = times.take(r.nextDueOf(r.isContact))
	out.Promises = r.promiseCounts()
	out.Compensation, out.Waits = r.compensation(), r.waited()
	out.Conditions = r.conditions()
	return out
}

// sla sums up how the incident stands.
func (r *run) sla() v1alpha1.SLA {
	switch ever := r.everLate(); {
	case r.late.on:
		return v1alpha1.SLAOverdue
	case ever:
		return v1alpha1.SLAMissed
	case r.phase == v1alpha1.PhaseClosed:
		return v1alpha1.SLAMet
	case r.risk.on:
		return v1alpha1.SLAAtRisk
	}
	return v1alpha1.SLAOnTrack
}

func (r *run) everLate() bool {
	return slices.ContainsFunc(r.clocks, func(c *clock) bool { return !c.breachedAt.IsZero() })
}

// currentStep is the running step that is due first; one without a due instant comes
// last.
func (r *run) currentStep() v1alpha1.Name {
	var first *clock
	var name v1alpha1.Name
	for i := range r.steps {
		c := r.steps[i].clock
		if r.steps[i].state != stepRunning || !c.running() && c.state != v1alpha1.StatePaused {
			continue
		}
		if first == nil || first.dueAt.IsZero() && !c.dueAt.IsZero() || !c.dueAt.IsZero() && c.dueAt.Before(first.dueAt) {
			first, name = c, r.plan.Steps[i].Name
		}
	}
	return name
}

func (r *run) nextDue() time.Time {
	return r.nextDueOf(func(*clock) bool { return true })
}

// nextDueOf is the earliest due instant of those running clocks that is not breached,
// else the earliest that is.
func (r *run) nextDueOf(counts func(*clock) bool) time.Time {
	var ahead, passed time.Time
	for _, c := range r.clocks {
		if !c.running() || c.dueAt.IsZero() || !counts(c) {
			continue
		}
		first := &ahead
		if !c.breachedAt.IsZero() {
			first = &passed
		}
		if first.IsZero() || c.dueAt.Before(*first) {
			*first = c.dueAt
		}
	}
	if ahead.IsZero() {
		return passed
	}
	return ahead
}

// condition makes a condition that holds since an instant of the record, not since
// somebody looked.
func (r *run) condition(kind string, holds bool, reason, message string, since time.Time) metav1.Condition {
	status := metav1.ConditionFalse
	if holds {
		status = metav1.ConditionTrue
	}
	return metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: text.Truncate(message, maxMessage),
		ObservedGeneration: r.inc.Generation, LastTransitionTime: metav1.NewTime(since),
	}
}

// maxMessage bounds a condition's message, so that an incident stays small.
const maxMessage = 2048
