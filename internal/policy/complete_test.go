package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// line is a completed step as a table shows it.
type line struct {
	Name    v1alpha1.Name
	Type    v1alpha1.StepType
	After   []v1alpha1.Name
	Due     v1alpha1.Duration
	WarnAt  []int32
	Demands []v1alpha1.Demand
}

func lines(spec v1alpha1.RecoveryPolicySpec) []line {
	var out []line
	for _, s := range spec.Steps {
		l := line{Name: s.Name, Type: s.Type, After: s.After, WarnAt: s.WarnAt, Demands: s.Demands}
		if s.Due != nil {
			l.Due = s.Due.Within
		}
		out = append(out, l)
	}
	return out
}

func TestCompleteWithoutSteps(t *testing.T) {
	t.Parallel()
	got := policy.Complete(v1alpha1.RecoveryPolicySpec{})
	reached := []v1alpha1.Demand{v1alpha1.DemandCustomerReached}
	want := []line{
		{"apologise", "Apology", []v1alpha1.Name{}, "10m", []int32{50, 80}, []v1alpha1.Demand{"CustomerReached", "ByPerson"}},
		{"review", "Review", []v1alpha1.Name{"apologise"}, "4h", []int32{80}, []v1alpha1.Demand{"CustomersWords"}},
		{"resolve", "Resolution", []v1alpha1.Name{"review"}, "24h", []int32{50, 80}, []v1alpha1.Demand{"RemedyDecided"}},
		{"check-it-works", "FollowUp", []v1alpha1.Name{"resolve"}, "1h", nil, reached},
		{"tell-the-others", "FollowUp", []v1alpha1.Name{"resolve"}, "24h", nil, []v1alpha1.Demand{}},
		{"thank-you-call", "FollowUp", []v1alpha1.Name{"check-it-works"}, "72h", nil, reached},
		{"write-up", "Documentation", []v1alpha1.Name{"resolve"}, "72h", nil, []v1alpha1.Demand{"FindingRecorded"}},
	}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("the built-in steps differ (-want +got):\n%s", diff)
	}
	if got.ReopenWithin != "168h" {
		t.Errorf("reopenWithin = %s, want 168h", got.ReopenWithin)
	}
	if got.Steps[5].NotBefore.Within != "24h" {
		t.Errorf("thank-you-call is not before %s, want 24h", got.Steps[5].NotBefore.Within)
	}
	if _, problems := compile(v1alpha1.RecoveryPolicySpec{}); len(problems) > 0 {
		t.Errorf("the built-in steps have problems: %s", policy.Describe(problems))
	}
}

func TestCompleteWritesDefaultsOut(t *testing.T) {
	t.Parallel()
	got := lines(policy.Complete(policySpec(
		fixture.Step("sorry", v1alpha1.StepApology),
		fixture.Step("listen", v1alpha1.StepReview),
		fixture.Step("offer", v1alpha1.StepOffer, fixture.After("sorry")),
		fixture.Step("stop-it", v1alpha1.StepMitigation, fixture.After()),
		fixture.Step("fix", v1alpha1.StepResolution, fixture.Demanding()),
		fixture.FollowUp("ask", v1alpha1.FollowUpImmediate),
		fixture.FollowUp("tell", v1alpha1.FollowUpInternal),
		fixture.FollowUp("goodbye", v1alpha1.FollowUpClosing, fixture.Demanding(v1alpha1.DemandByPerson)),
		fixture.Step("write", v1alpha1.StepDocumentation),
		fixture.Step("own", v1alpha1.StepCustom),
	)))
	after := func(names ...v1alpha1.Name) []v1alpha1.Name { return append([]v1alpha1.Name{}, names...) }
	demands := func(list ...v1alpha1.Demand) []v1alpha1.Demand { return append([]v1alpha1.Demand{}, list...) }
	want := []line{
		{Name: "sorry", Type: "Apology", After: after(), Demands: demands("CustomerReached", "ByPerson")},
		{Name: "listen", Type: "Review", After: after("sorry"), Demands: demands("CustomersWords")},
		{Name: "offer", Type: "Offer", After: after("sorry"), Demands: demands()},
		{Name: "stop-it", Type: "Mitigation", After: after(), Demands: demands()},
		{Name: "fix", Type: "Resolution", After: after("stop-it"), Demands: demands()},
		{Name: "ask", Type: "FollowUp", After: after("fix"), Demands: demands("CustomerReached")},
		{Name: "tell", Type: "FollowUp", After: after("ask"), Demands: demands()},
		{Name: "goodbye", Type: "FollowUp", After: after("tell"), Demands: demands("ByPerson")},
		{Name: "write", Type: "Documentation", After: after("goodbye"), Demands: demands("FindingRecorded")},
		{Name: "own", Type: "Custom", After: after("write"), Demands: demands()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the completed steps differ (-want +got):\n%s", diff)
	}
}

func TestCompleteLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	spec := policySpec(fixture.Step("sorry", v1alpha1.StepApology), fixture.Step("fix", v1alpha1.StepResolution))
	before := *spec.DeepCopy()
	done := policy.Complete(spec)
	done.Steps[0].After = append(done.Steps[0].After, "other")
	if diff := cmp.Diff(before, spec); diff != "" {
		t.Errorf("Complete changed its input (-before +after):\n%s", diff)
	}
}
