package recovery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// revised is another revision of the policy of a world.
func revised(tb testing.TB, revision string, spec v1alpha1.RecoveryPolicySpec) *policy.Plan {
	tb.Helper()
	plan, problems := policy.Compile("desk", revision, policy.Content{Policy: policy.Complete(spec), Calendars: calendars()})
	if len(problems) > 0 {
		tb.Fatalf("the policy has problems: %s", policy.Describe(problems))
	}
	return plan
}

// rolls lets the operator find a revision that is rolled out, and look at an instant.
func (w *world) rolls(next *policy.Plan, created string, now string) {
	w.tb.Helper()
	if n := len(w.Rollouts); n > 0 && w.Rollouts[n-1].Revision == next.Revision {
		next = nil
	}
	w.Next, w.NextCreated = next, time.Time{}
	if created != "" {
		w.NextCreated = after(created)
	}
	w.write(w.ask(after(now)).Status)
	if n := len(w.inc.Status.Pins); n > 1 && next != nil && string(w.inc.Status.Pins[n-1].Revision) == next.Revision {
		w.Rollouts, w.Next = append(w.Rollouts, next), nil
	}
	w.decide(after(now))
}

// pins are the pinned revisions, each with its instant.
func pins(s *v1alpha1.IncidentStatus) []string {
	var out []string
	for _, p := range s.Pins {
		out = append(out, string(p.Revision)+" "+offset(p.At.Time))
	}
	return out
}

// The first revision holds since it and the incident were both there, whenever the
// operator sees them.
func TestTheFirstPin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		created string
		want    string
	}{
		"a revision of before the incident":       {"-24h", "desk-r1 0s"},
		"one of the same second":                  {"0s", "desk-r1 0s"},
		"one that came later":                     {"40m", "desk-r1 40m"},
		"nothing is known of when it was created": {"", "desk-r1 0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, now := range []string{"41m", "30h"} {
				w := newWorld(t, steps(custom("a", fixture.DueWithin("1h"))))
				if c.created != "" {
					w.PlanCreated = after(c.created)
				}
				w.decide(after(now))
				if diff := cmp.Diff([]string{c.want}, pins(&w.inc.Status)); diff != "" {
					t.Errorf("seen after %s, it is pinned otherwise (-want +got):\n%s", now, diff)
				}
				if got := look(&w.inc.Status)[1]; now == "41m" && got != "a: Running 0s, due 1h" {
					t.Errorf("its clock is %q", got)
				}
			}
		})
	}
}

// A revision that is rolled out holds from its own creation on, however late the operator
// looks, and never from before what held before it.
func TestTheInstantOfARollout(t *testing.T) {
	t.Parallel()
	long, short := steps(custom("a", fixture.DueWithin("8h"))), steps(custom("a", fixture.DueWithin("2h")))
	for name, c := range map[string]struct {
		created, now string
		pins         []string
		want         string
		wake         string
	}{
		"seen at once":                         {"1h", "1h", []string{"desk-r1 0s", "desk-r2 1h"}, "a: Running RolledOut 0s, due 2h, was due 8h", "2h1s"},
		"seen late":                            {"1h", "1h30m", []string{"desk-r1 0s", "desk-r2 1h"}, "a: Running RolledOut 0s, due 2h, was due 8h", "2h1s"},
		"seen after what it made due":          {"1h", "3h", []string{"desk-r1 0s", "desk-r2 1h"}, "a: Running RolledOut 0s, due 2h, was due 8h, breached 2h", ""},
		"late at its creation, and seen later": {"3h", "5h", []string{"desk-r1 0s", "desk-r2 3h"}, "a: Running RolledOutPastDue 0s, due 2h, was due 8h, breached 3h", ""},
		"in the second of the first":           {"0s", "1h", []string{"desk-r1 0s", "desk-r2 0s"}, "a: Running RolledOut 0s, due 2h, was due 8h", "2h1s"},
		"an older one, current once more":      {"-1h", "1h", []string{"desk-r1 0s", "desk-r2 1h"}, "a: Running RolledOut 0s, due 2h, was due 8h", "2h1s"},
		"nothing is known of its creation":     {"", "1h", []string{"desk-r1 0s", "desk-r2 1h"}, "a: Running RolledOut 0s, due 2h, was due 8h", "2h1s"},
		"of an API server that is ahead":       {"1h2s", "1h", []string{"desk-r1 0s"}, "a: Running 0s, due 8h", "1h2s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, long)
			w.decide(zero)
			w.rolls(revised(t, "desk-r2", short), c.created, c.now)
			if diff := cmp.Diff(c.pins, pins(&w.inc.Status)); diff != "" {
				t.Errorf("it is pinned otherwise (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, look(&w.inc.Status)[1]); diff != "" {
				t.Errorf("it stands otherwise (-want +got):\n%s", diff)
			}
			if c.wake != "" {
				wakes(t, w, c.now, c.wake)
			}
			// Asked with the revision that it follows already, it follows it once.
			w.Next = revised(t, "desk-r2", short)
			if again := w.ask(after("6h")).Status.Pins; len(again) > 2 {
				t.Errorf("it is pinned again: %v", again)
			}
		})
	}
}

