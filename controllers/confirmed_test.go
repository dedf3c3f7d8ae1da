package controllers_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/gather"
)

// oldRequests is a cache that has the Compensations as they were.
type oldRequests struct {
	client.Reader

	were []v1alpha1.Compensation
}

// List implements client.Reader.
func (o oldRequests) List(ctx context.Context, into client.ObjectList, opts ...client.ListOption) error {
	if list, ok := into.(*v1alpha1.CompensationList); ok {
		list.Items = o.were
		return nil
	}
	return o.Reader.List(ctx, into, opts...)
}

// A delivery is recorded on the Compensation, and no version of the incident tells of it: a
// cache that has not seen it must not be the reason for a breach, which is for good.
func TestBreachIsConfirmed(t *testing.T) {
	t.Parallel()
	due := asked.Add(30 * time.Minute)
	for name, c := range map[string]struct {
		delivered time.Time
		breached  bool
	}{
		"delivered in time":       {due, false},
		"delivered a second late": {due.Add(time.Second), true},
		"not delivered":           {time.Time{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pol := fixture.Created(asked, fixture.In("hotel", fixture.Policy("guests", fixture.Step("apologise", v1alpha1.StepApology))))
			pol.Spec.Compensation = &v1alpha1.PolicyCompensation{BudgetName: "desk", DeliverWithin: &v1alpha1.Due{Within: "30m"}}
			inc := fixture.Created(asked, fixture.In("hotel", fixture.Incident("coffee", fixture.UnderPolicy("guests"))))
			granted := fixture.Created(asked, fixture.In("hotel", fixture.Compensation("refund", "coffee", "desk", "15.00")))
			granted.Status = v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationGranted, IncidentUID: string(inc.UID), Amount: "15.00", DecidedAt: &metav1.Time{Time: asked}}
			stands := granted.DeepCopy()
			if !c.delivered.IsZero() {
				stands.Spec.Delivery = &v1alpha1.CompensationDelivery{By: "ada", RecordedAt: &metav1.Time{Time: c.delivered}}
			}
			api := storing(t, pol, inc, stands).Build()
			clock := testingclock.NewFakeClock(asked)
			does := controllers.Wire(controllers.Surroundings{
				Cached: oldRequests{api, []v1alpha1.Compensation{*granted}}, Live: api, Client: api,
				Recorder: events.NewFakeRecorder(64), Registry: prometheus.NewRegistry(),
			}, controllers.Options{Clock: clock})
			reconciles := func(r reconcile.Reconciler, o client.Object) {
				if _, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)}); err != nil {
					t.Fatal(err)
				}
			}
			reconciles(does.Policies, pol)
			reconciles(does.Incidents, inc)
			clock.SetTime(due.Add(time.Second))
			reconciles(does.Incidents, inc)
			if err := api.Get(t.Context(), client.ObjectKeyFromObject(inc), inc); err != nil {
				t.Fatal(err)
			}
			for i := range inc.Status.Clocks {
				if d := &inc.Status.Clocks[i]; d.Kind == v1alpha1.ClockDelivery {
					if (d.BreachedAt != nil) != c.breached {
						t.Errorf("due at %s, it is breached at %v", d.DueAt, d.BreachedAt)
					}
					return
				}
			}
			t.Errorf("there is no clock of the delivery: %+v", inc.Status)
		})
	}
}

// storing makes a client of a pretended API server that has these objects.
func storing(t *testing.T, objects ...client.Object) *fake.ClientBuilder {
	t.Helper()
	scheme, err := controllers.NewScheme()
	if err != nil {
		t.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(objects...)
	for _, index := range []func(context.Context, client.FieldIndexer) error{gather.IndexByPolicy, gather.IndexCompensationsByIncident} {
		if err := index(t.Context(), indexes{builder}); err != nil {
			t.Fatal(err)
		}
	}
	return builder
}
