package operatortest

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// awaitRemark waits until the journal of an incident is told not to count in full for
// a reason, in words that hold these phrases.
func (s *site) awaitRemark(name, reason string, phrases ...string) *v1alpha1.Incident {
	s.Helper()
	return s.awaitIncident(name, "a remark "+reason+" that says "+strings.Join(phrases, ", "), func(i *v1alpha1.Incident) bool {
		got := messageOf(i.Status.Conditions, v1alpha1.JournalAcceptedCondition)
		for _, phrase := range phrases {
			if !strings.Contains(got, phrase) {
				return false
			}
		}
		return says(i.Status.Conditions, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, reason)
	})
}

// Entries that count for nothing are told, and hold nothing up.
func TestEntriesThatDoNotCount(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(threeSteps("desk"))
	s.awaitReady("desk")
	s.report("alice", fixture.Incident("mistaken", fixture.UnderPolicy("desk")))
	s.add("mistaken", fixture.Entry("wrong-step").By("alice").Reached("Phone").Completion("appologise"))
	s.awaitRemark("mistaken", v1alpha1.EntriesRefusedReason, "wrong-step", `"appologise"`, "apologise, resolve, call")
	s.add("mistaken", fixture.Entry("not-bothering").By("alice").Skip("apologise", "no time"))
	s.awaitRemark("mistaken", v1alpha1.EntriesRefusedReason, "wrong-step", "not-bothering", "cannot be skipped")
	if told := s.awaitNotice("mistaken", v1alpha1.EventEntryRefused); told.Type != "Warning" {
		t.Errorf("told as %s", told.Type)
	}
	s.add("mistaken", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	s.awaitRunning("mistaken", "Step/resolve")

	s.add("mistaken", fixture.Entry("resolved").By("bob").Completion("resolve"))
	inc := s.awaitIncident("mistaken", "to say what the completion lacks", func(i *v1alpha1.Incident) bool {
		return strings.Contains(messageOf(i.Status.Conditions, v1alpha1.JournalAcceptedCondition), "append a gesture")
	})
	if c := s.clockOf(inc, "Step/resolve"); c.State != v1alpha1.StateRunning {
		t.Errorf("the clock is %s, and the step's demand is not met", c.State)
	}
	s.add("mistaken", fixture.Entry("coffee").By("bob").With(func(e *v1alpha1.JournalEntry) { e.Gesture = &v1alpha1.Gesture{Text: "A coffee"} }))
	s.awaitPhase("mistaken", v1alpha1.PhaseResolved)
}

// A time that cannot be counts for nothing.
func TestOccurredInTheFuture(t *testing.T) {
	t.Parallel()
	s := openForging(t)
	s.create(threeSteps("desk"))
	s.awaitReady("desk")
	tomorrow := metav1.NewTime(time.Now().Add(24 * time.Hour).Truncate(time.Second))
	created := s.report("alice", fixture.Incident("tomorrow", fixture.UnderPolicy("desk"), func(i *v1alpha1.Incident) {
		i.Spec.OccurredAt, i.Spec.ReportedAt = &tomorrow, &tomorrow
	}))
	inc := s.awaitRemark("tomorrow", v1alpha1.HeaderRefusedReason, "spec.occurredAt", "spec.reportedAt", "expectedAt")
	inc = s.awaitRunning(inc.Name, "Step/apologise")
	if c := s.clockOf(inc, "Step/apologise"); !c.StartedAt.Equal(&created.CreationTimestamp) {
		t.Errorf("the clock runs from %s, want the creation %s", c.StartedAt, created.CreationTimestamp)
	}
}

// Incidents are merged: into one that is not there, into themselves, and as they should.
func TestMerges(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(threeSteps("desk"))
	s.awaitReady("desk")
	for _, name := range []string{"first", "second", "third"} {
		s.report("alice", fixture.Incident(name, fixture.UnderPolicy("desk")))
	}
	s.add("first", fixture.Entry("into-nothing").By("alice").Merge("nobody"))
	s.awaitRemark("first", v1alpha1.EntriesRefusedReason, "into-nothing", `"nobody"`)
	s.add("first", fixture.Entry("into-itself").By("alice").Merge("first"))
	inc := s.awaitRemark("first", v1alpha1.EntriesRefusedReason, "into-nothing", "into-itself", "into itself")
	if inc.Status.Phase != v1alpha1.PhaseOpen || s.clockOf(inc, "Step/apologise").State != v1alpha1.StateRunning {
		t.Errorf("a merge that is refused ended it: phase %s", inc.Status.Phase)
	}
	// What was refused once stays refused, also when the other one comes.
	s.report("alice", fixture.Incident("nobody", fixture.UnderPolicy("desk")))
	s.awaitRunning("nobody", "Step/apologise")
	s.add("first", fixture.Entry("still-here").By("alice").Note("still open"))
	if inc := s.awaitSeen("first"); inc.Status.Phase != v1alpha1.PhaseOpen {
		t.Errorf("a merge that was refused counts by now: phase %s", inc.Status.Phase)
	}

	s.add("first", fixture.Entry("same-thing").By("alice").Merge("second"))
	merged := s.awaitPhase("first", v1alpha1.PhaseMerged)
	if c := s.clockOf(merged, "Step/apologise"); c.State != v1alpha1.StateCancelled || c.Reason != v1alpha1.ClockIncidentEndedReason {
		t.Errorf("the clock of a merged incident is %s, %s", c.State, c.Reason)
	}
	if !says(merged.Status.Conditions, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.MergedReason) ||
		!strings.Contains(messageOf(merged.Status.Conditions, v1alpha1.ClosedCondition), "second") {
		t.Errorf("Closed does not say where it went:\n%s", asYAML(merged.Status.Conditions))
	}
	s.awaitNotice("first", v1alpha1.EventMerged)

	s.add("third", fixture.Entry("a-dead-end").By("alice").Merge("first"))
	s.awaitRemark("third", v1alpha1.EntriesRefusedReason, "a-dead-end", "itself cancelled or merged")
	s.add("third", fixture.Entry("never-mind").By("alice").Cancel("Mistake"))
	s.awaitPhase("third", v1alpha1.PhaseCancelled)
}

// The severity changes: a laxer one needs a reason, and one that is past due at once is
// breached at the change.
func TestRetargets(t *testing.T) {
	t.Parallel()
	s := open(t)
	policy := fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")))
	policy.Spec.BySeverity = []v1alpha1.SeverityOverlay{
		{Severity: "High", Steps: []v1alpha1.StepOverlay{{Name: "apologise", Due: &v1alpha1.Due{Within: "30m"}}}},
		{Severity: "Critical", Steps: []v1alpha1.StepOverlay{{Name: "apologise", Due: &v1alpha1.Due{Within: "1s"}}}},
	}
	s.create(policy)
	s.awaitReady("desk")
	created := s.report("alice", fixture.Incident("worse", fixture.UnderPolicy("desk")))
	s.awaitRunning("worse", "Step/apologise")
	s.add("worse", fixture.Entry("bad").By("alice").Retarget("High", ""))
	inc := s.awaitIncident("worse", "severity High", func(i *v1alpha1.Incident) bool { return i.Status.Severity == "High" })
	c := s.clockOf(inc, "Step/apologise")
	if !sameInstant(c.DueAt, plus(created.CreationTimestamp, 30*time.Minute)) || !sameInstant(c.OriginalDueAt, plus(created.CreationTimestamp, time.Hour)) {
		t.Errorf("due %s, originally %s", c.DueAt, c.OriginalDueAt)
	}
	s.add("worse", fixture.Entry("not-so-bad").By("alice").Retarget("Low", ""))
	s.awaitRemark("worse", v1alpha1.EntriesRefusedReason, "not-so-bad", "retarget.reason")

	s.awaitServerTime(created.CreationTimestamp.Add(3 * time.Second))
	at := metav1.NewTime(created.CreationTimestamp.Add(3 * time.Second))
	s.add("worse", fixture.Entry("a-disaster").By("alice").Retarget("Critical", "").RecordedAt(at.Time))
	c = s.clockOf(s.awaitBreach("worse", "Step/apologise"), "Step/apologise")
	if c.Reason != v1alpha1.ClockRetargetedPastDueReason || !sameInstant(c.BreachedAt, &at) {
		t.Errorf("breached at %s, %s, want the change at %s", c.BreachedAt, c.Reason, at)
	}
}
