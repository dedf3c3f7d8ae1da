package recovery_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// sorry is a policy of an apology within ten minutes, and a step of eight hours.
func sorry(changes ...func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
	return with(steps(fixture.Step("sorry", v1alpha1.StepApology, fixture.DueWithin("10m")), custom("a", fixture.DueWithin("8h"))), changes...)
}

// after a promise of 2m that is due at 32m, made after the apology of 1m.
func promising(more ...fixture.EntryBuilder) []fixture.EntryBuilder {
	return append([]fixture.EntryBuilder{done("1m", "sorry"), promised("2m", "p", "30m")}, more...)
}

// stands is how an incident of promising stands, with lines for its promises and what
// follows from them.
func stands(first string, more ...string) []string {
	return append([]string{first, "sorry: Done Completed 0s–1m, due 10m", "a: Running 1m, due 8h1m"}, more...)
}

// counts checks how promises are counted.
func counts(open, kept, broken int32) func(*testing.T, *v1alpha1.IncidentStatus) {
	return func(t *testing.T, s *v1alpha1.IncidentStatus) {
		t.Helper()
		var want *v1alpha1.PromiseCounts
		if open+kept+broken > 0 {
			want = &v1alpha1.PromiseCounts{Open: open, Kept: kept, Broken: broken}
		}
		if diff := cmp.Diff(want, s.Promises); diff != "" {
			t.Errorf("the promises are counted otherwise (-want +got):\n%s", diff)
		}
	}
}

