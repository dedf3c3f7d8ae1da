package operatortest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// awaitStalledPolicy waits until a policy is Stalled for a reason, and returns the
// message.
func (s *site) awaitStalledPolicy(name, reason string) string {
	s.Helper()
	p := s.awaitPolicy(name, "Stalled because of "+reason, func(p *v1alpha1.RecoveryPolicy) bool {
		return says(p.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, reason) && p.Status.ObservedGeneration == p.Generation
	})
	if !says(p.Status.Conditions, v1alpha1.ReadyCondition, metav1.ConditionFalse, reason) || isTrue(p.Status.Conditions, v1alpha1.ReconcilingCondition) {
		s.Errorf("%s: the other conditions do not agree:\n%s", name, asYAML(p.Status.Conditions))
	}
	return messageOf(p.Status.Conditions, v1alpha1.StalledCondition)
}

func TestWrongPolicies(t *testing.T) {
	t.Parallel()
	s := open(t)
	apology := func(opts ...fixture.StepOption) v1alpha1.Step {
		return fixture.Step("apologise", v1alpha1.StepApology, append([]fixture.StepOption{fixture.DueWithin("1h")}, opts...)...)
	}
	when := func(source v1alpha1.Expression) fixture.StepOption {
		return func(s *v1alpha1.Step) { s.When = source }
	}
	for name, c := range map[string]struct {
		steps  []v1alpha1.Step
		change func(*v1alpha1.RecoveryPolicySpec)
		says   []string
	}{
		"an-expression-that-does-not-parse": {
			steps: []v1alpha1.Step{apology(when("severity ==="))},
			says:  []string{"spec.steps[0].when", "does not compile"},
		},
		"a-field-that-is-not-there": {
			steps: []v1alpha1.Step{apology(when(`incident.spec.colour == "red"`))},
			says:  []string{"spec.steps[0].when", "colour"},
		},
		"an-expression-that-is-no-condition": {
			steps: []v1alpha1.Step{apology(when("round + 1"))},
			says:  []string{"spec.steps[0].when", "true or false"},
		},
		"a-requirement-that-does-not-parse": {
			steps: []v1alpha1.Step{apology(func(s *v1alpha1.Step) {
				s.Requires = []v1alpha1.Requirement{{Expression: "entry.notes.size() > 1", Message: "write it down"}}
			})},
			says: []string{"spec.steps[0].requires[0].expression", "notes"},
		},
		"a-selector-that-does-not-parse": {
			change: func(p *v1alpha1.RecoveryPolicySpec) {
				p.Selector = &v1alpha1.IncidentSelector{Expression: "incident.spec.tier == 'Gold'"}
			},
			says: []string{"spec.selector.expression", "tier"},
		},
		"steps-in-a-circle": {
			steps: []v1alpha1.Step{
				apology(fixture.After("write-up")),
				fixture.Step("resolve", v1alpha1.StepResolution),
				fixture.Step("write-up", v1alpha1.StepDocumentation),
			},
			says: []string{"circle", "apologise after write-up after resolve after apologise"},
		},
		"business-time-without-a-calendar": {
			steps: []v1alpha1.Step{fixture.Step("apologise", v1alpha1.StepApology, fixture.DueBusiness("1h"))},
			says:  []string{"spec.steps[0].due", "calendarName"},
		},
		"an-overlay-of-no-step": {
			change: func(p *v1alpha1.RecoveryPolicySpec) {
				p.BySeverity = []v1alpha1.SeverityOverlay{{Severity: "Low", Steps: []v1alpha1.StepOverlay{{Name: "nobody", Due: &v1alpha1.Due{Within: "1h"}}}}}
			},
			says: []string{"spec.bySeverity[0].steps[0].name", `"nobody"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &site{T: t, installation: s.installation, namespace: s.namespace}
			policy := fixture.Policy(name, c.steps...)
			if c.change != nil {
				c.change(&policy.Spec)
			}
			s.create(policy)
			got := s.awaitStalledPolicy(name, v1alpha1.InvalidSpecReason)
			for _, phrase := range c.says {
				if !strings.Contains(got, phrase) {
					t.Errorf("the message does not say %q: %s", phrase, got)
				}
			}
			if told := s.awaitNotice(name, v1alpha1.EventSpecInvalid); told.Type != "Warning" {
				t.Errorf("told as %s", told.Type)
			}
		})
	}
}

// A policy waits for its calendar, and is in force once that is there.
func TestPolicyWaitsForItsCalendar(t *testing.T) {
	t.Parallel()
	s := open(t)
	policy := fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueBusiness("1h")))
	policy.Spec.CalendarName = "office"
	s.create(policy)
	waits := s.awaitPolicy("desk", "to wait for its calendar", func(p *v1alpha1.RecoveryPolicy) bool {
		return says(p.Status.Conditions, v1alpha1.ReconcilingCondition, metav1.ConditionTrue, v1alpha1.CalendarNotFoundReason)
	})
	if got := messageOf(waits.Status.Conditions, v1alpha1.ReconcilingCondition); !strings.Contains(got, `"office"`) || !strings.Contains(got, "spec.calendarName") {
		t.Errorf("the message does not name the calendar: %s", got)
	}
	if waits.Status.Revision != "" {
		t.Errorf("it has the revision %s already", waits.Status.Revision)
	}
	s.create(always("office"))
	ready := s.awaitReady("desk")
	if isTrue(ready.Status.Conditions, v1alpha1.ReconcilingCondition) || ready.Status.Revision == "" {
		t.Errorf("in force, and still waiting:\n%s", asYAML(ready.Status))
	}
}

func TestWrongCalendars(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, c := range map[string]struct {
		calendar       *v1alpha1.BusinessCalendar
		reason, policy string
		says           string
	}{
		"no-such-zone": {fixture.Calendar("", "Europe/Atlantis"), v1alpha1.UnknownTimeZoneReason, v1alpha1.CalendarNotReadyReason, "Europe/Atlantis"},
		// The night in which the clocks go forward has no such hour.
		"never-open": {
			fixture.Calendar("", "Europe/Berlin", fixture.Weekly(), fixture.ExtraOpening("2027-03-28", "02:00", "03:00")),
			v1alpha1.CalendarExhaustedReason, v1alpha1.CalendarExhaustedReason, "never opens",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &site{T: t, installation: s.installation, namespace: s.namespace}
			c.calendar.Name = name
			s.create(c.calendar)
			stalled := s.awaitCalendar(name, "Stalled because of "+c.reason, func(cal *v1alpha1.BusinessCalendar) bool {
				return says(cal.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, c.reason)
			})
			if got := messageOf(stalled.Status.Conditions, v1alpha1.StalledCondition); !strings.Contains(got, c.says) {
				t.Errorf("the message does not say %q: %s", c.says, got)
			}
			s.awaitNotice(name, v1alpha1.EventSpecInvalid)

			policy := fixture.Policy(name, fixture.Step("apologise", v1alpha1.StepApology, fixture.DueBusiness("1h")))
			policy.Spec.CalendarName = v1alpha1.ObjectName(name)
			s.create(policy)
			if got := s.awaitStalledPolicy(name, c.policy); !strings.Contains(got, c.says) {
				t.Errorf("the policy does not say %q: %s", c.says, got)
			}
			edit(s, c.calendar, func(cal *v1alpha1.BusinessCalendar) { cal.Spec = always(name).Spec })
			ready := s.awaitCalendar(name, "Ready", func(cal *v1alpha1.BusinessCalendar) bool {
				return isTrue(cal.Status.Conditions, v1alpha1.ReadyCondition)
			})
			if isTrue(ready.Status.Conditions, v1alpha1.StalledCondition) {
				t.Error("mended, and still Stalled")
			}
			s.awaitReady(name)
		})
	}
}

// A calendar that opened for the last time in the past tells no due instant. Nothing
// hangs, and the incident says so.
func TestCalendarThatNeverOpensAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(fixture.Calendar("closed-down", "Europe/Berlin", fixture.Weekly(), fixture.ExtraOpening("2020-03-02", "09:00", "17:00")))
	policy := fixture.Policy("desk",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")),
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueBusiness("1h"), fixture.Demanding()))
	policy.Spec.CalendarName = "closed-down"
	s.create(policy)
	s.awaitReady("desk")
	s.report("alice", fixture.Incident("too-late", fixture.UnderPolicy("desk")))
	s.add("too-late", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	inc := s.awaitIncident("too-late", "Stalled because of its calendar", func(i *v1alpha1.Incident) bool {
		return says(i.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.CalendarExhaustedReason)
	})
	if c := s.clockOf(inc, "Step/resolve"); c.DueAt != nil || c.Reason != v1alpha1.ClockCalendarExhaustedReason {
		t.Errorf("due %s, %s, want no due instant", c.DueAt, c.Reason)
	}
	s.add("too-late", fixture.Entry("resolved").By("alice").Completion("resolve"))
	s.awaitPhase("too-late", v1alpha1.PhaseClosed)
}

// endless is an expression that would take for ever.
func endless() v1alpha1.Expression {
	const digits = "[0,1,2,3,4,5,6,7,8,9]"
	var head, tail strings.Builder
	for i := range 12 {
		fmt.Fprintf(&head, "%s.all(v%d,", digits, i)
		tail.WriteString(")")
	}
	return v1alpha1.Expression(head.String() + " v0 >= 0" + tail.String())
}

// Expressions that would run for ever are stopped, told, and count as false; others go
// on meanwhile.
func TestEndlessExpressions(t *testing.T) {
	t.Parallel()
	s := open(t)
	requiring := fixture.Policy("requiring", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h"), fixture.Demanding(), func(s *v1alpha1.Step) {
		s.Requires = []v1alpha1.Requirement{{Expression: endless(), Message: "never to be had"}}
	}))
	conditional := fixture.Policy("conditional", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")),
		fixture.Step("extra", v1alpha1.StepCustom, fixture.After(), func(s *v1alpha1.Step) { s.When = endless() }))
	choosing := fixture.Policy("choosing", fixture.Step("apologise", v1alpha1.StepApology))
	choosing.Spec.Selector = &v1alpha1.IncidentSelector{Expression: endless()}
	s.create(requiring, conditional, choosing)
	for _, p := range []string{"requiring", "conditional", "choosing"} {
		s.awaitReady(p)
	}
	begun := time.Now()
	s.report("alice", fixture.Incident("required", fixture.UnderPolicy("requiring")))
	s.report("alice", fixture.Incident("depends", fixture.UnderPolicy("conditional")))
	s.report("alice", fixture.Incident("unchosen"))
	s.add("required", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))

	failed := func(i *v1alpha1.Incident) bool {
		return says(i.Status.Conditions, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, v1alpha1.ExpressionFailedReason)
	}
	for name, phrases := range map[string][]string{
		"required": {"cost limit", "requires", "never to be had"},
		"depends":  {"step extra, when"},
	} {
		inc := s.awaitIncident(name, "to tell that the expression failed", failed)
		got := messageOf(inc.Status.Conditions, v1alpha1.JournalAcceptedCondition)
		for _, phrase := range phrases {
			if !strings.Contains(got, phrase) {
				t.Errorf("%s: the message does not say %q: %s", name, phrase, got)
			}
		}
		s.awaitNotice(name, v1alpha1.EventExpressionFailed)
	}
	if got := s.awaitCondition("unchosen", v1alpha1.StalledCondition, v1alpha1.NoPolicyMatchesReason); !strings.Contains(got, "cost limit") {
		t.Errorf("the message does not say why the selector does not hold: %s", got)
	}
	t.Logf("three endless expressions were told within %s", time.Since(begun).Round(time.Millisecond))
}
