package operatortest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// clocksOfRound are the clocks that a round has brought, by name.
func clocksOfRound(i *v1alpha1.Incident, round int32) map[string]v1alpha1.Clock {
	out := map[string]v1alpha1.Clock{}
	for _, c := range i.Status.Clocks {
		if max(c.Round, 1) == round {
			out[c.Name] = c
		}
	}
	return out
}

// threeSteps is a policy without deadlines that could pass in a test.
func threeSteps(name string) *v1alpha1.RecoveryPolicy {
	return fixture.Policy(name,
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")),
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueWithin("4h")),
		fixture.FollowUp("call", v1alpha1.FollowUpClosing, fixture.DueWithin("24h")))
}

// The customer comes back: the first round stays as it was, and a second one begins.
func TestReopenedByTheCustomer(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(threeSteps("desk"))
	s.awaitReady("desk")
	s.report("alice", fixture.Incident("back-again", fixture.UnderPolicy("desk")))
	s.add("back-again",
		fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"),
		fixture.Entry("coffee").By("alice").With(func(e *v1alpha1.JournalEntry) { e.Gesture = &v1alpha1.Gesture{Text: "A fresh coffee"} }),
		fixture.Entry("resolved").By("bob").Completion("resolve"))
	first := s.awaitPhase("back-again", v1alpha1.PhaseResolved)
	if !isTrue(first.Status.Conditions, v1alpha1.ResolvedCondition) || first.Status.Round != 1 {
		t.Errorf("round %d, resolved %v", first.Status.Round, first.Status.Conditions)
	}

	s.add("back-again", fixture.Entry("cold-again").By("alice").Heard("Phone").Note("It is cold again"))
	second := s.awaitRunning("back-again", "Step/apologise#2")
	if second.Status.Round != 2 || second.Status.Phase != v1alpha1.PhaseOpen || second.Status.CurrentStep != "apologise" {
		t.Errorf("round %d, phase %s, step %s, want 2, Open and apologise", second.Status.Round, second.Status.Phase, second.Status.CurrentStep)
	}
	if !says(second.Status.Conditions, v1alpha1.ResolvedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason) {
		t.Errorf("Resolved still holds: %s", messageOf(second.Status.Conditions, v1alpha1.ResolvedCondition))
	}
	frozen := clocksOfRound(second, 1)
	before := clocksOfRound(first, 1)
	for _, name := range []string{"Step/apologise", "Step/resolve"} {
		if diff := cmp.Diff(before[name], frozen[name]); diff != "" {
			t.Errorf("the first round's %s has changed (-before +after):\n%s", name, diff)
		}
	}
	if c := frozen["Step/call"]; c.State != v1alpha1.StateCancelled || c.Reason != v1alpha1.ClockReopenedReason {
		t.Errorf("the follow-up that was under way is %s, %s", c.State, c.Reason)
	}
	s.awaitNotice("back-again", v1alpha1.EventReopened)

	s.add("back-again",
		fixture.Entry("said-sorry-2").By("alice").Reached("Phone").Completion("apologise"),
		fixture.Entry("voucher").By("alice").With(func(e *v1alpha1.JournalEntry) { e.Gesture = &v1alpha1.Gesture{Text: "A thermos"} }),
		fixture.Entry("resolved-2").By("bob").Completion("resolve"),
		fixture.Entry("called-2").By("bob").Reached("Phone").Completion("call"))
	closed := s.awaitPhase("back-again", v1alpha1.PhaseClosed)
	if diff := cmp.Diff(frozen, clocksOfRound(closed, 1)); diff != "" {
		t.Errorf("the first round has changed (-before +after):\n%s", diff)
	}
	if closed.Status.SLA != v1alpha1.SLAMet {
		t.Errorf("SLA %s, want Met", closed.Status.SLA)
	}

	// A thank-you reopens nothing; a reopen entry does.
	s.add("back-again", fixture.Entry("thanks").By("alice").Contact(v1alpha1.Contact{
		Direction: v1alpha1.FromCustomer, Channel: "Phone", AcknowledgementOnly: true,
	}))
	if i := s.awaitSeen("back-again"); i.Status.Phase != v1alpha1.PhaseClosed {
		t.Errorf("a thank-you reopened it: %s", i.Status.Phase)
	}
	s.add("back-again", fixture.Entry("once-more").By("bob").Reopen("HappenedAgain"))
	third := s.awaitRunning("back-again", "Step/apologise#3")
	if n := len(clocksOfRound(third, 2)); third.Status.Round != 3 || n != 3 {
		t.Errorf("round %d with %d clocks of the second, want 3 and 3", third.Status.Round, n)
	}
	names := []string{}
	for _, c := range third.Status.Clocks {
		names = append(names, c.Name)
	}
	if !slices.Contains(names, "Step/call#2") {
		t.Errorf("the clocks are %v", names)
	}
}
