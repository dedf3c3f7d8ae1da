package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// grants measures grants a second: first the ledger by itself, in this process, beside
// the one write that each grant needs; then the whole operator, beside a client that
// makes the same requests and writes their answers itself.
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
	bare := map[int]float64{}
	for _, askers := range crowds {
		var err error
		if bare[askers], err = w.answered(ctx, askers); err != nil {
			return rows, err
		}
	}
	if _, _, err := w.operate(ctx); err != nil {
		return rows, err
	}
	for _, askers := range crowds {
		w.say("  whole operator, %d askers …", askers)
		one, err := w.wholeGrants(ctx, askers, bare[askers])
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
	each := max(400/askers, 6)
	var bare, given effort
	for round := range rounds {
		one, err := w.series(ctx, t, fmt.Sprintf("bare-%d", round), askers, each, t.write)
		if err != nil {
			return nil, err
		}
		bare.add(one)
		if one, err = w.series(ctx, t, fmt.Sprintf("grant-%d", round), askers, each, t.grant); err != nil {
			return nil, err
		}
		given.add(one)
	}
	cancel()
	if err := <-kept; err != nil {
		return nil, err
	}
	writes := float64(t.store.budgets.Load()) / float64(given.n)
	what := fmt.Sprintf("ledger alone, %d askers: ", askers)
	ratio := given.rate() / bare.rate()
	rows := []row{
		{"g", what + "grants a second, beside bare writes of a request's status", fmt.Sprintf("%.0f beside %.0f (%.0f %%)", given.rate(), bare.rate(), 100*ratio), "", "", ""},
		{"g", what + "ledger writes for each grant", fmt.Sprintf("%.3f, each %s", writes, short(time.Duration(t.store.took.Load()/t.store.budgets.Load()))), "", "", ""},
		{"g", what + "processor time of the control plane for a grant, beside a bare write", fmt.Sprintf("%s beside %s (%.2f)", short(given.each()), short(bare.each()), share(given.each(), bare.each())), "", "", ""},
	}
	if askers == asking {
		rows[0].aim, rows[0].met = "≥ 80 %", judged(0.8, ratio)
		rows[1].aim, rows[1].met = "≤ 0.1", judged(writes, 0.1)
	}
	return rows, nil
}

// wholeGrants measures requests that people make and the operator answers.
func (w *world) wholeGrants(ctx context.Context, askers int, bare float64) ([]row, error) {
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
	for _, what := range []string{"PATCH compensations", "PATCH compensations/status", "PATCH recoverybudgets/status", "PATCH incidents", "PATCH incidents/status", "POST events", "PATCH events"} {
		if made[what] > 0 {
			listed = append(listed, per(what))
		}
	}
	rate := n / took.Seconds()
	what := fmt.Sprintf("whole operator, %d askers: ", askers)
	return []row{
		{"g", what + "requests granted a second, beside a client that creates them and writes the answers itself", fmt.Sprintf("%.0f beside %.0f (%.0f %%)", rate, bare, 100*rate/bare), "", "", ""},
		{"g", what + "the operator's writes for each grant", strings.Join(listed, ", "), "", "", ""},
	}, nil
}

// answered creates requests and writes a status onto each, with so many clients and no
// operator, and says how many a second.
func (w *world) answered(ctx context.Context, askers int) (float64, error) {
	space, n := fmt.Sprintf("answered-%d", askers), askers*requestsOf(askers)
	if err := w.namespace(ctx, space); err != nil {
		return 0, err
	}
	t, err := w.openTill(ctx, space)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = atOnce(ctx, askers, n, func(ctx context.Context, i int) error {
		item, err := t.request(ctx, numbered("bare", i))
		if err != nil {
			return err
		}
		return t.write(ctx, item)
	})
	return float64(n) / time.Since(began).Seconds(), err
}
