package recovery

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

func TestExplainRefuses(t *testing.T) {
	now := berlin(t, "2026-10-05 10:00:00")
	fresh := func() *v1alpha1.Incident {
		inc := fixture.Incident("coffee", fixture.WithJournal(fixture.Entry("help").RecordedAt(now).Task(v1alpha1.TaskHelp, "a towel", "1h")))
		inc.CreationTimestamp.Time = berlin(t, "2026-10-05 09:00:00")
		return inc
	}
	empty, pinned := fresh(), fresh()
	empty.Spec.Journal = nil
	pinned.Status.Pins = []v1alpha1.Pin{{Revision: "p-1"}}
	plan := rolloutPlan(t, "p-1", v1alpha1.Step{Name: "fix", Type: v1alpha1.StepCustom})
	for name, c := range map[string]struct {
		s    Snapshot
		says string
	}{
		"a clock that there is not": {
			Snapshot{Incident: fresh(), Plan: plan},
			`incident coffee has no clock "Step/mend"; its clocks are Step/fix, Task/help`,
		},
		"a clock of an incident without any": {
			Snapshot{Incident: empty},
			`incident coffee has no clock "Step/mend"; it has none yet`,
		},
		"a revision that is gone": {
			Snapshot{Incident: pinned, Problem: &Problem{Reason: v1alpha1.RevisionMissingReason, Message: "p-1 was deleted", Stalled: true}},
			"the clocks of incident coffee cannot be explained, because the revision that it is held to cannot be read: RevisionMissing: p-1 was deleted; what was written of them stands",
		},
		"a revision that is gone, and nobody says why": {
			Snapshot{Incident: pinned},
			"the clocks of incident coffee cannot be explained, because the revision that it is held to cannot be read: RevisionMissing; what was written of them stands",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Explain(&c.s, "Step/mend", now)
			if err == nil || err.Error() != c.says {
				t.Errorf("it says %v, want %s", err, c.says)
			}
		})
	}
}

// A promise is explained also while the incident has no policy.
func TestExplainWithoutAPolicy(t *testing.T) {
	inc := fixture.Incident("coffee", fixture.WithJournal(alice(t, "p", "2026-10-05 09:10:00").Promise("a towel", "30m")))
	inc.CreationTimestamp.Time = berlin(t, "2026-10-05 09:00:00")
	s, now := &Snapshot{Incident: inc}, berlin(t, "2026-10-05 09:30:00")
	x, err := Explain(s, "Promise/p", now)
	if err != nil {
		t.Fatal(err)
	}
	checkExplanation(t, s, &x, now)
	if x.Elapsed != 20*time.Minute || x.Left != 10*time.Minute {
		t.Errorf("elapsed %s, left %s", x.Elapsed, x.Left)
	}
}

// Parts of a second, and a fact of a clock that is a little ahead, lead to whole seconds.
func TestExplainInWholeSeconds(t *testing.T) {
	c := explained{spec: oneStep(v1alpha1.Due{Within: "1h"}), start: "2026-10-05 09:00:00", now: "2026-10-05 09:10:00", clock: "Task/help",
		journal: []fixture.EntryBuilder{alice(t, "help", "2026-10-05 09:10:03").Task(v1alpha1.TaskHelp, "a towel", "1h")}}
	s, now := c.snapshot(t)
	now = now.Add(300 * time.Millisecond)
	x, err := Explain(s, "Step/fix", now)
	if err != nil {
		t.Fatal(err)
	}
	checkExplanation(t, s, &x, now)
	if x.Elapsed != 10*time.Minute {
		t.Errorf("%s have elapsed", x.Elapsed)
	}
	x, err = Explain(s, "Task/help", now)
	if err != nil {
		t.Fatal(err)
	}
	if x.Elapsed != 0 || x.Left != time.Hour || len(x.Stretches) != 1 || !x.Stretches[0].Future {
		t.Errorf("elapsed %s, left %s, stretches %v", x.Elapsed, x.Left, x.Stretches)
	}
}

// A breach that was written stands, though a fact seen later let its clock never start.
func TestExplainALostBreach(t *testing.T) {
	c := explained{spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{
		{Name: "a", Type: v1alpha1.StepCustom}, {Name: "b", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{Within: "10m"}},
	}}, start: "2026-10-05 09:00:00", now: "2026-10-05 10:00:00",
		journal: []fixture.EntryBuilder{alice(t, "a", "2026-10-05 09:10:00").Completion("a"), alice(t, "end", "2026-10-05 09:05:00").Cancel("Mistake")}}
	s, now := c.snapshot(t)
	journal := s.Incident.Spec.Journal
	s.Incident.Spec.Journal = journal[:1]
	s.Incident.Status = Decide(s, now).Status
	s.Incident.Spec.Journal = journal
	x, err := Explain(s, "Step/b", now)
	if err != nil {
		t.Fatal(err)
	}
	checkExplanation(t, s, &x, now)
	want := []string{
		"Step/b: Cancelled (IncidentEnded)",
		"  counts   nothing",
		"  elapsed  0s, 0s left",
		"  due      Mon 2026-10-05 07:20:00 UTC",
		"  breached Mon 2026-10-05 07:20:00 UTC",
		"What changed it:",
		"  Mon 2026-10-05 07:20:00 UTC  its breach was written, and stands, though an earlier fact that was seen later let it never start: due Mon 2026-10-05 07:20:00 UTC",
	}
	if diff := cmp.Diff(want, x.Lines(nil)); diff != "" {
		t.Errorf("it says otherwise (-want +got):\n%s", diff)
	}
}

