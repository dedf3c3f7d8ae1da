package main

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// shardLabel is the label that config/sharded selects by.
const shardLabel = "recovery.amends.dev/shard"

// inShard gives an incident the label of a shard, unless that is empty.
func inShard(shard string, inc *v1alpha1.Incident) *v1alpha1.Incident {
	if shard == "" {
		return inc
	}
	return fixture.Labelled(shardLabel, shard, inc)
}

// team are the operators that share the work, the keeper first.
var team = []struct {
	name string
	args []string
}{
	{"the keeper", []string{"--incident-selector=!" + shardLabel}},
	{"shard a", []string{"--shard=a", "--incident-selector=" + shardLabel + "=a"}},
	{"shard b", []string{"--shard=b", "--incident-selector=" + shardLabel + "=b"}},
}

// shards measures what one operator needs and does, and then what a keeper and two shards
// do with the same incidents. The control plane and all of them are on this machine.
func shards(ctx context.Context, w *world) ([]row, error) {
	const crowded, busy, open = "shards-open", "shards-busy", 5000
	for _, space := range []string{crowded, busy} {
		if err := w.namespace(ctx, space); err != nil {
			return nil, err
		}
	}
	one, _, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	for _, shard := range []string{"a", "b"} {
		m, err := w.castIn(ctx, crowded, "first-"+shard, shard, time.Time{})
		if err != nil {
			return nil, err
		}
		if err := w.fill(ctx, m, "open-"+shard, open-1, nil); err != nil {
			return nil, err
		}
	}
	alone, err := w.keepingUp(ctx, busy, "one")
	if err != nil {
		return nil, err
	}
	pause(ctx, settling)
	whole, err := one.resident()
	if err != nil {
		return nil, err
	}
	if err := one.kill(); err != nil {
		return nil, err
	}
	programs := make([]*program, len(team))
	for i, t := range team {
		if programs[i], _, err = w.operate(ctx, t.args...); err != nil {
			return nil, err
		}
	}
	together, err := w.keepingUp(ctx, busy, "many")
	if err != nil {
		return nil, err
	}
	pause(ctx, settling)
	what := fmt.Sprintf("%d open incidents: ", 2*open)
	rows := []row{
		{"l", "transitions a second at saturation, by one operator", fmt.Sprintf("%.0f", alone), "", "", ""},
		{"l", "the same by a keeper and two shards, each with half of the incidents", fmt.Sprintf("%.0f", together), "", "", ""},
		{"l", what + "memory of one operator", fmt.Sprintf("%d MiB", whole>>20), "", "", ""},
	}
	for i, t := range team {
		size, err := programs[i].resident()
		if err != nil {
			return rows, err
		}
		rows = append(rows, row{"l", what + "memory of " + t.name, fmt.Sprintf("%d MiB", size>>20), "", "", ""})
	}
	return rows, nil
}

// keepingUp is how many transitions a second come about while many clients each record a
// fact, wait for its status and record the next, in as many incidents of the one shard as
// of the other.
func (w *world) keepingUp(ctx context.Context, space, prefix string) (float64, error) {
	const incidents = 200
	seen, err := w.incidentsOf(ctx, space, caughtUp)
	if err != nil {
		return 0, err
	}
	defer seen.stop()
	err = atOnce(ctx, asking, incidents, func(ctx context.Context, i int) error {
		inc := fixture.In(space, fixture.Incident(numbered(prefix, i), fixture.UnderPolicy("desk")))
		if err := w.client.Create(ctx, inShard([]string{"a", "b"}[i%2], inc)); err != nil {
			return err
		}
		_, err := seen.at(ctx, inc.Name, inc.Generation)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := w.atRest(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	err = atOnce(ctx, asking, incidents, func(ctx context.Context, i int) error { return w.live(ctx, seen, space, numbered(prefix, i)) })
	if err != nil {
		return 0, err
	}
	_, ended, err := w.settledWrites(ctx)
	return float64(incidents*len(life)) / ended.Sub(began).Seconds(), err
}
