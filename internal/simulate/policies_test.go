package simulate

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// A policy waits for calendars, however many are missing, and says which; with anything
// else it is stalled until a person mends it.
func TestPoliciesWaitForTheirCalendars(t *testing.T) {
	t.Parallel()
	desk := func(more string) string {
		return object("RecoveryPolicy", "desk", "", `{calendarName: front-desk, steps: [{name: a, type: Custom}`+more+`], escalation: [{level: boss, triggers: [Breach], hours: night, notify: {group: g}}]}`)
	}
	open := func(name string) string {
		return object("BusinessCalendar", name, ", annotations: {simulate.amends.dev/at: 1h}", `{timeZone: UTC, weekly: [{days: [Monday], hours: [{from: "09:00", to: "17:00"}]}]}`)
	}
	const both = `spec.calendarName: there is no BusinessCalendar "front-desk" in this namespace; create it, or name another one; ` +
		`spec.escalation[0].hours: there is no BusinessCalendar "night" in this namespace; create it, or name another one`
	for name, c := range map[string]struct {
		files []string
		want  map[string]string // the condition, and its reason and message
	}{
		"two are missing": {
			files: []string{"p.yaml", desk("")},
			want:  map[string]string{v1alpha1.ReadyCondition: "False CalendarNotFound " + both, v1alpha1.ReconcilingCondition: "True CalendarNotFound " + both},
		},
		"two are missing, and a deadline": {
			files: []string{"p.yaml", desk(", {name: b, type: Custom, warnAt: [50]}")},
			want: map[string]string{
				v1alpha1.ReadyCondition:   "False InvalidSpec " + both + "; spec.steps[1]: warnAt is given without due: there is nothing to warn of",
				v1alpha1.StalledCondition: "True InvalidSpec " + both + "; spec.steps[1]: warnAt is given without due: there is nothing to warn of",
			},
		},
		"both have come": {
			files: []string{"p.yaml", desk(""), "c.yaml", open("front-desk"), "d.yaml", open("night")},
			want:  map[string]string{v1alpha1.ReadyCondition: "True Accepted new incidents are accepted under it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := Simulate(context.Background(), files(t, c.files...), Options{Start: monday})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, o := range out.Objects {
				if status, ok := o.Status.(v1alpha1.RecoveryPolicyStatus); ok {
					for _, is := range status.Conditions {
						got[is.Type] = string(is.Status) + " " + is.Reason + " " + is.Message
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}
