package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/amends-dev/amends/internal/fixture"
)

// footprint measures what many open incidents cost: memory, starting, failing over and
// doing nothing, beside a bare informer that holds the same objects.
func footprint(ctx context.Context, w *world) ([]row, error) {
	const space = "footprint"
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	empty, err := w.settledMemory(ctx)
	if err != nil {
		return nil, err
	}
	p, _, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := w.watch(ctx, space, caughtUp)
	if err != nil {
		return nil, err
	}
	if err := w.create(ctx, space, "open", w.incidents, nil); err != nil {
		return nil, err
	}
	if err := seen.all(ctx, w.incidents); err != nil {
		return nil, err
	}
	seen.stop()
	idle, err := w.idle(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := p.kill(); err != nil {
		return nil, err
	}
	memory, err := w.memory(ctx, empty)
	if err != nil {
		return nil, err
	}
	starts, err := w.starts(ctx, space)
	return append(append(memory, starts...), idle...), err
}

// settling is how long a process is left alone before its memory is read.
const settling = 20 * time.Second

// settledMemory starts an operator and says how much memory it has once it has settled.
func (w *world) settledMemory(ctx context.Context) (int64, error) {
	p, _, err := w.operate(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = p.kill() }()
	pause(ctx, settling)
	return p.resident()
}

// memory compares the operator's memory with that of a bare informer.
func (w *world) memory(ctx context.Context, empty int64) ([]row, error) {
	full, err := w.settledMemory(ctx)
	if err != nil {
		return nil, err
	}
	bare, _, err := w.inform(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = bare.kill() }()
	pause(ctx, settling)
	informed, err := bare.resident()
	per := func(bytes int64) string { return fmt.Sprintf("%.1f KiB", float64(bytes)/1024/float64(w.incidents)) }
	return []row{
		{fmt.Sprintf("memory per open incident, at %d", w.incidents), per(full - empty), "≤ 6 KiB"},
		{"memory of the operator, all in, beside that of a bare typed informer", fmt.Sprintf("%d MiB, %d MiB (%.2f)", full>>20, informed>>20, float64(full)/float64(informed)), "≤ 1"},
	}, err
}

// starts measures a cold start and a fail-over, with a promise that fell due meanwhile.
func (w *world) starts(ctx context.Context, space string) ([]row, error) {
	bare, synced, err := w.inform(ctx)
	if err != nil {
		return nil, err
	}
	if err := bare.kill(); err != nil {
		return nil, err
	}
	overdue := func(name string, in time.Duration) error {
		inc := fixture.In(space, fixture.Incident(name, fixture.UnderPolicy("desk"), fixture.WithJournal(fixture.Entry("p").By("alice").PromiseBy("we call", time.Now().Add(in).Truncate(time.Second)))))
		return w.client.Create(ctx, inc)
	}
	if err := overdue("cold", time.Second); err != nil {
		return nil, err
	}
	pause(ctx, 3*time.Second)
	p, ready, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	first, err := w.breach(ctx, space, "cold", p.started)
	if err != nil {
		return nil, err
	}
	rows := []row{
		{"cold start: caches read, beside a bare informer's", fmt.Sprintf("%s, %s (%.2f)", short(ready), short(synced), ready.Seconds()/synced.Seconds()), "≤ 1.3"},
		{"cold start: first overdue breach written after the start of the process", short(first), ""},
	}
	if err := p.kill(); err != nil {
		return nil, err
	}
	failOver, err := w.failOver(ctx, space, overdue)
	return append(rows, failOver), err
}

// failOver kills a leader over a due instant, while another stands by.
func (w *world) failOver(ctx context.Context, space string, overdue func(string, time.Duration) error) (row, error) {
	elect := []string{"--leader-elect", "--leader-election-namespace=" + space}
	leader, _, err := w.operate(ctx, elect...)
	if err != nil {
		return row{}, err
	}
	if err := overdue("warm-up", time.Second); err != nil {
		return row{}, err
	}
	if _, err := w.breach(ctx, space, "warm-up", time.Now()); err != nil {
		return row{}, err
	}
	if _, _, err := w.operate(ctx, elect...); err != nil {
		return row{}, err
	}
	if err := overdue("warm", 4*time.Second); err != nil {
		return row{}, err
	}
	pause(ctx, 2*time.Second)
	killed := time.Now()
	if err := leader.kill(); err != nil {
		return row{}, err
	}
	after, err := w.breach(ctx, space, "warm", killed)
	return row{"fail-over: first overdue breach written after the leader was killed; a lease lasts 15 s", short(after), "≤ 17 s"}, err
}

// breach waits for the breach of an incident's promise and says how long after an
// instant it was seen.
func (w *world) breach(ctx context.Context, space, name string, after time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	inc := fixture.In(space, fixture.Incident(name))
	for {
		if err := w.client.Get(ctx, keyOf(inc), inc); err != nil {
			return 0, err
		}
		if c := promise(inc); c != nil && c.BreachedAt != nil {
			return time.Since(after), nil
		}
		pause(ctx, 2*time.Millisecond)
	}
}

// idle watches an operator that has nothing to do.
func (w *world) idle(ctx context.Context, p *program) ([]row, error) {
	pause(ctx, settling)
	writes := func() (int64, error) {
		var total int64
		for _, verb := range []string{"PATCH", "POST", "PUT", "DELETE"} {
			n, err := w.requests(ctx, `group="recovery.amends.dev"`, `verb="`+verb+`"`)
			if err != nil {
				return 0, err
			}
			total += n
		}
		return total, nil
	}
	usedBefore, err := p.used()
	if err != nil {
		return nil, err
	}
	writesBefore, err := writes()
	if err != nil {
		return nil, err
	}
	pause(ctx, w.window)
	usedAfter, err := p.used()
	if err != nil {
		return nil, err
	}
	writesAfter, err := writes()
	share := float64(usedAfter-usedBefore) / float64(w.window) * 100
	return []row{
		{fmt.Sprintf("idle for %s: processor time, as a share of one core", w.window), fmt.Sprintf("%.2f %%", share), "≤ 0.5 %"},
		{"idle: writes", fmt.Sprint(writesAfter - writesBefore), "0"},
	}, err
}

// inform starts a bare informer and says how long it took to read everything.
func (w *world) inform(ctx context.Context) (*program, time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	p := &program{gone: make(chan struct{}), command: exec.Command(self, informerMode, w.kubeconfig)} //nolint:gosec // this program itself
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := w.begin(p); err != nil {
		return nil, 0, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != synced {
		return nil, 0, fmt.Errorf("the bare informer says %q: %w", line, err)
	}
	return p, time.Since(p.started), ctx.Err()
}

// pause lets time pass.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
