package simulate

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// Play plays acts, which are in the order of their time, until nothing more is due.
func Play(ctx context.Context, acts []Act, o Options) (*Transcript, error) {
	if len(acts) == 0 {
		return nil, errors.New("there is nothing to simulate: no object of recovery.amends.dev is among the files")
	}
	if o.Until.IsZero() {
		o.Until = acts[len(acts)-1].At.Add(horizon)
	}
	r := newRun(acts, o)
	if err := r.play(ctx, r, o.Until); err != nil {
		return nil, err
	}
	r.finals()
	return r.out, nil
}

// run is a simulation under way.
type run struct {
	player
	*store

	gatherer *gather.Gatherer
	remedies *gather.Remedies
	// incidentWakes and remedyWakes are when an object is looked at again.
	incidentWakes, remedyWakes map[types.NamespacedName]time.Time
	objects                    int
	// uid is the UID of the n-th object that is created.
	uid func(n int) types.UID
}

func newRun(acts []Act, o Options) *run {
	s := newStore()
	gatherer := gather.New(s, s, 0)
	return &run{
		player: player{acts: acts, down: o.Down, out: &Transcript{Events: []Event{}}},
		store:  s, gatherer: gatherer, remedies: gather.NewRemedies(gatherer),
		incidentWakes: map[types.NamespacedName]time.Time{}, remedyWakes: map[types.NamespacedName]time.Time{},
		uid: numbered,
	}
}

// numbered is a UID that tells only which object it was.
func numbered(n int) types.UID { return types.UID(fmt.Sprintf("00000000-0000-0000-0000-%012d", n)) }

// wakes are the instants for which the engine asks.
func (r *run) wakes() []time.Time {
	return slices.AppendSeq(slices.Collect(maps.Values(r.incidentWakes)), maps.Values(r.remedyWakes))
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
