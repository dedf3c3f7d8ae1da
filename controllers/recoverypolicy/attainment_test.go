package recoverypolicy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// A clock counts once it is decided, in every window that holds that instant, as met or
// not; what could be neither does not count.
func TestAttainment(t *testing.T) {
	t.Parallel()
	now := fixture.Instant("2026-10-31T12:00:00Z")
	ago := func(hours int) *metav1.Time {
		at := metav1.NewTime(now.Add(-time.Duration(hours) * time.Hour))
		return &at
	}
	done := func(kind v1alpha1.ClockKind, hours int) v1alpha1.Clock {
		return v1alpha1.Clock{Kind: kind, State: v1alpha1.StateDone, DueAt: ago(hours - 1), DoneAt: ago(hours)}
	}
	late := func(kind v1alpha1.ClockKind, breached, ended int) v1alpha1.Clock {
		return v1alpha1.Clock{Kind: kind, State: v1alpha1.StateDone, DueAt: ago(breached), BreachedAt: ago(breached), DoneAt: ago(ended)}
	}
	cases := map[string]struct {
		clocks []v1alpha1.Clock
		want   []v1alpha1.Attainment
	}{
		"met an hour ago, in every window": {
			clocks: []v1alpha1.Clock{done(v1alpha1.ClockStep, 1)},
			want:   windowed(v1alpha1.ClockStep, [3]int32{1, 1, 1}, [3]int32{1, 1, 1}),
		},
		"older than the shortest window": {
			clocks: []v1alpha1.Clock{done(v1alpha1.ClockPromise, 25), late(v1alpha1.ClockPromise, 30, 26)},
			want:   windowed(v1alpha1.ClockPromise, [3]int32{0, 1, 1}, [3]int32{0, 2, 2}),
		},
		"on the edge of a window it is out": {
			clocks: []v1alpha1.Clock{done(v1alpha1.ClockStep, 24), done(v1alpha1.ClockStep, 168)},
			want:   windowed(v1alpha1.ClockStep, [3]int32{0, 1, 2}, [3]int32{0, 1, 2}),
		},
		"older than all windows": {clocks: []v1alpha1.Clock{done(v1alpha1.ClockStep, 721)}},
		"a breach counts when it happened, not when it was made good": {
			clocks: []v1alpha1.Clock{late(v1alpha1.ClockStep, 200, 1)},
			want:   windowed(v1alpha1.ClockStep, [3]int32{0, 0, 0}, [3]int32{0, 0, 1}),
		},
		"a breach counts while it is still open": {
			clocks: []v1alpha1.Clock{{Kind: v1alpha1.ClockStep, State: v1alpha1.StateRunning, DueAt: ago(2), BreachedAt: ago(2)}},
			want:   windowed(v1alpha1.ClockStep, [3]int32{0, 0, 0}, [3]int32{1, 1, 1}),
		},
		"what still runs, was cancelled, or has no due instant": {
			clocks: []v1alpha1.Clock{
				{Kind: v1alpha1.ClockStep, State: v1alpha1.StateRunning, DueAt: ago(-1)},
				{Kind: v1alpha1.ClockStep, State: v1alpha1.StateCancelled, DueAt: ago(1), DoneAt: ago(2)},
				{Kind: v1alpha1.ClockStep, State: v1alpha1.StateDone, DoneAt: ago(2)},
				{Kind: v1alpha1.ClockStep, State: v1alpha1.StatePaused, OriginalDueAt: ago(-1)},
				{Kind: v1alpha1.ClockStep, State: v1alpha1.StateCancelled, OriginalDueAt: ago(-1)},
			},
		},
		"a hold takes no breach back": {
			clocks: []v1alpha1.Clock{{Kind: v1alpha1.ClockStep, State: v1alpha1.StatePaused, Reason: v1alpha1.ClockHeldReason, OriginalDueAt: ago(3), BreachedAt: ago(3)}},
			want:   windowed(v1alpha1.ClockStep, [3]int32{0, 0, 0}, [3]int32{1, 1, 1}),
		},
		"breached, and done while it was held": {
			clocks: []v1alpha1.Clock{undue(v1alpha1.ClockStep, v1alpha1.ClockCompletedReason, ago(30), ago(30), ago(1))},
			want:   windowed(v1alpha1.ClockStep, [3]int32{0, 0, 0}, [3]int32{0, 1, 1}),
		},
		"done in time while it was held": {
			clocks: []v1alpha1.Clock{
				undue(v1alpha1.ClockStep, v1alpha1.ClockCompletedReason, ago(-3), nil, ago(1)),
				undue(v1alpha1.ClockStep, v1alpha1.ClockCompletedReason, ago(3), nil, ago(2)), // of which the hold had taken some hours
				undue(v1alpha1.ClockResolution, v1alpha1.ClockResolvedReason, ago(-3), nil, ago(1)),
			},
			want: append(windowed(v1alpha1.ClockStep, [3]int32{2, 2, 2}, [3]int32{2, 2, 2}),
				windowed(v1alpha1.ClockResolution, [3]int32{1, 1, 1}, [3]int32{1, 1, 1})...),
		},
		"what a change takes the deadline from counts only if it was breached before": {
			clocks: []v1alpha1.Clock{
				undue(v1alpha1.ClockStep, v1alpha1.ClockRetargetedReason, ago(3), nil, ago(1)),
				undue(v1alpha1.ClockStep, v1alpha1.ClockRolledOutReason, ago(3), nil, ago(1)),
				undue(v1alpha1.ClockStep, v1alpha1.ClockRetargetedReason, ago(3), ago(3), ago(1)),
			},
			want: windowed(v1alpha1.ClockStep, [3]int32{0, 0, 0}, [3]int32{1, 1, 1}),
		},
		"updates, of which only the late ones are listed": {
			clocks: []v1alpha1.Clock{late(v1alpha1.ClockUpdate, 3, 2), undue(v1alpha1.ClockUpdate, v1alpha1.ClockCompletedReason, ago(3), ago(3), ago(2)), {Kind: v1alpha1.ClockUpdate, State: v1alpha1.StateRunning, DueAt: ago(-1)}},
		},
		"each kind by itself": {
			clocks: []v1alpha1.Clock{done(v1alpha1.ClockDelivery, 1), late(v1alpha1.ClockResponse, 1, 1), done(v1alpha1.ClockResponse, 1)},
			want: append(windowed(v1alpha1.ClockResponse, [3]int32{1, 1, 1}, [3]int32{2, 2, 2}),
				windowed(v1alpha1.ClockDelivery, [3]int32{1, 1, 1}, [3]int32{1, 1, 1})...),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum := tally{met: map[v1alpha1.ClockKind][]int32{}, total: map[v1alpha1.ClockKind][]int32{}}
			sum.add(&v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseOpen, Clocks: c.clocks}, now)
			if diff := cmp.Diff(c.want, sum.attainment()); diff != "" {
				t.Errorf("attainment (-want +got):\n%s", diff)
			}
		})
	}
}

