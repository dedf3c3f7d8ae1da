package main

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
)

// saturation measures how many transitions a second the operator keeps up with, beside
// the bare patches and the bare PUTs of statuses of the same size that the control plane
// takes without an operator, by as many clients. Each client records a fact and waits for
// the status, so that no two facts share a write. It ends when the last event is there,
// too.
func saturation(ctx context.Context, w *world) ([]row, error) {
	const space, incidents = "saturation", 400
	seen, err := w.ready(ctx, space, map[string]int{"busy": incidents})
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	before, _, err := w.settledWrites(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	err = atOnce(ctx, asking, incidents, func(ctx context.Context, i int) error { return w.live(ctx, seen, space, numbered("busy", i)) })
	if err != nil {
		return nil, err
	}
	after, ended, err := w.settledWrites(ctx)
	if err != nil {
		return nil, err
	}
	took := ended.Sub(began)
	made := more(before, after)
	facts := float64(incidents * len(life))
	if err := w.killAll(); err != nil {
		return nil, err
	}
	patches, puts, err := w.bare(ctx, space, len(life))
	if err != nil {
		return nil, err
	}
	transitions := facts / took.Seconds()
	cost := patches.rate() / transitions
	writes := fmt.Sprintf("%.2f status writes and %.2f events each", float64(made[statusWrites])/facts, float64(made["POST events"]+made["PATCH events"])/facts)
	return []row{
		{"c", "transitions a second at saturation: the fact, its status and its events", fmt.Sprintf("%.0f, with %s", transitions, writes), "", "", ""},
		{"c", "bare patches of a status of that size a second, by as many clients", fmt.Sprintf("%.0f", patches.rate()), "", "", ""},
		{"c", "the same as bare PUTs, which is how the operator writes", fmt.Sprintf("%.0f", puts.rate()), "", "", ""},
		{"c", "one transition costs so many bare patches", fmt.Sprintf("%.2f", cost), "≤ 3", judged(cost, 3), "4.4–6.2"},
	}, nil
}

// bare writes the statuses of all incidents without an operator, so many times as patches
// and as many times as PUTs. The two take turns, so that the machine is the same for both.
func (w *world) bare(ctx context.Context, space string, times int) (patches, puts effort, err error) {
	var list v1alpha1.IncidentList
	if err := w.client.List(ctx, &list, client.InNamespace(space)); err != nil {
		return patches, puts, err
	}
	for range times {
		one, err := w.bareTurn(ctx, list.Items, barePatch)
		if err != nil {
			return patches, puts, err
		}
		patches.add(one)
		if one, err = w.bareTurn(ctx, list.Items, barePut); err != nil {
			return patches, puts, err
		}
		puts.add(one)
	}
	return patches, puts, nil
}

// bareTurn writes the status of each incident once.
func (w *world) bareTurn(ctx context.Context, incidents []v1alpha1.Incident, write bareWrite) (effort, error) {
	began := time.Now()
	err := atOnce(ctx, asking, len(incidents), func(ctx context.Context, i int) error {
		inc := &incidents[i]
		// The whole status is sent, as large as one, and something in it is new.
		next := &v1alpha1.Incident{ObjectMeta: commit.Version(inc), Status: *inc.Status.DeepCopy()}
		next.Status.Owner = v1alpha1.User("owner-" + inc.ResourceVersion)
		if err := write(ctx, w.client, next); err != nil {
			return err
		}
		inc.ResourceVersion = next.ResourceVersion
		return nil
	})
	return effort{n: len(incidents), took: time.Since(began)}, err
}
