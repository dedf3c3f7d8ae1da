package recovery_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// short is a policy with a resolution and a follow-up, which can be reopened within a
// week.
func short() v1alpha1.RecoveryPolicySpec {
	spec := steps(
		fixture.Step("sorry", "Apology", fixture.DueWithin("10m"), fixture.Demanding()),
		fixture.Step("fix", "Resolution", fixture.DueWithin("1h"), fixture.Demanding()),
		fixture.FollowUp("ask", "Closing", fixture.DueWithin("2h"), fixture.Demanding()),
	)
	spec.ReopenWithin = "168h"
	return spec
}

var (
	resolved = []fixture.EntryBuilder{completing("1m", "sorry"), completing("2m", "fix")}
	closed   = and(resolved, completing("3m", "ask"))

	firstRound = []string{"sorry: Done Completed 0s–1m, due 10m", "fix: Done Completed 1m–2m, due 1h1m"}
)

func and(journal []fixture.EntryBuilder, more ...fixture.EntryBuilder) []fixture.EntryBuilder {
	return slices.Concat(journal, more)
}

// lines are a line for the whole, those of clocks that others have too, and more.
func lines(first string, before []string, more ...string) []string {
	return slices.Concat([]string{first}, before, more)
}

func TestReopen(t *testing.T) {
	t.Parallel()
	reopen := func(d string) fixture.EntryBuilder { return at(d, entry("back").Reopen("NotFixed")) }
	ended := slices.Concat(firstRound, []string{"ask: Done Completed 2m–3m, due 2h2m"})
	playAll(t, map[string]scene{
		"vector 20, by an entry": {
			policy: short(), now: "73h", journal: and(closed, reopen("72h58m")),
			want: lines("Open OnTrack round 2, at sorry, next 73h8m", ended, "sorry#2: Running 72h58m, due 73h8m"),
		},
		"vector 38: the customer writes on day 3 of 7": {
			policy: short(), now: "73h", journal: and(closed, at("72h58m", entry("mail").Heard("Email"))),
			want: lines("Open OnTrack round 2, at sorry, next 73h8m", ended, "sorry#2: Running 72h58m, due 73h8m"),
		},
		"vector 38: the customer says thanks on day 3 of 7": {
			policy: short(), now: "73h", journal: and(closed, at("72h58m", entry("mail").Contact(v1alpha1.Contact{Direction: v1alpha1.FromCustomer, Channel: "Email", AcknowledgementOnly: true}))),
			want: lines("Closed Met", ended),
		},
		"in the last second of the week": {
			policy: short(), now: "168h4m", journal: and(closed, reopen("168h3m")),
			want: lines("Open OnTrack round 2, at sorry, next 168h13m", ended, "sorry#2: Running 168h3m, due 168h13m"),
		},
		"a second too late": {
			policy: short(), now: "168h4m", journal: and(closed, reopen("168h3m1s")),
			want:    lines("Closed Met", ended),
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry back counts for nothing: reopen: it can be reopened within 168h0m0s of its last resolution or closing"},
		},
		"a customer who writes a second too late reopens nothing": {
			policy: short(), now: "168h4m", journal: and(closed, at("168h3m1s", entry("mail").Heard("Email"))),
			want: lines("Closed Met", ended),
		},
		"while it is resolved: what still ran has ended": {
			policy: short(), now: "6m", journal: and(resolved, reopen("5m")),
			want: lines("Open OnTrack round 2, at sorry, next 15m", firstRound, "ask: Cancelled Reopened 2m, due 2h2m", "sorry#2: Running 5m, due 15m"),
		},
		"while it is resolved, from the resolution on": {
			policy: short(), now: "169h", journal: and(resolved, reopen("168h2m1s")),
			want:    lines("Resolved Overdue, at ask, next 2h2m", firstRound, "ask: Running 2m, due 2h2m, breached 2h2m"),
			refused: v1alpha1.EntriesRefusedReason, says: []string{"reopen: it can be reopened within"},
		},
		"while it is open": {
			policy: short(), now: "6m", journal: and(nil, reopen("5m")),
			want:    []string{"Open OnTrack, at sorry, next 10m", "sorry: Running 0s, due 10m"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry back counts for nothing: reopen: the incident is open"},
		},
		"a customer who writes while it is open reopens nothing": {
			policy: short(), now: "6m", journal: and(nil, at("5m", entry("mail").Heard("Email"))),
			want: []string{"Open OnTrack, at sorry, next 10m", "sorry: Running 0s, due 10m"},
		},
		"our own contact reopens nothing": {
			policy: short(), now: "6m", journal: and(resolved, at("5m", entry("call").Reached("Phone"))),
			want: lines("Resolved OnTrack, at ask, next 2h2m", firstRound, "ask: Running 2m, due 2h2m"),
		},
		"the customer's call that completes the follow-up": {
			policy: short(), now: "6m", journal: and(resolved, at("5m", entry("call").Heard("Phone").Completion("ask"))),
			want: lines("Closed Met", firstRound, "ask: Done Completed 2m–5m, due 2h2m"),
		},
		"the customer's call that gives feedback": {
			policy: short(), now: "6m", journal: and(resolved, at("5m", entry("call").Heard("Phone").Feedback(5))),
			want: lines("Resolved OnTrack, at ask, next 2h2m", firstRound, "ask: Running 2m, due 2h2m"),
		},
		"the second round runs as the first": {
			policy: short(), now: "20m",
			journal: and(closed, reopen("5m"), at("6m", entry("s2").Completion("sorry")), at("7m", entry("f2").Completion("fix"))),
			want: lines("Resolved OnTrack round 2, at ask, next 2h7m", ended,
				"sorry#2: Done Completed 5m–6m, due 15m", "fix#2: Done Completed 6m–7m, due 1h6m", "ask#2: Running 7m, due 2h7m"),
		},
		"a step of the second round that is late": {
			policy: short(), now: "20m", journal: and(closed, reopen("5m")),
			want: lines("Open Overdue round 2, at sorry, next 15m", ended, "sorry#2: Running 5m, due 15m, breached 15m"),
		},
		"a second reopening in the same second is refused": {
			policy: short(), now: "6m", journal: and(closed, reopen("5m"), at("5m", entry("again").Reopen("Other"))),
			want:    lines("Open OnTrack round 2, at sorry, next 15m", ended, "sorry#2: Running 5m, due 15m"),
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry again counts for nothing: reopen: the incident is open"},
		},
	})
}

func TestConditionsOverARound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, short())
	w.tell(completing("1m", "sorry"), at("2m", entry("did-fix").With(accepting("fix", v1alpha1.AcceptedYes))), completing("3m", "ask"))
	w.decide(after("4m"))
	s := &w.inc.Status
	isCondition(t, s, v1alpha1.ResolvedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "2m")
	isCondition(t, s, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "3m")
	isCondition(t, s, v1alpha1.CustomerAcceptedCondition, metav1.ConditionTrue, v1alpha1.AcceptedByCustomerReason, "2m")
	w.tell(at("5m", entry("back").Reopen("NotFixed")))
	d := w.decide(after("5m"))
	isCondition(t, s, v1alpha1.ResolvedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "5m", "not settled: fix")
	isCondition(t, s, v1alpha1.ClosedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "5m")
	for _, c := range s.Conditions {
		if c.Type == v1alpha1.CustomerAcceptedCondition {
			t.Errorf("in the new round the customer has accepted: %s", c.Message)
		}
	}
	if diff := cmp.Diff([]string{"! Reopened", "StepStarted sorry#2"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	w.tell(at("6m", entry("s2").Completion("sorry")), at("7m", entry("f2").Completion("fix")), at("8m", entry("a2").Completion("ask")))
	d = w.decide(after("8m"))
	isCondition(t, s, v1alpha1.ResolvedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "7m")
	isCondition(t, s, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "8m")
	if diff := cmp.Diff([]string{"StepDone sorry#2", "StepDone fix#2", "StepDone ask#2", "Resolved", "Closed"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
}

func accepting(step v1alpha1.Name, said v1alpha1.Accepted) func(*v1alpha1.JournalEntry) {
	return func(e *v1alpha1.JournalEntry) { e.Completion = &v1alpha1.Completion{Step: step, Accepted: said} }
}

// A whole round that passes while the operator is down is told as on time.
func TestARoundThatPassesDuringDowntime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, short()).tell(closed...)
	w.decide(after("4m"))
	w.tell(at("5m", entry("back").Reopen("NotFixed")), at("6m", entry("s2").Completion("sorry")), at("7m", entry("f2").Completion("fix")), at("8m", entry("a2").Completion("ask")))
	d := w.decide(after("9m"))
	want := []string{"! Reopened", "StepDone sorry#2", "StepDone fix#2", "StepDone ask#2", "Resolved", "Closed"}
	if diff := cmp.Diff(want, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
}

func TestCustomerAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, short())
	w.tell(completing("1m", "sorry"), at("2m", entry("did-fix").With(accepting("fix", v1alpha1.AcceptedNotYet))))
	w.decide(after("3m"))
	isCondition(t, &w.inc.Status, v1alpha1.CustomerAcceptedCondition, metav1.ConditionFalse, v1alpha1.NotAcceptedYetReason, "2m")
	w.tell(at("4m", entry("now").With(accepting("fix", v1alpha1.AcceptedYes))), at("5m", entry("still").With(accepting("fix", v1alpha1.AcceptedYes))))
	w.decide(after("6m"))
	isCondition(t, &w.inc.Status, v1alpha1.CustomerAcceptedCondition, metav1.ConditionTrue, v1alpha1.AcceptedByCustomerReason, "4m")
	w.tell(at("7m", entry("no-matter").With(accepting("ask", v1alpha1.AcceptedNotYet))))
	w.decide(after("8m"))
	isCondition(t, &w.inc.Status, v1alpha1.CustomerAcceptedCondition, metav1.ConditionTrue, v1alpha1.AcceptedByCustomerReason, "4m")
}