// undue is a clock that is done, and shows only the first of its due instants: it was held,
// or a change took its deadline away.
func undue(kind v1alpha1.ClockKind, reason string, due, breached, ended *metav1.Time) v1alpha1.Clock {
	return v1alpha1.Clock{Kind: kind, State: v1alpha1.StateDone, Reason: reason, OriginalDueAt: due, BreachedAt: breached, DoneAt: ended}
}

// windowed is the attainment of a kind in the three windows; one without clocks is left out.
func windowed(kind v1alpha1.ClockKind, met, total [3]int32) []v1alpha1.Attainment {
	var out []v1alpha1.Attainment
	for i, window := range []v1alpha1.Duration{"24h", "168h", "720h"} {
		if total[i] > 0 {
			out = append(out, v1alpha1.Attainment{Kind: kind, Window: window, Met: met[i], Total: total[i]})
		}
	}
	return out
}

// Incidents count by where they stand: the open ones, and of them those that are late, were
// late at any time, or will be.
func TestIncidentsByWhereTheyStand(t *testing.T) {
	t.Parallel()
	sum := tally{met: map[v1alpha1.ClockKind][]int32{}, total: map[v1alpha1.ClockKind][]int32{}}
	for _, s := range []v1alpha1.IncidentStatus{
		{Phase: v1alpha1.PhaseOpen, SLA: v1alpha1.SLAOnTrack},
		{Phase: v1alpha1.PhaseOpen, SLA: v1alpha1.SLAAtRisk},
		{Phase: v1alpha1.PhaseOpen, SLA: v1alpha1.SLAOverdue},
		{Phase: v1alpha1.PhaseResolved, SLA: v1alpha1.SLAMissed},
		{Phase: v1alpha1.PhaseClosed, SLA: v1alpha1.SLAMissed},
		{Phase: v1alpha1.PhaseClosed, SLA: v1alpha1.SLAMet},
	} {
		sum.add(&s, fixture.Instant("2026-10-31T12:00:00Z"))
	}
	if got, want := [4]int32{sum.open, sum.overdue, sum.breached, sum.atRisk}, [4]int32{4, 1, 2, 1}; got != want {
		t.Errorf("open, overdue, breached and at risk are %v, want %v", got, want)
	}
}
