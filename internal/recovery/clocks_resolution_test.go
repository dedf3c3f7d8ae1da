package recovery_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// total is a step without a deadline, with a total time to resolution.
func total(within v1alpha1.Duration, changes ...func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
	return with(steps(custom("a")), append([]func(*v1alpha1.RecoveryPolicySpec){resolving(within)}, changes...)...)
}

// back reopens, and again completes the step in the round after it.
func back(d string) fixture.EntryBuilder {
	return at(d, entry("back-"+v1alpha1.Name(d)).Reopen("NotFixed"))
}

func again(d string) fixture.EntryBuilder {
	return at(d, entry("again-"+v1alpha1.Name(d)).Completion("a"))
}

// longer gives a severity another total time.
func longer(within v1alpha1.Duration) func(*v1alpha1.SeverityOverlay) {
	return func(o *v1alpha1.SeverityOverlay) { o.Resolution = &v1alpha1.ResolutionLimit{Within: within} }
}

func TestResolution(t *testing.T) {
	t.Parallel()
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	beats(t, map[string]beat{
		"it counts from the report": {scene: scene{
			policy: total("4h"), now: "1h", want: []string{"Open OnTrack, at a, next 4h", "Resolution: Running 0s, due 4h", "a: Running 0s"},
		}},
		"resolved in time": {scene: scene{
			policy: total("4h"), now: "5h", journal: tell(completing("4h", "a")), want: []string{"Closed Met", "Resolution: Done Resolved 0s–4h, due 4h", "a: Done Completed 0s–4h"},
		}},
		"resolved late": {scene: scene{
			policy: total("4h"), now: "5h", journal: tell(completing("4h1s", "a")), want: []string{"Closed Missed", "Resolution: Done Resolved 0s–4h0m1s, due 4h, breached 4h", "a: Done Completed 0s–4h0m1s"},
		}},
		"cancelled": {scene: scene{
			policy: total("4h"), now: "5h", journal: tell(at("1h", entry("end").Cancel("Mistake"))), want: []string{"Cancelled OnTrack", "Resolution: Cancelled IncidentEnded 0s, due 4h", "a: Cancelled IncidentEnded 0s"},
		}},
		"reopened, it goes on without the time between": {scene: scene{
			policy: total("4h"), now: "11h", journal: tell(completing("1h", "a"), back("10h")),
			want: []string{"Open OnTrack round 2, at a, next 13h", "Resolution: Running Reopened 0s, due 13h, was due 4h", "a: Done Completed 0s–1h", "a#2: Running 10h"},
		}},
		"reopened twice": {scene: scene{
			policy: total("4h"), now: "31h", journal: tell(completing("1h", "a"), back("10h"), again("11h"), back("30h")),
			want: []string{"Open OnTrack round 3, at a, next 32h", "Resolution: Running Reopened 0s, due 32h, was due 4h", "a: Done Completed 0s–1h", "a#2: Done Completed 10h–11h", "a#3: Running 30h"},
		}},
		"late in the second round, the first stays": {
			scene: scene{
				policy: total("4h"), now: "15h", journal: tell(completing("1h", "a"), back("10h"), again("14h")),
				want: []string{"Closed Missed round 2", "Resolution: Done Resolved 0s–14h, due 13h, was due 4h, breached 13h", "a: Done Completed 0s–1h", "a#2: Done Completed 10h–14h"},
			},
			announced: []string{"Breach/Resolution 13h"},
		},
		"late before, it stays late, and is Overdue again": {scene: scene{
			policy: total("4h"), now: "11h", journal: tell(completing("5h", "a"), back("10h")),
			want: []string{"Open Overdue round 2, at a, next 4h", "Resolution: Running Reopened 0s, due 4h, breached 4h", "a: Done Completed 0s–5h", "a#2: Running 10h"},
		}},
		"resolved at the due instant, it is due where it is reopened": {scene: scene{
			policy: total("4h"), now: "10h", journal: tell(completing("4h", "a"), back("10h")),
			want: []string{"Open OnTrack round 2, at a, next 10h", "Resolution: Running Reopened 0s, due 10h, was due 4h", "a: Done Completed 0s–4h", "a#2: Running 10h"},
		}},
		"a breach in the second round is escalated": {
			scene: scene{
				policy: total("4h", escalating(later(level("boss", v1alpha1.TriggerBreach), "30m"))), now: "14h", journal: tell(completing("1h", "a"), back("10h")),
				want: []string{"Open Overdue round 2, at a, next 13h", "Resolution: Running Reopened 0s, due 13h, was due 4h, breached 13h", "a: Done Completed 0s–1h", "a#2: Running 10h"},
			},
			announced: []string{"Breach/Resolution 13h", "Escalation/boss/Breach/Resolution 13h30m to boss"},
		},
	})
}

