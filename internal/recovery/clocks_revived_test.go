package recovery_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// What a change lets be owed no more, and another one owed again, was late by nobody's
// rule in between: it is breached at the change that brings it back, also where it is due
// when it was due before.
func TestOwedNoMoreAndOwedAgain(t *testing.T) {
	t.Parallel()
	atGrave := func(changes ...func(*v1alpha1.SeverityOverlay)) v1alpha1.RecoveryPolicySpec {
		return with(steps(custom("a")), severe("High", changes...))
	}
	assignment := atGrave(func(o *v1alpha1.SeverityOverlay) {
		o.Assignment = &v1alpha1.AssignmentLimits{AssignWithin: "10m", AcceptWithin: "10m"}
	})
	response := atGrave(func(o *v1alpha1.SeverityOverlay) { o.Responses = &v1alpha1.Responses{Within: "10m"} })
	high := []fixture.IncidentOption{fixture.OfSeverity("High")}
	for name, c := range map[string]struct {
		policy v1alpha1.RecoveryPolicySpec
		begun  []fixture.EntryBuilder
		clock  string // with its reason left out
	}{
		"an assignment": {assignment, nil, "Assignment: Running %s 0s, due 10m"},
		"an acceptance": {assignment, []fixture.EntryBuilder{assigned("0s", "tom")}, "Acceptance/to-tom: Running %s 0s, due 10m"},
		"a response":    {response, []fixture.EntryBuilder{at("0s", entry("call").Heard("Phone"))}, "Response/call: Running %s 0s, due 10m"},
	} {
		for when, change := range map[string]struct {
			off, on, now string
			reason, then string
		}{
			"it fell due in between":      {"5m", "20m", "25m", v1alpha1.ClockRetargetedPastDueReason, ", breached 20m"},
			"it falls due afterwards":     {"5m", "8m", "9m", v1alpha1.ClockRetargetedReason, ""},
			"it is due at the change":     {"5m", "10m", "10m", v1alpha1.ClockRetargetedReason, ""},
			"it was late before it ended": {"12m", "20m", "25m", v1alpha1.ClockRetargetedReason, ", breached 10m"},
		} {
			t.Run(name+", "+when, func(t *testing.T) {
				t.Parallel()
				journal := append(slices.Clone(c.begun), to(change.off, "Low", "milder"), to(change.on, "High", ""))
				want := fmt.Sprintf(c.clock, change.reason) + change.then
				late := newWorld(t, c.policy, high...).tell(journal...)
				late.decide(after(change.now))
				if lines := look(&late.inc.Status); !slices.Contains(lines, want) {
					t.Errorf("it stands otherwise (-want +got):\n%s", cmp.Diff([]string{want}, lines))
				}
				onTime := newWorld(t, c.policy, high...).tell(journal...)
				onTime.live(after(change.now), nil)
				if diff := cmp.Diff(show(t, record(onTime.inc.Status)), show(t, record(late.inc.Status))); diff != "" {
					t.Errorf("late does not equal on time (-on time +late):\n%s", diff)
				}
			})
		}
	}
}

// One change may end the only clock that is late and bring another one back that is past
// due: since when the incident is late is the same, however often it is looked at.
func TestOneIsOwedNoMoreAsAnotherIsOwedAgain(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a")),
		severe("High", func(o *v1alpha1.SeverityOverlay) { o.Assignment = &v1alpha1.AssignmentLimits{AssignWithin: "10m"} }),
		severe("Low", func(o *v1alpha1.SeverityOverlay) { o.Responses = &v1alpha1.Responses{Within: "1m"} }),
	)
	playAll(t, map[string]scene{"": {
		policy: spec, incident: []fixture.IncidentOption{fixture.OfSeverity("High")}, now: "25m",
		journal: []fixture.EntryBuilder{to("5m", "Low", "milder"), at("6m", entry("call").Heard("Phone")), to("20m", "High", "")},
		want: []string{
			"Open Overdue, at a, next 10m", "Assignment: Running RetargetedPastDue 0s, due 10m, breached 20m", "a: Running 0s",
			"Response/call: Cancelled Retargeted 6m, due 7m, breached 7m",
		},
	}})
}
