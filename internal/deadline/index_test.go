package deadline

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

var epoch = time.Date(2026, 10, 2, 8, 0, 0, 0, time.UTC)

func key(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "hotel-b", Name: name}
}

// taken takes everything that is due, and returns the names in order.
func taken(x *Index) []string {
	var names []string
	for {
		_, batch := x.take(batchSize)
		for _, f := range batch {
			names = append(names, f.key.Name)
		}
		if len(batch) < batchSize {
			return names
		}
	}
}

func TestOrderOfWhatIsDue(t *testing.T) {
	type deadline struct {
		namespace, name string
		due             time.Duration
		severity        int
	}
	cases := map[string]struct {
		held []deadline
		want []string
	}{
		"nothing is held":             {},
		"due this very instant":       {held: []deadline{{"a", "now", 0, 0}}, want: []string{"now"}},
		"due a nanosecond from now":   {held: []deadline{{"a", "soon", 1, 3}}},
		"the most overdue goes first": {held: []deadline{{"a", "late", -1, 3}, {"a", "later", -2, 0}}, want: []string{"later", "late"}},
		"at one instant the most severe": {
			held: []deadline{{"a", "low", -1, 0}, {"a", "critical", -1, 3}, {"a", "medium", -1, 1}, {"a", "below-low", -1, -1}},
			want: []string{"critical", "medium", "low", "below-low"},
		},
		"at one instant and severity by namespace in turn, then name": {
			held: []deadline{{"b", "1", -1, 2}, {"a", "3", -1, 2}, {"a", "2", -1, 2}},
			want: []string{"2", "1", "3"},
		},
		"namespaces take turns, however overdue the one is": {
			held: []deadline{{"a", "1", -9, 3}, {"a", "2", -8, 3}, {"a", "3", -7, 3}, {"b", "4", -1, 0}, {"c", "5", -2, 0}, {"c", "6", -1, 0}},
			want: []string{"1", "5", "4", "2", "6", "3"},
		},
		"what is not due stays behind what is": {
			held: []deadline{{"a", "tomorrow", 24 * time.Hour, 3}, {"a", "yesterday", -24 * time.Hour, 0}},
			want: []string{"yesterday"},
		},
		"instants beyond the reach of a duration": {
			held: []deadline{{"a", "never", 1<<63 - 1, 0}, {"a", "ages-ago", -1 << 63, 0}},
			want: []string{"ages-ago"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			x := New(clocktesting.NewFakeClock(epoch), Options{})
			for _, d := range c.held {
				x.Upsert(types.NamespacedName{Namespace: d.namespace, Name: d.name}, epoch.Add(d.due), d.severity)
			}
			if diff := gocmp.Diff(c.want, taken(x)); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpsertAndRemove(t *testing.T) {
	cases := map[string]struct {
		steps    func(x *Index, wall *clocktesting.FakeClock)
		want     []string // what is offered by the last step's wall time
		wantLen  int
		wantNext time.Time
	}{
		"a later instant postpones": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 0)
				x.Upsert(key("a"), epoch.Add(time.Hour), 0)
			},
			wantLen: 1, wantNext: epoch.Add(time.Hour),
		},
		"an earlier instant brings forward": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch.Add(time.Hour), 0)
				x.Upsert(key("a"), epoch, 0)
			},
			want: []string{"a"}, wantLen: 1, wantNext: epoch,
		},
		"a new severity at the old instant changes the order": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 1)
				x.Upsert(key("b"), epoch, 0)
				x.Upsert(key("b"), epoch, 2)
			},
			want: []string{"b", "a"}, wantLen: 2, wantNext: epoch,
		},
		"a zero instant removes": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 0)
				x.Upsert(key("a"), time.Time{}, 0)
			},
		},
		"removing what is not held does nothing": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch.Add(1), 0)
				x.Remove(key("b"))
				x.Upsert(key("c"), time.Time{}, 0)
			},
			wantLen: 1, wantNext: epoch.Add(1),
		},
		"an offered key counts until it is settled": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 0)
				taken(x)
				x.Upsert(key("b"), epoch.Add(time.Second), 0)
			},
			wantLen: 2, wantNext: epoch,
		},
		"an instant still to come settles an offered key": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 0)
				taken(x)
				x.Upsert(key("a"), epoch.Add(time.Second), 0)
			},
			wantLen: 1, wantNext: epoch.Add(time.Second),
		},
		"another past instant is offered at once": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch.Add(-time.Hour), 0)
				taken(x)
				x.Upsert(key("a"), epoch.Add(-time.Minute), 0)
			},
			want: []string{"a"}, wantLen: 1, wantNext: epoch.Add(-time.Minute),
		},
		"the same past instant starts no loop": {
			steps: func(x *Index, _ *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 0)
				taken(x)
				x.Upsert(key("a"), epoch, 0)
			},
			wantLen: 1, wantNext: epoch,
		},
		"the same past instant is left to the sweep, with its new severity": {
			steps: func(x *Index, wall *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 1)
				x.Upsert(key("b"), epoch, 0)
				taken(x)
				x.Upsert(key("b"), epoch, 2)
				wall.Step(SweepEvery)
			},
			want: []string{"b", "a"}, wantLen: 2, wantNext: epoch,
		},
		"the same instant, read before the wall clock was set back, is armed again": {
			steps: func(x *Index, wall *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 0)
				taken(x)
				wall.SetTime(epoch.Add(-time.Millisecond))
				x.Upsert(key("a"), epoch, 0)
				wall.SetTime(epoch)
			},
			want: []string{"a"}, wantLen: 1, wantNext: epoch,
		},
		"removing an offered key silences the sweep": {
			steps: func(x *Index, wall *clocktesting.FakeClock) {
				x.Upsert(key("a"), epoch, 0)
				taken(x)
				x.Remove(key("a"))
				wall.Step(SweepEvery)
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wall := clocktesting.NewFakeClock(epoch)
			x := New(wall, Options{})
			c.steps(x, wall)
			if diff := gocmp.Diff(c.want, taken(x)); diff != "" {
				t.Errorf("offered (-want +got):\n%s", diff)
			}
			if got := x.Len(); got != c.wantLen {
				t.Errorf("Len() = %d, want %d", got, c.wantLen)
			}
			if got, ok := x.NextDue(); !got.Equal(c.wantNext) || ok != (c.wantLen > 0) {
				t.Errorf("NextDue() = %v, %v, want %v", got, ok, c.wantNext)
			}
		})
	}
}

