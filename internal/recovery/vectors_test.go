package recovery

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// berlin reads a local time of the vectors' calendar.
func berlin(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// office is the calendar of the vectors: Monday to Friday, 09:00 to 17:00, Berlin.
var office = v1alpha1.BusinessCalendarSpec{
	TimeZone: "Europe/Berlin",
	Weekly: []v1alpha1.WeeklyOpening{{
		Days:  []v1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"},
		Hours: []v1alpha1.Opening{{From: "09:00", To: "17:00"}},
	}},
}

// vector is one case that the clocks must reproduce exactly.
type vector struct {
	name    string
	spec    v1alpha1.RecoveryPolicySpec
	header  func(*v1alpha1.Incident)
	start   string // Berlin time; journal entries carry their own
	journal []fixture.EntryBuilder
	// looks are the instants at which the operator looks, in order; the last one counts.
	looks []string
	want  func(t *testing.T, s v1alpha1.IncidentStatus)
}

func (v vector) run(t *testing.T) {
	t.Helper()
	spec := v.spec
	if spec.CalendarName == "" {
		spec.CalendarName = "office"
	}
	plan, wrong := policy.Compile("p", "p-1", policy.Content{
		Policy: policy.Complete(spec), Calendars: map[string]v1alpha1.BusinessCalendarSpec{"office": office},
	})
	if len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	all := fixture.Incident("inc", fixture.WithJournal(v.journal...))
	all.CreationTimestamp.Time = berlin(t, v.start)
	if v.header != nil {
		v.header(all)
	}
	inc := all.DeepCopy()
	for _, look := range v.looks {
		now := berlin(t, look)
		inc.Spec.Journal = nil
		for _, e := range all.Spec.Journal {
			if !e.RecordedAt.After(now) {
				inc.Spec.Journal = append(inc.Spec.Journal, e)
			}
		}
		d := Decide(&Snapshot{Incident: inc, Plan: plan}, now)
		inc.Status = d.Status
		again := Decide(&Snapshot{Incident: inc, Plan: plan}, now)
		sameStatus(t, inc.Status, again.Status)
		if len(again.Notices) > 0 {
			t.Errorf("told again: %v", again.Notices)
		}
	}
	v.want(t, inc.Status)
}

func clockNamed(t *testing.T, s v1alpha1.IncidentStatus, name string) v1alpha1.Clock {
	t.Helper()
	for _, c := range s.Clocks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no clock %s among %v", name, s.Clocks)
	return v1alpha1.Clock{}
}

func wantDue(t *testing.T, c v1alpha1.Clock, want string) {
	t.Helper()
	if c.DueAt == nil || !c.DueAt.Time.Equal(berlin(t, want)) {
		t.Errorf("%s is due at %v, want %s", c.Name, c.DueAt, berlin(t, want))
	}
}

func wantBreach(t *testing.T, c v1alpha1.Clock, want string) {
	t.Helper()
	if want == "" {
		if c.BreachedAt != nil {
			t.Errorf("%s is breached at %s", c.Name, c.BreachedAt)
		}
		return
	}
	if c.BreachedAt == nil || !c.BreachedAt.Time.Equal(berlin(t, want)) {
		t.Errorf("%s is breached at %v, want %s", c.Name, c.BreachedAt, berlin(t, want))
	}
}

func oneStep(due v1alpha1.Due) v1alpha1.RecoveryPolicySpec {
	return v1alpha1.RecoveryPolicySpec{
		Steps: []v1alpha1.Step{{Name: "fix", Type: v1alpha1.StepCustom, Due: &due}},
		Holds: []v1alpha1.HoldRule{{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}}},
	}
}

