package recovery_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// desk is one step of eight hours, with what a change owes beside it.
func desk(changes ...func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
	return with(steps(custom("a", fixture.DueWithin("8h"))), changes...)
}

// beside is how a desk stands, with lines of what else is there.
func beside(first string, more ...string) []string {
	return append([]string{first, "a: Running 0s, due 8h"}, more...)
}

func TestResponses(t *testing.T) {
	t.Parallel()
	spec := desk(answering("30m"))
	open := beside("Open OnTrack, at a, next 40m", "Response/heard-10m: Running 10m, due 40m")
	answered := beside("Open OnTrack, at a, next 8h", "Response/heard-10m: Done Completed 10m–20m, due 40m")
	none := beside("Open OnTrack, at a, next 8h")
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	playAll(t, map[string]scene{
		"a contact opens one":              {policy: spec, now: "30m", journal: tell(heard("10m")), want: open},
		"the oldest counts":                {policy: spec, now: "35m", journal: tell(heard("10m"), heard("20m"), heard("30m")), want: open},
		"our own answers":                  {policy: spec, now: "30m", journal: tell(heard("10m"), reached("20m")), want: answered},
		"one answer is for all":            {policy: spec, now: "30m", journal: tell(heard("10m"), heard("15m"), reached("20m")), want: answered},
		"an answer beside another fact":    {policy: spec, now: "30m", journal: tell(heard("10m"), reached("20m").Gesture("tea")), want: answered},
		"a machine does not answer":        {policy: spec, now: "30m", journal: tell(heard("10m"), contacting("20m", byMachine)), want: open},
		"a broadcast does not answer":      {policy: spec, now: "30m", journal: tell(heard("10m"), contacting("20m", toAll)), want: open},
		"an attempt does not answer":       {policy: spec, now: "30m", journal: tell(heard("10m"), at("20m", entry("tried").Tried("Phone"))), want: open},
		"an acknowledgement opens none":    {policy: spec, now: "30m", journal: tell(contacting("10m", thanks)), want: none},
		"an acknowledgement answers none":  {policy: spec, now: "30m", journal: tell(heard("10m"), contacting("20m", thanks)), want: open},
		"beside a completion none opens":   {policy: spec, now: "30m", journal: tell(heard("10m").With(func(e *v1alpha1.JournalEntry) { e.Completion = &v1alpha1.Completion{Step: "b"} })), refused: v1alpha1.EntriesRefusedReason, want: none},
		"beside an outcome none opens":     {policy: spec, now: "30m", journal: tell(heard("10m").TaskOutcome("x", "Done")), refused: v1alpha1.EntriesRefusedReason, want: none},
		"beside a feedback none opens":     {policy: spec, now: "30m", journal: tell(heard("10m").Feedback(5)), want: none},
		"beside a need one opens":          {policy: spec, now: "30m", journal: tell(heard("10m").Need("a towel")), want: open},
		"an answer in the same second":     {policy: spec, now: "30m", journal: tell(heard("10m"), reached("10m")), want: beside("Open OnTrack, at a, next 8h", "Response/heard-10m: Done Completed 10m–10m, due 40m")},
		"an answer before it answers none": {policy: spec, now: "30m", journal: tell(reached("10m"), heard("10m")), want: open},
		"an answer at the due instant":     {policy: spec, now: "50m", journal: tell(heard("10m"), reached("40m")), want: beside("Open OnTrack, at a, next 8h", "Response/heard-10m: Done Completed 10m–40m, due 40m")},
		"an answer that is late":           {policy: spec, now: "50m", journal: tell(heard("10m"), reached("41m")), want: beside("Open Missed, at a, next 8h", "Response/heard-10m: Done Completed 10m–41m, due 40m, breached 40m")},
		"none at all":                      {policy: spec, now: "50m", journal: tell(heard("10m")), want: beside("Open Overdue, at a, next 8h", "Response/heard-10m: Running 10m, due 40m, breached 40m")},
		"answered, the next one opens anew": {
			policy: spec, now: "30m", journal: tell(heard("10m"), reached("20m"), heard("25m")),
			want: beside("Open OnTrack, at a, next 55m", "Response/heard-10m: Done Completed 10m–20m, due 40m", "Response/heard-25m: Running 25m, due 55m"),
		},
		"a policy that owes none": {policy: desk(), now: "30m", journal: tell(heard("10m")), want: none},
	})
}

