package policy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

const invalid = v1alpha1.InvalidSpecReason

// problemCase is a spec with a problem, which is at a field and says something.
type problemCase struct {
	spec                v1alpha1.RecoveryPolicySpec
	reason, field, says string
}

func checkProblems(t *testing.T, cases map[string]problemCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems := compile(c.spec)
			if p != nil {
				t.Error("there is a plan in spite of the problem")
			}
			if !has(problems, c.reason, c.field, c.says) {
				t.Errorf("no problem %s at %s says %q; there are: %s", c.reason, c.field, c.says, policy.Describe(problems))
			}
			if len(problems) != 1 {
				t.Errorf("there are %d problems, want the one: %s", len(problems), policy.Describe(problems))
			}
		})
	}
}

func sorry(opts ...fixture.StepOption) v1alpha1.Step {
	return fixture.Step("sorry", v1alpha1.StepApology, opts...)
}

func fix(opts ...fixture.StepOption) v1alpha1.Step {
	return fixture.Step("fix", v1alpha1.StepResolution, opts...)
}

func TestCompileRefusesGraphs(t *testing.T) {
	t.Parallel()
	checkProblems(t, map[string]problemCase{
		"a step after an unknown one": {
			policySpec(sorry(), fix(fixture.After("sory"))),
			invalid, "spec.steps[1].after", `there is no step "sory"; the steps are sorry, fix`,
		},
		"a step after itself": {
			policySpec(sorry(fixture.After("sorry"))),
			invalid, "spec.steps[0].after", `the step "sorry" cannot come after itself`,
		},
		"a step after another one twice": {
			policySpec(sorry(), fix(fixture.After("sorry", "sorry"))),
			invalid, "spec.steps[1].after", `the step "sorry" is named twice`,
		},
		"two steps after each other": {
			policySpec(sorry(fixture.After("fix")), fix(fixture.After("sorry"))),
			invalid, "spec.steps", "in a circle, so that none of them could start: sorry after fix after sorry",
		},
		"a circle behind a step that starts": {
			policySpec(
				sorry(),
				fixture.Step("a", v1alpha1.StepCustom, fixture.After("sorry", "c")),
				fixture.Step("b", v1alpha1.StepCustom, fixture.After("a")),
				fixture.Step("c", v1alpha1.StepCustom, fixture.After("b")),
			),
			invalid, "spec.steps", "a after c after b after a",
		},
		"a name twice": {
			policySpec(sorry(), fix(), fixture.Step("sorry", v1alpha1.StepCustom)),
			invalid, "spec.steps[2].name", `the name "sorry" is taken by spec.steps[0]`,
		},
		"too many steps": {
			with(policySpec(manySteps(21)...), overlay("High", v1alpha1.StepOverlay{Name: "s3", Due: within("1h")})),
			invalid, "spec.steps", "there are 21 steps; a policy has at most 20",
		},
	})
}

func manySteps(n int) []v1alpha1.Step {
	steps := make([]v1alpha1.Step, n)
	for i := range steps {
		steps[i] = fixture.Step(v1alpha1.Name(fmt.Sprintf("s%d", i)), v1alpha1.StepCustom)
	}
	return steps
}

