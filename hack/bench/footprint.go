package main

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-dev/amends/internal/fixture"
)

// footprint measures what many open incidents cost: starting, memory, doing nothing and
// failing over, beside a bare informer that holds the same objects.
func footprint(ctx context.Context, w *world) ([]row, error) {
	const space = "footprint"
	if err := w.needBulk(ctx); err != nil {
		return nil, err
	}
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	elect := []string{"--leader-elect", "--leader-election-namespace=" + space}
	rows, p, bare, err := w.start(ctx, space, elect)
	if err != nil {
		return rows, err
	}
	idle, err := w.idle(ctx, p)
	if rows = append(rows, idle...); err != nil {
		return rows, err
	}
	memory, err := w.memory(p, bare)
	if rows = append(rows, memory...); err != nil {
		return rows, err
	}
	if err := bare.kill(); err != nil {
		return rows, err
	}
	failOver, err := w.failOver(ctx, space, p, elect)
	return append(rows, failOver...), err
}

// overdue makes an incident with a promise that falls due soon.
func (w *world) overdue(ctx context.Context, space, name string, in time.Duration) (due time.Time, err error) {
	due = time.Now().Add(in).Truncate(time.Second)
	inc := fixture.Incident(name, fixture.UnderPolicy("desk"), fixture.WithJournal(fixture.Entry("p").By("alice").PromiseBy("we call", due)))
	return due, w.client.Create(ctx, fixture.In(space, inc))
}

// start measures a cold start between two starts of a bare informer, with a promise that
// fell due while no operator ran. The operator and the second informer run on.
func (w *world) start(ctx context.Context, space string, args []string) ([]row, *program, *program, error) {
	first, synced, err := w.inform(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	w.say("  a bare informer has read everything in %s", short(synced))
	if err := first.kill(); err != nil {
		return nil, nil, nil, err
	}
	due, err := w.overdue(ctx, space, "cold", time.Second)
	if err != nil {
		return nil, nil, nil, err
	}
	pause(ctx, time.Until(due.Add(2*time.Second)))
	p, ready, err := w.operate(ctx, args...)
	if err != nil {
		return nil, nil, nil, err
	}
	w.say("  the operator has read everything in %s", short(ready))
	acted, err := w.breach(ctx, space, "cold", p.started)
	if err != nil {
		return nil, nil, nil, err
	}
	bare, again, err := w.inform(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	informed := (synced + again) / 2
	return []row{
		{"f", "cold start: a bare typed informer has read everything, twice", short(synced) + ", " + short(again), "", "", ""},
		{"f", "cold start: the operator has read everything", fmt.Sprintf("%s, %.2f × the informer's", short(ready), share(ready, informed)), "≤ 1.3 ×", judged(share(ready, informed), 1.3), ""},
		{"f", "cold start: the first overdue breach is written", fmt.Sprintf("%s, %.2f × the informer's", short(acted), share(acted, informed)), "", "", "9–17 s until the last, with 5,000 open"},
	}, p, bare, nil
}

func share(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

// idle watches an operator that leads and has nothing to do.
func (w *world) idle(ctx context.Context, p *program) ([]row, error) {
	if err := w.atRest(ctx); err != nil {
		return nil, err
	}
	w.say("  idle for %s …", w.window)
	pause(ctx, settling)
	usedBefore, err := p.used()
	if err != nil {
		return nil, err
	}
	before, err := w.writes(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	pause(ctx, w.window)
	usedAfter, err := p.used()
	if err != nil {
		return nil, err
	}
	after, err := w.writes(ctx)
	if err != nil {
		return nil, err
	}
	used := share(usedAfter-usedBefore, time.Since(began)) * 100
	made := more(before, after)
	listed := "none but leases"
	if len(made) > 0 {
		listed = fmt.Sprint(made)
	}
	return []row{
		{"h", fmt.Sprintf("idle for %s: processor time, as a share of one core", w.window), fmt.Sprintf("%.2f %%", used), "≤ 0.5 %", judged(used, 0.5), ""},
		{"h", fmt.Sprintf("idle for %s: writes that the API server has answered", w.window), listed, "none but the lease", judged(float64(len(made)), 0), "each workflow looked at every 10 s"},
	}, nil
}

// memory compares the operator's memory, after it was idle, with that of a bare informer
// that has run as long.
func (w *world) memory(p, bare *program) ([]row, error) {
	full, err := p.resident()
	if err != nil {
		return nil, err
	}
	informed, err := bare.resident()
	if err != nil {
		return nil, err
	}
	peak, err := p.peak()
	if err != nil {
		return nil, err
	}
	each := float64(full-w.bulk.before) / 1024 / float64(w.incidents)
	ratio := float64(full) / float64(informed)
	return []row{
		{"e", fmt.Sprintf("memory per open incident at %d, resident, all in", w.incidents), fmt.Sprintf("%.1f KiB", each), "≤ 6 KiB", judged(each, 6), "52–70 KiB"},
		{"e", "memory of the operator beside that of a bare typed informer", fmt.Sprintf("%d MiB beside %d MiB (%.2f); without them %d MiB, at its peak %d MiB", full>>20, informed>>20, ratio, w.bulk.before>>20, peak>>20), "≤ 1", judged(ratio, 1), ""},
	}, nil
}

// failOver kills a leader just before a promise falls due, while another stands by.
func (w *world) failOver(ctx context.Context, space string, leader *program, args []string) ([]row, error) {
	const lease = 15 * time.Second
	if _, _, err := w.operate(ctx, args...); err != nil {
		return nil, err
	}
	if _, err := w.overdue(ctx, space, "warm", 4*time.Second); err != nil {
		return nil, err
	}
	pause(ctx, 2*time.Second)
	killed := time.Now()
	if err := leader.kill(); err != nil {
		return nil, err
	}
	after, err := w.breach(ctx, space, "warm", killed)
	return []row{{
		"f", fmt.Sprintf("fail-over: the first overdue breach is written after the leader was killed; a lease lasts %s", lease),
		short(after), "≤ 17 s", judged(after.Seconds(), (lease + 2*time.Second).Seconds()), "",
	}}, err
}

// breach waits for the breach of an incident's promise and says how long after an instant
// it was seen.
func (w *world) breach(ctx context.Context, space, name string, after time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	inc := fixture.In(space, fixture.Incident(name))
	for {
		if err := w.client.Get(ctx, keyOf(inc), inc); err != nil {
			return 0, err
		}
		if c := promise(inc); c != nil && c.BreachedAt != nil {
			return time.Since(after), nil
		}
		pause(ctx, 5*time.Millisecond)
	}
}
