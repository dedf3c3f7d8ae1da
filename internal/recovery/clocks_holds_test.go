package recovery_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// eight is one step of eight hours that holds for parts and for the customer may pause.
func eight(changes ...func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
	spec := with(steps(custom("a", fixture.DueWithin("8h"))), holding(pausing("Parts", "a"), pausing("Weather", "a"), pausing(v1alpha1.WaitingForCustomer, "a")))
	return with(spec, changes...)
}

// capping is eight with a cap on Parts.
func capping(each, total v1alpha1.Duration) v1alpha1.RecoveryPolicySpec {
	return with(steps(custom("a", fixture.DueWithin("8h"))), holding(capped(pausing("Parts", "a"), each, total), pausing("Weather", "a")))
}

func TestHolds(t *testing.T) {
	t.Parallel()
	playAll(t, map[string]scene{
		"a paused clock has no due instant": {
			policy: eight(), now: "2h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts")},
			want: []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h"},
		},
		"it is never breached while it is paused": {
			policy: eight(), now: "200h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts")},
			want: []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h"},
		},
		"resumed, it is due later by the pause": {
			policy: eight(), now: "3h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), resume("2h", "h")},
			want: []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
		"begun and ended in one instant, it moves nothing": {
			policy: eight(), now: "3h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), resume("1h", "h")},
			want: []string{"Open OnTrack, at a, next 8h", "a: Running Resumed 0s, due 8h"},
		},
		"it ends at its until": {
			policy: eight(), now: "2h", journal: []fixture.EntryBuilder{until("1h", "2h", "h", "Parts")},
			want: []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
		"it may be resumed before its until": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{until("1h", "4h", "h", "Parts"), resume("2h", "h")},
			want: []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
		"an until in the past is refused": {
			policy: eight(), now: "2h", journal: []fixture.EntryBuilder{until("1h", "59m59s", "h", "Parts")},
			want:    []string{"Open OnTrack, at a, next 8h", "a: Running 0s, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry h counts for nothing: hold.until: 2026-10-02T09:19:59Z is not after the hold was recorded (2026-10-02T09:20:00Z)"},
		},
		"an until in the very instant is refused": {
			policy: eight(), now: "2h", journal: []fixture.EntryBuilder{until("1h", "1h", "h", "Parts")},
			want:    []string{"Open OnTrack, at a, next 8h", "a: Running 0s, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"hold.until"},
		},
		"a reason that the policy does not list is refused": {
			policy: eight(), now: "2h", journal: []fixture.EntryBuilder{hold("1h", "h", "Lunch")},
			want:    []string{"Open OnTrack, at a, next 8h", "a: Running 0s, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{`hold.reason: "Lunch" is none of the reasons that policy desk allows: Parts, Weather, WaitingForCustomer`},
		},
		"a policy without holds allows none": {
			policy: steps(custom("a", fixture.DueWithin("8h"))), now: "2h", journal: []fixture.EntryBuilder{hold("1h", "h", "WaitingForCustomer")},
			want:    []string{"Open OnTrack, at a, next 8h", "a: Running 0s, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"allows: none"},
		},
		"a resume of nothing is refused": {
			policy: eight(), now: "2h", journal: []fixture.EntryBuilder{resume("1h", "h")},
			want:    []string{"Open OnTrack, at a, next 8h", "a: Running 0s, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{`resume.hold: no hold "h" lasts now; nothing is held`},
		},
		"a second resume is refused, and names what is held": {
			policy: eight(), now: "4h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), hold("1h30m", "g", "Weather"), resume("2h", "h"), resume("3h", "h")},
			want:    []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{`no hold "h" lasts now; held: g (Weather)`},
		},
		"a resume of an entry that is no hold is refused": {
			policy: eight(), now: "4h", journal: []fixture.EntryBuilder{reached("1h"), hold("1h", "h", "Parts"), resume("2h", "reached-1h")},
			want:    []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{`no hold "reached-1h" lasts now; held: h (Parts)`},
		},
	})
}

func TestHoldsHaveCaps(t *testing.T) {
	t.Parallel()
	playAll(t, map[string]scene{
		"the cap of each ends it": {
			policy: capping("30m", ""), now: "2h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts")},
			want: []string{"Open OnTrack, at a, next 8h30m", "a: Running Resumed 0s, due 8h30m, was due 8h"},
		},
		"the cap of each holds for each": {
			policy: capping("30m", ""), now: "4h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), hold("2h", "g", "Parts")},
			want: []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
		"a longer until gives way to the cap": {
			policy: capping("30m", ""), now: "4h", journal: []fixture.EntryBuilder{until("1h", "3h", "h", "Parts")},
			want: []string{"Open OnTrack, at a, next 8h30m", "a: Running Resumed 0s, due 8h30m, was due 8h"},
		},
		"the cap of all is shared": {
			policy: capping("", "1h"), now: "4h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), resume("1h40m", "h"), hold("2h", "g", "Parts")},
			want: []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
		"used up, it is refused": {
			policy: capping("", "1h"), now: "4h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), hold("3h", "g", "Parts")},
			want:    []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry g counts for nothing: hold.reason: the holds for Parts have lasted 1h0m0s, which is all that the policy allows"},
		},
		"the cap of one reason is not that of another": {
			policy: capping("", "1h"), now: "5h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), hold("3h", "g", "Weather"), resume("4h", "g")},
			want: []string{"Open OnTrack, at a, next 10h", "a: Running Resumed 0s, due 10h, was due 8h"},
		},
		"what overlaps counts once against the cap": {
			// From 1h to 1h40m, and on to 2h: one hour in all.
			policy: capping("", "1h"), now: "5h", journal: []fixture.EntryBuilder{until("1h", "1h40m", "h", "Parts"), until("1h20m", "3h", "g", "Parts")},
			want: []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
	})
}

func TestHoldsAreAUnion(t *testing.T) {
	t.Parallel()
	playAll(t, map[string]scene{
		"for two reasons": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), hold("1h30m", "g", "Weather"), resume("2h", "h"), resume("2h30m", "g")},
			want: []string{"Open OnTrack, at a, next 9h30m", "a: Running Resumed 0s, due 9h30m, was due 8h"},
		},
		"for one reason": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), hold("1h30m", "g", "Parts"), resume("2h", "h"), resume("2h30m", "g")},
			want: []string{"Open OnTrack, at a, next 9h30m", "a: Running Resumed 0s, due 9h30m, was due 8h"},
		},
		"one within another of another reason": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), hold("1h30m", "g", "Weather"), resume("2h", "g"), resume("3h", "h")},
			want: []string{"Open OnTrack, at a, next 10h", "a: Running Resumed 0s, due 10h, was due 8h"},
		},
		"one within another for the same reason is refused": {
			policy: eight(), now: "1h45m", journal: []fixture.EntryBuilder{until("1h", "3h", "h", "Parts"), until("1h30m", "2h", "g", "Parts")},
			want:    []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry g counts for nothing: hold: entry h holds for Parts already, for as long"},
		},
		"one that ends with another for the same reason is refused": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{until("1h", "3h", "h", "Parts"), until("1h30m", "3h", "g", "Parts")},
			want:    []string{"Open OnTrack, at a, next 10h", "a: Running Resumed 0s, due 10h, was due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry h holds for Parts already"},
		},
		"one that goes on after another counts": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{until("1h", "3h", "h", "Parts"), until("1h30m", "4h", "g", "Parts")},
			want: []string{"Open OnTrack, at a, next 11h", "a: Running Resumed 0s, due 11h, was due 8h"},
		},
		"one after another that was resumed counts": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{until("1h", "3h", "h", "Parts"), resume("1h20m", "h"), until("1h30m", "2h", "g", "Parts")},
			want: []string{"Open OnTrack, at a, next 8h50m", "a: Running Resumed 0s, due 8h50m, was due 8h"},
		},
		"back to back they are one": {
			policy: eight(), now: "5h", journal: []fixture.EntryBuilder{until("1h", "2h", "h", "Parts"), hold("2h", "g", "Parts"), resume("3h", "g")},
			want: []string{"Open OnTrack, at a, next 10h", "a: Running Resumed 0s, due 10h, was due 8h"},
		},
	})
}