func TestCompileRefusesDeadlines(t *testing.T) {
	t.Parallel()
	instant := metav1.NewTime(fixture.Instant("2026-10-02T08:00:00Z"))
	due := func(d *v1alpha1.Due) fixture.StepOption { return step(func(s *v1alpha1.Step) { s.Due = d }) }
	notBefore := func(d *v1alpha1.Due) fixture.StepOption { return step(func(s *v1alpha1.Step) { s.NotBefore = d }) }
	target := func(d *v1alpha1.Due) fixture.StepOption { return step(func(s *v1alpha1.Step) { s.Target = d }) }
	at := func(h int) *v1alpha1.Due {
		t := metav1.NewTime(instant.Add(time.Duration(h) * time.Hour))
		return &v1alpha1.Due{At: &t}
	}
	cal := onCalendar("office")
	const late, soon = "target lies after due", "notBefore is not earlier than due"
	checkProblems(t, map[string]problemCase{
		"no duration":                   {policySpec(sorry(due(within("1d")))), invalid, "spec.steps[0].due.within", `"1d" is no duration`},
		"no duration in an overlay":     {with(policySpec(sorry()), overlay("Low", v1alpha1.StepOverlay{Name: "sorry", Due: within("0s")})), invalid, "spec.bySeverity[0].steps[0].due.within", `"0s" is no duration`},
		"nothing in a due":              {policySpec(sorry(due(&v1alpha1.Due{}))), invalid, "spec.steps[0].due", "give exactly one of within, businessDays and at"},
		"two things in a due":           {with(policySpec(sorry(due(&v1alpha1.Due{Within: "1h", BusinessDays: 1}))), cal), invalid, "spec.steps[0].due", "exactly one"},
		"three things in a due":         {with(policySpec(sorry(due(&v1alpha1.Due{Within: "1h", BusinessDays: 1, At: &instant}))), cal), invalid, "spec.steps[0].due", "exactly one"},
		"less than no business days":    {with(policySpec(sorry(due(&v1alpha1.Due{BusinessDays: -1}))), cal), invalid, "spec.steps[0].due.businessDays", "-1 is no number of business days"},
		"business time, no calendar":    {policySpec(sorry(due(business("1h")))), invalid, "spec.steps[0].due", "the policy names no calendar; set spec.calendarName"},
		"business days, no calendar":    {policySpec(sorry(due(&v1alpha1.Due{BusinessDays: 2}))), invalid, "spec.steps[0].due", "the policy names no calendar"},
		"a business target, no one":     {policySpec(sorry(target(business("1h")))), invalid, "spec.steps[0].target", "the policy names no calendar"},
		"a business notBefore, no one":  {policySpec(sorry(notBefore(business("1h")))), invalid, "spec.steps[0].notBefore", "the policy names no calendar"},
		"business in an overlay, none":  {with(policySpec(sorry()), overlay("High", v1alpha1.StepOverlay{Name: "sorry", Due: business("1h")})), invalid, "spec.bySeverity[0].steps[0].due", "the policy names no calendar"},
		"a target after the due":        {policySpec(sorry(target(within("11m")), due(within("10m")))), invalid, "spec.steps[0]", late},
		"a business target after it":    {with(policySpec(sorry(target(business("11m")), due(within("10m")))), cal), invalid, "spec.steps[0]", late},
		"a target in days after it":     {with(policySpec(sorry(target(&v1alpha1.Due{BusinessDays: 3}), due(&v1alpha1.Due{BusinessDays: 2}))), cal), invalid, "spec.steps[0]", late},
		"a target at an instant after":  {policySpec(sorry(target(at(2)), due(at(1)))), invalid, "spec.steps[0]", late},
		"a target after a stricter due": {with(policySpec(sorry(target(within("5m")), due(within("10m")))), overlay("Critical", v1alpha1.StepOverlay{Name: "sorry", Due: within("3m")})), invalid, "spec.steps[0]", "for severity Critical, target lies after due"},
		"notBefore at the due":          {policySpec(fix(notBefore(within("24h")), due(within("24h")))), invalid, "spec.steps[0]", soon},
		"notBefore after the due":       {policySpec(fix(notBefore(within("25h")), due(within("24h")))), invalid, "spec.steps[0]", soon},
		"notBefore at the same instant": {policySpec(fix(notBefore(at(1)), due(at(1)))), invalid, "spec.steps[0]", soon},
		"notBefore on the same day":     {with(policySpec(fix(notBefore(&v1alpha1.Due{BusinessDays: 2}), due(&v1alpha1.Due{BusinessDays: 2}))), cal), invalid, "spec.steps[0]", soon},
		"business notBefore, wall due":  {with(policySpec(fix(notBefore(business("3h")), due(within("2h")))), cal), invalid, "spec.steps[0]", soon},
		"notBefore after a stricter":    {with(policySpec(fix(notBefore(within("2h")), due(within("4h")))), overlay("High", v1alpha1.StepOverlay{Name: "fix", Due: within("1h")})), invalid, "spec.steps[0]", "for severity High, notBefore"},
		"warnings of nothing":           {policySpec(sorry(fixture.WarnAt(50))), invalid, "spec.steps[0]", "warnAt is given without due"},
		"warnings of nothing, overlaid": {with(policySpec(sorry()), overlay("Low", v1alpha1.StepOverlay{Name: "sorry", WarnAt: []int32{50}})), invalid, "spec.steps[0]", "for severity Low, warnAt is given without due"},
		"a warning at the due":          {policySpec(sorry(due(within("1h")), fixture.WarnAt(50, 100))), invalid, "spec.steps[0].warnAt", "100 is no threshold; write percentages from 1 to 99"},
		"a warning at the start":        {policySpec(sorry(due(within("1h")), fixture.WarnAt(0))), invalid, "spec.steps[0].warnAt", "0 is no threshold"},
	})
}

