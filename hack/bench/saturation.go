package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// saturation measures how many transitions a second the operator keeps up with, beside
// the bare patches of statuses of the same size that the control plane takes without an
// operator, by as many clients. Each client records a fact and waits for the status, so
// that no two facts share a write. It ends when the last event is there, too.
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
	bare, err := w.bare(ctx, space, incidents*len(life))
	transitions := facts / took.Seconds()
	writes := fmt.Sprintf("%.2f status writes and %.2f events each", float64(made["PATCH incidents/status"])/facts, float64(made["POST events"]+made["PATCH events"])/facts)
	return []row{
		{"c", "transitions a second at saturation: the fact, its status and its events", fmt.Sprintf("%.0f, with %s", transitions, writes), "", "", ""},
		{"c", "bare patches of a status of that size a second, by as many clients", fmt.Sprintf("%.0f", bare), "", "", ""},
		{"c", "one transition costs so many bare patches", fmt.Sprintf("%.2f", bare/transitions), "≤ 3", judged(bare/transitions, 3), "4.4–6.2"},
	}, err
}

// bare patches statuses as they are, without an operator, and says how many a second.
func (w *world) bare(ctx context.Context, space string, n int) (float64, error) {
	var list v1alpha1.IncidentList
	if err := w.client.List(ctx, &list, client.InNamespace(space)); err != nil {
		return 0, err
	}
	began := time.Now()
	err := atOnce(ctx, asking, n, func(ctx context.Context, i int) error {
		inc := &list.Items[i%len(list.Items)]
		// The whole status is sent, as large as one, and something in it is new.
		status := inc.Status.DeepCopy()
		status.Owner = v1alpha1.User(fmt.Sprintf("owner-%d", i))
		patch, err := json.Marshal(map[string]any{"status": status})
		if err != nil {
			return err
		}
		to := fixture.In(inc.Namespace, fixture.Incident(inc.Name))
		return w.client.Status().Patch(ctx, to, client.RawPatch(types.MergePatchType, patch), client.FieldOwner("bare"))
	})
	return float64(n) / time.Since(began).Seconds(), err
}