func TestTheCustomerEndsTheWait(t *testing.T) {
	t.Parallel()
	waits := hold("1h", "h", v1alpha1.WaitingForCustomer)
	resumed := []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"}
	held := []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h"}
	playAll(t, map[string]scene{
		"by any contact":             {policy: eight(), now: "3h", journal: []fixture.EntryBuilder{waits, heard("2h")}, want: resumed},
		"by an acknowledgement":      {policy: eight(), now: "3h", journal: []fixture.EntryBuilder{waits, contacting("2h", thanks)}, want: resumed},
		"beside another fact":        {policy: eight(), now: "3h", journal: []fixture.EntryBuilder{waits, heard("2h").Need("a dry towel")}, want: resumed},
		"not by our own":             {policy: eight(), now: "3h", journal: []fixture.EntryBuilder{waits, reached("2h")}, want: held},
		"not a hold for other parts": {policy: eight(), now: "3h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), heard("2h")}, want: held},
		"and the same entry may begin another": {
			policy: eight(), now: "3h", journal: []fixture.EntryBuilder{waits, heard("2h").Hold(v1alpha1.WaitingForCustomer)}, want: held,
		},
	})
}

func TestHoldsAtTheDueInstant(t *testing.T) {
	t.Parallel()
	atDue := []fixture.EntryBuilder{hold("8h", "h", "Parts")}
	playAll(t, map[string]scene{
		"it holds: in one instant the breach comes last": {
			policy: eight(), now: "9h", journal: atDue, want: []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h"},
		},
		"resumed, it is due at once": {
			policy: eight(), now: "9h", journal: and(atDue, resume("9h", "h")),
			want: []string{"Open OnTrack, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
		"resumed and done in one instant, it is in time": {
			policy: eight(), now: "10h", journal: and(atDue, resume("9h", "h"), completing("9h", "a")),
			want: []string{"Closed Met", "a: Done Resumed 0s–9h, due 9h, was due 8h"},
		},
		"resumed and not done, it is breached where it was resumed": {
			policy: eight(), now: "9h1s", journal: and(atDue, resume("9h", "h")),
			want: []string{"Open Overdue, at a, next 9h", "a: Running Resumed 0s, due 9h, was due 8h, breached 9h"},
		},
		"done first, nothing is held": {
			policy: eight(), now: "9h", journal: []fixture.EntryBuilder{completing("8h", "a"), hold("8h", "h", "Parts")},
			want:    []string{"Closed Met", "a: Done Completed 0s–8h, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"hold: the incident is Closed, and nothing is left to pause"},
		},
		"a second after the due instant, it comes too late": {
			policy: eight(), now: "9h", journal: []fixture.EntryBuilder{hold("8h1s", "h", "Parts")},
			want: []string{"Open Missed, at a", "a: Paused Held 0s, was due 8h, breached 8h"},
		},
		"resumed after the breach, it is due where it was": {
			policy: eight(), now: "11h", journal: []fixture.EntryBuilder{hold("9h", "h", "Parts"), resume("10h", "h")},
			want: []string{"Open Overdue, at a, next 8h", "a: Running Resumed 0s, due 8h, breached 8h"},
		},
		"done while it is paused": {
			policy: eight(), now: "11h", journal: []fixture.EntryBuilder{hold("7h", "h", "Parts"), completing("10h", "a")},
			want: []string{"Closed Met", "a: Done Completed 0s–10h, was due 8h"},
		},
		"skipped while it is paused": {
			policy: eight(), now: "11h", journal: []fixture.EntryBuilder{hold("7h", "h", "Parts"), at("10h", entry("no-a").Skip("a", "not wanted"))},
			want: []string{"Closed Met", "a: Cancelled Skipped 0s, was due 8h"},
		},
		"a step that starts while it is held": {
			policy: with(steps(custom("a"), custom("b", fixture.DueWithin("2h"))), holding(pausing("Parts", "b"))), now: "4h",
			journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), completing("2h", "a")},
			want:    []string{"Open OnTrack, at b", "a: Done Completed 0s–2h", "b: Paused Held 2h"},
		},
		"it counts from where it is resumed": {
			policy: with(steps(custom("a"), custom("b", fixture.DueWithin("2h"))), holding(pausing("Parts", "b"))), now: "4h",
			journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), completing("2h", "a"), resume("3h", "h")},
			want:    []string{"Open OnTrack, at b, next 5h", "a: Done Completed 0s–2h", "b: Running Resumed 2h, due 5h"},
		},
		"cancelled while it is held": {
			policy: eight(), now: "4h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), at("2h", entry("end").Cancel("Mistake"))},
			want: []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 9h, was due 8h"},
		},
		"held after the cancel is refused": {
			policy: eight(), now: "4h", journal: []fixture.EntryBuilder{at("1h", entry("end").Cancel("Mistake")), hold("2h", "h", "Parts")},
			want:    []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 8h"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"hold: the incident is Cancelled, and nothing is left to pause"},
		},
	})
}

