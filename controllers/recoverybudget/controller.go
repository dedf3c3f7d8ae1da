// Package recoverybudget keeps the ledgers of budgets. The reconciler is a thin shell:
// each reconcile is one turn of the bookkeeper, which alone writes a budget's status.
// Because a key is never reconciled twice at once, a budget has one writer in this
// process, and what comes in while it writes waits for the next turn.
package recoverybudget

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/metrics"
)

// name is the controller's name, in logs and metrics.
const name = "recoverybudget"

// retryWithin bounds how long a failing budget waits for its next try.
const retryWithin = 2 * time.Second

// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverybudgets;compensations,verbs=get;list;watch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverybudgets/status;compensations/status,verbs=update

// Reconciler keeps budgets.
type Reconciler struct {
	// Cached answers from the informers.
	Cached     client.Reader
	Bookkeeper *bookkeeper.Bookkeeper
	// Waker brings a budget here when something comes into its inbox.
	Waker     *Waker
	Deadlines *deadline.Index
	Metrics   *metrics.Metrics
	Money     *metrics.Money
	Clock     clock.PassiveClock
}

// Reconcile is one turn of the bookkeeper at one budget.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	budget := &v1alpha1.RecoveryBudget{}
	switch err := r.Cached.Get(ctx, req.NamespacedName, budget); {
	case apierrors.IsNotFound(err):
		r.Deadlines.Remove(req.NamespacedName)
		r.Money.BudgetGone(req.NamespacedName)
		r.Metrics.Reconciled(name, metrics.Gone)
		_, err := r.Bookkeeper.Turn(ctx, req.NamespacedName, nil)
		return reconcile.Result{}, err
	case err != nil:
		return r.failed(req, err)
	}

	result, err := r.Bookkeeper.Turn(ctx, req.NamespacedName, budget)
	if err != nil {
		return r.failed(req, err)
	}
	r.Metrics.Reconciled(name, metrics.Unchanged)
	r.Deadlines.Upsert(req.NamespacedName, result.WakeAt, 0)
	switch {
	case result.Again:
		r.Waker.Wake(req.NamespacedName)
	case result.After > 0:
		return reconcile.Result{RequeueAfter: result.After}, nil
	}
	return reconcile.Result{}, nil
}

// failed lets the work queue try again, and the deadline index too, which no back-off
// holds back.
func (r *Reconciler) failed(req reconcile.Request, err error) (reconcile.Result, error) {
	r.Deadlines.Upsert(req.NamespacedName, r.Clock.Now().Add(retryWithin), 0)
	r.Metrics.Reconciled(name, metrics.Failed)
	return reconcile.Result{}, err
}

// SetupWithManager wires the reconciler: so many budgets are kept at once.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, workers int) error {
	if err := mgr.GetFieldIndexer().IndexField(context.Background(), &v1alpha1.Compensation{}, waitsIndex, waits); err != nil {
		return err
	}
	r.Money.Waiting(r.waiting)
	return ctrl.NewControllerManagedBy(mgr).
		Named(name).
		For(&v1alpha1.RecoveryBudget{}).
		WatchesRawSource(r.Deadlines).
		WatchesRawSource(r.Waker).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
}
