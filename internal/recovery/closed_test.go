package recovery_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// request is a Compensation of the incident that was made at an instant, and what had become
// of it by another one; nothing, where that has no phase.
func (w *world) request(made string, phase v1alpha1.CompensationPhase, at string) {
	c := *fixture.Created(after(made), fixture.Compensation("refund", v1alpha1.ObjectName(w.inc.Name), "desk", "15.00"))
	w.Compensations = []v1alpha1.Compensation{c}
	if phase == "" {
		return
	}
	s, t := &w.Compensations[0].Status, metav1.NewTime(after(at))
	s.IncidentUID, s.Phase = string(w.inc.UID), phase
	switch phase {
	case v1alpha1.CompensationReleased:
		s.ReleasedAt = &t
	case v1alpha1.CompensationGranted, v1alpha1.CompensationDenied:
		s.DecidedAt = &t
	}
}

// What was asked before the end keeps it away until it is answered, however late that is;
// what is asked after it does not.
func TestWhatWasAskedKeepsItOpen(t *testing.T) {
	t.Parallel()
	const open, asking = "Resolved OnTrack", "not settled: the answer to refund"
	const closed, settled = "Closed Met", "every step is settled"
	spec := with(steps(free("r", "Resolution")), giving)
	for name, c := range map[string]struct {
		made  string
		phase v1alpha1.CompensationPhase
		at    string
		want  string
		says  string
	}{
		"not judged yet":           {"1m", "", "", open, asking},
		"its budget is not there":  {"1m", v1alpha1.CompensationRequested, "1m", open, asking},
		"made as the step is done": {"5m", "", "", open, asking},
		"made after the end":       {"5m1s", "", "", closed, settled},
		"denied":                   {"1m", v1alpha1.CompensationDenied, "8m", closed, settled},
		"taken back":               {"1m", v1alpha1.CompensationReleased, "8m", closed, settled},
		"granted":                  {"1m", v1alpha1.CompensationGranted, "8m", open + ", next 2h8m", "not settled: Delivery/refund"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, spec).tell(completing("5m", "r"))
			w.request(c.made, c.phase, c.at)
			w.decide(after("10m"))
			late := w.inc.Status
			if got := summary(&late); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
			if got := condition(t, &late, v1alpha1.ClosedCondition).Message; got != c.says {
				t.Errorf("it says %q, want %q", got, c.says)
			}
			onTime := newWorld(t, spec).tell(completing("5m", "r"))
			if c.want != closed || c.phase != "" {
				onTime.request(c.made, "", "")
			}
			onTime.decide(after("6m"))
			onTime.request(c.made, c.phase, c.at)
			onTime.decide(after("10m"))
			if diff := cmp.Diff(show(t, record(onTime.inc.Status)), show(t, record(late))); diff != "" {
				t.Errorf("late does not equal on time (-on time +late):\n%s", diff)
			}
		})
	}
}

// A contact of the customer keeps it open also where the policy gives an answer no time.
func TestWhatTheCustomerAskedKeepsItOpen(t *testing.T) {
	t.Parallel()
	heard := at("1m", entry("heard").Heard("Phone"))
	w := newWorld(t, steps(free("r", "Resolution"))).tell(heard, completing("5m", "r"))
	w.decide(after("6m"))
	isCondition(t, &w.inc.Status, v1alpha1.ClosedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "0s", "not settled: an answer to heard")
	w.tell(at("7m", entry("called").Reached("Phone")))
	w.decide(after("8m"))
	isCondition(t, &w.inc.Status, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "7m")
}

