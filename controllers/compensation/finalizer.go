package compensation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/remedy"
)

// holding is what came of putting the finalizers on.
type holding struct {
	// incident and request say which of the two are held.
	incident, request bool
	// written says that something was written.
	written bool
}

// hold puts the finalizers on: on the incident, then on the request. Where the mutating
// admission policy or the command line has put them there at creation, it costs nothing.
// The request in the facts is then the one that was written; where somebody else wrote
// it first, it stays without. Without its incident the request is not held either.
func (r *Reconciler) hold(ctx context.Context, f *remedy.Facts) (holding, error) {
	out := holding{incident: true}
	if f.Incident != nil && !slices.Contains(f.Incident.Finalizers, v1alpha1.MoneyFinalizer) {
		var err error
		if out.incident, err = r.holdIncident(ctx, f.Incident); err != nil || !out.incident {
			return out, err
		}
		out.written = true
	}
	if slices.Contains(f.Compensation.Finalizers, v1alpha1.LedgerFinalizer) {
		out.request = true
		return out, nil
	}
	next := f.Compensation.DeepCopy()
	if err := r.finalizers(ctx, next, append(slices.Clone(next.Finalizers), v1alpha1.LedgerFinalizer)); apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return out, nil
	} else if err != nil {
		return out, fmt.Errorf("holding Compensation %s/%s: %w", next.Namespace, next.Name, err)
	}
	f.Compensation = next
	out.request, out.written = true, true
	return out, nil
}

// tries is how often an incident is read again because somebody wrote it first: people
// append to its journal all the time.
const tries = 5

// holdIncident puts the finalizer on an incident, and tells whether it is on. The copy may
// be an old one: an incident that is gone, that goes, or that has another one in its place
// is not held.
func (r *Reconciler) holdIncident(ctx context.Context, cached *v1alpha1.Incident) (bool, error) {
	key := client.ObjectKeyFromObject(cached)
	inc := cached.DeepCopy()
	var err error
	for range tries {
		if inc.UID != cached.UID || !inc.DeletionTimestamp.IsZero() {
			return false, nil
		}
		if slices.Contains(inc.Finalizers, v1alpha1.MoneyFinalizer) {
			return true, nil
		}
		switch err = r.finalizers(ctx, inc, append(slices.Clone(inc.Finalizers), v1alpha1.MoneyFinalizer)); {
		case err == nil:
			return true, nil
		case apierrors.IsNotFound(err):
			return false, nil
		case !apierrors.IsConflict(err):
			return false, fmt.Errorf("holding Incident %s: %w", key, err)
		}
		inc = &v1alpha1.Incident{}
		if read := r.Live.Get(ctx, key, inc); apierrors.IsNotFound(read) {
			return false, nil
		} else if read != nil {
			return false, fmt.Errorf("reading Incident %s: %w", key, read)
		}
	}
	return false, fmt.Errorf("holding Incident %s: %w", key, err)
}

// finalizers replaces the finalizers of an object and nothing else.
func (r *Reconciler) finalizers(ctx context.Context, o client.Object, finalizers []string) error {
	next := o.DeepCopyObject().(client.Object)
	next.SetFinalizers(finalizers)
	patch, err := guarded(o, next)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, commit.Patience)
	defer cancel()
	return r.Client.Patch(ctx, o, patch, commit.FieldOwner)
}

// guarded is a merge patch from one object to another that the API server refuses with
// a conflict where the resourceVersion or the UID is not what was decided on.
func guarded(from, to client.Object) (client.Patch, error) {
	data, err := client.MergeFrom(from).Data(to)
	if err != nil {
		return nil, fmt.Errorf("making a patch: %w", err)
	}
	var patch map[string]map[string]any
	if err := json.Unmarshal(data, &patch); err != nil {
		return nil, fmt.Errorf("making a patch: %w", err)
	}
	if patch["metadata"] == nil {
		patch["metadata"] = map[string]any{}
	}
	patch["metadata"]["resourceVersion"] = from.GetResourceVersion()
	patch["metadata"]["uid"] = from.GetUID()
	if data, err = json.Marshal(patch); err != nil {
		return nil, fmt.Errorf("making a patch: %w", err)
	}
	return client.RawPatch(types.MergePatchType, data), nil
}

// without takes one finalizer off an object. Whoever was quicker did what was to be done,
// or brings the object back.
func (r *Reconciler) without(ctx context.Context, o client.Object, finalizer string) (metrics.Outcome, error) {
	kept := slices.DeleteFunc(slices.Clone(o.GetFinalizers()), func(f string) bool { return f == finalizer })
	err := r.finalizers(ctx, o, kept)
	switch {
	case err == nil:
		return metrics.Written, nil
	case apierrors.IsConflict(err):
		return metrics.Conflict, nil
	case apierrors.IsNotFound(err):
		return metrics.Gone, nil
	default:
		return metrics.Failed, err
	}
}

// terminating says whether the namespace is being deleted: then nothing in it is held.
func (r *Reconciler) terminating(ctx context.Context, namespace string) (bool, error) {
	ns := &corev1.Namespace{}
	err := r.Live.Get(ctx, client.ObjectKey{Name: namespace}, ns)
	switch {
	case apierrors.IsNotFound(err):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("reading Namespace %s: %w", namespace, err)
	}
	return !ns.DeletionTimestamp.IsZero(), nil
}