// An unanswered contact keeps an incident from closing, and runs on after its end.
func TestResponsesAndTheEnd(t *testing.T) {
	t.Parallel()
	spec := desk(answering("30m"), func(s *v1alpha1.RecoveryPolicySpec) { s.ReopenWithin = "10m" })
	done := completing("5m", "a")
	a := "a: Done Completed 0s–5m, due 8h"
	playAll(t, map[string]scene{
		"unanswered, it is not closed": {
			policy: spec, now: "10m", journal: []fixture.EntryBuilder{heard("1m"), done},
			want: []string{"Resolved OnTrack, next 31m", a, "Response/heard-1m: Running 1m, due 31m"},
		},
		"answered, it is closed": {
			policy: spec, now: "10m", journal: []fixture.EntryBuilder{heard("1m"), done, reached("6m")},
			want: []string{"Closed Met", a, "Response/heard-1m: Done Completed 1m–6m, due 31m"},
		},
		"cancelled, it runs on": {
			policy: spec, now: "40m", journal: []fixture.EntryBuilder{heard("1m"), at("5m", entry("end").Cancel("Averted"))},
			want: []string{"Cancelled Overdue, next 31m", "a: Cancelled IncidentEnded 0s, due 8h", "Response/heard-1m: Running 1m, due 31m, breached 31m"},
		},
		"closed, it opens": {
			policy: spec, now: "1h", journal: []fixture.EntryBuilder{done, heard("20m")},
			want: []string{"Closed Overdue, next 50m", a, "Response/heard-20m: Running 20m, due 50m, breached 50m"},
		},
		"closed, it is answered": {
			policy: spec, now: "1h", journal: []fixture.EntryBuilder{done, heard("20m"), reached("50m")},
			want: []string{"Closed Met", a, "Response/heard-20m: Done Completed 20m–50m, due 50m"},
		},
		"closed, thanks ask for nothing": {
			policy: spec, now: "1h", journal: []fixture.EntryBuilder{done, contacting("6m", thanks)}, want: []string{"Closed Met", a},
		},
		"reopened, it is owed beside the new round": {
			policy: spec, now: "20m", journal: []fixture.EntryBuilder{done, heard("15m")},
			want: []string{"Open OnTrack round 2, at a, next 45m", a, "Response/heard-15m: Running 15m, due 45m", "a#2: Running 15m, due 8h15m"},
		},
	})
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	spec := desk(updating("2h", ""))
	late := "Update/Start: Running 0s, due 2h, breached 2h"
	playAll(t, map[string]scene{
		"the silence counts from the report":        {policy: spec, now: "1h", want: []string{"Open OnTrack, at a, next 2h", "Update/Start: Running 0s, due 2h", "a: Running 0s, due 8h"}},
		"it is too long":                            {policy: spec, now: "3h", want: []string{"Open Overdue, at a, next 8h", late, "a: Running 0s, due 8h"}},
		"a contact restarts it":                     {policy: spec, now: "2h", journal: []fixture.EntryBuilder{reached("1h")}, want: []string{"Open OnTrack, at a, next 3h", "a: Running 0s, due 8h", "Update/reached-1h: Running 1h, due 3h"}},
		"a machine restarts it":                     {policy: spec, now: "2h", journal: []fixture.EntryBuilder{contacting("1h", byMachine)}, want: []string{"Open OnTrack, at a, next 3h", "a: Running 0s, due 8h", "Update/reached-1h: Running 1h, due 3h"}},
		"a broadcast restarts it":                   {policy: spec, now: "2h", journal: []fixture.EntryBuilder{contacting("1h", toAll)}, want: []string{"Open OnTrack, at a, next 3h", "a: Running 0s, due 8h", "Update/reached-1h: Running 1h, due 3h"}},
		"an attempt does not":                       {policy: spec, now: "2h", journal: []fixture.EntryBuilder{at("1h", entry("tried").Tried("Phone"))}, want: []string{"Open OnTrack, at a, next 2h", "Update/Start: Running 0s, due 2h", "a: Running 0s, due 8h"}},
		"the customer's own does not":               {policy: spec, now: "2h", journal: []fixture.EntryBuilder{heard("1h")}, want: []string{"Open OnTrack, at a, next 2h", "Update/Start: Running 0s, due 2h", "a: Running 0s, due 8h"}},
		"silences that were short are not listed":   {policy: spec, now: "4h", journal: []fixture.EntryBuilder{reached("1h"), reached("3h")}, want: []string{"Open OnTrack, at a, next 5h", "a: Running 0s, due 8h", "Update/reached-3h: Running 3h, due 5h"}},
		"one that ended at its due instant neither": {policy: spec, now: "3h", journal: []fixture.EntryBuilder{reached("2h")}, want: []string{"Open OnTrack, at a, next 4h", "a: Running 0s, due 8h", "Update/reached-2h: Running 2h, due 4h"}},
		"one that was too long stays": {
			policy: spec, now: "4h", journal: []fixture.EntryBuilder{reached("3h")},
			want: []string{"Open Missed, at a, next 5h", "Update/Start: Done Completed 0s–3h, due 2h, breached 2h", "a: Running 0s, due 8h", "Update/reached-3h: Running 3h, due 5h"},
		},
		"an entry with the name of the first silence is another one": {
			policy: spec, now: "4h", journal: []fixture.EntryBuilder{at("3h", entry("start").Reached("Phone"))},
			want: []string{"Open Missed, at a, next 5h", "Update/Start: Done Completed 0s–3h, due 2h, breached 2h", "a: Running 0s, due 8h", "Update/start: Running 3h, due 5h"},
		},
		"resolved, it ends": {policy: spec, now: "4h", journal: []fixture.EntryBuilder{completing("1h", "a")}, want: []string{"Closed Met", "a: Done Completed 0s–1h, due 8h"}},
		"resolved, one that was too long ends": {
			policy: spec, now: "4h", journal: []fixture.EntryBuilder{completing("3h", "a")},
			want: []string{"Closed Missed", "Update/Start: Done Resolved 0s–3h, due 2h, breached 2h", "a: Done Completed 0s–3h, due 8h"},
		},
		"cancelled, one that was too long is cancelled": {
			policy: spec, now: "4h", journal: []fixture.EntryBuilder{at("3h", entry("end").Cancel("Mistake"))},
			want: []string{"Cancelled Missed", "Update/Start: Cancelled IncidentEnded 0s, due 2h, breached 2h", "a: Cancelled IncidentEnded 0s, due 8h"},
		},
		"resolved, a contact starts none": {
			policy: with(steps(custom("a"), fixture.FollowUp("call", "Closing")), updating("2h", "")), now: "4h", journal: []fixture.EntryBuilder{completing("1h", "a"), reached("2h")},
			want: []string{"Resolved OnTrack, at call", "a: Done Completed 0s–1h", "call: Running 1h"},
		},
		"reopened, it counts from there": {
			policy: spec, now: "4h", journal: []fixture.EntryBuilder{completing("1h", "a"), at("3h", entry("back").Reopen("NotFixed"))},
			want: []string{"Open OnTrack round 2, at a, next 5h", "a: Done Completed 0s–1h, due 8h", "Update/Start#2: Running 3h, due 5h", "a#2: Running 3h, due 11h"},
		},
		"reopened by the customer, it counts from there": {
			policy: spec, now: "4h", journal: []fixture.EntryBuilder{completing("1h", "a"), heard("3h")},
			want: []string{"Open OnTrack round 2, at a, next 5h", "a: Done Completed 0s–1h, due 8h", "Update/Start#2: Running 3h, due 5h", "a#2: Running 3h, due 11h"},
		},
	})
}

