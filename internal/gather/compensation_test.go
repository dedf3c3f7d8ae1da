package gather

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

var asked = fixture.Instant("2026-10-02T08:20:00Z")

// indexes takes indexes for a pretended API server.
type indexes struct{ builder *fake.ClientBuilder }

func (i indexes) IndexField(_ context.Context, o client.Object, field string, f client.IndexerFunc) error {
	i.builder.WithIndex(o, field, f)
	return nil
}

// serving is a client of a pretended API server that has these objects.
func serving(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithReturnManagedFields()
	if err := IndexCompensationsByIncident(t.Context(), indexes{builder}); err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		o.SetResourceVersion("")
		builder.WithObjects(o)
	}
	return builder.Build()
}

func ofIncident(name, incident, uid string, at time.Duration) *v1alpha1.Compensation {
	c := fixture.Created(asked.Add(at), fixture.In("hotel", fixture.Compensation(name, v1alpha1.ObjectName(incident), "desk", "1.00")))
	c.Status.IncidentUID = uid
	return c
}

func TestCompensationsOfAnIncident(t *testing.T) {
	inc := fixture.Created(asked, fixture.In("hotel", fixture.Incident("coffee")))
	elsewhere := fixture.In("bar", ofIncident("elsewhere", "coffee", "uid-of-coffee", 0))
	api := serving(t,
		ofIncident("third", "coffee", "uid-of-coffee", 2*time.Minute), ofIncident("first", "coffee", "uid-of-coffee", 0),
		ofIncident("b", "coffee", "uid-of-coffee", time.Minute), ofIncident("a", "coffee", "uid-of-coffee", time.Minute),
		ofIncident("of-the-one-before", "coffee", "uid-of-another", 0), ofIncident("not-judged", "coffee", "", 0),
		ofIncident("of-tea", "tea", "uid-of-coffee", 0), elsewhere)
	got, err := New(api, api, 0).compensations(t.Context(), api, inc)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range got {
		names = append(names, got[i].Name)
	}
	if diff := cmp.Diff([]string{"first", "not-judged", "a", "b", "third"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// revisionOf is a revision of a policy that gives from a budget.
func revisionOf(t *testing.T, name, budget string) *appsv1.ControllerRevision {
	t.Helper()
	spec := policy.Complete(fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology)).Spec)
	if budget != "" {
		spec.Compensation = &v1alpha1.PolicyCompensation{BudgetName: v1alpha1.ObjectName(budget)}
	}
	_, data, err := policy.Encode("desk", policy.Content{Policy: spec})
	if err != nil {
		t.Fatal(err)
	}
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: "hotel", Name: name, UID: types.UID(name), Labels: map[string]string{v1alpha1.PolicyLabel: "desk"}},
		Data:       runtime.RawExtension{Raw: data},
	}
}

func TestFactsOfACompensation(t *testing.T) {
	pinned := func(revisions ...v1alpha1.ObjectName) *v1alpha1.Incident {
		inc := fixture.Created(asked, fixture.In("hotel", fixture.Incident("coffee")))
		for _, r := range revisions {
			inc.Status.Pins = append(inc.Status.Pins, v1alpha1.Pin{Revision: r, At: metav1.NewTime(asked)})
		}
		return inc
	}
	unreadable := revisionOf(t, "unreadable", "desk")
	unreadable.Data.Raw = []byte(`{"policy":{"steps":[{"name":"a","type":"Apology","due":{"within":"x"}}]}}`)
	cases := map[string]struct {
		incident *v1alpha1.Incident
		terms    bool
		budget   v1alpha1.ObjectName
	}{
		"no incident":             {nil, false, ""},
		"an incident not pinned":  {pinned(), false, ""},
		"pinned":                  {pinned("one"), true, "desk"},
		"the last pin holds":      {pinned("one", "two"), true, "bar"},
		"pinned to what has none": {pinned("three"), true, ""},
		"its revision is gone":    {pinned("gone"), false, ""},
		"its revision is no good": {pinned("unreadable"), false, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			request := ofIncident("refund", "coffee", "", 0)
			objects := []client.Object{
				revisionOf(t, "one", "desk"), revisionOf(t, "two", "bar"), revisionOf(t, "three", ""), unreadable.DeepCopy(), request.DeepCopy(),
				fixture.Created(asked, fixture.In("hotel", fixture.Budget("desk", "EUR", "1.00"))),
			}
			if c.incident != nil {
				objects = append(objects, c.incident)
			}
			r := NewRemedies(New(serving(t, objects...), serving(t, objects...), time.Second))
			for range 2 {
				f, err := r.Facts(t.Context(), request, asked)
				if err != nil {
					t.Fatal(err)
				}
				if (f.Incident != nil) != (c.incident != nil) || (f.Terms != nil) != c.terms || f.Budget == nil || f.Skew != time.Second {
					t.Fatalf("%+v", f)
				}
				if f.Terms != nil && (f.Terms.Money.BudgetName != c.budget || f.Terms.Plan == nil) {
					t.Errorf("terms %+v, want budget %q", f.Terms.Money, c.budget)
				}
			}
		})
	}
}

// The cache keeps no managedFields: a fact without a time of its own is looked up live.
func TestAFactWithoutATimeIsLookedUp(t *testing.T) {
	cached := ofIncident("refund", "coffee", "", 0)
	cached.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{By: "alice"}
	at := metav1.NewTime(asked.Add(time.Minute))
	live := cached.DeepCopy()
	live.ManagedFields = []metav1.ManagedFieldsEntry{{
		Manager: "kubectl", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: v1alpha1.GroupVersion.String(),
		Time: &at, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:withdrawal":{}}}`),
	}}
	now := asked.Add(time.Hour)
	for name, c := range map[string]struct {
		live *v1alpha1.Compensation
		want time.Time
	}{
		"the API server knows":         {live, at.Time},
		"it is another one by now":     {func() *v1alpha1.Compensation { o := live.DeepCopy(); o.UID = "another"; return o }(), now},
		"it is gone from there by now": {nil, now},
	} {
		t.Run(name, func(t *testing.T) {
			var objects []client.Object
			if c.live != nil {
				objects = append(objects, c.live)
			}
			f, err := NewRemedies(New(serving(t), serving(t, objects...), 0)).Facts(t.Context(), cached, now)
			if err != nil || !f.Stamps.Withdrawal.Equal(c.want) {
				t.Errorf("%s, %v; want %s", f.Stamps.Withdrawal, err, c.want)
			}
			if len(cached.ManagedFields) != 0 {
				t.Error("the copy from the cache was changed")
			}
		})
	}
}
