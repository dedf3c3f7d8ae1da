package recovery

import (
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// notices tells what happened between the written status and the new one. It is a
// function of the two, so that a replay that changes nothing tells nothing, and what
// was told once is not told again.
func notices(inc *v1alpha1.Incident, next *v1alpha1.IncidentStatus, warnings []warning, escalations []escalation) []Notice {
	was := &inc.Status
	var out []Notice
	out = append(out, bindingNotices(was, next)...)
	out = append(out, journalNotices(was, next)...)
	if was.Severity != "" && was.Severity != next.Severity {
		out = append(out, Notice{Reason: v1alpha1.EventRetargeted, Action: "Retarget", Message: fmt.Sprintf("the severity is %s; it was %s", next.Severity, was.Severity)})
	}
	if was.Round != 0 && was.Round < next.Round {
		out = append(out, Notice{Warning: true, Reason: v1alpha1.EventReopened, Action: "Reopen", Message: fmt.Sprintf("round %d begins", next.Round)})
	}
	for i := range next.Clocks {
		out = append(out, clockNotices(was, &next.Clocks[i], warnings)...)
	}
	for _, e := range escalations {
		out = append(out, escalationNotice(e))
	}
	return append(out, phaseNotices(was, next)...)
}

// escalationNotice names the level, whom to tell, and of what.
func escalationNotice(e escalation) Notice {
	whom := "user " + string(e.level.Notify.User)
	if e.level.Notify.Group != "" {
		whom = "group " + string(e.level.Notify.Group)
	}
	return Notice{Warning: true, Reason: v1alpha1.EventEscalated, Action: "Escalate", Trigger: e.cause.trigger, Announced: escalationKey(e.cause, e.level),
		Message: fmt.Sprintf("level %s, tell %s: %s, %s", e.level.Name, whom, e.cause.trigger, e.cause.what)}
}

func bindingNotices(was, next *v1alpha1.IncidentStatus) []Notice {
	var out []Notice
	if was.Policy == nil && next.Policy != nil {
		out = append(out, Notice{Reason: v1alpha1.EventPolicyBound, Action: "BindPolicy", Message: fmt.Sprintf("RecoveryPolicy %s holds, at revision %s", next.Policy.Name, next.Policy.Revision)})
	}
	for _, kind := range []string{v1alpha1.StalledCondition, v1alpha1.PolicyBoundCondition} {
		c := apimeta.FindStatusCondition(next.Conditions, kind)
		wrong := c != nil && (c.Status == metav1.ConditionTrue) == (kind == v1alpha1.StalledCondition)
		if wrong && kind == v1alpha1.PolicyBoundCondition && c.Reason == v1alpha1.PolicyNotReadyReason {
			continue // It is being read, and comes by itself.
		}
		if wrong && toldAnew(was, c) {
			return append(out, Notice{Warning: true, Reason: v1alpha1.EventPolicyProblem, Action: "BindPolicy", Message: c.Reason + ": " + c.Message})
		}
	}
	return out
}

// toldAnew says whether a condition says something else than before.
func toldAnew(was *v1alpha1.IncidentStatus, c *metav1.Condition) bool {
	before := apimeta.FindStatusCondition(was.Conditions, c.Type)
	return before == nil || before.Status != c.Status || before.Reason != c.Reason || before.Message != c.Message
}

func journalNotices(was, next *v1alpha1.IncidentStatus) []Notice {
	c := apimeta.FindStatusCondition(next.Conditions, v1alpha1.JournalAcceptedCondition)
	if c == nil || c.Status == metav1.ConditionTrue || !toldAnew(was, c) {
		return nil
	}
	n := Notice{Warning: true, Reason: v1alpha1.EventEntryRefused, Action: "ReadJournal", Message: c.Message}
	switch c.Reason {
	case v1alpha1.DemandsUnmetReason, v1alpha1.OutcomeUnprovenReason:
		n.Reason = v1alpha1.EventDemandUnmet
	case v1alpha1.ExpressionFailedReason:
		n.Reason = v1alpha1.EventExpressionFailed
	}
	return []Notice{n}
}

// clockNotices tells what a clock did. A warning of a clock that was breached in the
// meantime is not told any more.
func clockNotices(was *v1alpha1.IncidentStatus, c *v1alpha1.Clock, warnings []warning) []Notice {
	before := findClock(was, c.Name)
	var out []Notice
	if breachedSince(before, c) {
		out = append(out, Notice{Warning: true, Reason: breachReason(c), Action: "HoldDeadline", Clock: c, Message: breachText(c)})
	}
	if before != nil && before.State == c.State {
		return append(out, warningNotice(c, warnings)...)
	}
	switch {
	case c.State == v1alpha1.StateRunning:
		if reason := startReason(c, before); reason != "" {
			out = append(out, Notice{Reason: reason, Action: "StartClock", Clock: c, Message: startText(c)})
		}
		out = append(out, warningNotice(c, warnings)...)
	case c.Reason == v1alpha1.ClockBrokenReason:
		// The breach tells it.
	case c.State == v1alpha1.StateDone:
		out = append(out, Notice{Reason: doneReason(c), Action: "StopClock", Clock: c, Message: doneText(c)})
	case c.Reason == v1alpha1.ClockSkippedReason:
		out = append(out, Notice{Reason: v1alpha1.EventStepSkipped, Action: "StopClock", Clock: c, Message: c.Name + " was skipped"})
	}
	return out
}

func breachReason(c *v1alpha1.Clock) string {
	if c.Kind == v1alpha1.ClockPromise {
		return v1alpha1.EventPromiseBroken
	}
	return v1alpha1.EventDeadlineBreached
}

// startReason is the reason of an event about a clock that has started, or nothing for
// one that starts by itself or only goes on.
func startReason(c, before *v1alpha1.Clock) string {
	switch {
	case c.Kind == v1alpha1.ClockStep && before == nil:
		return v1alpha1.EventStepStarted
	case c.Kind == v1alpha1.ClockUpdate || c.Kind == v1alpha1.ClockResolution || before != nil:
		return ""
	}
	return v1alpha1.EventClockStarted
}

func doneReason(c *v1alpha1.Clock) string {
	if c.Kind == v1alpha1.ClockStep {
		return v1alpha1.EventStepDone
	}
	return v1alpha1.EventClockDone
}

// warningNotice tells the highest threshold that a clock passed now.
func warningNotice(c *v1alpha1.Clock, warnings []warning) []Notice {
	highest := 0
	for _, w := range warnings {
		if w.clock.name() == c.Name {
			highest = max(highest, w.percent)
		}
	}
	if highest == 0 || c.BreachedAt != nil || c.State != v1alpha1.StateRunning || c.DueAt == nil {
		return nil
	}
	return []Notice{{Warning: true, Reason: v1alpha1.EventDeadlineNear, Action: "HoldDeadline", Clock: c,
		Message: fmt.Sprintf("%d%% of the time for %s has passed; it is due at %s", highest, c.Name, stampText(c.DueAt.Time))}}
}

func findClock(s *v1alpha1.IncidentStatus, name string) *v1alpha1.Clock {
	for i := range s.Clocks {
		if s.Clocks[i].Name == name {
			return &s.Clocks[i]
		}
	}
	return nil
}

func breachText(c *v1alpha1.Clock) string {
	switch {
	case c.Reason == v1alpha1.ClockRetargetedPastDueReason:
		return fmt.Sprintf("%s was past due when the severity changed at %s", c.Name, stampText(c.BreachedAt.Time))
	case c.Reason == v1alpha1.ClockRolledOutPastDueReason:
		return fmt.Sprintf("%s was past due when another revision of the policy took over at %s", c.Name, stampText(c.BreachedAt.Time))
	case c.Reason == v1alpha1.ClockBrokenReason && c.BreachedAt.Before(c.DueAt):
		return fmt.Sprintf("%s is due at %s, and was admitted at %s to be broken", c.Name, stampText(c.DueAt.Time), stampText(c.BreachedAt.Time))
	}
	return fmt.Sprintf("%s was due at %s and was not done by then", c.Name, stampText(c.BreachedAt.Time))
}

func startText(c *v1alpha1.Clock) string {
	if c.DueAt == nil {
		return c.Name + " has started; it has no deadline"
	}
	return fmt.Sprintf("%s has started and is due at %s", c.Name, stampText(c.DueAt.Time))
}

func doneText(c *v1alpha1.Clock) string {
	text := c.Name + " is done"
	switch {
	case c.BreachedAt != nil, c.DueAt != nil && c.DoneAt.After(c.DueAt.Time):
		return text + ", late"
	case c.Reason == v1alpha1.ClockOutOfOrderReason:
		return text + ", before its turn"
	case !HadDue(c):
		return text
	}
	return text + ", in time"
}

// phaseNotices tells what the incident as a whole did.
func phaseNotices(was, next *v1alpha1.IncidentStatus) []Notice {
	var out []Notice
	resolved := func(s *v1alpha1.IncidentStatus) bool {
		return apimeta.IsStatusConditionTrue(s.Conditions, v1alpha1.ResolvedCondition)
	}
	if resolved(next) && (!resolved(was) || was.Round < next.Round) {
		out = append(out, Notice{Reason: v1alpha1.EventResolved, Action: "Resolve", Message: "the incident is resolved"})
	}
	if was.Phase == next.Phase && was.Round == next.Round {
		return out
	}
	closed := apimeta.FindStatusCondition(next.Conditions, v1alpha1.ClosedCondition)
	switch next.Phase {
	case v1alpha1.PhaseClosed:
		out = append(out, Notice{Reason: v1alpha1.EventClosed, Action: "Close", Message: "the incident is closed; SLA " + string(next.SLA)})
	case v1alpha1.PhaseCancelled:
		out = append(out, Notice{Reason: v1alpha1.EventCancelled, Action: "Close", Message: "the incident was " + closed.Message})
	case v1alpha1.PhaseMerged:
		out = append(out, Notice{Reason: v1alpha1.EventMerged, Action: "Close", Message: "the incident was " + closed.Message})
	}
	return out
}
