package recoverypolicy

import (
	"context"
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/recovery"
)

// windows are the stretches over which attainment is told, shortest first.
var windows = []struct {
	name v1alpha1.Duration
	long time.Duration
}{{"24h", 24 * time.Hour}, {"168h", 168 * time.Hour}, {"720h", 720 * time.Hour}}

// kinds are the kinds of clocks in the order in which attainment lists them. Updates are
// not among them: a silence that was short enough leaves no clock behind, so that of those
// that are listed none but the running one is in time.
var kinds = []v1alpha1.ClockKind{
	v1alpha1.ClockStep, v1alpha1.ClockResponse, v1alpha1.ClockPromise, v1alpha1.ClockTask,
	v1alpha1.ClockAssignment, v1alpha1.ClockAcceptance, v1alpha1.ClockResolution, v1alpha1.ClockApproval, v1alpha1.ClockDelivery,
}

// tally is what a policy's incidents add up to.
type tally struct {
	open, overdue, breached, atRisk int32
	met, total                      map[v1alpha1.ClockKind][]int32 // by window
	well, ended                     int32                          // of those closed in the longest window
}

// count adds the incidents under a policy up, from the cache. It is derived anew each
// time: nothing is counted on, and nothing can drift.
func (r *Reconciler) count(ctx context.Context, pol *v1alpha1.RecoveryPolicy, now time.Time) (tally, error) {
	t := tally{met: map[v1alpha1.ClockKind][]int32{}, total: map[v1alpha1.ClockKind][]int32{}}
	var list v1alpha1.IncidentList
	if err := r.Client.List(ctx, &list, client.InNamespace(pol.Namespace), client.MatchingFields{gather.PolicyIndex: pol.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return t, fmt.Errorf("listing the Incidents of RecoveryPolicy %s: %w", pol.Name, err)
	}
	for i := range list.Items {
		t.add(&list.Items[i].Status, now)
	}
	return t, nil
}

// add adds one incident.
func (t *tally) add(s *v1alpha1.IncidentStatus, now time.Time) {
	if s.Phase == v1alpha1.PhaseOpen || s.Phase == v1alpha1.PhaseResolved {
		t.open++
		if s.SLA == v1alpha1.SLAOverdue || s.SLA == v1alpha1.SLAMissed {
			t.breached++
		}
	}
	switch s.SLA {
	case v1alpha1.SLAOverdue:
		t.overdue++
	case v1alpha1.SLAAtRisk:
		t.atRisk++
	}
	for i := range s.Clocks {
		t.addClock(&s.Clocks[i], now)
	}
	if c := apimeta.FindStatusCondition(s.Conditions, v1alpha1.EndedWellCondition); c != nil && recent(c.LastTransitionTime.Time, now, windows[len(windows)-1].long) {
		t.ended++
		if c.Status == metav1.ConditionTrue {
			t.well++
		}
	}
}

// decidedAt is the instant at which a clock was decided: the breach, which nothing takes
// back, a hold neither; else the end. It is nil for one that still runs in time, was
// cancelled, had no due instant, or is an update.
func decidedAt(c *v1alpha1.Clock) *metav1.Time {
	switch {
	case c.Kind == v1alpha1.ClockUpdate:
		return nil
	case c.BreachedAt != nil:
		return c.BreachedAt
	case c.State == v1alpha1.StateDone && recovery.HadDue(c):
		return c.DoneAt
	}
	return nil
}

// addClock adds a clock that was decided, at the instant at which it was.
func (t *tally) addClock(c *v1alpha1.Clock, now time.Time) {
	at := decidedAt(c)
	if at == nil {
		return
	}
	for i, w := range windows {
		if !recent(at.Time, now, w.long) {
			continue
		}
		if t.total[c.Kind] == nil {
			t.total[c.Kind], t.met[c.Kind] = make([]int32, len(windows)), make([]int32, len(windows))
		}
		t.total[c.Kind][i]++
		if c.BreachedAt == nil {
			t.met[c.Kind][i]++
		}
	}
}

func recent(at, now time.Time, window time.Duration) bool {
	return at.After(now.Add(-window))
}

// attainment is the tally of clocks as it stands in the status.
func (t *tally) attainment() []v1alpha1.Attainment {
	var out []v1alpha1.Attainment
	for _, kind := range kinds {
		for i, n := range t.total[kind] {
			if n > 0 {
				out = append(out, v1alpha1.Attainment{Kind: kind, Window: windows[i].name, Met: t.met[kind][i], Total: n})
			}
		}
	}
	return out
}

// endedWell is the share of incidents that ended well, in whole percent, rounded down;
// nil where none has ended.
func (t *tally) endedWell() *int32 {
	if t.ended == 0 {
		return nil
	}
	percent := t.well * 100 / t.ended
	return &percent
}

// counted is all of an incident that a tally depends on. While it stays, the tally does.
type counted struct {
	bound             bool
	phase             v1alpha1.Phase
	sla               v1alpha1.SLA
	decided, breached int // clocks
	endedWell         metav1.ConditionStatus
}

func countedOf(s *v1alpha1.IncidentStatus) counted {
	out := counted{bound: s.Policy != nil, phase: s.Phase, sla: s.SLA}
	for i := range s.Clocks {
		if c := &s.Clocks[i]; decidedAt(c) != nil {
			out.decided++
			if c.BreachedAt != nil {
				out.breached++
			}
		}
	}
	if c := apimeta.FindStatusCondition(s.Conditions, v1alpha1.EndedWellCondition); c != nil {
		out.endedWell = c.Status
	}
	return out
}
