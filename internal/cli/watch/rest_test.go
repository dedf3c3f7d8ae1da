//go:build linux

package watch

import (
	"context"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/amends-dev/amends/internal/cli/ptytest"
	"github.com/amends-dev/amends/internal/cli/view"
)

// resting is a live view of a thousand incidents on a terminal, whose clock is the real
// one and ticks once a second.
type resting struct {
	program *tea.Program
	done    chan error
	ticks   chan time.Time
}

// rest opens one and lets it settle.
func rest(ctx context.Context, t testing.TB) *resting {
	t.Helper()
	screen := ptytest.Open(t, 80, 24)
	begun := time.Now()
	r := &resting{done: make(chan error, 1), ticks: make(chan time.Time, 1<<10)}
	m := New(Options{Zone: time.UTC, Paint: view.Painter(true), Where: "hotel", Now: func() time.Time {
		at := time.Now()
		select {
		case r.ticks <- at:
		default:
		}
		return noon.Add(at.Sub(begun))
	}})
	r.program = tea.NewProgram(m, tea.WithInput(screen.Screen), tea.WithOutput(screen.Screen), tea.WithoutSignalHandler(), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	go func() {
		_, err := r.program.Run()
		r.done <- err
	}()
	r.program.Send(Changed{Incidents: many(1000)})
	screen.Await(ctx, t, "incident-0003")
	for len(r.ticks) > 0 {
		<-r.ticks
	}
	r.await(ctx, t, 2)
	return r
}

// await waits for so many ticks.
func (r *resting) await(ctx context.Context, t testing.TB, n int) {
	t.Helper()
	for range n {
		select {
		case <-r.ticks:
		case <-ctx.Done():
			t.Fatal("it does not tick")
		}
	}
}

// spent is what the program spends of one core over so many ticks, and how long they take.
func (r *resting) spent(ctx context.Context, t testing.TB, ticks int) (cpu, wall time.Duration) {
	t.Helper()
	begun, before := time.Now(), cpuTime(t)
	r.await(ctx, t, ticks)
	return cpuTime(t) - before, time.Since(begun)
}

// leave quits the program.
func (r *resting) leave(t testing.TB) {
	t.Helper()
	r.program.Quit()
	if err := <-r.done; err != nil {
		t.Error(err)
	}
}

// cpuTime is the time that this process has had of all cores.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// atRest is how many pictures a second may cost, at most, of which one is needed: what
// counts down is drawn anew. A view that draws with each refresh of the screen draws 60.
const atRest = 10

// While nothing changes, a view of a thousand incidents costs little. The limit is no time,
// which would be another one on each machine, but what drawing the same picture costs in
// the same run.
func TestAtRest(t *testing.T) {
	if testing.Short() {
		t.Skip("it watches for ten seconds")
	}
	const ticks, pictures = 10, 50
	m, _ := model(1000, true)
	before := cpuTime(t)
	for range pictures {
		m.rows = nil
		m.Lines()
	}
	picture := (cpuTime(t) - before) / pictures

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r := rest(ctx, t)
	cpu, wall := r.spent(ctx, t, ticks)
	r.leave(t)
	t.Logf("%s of CPU time in %s, %s a picture", cpu, wall, picture)
	if limit := picture * atRest * (wall.Round(time.Second) / time.Second); cpu > limit {
		t.Errorf("it spends %s of CPU time in %s while nothing changes; the limit is %s, %d pictures of %s a second", cpu, wall, limit, atRest, picture)
	}
}

// BenchmarkWatchAtRest reports what share of a core a view of a thousand incidents takes
// while nothing changes.
func BenchmarkWatchAtRest(b *testing.B) {
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	r := rest(ctx, b)
	defer r.leave(b)
	b.ResetTimer()
	var cpu, wall time.Duration
	for range b.N {
		spent, took := r.spent(ctx, b, 10)
		cpu, wall = cpu+spent, wall+took
	}
	b.ReportMetric(100*cpu.Seconds()/wall.Seconds(), "%core")
}
