// Package notenforced tells, on kinds that this version stores and does not act on,
// that nothing comes of them yet. It is silent about nothing.
package notenforced

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/condition"
	"github.com/amends-dev/amends/internal/metrics"
)

// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverybudgets;compensations,verbs=get;list;watch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverybudgets/status;compensations/status,verbs=patch

// Reconciler tells that objects of one kind are not acted on.
type Reconciler struct {
	Client  client.Client
	Metrics *metrics.Metrics
	Clock   clock.PassiveClock
	// Name is the controller's name, in logs and metrics.
	Name string
	// New makes an empty object of the kind.
	New func() client.Object
	// Mark writes the conditions into a copy of the object.
	Mark func(object client.Object, r *Reconciler) client.Object
}

// Budgets tells it of RecoveryBudgets.
func Budgets(c client.Client, m *metrics.Metrics, clk clock.PassiveClock) *Reconciler {
	return &Reconciler{
		Client: c, Metrics: m, Clock: clk, Name: "recoverybudget",
		New: func() client.Object { return &v1alpha1.RecoveryBudget{} },
		Mark: func(o client.Object, r *Reconciler) client.Object {
			out := o.(*v1alpha1.RecoveryBudget).DeepCopy()
			was := out.Status.Conditions
			out.Status.ObservedGeneration = out.Generation
			out.Status.Conditions = condition.Stalled(was, out.Generation, r.Clock.Now(), v1alpha1.NotEnforcedReason,
				"this version keeps budgets and does not act on them: nothing is granted from this one")
			if !equality.Semantic.DeepEqual(o, out) {
				// The ledger's fence counts every write of the status.
				out.Status.Sequence++
			}
			return out
		},
	}
}

// Compensations tells it of Compensations.
func Compensations(c client.Client, m *metrics.Metrics, clk clock.PassiveClock) *Reconciler {
	return &Reconciler{
		Client: c, Metrics: m, Clock: clk, Name: "compensation",
		New: func() client.Object { return &v1alpha1.Compensation{} },
		Mark: func(o client.Object, r *Reconciler) client.Object {
			out := o.(*v1alpha1.Compensation).DeepCopy()
			out.Status.ObservedGeneration = out.Generation
			out.Status.Conditions = condition.Stalled(out.Status.Conditions, out.Generation, r.Clock.Now(), v1alpha1.NotEnforcedReason,
				"this version keeps requests and does not act on them: nothing is granted or denied; a gesture entry on the incident needs no budget")
			return out
		},
	}
}

// Reconcile writes the condition once for each generation.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	object := r.New()
	if err := r.Client.Get(ctx, req.NamespacedName, object); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	marked := r.Mark(object, r)
	if equality.Semantic.DeepEqual(object, marked) {
		r.Metrics.Reconciled(r.Name, metrics.Unchanged)
		return reconcile.Result{}, nil
	}
	err := r.Client.Status().Patch(ctx, marked, client.MergeFromWithOptions(object, client.MergeFromWithOptimisticLock{}), commit.FieldOwner)
	switch {
	case apierrors.IsConflict(err):
		r.Metrics.Reconciled(r.Name, metrics.Conflict)
		return reconcile.Result{}, nil
	case err != nil:
		r.Metrics.Reconciled(r.Name, metrics.Failed)
		return reconcile.Result{}, fmt.Errorf("writing the status of %s %s: %w", r.Name, req, err)
	}
	r.Metrics.Reconciled(r.Name, metrics.Written)
	return reconcile.Result{}, nil
}

// SetupWithManager wires the reconciler.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).Named(r.Name).For(r.New()).Complete(r)
}
