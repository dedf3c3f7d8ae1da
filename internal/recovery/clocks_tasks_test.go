package recovery_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// set is a task that is due within a time.
func set(d string, kind v1alpha1.TaskKind, within v1alpha1.Duration) fixture.EntryBuilder {
	return at(d, entry("job").Task(kind, "carry it up", within))
}

// did is what became of the task.
func did(d string, result v1alpha1.Result) fixture.EntryBuilder {
	return at(d, entry("of-job-"+v1alpha1.Name(d)).TaskOutcome("job", result))
}

func TestTasks(t *testing.T) {
	t.Parallel()
	spec := steps(custom("a", fixture.DueWithin("8h")))
	job := set("1m", v1alpha1.TaskHelp, "30m")
	want := func(first, job string) []string { return []string{first, "a: Running 0s, due 8h", "Task/job: " + job} }
	beats(t, map[string]beat{
		"open": {scene: scene{policy: spec, now: "10m", journal: []fixture.EntryBuilder{job}, want: want("Open OnTrack, at a, next 31m", "Running 1m, due 31m")}},
		"late": {
			scene:     scene{policy: spec, now: "40m", journal: []fixture.EntryBuilder{job}, want: want("Open Overdue, at a, next 8h", "Running 1m, due 31m, breached 31m")},
			announced: []string{"Breach/Task/job 31m"},
		},
		"done":                 {scene: scene{policy: spec, now: "40m", journal: []fixture.EntryBuilder{job, did("31m", "Done")}, want: want("Open OnTrack, at a, next 8h", "Done Completed 1m–31m, due 31m")}},
		"done late":            {scene: scene{policy: spec, now: "40m", journal: []fixture.EntryBuilder{job, did("32m", "Done")}, want: want("Open Missed, at a, next 8h", "Done Completed 1m–32m, due 31m, breached 31m")}},
		"declined":             {scene: scene{policy: spec, now: "40m", journal: []fixture.EntryBuilder{job, did("20m", "Declined")}, want: want("Open OnTrack, at a, next 8h", "Cancelled Declined 1m, due 31m")}},
		"released":             {scene: scene{policy: spec, now: "40m", journal: []fixture.EntryBuilder{job, did("20m", "Released")}, want: want("Open OnTrack, at a, next 8h", "Cancelled Released 1m, due 31m")}},
		"attempted":            {scene: scene{policy: spec, now: "30m", journal: []fixture.EntryBuilder{job, did("20m", "Attempted")}, want: want("Open OnTrack, at a, next 31m", "Running 1m, due 31m")}},
		"declined late":        {scene: scene{policy: spec, now: "40m", journal: []fixture.EntryBuilder{job, did("35m", "Declined")}, want: want("Open Missed, at a, next 8h", "Cancelled Declined 1m, due 31m, breached 31m")}},
		"settled once for all": {scene: scene{policy: spec, now: "40m", journal: []fixture.EntryBuilder{job, did("20m", "Done"), did("21m", "Declined")}, want: want("Open OnTrack, at a, next 8h", "Done Completed 1m–20m, due 31m")}},
		"due at an instant": {scene: scene{
			policy: spec, now: "10m", journal: []fixture.EntryBuilder{set("1m", v1alpha1.TaskCare, "").With(func(e *v1alpha1.JournalEntry) { e.Task.Due = instant("24h") })},
			want: want("Open OnTrack, at a, next 8h", "Running 1m, due 24h"),
		}},
		"within a time of the claimed instant": {scene: scene{
			policy: spec, now: "10m", journal: []fixture.EntryBuilder{set("5m", v1alpha1.TaskVerify, "30m").At(after("2m"))}, want: want("Open OnTrack, at a, next 32m", "Running 5m, due 32m"),
		}},
		"recorded after it was due": {scene: scene{
			policy: spec, now: "1h", journal: []fixture.EntryBuilder{set("50m", v1alpha1.TaskVerify, "30m").At(after("2m")), did("50m", "Done")},
			want: want("Open Missed, at a, next 8h", "Done Completed 50m–50m, due 32m, breached 32m"),
		}},
		"due in the past": {scene: scene{
			policy: spec, now: "10m", journal: []fixture.EntryBuilder{set("5m", v1alpha1.TaskVerify, "").With(func(e *v1alpha1.JournalEntry) { e.Task.Due = instant("5m") })},
			want: want("Open OnTrack, at a, next 8h", "")[:2], refused: v1alpha1.EntriesRefusedReason, says: []string{"task.due: 2026-10-02T08:25:00Z is not after it was recorded"},
		}},
		"an outcome of one that is not there": {scene: scene{
			policy: spec, now: "10m", journal: []fixture.EntryBuilder{did("5m", "Done")},
			want: want("Open OnTrack, at a, next 8h", "")[:2], refused: v1alpha1.EntriesRefusedReason, says: []string{`outcome.task: there is no task "job" in this journal`},
		}},
	})
}

