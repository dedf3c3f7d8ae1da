package main

import (
	"context"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// restart starts the operator while 5,000 incidents are open, of which 1,000 became
// overdue while it was down, and measures until the breach of the last is written.
func restart(ctx context.Context, w *world) ([]row, error) {
	const space, open, overdue = "restart", 5000, 1000
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	p, _, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	plain, err := w.cast(ctx, space, "plain", time.Time{})
	if err != nil {
		return nil, err
	}
	promised, err := w.cast(ctx, space, "promised", mouldDue())
	if err != nil {
		return nil, err
	}
	if err := p.kill(); err != nil {
		return nil, err
	}
	due := time.Now().Add(time.Second).Truncate(time.Second)
	if err := w.fill(ctx, plain, "open", open-overdue, nil); err != nil {
		return nil, err
	}
	if err := w.fill(ctx, promised, "late", overdue, func(int) time.Time { return due }); err != nil {
		return nil, err
	}
	pause(ctx, max(0, time.Until(due.Add(2*time.Second))))
	seen, err := w.incidentsOf(ctx, space, func(inc *v1alpha1.Incident) bool {
		return promise(inc) != nil && promise(inc).BreachedAt != nil
	})
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	p, ready, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	if err := seen.all(ctx, overdue); err != nil {
		return nil, err
	}
	var last time.Duration
	first := patience
	for _, s := range seen.seen {
		last, first = max(last, s.at.Sub(p.started)), min(first, s.at.Sub(p.started))
	}
	return []row{
		{"j", "restart with 5,000 open and 1,000 overdue: caches read", short(ready), "", "", ""},
		{"j", "restart with 5,000 open and 1,000 overdue: first breach written", short(first), "", "", ""},
		{"j", "restart with 5,000 open and 1,000 overdue: last breach written", short(last), "before the peer", judged(last.Seconds(), 9), "9–17 s"},
	}, nil
}