// A hold stops what its rule lists, and never a response, a promise or a task.
func TestHoldsStopOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	spec := with(
		steps(fixture.Step("sorry", v1alpha1.StepApology, fixture.DueWithin("1h")), custom("a", fixture.After(), fixture.DueWithin("8h")), custom("b", fixture.After(), fixture.DueWithin("8h"))),
		answering("2h"), updating("3h", ""), resolving("9h"), assigning("4h", "5h"),
		holding(also(pausing("Parts", "a"), v1alpha1.ClockResolution, v1alpha1.ClockUpdate), pausing("Weather", "b")),
	)
	playAll(t, map[string]scene{
		"what is listed is paused": {
			policy: spec, now: "40m", journal: []fixture.EntryBuilder{
				heard("5m"), promised("10m", "p", "45m"), at("15m", entry("job").Task(v1alpha1.TaskHelp, "carry it", "2h")), hold("30m", "h", "Parts"),
			},
			want: []string{
				"Open OnTrack, at sorry, next 55m", "Assignment: Running 0s, due 4h", "Resolution: Paused Held 0s, was due 9h", "Update/Start: Paused Held 0s, was due 3h",
				"sorry: Running 0s, due 1h", "a: Paused Held 0s, was due 8h", "b: Running 0s, due 8h",
				"Response/heard-5m: Running 5m, due 2h5m", "Promise/p: Running 10m, due 55m", "Task/job: Running 15m, due 2h15m",
			},
		},
		"what is not listed runs on, an acceptance too": {
			policy: spec, now: "40m", journal: []fixture.EntryBuilder{assigned("5m", "tom"), hold("30m", "h", "Weather")},
			want: []string{
				"Open OnTrack, at sorry, next 1h", "Assignment: Done Completed 0s–5m, due 4h", "Resolution: Running 0s, due 9h", "Update/Start: Running 0s, due 3h",
				"sorry: Running 0s, due 1h", "a: Running 0s, due 8h", "b: Paused Held 0s, was due 8h", "Acceptance/to-tom: Running 5m, due 5h5m",
			},
		},
	})
}