// What was said in one round is not asked for in the next one, and does not count there.
func TestDemandsAreOfTheRound(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.Demanding("NeedRecorded")))
	w := newWorld(t, policy).tell(at("1m", entry("n").Need("a towel")), completing("2m", "a"), at("3m", entry("back").Reopen("NotFixed")), at("4m", entry("again").Completion("a")))
	w.decide(after("5m"))
	if diff := cmp.Diff([]string{"Open OnTrack round 2, at a", "a: Done Completed 0s–2m", "a#2: Running 3m"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	isCondition(t, &w.inc.Status, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, unmet, "4m", "entry again does not complete a yet: NeedRecorded")
}

func TestTenRounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("1h"))))
	for round := range 10 {
		d := time.Duration(round*10) * time.Minute
		w.tell(
			entry(v1alpha1.Name(fmt.Sprintf("done-%d", round))).RecordedAt(zero.Add(d+time.Minute)).Completion("a"),
			entry(v1alpha1.Name(fmt.Sprintf("back-%d", round))).RecordedAt(zero.Add(d+2*time.Minute)).Reopen("HappenedAgain"),
		)
	}
	w.tell(at("93m", entry("mail").Heard("Email")))
	w.decide(after("10h"))
	s := &w.inc.Status
	if s.Round != 10 || s.Phase != v1alpha1.PhaseClosed || len(s.Clocks) != 10 {
		t.Errorf("after the tenth completion it is %s in round %d with %d clocks", s.Phase, s.Round, len(s.Clocks))
	}
	isCondition(t, s, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, v1alpha1.EntriesRefusedReason, "1h32m", "entry back-9 counts for nothing", "and 9 times at most")
	if c := s.Clocks[9]; c.Round != 10 || c.Name != "Step/a#10" {
		t.Errorf("the last clock is %s of round %d", c.Name, c.Round)
	}
}
