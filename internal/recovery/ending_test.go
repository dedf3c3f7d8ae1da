package recovery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/recovery"
)

// free is a step of a type that starts at once and demands nothing.
func free(name v1alpha1.Name, kind v1alpha1.StepType) v1alpha1.Step {
	s := fixture.Step(name, kind, fixture.After(), fixture.Demanding())
	if kind == v1alpha1.StepFollowUp {
		s.FollowUp = v1alpha1.FollowUpInternal
	}
	return s
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func TestWhatResolves(t *testing.T) {
	t.Parallel()
	type list = []v1alpha1.Name
	for name, c := range map[string]struct {
		steps []v1alpha1.Step
		// The steps that are completed, one a minute, in this order; the incident is
		// resolved by the one of this name and closed by the last.
		done     list
		resolved v1alpha1.Name
	}{
		"the resolution":                     {[]v1alpha1.Step{free("a", "Apology"), free("o", "Offer"), free("r", "Resolution"), free("f", "FollowUp")}, list{"o", "r", "f", "a"}, "r"},
		"every resolution":                   {[]v1alpha1.Step{free("r", "Resolution"), free("q", "Resolution"), free("f", "FollowUp")}, list{"r", "f", "q"}, "q"},
		"a resolution after the follow-up":   {[]v1alpha1.Step{free("f", "FollowUp"), free("r", "Resolution"), free("d", "Documentation")}, list{"f", "r", "d"}, "r"},
		"without one, the offer":             {[]v1alpha1.Step{free("a", "Apology"), free("o", "Offer"), free("f", "FollowUp")}, list{"o", "a", "f"}, "o"},
		"without one, every offer":           {[]v1alpha1.Step{free("o", "Offer"), free("p", "Offer"), free("f", "FollowUp")}, list{"p", "f", "o"}, "o"},
		"without both, all before follow-up": {[]v1alpha1.Step{free("a", "Apology"), free("m", "Mitigation"), free("f", "FollowUp"), free("d", "Documentation")}, list{"m", "a", "d", "f"}, "a"},
		"without all of them, every step":    {[]v1alpha1.Step{free("a", "Apology"), free("c", "Custom")}, list{"c", "a"}, "a"},
		"with a follow-up first, every step": {[]v1alpha1.Step{free("f", "FollowUp"), free("c", "Custom")}, list{"f", "c"}, "c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, steps(c.steps...))
			phase := v1alpha1.PhaseOpen
			for i, step := range c.done {
				now := zero.Add(minutes(i + 1))
				w.tell(entry("did-" + step).RecordedAt(now).Completion(step))
				d := w.decide(now)
				if step == c.resolved {
					phase = v1alpha1.PhaseResolved
					isCondition(t, &w.inc.Status, v1alpha1.ResolvedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, minutes(i+1).String())
				}
				if i == len(c.done)-1 {
					phase = v1alpha1.PhaseClosed
				}
				if d.Status.Phase != phase {
					t.Fatalf("after %s it is %s, want %s", step, d.Status.Phase, phase)
				}
			}
			isCondition(t, &w.inc.Status, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, minutes(len(c.done)).String())
			if w.inc.Status.SLA != v1alpha1.SLAMet {
				t.Errorf("the SLA is %s", w.inc.Status.SLA)
			}
		})
	}
}

func TestResolvedAndClosedNameWhatIsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(free("a", "Apology"), free("r", "Resolution"), free("q", "Resolution"), free("f", "FollowUp")))
	w.tell(completing("1m", "r"))
	w.decide(after("2m"))
	s := &w.inc.Status
	isCondition(t, s, v1alpha1.ResolvedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "0s", "not settled: q")
	isCondition(t, s, v1alpha1.ClosedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "0s", "not settled: a, q, f")
}