func TestVectors(t *testing.T) {
	on := func(id v1alpha1.Name, at string) fixture.EntryBuilder {
		return fixture.Entry(id).By("alice").RecordedAt(berlin(t, at))
	}
	business := func(d v1alpha1.Duration) v1alpha1.Due {
		return v1alpha1.Due{Within: d, Clock: v1alpha1.ClockBusiness}
	}
	wall := func(d v1alpha1.Duration) v1alpha1.Due { return v1alpha1.Due{Within: d} }
	due := func(name, want string) func(*testing.T, v1alpha1.IncidentStatus) {
		return func(t *testing.T, s v1alpha1.IncidentStatus) { t.Helper(); wantDue(t, clockNamed(t, s, name), want) }
	}
	apology := v1alpha1.Step{Name: "apologise", Type: v1alpha1.StepApology, Due: &v1alpha1.Due{Within: "10m"}}
	resolve := v1alpha1.Step{Name: "resolve", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{Within: "72h"}}
	hours := func(i *v1alpha1.Incident) {
		i.Spec.Customer.TimeZone = "Europe/Berlin"
		i.Spec.Customer.ContactHours = &v1alpha1.ContactHours{From: "09:00", To: "21:00"}
	}
	followUp := v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{
		{Name: "resolve", Type: v1alpha1.StepResolution, Demands: []v1alpha1.Demand{}},
		{Name: "call", Type: v1alpha1.StepFollowUp, FollowUp: v1alpha1.FollowUpImmediate, Due: &v1alpha1.Due{Within: "1h"}},
	}}

	for _, v := range []vector{
		{name: "1: business 60 min from Friday 16:30", spec: oneStep(business("60m")), start: "2026-10-02 16:30:00",
			looks: []string{"2026-10-02 16:31:00"}, want: due("Step/fix", "2026-10-05 09:30:00")},
		{name: "2: business 60 min from Friday 16:00", spec: oneStep(business("60m")), start: "2026-10-02 16:00:00",
			looks: []string{"2026-10-02 16:31:00"}, want: due("Step/fix", "2026-10-02 17:00:00")},
		{name: "3: business 30 min from Saturday", spec: oneStep(business("30m")), start: "2026-10-03 12:00:00",
			looks: []string{"2026-10-03 12:31:00"}, want: due("Step/fix", "2026-10-05 09:30:00")},
		{name: "4: case 1, held from Friday 16:45 to Monday 09:15", spec: oneStep(business("60m")), start: "2026-10-02 16:30:00",
			journal: []fixture.EntryBuilder{
				on("h", "2026-10-02 16:45:00").Hold("Parts"),
				fixture.Entry("r").RecordedAt(berlin(t, "2026-10-05 09:15:00")).Resume("h"),
			},
			looks: []string{"2026-10-02 16:50:00", "2026-10-05 09:16:00"}, want: due("Step/fix", "2026-10-05 10:00:00")},
		{name: "5: case 1, held over the weekend", spec: oneStep(business("60m")), start: "2026-10-02 16:30:00",
			journal: []fixture.EntryBuilder{
				on("h", "2026-10-03 10:00:00").Hold("Parts"),
				fixture.Entry("r").RecordedAt(berlin(t, "2026-10-04 10:00:00")).Resume("h"),
			},
			looks: []string{"2026-10-04 10:00:00"}, want: due("Step/fix", "2026-10-05 09:30:00")},
		{name: "6: two holds that overlap", spec: oneStep(business("4h")), start: "2026-10-05 09:00:00",
			journal: []fixture.EntryBuilder{
				on("h1", "2026-10-05 10:00:00").Hold("Parts"), on("h2", "2026-10-05 10:30:00").Hold("Parts"),
				on("r1", "2026-10-05 11:00:00").Resume("h1"), on("r2", "2026-10-05 11:30:00").Resume("h2"),
			},
			looks: []string{"2026-10-05 10:45:00", "2026-10-05 11:30:00"}, want: due("Step/fix", "2026-10-05 14:30:00")},
		{name: "7: business 24 h from Monday", spec: oneStep(business("24h")), start: "2026-10-05 09:00:00",
			looks: []string{"2026-10-05 09:00:00"}, want: due("Step/fix", "2026-10-07 17:00:00")},
		{name: "8: wall 24 h over the spring change", spec: oneStep(wall("24h")), start: "2026-03-28 12:00:00",
			looks: []string{"2026-03-28 12:00:00"}, want: due("Step/fix", "2026-03-29 13:00:00")},
		{name: "12: a promise is not held", spec: v1alpha1.RecoveryPolicySpec{
			Steps: []v1alpha1.Step{{Name: "fix", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{Within: "8h"}}},
			Holds: []v1alpha1.HoldRule{{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}}},
		}, start: "2026-10-02 16:00:00",
			journal: []fixture.EntryBuilder{
				on("p", "2026-10-02 16:50:00").Promise("we call back", "30m"), on("h", "2026-10-02 16:55:00").Hold("Parts"),
			},
			looks: []string{"2026-10-02 17:00:00"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				c := clockNamed(t, s, "Promise/p")
				wantDue(t, c, "2026-10-02 17:20:00")
				if c.State != v1alpha1.StateRunning || clockNamed(t, s, "Step/fix").State != v1alpha1.StatePaused {
					t.Errorf("the promise is %s and the step %s", c.State, clockNamed(t, s, "Step/fix").State)
				}
			}},
		{name: "14: three business days", spec: v1alpha1.RecoveryPolicySpec{
			Steps: []v1alpha1.Step{{Name: "fix", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{BusinessDays: 3}}},
		}, start: "2026-09-30 11:00:00", looks: []string{"2026-09-30 11:00:00"}, want: due("Step/fix", "2026-10-05 17:00:00")},
		{name: "22: one response to three contacts", spec: v1alpha1.RecoveryPolicySpec{
			Steps: []v1alpha1.Step{resolve}, Responses: &v1alpha1.Responses{Within: "30m"},
		}, start: "2026-10-05 09:00:00",
			journal: []fixture.EntryBuilder{
				on("c1", "2026-10-05 10:00:00").Heard("Email"), on("c2", "2026-10-05 10:10:00").Heard("Email"),
				on("c3", "2026-10-05 10:20:00").Heard("Email"), on("a", "2026-10-05 10:25:00").Reached("Email"),
			},
			looks: []string{"2026-10-05 10:26:00"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				c := clockNamed(t, s, "Response/c1")
				wantDue(t, c, "2026-10-05 10:30:00")
				wantBreach(t, c, "")
				if c.State != v1alpha1.StateDone || len(s.Clocks) != 2 {
					t.Errorf("%s is %s, and there are %d clocks", c.Name, c.State, len(s.Clocks))
				}
			}},
		{name: "27: a call outside the customer's hours", spec: followUp, header: hours, start: "2026-10-05 20:00:00",
			journal: []fixture.EntryBuilder{on("r", "2026-10-05 21:30:00").Completion("resolve")},
			looks:   []string{"2026-10-05 21:30:00"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				wantDue(t, clockNamed(t, s, "Step/call"), "2026-10-06 10:00:00")
				if r := clockNamed(t, s, "Step/call").Reason; r != v1alpha1.ClockMovedToContactHoursReason {
					t.Errorf("the reason is %s", r)
				}
			}},
		{name: "28: a call at the end of the customer's hours", spec: followUp, header: hours, start: "2026-10-05 19:00:00",
			journal: []fixture.EntryBuilder{on("r", "2026-10-05 20:00:00").Completion("resolve")},
			looks:   []string{"2026-10-05 20:00:00"}, want: due("Step/call", "2026-10-05 21:00:00")},
		{name: "29: superseded without a word to the customer", spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{resolve}}, start: "2026-10-02 16:50:00",
			journal: []fixture.EntryBuilder{
				on("p", "2026-10-02 16:50:00").Promise("call", "30m"),
				on("q", "2026-10-02 17:10:00").PromiseBy("call later", berlin(t, "2026-10-02 18:00:00")).With(func(e *v1alpha1.JournalEntry) { e.Promise.Supersedes = "p" }),
			},
			looks: []string{"2026-10-02 17:10:00", "2026-10-02 17:20:01"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				wantBreach(t, clockNamed(t, s, "Promise/p"), "2026-10-02 17:20:00")
				if s.Promises.Broken != 1 {
					t.Errorf("promises: %+v", s.Promises)
				}
			}},
		{name: "30: superseded and told", spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{resolve}}, start: "2026-10-02 16:50:00",
			journal: []fixture.EntryBuilder{
				on("p", "2026-10-02 16:50:00").Promise("call", "30m"),
				on("q", "2026-10-02 17:10:00").PromiseBy("call later", berlin(t, "2026-10-02 18:00:00")).With(func(e *v1alpha1.JournalEntry) { e.Promise.Supersedes = "p" }),
				on("told", "2026-10-02 17:15:00").Reached("Phone"),
				on("z", "2026-10-02 17:50:00").PromiseBy("later still", berlin(t, "2026-10-02 19:00:00")).With(func(e *v1alpha1.JournalEntry) { e.Promise.Supersedes = "q" }),
			},
			looks: []string{"2026-10-02 17:21:00", "2026-10-02 17:51:00"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				c := clockNamed(t, s, "Promise/q")
				wantDue(t, c, "2026-10-02 18:00:00")
				wantBreach(t, clockNamed(t, s, "Promise/p"), "")
				if c.OriginalDueAt == nil || !c.OriginalDueAt.Time.Equal(berlin(t, "2026-10-02 17:20:00")) || s.Promises.Open != 1 {
					t.Errorf("original due %v, promises %+v", c.OriginalDueAt, s.Promises)
				}
			}},
		{name: "31: cancelled with an open promise", spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{resolve},
			Escalation: []v1alpha1.EscalationLevel{{Level: "duty", Triggers: []v1alpha1.Trigger{v1alpha1.TriggerPromiseBroken}, Notify: v1alpha1.Notify{Group: "managers"}}},
		}, start: "2026-10-02 16:50:00",
			journal: []fixture.EntryBuilder{
				on("p", "2026-10-02 16:50:00").Promise("call", "10m"), on("c", "2026-10-02 16:55:00").Cancel("Mistake"),
			},
			looks: []string{"2026-10-02 16:56:00", "2026-10-02 17:00:01"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				wantBreach(t, clockNamed(t, s, "Promise/p"), "2026-10-02 17:00:00")
				if s.Phase != v1alpha1.PhaseCancelled || len(s.Announced) != 2 || s.Announced[1].Notify == nil {
					t.Errorf("phase %s, announced %+v", s.Phase, s.Announced)
				}
			}},
		{name: "35: a stricter severity asks for more frequent updates", spec: v1alpha1.RecoveryPolicySpec{
			Steps: []v1alpha1.Step{resolve}, Updates: &v1alpha1.Updates{Every: "2h"},
			BySeverity: []v1alpha1.SeverityOverlay{{Severity: v1alpha1.SeverityCritical, Updates: &v1alpha1.Updates{Every: "30m"}}},
		}, start: "2026-10-05 10:00:00", header: func(i *v1alpha1.Incident) { i.Spec.Severity = v1alpha1.SeverityLow },
			journal: []fixture.EntryBuilder{
				on("u", "2026-10-05 11:45:00").Reached("Email"), on("s", "2026-10-05 12:00:00").Retarget(v1alpha1.SeverityCritical, ""),
			},
			looks: []string{"2026-10-05 11:50:00", "2026-10-05 12:00:00"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				if s.NextContactDueAt == nil || !s.NextContactDueAt.Time.Equal(berlin(t, "2026-10-05 12:15:00")) {
					t.Errorf("next contact due %v", s.NextContactDueAt)
				}
			}},
		{name: "37: dissatisfied twice", spec: v1alpha1.RecoveryPolicySpec{
			Steps: []v1alpha1.Step{{Name: "resolve", Type: v1alpha1.StepResolution, Demands: []v1alpha1.Demand{}}}, OnDissatisfied: v1alpha1.OnDissatisfiedReopen,
			Escalation: []v1alpha1.EscalationLevel{{Level: "duty", Triggers: []v1alpha1.Trigger{v1alpha1.TriggerDissatisfied}, Notify: v1alpha1.Notify{User: "tom"}}},
		}, start: "2026-10-05 10:00:00",
			journal: []fixture.EntryBuilder{
				on("r1", "2026-10-05 11:00:00").Completion("resolve"), on("f1", "2026-10-05 12:00:00").Feedback(2),
				on("r2", "2026-10-05 13:00:00").Completion("resolve"), on("f2", "2026-10-05 14:00:00").Feedback(1),
			},
			looks: []string{"2026-10-05 12:30:00", "2026-10-05 14:30:00"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				if s.Round != 2 || s.Phase != v1alpha1.PhaseClosed || len(s.Announced) != 1 {
					t.Errorf("round %d, phase %s, announced %+v", s.Round, s.Phase, s.Announced)
				}
			}},
		{name: "10 of the stories: a broken promise owes a second apology", spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{apology, resolve}}, start: "2026-10-05 10:00:00",
			journal: []fixture.EntryBuilder{
				on("sorry", "2026-10-05 10:01:00").Reached("Phone").Completion("apologise"), on("p", "2026-10-05 10:02:00").Promise("call", "30m"),
			},
			looks: []string{"2026-10-05 10:32:01", "2026-10-05 10:33:00"}, want: func(t *testing.T, s v1alpha1.IncidentStatus) {
				c := clockNamed(t, s, "Step/apologise~2")
				wantDue(t, c, "2026-10-05 10:42:00")
				if c.State != v1alpha1.StateRunning {
					t.Errorf("the second apology is %s", c.State)
				}
			}},
	} {
		t.Run(v.name, v.run)
	}
}

func sameStatus(t *testing.T, want, got v1alpha1.IncidentStatus) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("deciding again differs (-want +got):\n%s", d)
	}
}
