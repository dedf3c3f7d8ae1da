package recovery_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// said is a feedback that a change gives its content.
func said(d string, change func(*v1alpha1.Feedback)) fixture.EntryBuilder {
	return at(d, entry("said-"+v1alpha1.Name(d)).Feedback(0).With(func(e *v1alpha1.JournalEntry) { change(e.Feedback) }))
}

func satisfied(d string, n int32) fixture.EntryBuilder {
	return said(d, func(f *v1alpha1.Feedback) { f.Satisfaction = n })
}

func versus(d string, v v1alpha1.VersusExpectation) fixture.EntryBuilder {
	return said(d, func(f *v1alpha1.Feedback) { f.VersusExpectation = v })
}

func TestFeedback(t *testing.T) {
	t.Parallel()
	duty := escalating(level("duty", v1alpha1.TriggerDissatisfied))
	spec := with(steps(custom("a")), duty)
	reopen := with(spec, func(s *v1alpha1.RecoveryPolicySpec) {
		s.OnDissatisfied = v1alpha1.OnDissatisfiedReopen
		s.ReopenWithin = "2h"
	})
	closed := []string{"Closed Met", "a: Done Completed 0s–1m"}
	round2 := []string{"Open OnTrack round 2, at a", "a: Done Completed 0s–1m", "a#2: Running 10m"}
	told := func(d string) []string {
		return []string{"Escalation/duty/Dissatisfied/said-" + d + " " + d + " to duty"}
	}
	after := func(spec v1alpha1.RecoveryPolicySpec, want []string, announced []string, list ...fixture.EntryBuilder) beat {
		return beat{scene: scene{policy: spec, now: "5h", journal: append([]fixture.EntryBuilder{completing("1m", "a")}, list...), want: want}, announced: announced}
	}
	none := []string{}
	beats(t, map[string]beat{
		"a satisfaction of two":                      after(spec, closed, told("10m"), satisfied("10m", 2)),
		"a satisfaction of one":                      after(spec, closed, told("10m"), satisfied("10m", 1)),
		"a satisfaction of three":                    after(spec, closed, none, satisfied("10m", 3)),
		"below what was expected":                    after(spec, closed, told("10m"), versus("10m", "Below")),
		"what was expected":                          after(spec, closed, none, versus("10m", "Met")),
		"above it":                                   after(spec, closed, none, versus("10m", "Above")),
		"only whether they return":                   after(spec, closed, none, said("10m", func(f *v1alpha1.Feedback) { f.WillReturn = "No" })),
		"below, and satisfied":                       after(spec, closed, told("10m"), said("10m", func(f *v1alpha1.Feedback) { f.VersusExpectation, f.Satisfaction = "Below", 5 })),
		"met, and not satisfied":                     after(spec, closed, told("10m"), said("10m", func(f *v1alpha1.Feedback) { f.VersusExpectation, f.Satisfaction = "Met", 2 })),
		"each is told":                               after(spec, closed, append(told("10m"), told("20m")...), satisfied("10m", 2), satisfied("20m", 1)),
		"reopened":                                   after(reopen, round2, none, satisfied("10m", 2)),
		"reopened by a call that asks for no answer": after(with(reopen, answering("30m")), round2, none, heard("10m").Feedback(2)),
		"reopened once, later it is told":            after(reopen, []string{"Closed Met round 2", "a: Done Completed 0s–1m", "a#2: Done Completed 10m–20m"}, told("30m"), satisfied("10m", 2), again("20m"), satisfied("30m", 2)),
		"too late to reopen, it is told":             after(reopen, closed, told("3h"), satisfied("3h", 2)),
		"satisfied, nothing is reopened":             after(reopen, closed, none, satisfied("10m", 4)),
	})
	beats(t, map[string]beat{
		"before the end it is told": {
			scene:     scene{policy: spec, now: "20m", journal: []fixture.EntryBuilder{satisfied("10m", 2)}, want: []string{"Open OnTrack, at a", "a: Running 0s"}},
			announced: told("10m"),
		},
		"before the end it reopens nothing, and one after it does": {
			scene: scene{
				policy: reopen, now: "40m", journal: []fixture.EntryBuilder{satisfied("10m", 2), completing("20m", "a"), satisfied("30m", 2)},
				want: []string{"Open OnTrack round 2, at a", "a: Done Completed 0s–20m", "a#2: Running 30m"},
			},
			announced: told("10m"),
		},
		"of a cancelled incident it is told": {
			scene: scene{
				policy: reopen, now: "40m", journal: []fixture.EntryBuilder{at("5m", entry("end").Cancel("Mistake")), satisfied("10m", 2)},
				want: []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s"},
			},
			announced: told("10m"),
		},
	})
}

