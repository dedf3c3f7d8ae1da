package rollout

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

var start = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return start.Add(d) }

func plan(t *testing.T, revision string, steps ...v1alpha1.Step) *policy.Plan {
	t.Helper()
	out, wrong := policy.Compile("desk", revision, policy.Content{Policy: policy.Complete(v1alpha1.RecoveryPolicySpec{Steps: steps})})
	if len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	return out
}

func step(name v1alpha1.Name, within v1alpha1.Duration) v1alpha1.Step {
	return v1alpha1.Step{Name: name, Type: v1alpha1.StepCustom, After: []v1alpha1.Name{}, Due: &v1alpha1.Due{Within: within}}
}

// snapshot is an incident that was accepted under a plan, as it stands at an instant.
func snapshot(name string, p *policy.Plan, now time.Time, entries ...v1alpha1.JournalEntry) *recovery.Snapshot {
	inc := &v1alpha1.Incident{}
	inc.Namespace, inc.Name, inc.CreationTimestamp = "hotel", name, metav1.NewTime(start)
	inc.Spec = v1alpha1.IncidentSpec{Severity: v1alpha1.SeverityLow, Journal: entries}
	s := &recovery.Snapshot{Incident: inc, Plan: p}
	inc.Status = recovery.Decide(s, start).Status
	inc.Status = recovery.Decide(s, now).Status
	return s
}

func completed(name v1alpha1.Name, at time.Time) v1alpha1.JournalEntry {
	stamp := metav1.NewTime(at)
	return v1alpha1.JournalEntry{ID: name, By: "alice", RecordedAt: &stamp, Completion: &v1alpha1.Completion{Step: name}}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	old := plan(t, "desk-1", step("look", "1h"), step("mend", "4h"), step("tell", "8h"))
	next := plan(t, "desk-2", step("look", "30m"), step("mend", "2h"), step("write", "1h"))
	now := after(3 * time.Hour)
	for name, c := range map[string]struct {
		snapshot *recovery.Snapshot
		want     []Move
	}{
		"open clocks move, and steps come and go": {
			snapshot: snapshot("open", old, now, completed("look", after(30*time.Minute))),
			want: []Move{
				{Clock: "Step/mend", Was: after(4 * time.Hour), Is: after(2 * time.Hour), WasState: "Running", IsState: "Running", LateAtOnce: true},
				{Clock: "Step/tell", Was: after(8 * time.Hour), Is: after(8 * time.Hour), WasState: "Running", IsState: "Cancelled"},
				{Clock: "Step/write", Is: after(4 * time.Hour), IsState: "Running"},
			},
		},
		"what is done or was late stays": {
			snapshot: snapshot("late", old, after(9*time.Hour), completed("look", after(30*time.Minute)), completed("tell", after(time.Hour))),
			want:     []Move{{Clock: "Step/write", Is: after(10 * time.Hour), IsState: "Running"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := now
			if c.snapshot.Incident.Name == "late" {
				at = after(9 * time.Hour)
			}
			before := c.snapshot.Incident.DeepCopy()
			got := Compare([]*recovery.Snapshot{c.snapshot}, next, at)
			if diff := cmp.Diff(c.want, got[0].Moves); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, c.snapshot.Incident); diff != "" || c.snapshot.Next != nil {
				t.Errorf("it changed what it was given (-before +after):\n%s", diff)
			}
			if same := Compare([]*recovery.Snapshot{c.snapshot}, old, at); len(same[0].Moves) > 0 {
				t.Errorf("the edition that it follows moves %v", same[0].Moves)
			}
		})
	}
}

func TestCompareInOrder(t *testing.T) {
	t.Parallel()
	p := plan(t, "desk-1", step("look", "1h"))
	lost := snapshot("a", p, start)
	lost.Plan, lost.Problem = nil, &recovery.Problem{Message: "its revision was deleted"}
	got := Compare([]*recovery.Snapshot{snapshot("b", p, start), lost}, plan(t, "desk-2", step("look", "1h")), start)
	if got[0].Incident != (types.NamespacedName{Namespace: "hotel", Name: "a"}) || got[0].Unreadable != "its revision was deleted" || len(got[1].Moves) > 0 {
		t.Errorf("%+v", got)
	}
}
