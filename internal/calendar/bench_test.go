package calendar_test

import (
	"testing"
	"time"

	"github.com/amends-dev/amends/internal/calendar"
)

const thirtyBusinessDays = 30 * 8 * time.Hour

func TestHotPathDoesNotAllocate(t *testing.T) {
	c := mustCompile(t, office)
	start := local(t, c, "2026-10-02 16:30")
	due, err := c.Due(start, thirtyBusinessDays)
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(){
		"Due":                func() { _, _ = c.Due(start, thirtyBusinessDays) },
		"Back":               func() { _, _ = c.Back(due, thirtyBusinessDays) },
		"Counted":            func() { _ = c.Counted(start, due) },
		"PercentAt":          func() { _ = c.PercentAt(start, due, 80) },
		"IsOpen":             func() { _ = c.IsOpen(start) },
		"NextOpening":        func() { _, _ = c.NextOpening(start) },
		"NextClosing":        func() { _, _ = c.NextClosing(start) },
		"CloseOfBusinessDay": func() { _, _ = c.CloseOfBusinessDay(start, 30) },
	} {
		if n := testing.AllocsPerRun(100, ask); n != 0 {
			t.Errorf("%s allocates %v times, want none", name, n)
		}
	}
}

func BenchmarkDue30BusinessDays(b *testing.B) {
	c := mustCompile(b, office)
	start := local(b, c, "2026-10-02 16:30")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Due(start, thirtyBusinessDays); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCounted(b *testing.B) {
	c := mustCompile(b, office)
	from, to := local(b, c, "2026-10-02 16:30"), local(b, c, "2026-11-13 16:30")
	b.ReportAllocs()
	for b.Loop() {
		if c.Counted(from, to) != thirtyBusinessDays {
			b.Fatal("wrong")
		}
	}
}

func BenchmarkCloseOfBusinessDay(b *testing.B) {
	c := mustCompile(b, office)
	start := local(b, c, "2026-10-02 16:30")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.CloseOfBusinessDay(start, 30); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstQuestion compiles a calendar and asks it once: what a calendar costs
// that nobody keeps.
func BenchmarkFirstQuestion(b *testing.B) {
	start := time.Date(2026, 10, 2, 14, 30, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		c, _ := calendar.Compile(goldenWeek)
		if _, err := c.Due(start, thirtyBusinessDays); err != nil {
			b.Fatal(err)
		}
	}
}
