// Package businesscalendar says whether a calendar can be used, and when it next opens
// and closes.
package businesscalendar

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	corev1 "k8s.io/api/core/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/condition"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/metrics"
)

// name is the controller's name, in logs and metrics.
const name = "businesscalendar"

// +kubebuilder:rbac:groups=recovery.amends.dev,resources=businesscalendars,verbs=list;watch
// +kubebuilder:rbac:groups=recovery.amends.dev,resources=businesscalendars/status,verbs=update

// Reconciler reconciles calendars.
type Reconciler struct {
	Client    client.Client
	Recorder  events.EventRecorder
	Deadlines *deadline.Index
	Metrics   *metrics.Metrics
	Clock     clock.PassiveClock

	unsaid commit.Unsaid[change]
}

// change is a status and the one that it takes the place of.
type change struct {
	was, is v1alpha1.BusinessCalendarStatus
}

// Reconcile brings one calendar's status up to now.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	now := r.Clock.Now()

	cal := &v1alpha1.BusinessCalendar{}
	if err := r.Client.Get(ctx, req.NamespacedName, cal); err != nil {
		r.Deadlines.Remove(req.NamespacedName)
		if apierrors.IsNotFound(err) {
			r.unsaid.Settled(req.NamespacedName)
		}
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if landed, ok := r.unsaid.Landed(cal, func(c change) bool { return equality.Semantic.DeepEqual(c.is, cal.Status) }); ok {
		r.tell(cal, landed)
	}

	next, wakeAt := decide(cal, now)
	outcome, err := r.write(ctx, cal, next)
	r.Metrics.Reconciled(name, outcome)
	if err != nil {
		return reconcile.Result{}, err
	}
	r.Deadlines.Upsert(req.NamespacedName, commit.WakeAt(wakeAt, outcome, now), 0)
	return reconcile.Result{}, nil
}

// write writes the status, if it differs.
func (r *Reconciler) write(ctx context.Context, cal *v1alpha1.BusinessCalendar, next v1alpha1.BusinessCalendarStatus) (metrics.Outcome, error) {
	if equality.Semantic.DeepEqual(cal.Status, next) {
		return metrics.Unchanged, nil
	}
	to := change{was: cal.Status, is: next}
	written := &v1alpha1.BusinessCalendar{ObjectMeta: commit.Version(cal), Status: *next.DeepCopy()}
	outcome, err := r.unsaid.Write(ctx, r.Client, cal, written, to)
	if err != nil {
		return outcome, fmt.Errorf("writing the status of BusinessCalendar %s/%s: %w", cal.Namespace, cal.Name, err)
	}
	if outcome == metrics.Written {
		r.tell(cal, to)
	}
	return outcome, nil
}

// decide is the status of a calendar at an instant, and when it changes by itself.
func decide(cal *v1alpha1.BusinessCalendar, now time.Time) (v1alpha1.BusinessCalendarStatus, time.Time) {
	out := v1alpha1.BusinessCalendarStatus{ObservedGeneration: cal.Generation}
	compiled, wrong := calendar.Compile(cal.Spec)
	if len(wrong) > 0 {
		texts := make([]string, len(wrong))
		reason := v1alpha1.InvalidSpecReason
		for i, p := range wrong {
			texts[i] = p.String()
			if p.Reason == calendar.ReasonExhausted {
				reason = v1alpha1.CalendarExhaustedReason
			}
			if p.Path == "spec.timeZone" {
				reason = v1alpha1.UnknownTimeZoneReason
			}
		}
		out.Conditions = condition.Stalled(cal.Status.Conditions, cal.Generation, now, reason, strings.Join(texts, "; "))
		return out, time.Time{}
	}
	out.Conditions = condition.Ready(cal.Status.Conditions, cal.Generation, now, "the calendar can be counted on")

	var wakeAt time.Time
	if at, ok := compiled.NextOpening(now); ok {
		out.NextOpeningAt, wakeAt = &metav1.Time{Time: at}, at
	}
	if at, ok := compiled.NextClosing(now); ok {
		out.NextClosingAt = &metav1.Time{Time: at}
		if wakeAt.IsZero() || at.Before(wakeAt) {
			wakeAt = at
		}
	}
	return out, wakeAt
}

// tell makes an event of a spec that has become wrong.
func (r *Reconciler) tell(cal *v1alpha1.BusinessCalendar, c change) {
	if message, told := condition.NewlyStalled(c.was.Conditions, c.is.Conditions); told {
		r.Recorder.Eventf(cal, nil, corev1.EventTypeWarning, v1alpha1.EventSpecInvalid, "ReadSpec", "%s", message)
	}
}

// SetupWithManager wires the reconciler.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named(name).
		For(&v1alpha1.BusinessCalendar{}).
		WatchesRawSource(r.Deadlines).
		Complete(r)
}
