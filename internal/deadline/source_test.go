package deadline

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// The tests below run in bubbles of virtual time: sleeping passes it, takes no time, and ends exactly on the instant.

// leapingClock is a wall clock that can leap while timers run on, as they do on a real machine. A suspended machine looks
// the same from inside: its timers have not moved and the wall clock has.
type leapingClock struct {
	clock.RealClock
	ahead atomic.Int64
}

func (c *leapingClock) Now() time.Time {
	return c.RealClock.Now().Add(time.Duration(c.ahead.Load()))
}

func (c *leapingClock) leap(d time.Duration) {
	c.ahead.Add(int64(d))
}

// seen is one offer that a queue saw.
type seen struct {
	Name string
	At   time.Duration // virtual time since the bubble began
}

// recordingQueue records offers, and has nothing else of a queue.
type recordingQueue struct {
	priorityqueue.PriorityQueue[reconcile.Request]
	begin time.Time

	mu     sync.Mutex
	offers []seen
}

func (q *recordingQueue) AddWithOpts(o priorityqueue.AddOpts, requests ...reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range requests {
		q.offers = append(q.offers, seen{Name: r.Name, At: time.Since(q.begin)})
	}
	if o.After != 0 || o.RateLimited || o.Priority == nil || *o.Priority > Priority || *o.Priority <= Priority-20 {
		panic(fmt.Sprintf("offered with %+v", o))
	}
}

// drain returns the offers since the last call, once everything that can happen by now has happened.
func (q *recordingQueue) drain() []seen {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	offers := q.offers
	q.offers = nil
	return offers
}

// running is an Index whose loop runs, in a bubble.
type running struct {
	*Index
	wall  *leapingClock
	queue *recordingQueue
}

func startIndex(t *testing.T, options Options) running {
	t.Helper()
	wall := &leapingClock{}
	r := running{Index: New(wall, options), wall: wall, queue: &recordingQueue{begin: time.Now()}}
	if err := r.Start(t.Context(), r.queue); err != nil {
		t.Fatal(err)
	}
	return r
}

// in upserts a deadline that is due so much later than the wall clock reads.
func (r running) in(name string, d time.Duration) {
	r.Upsert(key(name), r.wall.Now().Add(d), 0)
}

func wantOffers(t *testing.T, got []seen, want ...seen) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("offers (-want +got):\n%s", diff)
	}
}

func TestOffersAtTheInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startIndex(t, Options{})
		r.in("past", -time.Hour)
		wantOffers(t, r.queue.drain(), seen{"past", 0})

		r.in("an-hour", time.Hour)
		r.in("a-nanosecond-more", time.Hour+1)
		r.in("forty-milliseconds", 40*time.Millisecond)
		r.in("one-sleep", MaxSleep)
		time.Sleep(2 * time.Second)
		wantOffers(t, r.queue.drain(), seen{"forty-milliseconds", 40 * time.Millisecond}, seen{"one-sleep", MaxSleep})
		r.Remove(key("past"))
		r.Remove(key("forty-milliseconds"))
		r.Remove(key("one-sleep"))

		time.Sleep(time.Hour)
		wantOffers(t, r.queue.drain(), seen{"an-hour", time.Hour}, seen{"a-nanosecond-more", time.Hour + 1})
	})
}

// The loop runs, and looks as soon as anything is there.
func TestManyAtOnceAreOfferedInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startIndex(t, Options{})
		const n = 3 * batchSize
		all, want := make([]Deadline, n), make([]seen, n)
		for i := range all {
			name := fmt.Sprintf("late-%04d", i)
			all[i] = Deadline{key(name), r.wall.Now().Add(time.Duration(i-n) * time.Second), 0}
			want[i] = seen{name, 0}
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
		r.UpsertAll(all)
		wantOffers(t, r.queue.drain(), want...)

		none := []Deadline{{Key: key("late-0000")}, {Key: key("never")}}
		r.UpsertAll(none)
		if got := r.Len(); got != n-1 {
			t.Errorf("%d are held after one was removed, want %d", got, n-1)
		}
	})
}

func TestAnEarlierUpsertWakesTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startIndex(t, Options{})
		r.in("later", MaxSleep)
		synctest.Wait() // the loop sleeps until then
		time.Sleep(5 * time.Millisecond)
		r.in("sooner", 10*time.Millisecond)
		r.in("at-once", 0)
		wantOffers(t, r.queue.drain(), seen{"at-once", 5 * time.Millisecond})
		time.Sleep(MaxSleep)
		wantOffers(t, r.queue.drain(), seen{"sooner", 15 * time.Millisecond}, seen{"later", MaxSleep})
	})
}

