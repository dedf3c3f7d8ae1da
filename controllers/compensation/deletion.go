package compensation

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/remedy"
)

// deleted brings a request that is being deleted up to now, from live reads: what is let
// go is forgotten for ever.
func (r *Reconciler) deleted(ctx context.Context, req reconcile.Request, now time.Time) (reconcile.Result, error) {
	c := &v1alpha1.Compensation{}
	if err := r.Live.Get(ctx, req.NamespacedName, c); apierrors.IsNotFound(err) {
		r.Deadlines.Remove(req.NamespacedName)
		return reconcile.Result{}, nil
	} else if err != nil {
		return r.failed(req, now, fmt.Errorf("reading Compensation %s: %w", req, err))
	}
	if c.DeletionTimestamp.IsZero() || !slices.Contains(c.Finalizers, v1alpha1.LedgerFinalizer) {
		return reconcile.Result{}, nil // Another one by now, or nothing of ours holds it.
	}
	outcome, wake, err := r.settle(ctx, c, now)
	if err != nil {
		return r.failed(req, now, err)
	}
	r.Metrics.Reconciled(name, outcome)
	r.Deadlines.Upsert(req.NamespacedName, commit.WakeAt(wake, outcome, now), 0)
	return reconcile.Result{}, nil
}

// settle gives back what a deleted request holds, and lets it go once nothing needs it.
func (r *Reconciler) settle(ctx context.Context, c *v1alpha1.Compensation, now time.Time) (metrics.Outcome, time.Time, error) {
	terminating, err := r.terminating(ctx, c.Namespace)
	if err != nil {
		return metrics.Failed, time.Time{}, err
	}
	if terminating {
		return r.letGo(ctx, c)
	}
	facts, err := r.Remedies.LiveFacts(ctx, c, now)
	if err != nil {
		return metrics.Failed, time.Time{}, err
	}
	judgement := remedy.Judge(facts, now)
	if judgement.Do != remedy.Nothing {
		outcome, err := r.act(ctx, facts, &judgement)
		return outcome, wakeAt(&judgement, now), err
	}
	held := remedy.Held(facts, now)
	if held.Why == "" {
		return r.letGo(ctx, c)
	}
	if !held.Brief && r.waits.news(c, held.Why) {
		r.Recorder.Eventf(referTo("Compensation", c), related(c, facts.Incident), corev1.EventTypeNormal, v1alpha1.EventDeletionWaits, "Keep",
			"%s is deleted once nothing needs it: %s", c.Name, held.Why)
	}
	return metrics.Unchanged, earlier(judgement.WakeAt, held.WakeAt), nil
}

// earlier is the earlier one of two instants, of which zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (r *Reconciler) letGo(ctx context.Context, c *v1alpha1.Compensation) (metrics.Outcome, time.Time, error) {
	r.waits.forget(c)
	r.Inbox.Drop(budgetOf(c), string(c.UID))
	outcome, err := r.without(ctx, c, v1alpha1.LedgerFinalizer)
	if err != nil {
		err = fmt.Errorf("letting Compensation %s/%s go: %w", c.Namespace, c.Name, err)
	}
	return outcome, time.Time{}, err
}

// incidents lets incidents go that are deleted, once no money for them is asked for, set
// aside, or granted and not delivered.
type incidents struct{ *Reconciler }

// Reconcile looks at one incident.
func (r incidents) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	inc := &v1alpha1.Incident{}
	if err := r.Cached.Get(ctx, req.NamespacedName, inc); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if inc.DeletionTimestamp.IsZero() || !slices.Contains(inc.Finalizers, v1alpha1.MoneyFinalizer) {
		return reconcile.Result{}, nil
	}
	free, err := r.unburdened(ctx, inc)
	if err != nil || !free {
		return reconcile.Result{}, err
	}
	outcome, err := r.without(ctx, inc, v1alpha1.MoneyFinalizer)
	if err != nil {
		return reconcile.Result{}, fmt.Errorf("letting Incident %s go: %w", req, err)
	}
	if outcome == metrics.Conflict {
		return reconcile.Result{RequeueAfter: commit.RetryWithin}, nil
	}
	return reconcile.Result{}, nil
}

// unburdened asks the API server whether no Compensation keeps the incident. The cache
// may not know of one that was asked a moment ago.
func (r incidents) unburdened(ctx context.Context, inc *v1alpha1.Incident) (bool, error) {
	if gone, err := r.terminating(ctx, inc.Namespace); gone || err != nil {
		return gone, err
	}
	var list v1alpha1.CompensationList
	if err := r.Live.List(ctx, &list, client.InNamespace(inc.Namespace), client.MatchingFields{"spec.incidentName": inc.Name}); err != nil {
		return false, fmt.Errorf("listing the Compensations of Incident %s: %w", inc.Name, err)
	}
	return !slices.ContainsFunc(list.Items, func(c v1alpha1.Compensation) bool {
		mine := c.Status.IncidentUID == "" || c.Status.IncidentUID == string(inc.UID)
		return mine && remedy.Unsettled(&c)
	}), nil
}

var _ reconcile.Reconciler = incidents{}