// What was closed stays so where something is seen then that came before and would have kept
// it open; its clock runs all the same. Another round is another matter.
func TestClosedStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(steps(free("r", "Resolution")), giving)).tell(completing("5m", "r"))
	w.decide(after("6m"))
	w.request("4m", v1alpha1.CompensationGranted, "4m")
	w.decide(after("7m"))
	want := []string{"Closed Met, next 2h4m", "r: Done Completed 0s–5m", "Delivery/refund: Running 4m, due 2h4m"}
	if diff := cmp.Diff(want, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	isCondition(t, &w.inc.Status, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "5m")

	w.tell(at("8m", entry("back").Reopen("NotFixed")))
	w.decide(after("9m"))
	want = []string{"Open OnTrack round 2, at r, next 2h4m", "r: Done Completed 0s–5m", "Delivery/refund: Running 4m, due 2h4m", "r#2: Running 8m"}
	if diff := cmp.Diff(want, look(&w.inc.Status)); diff != "" {
		t.Errorf("reopened, it stands otherwise (-want +got):\n%s", diff)
	}
}

// An end that was good stays so, too: the contact after the resolution still counts.
func TestClosedStaysWell(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(steps(free("r", "Resolution"), free("f", "FollowUp")), giving))
	w.tell(completing("5m", "r"), at("6m", entry("called").Reached("Phone")), completing("7m", "f"))
	w.decide(after("8m"))
	well := func() *metav1.Condition { return condition(t, &w.inc.Status, v1alpha1.EndedWellCondition) }
	if c := well(); c.Status != metav1.ConditionTrue {
		t.Fatalf("it did not end well: %s", c.Message)
	}
	w.request("4m", v1alpha1.CompensationGranted, "4m")
	w.decide(after("9m"))
	if c := well(); c.Status != metav1.ConditionTrue {
		t.Errorf("with a grant that was seen late it did not end well: %s", c.Message)
	}
}

// What is written is not taken back because somebody sees less of the Compensations.
func TestWhatIsTakenBackIsConfirmed(t *testing.T) {
	t.Parallel()
	spec := with(steps(fixture.Step("r", "Resolution", fixture.After(), fixture.Demanding(v1alpha1.DemandRemedyDecided))), giving)
	w := newWorld(t, spec).tell(completing("5m", "r"))
	w.request("1m", v1alpha1.CompensationGranted, "1m")
	w.decide(after("6m"))
	if w.ask(after("7m")).Confirm {
		t.Error("nothing is taken back")
	}
	seen := w.Compensations
	w.Compensations = nil
	if d := w.ask(after("7m")); !d.Confirm {
		t.Errorf("it would stand so, unconfirmed: %v", look(&d.Status))
	}
	w.Compensations = seen
	w.inc.Spec.Journal[0] = at("5m", entry("did-r").Note("not done")).Build()
	if !w.ask(after("7m")).Confirm {
		t.Error("a step that was done is taken back, unconfirmed")
	}
}

// A new breach is to be confirmed where a Compensation may have averted it, and only then.
func TestWhichBreachIsConfirmed(t *testing.T) {
	t.Parallel()
	spec := with(steps(fixture.Step("r", "Resolution", fixture.After(), fixture.DueWithin("30m"), fixture.Demanding(v1alpha1.DemandRemedyDecided))), giving)
	for name, c := range map[string]struct {
		now  string
		make func(w *world)
		want bool
	}{
		"nobody asked for anything":       {"30m1s", func(*world) {}, false},
		"a completion waits for a remedy": {"30m1s", func(w *world) { w.tell(completing("5m", "r")) }, true},
		"it waits, and nothing is late":   {"30m", func(w *world) { w.tell(completing("5m", "r")) }, false},
		"a remedy was asked for":          {"30m1s", func(w *world) { w.request("1m", "", "") }, true},
		"a delivery is late":              {"2h1m1s", func(w *world) { w.tell(completing("5m", "r")); w.request("1m", v1alpha1.CompensationGranted, "1m") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, spec)
			c.make(w)
			if d := w.ask(after(c.now)); d.Confirm != c.want {
				t.Errorf("to be confirmed: %t, want %t", d.Confirm, c.want)
			}
			w.decide(after(c.now))
			if w.ask(after(c.now)).Confirm {
				t.Error("a breach that is written is to be confirmed again")
			}
		})
	}
}
