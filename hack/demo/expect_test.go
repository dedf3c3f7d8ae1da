package main

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestUnmet(t *testing.T) {
	due := time.Date(2026, 10, 5, 9, 0, 10, 0, time.UTC)
	late := expectation{SLA: v1alpha1.SLAMissed, Breached: []string{"Step/apologise"}, Events: []string{"DeadlineBreached"}}
	cases := map[string]struct {
		expect expectation
		change func(*v1alpha1.Incident)
		told   map[string]int
		wrong  string
	}{
		"as expected":               {expect: late, told: map[string]int{"DeadlineBreached": 1}},
		"an event is missing":       {expect: late, wrong: "there is no event DeadlineBreached"},
		"the breach was not wanted": {expect: expectation{SLA: v1alpha1.SLAMissed}, wrong: "Step/apologise was breached"},
		"still open": {expect: expectation{SLA: v1alpha1.SLAMissed, Breached: late.Breached}, wrong: "its phase is Open, not Closed",
			change: func(inc *v1alpha1.Incident) { inc.Status.Phase = v1alpha1.PhaseOpen }},
		"a breach too few": {expect: expectation{SLA: v1alpha1.SLAMissed, Breached: late.Breached}, wrong: "Step/apologise was not breached",
			change: func(inc *v1alpha1.Incident) { inc.Status.Clocks = nil }},
		"dated when it was noticed": {expect: expectation{SLA: v1alpha1.SLAMissed, Breached: late.Breached}, wrong: "is not dueAt",
			change: func(inc *v1alpha1.Incident) {
				inc.Status.Clocks[0].BreachedAt = &metav1.Time{Time: due.Add(time.Second)}
			}},
		"noticed before it happened": {expect: expectation{SLA: v1alpha1.SLAMissed, Breached: late.Breached}, wrong: "is not after breachedAt",
			change: func(inc *v1alpha1.Incident) { inc.Status.Clocks[0].ObservedAt = &metav1.MicroTime{Time: due} }},
		"a condition is missing": {expect: expectation{SLA: v1alpha1.SLAMissed, Breached: late.Breached, Conditions: []string{"EndedWell"}},
			wrong: "it has no condition EndedWell"},
		"a promise is open": {expect: expectation{SLA: v1alpha1.SLAMissed, Breached: late.Breached, PromisesKept: 1}, wrong: "not all of its promises",
			change: func(inc *v1alpha1.Incident) { inc.Status.Promises = &v1alpha1.PromiseCounts{Open: 1, Kept: 1} }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inc := &v1alpha1.Incident{Status: v1alpha1.IncidentStatus{
				Phase: v1alpha1.PhaseClosed, SLA: v1alpha1.SLAMissed,
				Clocks: []v1alpha1.Clock{{
					Name: "Step/apologise", State: v1alpha1.StateDone, DueAt: &metav1.Time{Time: due},
					BreachedAt: &metav1.Time{Time: due}, ObservedAt: &metav1.MicroTime{Time: due.Add(1010 * time.Millisecond)},
				}},
			}}
			if c.change != nil {
				c.change(inc)
			}
			got := strings.Join(c.expect.unmet(inc, c.told), "; ")
			if c.wrong == "" && got != "" || !strings.Contains(got, c.wrong) {
				t.Errorf("got %q, want %q", got, c.wrong)
			}
		})
	}
	if got := late.unmet(nil, nil); len(got) != 1 {
		t.Errorf("an incident that is not there: %v", got)
	}
}
