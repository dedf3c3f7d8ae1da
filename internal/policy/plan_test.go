package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

func TestPlanOfAGraph(t *testing.T) {
	t.Parallel()
	p := plan(t, policySpec(
		sorry(),
		fixture.Step("a", v1alpha1.StepCustom, fixture.After()),
		fixture.Step("b", v1alpha1.StepCustom, fixture.After("sorry")),
		fix(fixture.After("b", "a")),
	))
	var after [][]int
	for _, s := range p.Steps {
		after = append(after, s.After)
	}
	if diff := cmp.Diff([][]int{nil, nil, {0}, {2, 1}}, after); diff != "" {
		t.Errorf("the graph differs (-want +got):\n%s", diff)
	}
	if got := p.StepNames(); got != "sorry, a, b, fix" {
		t.Errorf("the names are %q", got)
	}
	if got := p.StepNamed("b"); got != 2 {
		t.Errorf("b is at %d, want 2", got)
	}
	if got := p.StepNamed("nobody"); got != -1 {
		t.Errorf("a step that is not there is at %d, want -1", got)
	}
	if p.Policy != "front-desk" || p.Revision != "front-desk-1" || p.ReopenWithin != 168*time.Hour {
		t.Errorf("the plan is of %s, %s, and can be reopened within %s", p.Policy, p.Revision, p.ReopenWithin)
	}
}

