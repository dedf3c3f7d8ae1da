package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// gcPercent is how much garbage the operator keeps beside what it needs, unless GOGC says
	// otherwise. Nearly all that it needs are copies of incidents, which stay for days: with
	// the usual 100 as much memory again would stand empty.
	gcPercent = 50
	// gcLook is how often the heap is looked at: for so long it may grow uncollected.
	gcLook = time.Second
	// gcRest is after how long a time with little garbage the collector is put to rest.
	gcRest = 30 * time.Second
)

// collectGarbage collects garbage where there is some, until ctx is done.
//
// The runtime collects whenever two minutes have passed, even if there is next to none, and
// looks at all that is held: with 100,000 incidents that is more work than everything else
// that an operator at rest does. So the collector rests when there is nothing for it to do;
// a limit of the memory (GOMEMLIMIT) holds all the same.
func collectGarbage(ctx context.Context) {
	if _, set := os.LookupEnv("GOGC"); set {
		return
	}
	debug.SetGCPercent(gcPercent)
	looks := time.NewTicker(gcLook)
	defer looks.Stop()
	c := collector{quiet: time.Now()}
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-looks.C:
			rested := c.rests
			switch rests := c.look(readHeap(), now); {
			case rests && !rested:
				debug.FreeOSMemory() // At rest nothing else would give it back.
				debug.SetGCPercent(-1)
			case rested && !rests:
				debug.SetGCPercent(gcPercent)
			}
		}
	}
}

// heap is what the heap holds, in bytes: all of it, and what the last collection left.
type heap struct{ objects, live uint64 }

func readHeap() heap {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples)
	return heap{objects: samples[0].Value.Uint64(), live: samples[1].Value.Uint64()}
}

// littered tells whether half of the garbage is there that starts a collection.
func (h heap) littered() bool { return h.objects >= h.live+h.live*gcPercent/100/2 }

// collector is whether garbage is collected.
type collector struct {
	rests bool
	// quiet is when the heap was littered last.
	quiet time.Time
}

// look takes a look at the heap and tells whether the collector rests from now on.
func (c *collector) look(h heap, now time.Time) bool {
	if h.littered() {
		c.quiet, c.rests = now, false
	}
	c.rests = c.rests || now.Sub(c.quiet) >= gcRest
	return c.rests
}