func TestPromises(t *testing.T) {
	t.Parallel()
	beats(t, map[string]beat{
		"open": {
			scene: scene{policy: sorry(), now: "10m", journal: promising(), want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m")},
			check: counts(1, 0, 0),
		},
		"broken at its due instant": {
			scene: scene{policy: sorry(), now: "33m", journal: promising(), want: stands("Open Overdue, at sorry, next 42m", "Promise/p: Running 2m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m")},
			check: counts(0, 0, 1),
		},
		"not broken within the second": {
			scene: scene{policy: sorry(), now: "32m", journal: promising(), want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m")},
			check: counts(1, 0, 0),
		},
		"kept by a contact beside the outcome": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(outcome("20m", "p", "Kept").Reached("Phone")), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Done Kept 2m–20m, due 32m")},
			check: counts(0, 1, 0),
		},
		"kept at the due instant": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(outcome("32m", "p", "Kept").Reached("Phone")), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Done Kept 2m–32m, due 32m")},
			check: counts(0, 1, 0),
		},
		"kept by a contact before the outcome": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(reached("15m"), outcome("20m", "p", "Kept")), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Done Kept 2m–20m, due 32m")},
			check: counts(0, 1, 0),
		},
		"kept, as a note says": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(noted(outcome("20m", "p", "Kept"))), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Done Kept 2m–20m, due 32m")},
			check: counts(0, 1, 0),
		},
		"claimed without evidence, it waits": {
			scene: scene{
				policy: sorry(), now: "30m", journal: promising(outcome("20m", "p", "Kept")), want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"),
				refused: v1alpha1.OutcomeUnprovenReason, says: []string{"entry p-kept-20m keeps the promise p only with a contact that reached the customer, or with a note"},
			},
			check: counts(1, 0, 0),
		},
		"the contact comes, and the claim counts from there": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(outcome("20m", "p", "Kept"), reached("25m")), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Done Kept 2m–25m, due 32m")},
			check: counts(0, 1, 0),
		},
		"the contact comes too late, and it is broken all the same": {
			scene: scene{
				policy: sorry(), now: "40m", journal: promising(outcome("20m", "p", "Kept"), reached("33m")),
				want: stands("Open Missed, at sorry, next 42m", "Promise/p: Done Kept 2m–33m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m"),
			},
			check: counts(0, 0, 1),
		},
		"the contact in which it was made keeps nothing": {
			scene: scene{
				policy: sorry(), now: "30m", journal: []fixture.EntryBuilder{done("1m", "sorry"), promised("2m", "p", "30m").Reached("Phone"), outcome("20m", "p", "Kept")},
				want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"), refused: v1alpha1.OutcomeUnprovenReason,
			},
			check: counts(1, 0, 0),
		},
		"an automated contact keeps nothing": {
			scene: scene{
				policy: sorry(), now: "30m", journal: promising(contacting("15m", byMachine), outcome("20m", "p", "Kept")),
				want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"), refused: v1alpha1.OutcomeUnprovenReason,
			},
		},
		"a broadcast keeps nothing": {
			scene: scene{
				policy: sorry(), now: "30m", journal: promising(contacting("15m", toAll), outcome("20m", "p", "Kept")),
				want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"), refused: v1alpha1.OutcomeUnprovenReason,
			},
		},
		"attempted, it runs on": {
			scene: scene{policy: sorry(), now: "30m", journal: promising(at("20m", entry("tried").Tried("Phone").PromiseOutcome("p", "Attempted"))), want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m")},
			check: counts(1, 0, 0),
		},
		"released, it is owed no more": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(outcome("20m", "p", "Released")), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Cancelled Released 2m, due 32m")},
			check: counts(0, 0, 0),
		},
		"released after it was broken, it stays broken": {
			scene: scene{
				policy: sorry(), now: "40m", journal: promising(outcome("35m", "p", "Released")),
				want: stands("Open Missed, at sorry, next 42m", "Promise/p: Cancelled Released 2m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m"),
			},
			check: counts(0, 0, 1),
		},
		"kept late, it stays broken": {
			scene: scene{
				policy: sorry(), now: "40m", journal: promising(outcome("33m", "p", "Kept").Reached("Phone")),
				want: stands("Open Missed, at sorry, next 42m", "Promise/p: Done Kept 2m–33m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m"),
			},
			check: counts(0, 0, 1),
		},
		"an outcome of a promise that is not there is refused": {
			scene: scene{
				policy: sorry(), now: "20m", journal: promising(outcome("10m", "q", "Kept")), want: stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"),
				refused: v1alpha1.EntriesRefusedReason, says: []string{`outcome.promise: there is no promise "q" in this journal that counts`},
			},
		},
		"a second outcome adds to the record only": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(noted(outcome("20m", "p", "Kept")), outcome("21m", "p", "Released"), outcome("22m", "p", "Attempted")), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Done Kept 2m–20m, due 32m")},
			check: counts(0, 1, 0),
		},
	})
}

