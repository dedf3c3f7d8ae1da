package recovery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/recovery"
)

func due(d *v1alpha1.Due) fixture.StepOption    { return func(s *v1alpha1.Step) { s.Due = d } }
func target(d *v1alpha1.Due) fixture.StepOption { return func(s *v1alpha1.Step) { s.Target = d } }

func onCalendar(spec v1alpha1.RecoveryPolicySpec, name v1alpha1.ObjectName) v1alpha1.RecoveryPolicySpec {
	spec.CalendarName = name
	return spec
}

// The incident is created on Friday at 10:20 in Berlin; the office closes at 17:00 and
// opens again 71 h later less 9 h 20 min, on Monday at 09:00.
func TestTargetAndDue(t *testing.T) {
	t.Parallel()
	playAll(t, map[string]scene{
		"a target on the wall clock": {
			policy: steps(custom("a", fixture.TargetWithin("5m"), fixture.DueWithin("10m"))), now: "6m",
			want: []string{"Open OnTrack, at a, next 10m", "a: Running 0s, due 10m, target 5m"},
		},
		"a target that is missed is no breach": {
			policy: steps(custom("a", fixture.TargetWithin("5m"))), now: "6m",
			want: []string{"Open OnTrack, at a", "a: Running 0s, target 5m"},
		},
		"business time": {
			policy: onCalendar(steps(custom("a", fixture.DueBusiness("7h40m"), target(&v1alpha1.Due{Within: "1h", Clock: "Business"}))), "office"), now: "1s",
			want: []string{"Open OnTrack, at a, next 71h40m", "a: Running 0s, due 71h40m, target 1h"},
		},
		"business time that ends at closing": {
			policy: onCalendar(steps(custom("a", fixture.DueBusiness("6h40m"))), "office"), now: "1s",
			want: []string{"Open OnTrack, at a, next 6h40m", "a: Running 0s, due 6h40m"},
		},
		"business days": {
			policy: onCalendar(steps(custom("a", fixture.DueBusinessDays(1))), "office"), now: "1s",
			want: []string{"Open OnTrack, at a, next 78h40m", "a: Running 0s, due 78h40m"},
		},
		"an instant": {
			policy: steps(custom("a", due(&v1alpha1.Due{At: instant("3h")}))), now: "1s",
			want: []string{"Open OnTrack, at a, next 3h", "a: Running 0s, due 3h"},
		},
		"an instant that has passed before the start": {
			policy: steps(custom("a"), custom("b", due(&v1alpha1.Due{At: instant("1h")}))), now: "3h",
			journal: []fixture.EntryBuilder{completing("2h", "a")},
			want:    []string{"Open Overdue, at b, next 1h", "a: Done Completed 0s–2h", "b: Running 2h, due 1h, breached 1h"},
		},
		"the clocks run from the claimed report": {
			policy: steps(custom("a", fixture.DueWithin("2h"))), now: "1s",
			incident: []fixture.IncidentOption{fixture.ReportedAt(after("-1h"))},
			want:     []string{"Open OnTrack, at a, next 1h", "a: Running -1h, due 1h"},
		},
		"the claimed report may lie so far back that it is late from the start": {
			policy: steps(custom("a", fixture.DueWithin("2h"))), now: "1s",
			incident: []fixture.IncidentOption{fixture.ReportedAt(after("-3h"))},
			want:     []string{"Open Overdue, at a, next -1h", "a: Running -3h, due -1h, breached -1h"},
		},
	})
}

