package recovery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// retargeted is a policy of a step, then another one, with a stricter deadline of the
// first where it is Critical and a laxer one where it is Low.
func retargeted() v1alpha1.RecoveryPolicySpec {
	spec := steps(custom("a", fixture.DueWithin("8h")), custom("b", fixture.DueWithin("8h")))
	spec.BySeverity = []v1alpha1.SeverityOverlay{
		{Severity: "Critical", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: within("1h")}, {Name: "b", Due: within("1h")}}},
		{Severity: "Low", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: within("20h")}}},
	}
	return spec
}

func within(d v1alpha1.Duration) *v1alpha1.Due { return &v1alpha1.Due{Within: d} }

func to(d string, severity v1alpha1.Severity, reason v1alpha1.Text) fixture.EntryBuilder {
	return at(d, entry("retarget-"+v1alpha1.Name(d)).Retarget(severity, reason))
}

func TestRetarget(t *testing.T) {
	t.Parallel()
	medium := []fixture.IncidentOption{fixture.OfSeverity("Medium")}
	critical := []fixture.IncidentOption{fixture.OfSeverity("Critical")}
	playAll(t, map[string]scene{
		"stricter, counted from the start": {
			policy: retargeted(), incident: medium, now: "31m", journal: []fixture.EntryBuilder{to("30m", "Critical", "")},
			want: []string{"Open OnTrack, at a, next 1h", "a: Running Retargeted 0s, due 1h, was due 8h"},
		},
		"vector 11: past due already, dated at the change": {
			policy: retargeted(), incident: medium, now: "4h", journal: []fixture.EntryBuilder{to("3h", "Critical", "")},
			want: []string{"Open Overdue, at a, next 1h", "a: Running RetargetedPastDue 0s, due 1h, was due 8h, breached 3h"},
		},
		"to a due in the very instant: it can still be met": {
			policy: retargeted(), incident: medium, now: "1h", journal: []fixture.EntryBuilder{to("1h", "Critical", ""), completing("1h", "a")},
			want: []string{"Open OnTrack, at b, next 2h", "a: Done Retargeted 0s–1h, due 1h, was due 8h", "b: Running 1h, due 2h"},
		},
		"to a due in the very instant: it is missed a second later": {
			policy: retargeted(), incident: medium, now: "2h", journal: []fixture.EntryBuilder{to("1h", "Critical", "")},
			want: []string{"Open Overdue, at a, next 1h", "a: Running Retargeted 0s, due 1h, was due 8h, breached 1h"},
		},
		"laxer, with a reason, keeps the first due": {
			policy: retargeted(), incident: critical, now: "31m", journal: []fixture.EntryBuilder{to("30m", "Medium", "it was less")},
			want: []string{"Open OnTrack, at a, next 8h", "a: Running Retargeted 0s, due 8h, was due 1h"},
		},
		"laxer after the breach undoes nothing": {
			policy: retargeted(), incident: critical, now: "2h", journal: []fixture.EntryBuilder{to("90m", "Medium", "it was less")},
			want: []string{"Open Overdue, at a, next 8h", "a: Running Retargeted 0s, due 8h, was due 1h, breached 1h"},
		},
		"laxer after the breach, and the later due is missed too": {
			policy: retargeted(), incident: critical, now: "9h", journal: []fixture.EntryBuilder{to("90m", "Medium", "it was less")},
			want: []string{"Open Overdue, at a, next 8h", "a: Running Retargeted 0s, due 8h, was due 1h, breached 1h"},
		},
		"laxer without a reason is refused": {
			policy: retargeted(), incident: critical, now: "31m", journal: []fixture.EntryBuilder{to("30m", "Medium", "")},
			want:    []string{"Open OnTrack, at a, next 1h", "a: Running 0s, due 1h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry retarget-30m counts for nothing: retarget.reason: a milder severity (Medium instead of Critical) needs a reason"},
		},
		"the same severity is refused": {
			policy: retargeted(), incident: critical, now: "31m", journal: []fixture.EntryBuilder{to("30m", "Critical", "still")},
			want:    []string{"Open OnTrack, at a, next 1h", "a: Running 0s, due 1h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"retarget.severity: the severity is Critical already"},
		},
		"to and fro ends where it began": {
			policy: retargeted(), incident: medium, now: "41m", journal: []fixture.EntryBuilder{to("30m", "Critical", ""), to("40m", "Medium", "it was less")},
			want: []string{"Open OnTrack, at a, next 8h", "a: Running Retargeted 0s, due 8h"},
		},
		"twice moved, the first due stays visible": {
			policy: retargeted(), incident: medium, now: "41m", journal: []fixture.EntryBuilder{to("30m", "Low", "it was less"), to("40m", "Critical", "")},
			want: []string{"Open OnTrack, at a, next 1h", "a: Running Retargeted 0s, due 1h, was due 8h"},
		},
		"what is done stays": {
			policy: retargeted(), incident: medium, now: "4h", journal: []fixture.EntryBuilder{completing("2h", "a"), to("150m", "Critical", "")},
			want: []string{"Open Overdue, at b, next 3h", "a: Done Completed 0s–2h, due 8h", "b: Running Retargeted 2h, due 3h, was due 10h, breached 3h"},
		},
		"what starts later runs at the new severity": {
			policy: retargeted(), incident: medium, now: "41m", journal: []fixture.EntryBuilder{to("30m", "Critical", ""), completing("40m", "a")},
			want: []string{"Open OnTrack, at b, next 1h40m", "a: Done Retargeted 0s–40m, due 1h, was due 8h", "b: Running 40m, due 1h40m"},
		},
		"to a severity with the same deadlines nothing moves": {
			policy: retargeted(), incident: medium, now: "41m", journal: []fixture.EntryBuilder{to("30m", "High", "")},
			want: []string{"Open OnTrack, at a, next 8h", "a: Running 0s, due 8h"},
		},
		"an incident that is over is refused": {
			policy: retargeted(), incident: medium, now: "41m", journal: []fixture.EntryBuilder{at("20m", entry("end").Cancel("Mistake")), to("30m", "Critical", "")},
			want:    []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"retarget.severity: the incident is Cancelled"},
		},
		"a retarget and a completion in one instant, in order": {
			policy: retargeted(), incident: medium, now: "4h", journal: []fixture.EntryBuilder{completing("3h", "a"), to("3h", "Critical", "")},
			want: []string{"Open OnTrack, at b, next 4h", "a: Done Completed 0s–3h, due 8h", "b: Running Retargeted 3h, due 4h, was due 11h"},
		},
	})
}

