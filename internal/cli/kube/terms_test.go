package kube

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// stay is a policy of one step, and the revision of it.
func stay(t *testing.T, step v1alpha1.Name) (*v1alpha1.RecoveryPolicy, *appsv1.ControllerRevision) {
	t.Helper()
	pol := fixture.In("hotel", fixture.Policy("stay", fixture.Step(step, v1alpha1.StepApology, fixture.DueWithin("10m"))))
	name, data, err := policy.Encode("stay", policy.Content{Policy: policy.Complete(pol.Spec)})
	if err != nil {
		t.Fatal(err)
	}
	pol.Status.Revision = v1alpha1.ObjectName(name)
	return pol, &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: "hotel", Name: name, Labels: map[string]string{v1alpha1.PolicyLabel: "stay"}},
		Data:       runtime.RawExtension{Raw: data},
	}
}

// An edit, a rollout and a deletion of the policy change nothing of what an incident is
// judged by, until the operator says so; and where that cannot be read, nobody is sure.
func TestTermsAreThoseThatTheIncidentFollows(t *testing.T) {
	before, pinned := stay(t, "apologise")
	after, current := stay(t, "say-sorry")
	rolling := after.DeepCopy()
	rolling.Spec.Rollout = v1alpha1.RolloutOpenIncidents
	bound := incident()
	bound.Status.Policy = &v1alpha1.PinnedPolicy{Name: "stay", Revision: before.Status.Revision}
	named := incident()
	named.Spec.PolicyName = "stay"
	for name, c := range map[string]struct {
		inc       *v1alpha1.Incident
		there     []client.Object
		forbidden bool
		step      v1alpha1.Name
		sure      bool
	}{
		"nothing was changed":                              {inc: bound, there: []client.Object{before, pinned}, step: "apologise", sure: true},
		"nothing was changed, and revisions are hidden":    {inc: bound, there: []client.Object{before, pinned}, forbidden: true, step: "apologise", sure: true},
		"an edit for new incidents":                        {inc: bound, there: []client.Object{after, pinned, current}, step: "apologise", sure: true},
		"an edit for new incidents, hidden revisions":      {inc: bound, there: []client.Object{after, pinned, current}, forbidden: true, step: "say-sorry"},
		"an edit that is rolled out to open incidents":     {inc: bound, there: []client.Object{rolling, pinned, current}, step: "apologise"},
		"the policy was deleted":                           {inc: bound, there: []client.Object{pinned}, step: "apologise", sure: true},
		"the policy was deleted, and revisions are hidden": {inc: bound, there: []client.Object{pinned}, forbidden: true},
		"the revision was deleted":                         {inc: bound, there: []client.Object{after, current}, step: "say-sorry"},
		"no policy was bound yet":                          {inc: named, there: []client.Object{after}, step: "say-sorry", sure: true},
		"the policy that it names does not exist yet":      {inc: named},
		"no policy was bound, nor is one named":            {inc: incident(), there: []client.Object{before}},
	} {
		t.Run(name, func(t *testing.T) {
			scheme, err := newScheme()
			if err != nil {
				t.Fatal(err)
			}
			hide := interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
				if _, ok := o.(*appsv1.ControllerRevision); ok && hidden(ctx) {
					return apierrors.NewForbidden(schema.GroupResource{Group: "apps", Resource: "controllerrevisions"}, key.Name, nil)
				}
				return c.Get(ctx, key, o, opts...)
			}}
			k := &Cluster{Client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(c.there...).WithInterceptorFuncs(hide).Build()}
			ctx := t.Context()
			if c.forbidden {
				ctx = context.WithValue(ctx, hiding{}, true)
			}
			terms := k.Terms(ctx, c.inc)
			if c.step == "" {
				if terms != nil || k.Policy(ctx, c.inc) != nil {
					t.Errorf("terms %+v, want none", terms)
				}
				return
			}
			if terms == nil {
				t.Fatal("no terms")
			}
			var steps []v1alpha1.Name
			for i := range terms.Policy.Spec.Steps {
				steps = append(steps, terms.Policy.Spec.Steps[i].Name)
			}
			if diff := cmp.Diff([]v1alpha1.Name{c.step}, steps); diff != "" || terms.Sure != c.sure || terms.Policy.Name != "stay" {
				t.Errorf("of %s, sure: %v, want %v; steps %s", terms.Policy.Name, terms.Sure, c.sure, diff)
			}
		})
	}
}

// hiding marks the requests of somebody who may not read revisions.
type hiding struct{}

func hidden(ctx context.Context) bool { return ctx.Value(hiding{}) != nil }
