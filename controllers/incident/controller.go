// Package incident holds incidents to their policies. The reconciler is a thin shell:
// it reads, lets the engine decide, writes once, and arms the next deadline.
package incident

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// name is the controller's name, in logs and metrics.
const name = "incident"

// +kubebuilder:rbac:groups=recovery.amends.dev,resources=incidents,verbs=get;list;watch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=incidents/status,verbs=update
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverypolicies,verbs=list;watch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=compensations,verbs=list;watch
// +kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler reconciles incidents.
type Reconciler struct {
	Cached    client.Reader
	Gatherer  *gather.Gatherer
	Committer *commit.Committer
	Deadlines *deadline.Index
	Metrics   *metrics.Metrics
	Clock     clock.PassiveClock
	// Selector selects the incidents that are held to their policies here; nil selects all.
	Selector labels.Selector
}

// Reconcile brings one incident's status up to now.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	now := r.Clock.Now()

	inc := &v1alpha1.Incident{}
	if err := r.Cached.Get(ctx, req.NamespacedName, inc); apierrors.IsNotFound(err) {
		return r.gone(req)
	} else if err != nil {
		return r.failed(req, now, 0, fmt.Errorf("getting Incident %s: %w", req, err))
	}
	if !r.mine(inc) {
		return r.gone(req) // It was moved to another operator, which has its deadlines now.
	}
	if !inc.DeletionTimestamp.IsZero() && !controllerutil.ContainsFinalizer(inc, v1alpha1.MoneyFinalizer) {
		return r.gone(req) // With money under way it stays for now, and its clocks go on.
	}
	if r.Committer.Behind(inc) {
		r.Metrics.Reconciled(name, metrics.Behind)
		return reconcile.Result{}, nil
	}
	severity := policy.Rank(inc.Spec.Severity)

	snapshot, err := r.Gatherer.Snapshot(ctx, inc)
	if err != nil {
		return r.failed(req, now, severity, err)
	}

	decision := recovery.Decide(snapshot, now)
	if decision.Confirm {
		if err := r.Gatherer.Confirm(ctx, snapshot); err != nil {
			return r.failed(req, now, severity, err)
		}
		decision = recovery.Decide(snapshot, now)
	}

	outcome, err := r.Committer.Incident(ctx, inc, &decision)
	if err != nil {
		return r.failed(req, now, severity, err)
	}
	r.Metrics.Reconciled(name, outcome)

	r.Deadlines.Upsert(req.NamespacedName, commit.WakeAt(decision.WakeAt, outcome, now), policy.Rank(decision.Status.Severity))
	return reconcile.Result{}, nil
}

// mine says whether an incident is held to its policy here. Of one that is not, the copy
// may be no more than an outline.
func (r *Reconciler) mine(o client.Object) bool {
	return r.Selector == nil || r.Selector.Matches(labels.Set(o.GetLabels()))
}

func (r *Reconciler) gone(req reconcile.Request) (reconcile.Result, error) {
	r.Deadlines.Remove(req.NamespacedName)
	r.Committer.Forget(req.NamespacedName)
	r.Metrics.Reconciled(name, metrics.Gone)
	return reconcile.Result{}, nil
}

// failed lets the work queue try again, and the deadline index too.
func (r *Reconciler) failed(req reconcile.Request, now time.Time, severity int, err error) (reconcile.Result, error) {
	r.Deadlines.Upsert(req.NamespacedName, now.Add(commit.RetryWithin), severity)
	r.Metrics.Reconciled(name, metrics.Failed)
	return reconcile.Result{}, err
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// Seed arms the deadlines that the written statuses tell, so that after a start the
// most overdue and most severe incidents come first, before all have been read.
func (r *Reconciler) Seed(ctx context.Context) error {
	var list v1alpha1.IncidentList
	if err := r.Cached.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing Incidents: %w", err)
	}
	var all []deadline.Deadline
	for i := range list.Items {
		inc := &list.Items[i]
		if due := NextUnbreached(&inc.Status); !due.IsZero() && r.mine(inc) {
			all = append(all, deadline.Deadline{Key: client.ObjectKeyFromObject(inc), Due: due.Add(time.Second), Severity: policy.Rank(inc.Status.Severity)})
		}
	}
	// All at once: the index runs already, and would offer the first that it is given.
	r.Deadlines.UpsertAll(all)
	ctrl.LoggerFrom(ctx).Info("Seeded the deadline index", "deadlines", r.Deadlines.Len())
	return nil
}

// NextUnbreached is the earliest due instant of which no breach is written; zero where
// there is none.
func NextUnbreached(s *v1alpha1.IncidentStatus) time.Time {
	var next time.Time
	for i := range s.Clocks {
		c := &s.Clocks[i]
		if c.State == v1alpha1.StateRunning && c.BreachedAt == nil && c.DueAt != nil && (next.IsZero() || c.DueAt.Time.Before(next)) {
			next = c.DueAt.Time
		}
	}
	return next
}