func TestEndedWell(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a"), fixture.FollowUp("call", "Closing", fixture.Demanding())), answering("30m"), func(s *v1alpha1.RecoveryPolicySpec) { s.ReopenWithin = "1h" })
	well, not := metav1.ConditionTrue, metav1.ConditionFalse
	for name, c := range map[string]struct {
		now     string
		journal []fixture.EntryBuilder
		status  metav1.ConditionStatus
		since   string
		says    string
	}{
		"a person reached them":               {"1h", []fixture.EntryBuilder{completing("1m", "a"), reached("5m"), completing("10m", "call")}, well, "10m", "a person reached the customer after the resolution"},
		"nobody reached them":                 {"1h", []fixture.EntryBuilder{reached("30s"), completing("1m", "a"), completing("10m", "call")}, not, "10m", "no person has reached the customer since the resolution"},
		"a machine reached them":              {"1h", []fixture.EntryBuilder{completing("1m", "a"), contacting("5m", byMachine), completing("10m", "call")}, not, "10m", "no person"},
		"a broadcast reached them":            {"1h", []fixture.EntryBuilder{completing("1m", "a"), contacting("5m", toAll), completing("10m", "call")}, not, "10m", "no person"},
		"a person reached them after the end": {"1h", []fixture.EntryBuilder{completing("1m", "a"), completing("10m", "call"), reached("20m")}, well, "20m", "a person"},
		"a promise was broken since":          {"1h", []fixture.EntryBuilder{completing("1m", "a"), promised("2m", "p", "3m"), reached("6m"), noted(outcome("7m", "p", "Kept")), completing("10m", "call")}, not, "10m", "Promise/p was missed since the resolution"},
		"a promise was broken before":         {"1h", []fixture.EntryBuilder{promised("10s", "p", "20s"), noted(outcome("50s", "p", "Kept")), completing("1m", "a"), reached("6m"), completing("10m", "call")}, well, "10m", "a person"},
		"a promise was broken after the end":  {"1h", []fixture.EntryBuilder{completing("1m", "a"), reached("6m"), completing("10m", "call"), promised("20m", "p", "10m")}, not, "30m", "Promise/p was missed"},
		"a contact was answered late":         {"1h", []fixture.EntryBuilder{heard("30s"), completing("1m", "a"), reached("35m"), completing("36m", "call")}, not, "36m", "Response/heard-30s was missed"},
		"a contact is unanswered after it":    {"3h", []fixture.EntryBuilder{completing("1m", "a"), reached("6m"), completing("10m", "call"), heard("2h")}, not, "2h30m", "Response/heard-2h was missed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, spec).tell(c.journal...)
			w.decide(after(c.now))
			if w.inc.Status.Phase != v1alpha1.PhaseClosed {
				t.Fatalf("it is %s", summary(&w.inc.Status))
			}
			reason := v1alpha1.GoodEndReason
			if c.status == not {
				reason = v1alpha1.NoGoodEndReason
			}
			isCondition(t, &w.inc.Status, v1alpha1.EndedWellCondition, c.status, reason, c.since, c.says)
		})
	}
}
