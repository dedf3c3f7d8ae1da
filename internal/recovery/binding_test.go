package recovery_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

var (
	notFound = recovery.Problem{Reason: v1alpha1.PolicyNotFoundReason, Message: "there is no RecoveryPolicy desk yet"}
	tie      = recovery.Problem{Reason: v1alpha1.PolicyTieReason, Message: "the policies a and b both select it", Stalled: true}
	unread   = recovery.Problem{Reason: v1alpha1.PolicyNotReadyReason, Message: "the policy was not read yet"}
	gone     = recovery.Problem{Reason: v1alpha1.RevisionMissingReason, Message: "the ControllerRevision desk-r1 was deleted", Stalled: true}
)

// unbound takes the plan of a world away.
func (w *world) unbound(p recovery.Problem) *policy.Plan {
	plan := w.Plan
	w.Plan, w.Problem = nil, &p
	return plan
}

// bound gives it back.
func (w *world) bound(p *policy.Plan) { w.Plan, w.Problem = p, nil }

func TestWithoutAPolicy(t *testing.T) {
	t.Parallel()
	problem := []string{"! PolicyProblem"}
	for name, c := range map[string]struct {
		problem  recovery.Problem
		abnormal string
		told     []string
	}{
		"one that is not there is waited for":         {notFound, v1alpha1.ReconcilingCondition, problem},
		"two that tie are for a person to mend":       {tie, v1alpha1.StalledCondition, problem},
		"one that was not read yet is no event":       {unread, v1alpha1.ReconcilingCondition, nil},
		"one that was not read yet is the plain case": {recovery.Problem{}, v1alpha1.ReconcilingCondition, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, steps(custom("a", fixture.DueWithin("10m"))))
			w.unbound(c.problem)
			if c.problem.Reason == "" {
				w.Problem, c.problem = nil, unread
			}
			w.tell(at("1m", entry("own").Assignment("bob")), at("2m", entry("worse").Retarget("High", "")), completing("3m", "a"))
			d := w.decide(after("20m"))
			s := &d.Status
			if diff := cmp.Diff([]string{"Open"}, look(s)); diff != "" {
				t.Errorf("it stands otherwise (-want +got):\n%s", diff)
			}
			if s.Owner != "bob" || s.Severity != "High" || s.Policy != nil || s.Pins != nil || s.Round != 1 {
				t.Errorf("the status is %+v", s)
			}
			isCondition(t, s, v1alpha1.PolicyBoundCondition, metav1.ConditionFalse, c.problem.Reason, "0s", c.problem.Message)
			isCondition(t, s, c.abnormal, metav1.ConditionTrue, c.problem.Reason, "0s", c.problem.Message)
			if len(s.Conditions) != 3 {
				t.Errorf("there are %d conditions, want PolicyBound, JournalAccepted and %s", len(s.Conditions), c.abnormal)
			}
			if !d.WakeAt.IsZero() {
				t.Errorf("it wakes at %s", offset(d.WakeAt))
			}
			if diff := cmp.Diff(c.told, tell(d.Notices)); diff != "" {
				t.Fatalf("it tells otherwise (-want +got):\n%s", diff)
			}
			if want := c.problem.Reason + ": " + c.problem.Message; len(c.told) > 0 && d.Notices[0].Message != want {
				t.Errorf("it tells %q, want %q", d.Notices[0].Message, want)
			}
		})
	}
}

func TestAnotherProblemIsToldAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a")))
	w.unbound(notFound)
	w.decide(after("1m"))
	w.unbound(tie)
	if diff := cmp.Diff([]string{"! PolicyProblem"}, tell(w.decide(after("2m")).Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
}

// The clocks run from the report while the policy does not exist, and count once it does.
func TestAPolicyThatComesLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("1h"))))
	plan := w.unbound(notFound)
	w.tell(completing("12m", "a"))
	w.decide(after("15m"))
	w.bound(plan)
	w.PlanCreated = after("18m")
	d := w.decide(after("20m"))
	if diff := cmp.Diff([]string{"Open Missed, at b, next 1h12m", "a: Done Completed 0s–12m, due 10m, breached 10m", "b: Running 12m, due 1h12m"}, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"PolicyBound", "! DeadlineBreached a", "StepDone a", "StepStarted b"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	isCondition(t, &d.Status, v1alpha1.PolicyBoundCondition, metav1.ConditionTrue, v1alpha1.BoundReason, "18m", "RecoveryPolicy desk at revision desk-r1")
	if diff := cmp.Diff([]v1alpha1.Pin{{Revision: "desk-r1", At: *instant("18m")}}, d.Status.Pins); diff != "" {
		t.Errorf("the pins differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&v1alpha1.PinnedPolicy{Name: "desk", Revision: "desk-r1"}, d.Status.Policy); diff != "" {
		t.Errorf("the policy differs (-want +got):\n%s", diff)
	}
	w.decide(after("30m"))
	if at := w.inc.Status.Pins[0].At.Time; !at.Equal(after("18m")) {
		t.Errorf("the pin has moved to %s", offset(at))
	}
}

func TestEndsWithoutAPolicy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end   fixture.EntryBuilder
		phase v1alpha1.Phase
	}{
		"cancelled": {at("5m", entry("end").Cancel("Duplicate")), v1alpha1.PhaseCancelled},
		"merged":    {at("5m", entry("end").Merge("other")), v1alpha1.PhaseMerged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, steps(custom("a")))
			w.unbound(notFound)
			w.Others = map[string]recovery.Other{"other": {UID: "uid"}}
			w.tell(c.end)
			d := w.decide(after("6m"))
			if d.Status.Phase != c.phase {
				t.Errorf("it is %s", d.Status.Phase)
			}
			isCondition(t, &d.Status, v1alpha1.ClosedCondition, metav1.ConditionTrue, string(c.phase), "5m")
			if apimeta.FindStatusCondition(d.Status.Conditions, v1alpha1.ReconcilingCondition) != nil {
				t.Error("it waits for a policy still")
			}
		})
	}
}

// Without the pinned revision, what was written stands; facts wait and lose nothing.
func TestRevisionMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m"), fixture.WarnAt(50)), custom("b")))
	w.decide(after("1m"))
	written := *w.inc.Status.DeepCopy()
	plan := w.unbound(gone)
	w.tell(completing("2m", "a"))
	d := w.decide(after("20m"))
	isCondition(t, &d.Status, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.RevisionMissingReason, "0s", gone.Message)
	if diff := cmp.Diff([]string{"! PolicyProblem"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if !d.WakeAt.IsZero() {
		t.Errorf("it wakes at %s", offset(d.WakeAt))
	}
	stands := *d.Status.DeepCopy()
	apimeta.RemoveStatusCondition(&stands.Conditions, v1alpha1.StalledCondition)
	if stands.ObservedGeneration != w.inc.Generation {
		t.Errorf("the status is of generation %d, and %d was observed", stands.ObservedGeneration, w.inc.Generation)
	}
	stands.ObservedGeneration = written.ObservedGeneration
	if diff := cmp.Diff(show(t, written), show(t, stands)); diff != "" {
		t.Errorf("what was written does not stand (-written +now):\n%s", diff)
	}
	w.bound(plan)
	d = w.decide(after("30m"))
	if diff := cmp.Diff([]string{"Open OnTrack, at b", "a: Done Completed 0s–2m, due 10m", "b: Running 2m"}, look(&d.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if apimeta.FindStatusCondition(d.Status.Conditions, v1alpha1.StalledCondition) != nil {
		t.Error("it is Stalled still")
	}
}

func TestRevisionThatIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a")))
	w.decide(after("1m"))
	w.unbound(gone)
	w.decide(after("2m"))
	w.unbound(recovery.Problem{Reason: v1alpha1.PolicyNotReadyReason, Message: "the revision is read again"})
	d := w.decide(after("3m"))
	isCondition(t, &d.Status, v1alpha1.ReconcilingCondition, metav1.ConditionTrue, v1alpha1.PolicyNotReadyReason, "0s")
	if apimeta.FindStatusCondition(d.Status.Conditions, v1alpha1.StalledCondition) != nil {
		t.Error("it is Stalled still")
	}
	w.Problem = nil
	d = w.decide(after("4m"))
	isCondition(t, &d.Status, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.RevisionMissingReason, "0s")
}
