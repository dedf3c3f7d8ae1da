// Package deadline keeps every due instant that one controller must act on, and wakes that controller when one comes.
//
// A work queue is no clock: it fires late after a bulk load, it drops the requested delay when a reconcile fails, and
// its timers stop while the machine is suspended. So the due instants live in an Index outside the queue, on absolute
// wall time. The Index is a controller-runtime source:
//
//	index := deadline.New(clock, deadline.Options{Observe: lateness})
//	ctrl.NewControllerManagedBy(mgr).For(&v1alpha1.Incident{}).WatchesRawSource(index).Complete(r)
//
// and the reconciler calls Upsert with the instant at which it must look again, or Remove when there is none.
//
// # What is promised
//
//   - Never early: a key is offered only when the wall clock reads its due instant or later.
//   - Never lost: a key that was offered stays in the Index until Upsert or Remove settles it. Every SweepEvery, all
//     keys that were offered and not settled are offered anew, however long the queue makes a failing key wait.
//   - Not more often than needed: between two sweeps an offered key is offered again only for another due instant. An
//     Upsert that repeats an instant already offered and still past settles nothing and starts no loop: the next sweep
//     offers the key again. A reconcile therefore upserts an instant later than its own now.
//   - In order: of the keys of a namespace that are due, the most overdue comes first, then the most severe, then by name.
//   - Fair: namespaces take turns, so that however many keys of one are due at once, those of another do not wait behind
//     them: neither for their offer nor, where the queue knows priorities, in the queue.
//   - A wall clock that leaps forward, or a machine that wakes from suspension, offers what became overdue within
//     MaxSleep of the leap. A wall clock that is set back takes back the offers that are no longer due: they are offered
//     again at their instant, unless a reconcile settled them.
//
// An offer is a hint to look, not a verdict: a key that is removed while it is being offered may still be reconciled once.
package deadline

import (
	"container/heap"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
)

// Options are the parts of an Index that are not needed for it to work.
type Options struct {
	// Observe is told each due instant once, when its key is first offered; offers that repeat it are not told. firedAt is
	// never before due. It is called from the loop of the Index without a lock held, and must not block.
	Observe func(key types.NamespacedName, due, firedAt time.Time)

	// Gate, if set, is called once when the source starts, and the first offer waits for it to return. It is there for
	// order alone: what fell due while the operator was down is then offered in one go, most overdue first, instead of in
	// the order in which it was read. The WaitForCacheSync method of a cache fits. Its result is not looked at, because a
	// deadline is better offered out of order than not at all.
	Gate func(context.Context) bool
}

// Index holds at most one due instant for each key. It is safe for concurrent use, and it is the source of one controller.
type Index struct {
	clock   clock.Clock
	observe func(key types.NamespacedName, due, firedAt time.Time)
	gate    func(context.Context) bool
	started atomic.Bool
	// wake interrupts the loop's sleep. One pending signal is enough, since the loop looks at everything when it wakes.
	wake chan struct{}

	mu      sync.Mutex
	entries map[types.NamespacedName]*entry
	// armed holds the entries that wait for their instant, offered those that wait for a reconcile to settle them. Each
	// entry is in exactly one of the two, as its state says.
	armed   spaces
	offered dueHeap
	// seen is the latest wall time the loop has looked at: no entry in offered is due after it.
	seen    time.Time
	sweepAt time.Time
}

// New returns an empty Index on the given wall clock.
func New(wall clock.Clock, options Options) *Index {
	return &Index{
		clock:   wall,
		observe: options.Observe,
		gate:    options.Gate,
		wake:    make(chan struct{}, 1),
		entries: make(map[types.NamespacedName]*entry),
		armed:   spaces{byName: make(map[string]*space)},
	}
}

// Deadline is when a key is due, and its severity, where a greater rank is more severe.
type Deadline struct {
	Key      types.NamespacedName
	Due      time.Time
	Severity int
}

// Upsert sets the instant at which key is due, and its severity. It replaces what the Index held for key. A zero due instant
// removes the key.
func (x *Index) Upsert(key types.NamespacedName, due time.Time, severity int) {
	x.UpsertAll([]Deadline{{key, due, severity}})
}

// UpsertAll is Upsert of many at once. The loop sees all of them or none, so that those that are due already are offered in
// the order that the Index promises, whatever the order in which they come.
func (x *Index) UpsertAll(deadlines []Deadline) {
	x.mu.Lock()
	defer x.mu.Unlock()

	for i := range deadlines {
		if d := &deadlines[i]; d.Due.IsZero() {
			x.remove(d.Key)
		} else {
			x.upsert(d.Key, wallTime(d.Due), d.Severity)
		}
	}
}