func TestBySeverity(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.TargetWithin("5m"), fixture.DueWithin("10m"), fixture.WarnAt(50)), custom("b", fixture.DueWithin("1h")))
	policy.BySeverity = []v1alpha1.SeverityOverlay{
		{Severity: "High", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: &v1alpha1.Due{Within: "6m"}}}},
		{Severity: "Critical", Steps: []v1alpha1.StepOverlay{{Name: "a", Due: &v1alpha1.Due{Within: "3m"}, Target: &v1alpha1.Due{Within: "1m"}}, {Name: "b", Due: &v1alpha1.Due{Within: "20m"}}}},
	}
	for severity, want := range map[v1alpha1.Severity][2]string{
		"Low":      {"a: Done Completed 0s–1m, due 10m, target 5m", "b: Running 1m, due 1h1m"},
		"Medium":   {"a: Done Completed 0s–1m, due 10m, target 5m", "b: Running 1m, due 1h1m"},
		"High":     {"a: Done Completed 0s–1m, due 6m, target 5m", "b: Running 1m, due 1h1m"},
		"Critical": {"a: Done Completed 0s–1m, due 3m, target 1m", "b: Running 1m, due 21m"},
	} {
		t.Run(string(severity), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, policy, fixture.OfSeverity(severity)).tell(completing("1m", "a"))
			w.decide(after("2m"))
			if diff := cmp.Diff(want[:], look(&w.inc.Status)[1:]); diff != "" {
				t.Errorf("the clocks differ (-want +got):\n%s", diff)
			}
			if w.inc.Status.Severity != severity {
				t.Errorf("the severity is %s", w.inc.Status.Severity)
			}
		})
	}
}

// Vector 13: a fact stamped exactly at the due instant is in time, one second later it
// is not; a breach is dated at the due instant and never decided before due + 1 s.
func TestBreachAroundTheDueInstant(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m")))
	running := []string{"Open OnTrack, at a, next 10m", "a: Running 0s, due 10m"}
	breached := []string{"Open Overdue, at a, next 10m", "a: Running 0s, due 10m, breached 10m"}
	playAll(t, map[string]scene{
		"a second before":              {policy: policy, now: "9m59s", want: running},
		"at the due instant":           {policy: policy, now: "10m", want: running},
		"within the second after":      {policy: policy, now: "10m999999us", want: running},
		"a second after":               {policy: policy, now: "10m1s", want: breached},
		"long after":                   {policy: policy, now: "240h", want: breached},
		"done a second before":         {policy: policy, now: "1h", journal: []fixture.EntryBuilder{completing("9m59s", "a")}, want: []string{"Closed Met", "a: Done Completed 0s–9m59s, due 10m"}},
		"done at the due instant":      {policy: policy, now: "1h", journal: []fixture.EntryBuilder{completing("10m", "a")}, want: []string{"Closed Met", "a: Done Completed 0s–10m, due 10m"}},
		"done a second after":          {policy: policy, now: "1h", journal: []fixture.EntryBuilder{completing("10m1s", "a")}, want: []string{"Closed Missed", "a: Done Completed 0s–10m1s, due 10m, breached 10m"}},
		"done a second after, on time": {policy: policy, now: "10m1s", journal: []fixture.EntryBuilder{completing("10m1s", "a")}, want: []string{"Closed Missed", "a: Done Completed 0s–10m1s, due 10m, breached 10m"}},
	})
}

func TestBreachIsWokenForAndWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m"))))
	if d := w.decide(after("0s")); !d.WakeAt.Equal(after("10m1s")) {
		t.Fatalf("it wakes at %s, want 10m1s", offset(d.WakeAt))
	}
	if d := w.decide(after("10m500ms")); !d.WakeAt.Equal(after("10m1s")) {
		t.Fatalf("it wakes at %s, want 10m1s", offset(d.WakeAt))
	}
	back := after("30m").Add(1234567 * time.Nanosecond)
	d := w.decide(back)
	if diff := cmp.Diff([]string{"! DeadlineBreached a"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if !d.WakeAt.IsZero() {
		t.Errorf("it wakes at %s, and nothing can change", offset(d.WakeAt))
	}
	observed := metav1.NewMicroTime(back.Truncate(time.Microsecond))
	want := []v1alpha1.Announced{{Key: "Breach/Step/a", At: *instant("10m"), ObservedAt: &observed}}
	if diff := cmp.Diff(want, w.inc.Status.Announced); diff != "" {
		t.Errorf("the announcement differs (-want +got):\n%s", diff)
	}
	if c := clockNamed(t, &w.inc.Status, "a"); !c.ObservedAt.Equal(&observed) {
		t.Errorf("the clock was observed at %s, want %s", c.ObservedAt, observed)
	}
	isCondition(t, &w.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionFalse, v1alpha1.OverdueReason, "10m", "Step/a was due at 2026-10-02T08:30:00Z")
}

func TestSkewDelaysTheVerdict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m"))))
	w.Skew = 3 * time.Second
	if d := w.decide(after("10m3s")); !d.WakeAt.Equal(after("10m4s")) || len(w.inc.Status.Announced) != 0 {
		t.Fatalf("it wakes at %s, want 10m4s, and has announced %v", offset(d.WakeAt), w.inc.Status.Announced)
	}
	// A fact of another clock still comes in time.
	w.tell(completing("10m", "a"))
	w.decide(after("10m4s"))
	if diff := cmp.Diff([]string{"Closed Met", "a: Done Completed 0s–10m, due 10m"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	late := newWorld(t, steps(custom("a", fixture.DueWithin("10m"))))
	late.Skew = 3 * time.Second
	late.decide(after("10m4s"))
	if diff := cmp.Diff([]string{"Open Overdue, at a, next 10m", "a: Running 0s, due 10m, breached 10m"}, look(&late.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}

// A step that was done after its due is late, also while the verdict has to wait.
func TestDoneLateWithinTheSkew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m")), custom("b")))
	w.Skew = 3 * time.Second
	w.decide(after("9m"))
	w.tell(completing("10m1s", "a"))
	d := w.decide(after("10m2s"))
	for _, n := range d.Notices {
		if n.Reason == v1alpha1.EventStepDone && n.Message != "Step/a is done, late" {
			t.Errorf("it tells %q", n.Message)
		}
	}
	if !d.WakeAt.Equal(after("10m4s")) {
		t.Errorf("it wakes at %s, want 10m4s", offset(d.WakeAt))
	}
	d = w.decide(after("10m4s"))
	if diff := cmp.Diff([]string{"! DeadlineBreached a"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m"), fixture.WarnAt(80, 50, 90)))
	keys := func(w *world) []string {
		var out []string
		for _, a := range w.inc.Status.Announced {
			out = append(out, a.Key+" "+offset(a.At.Time))
		}
		return out
	}
	t.Run("each once, on time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy)
		var told []string
		w.live(after("11m"), func(now time.Time, d recovery.Decision) {
			for _, n := range tell(d.Notices) {
				told = append(told, offset(now)+" "+n)
			}
		})
		want := []string{"0s PolicyBound", "0s StepStarted a", "5m ! DeadlineNear a", "8m ! DeadlineNear a", "9m ! DeadlineNear a", "10m1s ! DeadlineBreached a"}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("it tells otherwise (-want +got):\n%s", diff)
		}
		want = []string{"Warning/Step/a/50 5m", "Warning/Step/a/80 8m", "Warning/Step/a/90 9m", "Breach/Step/a 10m"}
		if diff := cmp.Diff(want, keys(w)); diff != "" {
			t.Errorf("the announcements differ (-want +got):\n%s", diff)
		}
	})
	t.Run("after downtime the highest alone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy)
		w.decide(after("1m"))
		d := w.decide(after("8m30s"))
		if diff := cmp.Diff([]string{"! DeadlineNear a"}, tell(d.Notices)); diff != "" {
			t.Errorf("it tells otherwise (-want +got):\n%s", diff)
		}
		if want := "80% of the time for Step/a has passed; it is due at 2026-10-02T08:30:00Z"; d.Notices[0].Message != want {
			t.Errorf("it tells %q, want %q", d.Notices[0].Message, want)
		}
		if diff := cmp.Diff([]string{"Warning/Step/a/50 5m", "Warning/Step/a/80 8m"}, keys(w)); diff != "" {
			t.Errorf("the announcements differ (-want +got):\n%s", diff)
		}
	})
	t.Run("after downtime over the due, none", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy)
		w.decide(after("1m"))
		d := w.decide(after("11m"))
		if diff := cmp.Diff([]string{"! DeadlineBreached a"}, tell(d.Notices)); diff != "" {
			t.Errorf("it tells otherwise (-want +got):\n%s", diff)
		}
	})
	t.Run("at first sight, with the start", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy)
		d := w.decide(after("6m"))
		if diff := cmp.Diff([]string{"PolicyBound", "StepStarted a", "! DeadlineNear a"}, tell(d.Notices)); diff != "" {
			t.Errorf("it tells otherwise (-want +got):\n%s", diff)
		}
	})
	t.Run("not of a step that is done in the instant", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy).tell(completing("5m", "a"))
		w.decide(after("5m"))
		if len(w.inc.Status.Announced) != 0 {
			t.Errorf("it has announced %v", keys(w))
		}
	})
	t.Run("on the calendar, in counted time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, onCalendar(steps(custom("a", fixture.DueBusiness("13h20m"), fixture.WarnAt(50, 75))), "office"))
		w.decide(after("100h"))
		want := []string{"Warning/Step/a/50 6h40m", "Warning/Step/a/75 74h", "Breach/Step/a 77h20m"}
		if diff := cmp.Diff(want, keys(w)); diff != "" {
			t.Errorf("the announcements differ (-want +got):\n%s", diff)
		}
	})
	t.Run("with notBefore, not before the start", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, steps(custom("a", fixture.NotBefore("6h"), fixture.DueWithin("10h"), fixture.WarnAt(50, 80))))
		d := w.decide(after("1h"))
		if !d.WakeAt.Equal(after("6h")) {
			t.Errorf("it wakes at %s, want 6h", offset(d.WakeAt))
		}
		w.decide(after("6h"))
		w.decide(after("9h"))
		if diff := cmp.Diff([]string{"Warning/Step/a/50 6h", "Warning/Step/a/80 8h"}, keys(w)); diff != "" {
			t.Errorf("the announcements differ (-want +got):\n%s", diff)
		}
	})
}

