package recovery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func TestJournalNearlyFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a")))
	for i := range 79 {
		w.tell(entry(v1alpha1.Name(fmt.Sprintf("n%d", i))).RecordedAt(zero.Add(time.Duration(i) * time.Minute)).Note("x"))
	}
	w.decide(after("3h"))
	if apimeta.FindStatusCondition(w.inc.Status.Conditions, v1alpha1.JournalNearlyFullCondition) != nil {
		t.Error("79 entries are nearly full")
	}
	w.tell(at("2h", entry("eighty").Note("x")))
	w.decide(after("3h"))
	isCondition(t, &w.inc.Status, v1alpha1.JournalNearlyFullCondition, metav1.ConditionTrue, v1alpha1.EightyEntriesReason, "2h", "the journal has 80 of 100 entries")
	w.tell(at("3h", entry("more").Note("x")))
	w.decide(after("3h"))
	isCondition(t, &w.inc.Status, v1alpha1.JournalNearlyFullCondition, metav1.ConditionTrue, v1alpha1.EightyEntriesReason, "2h", "the journal has 81 of 100 entries")
}

func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	for shift := range 4 {
		policy := steps(custom("a", requires("false", v1alpha1.Text(strings.Repeat("x", shift)+strings.Repeat("é€", 500)))))
		w := newWorld(t, policy).tell(completing("1m", "a"), at("2m", entry("again").Completion("a")), at("3m", entry("once-more").Completion("a")))
		w.decide(after("3m"))
		m := condition(t, &w.inc.Status, v1alpha1.JournalAcceptedCondition).Message
		if len(m) > 2048 || len(m) < 2040 || !utf8.ValidString(m) || !strings.HasSuffix(m, "…") {
			t.Errorf("the message has %d bytes, is valid: %t, and ends with %q", len(m), utf8.ValidString(m), m[len(m)-6:])
		}
	}
}

// The longest incident that can be: the status must fit what the API server takes.
func TestTheStatusFits(t *testing.T) {
	t.Parallel()
	var list []v1alpha1.Step
	for i := range 20 {
		name := v1alpha1.Name(fmt.Sprintf("s%02d-%s", i, strings.Repeat("x", 59)))
		list = append(list, custom(name, fixture.After(), fixture.DueWithin("100s"), fixture.WarnAt(10, 20, 30, 40, 50), when(`round > 0`)))
	}
	list[19].Type = v1alpha1.StepResolution
	list[19].Demands = []v1alpha1.Demand{}
	w := newWorld(t, steps(list...))
	for round := range 10 {
		d := time.Duration(round) * time.Hour
		w.tell(
			entry(v1alpha1.Name(fmt.Sprintf("done-%d", round))).RecordedAt(zero.Add(d+30*time.Minute)).Completion(list[19].Name),
			entry(v1alpha1.Name(fmt.Sprintf("back-%d", round))).RecordedAt(zero.Add(d+time.Hour)).Reopen("HappenedAgain"),
		)
	}
	w.decide(after("20h"))
	checkBounds(t, &w.inc.Status)
	if n := len(w.inc.Status.Clocks); n != 200 {
		t.Errorf("there are %d clocks, want 200", n)
	}
	for i := range w.inc.Status.Clocks {
		if c := &w.inc.Status.Clocks[i]; c.BreachedAt == nil {
			t.Fatalf("%s was not breached", c.Name)
		}
	}
}

func TestNoticesOfAWholeLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t, short())
	var told []string
	see := func(d string, entries ...fixture.EntryBuilder) {
		w.tell(entries...)
		for _, n := range w.decide(after(d)).Notices {
			told = append(told, d+" "+n.Reason+" ("+n.Action+"): "+n.Message)
		}
	}
	see("0s")
	see("1m", at("1m", entry("did-ask").Completion("ask")))
	see("2m", at("2m", entry("did-sory").Completion("sory")))
	see("11m")
	see("12m", at("12m", entry("did-sorry").Completion("sorry")))
	see("13m", at("13m", entry("no-fix").Skip("fix", "not needed")))
	want := []string{
		"0s PolicyBound (BindPolicy): RecoveryPolicy desk holds, at revision desk-r1",
		"0s StepStarted (StartClock): Step/sorry has started and is due at 2026-10-02T08:30:00Z",
		"1m StepDone (StopClock): Step/ask is done, before its turn",
		`2m EntryRefused (ReadJournal): entry did-sory counts for nothing: completion.step: there is no step "sory" in policy desk; its steps are sorry, fix, ask; append a new entry with the right name`,
		"11m DeadlineBreached (HoldDeadline): Step/sorry was due at 2026-10-02T08:30:00Z and was not done by then",
		"12m StepDone (StopClock): Step/sorry is done, late",
		"12m StepStarted (StartClock): Step/fix has started and is due at 2026-10-02T09:32:00Z",
		"13m StepSkipped (StopClock): Step/fix was skipped",
		"13m Resolved (Resolve): the incident is resolved",
		"13m Closed (Close): the incident is closed; SLA Missed",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
}

func TestDemandsUnmetAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one("Custom", v1alpha1.DemandNeedRecorded))
	w.decide(after("0s"))
	w.tell(completing("1m", "a"))
	d := w.decide(after("1m"))
	if diff := cmp.Diff([]string{"! DemandUnmet"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	w.tell(at("2m", entry("n").Note("x")))
	if d := w.decide(after("2m")); len(d.Notices) > 0 {
		t.Errorf("it tells %v again", tell(d.Notices))
	}
}
