package recovery_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// onDuty is told of everything at once, and the boss of breaches after half an hour.
func onDuty() func(*v1alpha1.RecoveryPolicySpec) {
	return escalating(
		level("duty", v1alpha1.TriggerWarning, v1alpha1.TriggerBreach, v1alpha1.TriggerPromiseBroken, v1alpha1.TriggerUnowned, v1alpha1.TriggerUnaccepted, v1alpha1.TriggerDissatisfied),
		later(level("boss", v1alpha1.TriggerBreach, v1alpha1.TriggerPromiseBroken, v1alpha1.TriggerDissatisfied), "30m"),
	)
}

func TestEscalation(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a", fixture.DueWithin("1h")), custom("b")), onDuty())
	running := []string{"Open Overdue, at a, next 1h", "a: Running 0s, due 1h, breached 1h"}
	done := func(d string) []string {
		return []string{"Open Missed, at b", "a: Done Completed 0s–" + d + ", due 1h, breached 1h", "b: Running " + d}
	}
	atOnce := []string{"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty"}
	both := []string{"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty", "Escalation/boss/Breach/Step/a 1h30m to boss"}
	levels := func(list ...v1alpha1.EscalationLevel) v1alpha1.RecoveryPolicySpec {
		return with(steps(custom("a", fixture.DueWithin("1h")), custom("b")), escalating(list...))
	}
	grave := level("duty", v1alpha1.TriggerBreach)
	grave.Severities = []v1alpha1.Severity{"High", "Critical"}
	beats(t, map[string]beat{
		"at once":                             {scene: scene{policy: spec, now: "1h1m", want: running}, announced: atOnce},
		"not before the delay has passed":     {scene: scene{policy: spec, now: "1h29m59s", want: running}, announced: atOnce},
		"after the delay, from the trigger":   {scene: scene{policy: spec, now: "3h", want: running}, announced: both},
		"settled before the delay has passed": {scene: scene{policy: spec, now: "3h", journal: []fixture.EntryBuilder{completing("1h29m59s", "a")}, want: done("1h29m59s")}, announced: atOnce},
		"settled when the delay has passed":   {scene: scene{policy: spec, now: "3h", journal: []fixture.EntryBuilder{completing("1h30m", "a")}, want: done("1h30m")}, announced: both},
		"skipped before the delay has passed": {
			scene:     scene{policy: spec, now: "3h", journal: []fixture.EntryBuilder{at("1h10m", entry("no-a").Skip("a", "not wanted"))}, want: []string{"Open Missed, at b", "a: Cancelled Skipped 0s, due 1h, breached 1h", "b: Running 1h10m"}},
			announced: atOnce,
		},
		"cancelled before the delay has passed": {
			scene:     scene{policy: spec, now: "3h", journal: []fixture.EntryBuilder{at("1h10m", entry("end").Cancel("Mistake"))}, want: []string{"Cancelled Missed", "a: Cancelled IncidentEnded 0s, due 1h, breached 1h"}},
			announced: atOnce,
		},
		"a level for other triggers": {
			scene: scene{policy: levels(level("duty", v1alpha1.TriggerUnowned, v1alpha1.TriggerPromiseBroken)), now: "3h", want: running}, announced: []string{"Breach/Step/a 1h"},
		},
		"a level for graver incidents": {scene: scene{policy: levels(grave), now: "3h", want: running}, announced: []string{"Breach/Step/a 1h"}},
		"a level for graver incidents, as this one is": {
			scene: scene{policy: levels(grave), incident: []fixture.IncidentOption{fixture.OfSeverity("Critical")}, now: "3h", want: running}, announced: atOnce,
		},
		"graver before the trigger": {
			scene: scene{policy: levels(grave), now: "3h", journal: []fixture.EntryBuilder{to("1h", "High", "")}, want: running}, announced: atOnce,
		},
		"graver after the trigger": {
			scene: scene{policy: levels(grave), now: "3h", journal: []fixture.EntryBuilder{to("1h1m", "High", "")}, want: running}, announced: []string{"Breach/Step/a 1h"},
		},
		"a user is told": {
			scene:     scene{policy: levels(v1alpha1.EscalationLevel{Level: "tom", Triggers: []v1alpha1.Trigger{v1alpha1.TriggerBreach}, Notify: v1alpha1.Notify{User: "tom@example.com"}}), now: "3h", want: running},
			announced: []string{"Breach/Step/a 1h", "Escalation/tom/Breach/Step/a 1h to tom@example.com"},
		},
		"each level of each trigger": {
			scene: scene{
				policy: with(steps(custom("a", fixture.DueWithin("1h")), custom("b", fixture.After(), fixture.DueWithin("2h"))), onDuty()), now: "3h",
				want: []string{"Open Overdue, at a, next 1h", "a: Running 0s, due 1h, breached 1h", "b: Running 0s, due 2h, breached 2h"},
			},
			announced: []string{
				"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty", "Escalation/boss/Breach/Step/a 1h30m to boss",
				"Breach/Step/b 2h", "Escalation/duty/Breach/Step/b 2h to duty", "Escalation/boss/Breach/Step/b 2h30m to boss",
			},
		},
		"a broken promise that was kept late is told all the same": {
			scene: scene{
				policy: with(steps(custom("a")), onDuty()), now: "3h", journal: []fixture.EntryBuilder{promised("1m", "p", "30m"), noted(outcome("35m", "p", "Kept"))},
				want: []string{"Open Missed, at a", "a: Running 0s", "Promise/p: Done Kept 1m–35m, due 31m, breached 31m"},
			},
			announced: []string{"Breach/Promise/p 31m", "Escalation/duty/PromiseBroken/Promise/p 31m to duty", "Escalation/boss/PromiseBroken/Promise/p 1h1m to boss"},
		},
		"a dissatisfied customer is never settled": {
			scene: scene{
				policy: with(steps(custom("a")), onDuty()), now: "3h", journal: []fixture.EntryBuilder{satisfied("1m", 1), satisfied("10m", 5)}, want: []string{"Open OnTrack, at a", "a: Running 0s"},
			},
			announced: []string{"Escalation/duty/Dissatisfied/said-1m 1m to duty", "Escalation/boss/Dissatisfied/said-1m 31m to boss"},
		},
		"an answer before the delay": {
			scene: scene{
				policy: with(steps(custom("a")), onDuty(), answering("10m")), now: "3h", journal: []fixture.EntryBuilder{heard("1m"), reached("20m")},
				want: []string{"Open Missed, at a", "a: Running 0s", "Response/heard-1m: Done Completed 1m–20m, due 11m, breached 11m"},
			},
			announced: []string{"Breach/Response/heard-1m 11m", "Escalation/duty/Breach/Response/heard-1m 11m to duty"},
		},
		"a warning": {
			scene: scene{
				policy: with(steps(custom("a", fixture.DueWithin("1h"), fixture.WarnAt(50, 80))), onDuty()), now: "50m", want: []string{"Open OnTrack, at a, next 1h", "a: Running 0s, due 1h"},
			},
			announced: []string{"Escalation/duty/Warning/Step/a/50 30m to duty", "Warning/Step/a/50 30m", "Escalation/duty/Warning/Step/a/80 48m to duty", "Warning/Step/a/80 48m"},
		},
	})
}

