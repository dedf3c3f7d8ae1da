package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// policySpec is a policy of these steps.
func policySpec(steps ...v1alpha1.Step) v1alpha1.RecoveryPolicySpec {
	return fixture.Policy("front-desk", steps...).Spec
}

// with changes a spec.
func with(spec v1alpha1.RecoveryPolicySpec, changes ...func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
	for _, change := range changes {
		change(&spec)
	}
	return spec
}

// onCalendar makes the policy count on a calendar.
func onCalendar(name v1alpha1.ObjectName) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) { s.CalendarName = name }
}

// overlay replaces what a step has at a severity.
func overlay(severity v1alpha1.Severity, steps ...v1alpha1.StepOverlay) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) {
		s.BySeverity = append(s.BySeverity, v1alpha1.SeverityOverlay{Severity: severity, Steps: steps})
	}
}

// when makes a step conditional.
func when(expression v1alpha1.Expression) fixture.StepOption {
	return func(s *v1alpha1.Step) { s.When = expression }
}

// requires adds a demand in the policy's own words.
func requires(expression v1alpha1.Expression, message v1alpha1.Text) fixture.StepOption {
	return func(s *v1alpha1.Step) {
		s.Requires = append(s.Requires, v1alpha1.Requirement{Expression: expression, Message: message})
	}
}

// step varies a step in ways that no fixture does.
func step(change func(*v1alpha1.Step)) fixture.StepOption { return change }

func within(d v1alpha1.Duration) *v1alpha1.Due { return &v1alpha1.Due{Within: d} }

func business(d v1alpha1.Duration) *v1alpha1.Due {
	return &v1alpha1.Due{Within: d, Clock: v1alpha1.ClockBusiness}
}

// offices are the calendars that the tests know.
func offices() map[string]v1alpha1.BusinessCalendarSpec {
	return map[string]v1alpha1.BusinessCalendarSpec{
		"office": fixture.Calendar("office", "Europe/Berlin").Spec,
		"night": fixture.Calendar("night", "Europe/Berlin", fixture.Weekly(v1alpha1.WeeklyOpening{
			Days:  []v1alpha1.Weekday{"Monday"},
			Hours: []v1alpha1.Opening{{From: "22:00", To: "06:00"}},
		})).Spec,
		"never":  {TimeZone: "Europe/Berlin"},
		"nozone": fixture.Calendar("nozone", "Europe/Nowhere").Spec,
	}
}

// compile completes and compiles a spec that may be wrong.
func compile(spec v1alpha1.RecoveryPolicySpec) (*policy.Plan, []policy.Problem) {
	return policy.Compile("front-desk", "front-desk-1", policy.Content{Policy: policy.Complete(spec), Calendars: offices()})
}

// plan compiles a spec that is right.
func plan(t testing.TB, spec v1alpha1.RecoveryPolicySpec) *policy.Plan {
	t.Helper()
	p, problems := compile(spec)
	if len(problems) > 0 {
		t.Fatalf("the policy has problems: %s", policy.Describe(problems))
	}
	return p
}

// has says whether one of the problems is at a field and says something.
func has(problems []policy.Problem, reason, field, part string) bool {
	for _, p := range problems {
		if p.Reason == reason && p.Field == field && strings.Contains(p.Message, part) {
			return true
		}
	}
	return false
}

// isAt compares an instant with one that is written in RFC 3339.
func isAt(t testing.TB, what string, got time.Time, want string) {
	t.Helper()
	if w := fixture.Instant(want); !got.Equal(w) {
		t.Errorf("%s = %s, want %s", what, got.Format(time.RFC3339), want)
	}
}
