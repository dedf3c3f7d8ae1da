package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// patience is how long anything that is awaited may take at most.
const patience = 10 * time.Minute

// sightings are the instants at which objects were first seen as awaited.
type sightings struct {
	mu   sync.Mutex
	seen map[string]sighting
	more chan struct{} // closed and made anew with each sighting
	// versions are those of all objects that the watch has shown.
	versions map[string]bool
	stop     context.CancelFunc
	// last is the version at which a watch goes on; the goroutine that follows has it.
	last string
}

// sighting is an object as it was first seen to be as awaited.
type sighting struct {
	at     time.Time
	object client.Object
}

// watch notes when each object of a namespace is first seen to be as awaited: once for
// each generation of its spec. The API server ends a watch that it cannot serve in time,
// as it does when the machine has too much to do; it is then begun where it ended.
func (w *world) watch(ctx context.Context, list client.ObjectList, namespace string, awaited func(client.Object) bool) (*sightings, error) {
	ctx, stop := context.WithCancel(ctx)
	s := &sightings{seen: map[string]sighting{}, more: make(chan struct{}), versions: map[string]bool{}, stop: stop}
	begin := func() (watch.Interface, error) {
		return w.client.Watch(ctx, list, client.InNamespace(namespace), &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: s.last}})
	}
	stream, err := begin()
	if err != nil {
		stop()
		return nil, err
	}
	go func() {
		for {
			s.follow(stream, awaited)
			for stream, err = begin(); err != nil && ctx.Err() == nil; stream, err = begin() {
				pause(ctx, 10*time.Millisecond)
			}
			if ctx.Err() != nil {
				return
			}
		}
	}()
	return s, nil
}

// incidentsOf watches the incidents of a namespace.
func (w *world) incidentsOf(ctx context.Context, namespace string, awaited func(*v1alpha1.Incident) bool) (*sightings, error) {
	return w.watch(ctx, &v1alpha1.IncidentList{}, namespace, func(o client.Object) bool { return awaited(o.(*v1alpha1.Incident)) })
}

// follow takes in what one watch shows, until it ends.
func (s *sightings) follow(stream watch.Interface, awaited func(client.Object) bool) {
	defer stream.Stop()
	for event := range stream.ResultChan() {
		at := time.Now()
		o, ok := event.Object.(client.Object)
		if !ok || event.Type == watch.Error {
			s.last = "" // It is too long ago: everything is shown anew.
			return
		}
		s.last = o.GetResourceVersion()
		s.mu.Lock()
		s.versions[s.last] = true
		key := generation(o.GetName(), o.GetGeneration())
		if _, known := s.seen[key]; !known && awaited(o) {
			s.seen[key] = sighting{at, o}
			close(s.more)
			s.more = make(chan struct{})
		}
		s.mu.Unlock()
	}
}

func generation(name string, n int64) string { return fmt.Sprintf("%s/%d", name, n) }

// changes is how many versions of objects the watch has shown.
func (s *sightings) changes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.versions)
}

// wait waits until something holds of what was seen.
func (s *sightings) wait(ctx context.Context, what string, holds func(seen map[string]sighting) bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		s.mu.Lock()
		done, more, have := holds(s.seen), s.more, len(s.seen)
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("%s was not seen, of what was awaited %d were: %w", what, have, ctx.Err())
		}
	}
}

// at is when an object of a generation was seen as awaited; it waits for it.
func (s *sightings) at(ctx context.Context, name string, n int64) (time.Time, error) {
	key := generation(name, n)
	var at time.Time
	err := s.wait(ctx, key, func(seen map[string]sighting) bool {
		at = seen[key].at
		return !at.IsZero()
	})
	return at, err
}

// all waits until so many were seen.
func (s *sightings) all(ctx context.Context, n int) error {
	return s.wait(ctx, fmt.Sprintf("the last of %d", n), func(seen map[string]sighting) bool { return len(seen) >= n })
}

// caughtUp says that the status speaks of the spec as it is, and of a policy: before the
// operator has read that, a promise alone has its clock.
func caughtUp(inc *v1alpha1.Incident) bool {
	return inc.Status.ObservedGeneration == inc.Generation && inc.Status.Policy != nil && len(inc.Status.Clocks) > 0
}

// pause lets time pass.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
