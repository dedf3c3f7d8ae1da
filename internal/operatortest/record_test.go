package operatortest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
)

const (
	// firstDelay and longestDelay are the back-off of a work queue of controller-runtime,
	// which every controller of the operator has: none sets another one.
	firstDelay   = 5 * time.Millisecond
	longestDelay = 1000 * time.Second
)

// backOff is the limiter of the operator's work queues.
func backOff() workqueue.TypedRateLimiter[string] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstDelay, longestDelay)
}

// triesWithin is how often something that always fails is tried within a while, where the
// work queue backs off and a deadline index looks at the latest so long after each failure.
func triesWithin(while, latest time.Duration) int {
	limiter, tries := backOff(), 1
	for at := min(limiter.When(""), latest); at <= while; at += min(limiter.When(""), latest) {
		tries++
	}
	return tries
}

// record counts the attempts on each object.
type record struct {
	lock  sync.Mutex
	tries map[string]int
	// more is closed and made anew with each attempt.
	more chan struct{}
}

func newRecord() *record { return &record{tries: map[string]int{}, more: make(chan struct{})} }

func (r *record) add(object string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.tries[object]++
	close(r.more)
	r.more = make(chan struct{})
}

// seen are the attempts up to now, and what is closed with the next one.
func (r *record) seen() (map[string]int, <-chan struct{}) {
	r.lock.Lock()
	defer r.lock.Unlock()
	return maps.Clone(r.tries), r.more
}

// limits are how often something may be tried: each object, and all together.
type limits struct {
	each  func(object string) int
	total int
}

// alike are the limits of so many objects that may be tried as often as each other.
func alike(objects, each int) limits {
	return limits{each: func(string) int { return each }, total: objects * each}
}

// judge says what is a storm in a record of attempts; nothing where there is none.
func (l limits) judge(tries map[string]int) error {
	var wrong []error
	total := 0
	for _, object := range slices.Sorted(maps.Keys(tries)) {
		if total += tries[object]; tries[object] > l.each(object) {
			wrong = append(wrong, fmt.Errorf("%s was tried %d times, at most %d are within the back-off", object, tries[object], l.each(object)))
		}
	}
	if total > l.total {
		wrong = append(wrong, fmt.Errorf("%d attempts in all, at most %d are within the back-off", total, l.total))
	}
	return errors.Join(wrong...)
}

// watch waits until ctx is done, or for a storm, and tells of it.
func (r *record) watch(ctx context.Context, l limits) error {
	for {
		tries, more := r.seen()
		if err := l.judge(tries); err != nil {
			return err
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil
		}
	}
}

// String tells how many objects of each kind were tried how often.
func (r *record) String() string {
	tries, _ := r.seen()
	objects := map[string]int{}
	for object, n := range tries {
		kind, _, _ := strings.Cut(object, "/")
		objects[fmt.Sprintf("%s %d times", kind, n)]++
	}
	var out []string
	for _, what := range slices.Sorted(maps.Keys(objects)) {
		out = append(out, fmt.Sprintf("%d %s", objects[what], what))
	}
	return strings.Join(out, ", ")
}

// The judgement finds a queue that does not wait and one that always waits as long, and
// lets the operator's own through.
func TestStormsAreFound(t *testing.T) {
	t.Parallel()
	const while, objects = 700 * time.Millisecond, 3
	most := alike(objects, triesWithin(while, while))
	for name, of := range map[string]struct {
		limiter workqueue.TypedRateLimiter[string]
		storms  bool
	}{
		"the operator's own":   {backOff(), false},
		"no wait at all":       {workqueue.NewTypedItemExponentialFailureRateLimiter[string](0, 0), true},
		"the same wait always": {workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstDelay, firstDelay), true},
		"twenty at once":       {workqueue.NewTypedItemFastSlowRateLimiter[string](0, longestDelay, 20), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), while)
			defer cancel()
			r := newRecord()
			failing(ctx, t, of.limiter, r, objects)
			err := r.watch(ctx, most)
			t.Log(r)
			if (err != nil) != of.storms {
				t.Errorf("it storms: %v, and is found to: %v", of.storms, err)
			}
		})
	}
}

// failing works at objects that always fail until ctx is done.
func failing(ctx context.Context, t *testing.T, limiter workqueue.TypedRateLimiter[string], r *record, objects int) {
	t.Helper()
	queue := priorityqueue.New(t.Name(), func(o *priorityqueue.Opts[string]) { o.RateLimiter = limiter })
	context.AfterFunc(ctx, queue.ShutDown)
	for n := range objects {
		queue.Add(fmt.Sprint("objects/", n))
	}
	go func() {
		for {
			object, priority, ended := queue.GetWithPriority()
			if ended {
				return
			}
			r.add(object)
			queue.AddWithOpts(priorityqueue.AddOpts{RateLimited: true, Priority: &priority}, object)
			queue.Done(object)
		}
	}()
}
