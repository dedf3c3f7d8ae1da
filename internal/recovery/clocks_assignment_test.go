package recovery_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// owned owes an owner within five minutes, and an acceptance within ten.
func owned(changes ...func(*v1alpha1.RecoveryPolicySpec)) v1alpha1.RecoveryPolicySpec {
	return with(steps(custom("a")), append([]func(*v1alpha1.RecoveryPolicySpec){assigning("5m", "10m")}, changes...)...)
}

// taken accepts an assignment, the latest where none is named.
func taken(d string, assignment v1alpha1.Name) fixture.EntryBuilder {
	return at(d, entry("taken-"+v1alpha1.Name(d)).Acceptance().With(func(e *v1alpha1.JournalEntry) { e.Acceptance.Assignment = assignment }))
}

// waited checks how long our hand-overs cost the customer.
func waited(want v1alpha1.Duration) func(*testing.T, *v1alpha1.IncidentStatus) {
	return func(t *testing.T, s *v1alpha1.IncidentStatus) {
		t.Helper()
		var got v1alpha1.Duration
		if s.Waits != nil {
			got = s.Waits.Acceptance
		}
		if got != want {
			t.Errorf("waits.acceptance is %q, want %q", got, want)
		}
	}
}

func TestAssignment(t *testing.T) {
	t.Parallel()
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	duty := escalating(level("duty", v1alpha1.TriggerUnowned, v1alpha1.TriggerUnaccepted))
	beats(t, map[string]beat{
		"nobody has it": {
			scene:     scene{policy: owned(duty), now: "6m", want: []string{"Open Overdue, at a, next 5m", "Assignment: Running 0s, due 5m, breached 5m", "a: Running 0s"}},
			announced: []string{"Breach/Assignment 5m", "Escalation/duty/Unowned/Assignment 5m to duty"}, check: waited(""),
		},
		"somebody has it": {
			scene: scene{policy: owned(), now: "6m", journal: tell(assigned("5m", "tom")), want: []string{"Open OnTrack, at a, next 15m", "Assignment: Done Completed 0s–5m, due 5m", "a: Running 0s", "Acceptance/to-tom: Running 5m, due 15m"}},
			check: waited(""),
		},
		"and takes it on": {
			scene: scene{policy: owned(), now: "20m", journal: tell(assigned("2m", "tom"), taken("9m", "")), want: []string{"Open OnTrack, at a", "Assignment: Done Completed 0s–2m, due 5m", "a: Running 0s", "Acceptance/to-tom: Done Completed 2m–9m, due 12m"}},
			check: waited("7m0s"),
		},
		"and does not": {
			scene:     scene{policy: owned(duty), now: "20m", journal: tell(assigned("2m", "tom")), want: []string{"Open Overdue, at a, next 12m", "Assignment: Done Completed 0s–2m, due 5m", "a: Running 0s", "Acceptance/to-tom: Running 2m, due 12m, breached 12m"}},
			announced: []string{"Breach/Acceptance/to-tom 12m", "Escalation/duty/Unaccepted/Acceptance/to-tom 12m to duty"}, check: waited(""),
		},
		"handed on, the next one's acceptance is waited for": {
			scene: scene{
				policy: owned(), now: "30m", journal: tell(assigned("2m", "tom"), assigned("8m", "lin"), taken("10m", "to-lin")),
				want: []string{"Open OnTrack, at a", "Assignment: Done Completed 0s–2m, due 5m", "a: Running 0s", "Acceptance/to-tom: Cancelled Superseded 2m, due 12m", "Acceptance/to-lin: Done Completed 8m–10m, due 18m"},
			},
			check: waited("8m0s"),
		},
		"the acceptance of another assignment is refused": {
			scene: scene{
				policy: owned(), now: "10m", journal: tell(assigned("2m", "tom"), assigned("8m", "lin"), taken("9m", "to-tom")),
				want:    []string{"Open OnTrack, at a, next 18m", "Assignment: Done Completed 0s–2m, due 5m", "a: Running 0s", "Acceptance/to-tom: Cancelled Superseded 2m, due 12m", "Acceptance/to-lin: Running 8m, due 18m"},
				refused: v1alpha1.EntriesRefusedReason, says: []string{`acceptance.assignment: "to-tom" is not the latest assignment, which is "to-lin"`},
			},
			check: waited("6m0s"),
		},
		"an acceptance of nothing is refused": {
			scene: scene{
				policy: owned(), now: "4m", journal: tell(taken("1m", "")), want: []string{"Open OnTrack, at a, next 5m", "Assignment: Running 0s, due 5m", "a: Running 0s"},
				refused: v1alpha1.EntriesRefusedReason, says: []string{"acceptance: the incident is not assigned to anybody; append an assignment first"},
			},
		},
		"accepted twice": {
			scene: scene{policy: owned(), now: "30m", journal: tell(assigned("2m", "tom"), taken("9m", ""), taken("11m", "to-tom")), want: []string{"Open OnTrack, at a", "Assignment: Done Completed 0s–2m, due 5m", "a: Running 0s", "Acceptance/to-tom: Done Completed 2m–9m, due 12m"}},
			check: waited("7m0s"),
		},
		"nothing is owed": {
			scene: scene{policy: steps(custom("a")), now: "30m", journal: tell(assigned("2m", "tom"), taken("9m", "to-tom")), want: []string{"Open OnTrack, at a", "a: Running 0s"}}, check: waited(""),
		},
		"a wrong assignment is named where nothing is owed": {
			scene: scene{
				policy: steps(custom("a")), now: "30m", journal: tell(assigned("2m", "tom"), taken("9m", "to-lin")), want: []string{"Open OnTrack, at a", "a: Running 0s"},
				refused: v1alpha1.EntriesRefusedReason, says: []string{`"to-lin" is not the latest assignment, which is "to-tom"`},
			},
		},
		"the latest assignment is named, which owed nothing": {
			scene: scene{
				policy: with(steps(custom("a")), severe("High", func(o *v1alpha1.SeverityOverlay) { o.Assignment = &v1alpha1.AssignmentLimits{AcceptWithin: "10m"} })), now: "30m",
				incident: []fixture.IncidentOption{fixture.OfSeverity("High")},
				journal:  tell(assigned("2m", "tom"), to("3m", "Low", "less"), assigned("4m", "lin"), taken("5m", "to-lin")),
				want:     []string{"Open OnTrack, at a", "a: Running 0s", "Acceptance/to-tom: Cancelled Retargeted 2m, due 12m"},
			},
		},
		"closed, both end": {
			scene: scene{policy: owned(), now: "30m", journal: tell(assigned("2m", "tom"), completing("4m", "a")), want: []string{"Closed Met", "Assignment: Done Completed 0s–2m, due 5m", "a: Done Completed 0s–4m", "Acceptance/to-tom: Cancelled IncidentEnded 2m, due 12m"}},
			check: waited("2m0s"),
		},
		"cancelled without an owner": {
			scene: scene{policy: owned(), now: "30m", journal: tell(at("4m", entry("end").Cancel("Mistake"))), want: []string{"Cancelled OnTrack", "Assignment: Cancelled IncidentEnded 0s, due 5m", "a: Cancelled IncidentEnded 0s"}},
		},
		"assigned after the end, nothing is timed": {
			scene: scene{policy: owned(), now: "30m", journal: tell(completing("4m", "a"), assigned("5m", "tom")), want: []string{"Closed Met", "Assignment: Cancelled IncidentEnded 0s, due 5m", "a: Done Completed 0s–4m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				t.Helper()
				if s.Owner != "tom" {
					t.Errorf("the owner is %q", s.Owner)
				}
			},
		},
		"reopened without an owner, one is owed again": {
			scene: scene{
				policy: owned(), now: "1h4m", journal: tell(completing("4m", "a"), back("1h")),
				want: []string{"Open OnTrack round 2, at a, next 1h5m", "Assignment: Cancelled IncidentEnded 0s, due 5m", "a: Done Completed 0s–4m", "Assignment#2: Running 1h, due 1h5m", "a#2: Running 1h"},
			},
		},
		"reopened with an owner, none is owed": {
			scene: scene{
				policy: owned(), now: "1h4m", journal: tell(assigned("1m", "tom"), taken("2m", ""), completing("4m", "a"), back("1h")),
				want: []string{"Open OnTrack round 2, at a", "Assignment: Done Completed 0s–1m, due 5m", "a: Done Completed 0s–4m", "Acceptance/to-tom: Done Completed 1m–2m, due 11m", "a#2: Running 1h"},
			},
		},
	})
}

// The severity decides on what is owed beside the steps: what was not owed before starts,
// counted from where it would have counted, and what is owed no more ends.
func TestWhatASeverityOwes(t *testing.T) {
	t.Parallel()
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	at := func(severity v1alpha1.Severity) v1alpha1.RecoveryPolicySpec {
		return with(steps(custom("a")), severe(severity, func(o *v1alpha1.SeverityOverlay) {
			o.Responses = &v1alpha1.Responses{Within: "30m"}
			o.Updates = &v1alpha1.Updates{Every: "40m"}
			o.Assignment = &v1alpha1.AssignmentLimits{AssignWithin: "50m", AcceptWithin: "20m"}
		}))
	}
	high, low := at("High"), at("Low")
	graver, milder := func(d string) fixture.EntryBuilder { return to(d, "High", "") }, func(d string) fixture.EntryBuilder { return to(d, "Low", "less") }
	begin := []fixture.IncidentOption{fixture.OfSeverity("High")}
	beats(t, map[string]beat{
		"silence and owner start": {scene: scene{
			policy: high, now: "35m", journal: tell(graver("30m")),
			want: []string{"Open OnTrack, at a, next 40m", "a: Running 0s", "Update/retarget-30m: Running 30m, due 40m", "Assignment: Running 30m, due 50m"},
		}},
		"silence counts from the last contact": {scene: scene{
			policy: high, now: "35m", journal: tell(reached("20m"), graver("30m")),
			want: []string{"Open OnTrack, at a, next 50m", "a: Running 0s", "Update/retarget-30m: Running 30m, due 1h", "Assignment: Running 30m, due 50m"},
		}},
		"an answer is owed to the oldest contact": {scene: scene{
			policy: high, now: "35m", journal: tell(assigned("1m", "tom"), taken("2m", ""), heard("20m"), heard("25m"), graver("30m")),
			want: []string{"Open OnTrack, at a, next 40m", "a: Running 0s", "Update/retarget-30m: Running 30m, due 40m", "Response/heard-20m: Running 30m, due 50m"},
		}},
		"no answer is owed to one that was answered": {scene: scene{
			policy: high, now: "35m", journal: tell(assigned("1m", "tom"), taken("2m", ""), heard("20m"), reached("25m"), graver("30m")),
			want: []string{"Open OnTrack, at a, next 1h5m", "a: Running 0s", "Update/retarget-30m: Running 30m, due 1h5m"},
		}},
		"an acceptance is owed": {scene: scene{
			policy: high, now: "35m", journal: tell(assigned("20m", "tom"), graver("30m")),
			want: []string{"Open OnTrack, at a, next 40m", "a: Running 0s", "Update/retarget-30m: Running 30m, due 40m", "Acceptance/to-tom: Running 30m, due 40m"},
		}},
		"all of it past due, breached at the change": {
			scene: scene{
				policy: high, now: "70m", journal: tell(heard("10m"), graver("1h")),
				want: []string{"Open Overdue, at a, next 40m", "a: Running 0s", "Update/retarget-1h: Running RetargetedPastDue 1h, due 40m, breached 1h",
					"Response/heard-10m: Running RetargetedPastDue 1h, due 40m, breached 1h", "Assignment: Running RetargetedPastDue 1h, due 50m, breached 1h"},
			},
			announced: []string{"Breach/Assignment 1h", "Breach/Response/heard-10m 1h", "Breach/Update/retarget-1h 1h"},
		},
		"all of it ends": {scene: scene{
			policy: high, incident: begin, now: "35m", journal: tell(heard("10m"), assigned("20m", "tom"), milder("30m")),
			want: []string{"Open OnTrack, at a", "Assignment: Done Completed 0s–20m, due 50m", "a: Running 0s", "Response/heard-10m: Cancelled Retargeted 10m, due 40m", "Acceptance/to-tom: Cancelled Retargeted 20m, due 40m"},
		}},
		"what was late stays in the record": {scene: scene{
			policy: high, incident: begin, now: "2h", journal: tell(heard("10m"), milder("1h")),
			want: []string{"Open Missed, at a", "Assignment: Cancelled Retargeted 0s, due 50m, breached 50m", "Update/Start: Cancelled Retargeted 0s, due 40m, breached 40m", "a: Running 0s", "Response/heard-10m: Cancelled Retargeted 10m, due 40m, breached 40m"},
		}},
		"to and fro, all of it goes on": {scene: scene{
			policy: high, incident: begin, now: "36m", journal: tell(heard("10m"), assigned("20m", "tom"), milder("30m"), graver("35m")),
			want: []string{"Open OnTrack, at a, next 40m", "Assignment: Done Completed 0s–20m, due 50m", "a: Running 0s", "Response/heard-10m: Running Retargeted 10m, due 40m", "Acceptance/to-tom: Running Retargeted 20m, due 40m", "Update/retarget-35m: Running 35m, due 40m"},
		}},
		"an answer meanwhile is an answer": {scene: scene{
			policy: high, incident: begin, now: "45m", journal: tell(assigned("1m", "tom"), taken("2m", ""), heard("10m"), milder("30m"), reached("35m"), graver("40m")),
			want: []string{"Open OnTrack, at a, next 1h15m", "Assignment: Done Completed 0s–1m, due 50m", "a: Running 0s", "Acceptance/to-tom: Done Completed 1m–2m, due 21m", "Response/heard-10m: Cancelled Retargeted 10m, due 40m", "Update/retarget-40m: Running 40m, due 1h15m"},
		}},
		"owed only where it is mild, it ends where it is grave": {scene: scene{
			policy: low, now: "35m", journal: tell(heard("10m"), graver("30m")),
			want: []string{"Open OnTrack, at a", "Assignment: Cancelled Retargeted 0s, due 50m", "a: Running 0s", "Response/heard-10m: Cancelled Retargeted 10m, due 40m"},
		}},
	})
}