// A level with hours waits for their opening, and its delay counts from the trigger.
func TestEscalationInHours(t *testing.T) {
	t.Parallel()
	// The office is open from zero to 6h40m, and again from 70h40m.
	hours := func(due string, delay v1alpha1.Duration, calendar v1alpha1.ObjectName) v1alpha1.RecoveryPolicySpec {
		l := later(level("boss", v1alpha1.TriggerBreach), delay)
		l.Hours = calendar
		return with(steps(custom("a", fixture.DueWithin(v1alpha1.Duration(due))), custom("b")), escalating(l))
	}
	late := func(due string) []string {
		return []string{"Open Overdue, at a, next " + due, "a: Running 0s, due " + due + ", breached " + due}
	}
	beats(t, map[string]beat{
		"in hours, at once": {
			scene: scene{policy: hours("1h", "", "office"), now: "80h", want: late("1h")}, announced: []string{"Breach/Step/a 1h", "Escalation/boss/Breach/Step/a 1h to boss"},
		},
		"at closing, the next opening": {
			scene: scene{policy: hours("6h40m", "", "office"), now: "80h", want: late("6h40m")}, announced: []string{"Breach/Step/a 6h40m", "Escalation/boss/Breach/Step/a 70h40m to boss"},
		},
		"before the next opening nothing is told": {
			scene: scene{policy: hours("7h", "", "office"), now: "70h39m59s", want: late("7h")}, announced: []string{"Breach/Step/a 7h"},
		},
		"the delay ends outside hours": {
			scene: scene{policy: hours("6h30m", "30m", "office"), now: "80h", want: late("6h30m")}, announced: []string{"Breach/Step/a 6h30m", "Escalation/boss/Breach/Step/a 70h40m to boss"},
		},
		"the delay ends in the next hours": {
			scene: scene{policy: hours("7h", "65h", "office"), now: "80h", want: late("7h")}, announced: []string{"Breach/Step/a 7h", "Escalation/boss/Breach/Step/a 72h to boss"},
		},
		"settled before the next opening": {
			scene:     scene{policy: hours("7h", "", "office"), now: "80h", journal: []fixture.EntryBuilder{completing("20h", "a")}, want: []string{"Open Missed, at b", "a: Done Completed 0s–20h, due 7h, breached 7h", "b: Running 20h"}},
			announced: []string{"Breach/Step/a 7h"},
		},
		"hours that never come again": {
			scene: scene{policy: hours("7h", "", "once"), now: "800h", want: late("7h")}, announced: []string{"Breach/Step/a 7h"},
		},
	})
}

// What came due together while nobody looked is written in full, and only the highest
// is told by an event.
func TestEscalationIsToldOnce(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a", fixture.DueWithin("1h"), fixture.WarnAt(10, 50)), custom("b", fixture.After(), fixture.DueWithin("10h"), fixture.WarnAt(10, 20))), onDuty())
	w := newWorld(t, spec)
	w.decide(after("0s"))
	messages := func(now string) []string {
		var out []string
		for _, n := range w.decide(after(now)).Notices {
			if n.Reason == v1alpha1.EventEscalated {
				out = append(out, n.Message)
			}
		}
		return out
	}
	want := []string{"level boss, tell group boss: Breach, Step/a", "level duty, tell group duty: Warning, Step/b/20"}
	if diff := cmp.Diff(want, messages("3h")); diff != "" {
		t.Errorf("after downtime it tells otherwise (-want +got):\n%s", diff)
	}
	if told := messages("4h"); len(told) > 0 {
		t.Errorf("it tells again: %q", told)
	}
	for _, key := range []string{"Warning/Step/a/10", "Warning/Step/a/50", "Breach/Step/a", "Escalation/duty/Warning/Step/a/10", "Escalation/duty/Breach/Step/a", "Escalation/boss/Breach/Step/a", "Escalation/duty/Warning/Step/b/10"} {
		isAnnounced(t, &w.inc.Status, key, true)
	}
}

func TestEscalationWakes(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a", fixture.DueWithin("1h"))), onDuty())
	w := newWorld(t, spec)
	wakes(t, w, "0s", "1h1s")
	wakes(t, w, "1h1s", "1h30m")
	wakes(t, w, "1h30m", "")
}