func TestWhenPromisesAreDue(t *testing.T) {
	t.Parallel()
	made := func(e fixture.EntryBuilder) []fixture.EntryBuilder {
		return []fixture.EntryBuilder{done("1m", "sorry"), e}
	}
	beats(t, map[string]beat{
		"at an instant": {scene: scene{
			policy: sorry(), now: "10m", journal: made(at("2m", entry("p").PromiseBy("a call", after("3h")))), want: stands("Open OnTrack, at a, next 3h", "Promise/p: Running 2m, due 3h"),
		}},
		"within a time of the claimed instant": {scene: scene{
			policy: sorry(), now: "10m", journal: made(promised("6m", "p", "30m").At(after("4m"))), want: stands("Open OnTrack, at a, next 34m", "Promise/p: Running 6m, due 34m"),
		}},
		"within a time of the record, where the claim lies after it": {scene: scene{
			policy: sorry(), now: "10m", journal: made(promised("6m", "p", "30m").At(after("9m"))), want: stands("Open OnTrack, at a, next 36m", "Promise/p: Running 6m, due 36m"),
		}},
		"an instant in the past is refused": {scene: scene{
			policy: sorry(), now: "10m", journal: made(at("2m", entry("p").PromiseBy("a call", after("1m")))), want: stands("Open OnTrack, at a, next 8h1m"),
			refused: v1alpha1.EntriesRefusedReason, says: []string{"promise.due: 2026-10-02T08:21:00Z is not after it was recorded (2026-10-02T08:22:00Z)"},
		}},
		"the very instant is refused": {scene: scene{
			policy: sorry(), now: "10m", journal: made(at("2m", entry("p").PromiseBy("a call", after("2m")))), want: stands("Open OnTrack, at a, next 8h1m"),
			refused: v1alpha1.EntriesRefusedReason, says: []string{"promise.due"},
		}},
		"recorded after it was due, it is broken, and the apology is owed from the record": {
			scene: scene{
				policy: sorry(), now: "41m", journal: made(promised("40m", "p", "30m").At(after("5m"))),
				want: stands("Open Overdue, at sorry, next 50m", "Promise/p: Running 40m, due 35m, breached 35m", "sorry~2: Running 40m, due 50m"),
			},
			check: counts(0, 0, 1),
		},
		"recorded after it was due, and kept in the same second": {
			scene: scene{
				policy: sorry(), now: "41m", journal: append(made(promised("40m", "p", "30m").At(after("5m"))), noted(outcome("40m", "p", "Kept"))),
				want: stands("Open Missed, at sorry, next 50m", "Promise/p: Done Kept 40m–40m, due 35m, breached 35m", "sorry~2: Running 40m, due 50m"),
			},
			check: counts(0, 0, 1),
		},
		"for a step that is not there": {scene: scene{
			policy: sorry(), now: "10m", journal: made(promised("2m", "p", "30m").With(func(e *v1alpha1.JournalEntry) { e.Promise.ForStep = "b" })), want: stands("Open OnTrack, at a, next 8h1m"),
			refused: v1alpha1.EntriesRefusedReason, says: []string{`promise.forStep: there is no step "b" in policy desk; its steps are sorry, a`},
		}},
	})
}