func TestTheWallClockLeapsForward(t *testing.T) {
	for name, leap := range map[string]time.Duration{
		"suspended for 42 minutes":  42 * time.Minute,
		"summer time set by hand":   time.Hour,
		"a clock that was in 1970":  56 * 365 * 24 * time.Hour,
		"just up to the instant":    30 * time.Minute,
		"a nanosecond short of two": 2*time.Hour - 1,
	} {
		t.Run(name, func(t *testing.T) {
			for _, phase := range []time.Duration{0, 1, 100 * time.Millisecond, MaxSleep - 1} {
				synctest.Test(t, func(t *testing.T) {
					r := startIndex(t, Options{})
					r.in("two", 20*time.Minute)
					r.in("three", 30*time.Minute)
					r.in("one", time.Minute)
					r.in("not-yet", 100*365*24*time.Hour)
					synctest.Wait()
					time.Sleep(phase)
					r.wall.leap(leap)
					time.Sleep(MaxSleep)

					offers := r.queue.drain()
					var names []string
					for _, o := range offers {
						names = append(names, o.Name)
						if late := o.At - phase; late > MaxSleep {
							t.Errorf("%s was offered %v after the leap", o.Name, late)
						}
					}
					if diff := gocmp.Diff([]string{"one", "two", "three"}, names); diff != "" {
						t.Errorf("offers (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

func TestTheWallClockIsSetBack(t *testing.T) {
	cases := map[string]struct {
		settle func(r running)
		want   []seen
	}{
		"an unsettled offer is made again, once, at its instant": {
			settle: func(running) {},
			want:   []seen{{"due", time.Hour + time.Minute}, {"still-to-come", 2 * time.Hour}},
		},
		"a settled one is not": {
			settle: func(r running) { r.in("due", 24*time.Hour) },
			want:   []seen{{"still-to-come", 2 * time.Hour}},
		},
		"nor a removed one": {
			settle: func(r running) { r.Remove(key("due")) },
			want:   []seen{{"still-to-come", 2 * time.Hour}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []types.NamespacedName
				r := startIndex(t, Options{Observe: func(k types.NamespacedName, due, firedAt time.Time) {
					if firedAt.Before(due) {
						t.Errorf("%s is due at %v and was offered at %v", k, due, firedAt)
					}
					told = append(told, k)
				}})
				r.in("due", time.Minute)
				r.in("still-to-come", time.Hour)
				time.Sleep(time.Minute)
				wantOffers(t, r.queue.drain(), seen{"due", time.Minute})

				c.settle(r)
				r.wall.leap(-time.Hour)
				time.Sleep(time.Hour - 1)
				wantOffers(t, r.queue.drain())
				time.Sleep(time.Nanosecond)
				offers := r.queue.drain()
				r.Remove(key("due"))
				time.Sleep(time.Hour - time.Minute)
				wantOffers(t, append(offers, r.queue.drain()...), c.want...)
				if want := 1 + len(c.want); len(told) != want {
					t.Errorf("told %v, want %d", told, want)
				}
			})
		})
	}
}

func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startIndex(t, Options{})
		r.in("a", 10*time.Second)
		r.in("b", 29*time.Second)
		time.Sleep(80 * time.Second)
		wantOffers(t, r.queue.drain(),
			seen{"a", 10 * time.Second}, seen{"b", 29 * time.Second},
			seen{"a", 30 * time.Second}, seen{"b", 30 * time.Second},
			seen{"a", 60 * time.Second}, seen{"b", 60 * time.Second})

		r.Remove(key("a"))
		for range 20 { // a reconcile that settles nothing, and says so again and again
			r.Upsert(key("b"), r.queue.begin.Add(29*time.Second), 3)
			time.Sleep(time.Second)
		}
		wantOffers(t, r.queue.drain(), seen{"b", 90 * time.Second})

		r.in("b", time.Hour)
		time.Sleep(time.Hour - 1)
		wantOffers(t, r.queue.drain())
	})
}

func TestSweepsGoOnAfterTheClockWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startIndex(t, Options{})
		r.in("a", -48*time.Hour)
		time.Sleep(time.Second)
		r.wall.leap(-24 * time.Hour)
		time.Sleep(SweepEvery + MaxSleep)
		if got := r.queue.drain(); len(got) != 2 {
			t.Errorf("offers = %v, want the first and one from a sweep", got)
		}
	})
}

func TestObserveHearsEachInstantOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type call struct {
			Name     string
			Lateness time.Duration
		}
		var calls []call
		r := startIndex(t, Options{Observe: func(k types.NamespacedName, due, firedAt time.Time) {
			calls = append(calls, call{k.Name, firedAt.Sub(due)})
		}})
		r.in("on-time", time.Second)
		r.in("overdue", -time.Minute)
		time.Sleep(2 * SweepEvery)
		synctest.Wait()
		want := []call{{"overdue", time.Minute}, {"on-time", 0}}
		if diff := gocmp.Diff(want, calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestObserveMayUseTheIndex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var x *Index
		r := startIndex(t, Options{Observe: func(k types.NamespacedName, _, _ time.Time) { x.Remove(k) }})
		x = r.Index
		r.in("a", time.Second)
		time.Sleep(time.Minute)
		wantOffers(t, r.queue.drain(), seen{"a", time.Second})
	})
}

