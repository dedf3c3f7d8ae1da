package recovery_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// completing is a completion and nothing else.
func completing(d string, step v1alpha1.Name) fixture.EntryBuilder {
	return at(d, entry("did-"+step).Completion(step))
}

func TestStepsInOrder(t *testing.T) {
	t.Parallel()
	chain := steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("20m")), custom("c"))
	diamond := steps(
		custom("a", fixture.DueWithin("10m")),
		custom("b", fixture.After("a"), fixture.DueWithin("20m")),
		custom("c", fixture.After("a"), fixture.DueWithin("30m")),
		custom("d", fixture.After("b", "c"), fixture.DueWithin("40m")),
	)
	playAll(t, map[string]scene{
		"the first step starts with the report": {
			policy: chain, now: "0s",
			want: []string{"Open OnTrack, at a, next 10m", "a: Running 0s, due 10m"},
		},
		"the next step starts when the one before is settled": {
			policy: chain, now: "7m", journal: []fixture.EntryBuilder{completing("6m", "a")},
			want: []string{"Open OnTrack, at b, next 26m", "a: Done Completed 0s–6m, due 10m", "b: Running 6m, due 26m"},
		},
		"a step without a deadline runs without one": {
			policy: chain, now: "8m", journal: []fixture.EntryBuilder{completing("6m", "a"), completing("7m", "b")},
			want: []string{"Open OnTrack, at c", "a: Done Completed 0s–6m, due 10m", "b: Done Completed 6m–7m, due 26m", "c: Running 7m"},
		},
		"two steps start together": {
			policy: diamond, now: "7m", journal: []fixture.EntryBuilder{completing("6m", "a")},
			want: []string{"Open OnTrack, at b, next 26m", "a: Done Completed 0s–6m, due 10m", "b: Running 6m, due 26m", "c: Running 6m, due 36m"},
		},
		"a step waits for the last one before it": {
			policy: diamond, now: "10m",
			journal: []fixture.EntryBuilder{completing("6m", "a"), completing("8m", "c"), completing("9m", "b")},
			want: []string{
				"Open OnTrack, at d, next 49m", "a: Done Completed 0s–6m, due 10m", "b: Done Completed 6m–9m, due 26m",
				"c: Done Completed 6m–8m, due 36m", "d: Running 9m, due 49m",
			},
		},
		"a skipped step counts as settled": {
			policy: diamond, now: "10m",
			journal: []fixture.EntryBuilder{completing("6m", "a"), at("7m", entry("no-b").Skip("b", "not needed")), completing("8m", "c")},
			want: []string{
				"Open OnTrack, at d, next 48m", "a: Done Completed 0s–6m, due 10m", "b: Cancelled Skipped 6m, due 26m",
				"c: Done Completed 6m–8m, due 36m", "d: Running 8m, due 48m",
			},
		},
		"steps without an order all start at once, the one due first is current": {
			policy: steps(custom("a"), custom("b", fixture.After(), fixture.DueWithin("2h")), custom("c", fixture.After(), fixture.DueWithin("1h"))), now: "0s",
			want: []string{"Open OnTrack, at c, next 1h", "a: Running 0s", "b: Running 0s, due 2h", "c: Running 0s, due 1h"},
		},
		"the order of the list is not that of the graph": {
			policy: steps(custom("last", fixture.After("first")), custom("first", fixture.After())), now: "2m",
			journal: []fixture.EntryBuilder{completing("1m", "first")},
			want:    []string{"Open OnTrack, at last", "first: Done Completed 0s–1m", "last: Running 1m"},
		},
		"two facts in one second stand in the order of the list": {
			policy: chain, now: "1m",
			journal: []fixture.EntryBuilder{completing("1m", "b"), completing("1m", "a")},
			want:    []string{"Open OnTrack, at c", "a: Done Completed 0s–1m, due 10m", "b: Done OutOfOrder 1m–1m", "c: Running 1m"},
		},
	})
}

