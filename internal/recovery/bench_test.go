package recovery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/recovery"
)

// benchmark measures a decision about an incident whose status was written before.
func benchmark(b *testing.B, w *world, now time.Time, clocks int) {
	b.Helper()
	w.decide(now)
	if n := len(w.inc.Status.Clocks); n != clocks {
		b.Fatalf("there are %d clocks, want %d: %v", n, clocks, look(&w.inc.Status))
	}
	s := w.Snapshot
	s.Incident = w.inc
	b.ReportAllocs()
	for b.Loop() {
		_ = recovery.Decide(&s, now)
	}
}

// The incident of a hotline with six steps, all done, as it stands at its close.
func BenchmarkDecideSixSteps(b *testing.B) {
	w := newWorld(b, hotline()).tell(sixWell("one", "3m", "20m", "40m", "5h", "6h", "7h", "10h")...)
	benchmark(b, w, after("11h"), 6)
}

// An incident of eight clocks and forty entries: six steps, updates, responses.
func BenchmarkDecideFortyEntries(b *testing.B) {
	spec := hotline()
	spec.Updates = &v1alpha1.Updates{Every: "4h"}
	spec.Responses = &v1alpha1.Responses{Within: "1h"}
	spec.Resolution = &v1alpha1.ResolutionLimit{Within: "24h"}
	w := newWorld(b, spec)
	w.tell(at("1m", entry("call").Heard("Phone").Note("nothing loads")))
	w.tell(sixWell("one", "3m", "20m", "40m", "5h", "6h", "7h", "10h")[:3]...)
	for i := range 32 {
		w.tell(at(fmt.Sprintf("%dm", 45+5*i), entry(v1alpha1.Name(fmt.Sprintf("n%d", i))).Reached("Chat").Note("we are on it")))
	}
	w.tell(sixWell("one", "3m", "20m", "40m", "5h", "6h", "7h", "10h")[3:]...)
	benchmark(b, w, after("11h"), 8)
}

// An incident as it is when it is first seen.
func BenchmarkDecideNew(b *testing.B) {
	benchmark(b, newWorld(b, hotline()), after("1s"), 1)
}

// Everything that a policy can say, with expressions, in the middle of its life.
func BenchmarkDecideEverything(b *testing.B) {
	w := newWorld(b, everything(), fixture.OfCategory("a"), fixture.OfSeverity("High"))
	w.tell(
		at("1m", entry("mine").Assignment("alice")), at("2m", entry("on-it").Acceptance()),
		at("3m", entry("sorry").Reached("Phone").Completion("s0")), at("10m", entry("callback").Promise("we call back", "30m")),
		at("20m", entry("wait").Hold("Parts")), at("25m", entry("asked").Heard("Phone").Note("so wet!")),
		at("30m", entry("reviewed").Reached("Phone").Note("she is wet through").Completion("s1")),
		at("35m", entry("kept").PromiseOutcome("callback", "Kept")), at("50m", entry("go-on").Resume("wait")),
	)
	benchmark(b, w, after("2h"), 9)
}
