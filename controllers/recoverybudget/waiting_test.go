package recoverybudget

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// What waits is counted when it is asked, by who keeps the budgets and by nobody else.
func TestWhatWaitsIsCounted(t *testing.T) {
	t.Parallel()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	var requests []client.Object
	for i, phase := range []v1alpha1.CompensationPhase{
		"", v1alpha1.CompensationRequested, v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered, v1alpha1.CompensationOffered,
		v1alpha1.CompensationOffered, v1alpha1.CompensationGranted, v1alpha1.CompensationDelivered, v1alpha1.CompensationDenied, v1alpha1.CompensationReleased,
	} {
		c := fixture.Compensation("request-"+strconv.Itoa(i), "coffee", "front-desk", "1.00")
		c.Namespace, c.Status.Phase = "hotel-"+strconv.Itoa(i%2), phase
		requests = append(requests, c)
	}
	o := observe()
	r := &Reconciler{
		Cached: fake.NewClientBuilder().WithScheme(scheme).WithObjects(requests...).WithIndex(&v1alpha1.Compensation{}, waitsIndex, waits).Build(),
		Waker:  &Waker{}, Money: o.Money,
	}
	if shown := o.counts(t, "amends_remedies_waiting"); len(shown) > 0 {
		t.Errorf("nobody counts, and %v is shown", shown)
	}
	r.Money.Waiting(r.waiting)
	if shown := o.counts(t, "amends_remedies_waiting"); len(shown) > 0 {
		t.Errorf("no budget is kept here, and %v is shown", shown)
	}
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	defer queue.ShutDown()
	if err := r.Waker.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		`amends_remedies_waiting{phase="Requested"}`: 2, `amends_remedies_waiting{phase="AwaitingApproval"}`: 1, `amends_remedies_waiting{phase="Offered"}`: 3,
	}
	if diff := cmp.Diff(want, o.counts(t, "amends_remedies_waiting")); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}
