// Package recoverypolicy compiles policies, says what is wrong with them, and keeps
// the revisions that incidents pin.
package recoverypolicy

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/condition"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/policy"
)

// name is the controller's name, in logs and metrics.
const name = "recoverypolicy"

// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverypolicies,verbs=list;watch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=recoverypolicies/status,verbs=update
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=businesscalendars,verbs=list;watch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=incidents,verbs=get;list;watch
// +kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconciler reconciles policies.
type Reconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Live reads from the API server.
	Live     client.Reader
	Recorder events.EventRecorder
	Metrics  *metrics.Metrics
	Clock    clock.PassiveClock

	unsaid commit.Unsaid[change]
	// unsure are the revisions whose creation was not answered.
	unsure sync.Map
}

// change is a status and the one that it takes the place of.
type change struct{ was, is v1alpha1.RecoveryPolicyStatus }

// Reconcile brings one policy's revision and status up to now.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	now := r.Clock.Now()

	pol := &v1alpha1.RecoveryPolicy{}
	if err := r.Client.Get(ctx, req.NamespacedName, pol); apierrors.IsNotFound(err) {
		r.unsaid.Settled(req.NamespacedName)
		// Incidents that were accepted under it go on; what none of them needs is pruned.
		return r.prune(ctx, req.NamespacedName, "", now)
	} else if err != nil {
		return reconcile.Result{}, fmt.Errorf("getting RecoveryPolicy %s: %w", req, err)
	}
	if landed, ok := r.unsaid.Landed(pol, func(c change) bool { return equality.Semantic.DeepEqual(c.is, pol.Status) }); ok {
		r.tell(pol, landed)
	}

	content, err := r.content(ctx, pol)
	if err != nil {
		return r.failed(err)
	}
	revision, data, err := policy.Encode(pol.Name, content)
	if err != nil {
		return r.failed(err)
	}
	plan, wrong := policy.Compile(pol.Name, revision, content)

	if plan != nil {
		if err := r.ensureRevision(ctx, pol, revision, data); err != nil {
			return r.failed(err)
		}
	}
	sum, err := r.count(ctx, pol, now)
	if err != nil {
		return r.failed(err)
	}
	outcome, err := r.write(ctx, pol, status(pol, plan, wrong, &sum, now))
	if err != nil {
		return r.failed(err)
	}
	r.Metrics.Reconciled(name, outcome)
	result, err := r.prune(ctx, req.NamespacedName, revision, now)
	if len(sum.total)+int(sum.ended) > 0 {
		result.RequeueAfter = pruneEvery // The windows move on.
	}
	if outcome == metrics.Conflict {
		result.RequeueAfter = commit.RetryWithin
	}
	return result, err
}

// content is the completed policy with the calendars it names, as far as they are there.
func (r *Reconciler) content(ctx context.Context, pol *v1alpha1.RecoveryPolicy) (policy.Content, error) {
	c := policy.Content{Policy: policy.Complete(pol.Spec)}
	for _, calendar := range policy.CalendarNames(pol.Spec) {
		cal := &v1alpha1.BusinessCalendar{}
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: pol.Namespace, Name: calendar}, cal)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return c, fmt.Errorf("getting BusinessCalendar %s: %w", calendar, err)
		}
		if c.Calendars == nil {
			c.Calendars = map[string]v1alpha1.BusinessCalendarSpec{}
		}
		c.Calendars[calendar] = cal.Spec
	}
	return c, nil
}

// status is the status of a policy. A policy that waits for nothing but calendars that are
// not there yet is reconciling: they come by themselves; everything else a person must mend.
func status(pol *v1alpha1.RecoveryPolicy, plan *policy.Plan, wrong []policy.Problem, sum *tally, now time.Time) v1alpha1.RecoveryPolicyStatus {
	out := *pol.Status.DeepCopy()
	out.ObservedGeneration = pol.Generation
	out.OpenIncidents, out.OverdueIncidents, out.BreachedIncidents, out.AtRiskIncidents = &sum.open, &sum.overdue, &sum.breached, &sum.atRisk
	out.Attainment, out.EndedWellPercent = sum.attainment(), sum.endedWell()
	was := pol.Status.Conditions
	if plan == nil {
		message := policy.Describe(wrong)
		if first := slices.IndexFunc(wrong, policy.Problem.ToMend); first < 0 {
			out.Conditions = condition.Reconciling(was, pol.Generation, now, v1alpha1.CalendarNotFoundReason, message)
		} else {
			out.Conditions = condition.Stalled(was, pol.Generation, now, wrong[first].Reason, message)
		}
		return out
	}
	out.Revision = v1alpha1.ObjectName(plan.Revision)
	out.Conditions = condition.Ready(was, pol.Generation, now, "new incidents are accepted under it")
	return out
}

// write writes the status, if it differs.
func (r *Reconciler) write(ctx context.Context, pol *v1alpha1.RecoveryPolicy, next v1alpha1.RecoveryPolicyStatus) (metrics.Outcome, error) {
	if equality.Semantic.DeepEqual(pol.Status, next) {
		return metrics.Unchanged, nil
	}
	to := change{was: pol.Status, is: next}
	written := &v1alpha1.RecoveryPolicy{ObjectMeta: commit.Version(pol), Status: *next.DeepCopy()}
	outcome, err := r.unsaid.Write(ctx, r.Client, pol, written, to)
	if err != nil {
		return outcome, fmt.Errorf("writing the status of RecoveryPolicy %s: %w", pol.Name, err)
	}
	if outcome == metrics.Written {
		r.tell(pol, to)
	}
	return outcome, nil
}

// tell makes an event of a spec that has become wrong.
func (r *Reconciler) tell(pol *v1alpha1.RecoveryPolicy, c change) {
	if message, told := condition.NewlyStalled(c.was.Conditions, c.is.Conditions); told {
		r.Recorder.Eventf(pol, nil, corev1.EventTypeWarning, v1alpha1.EventSpecInvalid, "ReadSpec", "%s", message)
	}
}

func (r *Reconciler) failed(err error) (reconcile.Result, error) {
	r.Metrics.Reconciled(name, metrics.Failed)
	return reconcile.Result{}, err
}