func TestRetargetToADueWhereThereWasNone(t *testing.T) {
	t.Parallel()
	spec := steps(custom("a"))
	spec.BySeverity = []v1alpha1.SeverityOverlay{{Severity: "High", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: within("1h")}}}}
	playAll(t, map[string]scene{
		"it has one now": {
			policy: spec, now: "31m", journal: []fixture.EntryBuilder{to("30m", "High", "")},
			want: []string{"Open OnTrack, at a, next 1h", "a: Running Retargeted 0s, due 1h"},
		},
		"and none again": {
			policy: spec, now: "2h", journal: []fixture.EntryBuilder{to("30m", "High", ""), to("40m", "Low", "it was less")},
			want: []string{"Open OnTrack, at a", "a: Running Retargeted 0s, was due 1h"},
		},
		"and none again, after the breach": {
			policy: spec, now: "2h", journal: []fixture.EntryBuilder{to("30m", "High", ""), to("90m", "Low", "it was less")},
			want: []string{"Open Overdue, at a", "a: Running Retargeted 0s, was due 1h, breached 1h"},
		},
	})
}

// A breached clock whose due was moved says when it was missed, not when it is due now.
func TestOnTrackNamesTheBreach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, retargeted(), fixture.OfSeverity("Critical")).tell(to("90m", "Medium", "it was less"))
	w.decide(after("2h"))
	isCondition(t, &w.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionFalse, v1alpha1.OverdueReason, "1h",
		"Step/a was due at "+after("1h").Format(time.RFC3339))
	past := newWorld(t, retargeted(), fixture.OfSeverity("Medium")).tell(to("3h", "Critical", ""))
	past.decide(after("4h"))
	isCondition(t, &past.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionFalse, v1alpha1.OverdueReason, "3h",
		"Step/a was due at "+after("1h").Format(time.RFC3339))
}