// An incident that has ended follows no edit. Once it is reopened, the new round is the
// latest revision's from its first instant on, in the same decision.
func TestARolloutToAReopenedIncident(t *testing.T) {
	t.Parallel()
	before := steps(custom("a", fixture.DueWithin("1h")), custom("gone", fixture.After(), fixture.DueWithin("1h")))
	next := steps(custom("new", fixture.DueWithin("3h")), custom("a", fixture.DueWithin("2h")))
	journal := []fixture.EntryBuilder{completing("10m", "a"), completing("20m", "gone"), at("2h", entry("back").Reopen("NotFixed"))}
	want := []string{
		"Open OnTrack round 2, at new, next 5h",
		"a: Done Completed 0s–10m, due 1h", "gone: Done Completed 0s–20m, due 1h", "new#2: Running 2h, due 5h",
	}
	for name, looks := range map[string][]string{
		"seen on time":       {"0s", "10m", "20m", "1h", "2h"},
		"seen at the end":    {"0s", "3h"},
		"not seen as closed": {"0s", "10m", "2h30m"},
		"seen as closed":     {"0s", "20m", "90m", "4h"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, before)
			for _, now := range looks {
				for _, e := range journal[len(w.inc.Spec.Journal):] {
					if built := e.Build(); !built.RecordedAt.After(after(now)) {
						w.tell(e)
					}
				}
				var edited *policy.Plan
				if !after(now).Before(after("1h")) {
					edited = revised(t, "desk-r2", next)
				}
				w.rolls(edited, "1h", now)
			}
			if diff := cmp.Diff(want, look(&w.inc.Status)); diff != "" {
				t.Errorf("it stands otherwise (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"desk-r1 0s", "desk-r2 2h"}, pins(&w.inc.Status)); diff != "" {
				t.Errorf("it is pinned otherwise (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("not while it is closed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, before)
		w.decide(zero)
		w.tell(journal[:2]...)
		w.rolls(revised(t, "desk-r2", next), "1h", "90m")
		if got := w.inc.Status; len(got.Pins) != 1 || got.Phase != v1alpha1.PhaseClosed {
			t.Errorf("it is %s, pinned to %v", got.Phase, pins(&got))
		}
	})
	t.Run("what is pinned waits for the reopening, where the end turns out to be older", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, before)
		w.decide(zero)
		w.tell(journal[0])
		w.rolls(revised(t, "desk-r2", next), "1h", "90m")
		w.tell(journal[1])
		w.decide(after("100m"))
		if got := w.inc.Status; got.Phase != v1alpha1.PhaseClosed || got.Policy.Revision != "desk-r1" {
			t.Errorf("it is %s under %s", got.Phase, got.Policy.Revision)
		}
		w.tell(journal[2])
		w.decide(after("2h"))
		if diff := cmp.Diff(want, look(&w.inc.Status)); diff != "" {
			t.Errorf("it stands otherwise (-want +got):\n%s", diff)
		}
	})
}

