package recovery

import (
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

func rolloutPlan(t *testing.T, revision string, steps ...v1alpha1.Step) *policy.Plan {
	t.Helper()
	plan, wrong := policy.Compile("p", revision, policy.Content{Policy: policy.Complete(v1alpha1.RecoveryPolicySpec{Steps: steps})})
	if len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	return plan
}

// TestRollout plays an edit that is rolled out to an open incident: open clocks are
// counted anew from where they always counted, and what was met or breached stays.
func TestRollout(t *testing.T) {
	start := berlin(t, "2026-10-05 10:00:00")
	within := func(name v1alpha1.Name, kind v1alpha1.StepType, d v1alpha1.Duration, after ...v1alpha1.Name) v1alpha1.Step {
		if after == nil {
			after = []v1alpha1.Name{}
		}
		return v1alpha1.Step{Name: name, Type: kind, Due: &v1alpha1.Due{Within: d}, After: after}
	}
	before := rolloutPlan(t, "p-1",
		within("done", v1alpha1.StepCustom, "1h"), within("late", v1alpha1.StepCustom, "10m"),
		within("open", v1alpha1.StepCustom, "8h"), within("gone", v1alpha1.StepCustom, "8h"),
		within("strict", v1alpha1.StepCustom, "8h"))
	after := rolloutPlan(t, "p-2",
		within("new", v1alpha1.StepCustom, "1h", "done"), within("strict", v1alpha1.StepCustom, "5m"),
		within("open", v1alpha1.StepCustom, "4h"), within("late", v1alpha1.StepCustom, "6h"), within("done", v1alpha1.StepCustom, "2h"))

	inc := fixture.Incident("inc", fixture.WithJournal(
		fixture.Entry("d").By("alice").RecordedAt(start.Add(time.Minute)).Completion("done")))
	inc.CreationTimestamp.Time = start
	decide := func(now time.Time, s Snapshot) {
		s.Incident = inc
		inc.Status = Decide(&s, now).Status
	}
	journal := inc.Spec.Journal
	inc.Spec.Journal = nil
	decide(start, Snapshot{Plan: before})
	inc.Spec.Journal = journal
	decide(start.Add(30*time.Minute), Snapshot{Plan: before})
	rolled := start.Add(time.Hour)
	decide(rolled, Snapshot{Plan: before, Next: after})
	if n := len(inc.Status.Pins); n != 2 || inc.Status.Policy.Revision != "p-2" {
		t.Fatalf("%d pins, revision %s", n, inc.Status.Policy.Revision)
	}
	now := inc.Status.DeepCopy()
	decide(rolled, Snapshot{Plan: before, Rollouts: []*policy.Plan{after}})
	sameStatus(t, *now, inc.Status)

	clock := func(name string) v1alpha1.Clock { return clockNamed(t, inc.Status, name) }
	wantDue(t, clock("Step/open"), "2026-10-05 14:00:00")
	wantDue(t, clock("Step/late"), "2026-10-05 10:10:00")
	wantBreach(t, clock("Step/late"), "2026-10-05 10:10:00")
	wantDue(t, clock("Step/done"), "2026-10-05 11:00:00")
	wantBreach(t, clock("Step/strict"), "2026-10-05 11:00:00")
	if c := clock("Step/strict"); c.Reason != v1alpha1.ClockRolledOutPastDueReason {
		t.Errorf("the stricter step says %s", c.Reason)
	}
	if c := clock("Step/gone"); c.State != v1alpha1.StateCancelled || c.Reason != v1alpha1.ClockRolledOutReason {
		t.Errorf("the step that is gone is %s, %s", c.State, c.Reason)
	}
	wantDue(t, clock("Step/new"), "2026-10-05 12:00:00")

	// Late equals on time: one replay at the end tells the same.
	late := inc.DeepCopy()
	late.Status = v1alpha1.IncidentStatus{Pins: inc.Status.Pins, Announced: inc.Status.Announced}
	got := Decide(&Snapshot{Incident: late, Plan: before, Rollouts: []*policy.Plan{after}}, rolled).Status
	sameStatus(t, inc.Status, got)
}

// TestNoRolloutOfTheEnded leaves an incident that has ended under its revision.
func TestNoRolloutOfTheEnded(t *testing.T) {
	start := berlin(t, "2026-10-05 10:00:00")
	plan := rolloutPlan(t, "p-1", v1alpha1.Step{Name: "fix", Type: v1alpha1.StepCustom})
	next := rolloutPlan(t, "p-2", v1alpha1.Step{Name: "other", Type: v1alpha1.StepCustom})
	inc := fixture.Incident("inc", fixture.WithJournal(fixture.Entry("d").RecordedAt(start.Add(time.Minute)).Completion("fix")))
	inc.CreationTimestamp.Time = start
	inc.Status = Decide(&Snapshot{Incident: inc, Plan: plan}, start.Add(time.Hour)).Status
	got := Decide(&Snapshot{Incident: inc, Plan: plan, Next: next}, start.Add(2*time.Hour))
	sameStatus(t, inc.Status, got.Status)
}
