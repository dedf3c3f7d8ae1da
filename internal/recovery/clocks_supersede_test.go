package recovery_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// superseded lets a policy allow this many changes of a promise.
func superseded(most int32) func(*v1alpha1.RecoveryPolicySpec) {
	return func(s *v1alpha1.RecoveryPolicySpec) { s.Promises = &v1alpha1.PromiseLimits{MaxSupersedes: &most} }
}

func TestSupersedingPromises(t *testing.T) {
	t.Parallel()
	// p is due at 32m; q, of 10m, at 1h.
	later := superseding("10m", "q", "p", "1h")
	counted := func(told string) []string {
		return stands("Open OnTrack, at a, next 1h", "Promise/p: Cancelled Superseded 2m, due 32m", "Promise/q: Running "+told+", due 1h, was due 32m")
	}
	untold := stands("Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m")
	broken := stands("Open Overdue, at sorry, next 42m", "Promise/p: Running 2m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m")
	refused := func(journal []fixture.EntryBuilder, want []string, now string, says ...string) beat {
		return beat{scene: scene{policy: sorry(), now: now, journal: journal, want: want, refused: v1alpha1.EntriesRefusedReason, says: says}}
	}
	beats(t, map[string]beat{
		"untold, the old one stands":       {scene: scene{policy: sorry(), now: "20m", journal: promising(later), want: untold}, check: counts(1, 0, 0)},
		"told by the same entry":           {scene: scene{policy: sorry(), now: "40m", journal: promising(later.Reached("Phone")), want: counted("10m")}, check: counts(1, 0, 0)},
		"told by a later contact":          {scene: scene{policy: sorry(), now: "40m", journal: promising(later, reached("15m")), want: counted("15m")}, check: counts(1, 0, 0)},
		"told at the due instant":          {scene: scene{policy: sorry(), now: "40m", journal: promising(later, reached("32m")), want: counted("32m")}, check: counts(1, 0, 0)},
		"told beside another fact":         {scene: scene{policy: sorry(), now: "40m", journal: promising(later, reached("15m").Gesture("tea")), want: counted("15m")}, check: counts(1, 0, 0)},
		"a machine tells nobody":           {scene: scene{policy: sorry(), now: "20m", journal: promising(later, contacting("15m", byMachine)), want: untold}, check: counts(1, 0, 0)},
		"a broadcast tells nobody":         {scene: scene{policy: sorry(), now: "20m", journal: promising(later, contacting("15m", toAll)), want: untold}, check: counts(1, 0, 0)},
		"an attempt tells nobody":          {scene: scene{policy: sorry(), now: "20m", journal: promising(later, at("15m", entry("tried").Tried("Phone"))), want: untold}, check: counts(1, 0, 0)},
		"the customer's own tells nobody":  {scene: scene{policy: sorry(), now: "20m", journal: promising(later, heard("15m")), want: untold}, check: counts(1, 0, 0)},
		"a contact before it tells nobody": {scene: scene{policy: sorry(), now: "20m", journal: promising(reached("9m"), later), want: untold}, check: counts(1, 0, 0)},
		"an earlier contact of its very second tells nobody": {
			scene: scene{policy: sorry(), now: "20m", journal: promising(reached("10m"), later), want: untold}, check: counts(1, 0, 0),
		},
		"told a second after the due instant, the old one is broken": refused(promising(later, reached("32m1s")), broken, "33m",
			`entry q counts for nothing: promise.supersedes: the customer was not told before "p" was due, so that one stands, and is broken`),
		"never told, the old one is broken":                refused(promising(later), broken, "33m", `the customer was not told before "p" was due`),
		"an outcome of one that does not count is refused": refused(promising(later, outcome("12m", "q", "Kept")), untold, "20m", `outcome.promise: there is no promise "q" in this journal that counts`),
		"told only after its own due, it counts for nothing": refused(promising(superseding("10m", "q", "p", "14m"), reached("15m")), untold, "20m",
			`entry q counts for nothing: promise.supersedes: it was due at 2026-10-02T08:34:00Z, before the customer was told of it, so that "p" stands`),
		"an earlier instant supersedes too": {
			scene: scene{policy: sorry(), now: "12m", journal: promising(superseding("10m", "q", "p", "20m").Reached("Phone")), want: stands("Open OnTrack, at a, next 20m", "Promise/p: Cancelled Superseded 2m, due 32m", "Promise/q: Running 10m, due 20m, was due 32m")},
		},
		"broken, the new one is a second failure": {
			scene: scene{
				policy: sorry(), now: "61m", journal: promising(later.Reached("Phone")),
				want: stands("Open Overdue, at sorry, next 1h10m", "Promise/p: Cancelled Superseded 2m, due 32m", "Promise/q: Running 10m, due 1h, was due 32m, breached 1h", "sorry~2: Running 1h, due 1h10m"),
			},
			check: counts(0, 0, 1), announced: []string{"Breach/Promise/q 1h"},
		},
	})
}