// A clock of a round that a new revision runs from its beginning started with the round.
func TestExplainARoundOfANewRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a")))
	w.decide(zero)
	w.tell(completing("10m", "a"), at("2h", entry("back").Reopen("NotFixed")))
	w.rolls(revised(t, "desk-r2", with(steps(custom("a")), updating("4h", ""))), "1h", "3h")
	s := w.Snapshot
	s.Incident = w.inc
	x, err := recovery.Explain(&s, "Update/Start#2", after("3h"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := x.Changes[0].What, "started with round 2; severity Low"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// Levels are told by the revision that holds when their turn comes. One that takes over
// tells its own of what is not settled by then, from then on.
func TestLevelsOfARollout(t *testing.T) {
	t.Parallel()
	under := func(levels ...v1alpha1.EscalationLevel) v1alpha1.RecoveryPolicySpec {
		return with(steps(custom("a", fixture.DueWithin("1h")), custom("b")), escalating(levels...))
	}
	duty, boss := level("duty", v1alpha1.TriggerBreach), later(level("boss", v1alpha1.TriggerBreach), "1h")
	night := level("night", v1alpha1.TriggerBreach)
	night.Hours = "office" // closed from 6h40m to 70h40m
	for name, c := range map[string]struct {
		before, after []v1alpha1.EscalationLevel
		created       string
		journal       []fixture.EntryBuilder
		want          []string
	}{
		"the delay goes on": {
			before: []v1alpha1.EscalationLevel{boss}, after: []v1alpha1.EscalationLevel{boss}, created: "90m",
			want: []string{"Breach/Step/a 1h", "Escalation/boss/Breach/Step/a 2h to boss"},
		},
		"a level whose turn had come tells nothing twice": {
			before: []v1alpha1.EscalationLevel{duty}, after: []v1alpha1.EscalationLevel{later(duty, "3h")}, created: "90m",
			want: []string{"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty"},
		},
		"a level that is gone before its turn": {
			before: []v1alpha1.EscalationLevel{duty, boss}, after: []v1alpha1.EscalationLevel{duty}, created: "90m",
			want: []string{"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty"},
		},
		"a new level is told of what lasts": {
			before: []v1alpha1.EscalationLevel{duty}, after: []v1alpha1.EscalationLevel{duty, level("help", v1alpha1.TriggerBreach)}, created: "90m",
			want: []string{"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty", "Escalation/help/Breach/Step/a 1h30m to help"},
		},
		"a new level is not told of what is settled": {
			before: []v1alpha1.EscalationLevel{duty}, after: []v1alpha1.EscalationLevel{duty, level("help", v1alpha1.TriggerBreach)}, created: "90m",
			journal: []fixture.EntryBuilder{completing("80m", "a")},
			want:    []string{"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty"},
		},
		"a new level is told within its hours": {
			before: []v1alpha1.EscalationLevel{duty}, after: []v1alpha1.EscalationLevel{night}, created: "10h",
			want: []string{"Breach/Step/a 1h", "Escalation/duty/Breach/Step/a 1h to duty", "Escalation/night/Breach/Step/a 70h40m to night"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := revised(t, "desk-r2", under(c.after...))
			late := newWorld(t, under(c.before...))
			late.decide(zero)
			late.tell(c.journal...).rolls(next, c.created, "80h")
			onTime := newWorld(t, under(c.before...))
			onTime.decide(zero)
			onTime.decide(after("1h1s"))
			onTime.tell(c.journal...)
			for _, now := range []string{"80m", c.created, "2h", "70h40m", "80h"} {
				if !after(now).Before(after(c.created)) && len(onTime.Rollouts) == 0 {
					onTime.rolls(next, c.created, now)
				} else {
					onTime.decide(after(now))
				}
			}
			if diff := cmp.Diff(c.want, announced(&late.inc.Status)); diff != "" {
				t.Errorf("it is told otherwise (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(show(t, record(onTime.inc.Status)), show(t, record(late.inc.Status))); diff != "" {
				t.Errorf("late does not equal on time (-on time +late):\n%s", diff)
			}
		})
	}
}

// An edit ends a hold, and by its shorter silence the customer should have heard from us
// before: nobody could have known, so that it is late at the edit and no earlier.
func TestARolloutThatEndsAHoldAndMakesItLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(steps(custom("a")), updating("5h", ""), holding(also(pausing("Parts"), v1alpha1.ClockUpdate))))
	w.tell(hold("2h", "h", "Parts"))
	w.decide(after("3h"))
	w.rolls(revised(t, "desk-r2", with(steps(custom("a")), updating("1h", ""))), "4h", "6h")
	if diff := cmp.Diff("Update/Start: Running RolledOutPastDue 0s, due 1h, was due 5h, breached 4h", look(&w.inc.Status)[1]); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}
