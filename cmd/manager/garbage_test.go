package main

import (
	"testing"
	"time"

	"github.com/amends-dev/amends/internal/fixture"
)

// The collector rests once there has been little garbage for a while, and works again as
// soon as there is half of what starts a collection.
func TestCollectorRests(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	start := fixture.Instant("2026-10-02T08:00:00Z")
	c := collector{quiet: start}
	for _, look := range []struct {
		after time.Duration
		heap  heap
		rests bool
		why   string
	}{
		{0, heap{objects: mib}, false, "nothing has been collected yet"},
		{time.Second, heap{objects: 300 * mib, live: 200 * mib}, false, "all caches are read"},
		{2 * time.Second, heap{objects: 201 * mib, live: 200 * mib}, false, "a collection has just been"},
		{30 * time.Second, heap{objects: 249 * mib, live: 200 * mib}, false, "one second too early"},
		{31 * time.Second, heap{objects: 249 * mib, live: 200 * mib}, true, "little garbage for half a minute"},
		{32 * time.Second, heap{objects: 199 * mib, live: 200 * mib}, true, "less than was held before"},
		{time.Hour, heap{objects: 249 * mib, live: 200 * mib}, true, "still at rest"},
		{time.Hour + time.Second, heap{objects: 250 * mib, live: 200 * mib}, false, "half of what starts a collection"},
		{time.Hour + 2*time.Second, heap{objects: 249 * mib, live: 200 * mib}, false, "just now there was more"},
		{time.Hour + 31*time.Second, heap{objects: 201 * mib, live: 200 * mib}, true, "half a minute of quiet again"},
	} {
		if rests := c.look(look.heap, start.Add(look.after)); rests != look.rests {
			t.Errorf("after %s it rests: %v, want %v (%s)", look.after, rests, look.rests, look.why)
		}
	}
	if h := readHeap(); h.objects == 0 {
		t.Error("the runtime does not tell how large the heap is")
	}
}
