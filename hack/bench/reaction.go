package main

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-dev/amends/internal/fixture"
)

// reaction measures how long it takes from a fact that the API server has accepted to
// the status that it leads to: one at a time, and at twenty a second.
func reaction(ctx context.Context, w *world) ([]row, error) {
	const space, alone, together, rate = "reaction", 300, 1200, 20
	p, _, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.kill() }()
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	seen, err := w.watch(ctx, space, caughtUp)
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	if err := w.create(ctx, space, "one", alone, nil); err != nil {
		return nil, err
	}
	if err := w.create(ctx, space, "many", together, nil); err != nil {
		return nil, err
	}
	if err := seen.all(ctx, alone+together); err != nil {
		return nil, err
	}

	react := func(ctx context.Context, name string) (time.Duration, error) {
		inc, err := w.append(ctx, space, name, fixture.Entry("did").By("alice").Completion("apologise"))
		if err != nil {
			return 0, err
		}
		accepted := time.Now()
		at, err := seen.at(ctx, name, inc.Generation)
		return max(at.Sub(accepted), 0), err
	}
	single := make([]time.Duration, alone)
	for i := range alone {
		if single[i], err = react(ctx, fmt.Sprintf("one-%05d", i)); err != nil {
			return nil, err
		}
	}
	many := make([]time.Duration, together)
	tick := time.NewTicker(time.Second / rate)
	defer tick.Stop()
	err = atOnce(ctx, asking, together, func(ctx context.Context, i int) error {
		<-tick.C
		took, err := react(ctx, fmt.Sprintf("many-%05d", i))
		many[i] = took
		return err
	})
	return []row{
		{"reaction, one at a time", spread(single), "p50 ≤ 7 ms"},
		{fmt.Sprintf("reaction, %d a second", rate), spread(many), "p50 ≤ 10 ms, p99 ≤ 90 ms"},
	}, err
}
