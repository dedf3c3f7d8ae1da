package main

import (
	"context"
	"fmt"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// sighting is an object as it was seen, and when: taken at once, so that who looks
// later still has things in the order in which they happened.
type sighting struct {
	object client.Object
	when   time.Time
}

// waiting is how many sightings may wait to be looked at.
const waiting = 256

// watch yields the incidents and the events of the demo's namespace as they change,
// until ctx ends.
func watch(ctx context.Context, config *rest.Config) (<-chan sighting, error) {
	all, err := cache.New(config, cache.Options{
		Scheme:            plane.NewScheme(),
		DefaultNamespaces: map[string]cache.Config{namespace: {}},
	})
	if err != nil {
		return nil, fmt.Errorf("watch namespace %s: %w", namespace, err)
	}
	go func() { _ = all.Start(ctx) }() // it ends with ctx, and has nothing else to say
	seen := make(chan sighting, waiting)
	see := func(o any) {
		if object, ok := o.(client.Object); ok {
			select {
			case seen <- sighting{object, time.Now()}:
			case <-ctx.Done():
			}
		}
	}
	for _, kind := range []client.Object{&v1alpha1.Incident{}, &eventsv1.Event{}} {
		informer, err := all.GetInformer(ctx, kind)
		if err != nil {
			return nil, fmt.Errorf("watch namespace %s: %w", namespace, err)
		}
		if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    see,
			UpdateFunc: func(_, o any) { see(o) },
		}); err != nil {
			return nil, fmt.Errorf("watch namespace %s: %w", namespace, err)
		}
	}
	return seen, nil
}
