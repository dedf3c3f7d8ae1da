// Package compensation holds requests for remedies to their incidents, policies and
// budgets. The reconciler is a thin shell: it reads, has the request judged, and either
// writes what moves no money or hands a claim to the bookkeeper of the budget, which
// alone writes what does.
package compensation

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/remedy"
)

// name is the controller's name, in logs and metrics.
const name = "compensation"

// askAgain is after how long a claim that was not answered is put anew. The answer comes
// as a write of the request; a claim that got lost would otherwise wait for ever.
const askAgain = 30 * time.Second

// +kubebuilder:rbac:groups=recovery.amends.dev,resources=compensations,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=compensations/status,verbs=update
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=incidents,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverybudgets,verbs=get;list;watch
// +kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=get;list;watch
// +kubebuilder:rbac:groups=core,resources=namespaces,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler reconciles Compensations.
type Reconciler struct {
	// Client writes; Cached answers from the informers, and Live asks the API server.
	Client       client.Client
	Cached, Live client.Reader
	Remedies     *gather.Remedies
	// Inbox takes what moves money.
	Inbox     *bookkeeper.Inbox
	Deadlines *deadline.Index
	Recorder  events.EventRecorder
	Metrics   *metrics.Metrics
	// Money counts what is denied here, without the ledger; nil counts nothing.
	Money *metrics.Money
	Clock clock.PassiveClock

	// waits is what was said of deleted requests that stay for now.
	waits told
	// unsaid are the writes that were not answered.
	unsaid commit.Unsaid[sent]
}

// Reconcile brings one request up to now.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	now := r.Clock.Now()

	c := &v1alpha1.Compensation{}
	if err := r.Cached.Get(ctx, req.NamespacedName, c); apierrors.IsNotFound(err) {
		r.Deadlines.Remove(req.NamespacedName)
		r.unsaid.Settled(req.NamespacedName)
		r.Metrics.Reconciled(name, metrics.Gone)
		return reconcile.Result{}, nil
	} else if err != nil {
		return r.failed(req, now, fmt.Errorf("getting Compensation %s: %w", req, err))
	}
	r.catchUp(c)
	if !c.DeletionTimestamp.IsZero() {
		return r.deleted(ctx, req, now)
	}

	if remedy.Settled(c) {
		r.Inbox.Drop(budgetOf(c), string(c.UID))
		r.Deadlines.Remove(req.NamespacedName)
		r.Metrics.Reconciled(name, metrics.Unchanged)
		return reconcile.Result{}, nil
	}

	facts, err := r.Remedies.Facts(ctx, c, now)
	if err != nil {
		return r.failed(req, now, err)
	}

	judgement := remedy.Judge(facts, now)

	outcome, err := r.act(ctx, facts, &judgement)
	if err != nil {
		return r.failed(req, now, err)
	}
	r.Metrics.Reconciled(name, outcome)
	r.Deadlines.Upsert(req.NamespacedName, commit.WakeAt(wakeAt(&judgement, now), outcome, now), severityOf(facts))
	return reconcile.Result{}, nil
}

// wakeAt is when to look at a request again although nothing new has come in.
func wakeAt(j *remedy.Judgement, now time.Time) time.Time {
	if j.Do == remedy.Ask {
		return now.Add(askAgain)
	}
	return j.WakeAt
}

// act does what a judgement says.
func (r *Reconciler) act(ctx context.Context, f *remedy.Facts, j *remedy.Judgement) (metrics.Outcome, error) {
	if j.Do != remedy.Nothing && f.Doubtful() {
		if err := r.judgeLive(ctx, f, j); err != nil {
			return metrics.Failed, err
		}
	}
	if j.Do == remedy.Ask {
		return r.ask(ctx, f, j)
	}
	r.Inbox.Drop(budgetOf(f.Compensation), string(f.Compensation.UID))
	if j.Do == remedy.Write {
		return r.write(ctx, f, &j.Status)
	}
	return metrics.Unchanged, nil
}

// failed lets the work queue try again, and the deadline index too.
func (r *Reconciler) failed(req reconcile.Request, now time.Time, err error) (reconcile.Result, error) {
	r.Deadlines.Upsert(req.NamespacedName, now.Add(commit.RetryWithin), 0)
	r.Metrics.Reconciled(name, metrics.Failed)
	return reconcile.Result{}, err
}

var _ reconcile.Reconciler = (*Reconciler)(nil)

// budgetOf names the budget that a request asks.
func budgetOf(c *v1alpha1.Compensation) types.NamespacedName {
	return types.NamespacedName{Namespace: c.Namespace, Name: string(c.Spec.BudgetName)}
}

func severityOf(f *remedy.Facts) int {
	if f.Incident == nil {
		return 0
	}
	return policy.Rank(f.Incident.Status.Severity)
}