func TestOnlyTheWallClockCounts(t *testing.T) {
	monotonic := time.Now()
	x := New(clocktesting.NewFakeClock(monotonic), Options{})
	x.Upsert(key("a"), monotonic.In(time.FixedZone("UTC+8", 8*60*60)), 0)

	due, _ := x.NextDue()
	for name, got := range map[string]time.Time{"NextDue()": due, "now()": x.now()} {
		if want := monotonic.Round(0).UTC(); got != want {
			t.Errorf("%s = %v, want %v without a monotonic reading", name, got, want)
		}
	}
}

func TestBurstKeepsItsOrderAcrossBatches(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 18))
	x := New(clocktesting.NewFakeClock(epoch), Options{})
	type place struct {
		severity int
		name     string
	}
	var places []place
	for i := range 10_000 {
		places = append(places, place{severity: r.IntN(4), name: fmt.Sprintf("incident-%05d", i)})
	}
	for _, i := range r.Perm(len(places)) {
		x.Upsert(key(places[i].name), epoch, places[i].severity)
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), strings.Compare(a.name, b.name))
	})
	var want []string
	for _, p := range places {
		want = append(want, p.name)
	}
	if diff := gocmp.Diff(want, taken(x)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// A flood of one namespace holds no other one back: neither in what is offered, nor in the queue, where the flood may
// have arrived first.
func TestAFloodHoldsBackNoOtherNamespace(t *testing.T) {
	const flood = 100_000
	quiet := key("incident-of-another")
	flooded := func(wall clock.Clock) *Index {
		x := New(wall, Options{})
		for i := range flood {
			x.Upsert(types.NamespacedName{Namespace: "flood", Name: fmt.Sprintf("incident-%06d", i)}, epoch.Add(-time.Hour), 3)
		}
		return x
	}
	t.Run("in what is offered", func(t *testing.T) {
		x := flooded(clocktesting.NewFakeClock(epoch))
		x.Upsert(quiet, epoch, 0)
		_, batch := x.take(batchSize)
		if len(batch) != batchSize || batch[1].key != quiet || batch[1].crowd != 0 {
			t.Errorf("the second of %d offers is %+v, want %s", len(batch), batch[1], quiet)
		}
	})
	t.Run("in a queue that the flood has reached first", func(t *testing.T) {
		queue := priorityqueue.New[reconcile.Request]("flood")
		defer queue.ShutDown()
		x := flooded(clocktesting.NewFakeClock(epoch))
		fireAll(x, queue)
		x.Upsert(quiet, epoch, 0)
		fireAll(x, queue)
		if got := queue.Len(); got != flood+1 {
			t.Fatalf("the queue holds %d keys, want %d", got, flood+1)
		}
		// Before it comes only the first of the flood, which has the same priority.
		_, _, _ = queue.GetWithPriority()
		if request, priority, _ := queue.GetWithPriority(); request.NamespacedName != quiet || priority != Priority {
			t.Errorf("the second key is %s, at priority %d", request, priority)
		}
	})
}

// model is the Index without its cleverness: a map that is looked through from end to end.
type model struct {
	held          map[types.NamespacedName]*modelEntry
	seen, sweepAt time.Time
}

type modelEntry struct {
	due      time.Time
	severity int
	waiting  bool // to be offered
	told     bool // of this due instant
}

func (m *model) upsert(k types.NamespacedName, due time.Time, severity int, now time.Time) {
	if e := m.held[k]; e != nil && e.told && e.due.Equal(due) && !due.After(now) {
		e.severity = severity
		return
	}
	m.held[k] = &modelEntry{due: due, severity: severity, waiting: true}
}

// fire is what take offers in batches of a few: in each batch the namespaces take turns.
func (m *model) fire(now time.Time, limit int) []firing {
	back := now.Before(m.seen)
	sweep := !back && !now.Before(m.sweepAt)
	if next := now.Add(SweepEvery); sweep || back && next.Before(m.sweepAt) {
		m.sweepAt = next
	}
	m.seen = now
	for _, e := range m.held {
		if back && e.due.After(now) {
			e.waiting, e.told = true, false
		}
		e.waiting = e.waiting || sweep
	}
	var all []firing
	for {
		batch := m.batch(now, limit)
		all = append(all, batch...)
		if len(batch) < limit {
			return all
		}
	}
}

func (m *model) batch(now time.Time, limit int) []firing {
	var batch []firing
	for {
		heads := m.heads(now)
		heads = heads[:min(len(heads), limit-len(batch))]
		if len(heads) == 0 {
			return batch
		}
		for _, k := range heads {
			e := m.held[k]
			batch = append(batch, firing{key: k, due: e.due, first: !e.told, crowd: m.crowd(k.Namespace)})
			e.waiting, e.told = false, true
		}
	}
}

// heads is the first due key of each namespace, in order.
func (m *model) heads(now time.Time) []types.NamespacedName {
	before := func(a, b types.NamespacedName) int {
		return cmp.Or(m.held[a].due.Compare(m.held[b].due), cmp.Compare(m.held[b].severity, m.held[a].severity),
			strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	}
	first := map[string]types.NamespacedName{}
	for k, e := range m.held {
		if head, ok := first[k.Namespace]; !e.due.After(now) && e.waiting && (!ok || before(k, head) < 0) {
			first[k.Namespace] = k
		}
	}
	return slices.SortedFunc(maps.Values(first), before)
}

// crowd is how many keys of a namespace wait for a reconcile.
func (m *model) crowd(namespace string) int {
	n := 0
	for k, e := range m.held {
		if k.Namespace == namespace && !e.waiting {
			n++
		}
	}
	return n
}

func (m *model) nextDue() time.Time {
	var next time.Time
	for _, e := range m.held {
		if next.IsZero() || e.due.Before(next) {
			next = e.due
		}
	}
	return next
}

// checkAgainstModel reads each pair of bytes as one step, and compares the Index with the model after each.
func checkAgainstModel(t *testing.T, steps []byte) {
	wall := clocktesting.NewFakeClock(epoch)
	x := New(wall, Options{})
	m := &model{held: map[types.NamespacedName]*modelEntry{}}

	for len(steps) >= 2 {
		what, how := steps[0], steps[1]
		steps = steps[2:]
		name := what >> 2 & 15
		k := types.NamespacedName{Namespace: []string{"harbour", "hotel-a", "hotel-b"}[name%3], Name: string('a' + rune(name))}
		now := wall.Now()
		switch what & 3 {
		case 0, 1: // around now, so that what is due, what is offered and what repeats itself all occur
			due := epoch.Add(now.Sub(epoch).Truncate(10*time.Second) + time.Duration(int(how&15)-8)*10*time.Second)
			x.Upsert(k, due, int(how>>6))
			m.upsert(k, due, int(how>>6), now)
		case 2:
			x.Remove(k)
			delete(m.held, k)
		case 3: // the wall clock moves, rarely backwards, and the loop looks
			move := time.Duration(how&31) * time.Second
			if how > 200 {
				move = -2 * move
			}
			wall.SetTime(now.Add(move))
			compareFirings(t, x, m, wall.Now())
		}
		compareViews(t, x, m)
		if t.Failed() {
			return
		}
	}
}

func compareFirings(t *testing.T, x *Index, m *model, now time.Time) {
	t.Helper()
	var got []firing
	for {
		at, batch := x.take(3)
		got = append(got, batch...)
		for _, f := range batch {
			if f.due.After(at) {
				t.Errorf("%s is due at %v and was offered at %v", f.key, f.due, at)
			}
		}
		if len(batch) < 3 {
			break
		}
	}
	if want := m.fire(now, 3); !slices.Equal(want, got) {
		t.Errorf("offered at %v (-model +index):\n%s", now, gocmp.Diff(want, got, gocmp.AllowUnexported(firing{})))
	}
}

func compareViews(t *testing.T, x *Index, m *model) {
	t.Helper()
	armed := 0
	for _, s := range x.armed.byName {
		armed += len(s.armed)
	}
	if x.Len() != len(m.held) || armed+len(x.offered) != len(m.held) {
		t.Errorf("Len() = %d, armed %d, offered %d, want %d keys", x.Len(), armed, len(x.offered), len(m.held))
	}
	if next, ok := x.NextDue(); !next.Equal(m.nextDue()) || ok != (len(m.held) > 0) {
		t.Errorf("NextDue() = %v, %v, want %v", next, ok, m.nextDue())
	}
	heaps := []dueHeap{x.offered}
	for name, s := range x.armed.byName {
		heaps = append(heaps, s.armed)
		if ordered := s.place != nowhere; s.name != name || ordered != (len(s.armed) > 0) || s.offered != m.crowd(name) ||
			ordered && (x.armed.order[s.place] != s || s.place > 0 && x.armed.order.Less(s.place, (s.place-1)/2)) || len(s.armed)+s.offered == 0 {
			t.Errorf("namespace %s is out of order: %+v", name, s)
		}
	}
	for _, h := range heaps {
		for i, e := range h {
			if e.place != i || x.entries[e.key] != e || i > 0 && h.Less(i, (i-1)/2) {
				t.Errorf("heap is broken at %d: %+v", i, e)
			}
		}
	}
}

func TestAgainstModel(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 18))
		steps := make([]byte, 2_000)
		for i := range steps {
			steps[i] = byte(r.UintN(256))
		}
		checkAgainstModel(t, steps)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzAgainstModel(f *testing.F) {
	f.Add([]byte{0, 8, 3, 0, 3, 30, 2, 0})
	f.Add([]byte{0, 8, 4, 8, 3, 10, 3, 250, 0, 8, 3, 31, 3, 31})
	f.Fuzz(checkAgainstModel)
}