func TestRetargetOfACalendarThatIsExhausted(t *testing.T) {
	t.Parallel()
	spec := onCalendar(steps(custom("a", fixture.DueWithin("1h"))), "once")
	spec.BySeverity = []v1alpha1.SeverityOverlay{{Severity: "High", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: &v1alpha1.Due{Within: "8h", Clock: "Business"}}}}}
	w := newWorld(t, spec).tell(to("30m", "High", ""))
	w.decide(after("40m"))
	if diff := cmp.Diff([]string{"Open OnTrack, at a", "a: Running CalendarExhausted 0s, was due 1h"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	w.tell(to("50m", "Low", "it was less"))
	w.decide(after("51m"))
	if diff := cmp.Diff([]string{"Open OnTrack, at a, next 1h", "a: Running Retargeted 0s, due 1h"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}

func TestWarningsAfterARetarget(t *testing.T) {
	t.Parallel()
	spec := steps(custom("a", fixture.DueWithin("10h"), fixture.WarnAt(50)))
	spec.BySeverity = []v1alpha1.SeverityOverlay{
		{Severity: "High", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: within("4h"), WarnAt: []int32{50, 80}}}},
		{Severity: "Critical", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: within("2h"), WarnAt: []int32{10, 50, 90}}}},
	}
	for name, c := range map[string]struct {
		journal []fixture.EntryBuilder
		want    []string
	}{
		"thresholds that have passed are reached at the change": {
			[]fixture.EntryBuilder{to("3h", "High", "")},
			[]string{"Warning/Step/a/50 3h", "Warning/Step/a/80 3h12m", "Breach/Step/a 4h"},
		},
		"a threshold that was told is not told again": {
			[]fixture.EntryBuilder{to("1h30m", "Critical", ""), to("1h40m", "Low", "it was less")},
			[]string{"Warning/Step/a/10 1h30m", "Warning/Step/a/50 1h30m", "Breach/Step/a 10h"},
		},
		"a threshold that moved ahead is reached later": {
			[]fixture.EntryBuilder{to("30m", "High", ""), to("1h", "Low", "it was less")},
			[]string{"Warning/Step/a/50 5h", "Breach/Step/a 10h"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			late := newWorld(t, spec).tell(c.journal...)
			late.decide(after("11h"))
			onTime := newWorld(t, spec).tell(c.journal...)
			onTime.live(after("11h"), nil)
			for _, w := range []*world{late, onTime} {
				var got []string
				for _, a := range w.inc.Status.Announced {
					got = append(got, a.Key+" "+offset(a.At.Time))
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("the announcements differ (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// Nothing is woken for that cannot change: a threshold that was told once is over.
func TestNoWakeForAThresholdThatWasTold(t *testing.T) {
	t.Parallel()
	spec := steps(custom("a", fixture.DueWithin("10h"), fixture.WarnAt(50)))
	spec.BySeverity = []v1alpha1.SeverityOverlay{{Severity: "High", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: within("2h")}}}}
	w := newWorld(t, spec, fixture.OfSeverity("High"))
	w.decide(after("70m"))
	w.tell(to("80m", "Low", "it was less"))
	if d := w.decide(after("90m")); !d.WakeAt.Equal(after("10h1s")) {
		t.Errorf("it wakes at %s, want 10h1s", offset(d.WakeAt))
	}
}

func TestRetargetIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, retargeted(), fixture.OfSeverity("Medium"))
	w.decide(after("0s"))
	w.tell(to("3h", "Critical", ""))
	d := w.decide(after("3h"))
	if diff := cmp.Diff([]string{"Retargeted", "! DeadlineBreached a"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if want := "the severity is Critical; it was Medium"; d.Notices[0].Message != want {
		t.Errorf("it tells %q, want %q", d.Notices[0].Message, want)
	}
	if want := "Step/a was past due when the severity changed at " + after("3h").Format(time.RFC3339); d.Notices[1].Message != want {
		t.Errorf("it tells %q, want %q", d.Notices[1].Message, want)
	}
	w.tell(to("4h", "Low", "it was less"))
	if diff := cmp.Diff([]string{"Retargeted"}, tell(w.decide(after("4h")).Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Open Overdue, at a, next 20h", "a: Running Retargeted 0s, due 20h, was due 8h, breached 3h"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}
