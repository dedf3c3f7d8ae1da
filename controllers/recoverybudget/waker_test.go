package recoverybudget

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// A budget that is woken before the controller starts has its turn when it does, and one
// that is woken twice has one turn.
func TestWakerForgetsNobody(t *testing.T) {
	t.Parallel()
	early, late := types.NamespacedName{Name: "early"}, types.NamespacedName{Name: "late"}
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	defer queue.ShutDown()
	w := &Waker{}
	w.Wake(early)
	w.Wake(early)
	if err := w.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	w.Wake(late)
	w.Wake(late)
	if n := queue.Len(); n != 2 {
		t.Fatalf("%d turns wait, want one for each of two budgets", n)
	}
	for _, want := range []types.NamespacedName{early, late} {
		got, _ := queue.Get()
		if got.NamespacedName != want {
			t.Errorf("the turn of %s comes, want %s", got, want)
		}
		queue.Done(got)
	}
}
