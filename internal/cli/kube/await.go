package kube

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Answered says that the operator has decided on everything that stands in an incident.
func Answered(inc *v1alpha1.Incident) bool {
	return inc.Status.ObservedGeneration >= inc.Generation
}

// Await watches an incident until it is as wanted, its end, or the end of the context.
// It returns the incident as it was last seen, and whether it is as wanted.
func (c *Cluster) Await(ctx context.Context, inc *v1alpha1.Incident, holds func(*v1alpha1.Incident) bool) (*v1alpha1.Incident, bool, error) {
	last := inc
	for !holds(last) {
		next, gone, err := c.awaitOnce(ctx, last, holds)
		last = next
		if gone || err != nil {
			return last, holds(last), err
		}
		if ctx.Err() != nil {
			return last, holds(last), nil
		}
	}
	return last, true, nil
}

// awaitOnce watches until the server ends the watch, which it does now and then.
func (c *Cluster) awaitOnce(ctx context.Context, inc *v1alpha1.Incident, holds func(*v1alpha1.Incident) bool) (last *v1alpha1.Incident, gone bool, err error) {
	w, err := c.Client.Watch(ctx, &v1alpha1.IncidentList{}, From(inc.ResourceVersion),
		client.InNamespace(inc.Namespace), client.MatchingFields{"metadata.name": inc.Name})
	switch {
	case ctx.Err() != nil:
		return inc, false, nil
	case apierrors.IsResourceExpired(err) || apierrors.IsGone(err):
		return c.readAgain(ctx, inc)
	case err != nil:
		return inc, false, err
	}
	defer w.Stop()
	last = inc
	for event := range w.ResultChan() {
		switch event.Type {
		case watch.Deleted:
			return last, true, nil
		case watch.Error:
			return c.readAgain(ctx, last)
		}
		if seen, ok := event.Object.(*v1alpha1.Incident); ok {
			if last = seen; holds(last) {
				return last, false, nil
			}
		}
	}
	return last, false, nil
}

// readAgain takes an incident in anew where a watch lost its place.
func (c *Cluster) readAgain(ctx context.Context, inc *v1alpha1.Incident) (*v1alpha1.Incident, bool, error) {
	seen, err := c.Incident(ctx, inc.Namespace, inc.Name)
	switch {
	case apierrors.IsNotFound(err):
		return inc, true, nil
	case ctx.Err() != nil:
		return inc, false, nil
	case err != nil:
		return inc, false, err
	}
	return seen, false, nil
}
