package recoverybudget

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// Waker is a source that puts a budget into the controller's queue when it is called.
// What is woken before the controller starts waits for it.
type Waker struct {
	mu      sync.Mutex
	queue   workqueue.TypedRateLimitingInterface[reconcile.Request]
	waiting map[types.NamespacedName]bool
}

var _ source.Source = (*Waker)(nil)

// Start implements source.Source.
func (w *Waker) Start(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = queue
	for key := range w.waiting {
		queue.Add(reconcile.Request{NamespacedName: key})
	}
	w.waiting = nil
	return nil
}

// String names the source in the controller's log.
func (w *Waker) String() string {
	return "inbox of claims"
}

// Wake asks for a turn at a budget. The queue merges it with one that waits already.
func (w *Waker) Wake(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue == nil {
		if w.waiting == nil {
			w.waiting = map[types.NamespacedName]bool{}
		}
		w.waiting[key] = true
		return
	}
	w.queue.Add(reconcile.Request{NamespacedName: key})
}

// started tells whether the controller has started: whether budgets are kept here.
func (w *Waker) started() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queue != nil
}