func TestTasksAndTheEnd(t *testing.T) {
	t.Parallel()
	spec := steps(custom("a", fixture.DueWithin("8h")))
	kinds := []v1alpha1.TaskKind{v1alpha1.TaskHelp, v1alpha1.TaskInternal, v1alpha1.TaskVerify, v1alpha1.TaskCare}
	end := at("10m", entry("end").Cancel("Mistake"))
	a := "a: Done Completed 0s–10m, due 8h"
	for _, kind := range kinds {
		playAll(t, map[string]scene{
			string(kind) + " keeps an incident from closing": {
				policy: spec, now: "20m", journal: []fixture.EntryBuilder{set("1m", kind, "30m"), completing("10m", "a")},
				want: []string{"Resolved OnTrack, next 31m", a, "Task/job: Running 1m, due 31m"},
			},
			string(kind) + " closes it once it is done": {
				policy: spec, now: "20m", journal: []fixture.EntryBuilder{set("1m", kind, "30m"), completing("10m", "a"), did("15m", "Done")},
				want: []string{"Closed Met", a, "Task/job: Done Completed 1m–15m, due 31m"},
			},
			string(kind) + " closes it once it is declined": {
				policy: spec, now: "20m", journal: []fixture.EntryBuilder{set("1m", kind, "30m"), completing("10m", "a"), did("15m", "Declined")},
				want: []string{"Closed Met", a, "Task/job: Cancelled Declined 1m, due 31m"},
			},
			string(kind) + " ends with a cancel": {
				policy: spec, now: "40m", journal: []fixture.EntryBuilder{set("1m", kind, "30m"), end},
				want: []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 8h", "Task/job: Cancelled IncidentEnded 1m, due 31m"},
			},
			string(kind) + " after a cancel is refused": {
				policy: spec, now: "40m", journal: []fixture.EntryBuilder{end, set("11m", kind, "30m")},
				want:    []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 8h"},
				refused: v1alpha1.EntriesRefusedReason, says: []string{"task: the incident is Cancelled; only a Prevention task outlives it"},
			},
		})
	}
	prevention := set("1m", v1alpha1.TaskPrevention, "30m")
	playAll(t, map[string]scene{
		"Prevention does not keep an incident from closing": {
			policy: spec, now: "20m", journal: []fixture.EntryBuilder{prevention, completing("10m", "a")},
			want: []string{"Closed Met, next 31m", a, "Task/job: Running 1m, due 31m"},
		},
		"Prevention is late in a closed incident": {
			policy: spec, now: "40m", journal: []fixture.EntryBuilder{prevention, completing("10m", "a")},
			want: []string{"Closed Overdue, next 31m", a, "Task/job: Running 1m, due 31m, breached 31m"},
		},
		"Prevention is done in a closed incident": {
			policy: spec, now: "40m", journal: []fixture.EntryBuilder{prevention, completing("10m", "a"), did("30m", "Done")},
			want: []string{"Closed Met", a, "Task/job: Done Completed 1m–30m, due 31m"},
		},
		"Prevention outlives a cancel": {
			policy: spec, now: "40m", journal: []fixture.EntryBuilder{prevention, end},
			want: []string{"Cancelled Overdue, next 31m", "a: Cancelled IncidentEnded 0s, due 8h", "Task/job: Running 1m, due 31m, breached 31m"},
		},
		"Prevention is set after a cancel": {
			policy: spec, now: "40m", journal: []fixture.EntryBuilder{end, set("20m", v1alpha1.TaskPrevention, "30m"), did("35m", "Done")},
			want: []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 8h", "Task/job: Done Completed 20m–35m, due 50m"},
		},
	})
}
