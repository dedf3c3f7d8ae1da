package recovery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// Vector 15: the operator is down over the due instant, the step is done after it, the
// operator is back: breachedAt is the due instant, observedAt the return, one notice.
func TestDownOverTheDueAndDoneAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m"), fixture.WarnAt(50, 80)), custom("b")))
	w.decide(after("1m"))
	w.tell(completing("15m", "a"))
	back := after("30m")
	d := w.decide(back)
	if diff := cmp.Diff([]string{"Open Missed, at b", "a: Done Completed 0s–15m, due 10m, breached 10m", "b: Running 15m"}, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"! DeadlineBreached a", "StepDone a", "StepStarted b"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if c := clockNamed(t, &d.Status, "a"); c.ObservedAt == nil || !c.ObservedAt.Time.Equal(back) {
		t.Errorf("the breach was observed at %v, want %s", c.ObservedAt, back)
	}
	isCondition(t, &d.Status, v1alpha1.OnTrackCondition, metav1.ConditionTrue, v1alpha1.MissedReason, "15m")
}

// Vector 16: the operator is down over the due instant, the step is done before it: met.
func TestDownOverTheDueAndDoneBeforeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m"), fixture.WarnAt(50, 80)), custom("b")))
	w.decide(after("1m"))
	w.tell(completing("9m", "a"))
	d := w.decide(after("30m"))
	if diff := cmp.Diff([]string{"Open OnTrack, at b", "a: Done Completed 0s–9m, due 10m", "b: Running 9m"}, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"StepDone a", "StepStarted b"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	isCondition(t, &d.Status, v1alpha1.OnTrackCondition, metav1.ConditionTrue, v1alpha1.NothingLateReason, "0s")
}

// A written breach is a latch: a fact that is first seen after it disputes it at most.
func TestAWrittenBreachStays(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("1h")))
	for name, c := range map[string]struct {
		entry fixture.EntryBuilder
		want  []string
	}{
		"a completion that claims to be older": {
			completing("9m", "a"),
			[]string{"Open Missed, at b, next 1h9m", "a: Done Completed 0s–9m, due 10m, breached 10m, disputed by did-a", "b: Running 9m, due 1h9m"},
		},
		"a completion of the due instant": {
			completing("10m", "a"),
			[]string{"Open Missed, at b, next 1h10m", "a: Done Completed 0s–10m, due 10m, breached 10m, disputed by did-a", "b: Running 10m, due 1h10m"},
		},
		"a completion after the due instant": {
			completing("11m", "a"),
			[]string{"Open Missed, at b, next 1h11m", "a: Done Completed 0s–11m, due 10m, breached 10m", "b: Running 11m, due 1h11m"},
		},
		"a skip that claims to be older": {
			at("9m", entry("no-a").Skip("a", "x")),
			[]string{"Open Missed, at b, next 1h9m", "a: Cancelled Skipped 0s, due 10m, breached 10m, disputed by no-a", "b: Running 9m, due 1h9m"},
		},
		"a cancel that claims to be older": {
			at("9m", entry("end").Cancel("Mistake")),
			[]string{"Cancelled Missed", "a: Cancelled IncidentEnded 0s, due 10m, breached 10m, disputed by end"},
		},
		"an entry without a time": {
			entry("did-a").Completion("a"),
			[]string{"Open Missed, at b, next 1h20m", "a: Done Completed 0s–20m, due 10m, breached 10m", "b: Running 20m, due 1h20m"},
		},
		"an entry with a claimed time": {
			entry("did-a").At(after("5m")).Completion("a"),
			[]string{"Open Missed, at b, next 1h20m", "a: Done Completed 0s–20m, due 10m, breached 10m", "b: Running 20m, due 1h20m"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, policy)
			w.decide(after("12m"))
			w.tell(c.entry)
			d := w.decide(after("20m"))
			if diff := cmp.Diff(c.want, look(&d.Status)); diff != "" {
				t.Errorf("it stands otherwise (-want +got):\n%s", diff)
			}
			for _, n := range d.Notices {
				if n.Reason == v1alpha1.EventDeadlineBreached {
					t.Errorf("the breach is told again: %s", n.Message)
				}
			}
		})
	}
}

