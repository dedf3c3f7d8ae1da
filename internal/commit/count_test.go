package commit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/recovery"
)

// A clock that is done counts as met if it had a due instant and was not breached; a hold
// that it was done in changes neither.
func TestClocksAreCounted(t *testing.T) {
	t.Parallel()
	at := func(hour int) *metav1.Time {
		return &metav1.Time{Time: fixture.Instant("2026-10-02T08:00:00Z").Add(time.Duration(hour) * time.Hour)}
	}
	const met, breached = "amends_incident_clocks_met_total", "amends_incident_clocks_breached_total"
	done := func(reason string, due, original *metav1.Time) v1alpha1.Clock {
		return v1alpha1.Clock{State: v1alpha1.StateDone, Reason: reason, DueAt: due, OriginalDueAt: original, DoneAt: at(1)}
	}
	late := done(v1alpha1.ClockCompletedReason, nil, at(0))
	late.BreachedAt = at(0)
	cases := map[string]struct {
		clock  v1alpha1.Clock
		reason string
		want   map[string]float64
	}{
		"done in time":                        {done(v1alpha1.ClockCompletedReason, at(2), nil), v1alpha1.EventStepDone, map[string]float64{met: 1}},
		"done in time in a hold":              {done(v1alpha1.ClockCompletedReason, nil, at(2)), v1alpha1.EventStepDone, map[string]float64{met: 1}},
		"resolved in a hold":                  {done(v1alpha1.ClockResolvedReason, nil, at(2)), v1alpha1.EventClockDone, map[string]float64{met: 1}},
		"in time by the hold, which lasts":    {done(v1alpha1.ClockCompletedReason, nil, at(0)), v1alpha1.EventStepDone, map[string]float64{met: 1}},
		"done late":                           {late, v1alpha1.EventStepDone, nil},
		"breached":                            {late, v1alpha1.EventDeadlineBreached, map[string]float64{breached: 1}},
		"broken":                              {late, v1alpha1.EventPromiseBroken, map[string]float64{breached: 1}},
		"a step that was never due":           {done(v1alpha1.ClockCompletedReason, nil, nil), v1alpha1.EventStepDone, nil},
		"due no more at this severity":        {done(v1alpha1.ClockRetargetedReason, nil, at(2)), v1alpha1.EventStepDone, nil},
		"due no more since a rollout":         {done(v1alpha1.ClockRolledOutReason, nil, at(2)), v1alpha1.EventStepDone, nil},
		"due at another instant, and in time": {done(v1alpha1.ClockRetargetedReason, at(3), at(2)), v1alpha1.EventStepDone, map[string]float64{met: 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.clock.Name, c.clock.Kind, c.clock.Type = "Step/resolve", v1alpha1.ClockStep, v1alpha1.StepResolution
			registry := prometheus.NewRegistry()
			d := newDesk(t, fixture.In("hotel-b", fixture.Created(at(0).Time, fixture.Incident("towel"))))
			d.commit = commit.New(d.store, d.recorder, metrics.New(registry))
			decision := &recovery.Decision{
				Status:  v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseOpen, Clocks: []v1alpha1.Clock{c.clock}},
				Notices: []recovery.Notice{{Reason: c.reason, Action: "StopClock", Clock: &c.clock}},
			}
			if _, err := d.commit.Incident(t.Context(), d.copy("towel"), decision); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, counted(t, registry, met, breached)); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}

// counted are the counters of these names, without their labels, or nil where all are zero.
func counted(t *testing.T, registry *prometheus.Registry, names ...string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]float64
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if !slices.Contains(names, f.GetName()) {
				continue
			}
			if out == nil {
				out = map[string]float64{}
			}
			out[f.GetName()] += m.GetCounter().GetValue()
		}
	}
	return out
}
