package recovery

import (
	"fmt"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// task is what colleagues owe each other. No hold pauses it.
type task struct {
	id    v1alpha1.Name
	kind  v1alpha1.TaskKind
	clock *clock
}

// task takes a task.
func (r *run) task(f *stamp.Fact) {
	e := f.Entry.Task
	if r.over() && e.Kind != v1alpha1.TaskPrevention {
		r.refuse(f, fmt.Sprintf("task: the incident is %s; only a Prevention task outlives it", r.phase))
		return
	}
	due, err := dueInstant(f, e.Due, e.Within)
	if err != nil {
		r.refuse(f, "task."+err.Error())
		return
	}
	r.tasks = append(r.tasks, &task{
		id: f.Entry.ID, kind: e.Kind,
		clock: r.startClock(v1alpha1.ClockTask, clockName(v1alpha1.ClockTask, f.Entry.ID, 1), f.At, &policy.Deadline{At: due}),
	})
}

// taskOutcome takes what became of a task.
func (r *run) taskOutcome(f *stamp.Fact) {
	o := f.Entry.Outcome
	for _, t := range r.tasks {
		if t.id != o.Task {
			continue
		}
		if !t.clock.running() {
			return // It is settled; another outcome adds its note to the record.
		}
		switch o.Result {
		case v1alpha1.ResultDone:
			t.clock.end(v1alpha1.StateDone, v1alpha1.ClockCompletedReason, f.At, f.Entry.ID)
		case v1alpha1.ResultDeclined:
			t.clock.end(v1alpha1.StateCancelled, v1alpha1.ClockDeclinedReason, f.At, f.Entry.ID)
		case v1alpha1.ResultReleased:
			t.clock.end(v1alpha1.StateCancelled, v1alpha1.ClockReleasedReason, f.At, f.Entry.ID)
		}
		return
	}
	r.refuse(f, fmt.Sprintf("outcome.task: there is no task %q in this journal", o.Task))
}

// stopTasks ends the tasks that a cancelled or merged incident no longer needs.
func (r *run) stopTasks(f *stamp.Fact) {
	for _, t := range r.tasks {
		if t.kind != v1alpha1.TaskPrevention && t.clock.running() {
			t.clock.end(v1alpha1.StateCancelled, v1alpha1.ClockIncidentEndedReason, f.At, f.Entry.ID)
		}
	}
}