func TestARetargetedBreachIsDisputed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, retargeted(), fixture.OfSeverity("Medium")).tell(to("3h", "Critical", ""))
	w.decide(after("4h"))
	w.tell(completing("2h", "a"))
	w.decide(after("5h"))
	want := []string{
		"Open Overdue, at b, next 3h", "a: Done Completed 0s–2h, due 8h, breached 3h, disputed by did-a",
		"b: Running RetargetedPastDue 2h, due 3h, was due 10h, breached 3h",
	}
	if diff := cmp.Diff(want[:2], look(&w.inc.Status)[:2]); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}

// A breach stays in the record also where an older fact lets its clock never have run.
func TestABreachOfAClockThatNeverRan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a"), custom("b", fixture.DueWithin("10m")))).tell(completing("5m", "a"))
	w.decide(after("16m"))
	w.tell(at("4m", entry("end").Cancel("Mistake")))
	d := w.decide(after("20m"))
	want := []string{"Cancelled Missed", "a: Cancelled IncidentEnded 0s", "b: Cancelled IncidentEnded, due 15m, breached 15m"}
	if diff := cmp.Diff(want, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"! EntryRefused", "Cancelled"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if c := clockNamed(t, &d.Status, "b"); c.ObservedAt == nil || !c.ObservedAt.Time.Equal(after("16m")) || c.Type != v1alpha1.StepCustom {
		t.Errorf("the clock is %+v", c)
	}
}

func TestABreachOfARoundThatNeverWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m")))).tell(completing("1m", "a"), at("2m", entry("back").Reopen("Other")))
	w.decide(after("20m"))
	// The first completion turns out to be of an incident that was cancelled before.
	w.tell(at("30s", entry("end").Cancel("Mistake")))
	d := w.decide(after("21m"))
	want := []string{"Cancelled Missed", "a: Cancelled IncidentEnded 0s, due 10m", "a#2: Cancelled IncidentEnded, due 12m, breached 12m"}
	if diff := cmp.Diff(want, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if c := d.Status.Clocks[1]; c.Round != 2 || c.Type != v1alpha1.StepCustom {
		t.Errorf("the clock is of round %d and type %q", c.Round, c.Type)
	}
}

func TestFactsWithoutATime(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m")), custom("b"))
	t.Run("take the time of their manager", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy).tell(entry("did-a").Completion("a"))
		w.inc.ManagedFields = []metav1.ManagedFieldsEntry{{
			Manager: "kubectl", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "recovery.amends.dev/v1alpha1", FieldsType: "FieldsV1",
			Time: instant("9m"), FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:journal":{"k:{\"id\":\"did-a\"}":{".":{},"f:id":{}}}}}`),
		}}
		w.decide(after("20m"))
		if diff := cmp.Diff([]string{"Open OnTrack, at b", "a: Done Completed 0s–9m, due 10m", "b: Running 9m"}, look(&w.inc.Status)); diff != "" {
			t.Errorf("it stands otherwise (-want +got):\n%s", diff)
		}
	})
	t.Run("are kept at the time at which they were seen", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy).tell(entry("did-a").Completion("a"))
		w.decide(after("9m").Add(300 * time.Millisecond))
		w.decide(after("20m"))
		if diff := cmp.Diff([]string{"Open OnTrack, at b", "a: Done Completed 0s–9m, due 10m", "b: Running 9m"}, look(&w.inc.Status)); diff != "" {
			t.Errorf("it stands otherwise (-want +got):\n%s", diff)
		}
		if r := w.inc.Status.Recorded; len(r) != 1 || r[0].Key != "journal/did-a" || r[0].Source != v1alpha1.SourceObserved {
			t.Errorf("recorded is %+v", r)
		}
	})
}

// A fact whose time lies a little ahead of the operator's clock counts with its own time.
func TestFactsOfAClockAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("10m"))))
	w.decide(after("9m"))
	w.tell(completing("10m3s", "a"))
	d := w.decide(after("9m59s"))
	if diff := cmp.Diff([]string{"Open OnTrack, at b, next 20m3s", "a: Done Completed 0s–10m3s, due 10m", "b: Running 10m3s, due 20m3s"}, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if !d.WakeAt.Equal(after("10m1s")) {
		t.Errorf("it wakes at %s, want 10m1s", offset(d.WakeAt))
	}
	d = w.decide(after("10m1s"))
	if diff := cmp.Diff([]string{"Open Missed, at b, next 20m3s", "a: Done Completed 0s–10m3s, due 10m, breached 10m", "b: Running 10m3s, due 20m3s"}, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}
