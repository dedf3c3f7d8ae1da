package policy_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

// The office is open from Monday to Friday, 09:00 to 17:00 in Berlin.
func TestWhenALevelIsTold(t *testing.T) {
	t.Parallel()
	level := func(after v1alpha1.Duration, hours v1alpha1.ObjectName) *policy.Level {
		spec := policySpec(fixture.Step("a", v1alpha1.StepCustom))
		spec.Escalation = []v1alpha1.EscalationLevel{{Level: "boss", Triggers: []v1alpha1.Trigger{v1alpha1.TriggerBreach}, After: after, Hours: hours, Notify: v1alpha1.Notify{User: "boss"}}}
		return &plan(t, spec).Escalation[0]
	}
	for name, c := range map[string]struct {
		level    *policy.Level
		at, want string
	}{
		"at any hour, at once":                {level("", ""), "2026-10-03T03:00:00Z", "2026-10-03T03:00:00Z"},
		"at any hour, after a delay":          {level("30m", ""), "2026-10-03T03:00:00Z", "2026-10-03T03:30:00Z"},
		"in hours, at once":                   {level("", "office"), "2026-10-02T07:00:00Z", "2026-10-02T07:00:00Z"},
		"a second before closing":             {level("", "office"), "2026-10-02T14:59:59Z", "2026-10-02T14:59:59Z"},
		"at closing":                          {level("", "office"), "2026-10-02T15:00:00Z", "2026-10-05T07:00:00Z"},
		"at night":                            {level("", "office"), "2026-10-01T22:00:00Z", "2026-10-02T07:00:00Z"},
		"the delay ends at closing":           {level("30m", "office"), "2026-10-02T14:30:00Z", "2026-10-05T07:00:00Z"},
		"the delay runs on in closed hours":   {level("30m", "office"), "2026-10-02T20:00:00Z", "2026-10-05T07:00:00Z"},
		"the delay ends in the opening hours": {level("12h", "office"), "2026-10-01T20:00:00Z", "2026-10-02T08:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isAt(t, "it is told", c.level.TellAt(fixture.Instant(c.at)), c.want)
		})
	}
}