func TestResolutionAndHolds(t *testing.T) {
	t.Parallel()
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	spec := total("4h", holding(also(pausing("Parts"), v1alpha1.ClockResolution)))
	// A step after the resolution keeps the incident, and so its holds, open.
	open := with(steps(custom("a"), fixture.FollowUp("call", "Internal")), resolving("4h"), holding(also(pausing("Parts"), v1alpha1.ClockResolution)))
	playAll(t, map[string]scene{
		"held": {
			policy: spec, now: "3h", journal: tell(hold("1h", "h", "Parts"), resume("2h", "h")),
			want: []string{"Open OnTrack, at a, next 5h", "Resolution: Running Resumed 0s, due 5h, was due 4h", "a: Running 0s"},
		},
		"resolved while it is held": {
			policy: spec, now: "3h", journal: tell(hold("1h", "h", "Parts"), completing("2h", "a")),
			want: []string{"Closed Met", "Resolution: Done Resolved 0s–2h, was due 4h", "a: Done Completed 0s–2h"},
		},
		"held, resolved, closed and reopened, it goes on": {
			policy: spec, now: "11h", journal: tell(hold("1h", "h", "Parts"), completing("2h", "a"), back("10h")),
			want: []string{"Open OnTrack round 2, at a, next 13h", "Resolution: Running Reopened 0s, due 13h, was due 4h", "a: Done Completed 0s–2h", "a#2: Running 10h"},
		},
		"reopened while it is held, it is paused": {
			policy: open, now: "11h", journal: tell(completing("1h", "a"), hold("2h", "h", "Parts"), back("10h")),
			want: []string{"Open OnTrack round 2, at a", "Resolution: Paused Held 0s, was due 4h", "a: Done Completed 0s–1h", "call: Cancelled Reopened 1h", "a#2: Running 10h"},
		},
		"and counts on from the end of the hold": {
			policy: open, now: "13h", journal: tell(completing("1h", "a"), hold("2h", "h", "Parts"), back("10h"), resume("12h", "h")),
			want: []string{"Open OnTrack round 2, at a, next 15h", "Resolution: Running Resumed 0s, due 15h, was due 4h", "a: Done Completed 0s–1h", "call: Cancelled Reopened 1h", "a#2: Running 10h"},
		},
		"a hold over resolution and reopening counts once": {
			policy: open, now: "13h", journal: tell(hold("30m", "h", "Parts"), completing("1h", "a"), resume("9h", "h"), back("10h")),
			want: []string{"Open OnTrack round 2, at a, next 13h30m", "Resolution: Running Reopened 0s, due 13h30m, was due 4h", "a: Done Completed 0s–1h", "call: Cancelled Reopened 1h", "a#2: Running 10h"},
		},
	})
}

func TestResolutionAndSeverity(t *testing.T) {
	t.Parallel()
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	spec := total("4h", severe("High", longer("2h")), severe("Critical", longer("30m")))
	open := with(steps(custom("a"), fixture.FollowUp("call", "Internal")), severe("High", longer("2h")))
	playAll(t, map[string]scene{
		"stricter": {
			policy: spec, now: "90m", journal: tell(to("1h", "High", "")),
			want: []string{"Open OnTrack, at a, next 2h", "Resolution: Running Retargeted 0s, due 2h, was due 4h", "a: Running 0s"},
		},
		"stricter, and past due": {
			policy: spec, now: "90m", journal: tell(to("1h", "Critical", "")),
			want: []string{"Open Overdue, at a, next 30m", "Resolution: Running RetargetedPastDue 0s, due 30m, was due 4h, breached 1h", "a: Running 0s"},
		},
		"what is done stays": {
			policy: spec, now: "90m", journal: tell(completing("1h", "a"), to("70m", "Critical", "")),
			want: []string{"Closed Met", "Resolution: Done Resolved 0s–1h, due 4h", "a: Done Completed 0s–1h"},
		},
		"changed while it is resolved, it holds when it is reopened": {
			policy: spec, now: "10h30m", journal: tell(completing("1h", "a"), to("70m", "High", ""), back("10h")),
			want: []string{"Open OnTrack round 2, at a, next 11h", "Resolution: Running Reopened 0s, due 11h, was due 4h", "a: Done Completed 0s–1h", "a#2: Running 10h"},
		},
		"changed while it is resolved, to what has passed": {
			policy: spec, now: "10h30m", journal: tell(completing("1h", "a"), to("70m", "Critical", ""), back("10h")),
			want: []string{"Open Overdue round 2, at a, next 30m", "Resolution: Running RetargetedPastDue 0s, due 30m, was due 4h, breached 10h", "a: Done Completed 0s–1h", "a#2: Running 10h"},
		},
		"not owed before": {
			policy: open, now: "90m", journal: tell(to("1h", "High", "")),
			want: []string{"Open OnTrack, at a, next 2h", "a: Running 0s", "Resolution: Running 1h, due 2h"},
		},
		"not owed before, and past due": {
			policy: open, now: "4h", journal: tell(to("3h", "High", "")),
			want: []string{"Open Overdue, at a, next 2h", "a: Running 0s", "Resolution: Running RetargetedPastDue 3h, due 2h, breached 3h"},
		},
		"not owed before the reopening, it counts both rounds": {
			policy: open, now: "10h20m", journal: tell(completing("90m", "a"), back("10h"), to("10h15m", "High", "")),
			want: []string{"Open OnTrack round 2, at a, next 10h30m", "a: Done Completed 0s–1h30m", "call: Cancelled Reopened 1h30m", "a#2: Running 10h", "Resolution: Running 10h15m, due 10h30m"},
		},
		"owed no more, and owed again": {
			policy: open, incident: []fixture.IncidentOption{fixture.OfSeverity("High")}, now: "90m", journal: tell(to("30m", "Low", "less"), to("1h", "High", "")),
			want: []string{"Open OnTrack, at a, next 2h", "Resolution: Running Retargeted 0s, due 2h", "a: Running 0s"},
		},
		"owed no more": {
			policy: open, incident: []fixture.IncidentOption{fixture.OfSeverity("High")}, now: "40m", journal: tell(to("30m", "Low", "less")),
			want: []string{"Open OnTrack, at a", "Resolution: Cancelled Retargeted 0s, due 2h", "a: Running 0s"},
		},
		"owed no more after it was late": {
			policy: open, incident: []fixture.IncidentOption{fixture.OfSeverity("High")}, now: "4h", journal: tell(to("3h", "Low", "less")),
			want: []string{"Open Missed, at a", "Resolution: Cancelled Retargeted 0s, due 2h, breached 2h", "a: Running 0s"},
		},
	})
}
