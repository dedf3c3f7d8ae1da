package recovery_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// What is done without a due instant shows why it has none: in a hold it is completed or
// resolved as ever, and keeps its first due instant; where a change took the deadline away,
// the change stays its reason. Those who count what was met tell the two apart by that.
func TestDoneWithoutADueInstant(t *testing.T) {
	t.Parallel()
	total := also(pausing("Parts", "a"), v1alpha1.ClockResolution)
	held := with(steps(custom("a", fixture.DueWithin("2h"))), resolving("4h"), holding(total))
	graver := with(steps(custom("a")), holding(pausing("Parts", "a")), severe("High", stricter("a", "2h")))
	high := []fixture.IncidentOption{fixture.OfSeverity("High")}
	playAll(t, map[string]scene{
		"in a hold": {
			policy: held, now: "6h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), completing("5h", "a")},
			want: []string{"Closed Met", "Resolution: Done Resolved 0s–5h, was due 4h", "a: Done Completed 0s–5h, was due 2h"},
		},
		"in a hold, after the breach": {
			policy: held, now: "6h", journal: []fixture.EntryBuilder{hold("3h", "h", "Parts"), completing("5h", "a")},
			want: []string{"Closed Missed", "Resolution: Done Resolved 0s–5h, was due 4h", "a: Done Completed 0s–5h, was due 2h, breached 2h"},
		},
		"at a severity that asks for none": {
			policy: graver, incident: high, now: "6h", journal: []fixture.EntryBuilder{to("1h", "Low", "less"), completing("5h", "a")},
			want: []string{"Closed Met", "a: Done Retargeted 0s–5h, was due 2h"},
		},
		"at a severity that asks for none, after the breach": {
			policy: graver, incident: high, now: "6h", journal: []fixture.EntryBuilder{to("3h", "Low", "less"), completing("5h", "a")},
			want: []string{"Closed Missed", "a: Done Retargeted 0s–5h, was due 2h, breached 2h"},
		},
	})
}