func TestStepsOutOfOrder(t *testing.T) {
	t.Parallel()
	policy := steps(
		custom("a", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("20m")), custom("c", fixture.DueWithin("30m")),
	)
	playAll(t, map[string]scene{
		"it is kept, and the step after it starts": {
			policy: policy, now: "3m", journal: []fixture.EntryBuilder{completing("2m", "b")},
			want: []string{"Open OnTrack, at a, next 10m", "a: Running 0s, due 10m", "b: Done OutOfOrder 2m–2m", "c: Running 2m, due 32m"},
		},
		"it is not asked for again": {
			policy: policy, now: "6m", journal: []fixture.EntryBuilder{completing("2m", "b"), completing("5m", "a")},
			want: []string{"Open OnTrack, at c, next 32m", "a: Done Completed 0s–5m, due 10m", "b: Done OutOfOrder 2m–2m", "c: Running 2m, due 32m"},
		},
		"a second completion of it changes nothing": {
			policy: policy, now: "6m",
			journal: []fixture.EntryBuilder{completing("2m", "b"), completing("5m", "a"), at("5m30s", entry("again").Completion("b"))},
			want:    []string{"Open OnTrack, at c, next 32m", "a: Done Completed 0s–5m, due 10m", "b: Done OutOfOrder 2m–2m", "c: Running 2m, due 32m"},
		},
		"what comes after two steps waits for the other one": {
			policy: steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.After()), custom("c", fixture.After("a", "b"))), now: "3m",
			journal: []fixture.EntryBuilder{completing("2m", "b")},
			want:    []string{"Open OnTrack, at a, next 10m", "a: Running 0s, due 10m", "b: Done Completed 0s–2m"},
		},
		"skipped before its turn": {
			policy: policy, now: "6m", journal: []fixture.EntryBuilder{at("2m", entry("no-b").Skip("b", "not needed")), completing("5m", "a")},
			want: []string{"Open OnTrack, at c, next 32m", "a: Done Completed 0s–5m, due 10m", "b: Cancelled Skipped 2m", "c: Running 2m, due 32m"},
		},
		"the last ones first": {
			policy: policy, now: "6m", journal: []fixture.EntryBuilder{completing("1m", "c"), completing("2m", "b"), completing("3m", "a")},
			want: []string{"Closed Met", "a: Done Completed 0s–3m, due 10m", "c: Done OutOfOrder 1m–1m", "b: Done OutOfOrder 2m–2m"},
		},
	})
}

func TestNotBefore(t *testing.T) {
	t.Parallel()
	policy := steps(
		custom("a"),
		custom("call", fixture.NotBefore("24h"), fixture.DueWithin("72h"), fixture.WarnAt(50)),
		custom("end", fixture.DueWithin("1h")),
	)
	settled := completing("1h", "a")
	playAll(t, map[string]scene{
		"it waits": {
			policy: policy, now: "24h59m59s", journal: []fixture.EntryBuilder{settled},
			want: []string{"Open OnTrack", "a: Done Completed 0s–1h"},
		},
		"it starts in the instant, and its due counts from the settling": {
			policy: policy, now: "25h", journal: []fixture.EntryBuilder{settled},
			want: []string{"Open OnTrack, at call, next 73h", "a: Done Completed 0s–1h", "call: Running 25h, due 73h"},
		},
		"done before, it is out of order": {
			policy: policy, now: "26h", journal: []fixture.EntryBuilder{settled, completing("20h", "call")},
			want: []string{"Open Overdue, at end, next 21h", "a: Done Completed 0s–1h", "call: Done OutOfOrder 20h–20h", "end: Running 20h, due 21h, breached 21h"},
		},
		"done in time": {
			policy: policy, now: "50h", journal: []fixture.EntryBuilder{settled, completing("49h30m", "call")},
			want: []string{"Open OnTrack, at end, next 50h30m", "a: Done Completed 0s–1h", "call: Done Completed 25h–49h30m, due 73h", "end: Running 49h30m, due 50h30m"},
		},
		"a fact in the instant of the start comes first": {
			policy: policy, now: "25h", journal: []fixture.EntryBuilder{settled, completing("25h", "call")},
			want: []string{"Open OnTrack, at end, next 26h", "a: Done Completed 0s–1h", "call: Done OutOfOrder 25h–25h", "end: Running 25h, due 26h"},
		},
		"an instant that has passed holds nothing back": {
			policy: steps(custom("a", func(s *v1alpha1.Step) { s.NotBefore = &v1alpha1.Due{At: instant("-1h")} })), now: "0s",
			want: []string{"Open OnTrack, at a", "a: Running 0s"},
		},
		"an instant that is to come": {
			policy: steps(custom("a", fixture.DueWithin("3h"), func(s *v1alpha1.Step) { s.NotBefore = &v1alpha1.Due{At: instant("1h")} })), now: "2h",
			want: []string{"Open OnTrack, at a, next 3h", "a: Running 1h, due 3h"},
		},
		"two that wait start each in its own instant": {
			policy: steps(custom("a", fixture.NotBefore("2h")), custom("b", fixture.After(), fixture.NotBefore("1h"))), now: "3h",
			want: []string{"Open OnTrack, at a", "b: Running 1h", "a: Running 2h"},
		},
	})
}

func instant(d string) *metav1.Time {
	t := metav1.NewTime(after(d))
	return &t
}

