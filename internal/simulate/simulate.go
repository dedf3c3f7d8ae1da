package simulate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/manifest"
)

// Simulate plays the documents of files.
func Simulate(ctx context.Context, docs []*manifest.Document, o Options) (*Transcript, error) {
	acts, o, err := Script(docs, o)
	if err != nil {
		return nil, err
	}
	return Play(ctx, acts, o)
}

// horizon is how long after the last act is looked at what is due.
const horizon = 400 * 24 * time.Hour

// maxLooks bounds how often is looked.
const maxLooks = 100_000

// Play plays acts, which are in the order of their time, until nothing more is due.
func Play(ctx context.Context, acts []Act, o Options) (*Transcript, error) {
	if len(acts) == 0 {
		return nil, errors.New("there is nothing to simulate: no object of recovery.amends.dev is among the files")
	}
	if o.Until.IsZero() {
		o.Until = acts[len(acts)-1].At.Add(horizon)
	}
	s := newStore()
	gatherer := gather.New(s, s, 0)
	r := &run{
		store: s, acts: acts, down: o.Down, gatherer: gatherer, remedies: gather.NewRemedies(gatherer),
		incidentWakes: map[types.NamespacedName]time.Time{}, remedyWakes: map[types.NamespacedName]time.Time{}, out: &Transcript{Events: []Event{}},
	}
	if err := r.play(ctx, o.Until); err != nil {
		return nil, err
	}
	r.finals()
	return r.out, nil
}

// run is a simulation under way.
type run struct {
	*store
	acts     []Act
	down     []Away
	gatherer *gather.Gatherer
	remedies *gather.Remedies
	// now is the virtual clock.
	now time.Time
	// incidentWakes and remedyWakes are when an object is looked at again.
	incidentWakes, remedyWakes map[types.NamespacedName]time.Time
	// missed says that something came in while the operator was away.
	missed  bool
	objects int
	out     *Transcript
}

func (r *run) play(ctx context.Context, until time.Time) error {
	for range maxLooks {
		next, ok := r.next()
		if !ok {
			return nil
		}
		if next.After(until) {
			r.out.Cut = true
			return nil
		}
		r.now, r.out.Until = next, next
		for len(r.acts) > 0 && !r.acts[0].At.After(r.now) {
			if err := r.act(ctx, &r.acts[0]); err != nil {
				return err
			}
			r.acts = r.acts[1:]
		}
		if !r.away(r.now).IsZero() {
			r.missed = true
			continue
		}
		r.missed = false
		if err := r.settle(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("there was always something due: the simulation was ended after %d looks, at %s", maxLooks, r.now.Format(time.RFC3339))
}

// away is until when the operator is away at an instant, or zero.
func (r *run) away(at time.Time) time.Time {
	for _, d := range r.down {
		if !at.Before(d.From) && at.Before(d.Until) {
			return d.Until
		}
	}
	return time.Time{}
}

// next is the next instant at which something happens. That a period of a budget begins
// is looked at on the way to something else, but is nothing to wait for.
func (r *run) next() (time.Time, bool) {
	var due []time.Time
	if len(r.acts) > 0 {
		due = append(due, r.acts[0].At)
	}
	if r.missed {
		due = append(due, r.away(r.now))
	}
	for _, wakes := range []map[types.NamespacedName]time.Time{r.incidentWakes, r.remedyWakes} {
		for _, at := range wakes {
			due = append(due, r.up(at))
		}
	}
	if len(due) == 0 {
		return time.Time{}, false
	}
	next := slices.MinFunc(due, time.Time.Compare)
	if turn := r.up(r.turn()); turn.After(r.now) && turn.Before(next) {
		return turn, true
	}
	return next, true
}

// up is an instant, or when the operator is back after it.
func (r *run) up(at time.Time) time.Time {
	if back := r.away(at); !back.IsZero() {
		return back
	}
	return at
}

// maxRounds bounds how often the objects are looked at in one instant.
const maxRounds = 1000

// settle lets the operator look at everything until nothing changes any more.
func (r *run) settle(ctx context.Context) error {
	for range maxRounds {
		changed := r.readCalendars()
		policies, err := r.readPolicies()
		if err != nil {
			return err
		}
		incidents, err := r.decide(ctx)
		if err != nil {
			return err
		}
		money, err := r.money(ctx)
		if err != nil {
			return err
		}
		if !changed && !policies && !incidents && !money {
			return nil
		}
	}
	return fmt.Errorf("at %s the objects do not come to rest", r.now.Format(time.RFC3339))
}

// tell adds an event at the virtual now.
func (r *run) tell(incident, kind, name, what, reason, message string) {
	r.out.Events = append(r.out.Events, Event{At: r.now, Incident: incident, Kind: kind, Name: name, What: what, Reason: reason, Message: message})
}

// finals are how everything stands.
func (r *run) finals() {
	add := func(kind string, key types.NamespacedName, status any) {
		r.out.Objects = append(r.out.Objects, Final{Kind: kind, Namespace: given(key.Namespace), Name: key.Name, Status: status})
	}
	for _, key := range r.calendars.keys() {
		add("BusinessCalendar", key, r.calendars[key].Status)
	}
	for _, key := range r.compensations.keys() {
		add("Compensation", key, r.compensations[key].Status)
	}
	for _, key := range r.incidents.keys() {
		add("Incident", key, r.incidents[key].Status)
	}
	for _, key := range r.budgets.keys() {
		add("RecoveryBudget", key, r.budgets[key].Status)
	}
	for _, key := range r.policies.keys() {
		add("RecoveryPolicy", key, r.policies[key].Status)
	}
}
