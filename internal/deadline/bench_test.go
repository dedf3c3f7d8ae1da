package deadline

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const many = 100_000

// manyKeys returns keys in an order that is not that of their names, like the one a cache is read in.
func manyKeys() []types.NamespacedName {
	keys := make([]types.NamespacedName, many)
	for i := range keys {
		keys[i] = types.NamespacedName{Namespace: "hotel-b", Name: fmt.Sprintf("incident-%06d", i*7919%many)}
	}
	return keys
}

// fill gives the i-th key a deadline i*spread after the epoch, shuffled as the keys are, in four severities.
func fill(x *Index, keys []types.NamespacedName, spread time.Duration) {
	for i, k := range keys {
		x.Upsert(k, epoch.Add(time.Duration(i*6151%many)*spread), i%4)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func perEntry(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/many, "ns/entry")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkUpsert100k fills an empty index, and moves every deadline of a full one. The bytes are those the index adds to
// the keys' own text, which the cache holds anyway.
func BenchmarkUpsert100k(b *testing.B) {
	keys := manyKeys()
	wall := clocktesting.NewFakeClock(epoch.Add(-time.Hour))

	b.Run("new", func(b *testing.B) {
		before := heapInUse()
		full := New(wall, Options{})
		fill(full, keys, time.Millisecond)
		bytes := float64(heapInUse()-before) / many
		runtime.KeepAlive(full)

		for b.Loop() {
			fill(New(wall, Options{}), keys, time.Millisecond)
		}
		perEntry(b)
		b.ReportMetric(bytes, "bytes/entry")
	})
	b.Run("moved", func(b *testing.B) {
		x := New(wall, Options{})
		spread := time.Millisecond
		fill(x, keys, spread)
		for b.Loop() {
			spread++
			fill(x, keys, spread)
		}
		perEntry(b)
	})
}

// discardingQueue takes offers and drops them, so that the index alone is measured.
type discardingQueue struct {
	priorityqueue.PriorityQueue[reconcile.Request]
}

func (discardingQueue) AddWithOpts(priorityqueue.AddOpts, ...reconcile.Request) {}

func fireAll(x *Index, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	x.fire(queue)
	for x.sleep() == 0 {
		x.fire(queue)
	}
}

// BenchmarkFire100k offers everything that an index holds, in one go.
func BenchmarkFire100k(b *testing.B) {
	keys := manyKeys()
	discarding := func() (workqueue.TypedRateLimitingInterface[reconcile.Request], func()) {
		return discardingQueue{}, func() {}
	}
	queueing := func() (workqueue.TypedRateLimitingInterface[reconcile.Request], func()) {
		queue := priorityqueue.New[reconcile.Request]("fire-100k")
		return queue, queue.ShutDown
	}
	cases := []struct {
		name   string
		queue  func() (workqueue.TypedRateLimitingInterface[reconcile.Request], func())
		spread time.Duration
		swept  bool
	}{
		{name: "due one after another", queue: discarding, spread: time.Millisecond},
		{name: "due at one instant", queue: discarding},
		{name: "due at one instant into a priority queue", queue: queueing},
		{name: "swept", queue: discarding, spread: time.Millisecond, swept: true},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				wall := clocktesting.NewFakeClock(epoch.Add(time.Hour))
				x := New(wall, Options{})
				fill(x, keys, c.spread)
				queue, done := c.queue()
				if c.swept {
					fireAll(x, queue)
					wall.Step(SweepEvery)
				}
				b.StartTimer()

				fireAll(x, queue)
				if c.name == "due at one instant into a priority queue" && queue.Len() != many {
					b.Fatalf("the queue holds %d keys, want %d", queue.Len(), many)
				}

				b.StopTimer()
				done()
				b.StartTimer()
			}
			perEntry(b)
		})
	}
}

// BenchmarkLateness runs on the real clock: a thousand deadlines fall due within each second, or all at its end, while a
// hundred thousand others wait. It reports how late they were offered.
func BenchmarkLateness(b *testing.B) {
	const second = 1_000
	keys := manyKeys()
	cases := []struct {
		name   string
		spread time.Duration
	}{
		{name: "a thousand in a second", spread: time.Millisecond},
		{name: "a thousand at once"},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			lateness := make(chan time.Duration, second)
			x := New(clock.RealClock{}, Options{Observe: func(_ types.NamespacedName, due, firedAt time.Time) {
				lateness <- firedAt.Sub(due)
			}})
			if err := x.Start(b.Context(), discardingQueue{}); err != nil {
				b.Fatal(err)
			}
			for i, k := range keys {
				x.Upsert(k, time.Now().Add(time.Hour+time.Duration(i)*time.Millisecond), 0)
			}
			var all []time.Duration
			for b.Loop() {
				at := time.Now().Add(100 * time.Millisecond)
				for i := range second {
					x.Upsert(keys[i], at.Add(time.Duration(i)*c.spread), 0)
				}
				for range second {
					all = append(all, <-lateness)
				}
			}
			slices.Sort(all)
			if all[0] < 0 {
				b.Errorf("offered %v early", -all[0])
			}
			b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(all[len(all)-1].Microseconds()), "max-µs")
			b.ReportMetric(0, "ns/op")
		})
	}
}
