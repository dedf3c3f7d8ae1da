package incident

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/gather"
)

// The indexes of the cached incidents.
const (
	// unboundIndex finds incidents that have no policy yet.
	unboundIndex = "unbound"
	// revisionIndex finds incidents by the revisions they are pinned to.
	revisionIndex = "revision"
)

// SetupWithManager wires the reconciler: incidents, what an unbound incident waits
// for, and the deadline index. gather.IndexByPolicy and gather.IndexCompensationsByIncident
// must have been called on the same manager.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager, workers int) error {
	indexer := mgr.GetFieldIndexer()
	if err := indexer.IndexField(ctx, &v1alpha1.Incident{}, unboundIndex, func(o client.Object) []string {
		if inc := o.(*v1alpha1.Incident); len(inc.Status.Pins) == 0 {
			return []string{"true"}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := indexer.IndexField(ctx, &v1alpha1.Incident{}, revisionIndex, func(o client.Object) []string {
		// All of them, not the last alone: a story is told by every revision that held in it.
		var out []string
		for _, pin := range o.(*v1alpha1.Incident).Status.Pins {
			out = append(out, string(pin.Revision))
		}
		return out
	}); err != nil {
		return err
	}
	if err := mgr.Add(manager.RunnableFunc(r.Seed)); err != nil {
		return err
	}
	warm := true
	return ctrl.NewControllerManagedBy(mgr).
		Named(name).
		For(&v1alpha1.Incident{}, builder.WithPredicates(r.chosen())).
		Watches(&v1alpha1.RecoveryPolicy{}, handler.EnqueueRequestsFromMapFunc(r.followers)).
		Watches(&v1alpha1.Compensation{}, handler.EnqueueRequestsFromMapFunc(remedied)).
		Watches(&appsv1.ControllerRevision{}, handler.EnqueueRequestsFromMapFunc(r.pinnedTo)).
		WatchesRawSource(r.Deadlines).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers, EnableWarmup: &warm}).
		Complete(r)
}

// chosen lets through what happens to incidents that are held to their policies here, and
// that one of them is not any more.
func (r *Reconciler) chosen() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return r.mine(e.Object) },
		UpdateFunc: func(e event.UpdateEvent) bool { return r.mine(e.ObjectNew) || r.mine(e.ObjectOld) },
		DeleteFunc: func(e event.DeleteEvent) bool { return r.mine(e.Object) },
	}
}

// followers are the incidents that may be waiting for a policy, and those that follow
// its edits.
func (r *Reconciler) followers(ctx context.Context, policy client.Object) []reconcile.Request {
	out := r.find(ctx, policy.GetNamespace(), client.MatchingFields{unboundIndex: "true"})
	if policy.(*v1alpha1.RecoveryPolicy).Spec.Rollout == v1alpha1.RolloutOpenIncidents {
		out = append(out, r.find(ctx, policy.GetNamespace(), client.MatchingFields{gather.PolicyIndex: policy.GetName()})...)
	}
	return out
}

// remedied is the incident that a Compensation is for.
func remedied(_ context.Context, o client.Object) []reconcile.Request {
	c := o.(*v1alpha1.Compensation)
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: c.Namespace, Name: string(c.Spec.IncidentName)}}}
}

// pinnedTo are the incidents that are accepted under a revision.
func (r *Reconciler) pinnedTo(ctx context.Context, revision client.Object) []reconcile.Request {
	return r.find(ctx, revision.GetNamespace(), client.MatchingFields{revisionIndex: revision.GetName()})
}

func (r *Reconciler) find(ctx context.Context, namespace string, by client.MatchingFields) []reconcile.Request {
	var list v1alpha1.IncidentList
	if err := r.Cached.List(ctx, &list, client.InNamespace(namespace), by, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Cannot list the incidents that wait for a policy")
		return nil
	}
	out := make([]reconcile.Request, 0, len(list.Items))
	for i := range list.Items {
		if r.mine(&list.Items[i]) {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return out
}
