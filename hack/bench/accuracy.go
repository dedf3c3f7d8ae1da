package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// accuracy measures how exactly due instants are held while many incidents are open:
// promises that fall due at a rate, and many in one instant. Lateness counts from the
// instant at which a breach can be known, a second after the due instant. All instants
// are read from the one clock of this machine.
func accuracy(ctx context.Context, w *world) ([]row, error) {
	if err := w.needBulk(ctx); err != nil {
		return nil, err
	}
	const space = "due"
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	p, took, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	w.say("  the operator has read %d incidents in %s", w.incidents, short(took))
	m, err := w.cast(ctx, space, "first", mouldDue())
	if err != nil {
		return nil, err
	}
	if err := w.atRest(ctx); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range []dues{
		{n: 10 * int(w.window.Seconds()), rate: 10, detectedP99: 0.02, persistedP99: 1},
		{n: 1500, rate: 50, detectedP99: 0.02, persistedP99: 1},
		{n: 3000, rate: 100, detectedP99: 0.02},
		{n: 10000, rate: 1000, detectedP99: 0.02, detectedMax: 0.1},
		{n: 10000, detectedMax: 0.3},
	} {
		w.say("  %s …", c)
		more, err := w.due(ctx, p, m, c)
		rows = append(rows, more...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", c, err)
		}
	}
	return rows, nil
}

// atRest waits until an operator that has started writes no more.
func (w *world) atRest(ctx context.Context) error {
	_, _, err := w.settledWrites(ctx)
	return err
}

// dues are promises that fall due, n in all: rate of them in each second, or where that
// is zero, all in one instant. The others are the aims in seconds, zero for none.
type dues struct {
	n, rate                                int
	detectedP99, detectedMax, persistedP99 float64
}

func (c dues) String() string {
	if c.rate == 0 {
		return fmt.Sprintf("%d due in one instant", c.n)
	}
	return fmt.Sprintf("%d a second due", c.rate)
}

// lateness is the name of the histogram that the operator keeps of its deadline index.
const lateness = "amends_deadline_lateness_seconds"

// due makes the incidents, and waits until the breaches of all are written.
func (w *world) due(ctx context.Context, p *program, m *mould, c dues) ([]row, error) {
	prefix := fmt.Sprintf("at-%d", c.rate)
	seen, err := w.incidentsOf(ctx, m.namespace, func(inc *v1alpha1.Incident) bool {
		return len(inc.Name) > len(prefix) && inc.Name[:len(prefix)+1] == prefix+"-" && promise(inc) != nil && promise(inc).BreachedAt != nil
	})
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	if err := w.awaitDue(ctx, p, m, prefix, c); err != nil {
		return nil, err
	}
	page, err := plane.ReadPage(ctx, "http://"+p.metrics+"/metrics")
	if err != nil {
		return nil, err
	}
	before := histogramIn(page, lateness)
	if err := seen.all(ctx, c.n); err != nil {
		return nil, err
	}
	if page, err = plane.ReadPage(ctx, "http://"+p.metrics+"/metrics"); err != nil {
		return nil, err
	}
	return c.rows(histogramIn(page, lateness).since(before), seen), nil
}

// eve is how long before the first is due everything has to be ready.
const eve = 3 * time.Second

// awaitDue makes the incidents, and ends shortly before the first of them is due. Then the
// operator knows all of them, and has written on none.
func (w *world) awaitDue(ctx context.Context, p *program, m *mould, prefix string, c dues) error {
	had, err := p.knows(ctx)
	if err != nil {
		return err
	}
	// Those that were due before have their events behind them, too.
	before, _, err := w.settledWrites(ctx)
	if err != nil {
		return err
	}
	first := time.Now().Add(time.Duration(c.n/150+30) * time.Second).Truncate(time.Second)
	err = w.fill(ctx, m, prefix, c.n, func(i int) time.Time {
		if c.rate == 0 {
			return first
		}
		return first.Add(time.Duration(i/c.rate) * time.Second)
	})
	if err != nil {
		return err
	}
	late := p.meets(ctx, had+int64(c.n), first)
	if late == nil {
		pause(ctx, time.Until(first.Add(-eve)))
	}
	after, err := w.writes(ctx)
	if err != nil {
		return errors.Join(late, err)
	}
	if past := time.Since(first); past > 0 {
		return errors.Join(late, fmt.Errorf("whether the casts were left alone is not known: it was asked %s after the first was due; try again on a machine with less to do", short(past)))
	}
	// Writes that nobody wants may be why the operator has not met all of them.
	return errors.Join(untouched(more(before, after), c.n), late)
}

// meets waits until the operator knows so many incidents, before the first of them is due:
// what it has not met by then is late for another reason.
func (p *program) meets(ctx context.Context, n int64, first time.Time) error {
	for {
		know, err := p.knows(ctx)
		if err != nil {
			return err
		}
		if know >= n {
			return nil
		}
		if left := time.Until(first); left < eve {
			return fmt.Errorf("it took too long to make them: %s before the first was due %d were missing to the operator", short(left), n-know)
		}
		pause(ctx, time.Second)
	}
}

// untouched says whether the operator has left casts alone. What it writes on them before
// they are due shares the API server with what is due, and is not what is measured.
func untouched(made map[string]int64, n int) error {
	if written := made[statusWrites]; written > 0 {
		return fmt.Errorf("the operator wrote %d statuses (%s) while %d casts waited to be due, want none: "+
			"make the mould's status the one that it decides on for each cast, see mould and mouldDue", written, statusWrites, n)
	}
	return nil
}

// rows judge what was measured.
func (c dues) rows(detected histogram, seen *sightings) []row {
	var observed, persisted []time.Duration
	early := 0
	for _, s := range seen.seen {
		clock := promise(s.object.(*v1alpha1.Incident))
		known := clock.BreachedAt.Add(time.Second)
		if clock.ObservedAt.Time.Before(known) || s.at.Before(known) {
			early++
		}
		observed = append(observed, clock.ObservedAt.Sub(known))
		persisted = append(persisted, s.at.Sub(known))
	}
	aim, met := "", []string(nil)
	if c.detectedP99 > 0 {
		aim, met = "p99 ≤ 20 ms", append(met, judged(detected.within(99), c.detectedP99))
	}
	if c.detectedMax > 0 {
		limit := short(time.Duration(c.detectedMax * float64(time.Second)))
		if aim != "" {
			aim += ", "
		}
		aim, met = aim+"max ≤ "+limit, append(met, judged(detected.within(100), c.detectedMax))
	}
	what := c.String()
	last := row{"a", what + ": persisted, the breach seen by a watch", spread(persisted), "", "", ""}
	if c.persistedP99 > 0 {
		last.aim, last.met = "p99 ≤ 1 s", judged(seconds(percentile(persisted, 99)), c.persistedP99)
	}
	return []row{
		{"a", what + ": detected, taken up by the deadline index", detected.text(), aim, all(met...), "up to 1.2 s late"},
		{"a", what + ": decided, the status's observedAt", spread(observed), "", "", ""},
		last,
		{"a", what + ": early", fmt.Sprint(early), "0", judged(float64(early), 0), "up to 1.0 s early"},
	}
}

// promise is the clock of the promise, or nil.
func promise(inc *v1alpha1.Incident) *v1alpha1.Clock {
	for i := range inc.Status.Clocks {
		if c := &inc.Status.Clocks[i]; c.Kind == v1alpha1.ClockPromise {
			return c
		}
	}
	return nil
}
