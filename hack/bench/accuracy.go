package main

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// accuracy measures how exactly due instants are held: promises that fall due at a rate,
// and many in one instant. Lateness counts from the instant at which a breach can be
// known, a second after the due instant.
func accuracy(ctx context.Context, w *world) ([]row, error) {
	p, _, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.kill() }()
	var rows []row
	for _, c := range []struct {
		space   string
		n, rate int
		aims    [2]string
	}{
		{"due-10", 300, 10, [2]string{"none early, p99 ≤ 20 ms", "p99 ≤ 1 s"}},
		{"due-50", 1500, 50, [2]string{"none early, p99 ≤ 20 ms", "p99 ≤ 1 s"}},
		{"due-1000", 5000, 1000, [2]string{"none early, p99 ≤ 20 ms, max ≤ 100 ms", ""}},
		{"due-at-once", 10000, 0, [2]string{"none early, max ≤ 300 ms", ""}},
	} {
		detected, persisted, err := w.due(ctx, c.space, c.n, c.rate)
		if err != nil {
			return rows, err
		}
		what := fmt.Sprintf("%d due in one instant", c.n)
		if c.rate > 0 {
			what = fmt.Sprintf("%d a second due", c.rate)
		}
		rows = append(rows, row{what + ": detected", spread(detected), c.aims[0]}, row{what + ": persisted", spread(persisted), c.aims[1]})
	}
	return rows, nil
}

// due makes n incidents with a promise each, that falls due at a rate, or all in one
// instant where that is zero, and waits for all breaches.
func (w *world) due(ctx context.Context, space string, n, rate int) (detected, persisted []time.Duration, err error) {
	if err := w.namespace(ctx, space); err != nil {
		return nil, nil, err
	}
	breached := func(inc *v1alpha1.Incident) bool { return promise(inc) != nil && promise(inc).BreachedAt != nil }
	seen, err := w.watch(ctx, space, breached)
	if err != nil {
		return nil, nil, err
	}
	defer seen.stop()
	// All are there before the first falls due: some hundred a second are created.
	first := time.Now().Add(time.Duration(n/150+10) * time.Second).Truncate(time.Second)
	dueOf := func(i int) time.Time {
		if rate == 0 {
			return first
		}
		return first.Add(time.Duration(i/rate) * time.Second)
	}
	err = w.create(ctx, space, "due", n, func(i int) []fixture.IncidentOption {
		return []fixture.IncidentOption{fixture.WithJournal(fixture.Entry("p").By("alice").PromiseBy("we call you back", dueOf(i)))}
	})
	if err != nil {
		return nil, nil, err
	}
	if left := time.Until(first); left < 0 {
		return nil, nil, fmt.Errorf("the incidents of %s took %s longer to create than there was time", space, -left)
	}
	if err := seen.all(ctx, n); err != nil {
		return nil, nil, err
	}
	for key, inc := range seen.last {
		c := promise(inc)
		known := c.BreachedAt.Add(time.Second)
		detected = append(detected, c.ObservedAt.Sub(known))
		persisted = append(persisted, seen.seen[key].Sub(known))
	}
	return detected, persisted, nil
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
