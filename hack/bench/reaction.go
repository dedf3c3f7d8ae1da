package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// reaction measures how long it takes from a fact that the API server has accepted to
// the status that it leads to: one at a time, and at twenty a second. Then the same of a
// controller that does nothing else, which is as fast as this control plane allows.
func reaction(ctx context.Context, w *world) ([]row, error) {
	const space, alone, together, rate = "reaction", 300, 1200, 20
	seen, err := w.ready(ctx, space, map[string]int{"one": alone, "many": together})
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	single, many, err := w.reactions(ctx, seen, space, life[0], rate, alone, together)
	if err != nil {
		return nil, err
	}
	if err := w.killAll(); err != nil {
		return nil, err
	}
	if _, _, err := w.again(ctx, reactorMode); err != nil {
		return nil, err
	}
	bareSingle, bareMany, err := w.reactions(ctx, seen, space, life[1], rate, alone, together)
	met := all(judged(seconds(percentile(many, 50)), 0.010), judged(seconds(percentile(many, 99)), 0.090))
	beside := func(d, bare []time.Duration) string {
		return fmt.Sprintf("%s; %.2f × the median", spread(bare), share(percentile(d, 50), percentile(bare, 50)))
	}
	return []row{
		row{"d", "reaction, one at a time", spread(single), "p50 ≤ 7 ms", judged(seconds(percentile(single, 50)), 0.007), ""}.beside("p50 7 ms"),
		{"d", "the same by a controller that decides nothing and tells nothing", beside(single, bareSingle), "", "", ""},
		{"d", fmt.Sprintf("reaction, %d a second", rate), spread(many), "p50 ≤ 10 ms, p99 ≤ 90 ms", met, "p50 9–11 ms, p99 90–157 ms"},
		{"d", "the same by a controller that decides nothing and tells nothing", beside(many, bareMany), "", "", ""},
	}, err
}

// reactions records a step's completion in so many incidents one after the other, and in
// so many at a rate.
func (w *world) reactions(ctx context.Context, seen *sightings, space string, step v1alpha1.Name, rate, alone, together int) (single, many []time.Duration, err error) {
	one := func(ctx context.Context, name string) (time.Duration, error) {
		inc, err := w.complete(ctx, space, name, step)
		if err != nil {
			return 0, err
		}
		accepted := time.Now()
		at, err := seen.at(ctx, name, inc.Generation)
		return max(at.Sub(accepted), 0), err
	}
	single, many = make([]time.Duration, alone), make([]time.Duration, together)
	for i := range alone {
		if single[i], err = one(ctx, numbered("one", i)); err != nil {
			return nil, nil, err
		}
	}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	err = atOnce(ctx, asking, together, func(ctx context.Context, i int) error {
		<-tick.C
		took, err := one(ctx, numbered("many", i))
		many[i] = took
		return err
	})
	return single, many, err
}

// ready starts an operator and makes incidents in a namespace, so many of each prefix,
// and waits until it has decided on all of them.
func (w *world) ready(ctx context.Context, space string, incidents map[string]int) (*sightings, error) {
	if _, _, err := w.operate(ctx); err != nil {
		return nil, err
	}
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	seen, err := w.incidentsOf(ctx, space, caughtUp)
	if err != nil {
		return nil, err
	}
	total := 0
	for prefix, n := range incidents {
		if err := w.create(ctx, space, prefix, n); err != nil {
			seen.stop()
			return nil, err
		}
		total += n
	}
	if err := seen.all(ctx, total); err != nil {
		seen.stop()
		return nil, err
	}
	return seen, nil
}

// landings lets facts land while the operator writes about the fact before: none may be
// lost, however near they are.
func landings(ctx context.Context, w *world) ([]row, error) {
	const space, n, spreadOver, lostAfter = "landings", 640, 40 * time.Millisecond, 10 * time.Second
	seen, err := w.ready(ctx, space, map[string]int{"two": n})
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	offsets := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // offsets, no secrets
	after := make([]time.Duration, n)
	for i := range after {
		after[i] = time.Duration(offsets.Int64N(int64(spreadOver)))
	}
	var lost atomic.Int64
	err = atOnce(ctx, 4, n, func(ctx context.Context, i int) error {
		name := numbered("two", i)
		if _, err := w.complete(ctx, space, name, life[0]); err != nil {
			return err
		}
		pause(ctx, after[i])
		inc, err := w.complete(ctx, space, name, life[1])
		if err != nil {
			return err
		}
		soon, cancel := context.WithTimeout(ctx, lostAfter)
		defer cancel()
		if _, err := seen.at(soon, name, inc.Generation); err != nil {
			lost.Add(1)
		}
		return ctx.Err()
	})
	what := fmt.Sprintf("facts that landed within %s of the one before, and had no answer within %s", spreadOver, lostAfter)
	return []row{{"k", what, fmt.Sprintf("%d of %d", lost.Load(), n), "0", judged(float64(lost.Load()), 0), "3 of 640"}}, err
}

// life are the facts of an incident of four steps, from the first to the last.
var life = []v1alpha1.Name{"apologise", "review", "resolve", "write-up"}