// Calendars of policies open now and then; one whose last opening has passed leaves a
// due instant untold, and never hangs.
func TestCalendarThatIsExhausted(t *testing.T) {
	t.Parallel()
	spec := onCalendar(steps(custom("a", fixture.DueBusiness("6h")), custom("b", fixture.DueBusiness("6h"), fixture.WarnAt(50)), custom("c", fixture.DueWithin("1h"))), "once")
	w := newWorld(t, spec).tell(completing("5h", "a"))
	d := w.decide(after("5h"))
	if diff := cmp.Diff([]string{"Open OnTrack, at b", "a: Done Completed 0s–5h, due 6h", "b: Running CalendarExhausted 5h"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	isCondition(t, &w.inc.Status, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.CalendarExhaustedReason, "5h", "no opening within 400 days")
	if diff := cmp.Diff([]string{"PolicyBound", "! PolicyProblem", "StepDone a", "StepStarted b"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	w.tell(completing("6h", "b"))
	w.decide(after("6h"))
	if apimeta.FindStatusCondition(w.inc.Status.Conditions, v1alpha1.StalledCondition) != nil {
		t.Error("it is Stalled still, and no clock lacks an instant")
	}
	if diff := cmp.Diff([]string{"Open OnTrack, at c, next 7h", "a: Done Completed 0s–5h, due 6h", "b: Done CalendarExhausted 5h–6h", "c: Running 6h, due 7h"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}
