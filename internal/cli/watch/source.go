package watch

import (
	"context"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Source follows incidents on an API server.
type Source struct {
	// Client reads.
	Client client.WithWatch
	// Select says which incidents.
	Select []client.ListOption
	// Send takes messages, each a Changed or a Troubled. While it takes one, others
	// gather, so that a storm of changes comes as few messages.
	Send func(any)

	mu      sync.Mutex
	pending map[Key]*v1alpha1.Incident // nil is gone
	trouble string
	woken   chan struct{}
}

// Follow follows until the end of the context.
func (s *Source) Follow(ctx context.Context) error {
	s.pending, s.woken = map[Key]*v1alpha1.Incident{}, make(chan struct{}, 1)
	informer := cache.NewSharedIndexInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			list := &v1alpha1.IncidentList{}
			err := s.Client.List(ctx, list, s.options(o)...)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (apiwatch.Interface, error) {
			return s.Client.Watch(ctx, &v1alpha1.IncidentList{}, s.options(o)...)
		},
	}, &v1alpha1.Incident{}, 0, nil)
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { s.put(o, false) },
		UpdateFunc: func(_, o any) { s.put(o, false) },
		DeleteFunc: func(o any) { s.put(o, true) },
	})
	if err != nil {
		return fmt.Errorf("following incidents: %w", err)
	}
	if err := informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) { s.complain(err) }); err != nil {
		return fmt.Errorf("following incidents: %w", err)
	}
	go s.forward(ctx, informer.HasSynced)
	informer.RunWithContext(ctx)
	return nil
}

func (s *Source) options(o metav1.ListOptions) []client.ListOption {
	return append([]client.ListOption{&client.ListOptions{Raw: &o}}, s.Select...)
}

// put takes an incident in.
func (s *Source) put(object any, gone bool) {
	if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = unknown.Obj
	}
	inc, ok := object.(*v1alpha1.Incident)
	if !ok {
		return
	}
	key := KeyOf(inc)
	if gone {
		inc = nil
	}
	s.mu.Lock()
	s.pending[key], s.trouble = inc, ""
	s.mu.Unlock()
	s.wake()
}

// complain takes trouble with the connection in.
func (s *Source) complain(err error) {
	s.mu.Lock()
	s.trouble = "the connection is troubled, and tried again: " + err.Error()
	s.mu.Unlock()
	s.wake()
}

func (s *Source) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// forward sends what has gathered, again and again. Changes come once all that is there
// was read; the first message comes also where there is nothing, because that is worth
// knowing. Trouble comes at once.
func (s *Source) forward(ctx context.Context, synced func() bool) {
	go func() {
		cache.WaitForCacheSync(ctx.Done(), synced)
		s.wake()
	}()
	first, last := true, ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.woken:
		}
		if synced() {
			if changed := s.gathered(); first || len(changed.Incidents)+len(changed.Gone) > 0 {
				s.Send(changed)
				first = false
			}
		}
		if trouble := s.troubled(); trouble != last {
			s.Send(Troubled(trouble))
			last = trouble
		}
	}
}

func (s *Source) troubled() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

func (s *Source) gathered() Changed {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out Changed
	for key, inc := range s.pending {
		if inc == nil {
			out.Gone = append(out.Gone, key)
		} else {
			out.Incidents = append(out.Incidents, inc)
		}
	}
	clear(s.pending)
	return out
}
