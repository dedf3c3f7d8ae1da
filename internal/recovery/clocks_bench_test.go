package recovery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/recovery"
)

// BenchmarkDecideEightClocksFortyEntries is an incident in the middle of its life: two
// steps, a response, an update, two promises, a task and the total time, with what levels
// are told, forty entries, and a status that was written before.
func BenchmarkDecideEightClocksFortyEntries(b *testing.B) {
	w := eightClocks(b)
	now := after("3h30m")
	w.decide(now)
	if n := len(w.inc.Status.Clocks); n != 8 || len(w.inc.Spec.Journal) != 40 {
		b.Fatalf("there are %d clocks and %d entries: %q", n, len(w.inc.Spec.Journal), look(&w.inc.Status))
	}
	s := w.Snapshot
	s.Incident = w.inc
	b.ReportAllocs()
	for b.Loop() {
		_ = recovery.Decide(&s, now)
	}
}

func eightClocks(b *testing.B) *world {
	b.Helper()
	spec := with(
		steps(
			fixture.Step("sorry", v1alpha1.StepApology, fixture.DueWithin("10m"), fixture.WarnAt(50, 80)),
			fixture.Step("fix", v1alpha1.StepResolution, fixture.DueBusiness("8h"), fixture.WarnAt(50, 80)),
			fixture.FollowUp("call", "Closing", fixture.DueWithin("72h")),
		),
		answering("30m"), updating("4h", "24h"), resolving("24h"), onDuty(),
		holding(also(pausing(v1alpha1.WaitingForCustomer, "fix"), v1alpha1.ClockResolution)),
	)
	w := newWorld(b, onCalendar(spec, "office"), fixture.OfSeverity("Medium"))
	w.tell(
		done("5m", "sorry"), promised("6m", "p", "30m"), at("10m", entry("job").Task(v1alpha1.TaskHelp, "carry it up", "4h")),
		heard("15m"), noted(outcome("20m", "p", "Kept").Reached("Phone")), promised("25m", "q", "5h"),
		hold("30m", "h", v1alpha1.WaitingForCustomer), resume("1h", "h"),
	)
	for i := len(w.inc.Spec.Journal); i < 40; i++ {
		e := entry(v1alpha1.Name(fmt.Sprintf("n%d", i)))
		if e = e.Note("we are on it"); i%4 == 0 {
			e = e.Reached("Chat")
		}
		w.tell(e.RecordedAt(zero.Add(time.Hour + time.Duration(i)*3*time.Minute)))
	}
	return w
}
