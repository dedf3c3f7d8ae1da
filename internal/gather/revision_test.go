package gather

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// A snapshot says when the API server created the revision that is to be pinned, first or
// next: that decides from when on it holds.
func TestWhenARevisionWasCreated(t *testing.T) {
	policy := fixture.In("hotel", fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology)))
	policy.Spec.Rollout = v1alpha1.RolloutOpenIncidents
	policy.Status = v1alpha1.RecoveryPolicyStatus{
		Revision: "two", ObservedGeneration: policy.Generation,
		Conditions: []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: "Ready"}},
	}
	first := fixture.Created(asked.Add(-time.Hour), revisionOf(t, "one", "desk"))
	second := fixture.Created(asked.Add(time.Minute), revisionOf(t, "two", "bar"))
	inc := fixture.Created(asked, fixture.In("hotel", fixture.Incident("coffee", fixture.UnderPolicy("desk"))))
	api := serving(t, policy, first, second)
	g := New(api, api, 0)

	for range 2 { // a compiled revision is kept, and so is its time
		s, err := g.Snapshot(t.Context(), inc)
		if err != nil {
			t.Fatal(err)
		}
		if s.Plan == nil || s.Plan.Revision != "two" || !s.PlanCreated.Equal(second.CreationTimestamp.Time) || s.Next != nil {
			t.Errorf("not pinned yet: %+v of %s, next %v; problem %+v", s.Plan, s.PlanCreated, s.Next, s.Problem)
		}
	}
	inc.Status.Pins = []v1alpha1.Pin{{Revision: "one", At: metav1.NewTime(asked)}}
	s, err := g.Snapshot(t.Context(), inc)
	if err != nil {
		t.Fatal(err)
	}
	if s.Plan == nil || s.Plan.Revision != "one" || s.Next == nil || s.Next.Revision != "two" || !s.NextCreated.Equal(second.CreationTimestamp.Time) {
		t.Errorf("pinned: %+v, next %+v of %s; problem %+v", s.Plan, s.Next, s.NextCreated, s.Problem)
	}
	inc.Status.Pins = append(inc.Status.Pins, v1alpha1.Pin{Revision: "two", At: second.CreationTimestamp})
	if s, err = g.Snapshot(t.Context(), inc); err != nil || s.Next != nil || len(s.Rollouts) != 1 {
		t.Errorf("followed already: next %+v, %d rollouts, %v", s.Next, len(s.Rollouts), err)
	}
}
