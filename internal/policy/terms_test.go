package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// holding allows a reason to hold.
func holding(rules ...v1alpha1.HoldRule) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) { s.Holds = rules }
}

func TestHolds(t *testing.T) {
	t.Parallel()
	p := plan(t, with(policySpec(sorry(), fix(fixture.DueWithin("8h")), fixture.Step("own", v1alpha1.StepCustom)), holding(
		v1alpha1.HoldRule{Reason: "WaitingForCustomer", MaxEach: "72h", MaxTotal: "168h", Pauses: v1alpha1.Pauses{
			Steps: []v1alpha1.Name{"own", "fix"}, Clocks: []v1alpha1.ClockKind{"Update", "Resolution"},
		}},
		v1alpha1.HoldRule{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}},
	)))
	want := []policy.HoldRule{
		{Reason: "WaitingForCustomer", Steps: []int{2, 1}, Resolution: true, Update: true, Slows: true, MaxEach: 72 * time.Hour, MaxTotal: 168 * time.Hour},
		{Reason: "Parts", Steps: []int{1}, Slows: true},
	}
	if diff := cmp.Diff(want, p.Holds); diff != "" {
		t.Errorf("the rules differ (-want +got):\n%s", diff)
	}
	if got := p.HoldFor("Parts"); got == nil || got.Reason != "Parts" {
		t.Errorf("the rule for Parts is %+v", got)
	}
	if got := p.HoldFor("Whim"); got != nil {
		t.Errorf("there is a rule for a whim: %+v", got)
	}
	if got := p.HoldReasons(); got != "WaitingForCustomer, Parts" {
		t.Errorf("the reasons are %q", got)
	}
	if got := plan(t, policySpec(sorry())).HoldReasons(); got != "none" {
		t.Errorf("without holds the reasons are %q", got)
	}
}

func TestCompileRefusesTerms(t *testing.T) {
	t.Parallel()
	rule := func(r v1alpha1.HoldRule) v1alpha1.RecoveryPolicySpec {
		r.Reason = "Parts"
		return with(policySpec(sorry(), fix(fixture.DueWithin("8h"))), holding(r))
	}
	term := func(change func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
		return with(policySpec(sorry()), change)
	}
	const noCalendar, noDuration = "the policy names no calendar", "is no duration"
	checkProblems(t, map[string]problemCase{
		"a hold of a business day": {
			with(policySpec(fix(fixture.DueBusinessDays(2))), onCalendar("office"), holding(v1alpha1.HoldRule{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}})),
			invalid, "spec.holds[0].pauses.steps[0]", `the step "fix" is due at the close of a business day or at an instant, which a hold cannot move`,
		},
		"a hold of an instant, at one severity": {
			with(policySpec(fix(fixture.DueWithin("1h"))), overlay("High", v1alpha1.StepOverlay{Name: "fix", Due: &v1alpha1.Due{BusinessDays: 1}}), onCalendar("office"),
				holding(v1alpha1.HoldRule{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}})),
			invalid, "spec.holds[0].pauses.steps[0]", "which a hold cannot move",
		},
		"a cap that is none":       {rule(v1alpha1.HoldRule{MaxEach: "3d"}), invalid, "spec.holds[0].maxEach", noDuration},
		"a total cap that is none": {rule(v1alpha1.HoldRule{MaxTotal: "0s"}), invalid, "spec.holds[0].maxTotal", noDuration},
		"responses on no calendar": {term(func(s *v1alpha1.RecoveryPolicySpec) {
			s.Responses = &v1alpha1.Responses{Within: "1h", Clock: "Business"}
		}), invalid, "spec.responses.within", noCalendar},
		"responses within nothing": {term(func(s *v1alpha1.RecoveryPolicySpec) { s.Responses = &v1alpha1.Responses{} }), invalid, "spec.responses.within", noDuration},
		"updates on no calendar":   {term(func(s *v1alpha1.RecoveryPolicySpec) { s.Updates = &v1alpha1.Updates{Every: "1h", Clock: "Business"} }), invalid, "spec.updates.every", noCalendar},
		"updates that are none":    {term(func(s *v1alpha1.RecoveryPolicySpec) { s.Updates = &v1alpha1.Updates{Every: "soon"} }), invalid, "spec.updates.every", noDuration},
		"updates while held, none": {term(func(s *v1alpha1.RecoveryPolicySpec) { s.Updates = &v1alpha1.Updates{Every: "1h", WhileHeld: "1d"} }), invalid, "spec.updates.whileHeld", noDuration},
		"resolution on no calendar": {term(func(s *v1alpha1.RecoveryPolicySpec) {
			s.Resolution = &v1alpha1.ResolutionLimit{Within: "1h", Clock: "Business"}
		}), invalid, "spec.resolution.within", noCalendar},
		"resolution of one severity": {with(policySpec(sorry()), func(s *v1alpha1.RecoveryPolicySpec) {
			s.BySeverity = []v1alpha1.SeverityOverlay{{Severity: "High", Resolution: &v1alpha1.ResolutionLimit{Within: "4d"}}}
		}), invalid, "spec.bySeverity[0].resolution.within", noDuration},
		"an assignment that is none":   {term(func(s *v1alpha1.RecoveryPolicySpec) { s.Assignment = &v1alpha1.AssignmentLimits{AssignWithin: "5"} }), invalid, "spec.assignment.assignWithin", noDuration},
		"an acceptance that is none":   {term(func(s *v1alpha1.RecoveryPolicySpec) { s.Assignment = &v1alpha1.AssignmentLimits{AcceptWithin: "5"} }), invalid, "spec.assignment.acceptWithin", noDuration},
		"a contact grace that is none": {term(func(s *v1alpha1.RecoveryPolicySpec) { s.ContactGrace = "a bit" }), invalid, "spec.contactGrace", noDuration},
		"a delay of a level, none": {term(func(s *v1alpha1.RecoveryPolicySpec) {
			s.Escalation = []v1alpha1.EscalationLevel{{Level: "boss", After: "-5m"}}
		}), invalid, "spec.escalation[0].after", noDuration},
		"hours of a level, not there": {term(func(s *v1alpha1.RecoveryPolicySpec) {
			s.Escalation = []v1alpha1.EscalationLevel{{Level: "boss", Hours: "ofice"}}
		}), v1alpha1.CalendarNotFoundReason, "spec.escalation[0].hours", `no BusinessCalendar "ofice"`},
	})
}