func TestCancelAndMerge(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("10m")))
	cancel := func(d string) fixture.EntryBuilder { return at(d, entry("end").Cancel("Averted")) }
	playAll(t, map[string]scene{
		"a cancel freezes the steps": {
			policy: policy, now: "240h", journal: []fixture.EntryBuilder{completing("4m", "a"), cancel("5m")},
			want: []string{"Cancelled OnTrack", "a: Done Completed 0s–4m, due 10m", "b: Cancelled IncidentEnded 4m, due 14m"},
		},
		"what was late stays so": {
			policy: policy, now: "240h", journal: []fixture.EntryBuilder{cancel("11m")},
			want: []string{"Cancelled Missed", "a: Cancelled IncidentEnded 0s, due 10m, breached 10m"},
		},
		"at the due instant it is not late": {
			policy: policy, now: "240h", journal: []fixture.EntryBuilder{cancel("10m")},
			want: []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 10m"},
		},
		"nothing starts any more": {
			policy: steps(custom("a"), custom("b", fixture.NotBefore("1h"), fixture.DueWithin("2h"))), now: "240h", journal: []fixture.EntryBuilder{completing("4m", "a"), cancel("5m")},
			want: []string{"Cancelled OnTrack", "a: Done Completed 0s–4m"},
		},
		"steps are refused": {
			policy: policy, now: "10m", journal: []fixture.EntryBuilder{cancel("5m"), completing("6m", "a"), at("7m", entry("no").Skip("b", "x"))},
			want:    []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 10m"},
			refused: v1alpha1.EntriesRefusedReason,
			says:    []string{"entry did-a counts for nothing: completion.step: the incident is Cancelled, and its steps are frozen", "entry no counts for nothing: skip.step: the incident is Cancelled"},
		},
		"a second end is refused": {
			policy: policy, now: "10m", journal: []fixture.EntryBuilder{cancel("5m"), at("6m", entry("again").Cancel("Mistake")), at("7m", entry("merge").Merge("other"))},
			want:    []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 10m"},
			refused: v1alpha1.EntriesRefusedReason,
			says:    []string{"entry again counts for nothing: cancel: the incident is Cancelled already", "entry merge counts for nothing: merge: the incident is Cancelled already"},
		},
		"a closed incident cannot be cancelled": {
			policy: policy, now: "10m", journal: []fixture.EntryBuilder{completing("1m", "a"), completing("2m", "b"), cancel("5m")},
			want:    []string{"Closed Met", "a: Done Completed 0s–1m, due 10m", "b: Done Completed 1m–2m, due 11m"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"cancel: the incident is Closed already"},
		},
		"a cancelled incident cannot be reopened": {
			policy: policy, now: "10m", journal: []fixture.EntryBuilder{cancel("5m"), at("6m", entry("back").Reopen("NotFixed")), at("7m", entry("call").Heard("Phone"))},
			want:    []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 10m"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"reopen: the incident is Cancelled for good"},
		},
		"a resolved incident can be cancelled and stays resolved": {
			policy: steps(free("r", "Resolution"), free("f", "FollowUp")), now: "10m", journal: []fixture.EntryBuilder{completing("1m", "r"), cancel("5m")},
			want: []string{"Cancelled OnTrack", "r: Done Completed 0s–1m", "f: Cancelled IncidentEnded 0s"},
		},
		"an owner can be named all the same": {
			policy: policy, now: "10m", journal: []fixture.EntryBuilder{cancel("5m"), at("6m", entry("own").Assignment("bob")), at("7m", entry("n").Note("all well"))},
			want: []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 10m"},
		},
	})
}

func TestConditionsOfTheEnd(t *testing.T) {
	t.Parallel()
	policy := steps(free("r", "Resolution"), free("f", "FollowUp"))
	w := newWorld(t, policy).tell(completing("1m", "r"), at("5m", entry("end").Cancel("CustomerWithdrew")))
	d := w.decide(after("6m"))
	isCondition(t, &d.Status, v1alpha1.ResolvedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "1m")
	isCondition(t, &d.Status, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.CancelledReason, "5m", "cancelled: CustomerWithdrew")
	open := newWorld(t, policy).tell(at("5m", entry("end").Cancel("Mistake")))
	d = open.decide(after("6m"))
	isCondition(t, &d.Status, v1alpha1.ResolvedCondition, metav1.ConditionFalse, v1alpha1.CancelledReason, "0s", "cancelled: Mistake")
	if diff := cmp.Diff([]string{"PolicyBound", "Cancelled"}, tell(d.Notices)); diff != "" {
		t.Errorf("it tells otherwise (-want +got):\n%s", diff)
	}
	if !d.WakeAt.IsZero() {
		t.Errorf("it wakes at %s", offset(d.WakeAt))
	}
}

// OnTrack holds since what was late has ended, however it ended.
func TestOnTrackAfterAnEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.After(), fixture.DueWithin("20m"))))
	w.tell(at("30m", entry("no-a").Skip("a", "x")))
	w.decide(after("31m"))
	isCondition(t, &w.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionFalse, v1alpha1.OverdueReason, "10m", "Step/b was due at")
	w.tell(at("40m", entry("no-b").Skip("b", "x")))
	w.decide(after("41m"))
	isCondition(t, &w.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionTrue, v1alpha1.MissedReason, "40m")
}

