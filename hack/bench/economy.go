package main

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// life are the facts of an incident of four steps, from the first to the last.
var life = []v1alpha1.Name{"apologise", "review", "resolve", "write-up"}

// economy counts what the operator writes in the lives of incidents.
func economy(ctx context.Context, w *world) ([]row, error) {
	const space, lives = "economy", 200
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
	statuses := func() (int64, error) {
		return w.requests(ctx, `resource="incidents"`, `subresource="status"`)
	}
	events := func() (int64, error) { return w.requests(ctx, `resource="events"`, `verb="POST"`) }
	statusesBefore, err := statuses()
	if err != nil {
		return nil, err
	}
	eventsBefore, err := events()
	if err != nil {
		return nil, err
	}
	if err := w.create(ctx, space, "life", lives, nil); err != nil {
		return nil, err
	}
	if err := seen.all(ctx, lives); err != nil {
		return nil, err
	}
	err = atOnce(ctx, 4, lives, func(ctx context.Context, i int) error {
		name := fmt.Sprintf("life-%05d", i)
		for _, step := range life {
			inc, err := w.append(ctx, space, name, fixture.Entry("did-"+step).By("alice").Completion(step))
			if err != nil {
				return err
			}
			if _, err := seen.at(ctx, name, inc.Generation); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	statusesAfter, err := statuses()
	if err != nil {
		return nil, err
	}
	settled := time.NewTimer(2 * time.Second) // Events are sent behind the writes.
	defer settled.Stop()
	select {
	case <-settled.C:
	case <-ctx.Done():
	}
	eventsAfter, err := events()
	per := func(n int64) string { return fmt.Sprintf("%.2f", float64(n)/lives) }
	return []row{
		{"status writes for a life of four facts", per(statusesAfter - statusesBefore), fmt.Sprintf("≤ %d: one, and one for each fact", 1+len(life))},
		{"events for such a life: bound, four steps started and done, resolved, closed", per(eventsAfter - eventsBefore), "≤ 11: one for each transition"},
	}, err
}
