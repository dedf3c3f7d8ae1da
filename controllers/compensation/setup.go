package compensation

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/remedy"
)

// budgetIndex finds cached Compensations whose judgement may depend on what changes in a
// budget, by its name: those that are neither granted nor final, and those that are
// deleted and wait for its windows to pass.
const budgetIndex = "waiting-for-budget"

// SetupWithManager wires the reconciler: requests, what they wait for, and the deadline
// index. gather.IndexCompensationsByIncident must have been called on the same manager.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager, workers int) error {
	if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.Compensation{}, budgetIndex, func(o client.Object) []string {
		if c := o.(*v1alpha1.Compensation); undecided(c) || isDeleted(c) {
			return []string{string(c.Spec.BudgetName)}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := ctrl.NewControllerManagedBy(mgr).
		Named(name).
		For(&v1alpha1.Compensation{}).
		Watches(&v1alpha1.Compensation{}, handler.Funcs{DeleteFunc: r.gone}).
		Watches(&v1alpha1.Incident{}, handler.EnqueueRequestsFromMapFunc(r.ofIncident)).
		Watches(&v1alpha1.RecoveryBudget{}, handler.EnqueueRequestsFromMapFunc(r.ofBudget), builder.WithPredicates(otherTerms())).
		WatchesRawSource(r.Deadlines).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named(name+"-incidents").
		For(&v1alpha1.Incident{}, builder.WithPredicates(predicate.NewPredicateFuncs(isDeleted))).
		Watches(&v1alpha1.Compensation{}, handler.EnqueueRequestsFromMapFunc(incidentOf), builder.WithPredicates(settled())).
		Complete(incidents{r})
}

func isDeleted(o client.Object) bool { return !o.GetDeletionTimestamp().IsZero() }

func undecided(c *v1alpha1.Compensation) bool {
	switch c.Status.Phase {
	case "", v1alpha1.CompensationRequested, v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered:
		return true
	}
	return false
}

// otherTerms lets through what a request may have waited for: a budget that comes, whose
// spec changes, or that begins or ceases to be in force.
func otherTerms() predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := e.ObjectOld.(*v1alpha1.RecoveryBudget), e.ObjectNew.(*v1alpha1.RecoveryBudget)
			return was.Generation != is.Generation || !equality.Semantic.DeepEqual(
				apimeta.FindStatusCondition(was.Status.Conditions, v1alpha1.StalledCondition),
				apimeta.FindStatusCondition(is.Status.Conditions, v1alpha1.StalledCondition))
		},
	}
}

// settled lets through what may let an incident go: a request that keeps it no more.
func settled() predicate.Predicate {
	is := func(o client.Object) bool { return !remedy.Unsettled(o.(*v1alpha1.Compensation)) }
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return is(e.Object) },
		UpdateFunc: func(e event.UpdateEvent) bool { return !is(e.ObjectOld) && is(e.ObjectNew) },
	}
}

// gone tells the bookkeeper of a request that does not exist any more.
func (r *Reconciler) gone(_ context.Context, e event.DeleteEvent, _ workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	if c, ok := e.Object.(*v1alpha1.Compensation); ok {
		r.Inbox.Gone(budgetOf(c), string(c.UID))
	}
}

// ofIncident are the requests for an incident that may wait for it: for it to come and
// to be bound, or, deleted, for it to go.
func (r *Reconciler) ofIncident(ctx context.Context, inc client.Object) []reconcile.Request {
	return r.find(ctx, inc.GetNamespace(), client.MatchingFields{gather.CompensationsIndex: inc.GetName()}, func(c *v1alpha1.Compensation) bool {
		return isDeleted(c) || undecided(c)
	})
}

// ofBudget are the requests whose judgement may depend on what changed in a budget.
func (r *Reconciler) ofBudget(ctx context.Context, budget client.Object) []reconcile.Request {
	return r.find(ctx, budget.GetNamespace(), client.MatchingFields{budgetIndex: budget.GetName()}, func(*v1alpha1.Compensation) bool { return true })
}

// incidentOf is the incident of a request, which may be deleted and wait for it.
func incidentOf(_ context.Context, o client.Object) []reconcile.Request {
	c := o.(*v1alpha1.Compensation)
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: c.Namespace, Name: string(c.Spec.IncidentName)}}}
}

func (r *Reconciler) find(ctx context.Context, namespace string, by client.MatchingFields, which func(*v1alpha1.Compensation) bool) []reconcile.Request {
	var list v1alpha1.CompensationList
	if err := r.Cached.List(ctx, &list, client.InNamespace(namespace), by, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Cannot list the requests that wait")
		return nil
	}
	var out []reconcile.Request
	for i := range list.Items {
		if c := &list.Items[i]; which(c) {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(c)})
		}
	}
	return out
}