func TestMerge(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m")))
	merging := func(into v1alpha1.ObjectName) fixture.EntryBuilder { return at("5m", entry("merge").Merge(into)) }
	others := map[string]recovery.Other{
		"open":      {UID: "uid-open", Phase: v1alpha1.PhaseOpen},
		"closed":    {UID: "uid-closed", Phase: v1alpha1.PhaseClosed},
		"new":       {UID: "uid-new"},
		"cancelled": {UID: "uid-cancelled", Phase: v1alpha1.PhaseCancelled},
		"merged":    {UID: "uid-merged", Phase: v1alpha1.PhaseMerged},
		"coffee":    {UID: "uid-of-coffee", Phase: v1alpha1.PhaseOpen},
	}
	for into, c := range map[v1alpha1.ObjectName]struct{ latch, refused string }{
		"open":      {"uid-open", ""},
		"closed":    {"uid-closed", ""},
		"new":       {"uid-new", ""},
		"missing":   {"NotFound", `there was no incident "missing" in this namespace when this was recorded`},
		"cancelled": {"NotOpen", `the incident "cancelled" was itself cancelled or merged`},
		"merged":    {"NotOpen", `the incident "merged" was itself cancelled or merged`},
		"coffee":    {"Itself", "an incident cannot be merged into itself"},
	} {
		t.Run(string(into), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, policy).tell(merging(into))
			w.Others = others
			d := w.decide(after("6m"))
			latched := latchedAs(w, "Merge/merge")
			if latched != c.latch {
				t.Errorf("the verdict is %q, want %q", latched, c.latch)
			}
			if c.refused != "" {
				isCondition(t, &d.Status, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, v1alpha1.EntriesRefusedReason, "5m", "entry merge counts for nothing: merge.into: "+c.refused)
				if d.Status.Phase != v1alpha1.PhaseOpen {
					t.Errorf("it is %s", d.Status.Phase)
				}
				return
			}
			isCondition(t, &d.Status, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.MergedReason, "5m", "merged into "+string(into))
			if diff := cmp.Diff([]string{"Merged OnTrack", "a: Cancelled IncidentEnded 0s, due 10m"}, look(&d.Status)); diff != "" {
				t.Errorf("it stands otherwise (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"PolicyBound", "Merged"}, tell(d.Notices)); diff != "" {
				t.Errorf("it tells otherwise (-want +got):\n%s", diff)
			}
		})
	}
}

func latchedAs(w *world, key string) string {
	for _, l := range w.inc.Status.Latched {
		if l.Key == key {
			return l.Value
		}
	}
	return ""
}

func TestMergeIsJudgedOnce(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m")))
	w := newWorld(t, policy).tell(at("5m", entry("merge").Merge("other")))
	w.decide(after("5m"))
	w.Others = map[string]recovery.Other{"other": {UID: "uid", Phase: v1alpha1.PhaseOpen}}
	w.decide(after("6m"))
	if w.inc.Status.Phase != v1alpha1.PhaseOpen {
		t.Errorf("an incident that was created after the merge was recorded takes it: %s", w.inc.Status.Phase)
	}
	w.tell(at("7m", entry("merge-again").Merge("other")))
	w.decide(after("7m"))
	w.Others = nil
	w.decide(after("8m"))
	if w.inc.Status.Phase != v1alpha1.PhaseMerged {
		t.Errorf("a merge is undone when the other incident goes: %s", w.inc.Status.Phase)
	}
}

// An end stays an end, also where a fact that is first seen later claims to be older.
func TestTheEndIsFinal(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("10m")))
	for name, c := range map[string]struct {
		end   fixture.EntryBuilder
		older []fixture.EntryBuilder
		phase v1alpha1.Phase
	}{
		"the steps were settled before the cancel": {at("5m", entry("end").Cancel("Mistake")), []fixture.EntryBuilder{completing("3m", "a"), completing("4m", "b")}, v1alpha1.PhaseCancelled},
		"the steps were settled before the merge":  {at("5m", entry("end").Merge("other")), []fixture.EntryBuilder{completing("3m", "a"), completing("4m", "b")}, v1alpha1.PhaseMerged},
		"a merge came before the cancel":           {at("5m", entry("end").Cancel("Mistake")), []fixture.EntryBuilder{at("4m", entry("merge").Merge("other"))}, v1alpha1.PhaseCancelled},
		"a cancel came before the merge":           {at("5m", entry("end").Merge("other")), []fixture.EntryBuilder{at("4m", entry("no").Cancel("Mistake"))}, v1alpha1.PhaseMerged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, policy).tell(c.end)
			w.Others = map[string]recovery.Other{"other": {UID: "uid", Phase: v1alpha1.PhaseOpen}}
			w.decide(after("5m"))
			w.tell(c.older...)
			w.decide(after("6m"))
			if w.inc.Status.Phase != c.phase {
				t.Errorf("it is %s, want %s", w.inc.Status.Phase, c.phase)
			}
			isCondition(t, &w.inc.Status, v1alpha1.ClosedCondition, metav1.ConditionTrue, string(c.phase), "5m")
		})
	}
}
