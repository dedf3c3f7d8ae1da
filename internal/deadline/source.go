package deadline

import (
	"context"
	"errors"
	"math/bits"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

const (
	// MaxSleep is the longest the loop sleeps between two looks at the wall clock, and so the longest that a leap of the
	// wall clock or a suspended machine can go unnoticed.
	MaxSleep = time.Second

	// SweepEvery is how often keys that were offered and not settled are offered anew.
	SweepEvery = 30 * time.Second

	// Priority is the highest priority at which keys enter a priority queue: before edits by people (0) and before what is
	// read at start (-100). Within a priority the queue keeps the order of arrival, which is the order the Index promises.
	// A key whose namespace has keys in the queue already enters lower, by one for each doubling of their number: so a key
	// of another namespace passes all of them but the first few. Severities have none of their own, because the queue's
	// metrics have a series for each priority.
	Priority = 100

	// batchSize bounds how long the loop holds the lock of the Index, and so how long an Upsert can wait in a burst.
	batchSize = 1024
)

var _ source.Source = (*Index)(nil)

// Start implements source.Source: it returns at once, and keys are offered to the queue until ctx is done. An Index can be
// started once, because two controllers would each see only a part of the keys.
//
// Keys go straight into the queue. The channel source of controller-runtime stands between with a bounded buffer: when
// that is full, a sender either waits behind the burst or has to drop a deadline. The queue itself does neither, and it
// merges a key that is already waiting.
func (x *Index) Start(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	if !x.started.CompareAndSwap(false, true) {
		return errors.New("deadline index: it was started before and feeds one controller only; give each controller an index of its own")
	}
	go x.run(ctx, queue)
	return nil
}

// String names the source in the controller's log.
func (x *Index) String() string {
	return "deadline index"
}

// run offers what is due and sleeps, in turn, until ctx is done.
func (x *Index) run(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	if x.gate != nil {
		x.gate(ctx)
	}
	for ctx.Err() == nil {
		x.fire(queue)
		if nap := x.sleep(); nap > 0 {
			x.pause(ctx, nap)
		}
	}
}

// fire offers one batch of what is due by now.
func (x *Index) fire(queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	firedAt, batch := x.take(batchSize)
	offer(queue, batch)
	if x.observe == nil {
		return
	}
	for _, f := range batch {
		if f.first {
			x.observe(f.key, f.due, firedAt)
		}
	}
}

// pause waits for the nap to end, for an earlier deadline, or for the end of ctx.
func (x *Index) pause(ctx context.Context, nap time.Duration) {
	timer := x.clock.NewTimer(nap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-x.wake:
	case <-timer.C():
	}
}

// offer adds the batch to the queue in its order, ahead of other work where the queue knows priorities.
func offer(queue workqueue.TypedRateLimitingInterface[reconcile.Request], batch []firing) {
	if len(batch) == 0 {
		return
	}
	prioritised, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request])
	if !ok {
		for _, f := range batch {
			queue.Add(reconcile.Request{NamespacedName: f.key})
		}
		return
	}
	// Slices of their own each time: a priority queue keeps them until it gets round to them.
	var lanes [bits.UintSize + 1][]reconcile.Request
	for _, f := range batch {
		lane := bits.Len(uint(f.crowd))
		lanes[lane] = append(lanes[lane], reconcile.Request{NamespacedName: f.key})
	}
	for lane, requests := range lanes {
		if len(requests) > 0 {
			prioritised.AddWithOpts(priorityqueue.AddOpts{Priority: new(Priority - lane)}, requests...)
		}
	}
}