func TestWhen(t *testing.T) {
	t.Parallel()
	gold := func(i *v1alpha1.Incident) { i.Spec.Customer.Tier = "Gold" }
	policy := steps(custom("a"), custom("gift", when(`tier == "Gold"`), fixture.DueWithin("1h")), custom("b"))
	playAll(t, map[string]scene{
		"where it is true the step runs": {
			policy: policy, incident: []fixture.IncidentOption{gold}, now: "2m", journal: []fixture.EntryBuilder{completing("1m", "a")},
			want: []string{"Open OnTrack, at gift, next 1h1m", "a: Done Completed 0s–1m", "gift: Running 1m, due 1h1m"},
		},
		"where it is false the step counts as settled and is not listed": {
			policy: policy, now: "2m", journal: []fixture.EntryBuilder{completing("1m", "a")},
			want: []string{"Open OnTrack, at b", "a: Done Completed 0s–1m", "b: Running 1m"},
		},
		"it is evaluated when the step would start, under the severity of then": {
			policy: steps(custom("a"), custom("b", when(`severity == "High"`))), now: "3m",
			journal: []fixture.EntryBuilder{at("1m", entry("worse").Retarget("High", "")), completing("2m", "a")},
			want:    []string{"Open OnTrack, at b", "a: Done Completed 0s–2m", "b: Running 2m"},
		},
		"what comes later changes nothing": {
			policy: steps(custom("a"), custom("b", when(`severity == "High"`)), custom("c")), now: "3m",
			journal: []fixture.EntryBuilder{completing("1m", "a"), at("2m", entry("worse").Retarget("High", ""))},
			want:    []string{"Open OnTrack, at c", "a: Done Completed 0s–1m", "c: Running 1m"},
		},
		"an amended header counts": {
			policy: policy, now: "3m",
			journal: []fixture.EntryBuilder{at("1m", entry("amend").Amend(v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "guest-1", Tier: "Gold"}})), completing("2m", "a")},
			want:    []string{"Open OnTrack, at gift, next 1h2m", "a: Done Completed 0s–2m", "gift: Running 2m, due 1h2m"},
		},
		"it is evaluated at the start that notBefore sets": {
			policy: steps(custom("a", when(`severity == "High"`), fixture.NotBefore("1h"))), now: "2h",
			journal: []fixture.EntryBuilder{at("30m", entry("worse").Retarget("High", ""))},
			want:    []string{"Open OnTrack, at a", "a: Running 1h"},
		},
		"several in a row do not apply": {
			policy: steps(custom("a", when("false")), custom("b", when("false")), custom("c", when("true"))), now: "0s",
			want: []string{"Open OnTrack, at c", "c: Running 0s"},
		},
		"none applies": {
			policy: steps(custom("a", when("false")), custom("b", when("false"))), now: "0s",
			want: []string{"Closed Met"},
		},
		"a completion of a step that does not apply is of no matter": {
			policy: policy, now: "3m", journal: []fixture.EntryBuilder{completing("1m", "a"), completing("2m", "gift")},
			want: []string{"Open OnTrack, at b", "a: Done Completed 0s–1m", "b: Running 1m"},
		},
		"one that fails is false, and told": {
			policy: steps(custom("a", when(`incident.metadata.labels["vip"] == "yes"`)), custom("b")), now: "5m",
			want:    []string{"Open OnTrack, at b", "b: Running 0s"},
			refused: v1alpha1.ExpressionFailedReason,
			says:    []string{"step a, when", "failed and counts as false: no such key"},
		},
		"in the second round it is asked anew": {
			policy: steps(custom("a", when("round == 1")), custom("b", when("round == 2"), fixture.DueWithin("1h"))), now: "3m",
			journal: []fixture.EntryBuilder{completing("1m", "a"), at("2m", entry("back").Reopen("NotFixed"))},
			want:    []string{"Open OnTrack round 2, at b, next 1h2m", "a: Done Completed 0s–1m", "b#2: Running 2m, due 1h2m"},
		},
	})
}

func TestWhenIsLatched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", when(`severity == "Low"`)), custom("b")))
	w.decide(after("0s"))
	want := []v1alpha1.Latched{{Key: "When/a", Value: "True", At: *instant("0s")}}
	if diff := cmp.Diff(want, w.inc.Status.Latched); diff != "" {
		t.Fatalf("the verdict differs (-want +got):\n%s", diff)
	}
	// An operator that would now decide otherwise, because its CEL differs, does not.
	w.Plan = compile(t, "desk", steps(custom("a", when("false")), custom("b", when("round == 2"))))
	w.decide(after("1m"))
	if diff := cmp.Diff([]string{"Open OnTrack, at a", "a: Running 0s"}, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}

func TestWhenThatFailsAtLength(t *testing.T) {
	t.Parallel()
	long := v1alpha1.Expression(`incident.metadata.labels["` + strings.Repeat("x", 200) + `é"] == "` + strings.Repeat("é", 200) + `"`)
	w := newWorld(t, steps(custom("a", when(long)), custom("b")))
	d := w.decide(after("0s"))
	if diff := cmp.Diff([]string{"PolicyBound", "! ExpressionFailed", "StepStarted b"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if n := len(w.inc.Status.Latched[0].Value); n > 253 {
		t.Errorf("the verdict has %d bytes, want 253 at most", n)
	}
	w.tell(at("1m", entry("note").Note("still here")))
	w.decide(after("1m"))
	isCondition(t, &w.inc.Status, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, v1alpha1.ExpressionFailedReason, "0s")
}
