package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// economy counts what is written in the lives of incidents, by verb and kind. The API
// server counts it; nobody but the operator writes statuses and events, and nobody but
// the client that plays people creates incidents and writes into their journals.
func economy(ctx context.Context, w *world) ([]row, error) {
	const space, lives = "economy", 200
	seen, err := w.ready(ctx, space, nil)
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	before, _, err := w.settledWrites(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.create(ctx, space, "life", lives); err != nil {
		return nil, err
	}
	if err := seen.all(ctx, lives); err != nil {
		return nil, err
	}
	err = atOnce(ctx, 4, lives, func(ctx context.Context, i int) error { return w.live(ctx, seen, space, numbered("life", i)) })
	if err != nil {
		return nil, err
	}
	after, _, err := w.settledWrites(ctx)
	if err != nil {
		return nil, err
	}
	made := more(before, after)
	if made[statusWrites] == 0 {
		return nil, fmt.Errorf("the API server answered no %s in %d lives, but %v: the operator writes its statuses otherwise; count that", statusWrites, lives, made)
	}
	per := func(n int64) float64 { return float64(n) / lives }
	statuses := per(made[statusWrites])
	events := per(made["POST events"])
	others, total := otherWrites(made), int64(0)
	for _, what := range append(others, statusWrites, "POST events", "PATCH events") {
		total += made[what]
	}
	// What changes nothing makes no version for the watch to show.
	idle := made["POST incidents"] + made["PATCH incidents"] + made[statusWrites] - int64(seen.changes())
	facts := len(life)
	listed := "none"
	if len(others) > 0 {
		for i, what := range others {
			others[i] = fmt.Sprintf("%s %.2f", what, per(made[what]))
		}
		listed = strings.Join(others, ", ")
	}
	return []row{
		{"b", fmt.Sprintf("status writes (%s) for a life of %d facts", statusWrites, facts), fmt.Sprintf("%.2f", statuses), fmt.Sprintf("≤ %d: one, and one for each fact", 1+facts), judged(statuses, float64(1+facts)), ""},
		{"b", "events (POST events) for such a life: bound, four steps started and done, resolved, closed", fmt.Sprintf("%.2f, and %.2f repeated (PATCH events)", events, per(made["PATCH events"])), "≤ 11: one for each transition", judged(per(made["POST events"]+made["PATCH events"]), 11), ""},
		{"b", "other writes of the operator for such a life", listed, "", "", ""},
		{"b", "all writes of the operator for such a life", fmt.Sprintf("%.2f", per(total)), "", "", "22"},
		{"b", "writes of incidents that changed nothing or met a conflict, in all lives", fmt.Sprint(idle), "0", judged(float64(max(idle, 0)), 0), ""},
	}, nil
}

// live records the facts of an incident's life, each once the one before is answered.
func (w *world) live(ctx context.Context, seen *sightings, space, name string) error {
	for _, step := range life {
		inc, err := w.complete(ctx, space, name, step)
		if err != nil {
			return err
		}
		if _, err := seen.at(ctx, name, inc.Generation); err != nil {
			return err
		}
	}
	return nil
}

// otherWrites are the kinds of writes that no row of their own has.
func otherWrites(made map[string]int64) []string {
	known := []string{"POST incidents", "PATCH incidents", statusWrites, "POST events", "PATCH events"}
	var out []string
	for _, what := range slices.Sorted(maps.Keys(made)) {
		if !slices.Contains(known, what) {
			out = append(out, what)
		}
	}
	return out
}