func TestPace(t *testing.T) {
	t.Parallel()
	p := plan(t, with(policySpec(sorry()), onCalendar("office"), func(s *v1alpha1.RecoveryPolicySpec) {
		s.Responses = &v1alpha1.Responses{Within: "30m"}
		s.Updates = &v1alpha1.Updates{Every: "2h", WhileHeld: "24h", Clock: "Business"}
		s.Assignment = &v1alpha1.AssignmentLimits{AssignWithin: "5m", AcceptWithin: "10m"}
		s.BySeverity = []v1alpha1.SeverityOverlay{
			{Severity: "Critical", Responses: &v1alpha1.Responses{Within: "5m"}, Updates: &v1alpha1.Updates{Every: "30m"}, Resolution: &v1alpha1.ResolutionLimit{Within: "4h"}},
			{Severity: "Low", Assignment: &v1alpha1.AssignmentLimits{AcceptWithin: "1h"}},
		}
	}))
	wall := func(d time.Duration) *policy.Deadline { return &policy.Deadline{Within: d} }
	open := func(d time.Duration) *policy.Deadline { return &policy.Deadline{Within: d, Business: true} }
	general := policy.Pace{
		Response: wall(30 * time.Minute), Update: open(2 * time.Hour), UpdateHeld: open(24 * time.Hour),
		Assign: wall(5 * time.Minute), Accept: wall(10 * time.Minute),
	}
	low, critical := general, general
	low.Assign, low.Accept = nil, wall(time.Hour)
	critical.Response, critical.Update, critical.UpdateHeld, critical.Resolution = wall(5*time.Minute), wall(30*time.Minute), nil, wall(4*time.Hour)
	for severity, want := range map[v1alpha1.Severity]policy.Pace{"Low": low, "Medium": general, "High": general, "Critical": critical} {
		if diff := cmp.Diff(want, *p.Pace(severity)); diff != "" {
			t.Errorf("the pace at %s differs (-want +got):\n%s", severity, diff)
		}
	}
	if diff := cmp.Diff(policy.Pace{}, *plan(t, policySpec(sorry())).Pace("High")); diff != "" {
		t.Errorf("a policy of steps alone owes more (-want +got):\n%s", diff)
	}
}

