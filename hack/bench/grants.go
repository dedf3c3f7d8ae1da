package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/fixture"
)

// grants measures grants a second: first the ledger by itself, in this process, beside
// the one write that each grant needs; then the whole operator, beside a client that
// makes the same requests and writes their answers itself. What is bare is written both as
// patches, which the aims are stated in, and as PUTs, as the operator writes.
func grants(ctx context.Context, w *world) ([]row, error) {
	var rows []row
	for _, askers := range crowds {
		w.say("  ledger alone, %d askers …", askers)
		one, err := w.ledgerAlone(ctx, askers)
		if rows = append(rows, one...); err != nil {
			return rows, err
		}
	}
	// The operator would answer what is to be answered without it.
	patches, puts := map[int]float64{}, map[int]float64{}
	for _, askers := range crowds {
		var err error
		if patches[askers], err = w.answered(ctx, fmt.Sprintf("patched-%d", askers), askers, barePatch); err != nil {
			return rows, err
		}
		if puts[askers], err = w.answered(ctx, fmt.Sprintf("put-%d", askers), askers, barePut); err != nil {
			return rows, err
		}
	}
	if _, _, err := w.operate(ctx); err != nil {
		return rows, err
	}
	for _, askers := range crowds {
		w.say("  whole operator, %d askers …", askers)
		one, err := w.wholeGrants(ctx, askers, patches[askers], puts[askers])
		if rows = append(rows, one...); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// crowds are how many ask at once.
var crowds = []int{1, 8, 32, 128}

// requestsOf is how many requests each of so many makes.
func requestsOf(askers int) int { return max(240/askers, 6) }

// rounds is how often bare writes and grants take turns, so that the machine is the same
// for both.
const rounds = 5

// ledgerAlone measures the bookkeeper by itself.
func (w *world) ledgerAlone(ctx context.Context, askers int) ([]row, error) {
	space := fmt.Sprintf("ledger-%d", askers)
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	t, err := w.openTill(ctx, space)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kept := make(chan error, 1)
	go func() { kept <- t.keep(ctx) }()
	patches, puts, given, err := w.takeTurns(ctx, t, askers)
	cancel()
	if err := errors.Join(err, <-kept); err != nil {
		return nil, err
	}
	writes := float64(t.store.budgets.Load()) / float64(given.n)
	what := fmt.Sprintf("ledger alone, %d askers: ", askers)
	ratio := given.rate() / patches.rate()
	rows := []row{
		{"g", what + "grants a second, beside bare writes of a request's status", fmt.Sprintf("%.0f beside %.0f bare patches (%.0f %%), beside %.0f bare PUTs (%.0f %%)", given.rate(), patches.rate(), 100*ratio, puts.rate(), 100*given.rate()/puts.rate()), "", "", ""},
		{"g", what + "ledger writes for each grant", fmt.Sprintf("%.3f, each %s", writes, short(time.Duration(t.store.took.Load()/t.store.budgets.Load()))), "", "", ""},
		{"g", what + "processor time of the control plane for a grant, beside a bare write", fmt.Sprintf("%s beside %s for a patch (%.2f), beside %s for a PUT (%.2f)", short(given.each()), short(patches.each()), share(given.each(), patches.each()), short(puts.each()), share(given.each(), puts.each())), "", "", ""},
	}
	if askers == asking {
		rows[0].aim, rows[0].met = "≥ 80 %", judged(0.8, ratio)
		rows[1].aim, rows[1].met = "≤ 0.1", judged(writes, 0.1)
	}
	return rows, nil
}

// takeTurns lets askers write answers themselves, as patches and then as PUTs, and then ask
// the bookkeeper for theirs; and so again for each round.
func (w *world) takeTurns(ctx context.Context, t *till, askers int) (patches, puts, given effort, err error) {
	each := max(400/askers, 6)
	for round := range rounds {
		for _, turn := range []struct {
			prefix string
			do     func(context.Context, bookkeeper.Item) error
			sum    *effort
		}{{"patch", t.bare(barePatch), &patches}, {"put", t.bare(barePut), &puts}, {"grant", t.grant, &given}} {
			one, err := w.series(ctx, t, fmt.Sprintf("%s-%d", turn.prefix, round), askers, each, turn.do)
			if err != nil {
				return patches, puts, given, err
			}
			turn.sum.add(one)
		}
	}
	return patches, puts, given, nil
}

// wholeGrants measures requests that people make and the operator answers.
func (w *world) wholeGrants(ctx context.Context, askers int, patches, puts float64) ([]row, error) {
	space := fmt.Sprintf("grants-%d", askers)
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	if _, err := w.openTill(ctx, space); err != nil {
		return nil, err
	}
	each := requestsOf(askers)
	ready, err := w.incidentsOf(ctx, space, caughtUp)
	if err != nil {
		return nil, err
	}
	defer ready.stop()
	if err := w.create(ctx, space, "for", askers*each/40+1); err != nil {
		return nil, err
	}
	if err := ready.all(ctx, askers*each/40+1); err != nil {
		return nil, err
	}
	seen, err := w.watch(ctx, &v1alpha1.CompensationList{}, space, func(o client.Object) bool {
		return o.(*v1alpha1.Compensation).Status.Phase == v1alpha1.CompensationGranted
	})
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	before, _, err := w.settledWrites(ctx)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	err = atOnce(ctx, askers, askers*each, func(ctx context.Context, i int) error {
		// An incident takes at most fifty remedies.
		c := fixture.In(space, requestOf(numbered("ask", i), v1alpha1.ObjectName(numbered("for", i/40))))
		if err := w.client.Create(ctx, c); err != nil {
			return err
		}
		_, err := seen.at(ctx, c.Name, c.Generation)
		return err
	})
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	after, _, err := w.settledWrites(ctx)
	if err != nil {
		return nil, err
	}
	made, n := more(before, after), float64(askers*each)
	per := func(what string) string { return fmt.Sprintf("%s %.2f", what, float64(made[what])/n) }
	var listed []string
	for _, what := range []string{"PATCH compensations", "PUT compensations/status", "PUT recoverybudgets/status", "PATCH incidents", statusWrites, "POST events", "PATCH events"} {
		if made[what] > 0 {
			listed = append(listed, per(what))
		}
	}
	rate := n / took.Seconds()
	what := fmt.Sprintf("whole operator, %d askers: ", askers)
	return []row{
		{"g", what + "requests granted a second, beside a client that creates them and writes the answers itself", fmt.Sprintf("%.0f beside %.0f with patches (%.0f %%), beside %.0f with PUTs (%.0f %%)", rate, patches, 100*rate/patches, puts, 100*rate/puts), "", "", ""},
		{"g", what + "the operator's writes for each grant", strings.Join(listed, ", "), "", "", ""},
	}, nil
}

// answered creates requests and writes a status onto each, with so many clients and no
// operator, and says how many a second.
func (w *world) answered(ctx context.Context, space string, askers int, write bareWrite) (float64, error) {
	n := askers * requestsOf(askers)
	if err := w.namespace(ctx, space); err != nil {
		return 0, err
	}
	t, err := w.openTill(ctx, space)
	if err != nil {
		return 0, err
	}
	answer := t.bare(write)
	began := time.Now()
	err = atOnce(ctx, askers, n, func(ctx context.Context, i int) error {
		item, err := t.request(ctx, numbered("bare", i))
		if err != nil {
			return err
		}
		return answer(ctx, item)
	})
	return float64(n) / time.Since(began).Seconds(), err
}