// A promise that is kept or released is replaced by nothing any more, also by the very
// contact that would have told the customer of another one; and the author of that one is
// told that it counts for nothing.
func TestWhatIsFulfilledIsNotReplaced(t *testing.T) {
	t.Parallel()
	// p is due at 32m; q, of 10m, at 1h.
	later := superseding("10m", "q", "p", "1h")
	settled := func(p, how string, journal ...fixture.EntryBuilder) beat {
		kept := int32(0)
		if how == "kept" {
			kept = 1
		}
		return beat{scene: scene{
			policy: sorry(), now: "61m", journal: promising(journal...), want: stands("Open OnTrack, at a, next 8h1m", "Promise/p: "+p+", due 32m"),
			refused: v1alpha1.EntriesRefusedReason,
			says: []string{`entry q counts for nothing: promise.supersedes: "p" was ` + how +
				` before the customer was told of this one, which replaces nothing now; make a new promise of what is still owed`},
		}, check: counts(0, kept, 0)}
	}
	counted := func(told string, journal ...fixture.EntryBuilder) beat {
		return beat{scene: scene{
			policy: sorry(), now: "40m", journal: promising(journal...),
			want: stands("Open OnTrack, at a, next 1h", "Promise/p: Cancelled Superseded 2m, due 32m", "Promise/q: Running "+told+", due 1h, was due 32m"),
		}, check: counts(1, 0, 0)}
	}
	called := func(e fixture.EntryBuilder) fixture.EntryBuilder { return e.Reached("Phone") }
	beats(t, map[string]beat{
		"kept by a note":                          settled("Done Kept 2m–12m", "kept", later, noted(outcome("12m", "p", "Kept"))),
		"kept by a note, and then a contact":      settled("Done Kept 2m–12m", "kept", later, noted(outcome("12m", "p", "Kept")), reached("15m")),
		"released":                                settled("Cancelled Released 2m", "released", later, outcome("12m", "p", "Released")),
		"released, and then a contact":            settled("Cancelled Released 2m", "released", later, outcome("12m", "p", "Released"), reached("15m")),
		"kept on the contact":                     settled("Done Kept 2m–20m", "kept", later, called(outcome("20m", "p", "Kept"))),
		"kept on the contact, at its due instant": settled("Done Kept 2m–32m", "kept", later, called(outcome("32m", "p", "Kept"))),
		"released on the contact":                 settled("Cancelled Released 2m", "released", later, called(outcome("20m", "p", "Released"))),
		"claimed, and the contact proves it":      settled("Done Kept 2m–15m", "kept", later, outcome("12m", "p", "Kept"), reached("15m")),
		"claimed before, and the contact proves it": settled("Done Kept 2m–15m", "kept",
			outcome("5m", "p", "Kept"), later, reached("15m")),
		"claimed, and an attempt proves it by reaching them": settled("Done Kept 2m–15m", "kept",
			later, outcome("12m", "p", "Kept"), called(outcome("15m", "p", "Attempted"))),
		"claimed, and released on the contact": settled("Cancelled Released 2m", "released",
			later, outcome("12m", "p", "Kept"), called(outcome("15m", "p", "Released"))),
		"attempted on the contact, it is not fulfilled":  counted("20m", later, called(outcome("20m", "p", "Attempted"))),
		"admitted on the contact, it is not fulfilled":   counted("20m", later, called(outcome("20m", "p", "Broken"))),
		"claimed, and the contact takes the claim back":  counted("20m", later, outcome("12m", "p", "Kept"), called(outcome("20m", "p", "Broken"))),
		"told before, it is replaced and cannot be kept": counted("15m", later, reached("15m"), called(outcome("20m", "p", "Kept"))),
		"another promise that is kept on the contact": {scene: scene{
			policy: sorry(), now: "40m", journal: promising(promised("3m", "o", "30m"), later, called(outcome("20m", "o", "Kept"))),
			want: stands("Open OnTrack, at a, next 1h", "Promise/p: Cancelled Superseded 2m, due 32m", "Promise/o: Done Kept 3m–20m, due 33m", "Promise/q: Running 20m, due 1h, was due 32m"),
		}, check: counts(1, 1, 0)},
		"a claim that is overturned brings the other one not back": {scene: scene{
			policy: sorry(), now: "26m", journal: promising(later, called(outcome("20m", "p", "Kept")), outcome("25m", "p", "Broken")),
			want:    stands("Open Missed, at sorry, next 35m", "Promise/p: Done Broken 2m–25m, due 32m, breached 25m", "sorry~2: Running 25m, due 35m"),
			refused: v1alpha1.EntriesRefusedReason, says: []string{`entry q counts for nothing: promise.supersedes: "p" was kept before`},
		}, check: counts(0, 0, 1)},
		"the incident closes, and tells of it": {scene: scene{
			policy: sorry(), now: "61m", journal: promising(later, called(outcome("20m", "p", "Kept")), completing("30m", "a")),
			want:    []string{"Closed Met", "sorry: Done Completed 0s–1m, due 10m", "a: Done Completed 1m–30m, due 8h1m", "Promise/p: Done Kept 2m–20m, due 32m"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry q counts for nothing"},
		}},
	})
}

func TestWhatCannotBeSuperseded(t *testing.T) {
	t.Parallel()
	refused := func(spec v1alpha1.RecoveryPolicySpec, journal []fixture.EntryBuilder, now string, says string, want ...string) scene {
		return scene{policy: spec, now: now, journal: journal, want: stands(want[0], want[1:]...), refused: v1alpha1.EntriesRefusedReason, says: []string{says}}
	}
	playAll(t, map[string]scene{
		"one that is not there": refused(sorry(), promising(superseding("10m", "q", "o", "1h")), "20m", `there is no promise "o" in this journal`,
			"Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"),
		"one that is kept": refused(sorry(), promising(noted(outcome("5m", "p", "Kept")), superseding("10m", "q", "p", "1h")), "20m", `the promise "p" is not open`,
			"Open OnTrack, at a, next 8h1m", "Promise/p: Done Kept 2m–5m, due 32m"),
		"one that is broken": refused(sorry(), promising(superseding("33m", "q", "p", "1h").Reached("Phone")), "34m", `the promise "p" is broken; make a new one`,
			"Open Overdue, at sorry, next 42m", "Promise/p: Running 2m, due 32m, breached 32m", "sorry~2: Running 32m, due 42m"),
		"one that is superseded and not told": refused(sorry(superseded(5)), promising(superseding("10m", "q", "p", "1h"), superseding("12m", "r", "p", "2h")), "20m",
			`entry r counts for nothing: promise.supersedes: the promise "p" is superseded by "q" already, which the customer is to be told`,
			"Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"),
		"one that was not told itself": refused(sorry(superseded(5)), promising(superseding("10m", "q", "p", "1h"), superseding("12m", "r", "q", "2h")), "20m",
			`entry r counts for nothing: promise.supersedes: the promise "q" is not open`,
			"Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"),
		"one more often than the policy lets": refused(sorry(), promising(superseding("10m", "q", "p", "1h").Reached("Phone"), superseding("12m", "r", "q", "2h").Reached("Phone")), "20m",
			`the policy lets a promise be superseded 1 times, and "q" is at that; keep it`,
			"Open OnTrack, at a, next 1h", "Promise/p: Cancelled Superseded 2m, due 32m", "Promise/q: Running 10m, due 1h, was due 32m"),
		"any, where the policy lets none": refused(sorry(superseded(0)), promising(superseding("10m", "q", "p", "1h").Reached("Phone")), "20m",
			`the policy lets a promise be superseded 0 times, and "p" is at that; keep it`,
			"Open OnTrack, at a, next 32m", "Promise/p: Running 2m, due 32m"),
	})
	playAll(t, map[string]scene{"a chain within the limit keeps the first due visible": {
		policy: sorry(superseded(2)), now: "20m",
		journal: promising(superseding("10m", "q", "p", "1h").Reached("Phone"), superseding("12m", "r", "q", "2h").Reached("Phone")),
		want: stands("Open OnTrack, at a, next 2h", "Promise/p: Cancelled Superseded 2m, due 32m", "Promise/q: Cancelled Superseded 10m, due 1h, was due 32m",
			"Promise/r: Running 12m, due 2h, was due 32m"),
	}})
}

// slotted is a promise of a slot for a step.
func slotted(e fixture.EntryBuilder, step v1alpha1.Name) fixture.EntryBuilder {
	return e.With(func(e *v1alpha1.JournalEntry) { e.Promise.ForStep = step })
}

func TestSlotsThatTheCustomerChose(t *testing.T) {
	t.Parallel()
	// The office is open until 6h40m, and again from 70h40m.
	spec := with(steps(custom("a", fixture.DueWithin("1h")), custom("b", fixture.DueWithin("2h"), fixture.WarnAt(50))), holding(pausing("Parts", "b")))
	slot := func(d, due string) fixture.EntryBuilder {
		return slotted(at(d, entry("p").PromiseBy("we come", after(due))), "b")
	}
	began := completing("10m", "a")
	a := "a: Done Completed 0s–10m, due 1h"
	beats(t, map[string]beat{
		"after the step has started": {scene: scene{
			policy: spec, now: "30m", journal: []fixture.EntryBuilder{began, slot("20m", "6h")},
			want: []string{"Open OnTrack, at b, next 6h", a, "b: Running SlotChosen 10m, due 6h, was due 2h10m", "Promise/p: Running 20m, due 6h"},
		}},
		"before the step has started": {scene: scene{
			policy: spec, now: "30m", journal: []fixture.EntryBuilder{slot("5m", "6h"), began},
			want: []string{"Open OnTrack, at b, next 6h", a, "Promise/p: Running 5m, due 6h", "b: Running SlotChosen 10m, due 6h"},
		}},
		"an earlier one": {scene: scene{
			policy: spec, now: "30m", journal: []fixture.EntryBuilder{began, slot("20m", "1h")},
			want: []string{"Open OnTrack, at b, next 1h", a, "b: Running SlotChosen 10m, due 1h, was due 2h10m", "Promise/p: Running 20m, due 1h"},
		}},
		"missed, both are late": {
			scene: scene{
				policy: spec, now: "61m", journal: []fixture.EntryBuilder{began, slot("20m", "1h")},
				want: []string{"Open Overdue, at b, next 1h", a, "b: Running SlotChosen 10m, due 1h, was due 2h10m, breached 1h", "Promise/p: Running 20m, due 1h, breached 1h"},
			},
			announced: []string{"Warning/Step/b/50 35m", "Breach/Promise/p 1h", "Breach/Step/b 1h"},
		},
		"a retarget does not move it": {scene: scene{
			policy: with(spec, severe("High", stricter("b", "30m"))), now: "1h30m", journal: []fixture.EntryBuilder{began, slot("20m", "6h"), to("1h", "High", "")},
			want: []string{"Open OnTrack, at b, next 6h", a, "b: Running SlotChosen 10m, due 6h, was due 2h10m", "Promise/p: Running 20m, due 6h"},
		}},
		"moved by a promise in its place": {scene: scene{
			policy: spec, now: "1h30m", journal: []fixture.EntryBuilder{began, slot("20m", "6h"), superseding("1h", "q", "p", "8h").Reached("Phone")},
			want: []string{"Open OnTrack, at b, next 8h", a, "b: Running SlotChosen 10m, due 8h, was due 2h10m", "Promise/p: Cancelled Superseded 20m, due 6h", "Promise/q: Running 1h, due 8h, was due 6h"},
		}},
		"chosen in a hold, which holds it no longer": {scene: scene{
			policy: spec, now: "1h", journal: []fixture.EntryBuilder{began, hold("15m", "h", "Parts"), slot("20m", "6h")},
			want: []string{"Open OnTrack, at b, next 6h", a, "b: Running SlotChosen 10m, due 6h, was due 2h10m", "Promise/p: Running 20m, due 6h"},
		}},
		"no hold moves it": {scene: scene{
			policy: spec, now: "3h", journal: []fixture.EntryBuilder{began, slot("20m", "6h"), hold("30m", "h", "Parts"), resume("2h", "h")},
			want: []string{"Open OnTrack, at b, next 6h", a, "b: Running SlotChosen 10m, due 6h, was due 2h10m", "Promise/p: Running 20m, due 6h"},
		}},
		"missed in a hold, it is late": {scene: scene{
			policy: spec, now: "2h", journal: []fixture.EntryBuilder{began, slot("20m", "1h"), hold("30m", "h", "Parts")},
			want: []string{"Open Overdue, at b, next 1h", a, "b: Running SlotChosen 10m, due 1h, was due 2h10m, breached 1h", "Promise/p: Running 20m, due 1h, breached 1h"},
		}},
		"done in time": {scene: scene{
			policy: spec, now: "7h", journal: []fixture.EntryBuilder{began, slot("20m", "6h"), completing("5h", "b"), noted(outcome("5h", "p", "Kept"))},
			want: []string{"Closed Met", a, "b: Done SlotChosen 10m–5h, due 6h, was due 2h10m", "Promise/p: Done Kept 20m–5h, due 6h"},
		}},
	})
}

// strict replaces the due of a step.
func stricter(step v1alpha1.Name, due v1alpha1.Duration) func(*v1alpha1.SeverityOverlay) {
	return func(o *v1alpha1.SeverityOverlay) {
		o.Steps = append(o.Steps, v1alpha1.StepOverlay{Name: step, Due: within(due)})
	}
}
