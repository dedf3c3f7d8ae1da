package recoverypolicy

import (
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// countEvery bounds how often a policy's counts follow its incidents: a storm of
// incidents costs one write of the policy in each of these stretches.
const countEvery = 5 * time.Second

// SetupWithManager wires the reconciler: policies, the calendars they name, the
// revisions they keep, and the incidents they count.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named(name).
		For(&v1alpha1.RecoveryPolicy{}).
		Watches(&v1alpha1.BusinessCalendar{}, handler.EnqueueRequestsFromMapFunc(r.countingOn)).
		Watches(&appsv1.ControllerRevision{}, handler.EnqueueRequestsFromMapFunc(ofRevision)).
		Watches(&v1alpha1.Incident{}, counting()).
		Complete(r)
}

// countingOn are the policies that name a calendar.
func (r *Reconciler) countingOn(ctx context.Context, calendar client.Object) []reconcile.Request {
	var list v1alpha1.RecoveryPolicyList
	if err := r.Client.List(ctx, &list, client.InNamespace(calendar.GetNamespace())); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Cannot list the policies of a calendar")
		return nil
	}
	var out []reconcile.Request
	for i := range list.Items {
		if slices.Contains(policy.CalendarNames(list.Items[i].Spec), calendar.GetName()) {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return out
}

// ofRevision is the policy that a revision belongs to: a deleted one is written anew
// while it is current.
func ofRevision(_ context.Context, revision client.Object) []reconcile.Request {
	pol := revision.GetLabels()[v1alpha1.PolicyLabel]
	if pol == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Namespace: revision.GetNamespace(), Name: pol}}}
}

// counting asks for a policy to be counted anew when an incident under it has changed
// where it stands.
func counting() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	add := func(o client.Object, q queue) {
		if p := o.(*v1alpha1.Incident).Status.Policy; p != nil {
			q.AddAfter(reconcile.Request{NamespacedName: client.ObjectKey{Namespace: o.GetNamespace(), Name: string(p.Name)}}, countEvery)
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) { add(e.Object, q) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) { add(e.Object, q) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q queue) {
			before, after := &e.ObjectOld.(*v1alpha1.Incident).Status, &e.ObjectNew.(*v1alpha1.Incident).Status
			if countedOf(before) != countedOf(after) {
				add(e.ObjectNew, q)
			}
		},
	}
}