// TestExplainRollout explains clocks that a new revision moved, left as they were, ended
// and brought.
func TestExplainRollout(t *testing.T) {
	within := func(name v1alpha1.Name, d v1alpha1.Due) v1alpha1.Step {
		return v1alpha1.Step{Name: name, Type: v1alpha1.StepCustom, Due: &d, After: []v1alpha1.Name{}}
	}
	plan := func(revision string, calendar v1alpha1.BusinessCalendarSpec, steps ...v1alpha1.Step) *policy.Plan {
		out, wrong := policy.Compile("p", revision, policy.Content{
			Policy:    policy.Complete(v1alpha1.RecoveryPolicySpec{CalendarName: "office", Steps: steps}),
			Calendars: map[string]v1alpha1.BusinessCalendarSpec{"office": calendar},
		})
		if len(wrong) > 0 {
			t.Fatal(policy.Describe(wrong))
		}
		return out
	}
	noon := office
	noon.Weekly = []v1alpha1.WeeklyOpening{{Days: office.Weekly[0].Days, Hours: []v1alpha1.Opening{{From: "12:00", To: "17:00"}}}}
	before := plan("p-1", office, within("open", business("8h")), within("late", business("10m")), within("done", business("4h")), within("gone", business("4h")))
	after := plan("p-2", noon, within("open", business("4h")), within("late", business("6h")), within("done", business("5h")), within("new", business("1h")))
	inc := fixture.Incident("inc", fixture.WithJournal(alice(t, "d", "2026-10-05 10:00:00").Completion("done")))
	inc.CreationTimestamp.Time = berlin(t, "2026-10-05 09:00:00")
	s := &Snapshot{Incident: inc, Plan: before}
	inc.Status = Decide(s, berlin(t, "2026-10-05 10:30:00")).Status
	s.Next = after
	inc.Status = Decide(s, berlin(t, "2026-10-05 11:00:00")).Status
	s.Next, s.Rollouts = nil, []*policy.Plan{after}
	now := berlin(t, "2026-10-05 12:30:00")
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for clock, want := range map[string][]string{
		"Step/open": {
			"elapsed 30m, left 3h30m",
			"Mon 09:00–Mon 12:00 - closed", "Mon 12:00–Mon 12:30 30m open", "Mon 12:30–Mon 16:00 +3h30m open",
			"Mon 09:00 started with the report; severity Low: never→Mon 17:00",
			"Mon 11:00 revision p-2 of policy p was rolled out: Mon 17:00→Mon 16:00",
		},
		// It was late under the old revision, and is held to its calendar.
		"Step/late": {
			"elapsed 3h30m, left -3h20m",
			"Mon 09:00–Mon 12:30 3h30m open",
			"Mon 09:00 started with the report; severity Low: never→Mon 09:10",
		},
		"Step/done": {
			"elapsed 1h, left 3h",
			"Mon 09:00–Mon 10:00 1h open",
			"Mon 09:00 started with the report; severity Low: never→Mon 13:00",
			"Mon 10:00 alice d done",
		},
		"Step/gone": {
			"elapsed 2h, left 2h",
			"Mon 09:00–Mon 11:00 2h open",
			"Mon 09:00 started with the report; severity Low: never→Mon 13:00",
			"Mon 11:00 no longer owed under the new revision",
		},
		"Step/new": {
			"elapsed 30m, left 30m",
			"Mon 11:00–Mon 12:00 - closed", "Mon 12:00–Mon 12:30 30m open", "Mon 12:30–Mon 13:00 +30m open",
			"Mon 11:00 revision p-2 of policy p was rolled out, which has this step; severity Low: never→Mon 13:00",
		},
	} {
		t.Run(strings.TrimPrefix(clock, "Step/"), func(t *testing.T) {
			x, err := Explain(s, clock, now)
			if err != nil {
				t.Fatal(err)
			}
			checkExplanation(t, s, &x, now)
			got := []string{"elapsed " + shortDuration(x.Elapsed) + ", left " + shortDuration(x.Left)}
			for i := range x.Stretches {
				got = append(got, stretchText(&x.Stretches[i], zone))
			}
			for i := range x.Changes {
				got = append(got, changeText(&x.Changes[i], zone))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("it is explained otherwise (-want +got):\n%s", diff)
			}
		})
	}
}