func TestTermsByDefault(t *testing.T) {
	t.Parallel()
	p := plan(t, policySpec(sorry()))
	if p.ContactGrace != time.Hour || p.MaxSupersedes != 1 || p.ReopenWithin != 168*time.Hour {
		t.Errorf("the defaults are %s, %d, %s", p.ContactGrace, p.MaxSupersedes, p.ReopenWithin)
	}
	p = plan(t, with(policySpec(sorry()), func(s *v1alpha1.RecoveryPolicySpec) {
		s.ContactGrace, s.ReopenWithin, s.OnDissatisfied = "15m", "24h", v1alpha1.OnDissatisfiedReopen
		s.Promises = &v1alpha1.PromiseLimits{MaxSupersedes: new(int32(0))}
	}))
	if p.ContactGrace != 15*time.Minute || p.MaxSupersedes != 0 || p.ReopenWithin != 24*time.Hour || p.OnDissatisfied != v1alpha1.OnDissatisfiedReopen {
		t.Errorf("what is given is %s, %d, %s, %s", p.ContactGrace, p.MaxSupersedes, p.ReopenWithin, p.OnDissatisfied)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	p := plan(t, with(policySpec(sorry()), func(s *v1alpha1.RecoveryPolicySpec) {
		s.Escalation = []v1alpha1.EscalationLevel{
			{Level: "duty", Triggers: []v1alpha1.Trigger{"Warning", "Breach"}, Notify: v1alpha1.Notify{Group: "duty-managers"}},
			{Level: "boss", Triggers: []v1alpha1.Trigger{"Breach"}, Severities: []v1alpha1.Severity{"High", "Critical"}, After: "30m", Hours: "office", Notify: v1alpha1.Notify{User: "nora"}},
		}
	}))
	want := []policy.Level{
		{Name: "duty", Notify: v1alpha1.Notify{Group: "duty-managers"}},
		{Name: "boss", Notify: v1alpha1.Notify{User: "nora"}, After: 30 * time.Minute},
	}
	if diff := cmp.Diff(want, p.Escalation, cmpopts.IgnoreUnexported(policy.Level{})); diff != "" {
		t.Errorf("the levels differ (-want +got):\n%s", diff)
	}
	duty, boss := &p.Escalation[0], &p.Escalation[1]
	for name, c := range map[string]struct {
		got, want bool
	}{
		"duty hears a warning at any severity":  {duty.Hears("Warning", "Low"), true},
		"duty hears of no promise":              {duty.Hears("PromiseBroken", "Low"), false},
		"the boss hears of a breach when High":  {boss.Hears("Breach", "High"), true},
		"the boss hears of no breach when Low":  {boss.Hears("Breach", "Low"), false},
		"the boss hears of no warning at all":   {boss.Hears("Warning", "High"), false},
		"duty hears of a breach where Critical": {duty.Hears("Breach", "Critical"), true},
	} {
		if c.got != c.want {
			t.Errorf("%s: %t", name, c.got)
		}
	}
	friday := fixture.Instant("2026-10-02T16:15:00+02:00")
	isAt(t, "duty is told", duty.TellAt(friday), "2026-10-02T16:15:00+02:00")
	isAt(t, "the boss is told within hours", boss.TellAt(friday), "2026-10-02T16:45:00+02:00")
	isAt(t, "the boss is told after the weekend", boss.TellAt(friday.Add(15*time.Minute)), "2026-10-05T09:00:00+02:00")
	if got := boss.TellAt(fixture.Instant("2300-01-01T00:00:00Z")); !got.IsZero() {
		t.Errorf("where the hours never open again, the boss is told at %s", got)
	}
}

func TestCounted(t *testing.T) {
	t.Parallel()
	p := plan(t, with(policySpec(sorry()), onCalendar("office")))
	from, to := fixture.Instant("2026-10-02T16:00:00+02:00"), fixture.Instant("2026-10-05T10:00:00+02:00")
	if got := p.Counted(&policy.Deadline{Within: time.Hour}, from, to); got != 66*time.Hour {
		t.Errorf("the wall clock counts %s, want 66h", got)
	}
	if got := p.Counted(&policy.Deadline{Within: time.Hour, Business: true}, from, to); got != 2*time.Hour {
		t.Errorf("the calendar counts %s, want 2h", got)
	}
	if got := p.Location().String(); got != "Europe/Berlin" {
		t.Errorf("the policy lives in %s", got)
	}
	if got := plan(t, policySpec(sorry())).Location(); got != nil {
		t.Errorf("a policy without a calendar lives in %s", got)
	}
	if got := policy.PercentOf(10*time.Minute, 33); got != 198*time.Second {
		t.Errorf("33%% of ten minutes are %s", got)
	}
}