func TestLimitsBySeverity(t *testing.T) {
	t.Parallel()
	p := plan(t, with(policySpec(sorry(fixture.TargetWithin("5m"), fixture.DueWithin("10m"), fixture.WarnAt(80, 50, 80))),
		overlay("High", v1alpha1.StepOverlay{Name: "sorry", Due: within("6m")}),
		overlay("Critical", v1alpha1.StepOverlay{Name: "sorry", Target: within("1m"), Due: within("3m"), WarnAt: []int32{30}}),
	))
	type limits struct {
		Target, Due time.Duration
		WarnAt      []int
	}
	got := map[v1alpha1.Severity]limits{}
	for _, s := range policy.Severities {
		l := p.Steps[0].Limits(s)
		got[s] = limits{l.Target.Within, l.Due.Within, l.WarnAt}
	}
	general := limits{5 * time.Minute, 10 * time.Minute, []int{50, 80}}
	want := map[v1alpha1.Severity]limits{
		"Low":      general,
		"Medium":   general,
		"High":     {5 * time.Minute, 6 * time.Minute, []int{50, 80}},
		"Critical": {time.Minute, 3 * time.Minute, []int{30}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the limits differ (-want +got):\n%s", diff)
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	p := plan(t, with(policySpec(
		fixture.Step("wall", v1alpha1.StepCustom, fixture.DueWithin("24h")),
		fixture.Step("hours", v1alpha1.StepCustom, fixture.DueBusiness("60m")),
		fixture.Step("days", v1alpha1.StepCustom, fixture.DueBusinessDays(3)),
		fixture.Step("instant", v1alpha1.StepCustom, fixture.DueAt(fixture.Instant("2026-12-24T18:00:00+01:00"))),
	), onCalendar("office")))
	for name, c := range map[string]struct {
		step        v1alpha1.Name
		start, want string
	}{
		"a wall clock counts every second":             {"wall", "2026-10-02T16:30:00+02:00", "2026-10-03T16:30:00+02:00"},
		"a wall clock is not fooled by summer time":    {"wall", "2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00"},
		"business time goes on on Monday":              {"hours", "2026-10-02T16:30:00+02:00", "2026-10-05T09:30:00+02:00"},
		"business time ends at closing":                {"hours", "2026-10-02T16:00:00+02:00", "2026-10-02T17:00:00+02:00"},
		"the third business day after Wednesday":       {"days", "2026-09-30T11:00:00+02:00", "2026-10-05T17:00:00+02:00"},
		"an instant, whatever the start":               {"instant", "2026-09-30T11:00:00+02:00", "2026-12-24T17:00:00Z"},
		"an instant that lies before the start itself": {"instant", "2027-09-30T11:00:00+02:00", "2026-12-24T17:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := p.Due(p.Steps[p.StepNamed(c.step)].Limits("Low").Due, fixture.Instant(c.start))
			if err != nil {
				t.Fatal(err)
			}
			isAt(t, "the due instant", got, c.want)
		})
	}
	if _, err := p.Due(p.Steps[1].Limits("Low").Due, fixture.Instant("2400-01-01T00:00:00Z")); !errors.Is(err, calendar.ErrExhausted) {
		t.Errorf("outside of all calendars the error is %v, want ErrExhausted", err)
	}
}

func TestDueIsInWholeSeconds(t *testing.T) {
	t.Parallel()
	p := plan(t, policySpec(fix(fixture.DueAt(fixture.Instant("2026-12-24T18:00:00Z").Add(500*time.Millisecond)))))
	got, err := p.Due(p.Steps[0].Limits("Low").Due, fixture.Instant("2026-10-02T08:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	isAt(t, "the due instant", got, "2026-12-24T18:00:00Z")
}

func TestPercent(t *testing.T) {
	t.Parallel()
	p := plan(t, with(policySpec(
		fixture.Step("wall", v1alpha1.StepCustom, fixture.DueWithin("10m")),
		fixture.Step("hours", v1alpha1.StepCustom, fixture.DueBusiness("2h")),
		fixture.Step("days", v1alpha1.StepCustom, fixture.DueBusinessDays(1)),
		fixture.Step("short", v1alpha1.StepCustom, fixture.DueWithin("1s")),
		fixture.Step("instant", v1alpha1.StepCustom, fixture.DueAt(fixture.Instant("2026-10-02T10:00:00Z"))),
	), onCalendar("office")))
	for name, c := range map[string]struct {
		step    v1alpha1.Name
		start   string
		percent int
		want    string
	}{
		"half of the wall time":             {step: "wall", start: "2026-10-02T08:00:00Z", percent: 50, want: "2026-10-02T08:05:00Z"},
		"a third, rounded up to the second": {step: "wall", start: "2026-10-02T08:00:00Z", percent: 33, want: "2026-10-02T08:03:18Z"},
		"half of the business time":         {step: "hours", start: "2026-10-02T16:00:00+02:00", percent: 50, want: "2026-10-02T17:00:00+02:00"},
		"most of the business time":         {step: "hours", start: "2026-10-02T16:00:00+02:00", percent: 75, want: "2026-10-05T09:30:00+02:00"},
		"half of the day after":             {step: "days", start: "2026-10-01T17:00:00+02:00", percent: 50, want: "2026-10-02T13:00:00+02:00"},
		"never after the due":               {step: "short", start: "2026-10-02T08:00:00Z", percent: 99, want: "2026-10-02T08:00:01Z"},
		"half of the way to an instant":     {step: "instant", start: "2026-10-02T08:00:00Z", percent: 50, want: "2026-10-02T09:00:00Z"},
		"of an instant that has passed":     {step: "instant", start: "2026-10-02T11:00:00Z", percent: 50, want: "2026-10-02T11:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := p.Steps[p.StepNamed(c.step)].Limits("Low").Due
			start := fixture.Instant(c.start)
			due, err := p.Due(d, start)
			if err != nil {
				t.Fatal(err)
			}
			isAt(t, "the threshold", p.Percent(d, start, due, c.percent), c.want)
		})
	}
}

func TestRemedies(t *testing.T) {
	t.Parallel()
	money := func(c *v1alpha1.PolicyCompensation) func(*v1alpha1.RecoveryPolicySpec) {
		return func(s *v1alpha1.RecoveryPolicySpec) { s.Compensation = c }
	}
	p := plan(t, with(policySpec(sorry(), fix()), money(&v1alpha1.PolicyCompensation{
		Catalogue:     []v1alpha1.CatalogueOption{{Name: "fresh-coffee"}},
		Demand:        []v1alpha1.CompensationDemand{{Severity: "Critical", Extra: v1alpha1.ExtraOffered}, {Severity: "Medium", Extra: v1alpha1.ExtraOfferedOrReason}},
		DeliverWithin: within("48h"),
	})))
	if _, ok := p.Catalogue["fresh-coffee"]; !ok {
		t.Error("the catalogue does not know fresh-coffee")
	}
	for severity, want := range map[v1alpha1.Severity]v1alpha1.ExtraDemand{
		"Low": v1alpha1.ExtraOptional, "Medium": v1alpha1.ExtraOfferedOrReason, "High": v1alpha1.ExtraOfferedOrReason, "Critical": v1alpha1.ExtraOffered,
	} {
		if got := p.Extra(severity); got != want {
			t.Errorf("at severity %s an extra is %s, want %s", severity, got, want)
		}
	}
	if got := p.DeliverWithin; got == nil || got.Within != 48*time.Hour {
		t.Errorf("a remedy is delivered within %+v", got)
	}
	without := plan(t, policySpec(sorry()))
	if got := without.Extra("Critical"); got != v1alpha1.ExtraOptional || without.DeliverWithin != nil {
		t.Errorf("without terms for money an extra is %s, delivered within %+v", got, without.DeliverWithin)
	}
	_, wrong := policy.Compile("desk", "r1", policy.Content{Policy: policy.Complete(with(policySpec(sorry()), money(&v1alpha1.PolicyCompensation{DeliverWithin: &v1alpha1.Due{BusinessDays: 2}})))})
	if got := policy.Describe(wrong); !strings.Contains(got, "spec.compensation.deliverWithin: it counts business time, and the policy names no calendar") {
		t.Errorf("a delivery in business days without a calendar is refused by %q", got)
	}
}
