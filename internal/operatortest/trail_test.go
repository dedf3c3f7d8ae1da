package operatortest

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/watch"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// trail is everything that was written to one incident, in order.
type trail struct {
	site   *site
	name   string
	events watch.Interface
	seen   []*v1alpha1.Incident
}

// follow follows an incident from now on; it need not be there yet.
func (s *site) follow(name string) *trail {
	s.Helper()
	w := s.watchFor(s.Context(), &v1alpha1.IncidentList{}, name)
	s.Cleanup(w.Stop)
	return &trail{site: s, name: name, events: w}
}

// until reads on until the incident is as wanted, and returns it.
func (f *trail) until(what string, holds func(*v1alpha1.Incident) bool) *v1alpha1.Incident {
	f.site.Helper()
	ctx, cancel := context.WithTimeout(f.site.Context(), patience)
	defer cancel()
	for {
		next := f.next(ctx)
		if next == nil {
			f.site.Fatalf("%s: %s did not come within %s; the last state is:\n%s", f.name, what, patience, asYAML(f.last()))
		}
		if holds(next) {
			return next
		}
	}
}

// rest reads on for a while, and returns what was written in it.
func (f *trail) rest(while time.Duration) []*v1alpha1.Incident {
	f.site.Helper()
	ctx, cancel := context.WithTimeout(f.site.Context(), while)
	defer cancel()
	before := len(f.seen)
	for {
		if f.next(ctx) == nil {
			return f.seen[before:]
		}
	}
}

// next is the next state of the incident, or nil once ctx is done.
func (f *trail) next(ctx context.Context) *v1alpha1.Incident {
	f.site.Helper()
	select {
	case <-ctx.Done():
		return nil
	case event, open := <-f.events.ResultChan():
		if !open {
			f.site.Fatalf("the watch of %s ended", f.name)
		}
		incident, ok := event.Object.(*v1alpha1.Incident)
		if !ok {
			f.site.Fatalf("the watch of %s says %+v", f.name, event)
		}
		f.seen = append(f.seen, incident)
		return incident
	}
}

func (f *trail) last() *v1alpha1.Incident {
	if len(f.seen) == 0 {
		return nil
	}
	return f.seen[len(f.seen)-1]
}

// statusWrites counts the writes that left the spec as it was: those of the operator.
func (f *trail) statusWrites() int {
	n := 0
	for i := 1; i < len(f.seen); i++ {
		if f.seen[i].Generation == f.seen[i-1].Generation {
			n++
		}
	}
	return n
}

// blindWrites are the states in which a status stands that was decided without all the
// facts that were there: a write that should have met a conflict.
func (f *trail) blindWrites() []*v1alpha1.Incident {
	var out []*v1alpha1.Incident
	for i := 1; i < len(f.seen); i++ {
		if now := f.seen[i]; now.Generation == f.seen[i-1].Generation && now.Status.ObservedGeneration != now.Generation {
			out = append(out, now)
		}
	}
	return out
}