func (x *Index) upsert(key types.NamespacedName, due time.Time, severity int) {
	e := x.entries[key]
	switch {
	case e == nil:
		e = &entry{key: key, due: due, severity: severity, space: x.armed.of(key.Namespace)}
		x.entries[key] = e
		x.armed.push(e)
	case e.due.Equal(due) && !due.After(x.now()):
		// Offered for this very instant, or about to be: nothing is settled, and the sweep will offer it again.
		e.severity = severity
		if e.state == offered {
			heap.Fix(&x.offered, e.place)
		} else {
			x.armed.fix(e)
		}
		return
	default:
		x.lift(e)
		e.due, e.severity, e.state = due, severity, armed
		x.armed.push(e)
	}
	if x.armed.first() == e {
		x.signal()
	}
}

// Remove forgets key. Removing a key that the Index does not hold does nothing.
func (x *Index) Remove(key types.NamespacedName) {
	x.mu.Lock()
	defer x.mu.Unlock()

	x.remove(key)
}

func (x *Index) remove(key types.NamespacedName) {
	if e := x.entries[key]; e != nil {
		x.lift(e)
		x.armed.forget(e.space)
		delete(x.entries, key)
	}
}

// Len returns how many keys the Index holds, offered or not.
func (x *Index) Len() int {
	x.mu.Lock()
	defer x.mu.Unlock()

	return len(x.entries)
}

// NextDue returns the earliest due instant that the Index holds, and false if it is empty. It lies in the past while a key
// waits for the reconcile that settles it, so that now minus NextDue is the age of the oldest unsettled deadline.
func (x *Index) NextDue() (time.Time, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()

	next := x.armed.first()
	if len(x.offered) > 0 && (next == nil || x.offered[0].due.Before(next.due)) {
		next = x.offered[0]
	}
	if next == nil {
		return time.Time{}, false
	}
	return next.due, true
}

// firing is one key taken out to be offered.
type firing struct {
	key   types.NamespacedName
	due   time.Time
	first bool
	// crowd is how many keys of its namespace had been offered before it and are not settled.
	crowd int
}

// take marks up to limit due entries as offered, and returns them in the order in which to offer them, with the wall time
// at which they were found due.
func (x *Index) take(limit int) (time.Time, []firing) {
	x.mu.Lock()
	defer x.mu.Unlock()

	now := x.now()
	x.follow(now)

	var (
		batch []firing
		turn  []*space
	)
	for len(batch) < limit {
		turn = x.armed.due(turn[:0], now, limit-len(batch))
		if len(turn) == 0 {
			break
		}
		for _, s := range turn {
			e := x.armed.pop(s)
			batch = append(batch, firing{key: e.key, due: e.due, first: e.state == armed, crowd: s.offered})
			e.state = offered
			s.offered++
			heap.Push(&x.offered, e)
		}
	}
	return now, batch
}

// follow moves entries back from offered to armed as the wall clock demands: those that are no longer due when it was set
// back, and all of them when it is time to sweep.
func (x *Index) follow(now time.Time) {
	switch {
	case now.Before(x.seen):
		x.rearm(armed, func(e *entry) bool { return e.due.After(now) })
		if next := now.Add(SweepEvery); next.Before(x.sweepAt) {
			x.sweepAt = next
		}
	case !now.Before(x.sweepAt):
		x.rearm(swept, func(*entry) bool { return true })
		x.sweepAt = now.Add(SweepEvery)
	}
	x.seen = now
}

// rearm moves the offered entries that which holds for to armed, and gives them the state to.
func (x *Index) rearm(to state, which func(*entry) bool) {
	if len(x.offered) == 0 {
		return
	}
	var kept dueHeap
	touched := make(map[*space]bool)
	for _, e := range x.offered {
		if !which(e) {
			kept.Push(e)
			continue
		}
		e.state = to
		e.space.offered--
		e.space.armed.Push(e)
		touched[e.space] = true
	}
	x.offered = kept
	heap.Init(&x.offered)
	for s := range touched {
		heap.Init(&s.armed)
		x.armed.reorder(s)
	}
}

// sleep returns how long the loop may sleep before it looks again, zero if something is due already.
func (x *Index) sleep() time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()

	next := x.armed.first()
	if next == nil {
		return MaxSleep
	}
	return max(0, min(next.due.Sub(x.now()), MaxSleep))
}

// now reads the wall clock.
func (x *Index) now() time.Time {
	return wallTime(x.clock.Now())
}

// lift takes e out of where it is.
func (x *Index) lift(e *entry) {
	if e.state == offered {
		heap.Remove(&x.offered, e.place)
		e.space.offered--
		return
	}
	x.armed.remove(e)
}

// signal makes the loop look again at once.
func (x *Index) signal() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// wallTime drops the monotonic reading, which stands still while a machine is suspended and would win every comparison.
func wallTime(t time.Time) time.Time {
	return t.Round(0).UTC()
}