func TestCompileRefusesReferences(t *testing.T) {
	t.Parallel()
	cal := onCalendar
	hold := func(steps ...v1alpha1.Name) func(*v1alpha1.RecoveryPolicySpec) {
		return func(s *v1alpha1.RecoveryPolicySpec) {
			s.Holds = append(s.Holds, v1alpha1.HoldRule{Reason: "WaitingForCustomer", Pauses: v1alpha1.Pauses{Steps: steps}})
		}
	}
	hours := func(name v1alpha1.ObjectName) func(*v1alpha1.RecoveryPolicySpec) {
		return func(s *v1alpha1.RecoveryPolicySpec) {
			s.Escalation = append(s.Escalation, v1alpha1.EscalationLevel{Level: "any"}, v1alpha1.EscalationLevel{Level: "boss", Hours: name})
		}
	}
	checkProblems(t, map[string]problemCase{
		"a calendar that is not there":     {with(policySpec(sorry()), cal("ofice")), v1alpha1.CalendarNotFoundReason, "spec.calendarName", `there is no BusinessCalendar "ofice"`},
		"hours that are not there":         {with(policySpec(sorry()), hours("ofice")), v1alpha1.CalendarNotFoundReason, "spec.escalation[1].hours", `there is no BusinessCalendar "ofice"`},
		"a calendar that never opens":      {with(policySpec(sorry()), cal("never")), v1alpha1.CalendarExhaustedReason, "spec.calendarName", "never opens"},
		"hours that never open":            {with(policySpec(sorry()), hours("never")), v1alpha1.CalendarExhaustedReason, "spec.escalation[1].hours", "never opens"},
		"a calendar that is wrong":         {with(policySpec(sorry()), cal("nozone")), v1alpha1.CalendarNotReadyReason, "spec.calendarName", "Europe/Nowhere"},
		"one calendar at two places, once": {with(policySpec(sorry()), cal("never"), hours("never")), v1alpha1.CalendarExhaustedReason, "spec.calendarName", "never opens"},
		"an overlay of an unknown step":    {with(policySpec(sorry(), fix()), overlay("Low"), overlay("High", v1alpha1.StepOverlay{Name: "sorry"}, v1alpha1.StepOverlay{Name: "fixx", Due: within("1h")})), invalid, "spec.bySeverity[1].steps[1].name", `there is no step "fixx"; the steps are sorry, fix`},
		"a hold of an unknown step":        {with(policySpec(sorry(), fix()), hold("fix", "fixx")), invalid, "spec.holds[0].pauses.steps[1]", `there is no step "fixx"`},
		"a hold of an apology":             {with(policySpec(sorry(), fix()), hold("fix"), hold("sorry")), invalid, "spec.holds[1].pauses.steps[0]", `the step "sorry" is an Apology, which is never paused`},
		"no duration in reopenWithin":      {with(policySpec(sorry()), func(s *v1alpha1.RecoveryPolicySpec) { s.ReopenWithin = "7d" }), invalid, "spec.reopenWithin", `"7d" is no duration`},
	})
}

func TestCompileTellsEveryProblem(t *testing.T) {
	t.Parallel()
	spec := with(policySpec(
		sorry(fixture.After("nobody"), fixture.DueBusiness("1h")),
		fix(when("severity"), fixture.WarnAt(50)),
	), overlay("Low", v1alpha1.StepOverlay{Name: "gone"}))
	_, problems := compile(spec)
	for _, want := range []struct{ field, says string }{
		{"spec.steps[0].after", "nobody"},
		{"spec.steps[0].due", "names no calendar"},
		{"spec.steps[1].when", "must yield true or false"},
		{"spec.steps[1]", "warnAt"},
		{"spec.bySeverity[0].steps[0].name", "gone"},
	} {
		if !has(problems, invalid, want.field, want.says) {
			t.Errorf("no problem at %s says %q", want.field, want.says)
		}
	}
	if len(problems) != 5 {
		t.Errorf("there are %d problems, want 5: %s", len(problems), policy.Describe(problems))
	}
	if text := policy.Describe(problems); strings.Count(text, "; spec.") != 4 || strings.Contains(text, "\n") {
		t.Errorf("the description is not one line of all problems: %s", text)
	}
}

func TestCompileAccepts(t *testing.T) {
	t.Parallel()
	due := func(d *v1alpha1.Due) fixture.StepOption { return step(func(s *v1alpha1.Step) { s.Due = d }) }
	for name, spec := range map[string]v1alpha1.RecoveryPolicySpec{
		"no steps":                      {},
		"twenty steps":                  policySpec(manySteps(20)...),
		"a target on a slower clock":    with(policySpec(fix(fixture.TargetWithin("9h"), due(business("8h")))), onCalendar("office")),
		"a target at the due":           policySpec(fix(fixture.TargetWithin("8h"), due(within("8h")))),
		"a notBefore on another clock":  with(policySpec(fix(fixture.NotBefore("72h"), due(&v1alpha1.Due{BusinessDays: 1}))), onCalendar("office")),
		"warnings where a due is added": with(policySpec(fix()), overlay("High", v1alpha1.StepOverlay{Name: "fix", Due: within("1h"), WarnAt: []int32{50}})),
		"steps in any order":            policySpec(fix(fixture.After("sorry")), sorry(fixture.After())),
		"hours on a second calendar": with(policySpec(sorry()), onCalendar("office"), func(s *v1alpha1.RecoveryPolicySpec) {
			s.Escalation = []v1alpha1.EscalationLevel{{Level: "boss", Hours: "night"}}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, problems := compile(spec); len(problems) > 0 {
				t.Errorf("the policy has problems: %s", policy.Describe(problems))
			}
		})
	}
}
