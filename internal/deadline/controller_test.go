package deadline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func TestQueuesOfControllerRuntime(t *testing.T) {
	limiter := workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]
	queues := map[string]struct {
		make func() workqueue.TypedRateLimitingInterface[reconcile.Request]
		want []string
	}{
		"a priority queue puts what is due first": {
			make: func() workqueue.TypedRateLimitingInterface[reconcile.Request] {
				return priorityqueue.New[reconcile.Request]("due-first")
			},
			want: []string{"most-overdue", "severe", "mild", "edited"},
		},
		"a plain queue keeps the order of the offers": {
			make: func() workqueue.TypedRateLimitingInterface[reconcile.Request] {
				return workqueue.NewTypedRateLimitingQueue(limiter())
			},
			want: []string{"mild", "edited", "most-overdue", "severe"}, // mild was there before it was due
		},
	}
	for name, c := range queues {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				queue := c.make()
				defer queue.ShutDown()
				x := New(clock.RealClock{}, Options{})
				for _, read := range []string{"mild", "edited"} {
					request := reconcile.Request{NamespacedName: key(read)}
					if p, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request]); ok && read == "mild" {
						p.AddWithOpts(priorityqueue.AddOpts{Priority: new(handler.LowPriority)}, request)
					} else {
						queue.Add(request)
					}
				}
				due := time.Now()
				x.Upsert(key("mild"), due, 0)
				x.Upsert(key("severe"), due, 3)
				x.Upsert(key("most-overdue"), due.Add(-time.Hour), 0)
				if err := x.Start(t.Context(), queue); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()

				var got []string
				for range c.want {
					request, _ := queue.Get()
					got = append(got, request.Name)
					queue.Done(request)
				}
				if diff := gocmp.Diff(c.want, got); diff != "" {
					t.Errorf("order of work (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A real controller backs off from an incident that keeps failing for up to 1,000 seconds, and drops the delay that the
// reconcile asked for. The index brings the incident back with every sweep, and at once when a new instant comes.
func TestAFailingReconcileNeverLosesItsDeadline(t *testing.T) {
	cases := map[string]error{
		"an error that is tried again":            errors.New("the API server is away"),
		"a terminal error, which the queue drops": reconcile.TerminalError(errors.New("no one will try again")),
	}
	for name, failure := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const healsAfter = 3 * time.Hour
				begin := time.Now()
				due := begin.Add(time.Minute)
				x := New(clock.RealClock{}, Options{})
				x.Upsert(key("a"), due, 0)

				var attempts []time.Time
				reconciler := reconcile.Func(func(_ context.Context, r reconcile.Request) (reconcile.Result, error) {
					now := time.Now()
					attempts = append(attempts, now)
					if now.Sub(begin) < healsAfter {
						return reconcile.Result{RequeueAfter: time.Second}, failure
					}
					x.Remove(r.NamespacedName)
					return reconcile.Result{}, nil
				})
				c, err := controller.NewUnmanaged("failing", controller.Options{
					Reconciler: reconciler, SkipNameValidation: new(true), Logger: logr.Discard(),
				})
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Watch(x); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				stopped := make(chan error)
				go func() { stopped <- c.Start(ctx) }()
				time.Sleep(healsAfter + time.Hour)
				cancel()
				if err := <-stopped; err != nil {
					t.Fatal(err)
				}

				if len(attempts) == 0 || !attempts[0].Equal(due) {
					t.Fatalf("attempts = %v, want the first at %v", attempts, due)
				}
				for i, at := range attempts[1:] {
					if gap := at.Sub(attempts[i]); gap > SweepEvery+MaxSleep {
						t.Errorf("no attempt for %v after %v", gap, attempts[i].Sub(begin))
					}
				}
				if last := attempts[len(attempts)-1].Sub(begin); last < healsAfter || x.Len() != 0 {
					t.Errorf("last attempt after %v, %d keys left, want it to heal", last, x.Len())
				}
			})
		})
	}
}
