package controllers

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/stamp"
)

// Part is the part of the work that one operator does, where several are active. The zero
// value is all of it.
type Part struct {
	// Shard names it in metrics and events; empty where there is no other.
	Shard string
	// Incidents selects the incidents that it holds to their policies; nil selects all.
	Incidents labels.Selector
	// IncidentsOnly leaves what exists once to another operator: the books of budgets,
	// Compensations, and the status of policies and calendars.
	IncidentsOnly bool
}

// CacheOptions keeps in memory what all of the work needs; see Part.CacheOptions.
func CacheOptions(namespaces []string) (cache.Options, error) {
	return Part{}.CacheOptions(namespaces)
}

// CacheOptions keeps in memory what the controllers need and no more: of revisions
// only those of policies, and of no object the bookkeeping of field owners, once the
// times in it have been taken. Of incidents that are another's it keeps none, or, where
// remedies are judged and policies counted, an outline. namespaces are those to be
// watched; none means all.
func (p Part) CacheOptions(namespaces []string) (cache.Options, error) {
	ofPolicies, err := labels.NewRequirement(v1alpha1.PolicyLabel, selection.Exists, nil)
	if err != nil {
		return cache.Options{}, fmt.Errorf("selecting the revisions of policies: %w", err)
	}
	out := cache.Options{
		DefaultTransform: stamp.Transform,
		ByObject: map[client.Object]cache.ByObject{
			&appsv1.ControllerRevision{}: {Label: labels.NewSelector().Add(*ofPolicies)},
			&v1alpha1.Incident{}:         p.cached(),
		},
	}
	for _, n := range namespaces {
		if out.DefaultNamespaces == nil {
			out.DefaultNamespaces = map[string]cache.Config{}
		}
		out.DefaultNamespaces[n] = cache.Config{}
	}
	return out, nil
}

// cached says which incidents are kept, and as what.
func (p Part) cached() cache.ByObject {
	out := cache.ByObject{Transform: p.transform}
	if p.IncidentsOnly {
		out.Label = p.Incidents
	}
	return out
}

// transform makes an incident small on its way into the cache. Whether a copy is whole can
// be told from its own labels: it is if they are selected.
func (p Part) transform(o any) (any, error) {
	if inc, ok := o.(*v1alpha1.Incident); ok && inc != nil {
		if p.Incidents != nil && !p.Incidents.Matches(labels.Set(inc.Labels)) {
			gather.Outline(inc)
		}
		gather.Share(inc)
	}
	return stamp.Transform(o)
}

// eventSource is the name under which it reports events.
func (p Part) eventSource() string {
	if p.Shard == "" {
		return EventSource
	}
	return EventSource + "/" + p.Shard
}

// registry is where it registers its metrics: those of a shard say which.
func (p Part) registry() prometheus.Registerer {
	if p.Shard == "" {
		return ctrlmetrics.Registry
	}
	return prometheus.WrapRegistererWith(prometheus.Labels{"shard": p.Shard}, ctrlmetrics.Registry)
}