// A hold in closed hours costs nothing, wherever it begins and ends.
func TestHoldsOutsideOpeningHours(t *testing.T) {
	t.Parallel()
	// The office is open from zero to 6h40m, and again from 70h40m.
	spec := with(onCalendar(steps(custom("a", fixture.DueBusiness("8h"))), "office"), holding(pausing("Parts", "a")))
	want := func(due string) []string {
		line := "a: Running Resumed 0s, due " + due
		if due != "72h" {
			line += ", was due 72h"
		}
		return []string{"Open OnTrack, at a, next " + due, line}
	}
	playAll(t, map[string]scene{
		"over the weekend":             {policy: spec, now: "60h", journal: []fixture.EntryBuilder{hold("10h", "h", "Parts"), resume("50h", "h")}, want: want("72h")},
		"from closing to opening":      {policy: spec, now: "71h", journal: []fixture.EntryBuilder{hold("6h40m", "h", "Parts"), resume("70h40m", "h")}, want: want("72h")},
		"a second before closing":      {policy: spec, now: "71h", journal: []fixture.EntryBuilder{hold("6h39m59s", "h", "Parts"), resume("70h40m", "h")}, want: want("72h0m1s")},
		"a second after opening":       {policy: spec, now: "71h", journal: []fixture.EntryBuilder{hold("6h40m", "h", "Parts"), resume("70h40m1s", "h")}, want: want("72h0m1s")},
		"over closing and opening":     {policy: spec, now: "71h30m", journal: []fixture.EntryBuilder{hold("6h", "h", "Parts"), resume("71h", "h")}, want: want("73h")},
		"in open hours, as it is long": {policy: spec, now: "3h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), resume("2h", "h")}, want: want("73h")},
	})
}

func TestHeldIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, eight()).tell(hold("1h", "h", "Parts"), hold("2h", "g", "Weather"))
	w.decide(after("3h"))
	isCondition(t, &w.inc.Status, v1alpha1.HeldCondition, metav1.ConditionTrue, v1alpha1.HoldLastsReason, "1h", "held: h (Parts), g (Weather)")
	w.tell(resume("4h", "h"))
	w.decide(after("4h"))
	isCondition(t, &w.inc.Status, v1alpha1.HeldCondition, metav1.ConditionTrue, v1alpha1.HoldLastsReason, "1h", "held: g (Weather)")
	w.tell(resume("5h", "g"))
	w.decide(after("6h"))
	isCondition(t, &w.inc.Status, v1alpha1.HeldCondition, metav1.ConditionFalse, v1alpha1.NothingHeldReason, "5h", "nothing is held")
}

// Thresholds count as the due instant does: what was held does not count.
func TestWarningsOfAPausedClock(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a", fixture.DueWithin("10h"), fixture.WarnAt(10, 50, 90))), holding(pausing("Parts", "a")))
	beats(t, map[string]beat{
		"they wait for the end of the hold": {
			scene: scene{
				policy: spec, now: "20h", journal: []fixture.EntryBuilder{hold("2h", "h", "Parts"), resume("5h", "h")},
				want: []string{"Open Overdue, at a, next 13h", "a: Running Resumed 0s, due 13h, was due 10h, breached 13h"},
			},
			announced: []string{"Warning/Step/a/10 1h", "Warning/Step/a/50 8h", "Warning/Step/a/90 12h", "Breach/Step/a 13h"},
		},
		"one that was reached in the instant of the hold comes after it": {
			scene: scene{
				policy: spec, now: "6h", journal: []fixture.EntryBuilder{hold("1h", "h", "Parts"), resume("5h", "h")},
				want: []string{"Open OnTrack, at a, next 14h", "a: Running Resumed 0s, due 14h, was due 10h"},
			},
			announced: []string{"Warning/Step/a/10 5h"},
		},
	})
}