func TestBrokenPromises(t *testing.T) {
	t.Parallel()
	beats(t, map[string]beat{
		"admitted before its due instant, it is broken then": {
			scene: scene{
				policy: sorry(), now: "21m", journal: promising(outcome("20m", "p", "Broken")),
				want: stands("Open Missed, at sorry, next 30m", "Promise/p: Done Broken 2m–20m, due 32m, breached 20m", "sorry~2: Running 20m, due 30m"),
			},
			check: counts(0, 0, 1), announced: []string{"Breach/Promise/p 20m"},
		},
		"admitted after its due instant, it was broken there": {
			scene: scene{
				policy: sorry(), now: "36m", journal: promising(outcome("35m", "p", "Broken")),
				want: stands("Open Missed, at sorry, next 42m", "Promise/p: Done Broken 2m–35m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m"),
			},
			check: counts(0, 0, 1), announced: []string{"Breach/Promise/p 32m"},
		},
		"a false claim is overturned, dated at the due instant": {
			scene: scene{
				policy: sorry(), now: "61m", journal: promising(noted(outcome("20m", "p", "Kept")), outcome("1h", "p", "Broken")),
				want: stands("Open Missed, at sorry, next 1h10m", "Promise/p: Done Broken 2m–1h, due 32m, breached 32m", "sorry~2: Running 1h, due 1h10m"),
			},
			check: counts(0, 0, 1), announced: []string{"Breach/Promise/p 32m"},
		},
		"a false claim is overturned before the due instant": {
			scene: scene{
				policy: sorry(), now: "26m", journal: promising(noted(outcome("20m", "p", "Kept")), outcome("25m", "p", "Broken")),
				want: stands("Open Missed, at sorry, next 35m", "Promise/p: Done Broken 2m–25m, due 32m, breached 25m", "sorry~2: Running 25m, due 35m"),
			},
			check: counts(0, 0, 1), announced: []string{"Breach/Promise/p 25m"},
		},
		"a second admission changes nothing": {
			scene: scene{
				policy: sorry(), now: "31m", journal: promising(outcome("20m", "p", "Broken"), outcome("25m", "p", "Broken")),
				want: stands("Open Overdue, at sorry, next 8h1m", "Promise/p: Done Broken 2m–20m, due 32m, breached 20m", "sorry~2: Running 20m, due 30m, breached 30m"),
			},
			check: counts(0, 0, 1),
		},
		"what was released cannot be broken": {
			scene: scene{policy: sorry(), now: "40m", journal: promising(outcome("20m", "p", "Released"), outcome("25m", "p", "Broken")), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: Cancelled Released 2m, due 32m")},
			check: counts(0, 0, 0),
		},
		"an apology that is still owed is not owed twice": {
			scene: scene{
				policy: sorry(), now: "9m", journal: []fixture.EntryBuilder{promised("1m", "p", "5m")},
				want: []string{"Open Overdue, at sorry, next 10m", "sorry: Running 0s, due 10m", "Promise/p: Running 1m, due 6m, breached 6m"},
			},
			check: counts(0, 0, 1),
		},
		"two broken promises, and an apology for each": {
			scene: scene{
				policy: sorry(), now: "1h", journal: promising(promised("5m", "q", "35m"), done("35m", "sorry").With(func(e *v1alpha1.JournalEntry) { e.ID = "again" })),
				want: stands("Open Overdue, at sorry, next 8h1m", "Promise/p: Running 2m, due 32m, breached 32m", "Promise/q: Running 5m, due 40m, breached 40m",
					"sorry~2: Done Completed 32m–35m, due 42m", "sorry~3: Running 40m, due 50m, breached 50m"),
			},
			check: counts(0, 0, 2),
		},
		"two broken promises, and one apology for both": {
			scene: scene{
				policy: sorry(), now: "45m", journal: promising(promised("5m", "q", "30m"), done("36m", "sorry").With(func(e *v1alpha1.JournalEntry) { e.ID = "again" })),
				want: stands("Open Overdue, at a, next 8h1m", "Promise/p: Running 2m, due 32m, breached 32m", "Promise/q: Running 5m, due 35m, breached 35m", "sorry~2: Done Completed 32m–36m, due 42m"),
			},
			check: counts(0, 0, 2),
		},
	})
}

// A broken promise stays open until it is settled, and so does the incident.
func TestABrokenPromiseKeepsAnIncidentFromClosing(t *testing.T) {
	t.Parallel()
	again := done("50m", "sorry").With(func(e *v1alpha1.JournalEntry) { e.ID = "again" })
	all := func(first string, a, p, sorry string) []string {
		return []string{first, "sorry: Done Completed 0s–1m, due 10m", a, p, sorry}
	}
	a := "a: Done Completed 1m–40m, due 8h1m"
	playAll(t, map[string]scene{
		"the step is done, an apology and the promise are owed": {
			policy: sorry(), now: "41m", journal: promising(completing("40m", "a")),
			want: all("Open Overdue, at sorry, next 42m", a, "Promise/p: Running 2m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m"),
		},
		"the apology is made, the promise is owed": {
			policy: sorry(), now: "51m", journal: promising(completing("40m", "a"), again),
			want: all("Resolved Overdue, next 32m", a, "Promise/p: Running 2m, due 32m, breached 32m", "sorry~2: Done Completed 32m–50m, due 42m, breached 42m"),
		},
		"the promise is kept late, and nothing is left": {
			policy: sorry(), now: "1h", journal: promising(completing("40m", "a"), again, noted(outcome("55m", "p", "Kept"))),
			want: all("Closed Missed", a, "Promise/p: Done Kept 2m–55m, due 32m, breached 32m", "sorry~2: Done Completed 32m–50m, due 42m, breached 42m"),
		},
	})
}

// An end is no escape: promises run to their end in every phase, and break there.
func TestPromisesOutliveTheIncident(t *testing.T) {
	t.Parallel()
	told := escalating(level("duty", v1alpha1.TriggerPromiseBroken))
	closed := []fixture.EntryBuilder{done("1m", "sorry"), completing("5m", "a"), promised("6m", "p", "30m")}
	for phase, c := range map[string]beat{
		"Cancelled": {scene: scene{
			policy: sorry(told), now: "37m", journal: promising(at("10m", entry("end").Cancel("Mistake"))),
			want: []string{"Cancelled Overdue, next 32m", "sorry: Done Completed 0s–1m, due 10m", "a: Cancelled IncidentEnded 1m, due 8h1m", "Promise/p: Running 2m, due 32m, breached 32m"},
		}, announced: []string{"Breach/Promise/p 32m", "Escalation/duty/PromiseBroken/Promise/p 32m to duty"}},
		"Closed": {scene: scene{
			policy: sorry(told), now: "37m", journal: closed,
			want: []string{"Closed Overdue, next 36m", "sorry: Done Completed 0s–1m, due 10m", "a: Done Completed 1m–5m, due 8h1m", "Promise/p: Running 6m, due 36m, breached 36m"},
		}, announced: []string{"Breach/Promise/p 36m", "Escalation/duty/PromiseBroken/Promise/p 36m to duty"}},
	} {
		beats(t, map[string]beat{"broken in " + phase: c})
	}
	w := newWorld(t, sorry(told)).tell(promising(at("10m", entry("end").Merge("other")))...)
	w.Others = others()
	w.decide(after("37m"))
	want := []string{"Merged Overdue, next 32m", "sorry: Done Completed 0s–1m, due 10m", "a: Cancelled IncidentEnded 1m, due 8h1m", "Promise/p: Running 2m, due 32m, breached 32m"}
	if diff := cmp.Diff(want, look(&w.inc.Status)); diff != "" {
		t.Errorf("merged, it stands otherwise (-want +got):\n%s", diff)
	}
	isCondition(t, &w.inc.Status, v1alpha1.PromisesKeptCondition, metav1.ConditionFalse, v1alpha1.PromiseBrokenReason, "32m", "1 broken")
}

// What a broken promise tells: once, and never that it is done.
func TestABrokenPromiseIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outcome fixture.EntryBuilder
		now     string
		first   string
	}{
		"admitted before its due instant": {outcome("20m", "p", "Broken"), "20m", "Promise/p is due at 2026-10-02T08:52:00Z, and was admitted at 2026-10-02T08:40:00Z to be broken"},
		"not kept":                        {outcome("1h", "p", "Broken"), "33m", "Promise/p was due at 2026-10-02T08:52:00Z and was not done by then"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sorry()).tell(promising()...)
			w.decide(after("10m"))
			var told []string
			see := func(now string) {
				for _, n := range w.decide(after(now)).Notices {
					if n.Clock != nil && n.Clock.Kind == v1alpha1.ClockPromise {
						told = append(told, n.Reason+": "+n.Message)
					}
				}
			}
			if c.outcome.Build().RecordedAt.After(after(c.now)) {
				see(c.now)
			}
			w.tell(c.outcome)
			see("1h")
			if diff := cmp.Diff([]string{v1alpha1.EventPromiseBroken + ": " + c.first}, told); diff != "" {
				t.Errorf("it tells otherwise (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPromisesKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sorry()).tell(done("1m", "sorry"))
	w.decide(after("1m"))
	for _, c := range w.inc.Status.Conditions {
		if c.Type == v1alpha1.PromisesKeptCondition {
			t.Errorf("without a promise it says %s", c.Message)
		}
	}
	w.tell(promised("2m", "p", "30m"), promised("3m", "q", "30m"))
	w.decide(after("4m"))
	isCondition(t, &w.inc.Status, v1alpha1.PromisesKeptCondition, metav1.ConditionTrue, v1alpha1.NoneBrokenReason, "0s", "no promise was broken")
	w.decide(after("40m"))
	isCondition(t, &w.inc.Status, v1alpha1.PromisesKeptCondition, metav1.ConditionFalse, v1alpha1.PromiseBrokenReason, "32m", "2 broken")
}
