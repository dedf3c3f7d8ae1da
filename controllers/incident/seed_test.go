package incident

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/fixture"
)

// overdue lists incidents, each with a clock that ran out, in any order.
type overdue struct {
	client.Reader

	items []v1alpha1.Incident
}

func (o overdue) List(_ context.Context, into client.ObjectList, _ ...client.ListOption) error {
	into.(*v1alpha1.IncidentList).Items = o.items
	return nil
}

// offers takes down what is offered.
type offers struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]

	mu    sync.Mutex
	names []string
}

// Add implements workqueue.TypedInterface.
func (o *offers) Add(r reconcile.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.names = append(o.names, r.Name)
}

// An operator that takes over has an index that runs already when it is given what is due.
func TestTheMostOverdueComesFirstAfterAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 5000
		wall := clock.RealClock{}
		items := make([]v1alpha1.Incident, n)
		for i := range items {
			due := metav1.NewTime(wall.Now().Add(time.Duration(i-n-10) * time.Second))
			inc := fixture.In("hotel", fixture.Incident(fmt.Sprintf("late-%04d", i)))
			inc.Status.Clocks = []v1alpha1.Clock{{Name: "Step/apologise", State: v1alpha1.StateRunning, DueAt: &due}}
			items[i] = *inc
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { items[i], items[j] = items[j], items[i] })
		r := &Reconciler{Cached: overdue{items: items}, Deadlines: deadline.New(wall, deadline.Options{})}
		queue := &offers{}
		if err := r.Deadlines.Start(t.Context(), queue); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := r.Seed(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		queue.mu.Lock()
		defer queue.mu.Unlock()
		if len(queue.names) != n {
			t.Fatalf("%d are offered, want %d", len(queue.names), n)
		}
		for i, name := range queue.names {
			if want := fmt.Sprintf("late-%04d", i); name != want {
				t.Fatalf("offer %d is %s, want %s: the most overdue comes first", i, name, want)
			}
		}
	})
}