func TestTheGateCollectsWhatFellDueWhileDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := make(chan struct{})
		r := startIndex(t, Options{Gate: func(ctx context.Context) bool {
			select {
			case <-ctx.Done():
			case <-opened:
			}
			return false // makes no difference
		}})
		for i, name := range []string{"third", "first", "second"} {
			r.in(name, []time.Duration{-1, -3, -2}[i]*time.Hour)
			time.Sleep(time.Second)
		}
		wantOffers(t, r.queue.drain())
		close(opened)
		at := 3 * time.Second
		wantOffers(t, r.queue.drain(), seen{"first", at}, seen{"second", at}, seen{"third", at})
	})
}

func TestStartsOnceAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := &recordingQueue{begin: time.Now()}
		x := New(clock.RealClock{}, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		if err := x.Start(ctx, queue); err != nil {
			t.Fatal(err)
		}
		if err := x.Start(ctx, queue); err == nil || !strings.Contains(err.Error(), "one controller only") {
			t.Errorf("second Start() = %v, want a refusal", err)
		}
		cancel()
		synctest.Wait()
		x.Upsert(key("a"), time.Now(), 0)
		time.Sleep(time.Hour)
		wantOffers(t, queue.drain())
		if got, want := fmt.Sprint(x), "deadline index"; got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	const workers, each = 8, 2_000
	synctest.Test(t, func(t *testing.T) {
		r := startIndex(t, Options{Observe: func(k types.NamespacedName, due, firedAt time.Time) {
			if firedAt.Before(due) {
				t.Errorf("%s is due at %v and was offered at %v", k, due, firedAt)
			}
		}})
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(uint64(w), 18))
				for i := range each {
					// Workers meet on the same keys, and remove none of the even ones.
					name := fmt.Sprintf("incident-%04d", i)
					r.in(name, time.Duration(random.IntN(2_000)-500)*time.Millisecond)
					if i%2 == 1 && random.IntN(2) == 0 {
						r.Remove(key(name))
					}
					r.NextDue()
					if i%100 == 0 {
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		wg.Wait()
		time.Sleep(2 * time.Second)

		offered := map[string]bool{}
		for _, o := range r.queue.drain() {
			offered[o.Name] = true
		}
		for i := 0; i < each; i += 2 {
			if name := fmt.Sprintf("incident-%04d", i); !offered[name] {
				t.Errorf("%s was never offered", name)
			}
		}
		if left := r.Len(); left < each/2 {
			t.Errorf("Len() = %d, want at least the %d that nobody removed", left, each/2)
		}
	})
}

func TestABurstIsOfferedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startIndex(t, Options{})
		due := time.Now().Add(time.Minute)
		random := rand.New(rand.NewPCG(18, 3))
		type incident struct {
			severity int
			name     string
		}
		var incidents []incident
		for i := range 3 * batchSize {
			in := incident{random.IntN(4), fmt.Sprintf("incident-%05d", i)}
			incidents = append(incidents, in)
			r.Upsert(key(in.name), due, in.severity)
		}
		time.Sleep(time.Minute)

		slices.SortStableFunc(incidents, func(a, b incident) int { return cmp.Compare(b.severity, a.severity) })
		var want []seen
		for _, in := range incidents {
			want = append(want, seen{in.name, time.Minute})
		}
		wantOffers(t, r.queue.drain(), want...)
	})
}

// A fake clock never fires a timer of no length, so a burst must not wait for one between its batches.
func TestABurstOnAFakeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wall := clocktesting.NewFakeClock(epoch)
		queue := &recordingQueue{begin: time.Now()}
		x := New(wall, Options{})
		for i := range 3 * batchSize {
			x.Upsert(key(fmt.Sprint(i)), epoch.Add(time.Minute), 0)
		}
		if err := x.Start(t.Context(), queue); err != nil {
			t.Fatal(err)
		}
		wantOffers(t, queue.drain())
		wall.Step(time.Minute)
		if got := len(queue.drain()); got != 3*batchSize {
			t.Errorf("%d offers after one step, want %d", got, 3*batchSize)
		}
	})
}