func TestUpdatesWhileHeld(t *testing.T) {
	t.Parallel()
	// The hold pauses the step, and not the updates.
	spec := desk(updating("2h", "6h"), holding(pausing("Parts", "a")))
	pausesUpdates := desk(updating("2h", ""), holding(also(pausing("Parts", "a"), v1alpha1.ClockUpdate)))
	sameHeld := desk(updating("2h", ""), holding(pausing("Parts", "a")))
	rare := desk(updating("2h", "30m"), holding(pausing("Parts", "a")))
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	playAll(t, map[string]scene{
		"silence may be longer": {
			policy: spec, now: "3h", journal: tell(hold("1h", "h", "Parts")),
			want: []string{"Open OnTrack, at a, next 6h", "Update/Start: Running 0s, due 6h, was due 2h", "a: Paused Held 0s, was due 8h"},
		},
		"a contact in the hold counts from there": {
			policy: spec, now: "4h", journal: tell(hold("1h", "h", "Parts"), reached("3h")),
			want: []string{"Open OnTrack, at a, next 9h", "a: Paused Held 0s, was due 8h", "Update/reached-3h: Running 3h, due 9h"},
		},
		"resumed early, the usual silence counts from the last contact": {
			policy: spec, now: "1h45m", journal: tell(hold("1h", "h", "Parts"), resume("1h30m", "h")),
			want: []string{"Open OnTrack, at a, next 2h", "Update/Start: Running 0s, due 2h", "a: Running Resumed 0s, due 8h30m, was due 8h"},
		},
		"resumed when that would be over, it counts from there": {
			policy: spec, now: "3h30m", journal: tell(hold("1h", "h", "Parts"), resume("3h", "h")),
			want: []string{"Open OnTrack, at a, next 5h", "Update/Start: Running 0s, due 5h, was due 2h", "a: Running Resumed 0s, due 10h, was due 8h"},
		},
		"resumed in the very instant, it counts from there": {
			policy: spec, now: "2h30m", journal: tell(hold("1h", "h", "Parts"), resume("2h", "h")),
			want: []string{"Open OnTrack, at a, next 4h", "Update/Start: Running 0s, due 4h, was due 2h", "a: Running Resumed 0s, due 9h, was due 8h"},
		},
		"resumed late, it is due when it was due in the hold": {
			policy: spec, now: "5h30m", journal: tell(hold("1h", "h", "Parts"), resume("5h", "h")),
			want: []string{"Open OnTrack, at a, next 6h", "Update/Start: Running 0s, due 6h, was due 2h", "a: Running Resumed 0s, due 12h, was due 8h"},
		},
		"without a rule of its own, it runs on": {
			policy: sameHeld, now: "3h", journal: tell(hold("1h", "h", "Parts")),
			want: []string{"Open Overdue, at a, next 2h", "Update/Start: Running 0s, due 2h, breached 2h", "a: Paused Held 0s, was due 8h"},
		},
		"where the hold pauses it, it is due later by the pause": {
			policy: pausesUpdates, now: "4h", journal: tell(hold("1h", "h", "Parts"), resume("3h", "h")),
			want: []string{"Open OnTrack, at a, next 4h", "Update/Start: Running Resumed 0s, due 4h, was due 2h", "a: Running Resumed 0s, due 10h, was due 8h"},
		},
		"where the hold pauses it, a contact starts one that is paused": {
			policy: pausesUpdates, now: "4h", journal: tell(hold("1h", "h", "Parts"), reached("2h")),
			want: []string{"Open OnTrack, at a", "a: Paused Held 0s, was due 8h", "Update/reached-2h: Paused Held 2h"},
		},
		"a shorter silence counts from the hold": {
			policy: rare, now: "1h10m", journal: tell(hold("1h", "h", "Parts")),
			want: []string{"Open OnTrack, at a, next 1h30m", "Update/Start: Running 0s, due 1h30m, was due 2h", "a: Paused Held 0s, was due 8h"},
		},
		"two holds are one": {
			policy: spec, now: "3h30m", journal: tell(hold("1h", "h", "Parts"), resume("2h", "h"), hold("2h", "g", "Parts"), resume("3h", "g")),
			want: []string{"Open OnTrack, at a, next 5h", "Update/Start: Running 0s, due 5h, was due 2h", "a: Running Resumed 0s, due 10h, was due 8h"},
		},
	})
}
