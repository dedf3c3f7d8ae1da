package recoverypolicy

import (
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// A policy waits for calendars, however many are missing, and says which; with anything
// else it is stalled until a person mends it.
func TestWhatAPolicyWaitsFor(t *testing.T) {
	t.Parallel()
	named := func(s *v1alpha1.RecoveryPolicySpec) { s.CalendarName = "front-desk" }
	hours := func(names ...v1alpha1.ObjectName) func(*v1alpha1.RecoveryPolicySpec) {
		return func(s *v1alpha1.RecoveryPolicySpec) {
			for _, name := range names {
				s.Escalation = append(s.Escalation, v1alpha1.EscalationLevel{
					Level: v1alpha1.Name(name), Triggers: []v1alpha1.Trigger{v1alpha1.TriggerBreach}, Hours: name, Notify: v1alpha1.Notify{Group: "duty"},
				})
			}
		}
	}
	business := func(s *v1alpha1.RecoveryPolicySpec) {
		s.Steps[0].Due = &v1alpha1.Due{Within: "1h", Clock: v1alpha1.ClockBusiness}
	}
	warning := func(s *v1alpha1.RecoveryPolicySpec) { s.Steps[0].WarnAt = []int32{50} }
	const reconciling, stalled = v1alpha1.ReconcilingCondition, v1alpha1.StalledCondition
	cases := map[string]struct {
		changes []func(*v1alpha1.RecoveryPolicySpec)
		want    string
		reason  string
		says    []string
	}{
		"one calendar": {list(named), reconciling, v1alpha1.CalendarNotFoundReason, []string{`"front-desk"`}},
		"one calendar, named twice": {
			list(named, business, hours("front-desk")), reconciling, v1alpha1.CalendarNotFoundReason, []string{`spec.calendarName: there is no BusinessCalendar "front-desk"`},
		},
		"two calendars": {
			list(named, business, hours("night")), reconciling, v1alpha1.CalendarNotFoundReason, []string{`spec.calendarName: there is no BusinessCalendar "front-desk"`, `spec.escalation[0].hours: there is no BusinessCalendar "night"`},
		},
		"three calendars": {
			list(named, hours("night", "office")), reconciling, v1alpha1.CalendarNotFoundReason, []string{`"front-desk"`, `"night"`, `"office"`},
		},
		"two calendars, and a deadline": {
			list(named, hours("night"), warning), stalled, v1alpha1.InvalidSpecReason, []string{`"front-desk"`, `"night"`, "warnAt is given without due"},
		},
		"a deadline": {list(warning), stalled, v1alpha1.InvalidSpecReason, []string{"warnAt is given without due"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pol := fixture.Policy("desk", fixture.Step("resolve", v1alpha1.StepCustom))
			for _, change := range c.changes {
				change(&pol.Spec)
			}
			plan, wrong := policy.Compile("desk", "desk-1", policy.Content{Policy: policy.Complete(pol.Spec)})
			s := status(pol, plan, wrong, &tally{}, fixture.Instant("2026-10-31T12:00:00Z"))
			for _, kind := range []string{reconciling, stalled} {
				if got := apimeta.IsStatusConditionTrue(s.Conditions, kind); got != (kind == c.want) {
					t.Errorf("%s is %t", kind, got)
				}
			}
			ready := apimeta.FindStatusCondition(s.Conditions, v1alpha1.ReadyCondition)
			if ready.Reason != c.reason {
				t.Errorf("the reason is %s, want %s", ready.Reason, c.reason)
			}
			for _, phrase := range c.says {
				if !strings.Contains(ready.Message, phrase) {
					t.Errorf("it does not say %s: %s", phrase, ready.Message)
				}
			}
		})
	}
}

func list(changes ...func(*v1alpha1.RecoveryPolicySpec)) []func(*v1alpha1.RecoveryPolicySpec) {
	return changes
}
