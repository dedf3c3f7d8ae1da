package work

import (
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// SubjectOf is what a clock measures, for example the name of its step or the id of its
// promise: its name without the kind and the number of the round.
func SubjectOf(c *v1alpha1.Clock) v1alpha1.Name {
	_, subject, _ := strings.Cut(c.Name, "/")
	if i := strings.IndexAny(subject, "#~"); i >= 0 {
		subject = subject[:i]
	}
	return v1alpha1.Name(subject)
}

// IsOpen says that a clock has not ended.
func IsOpen(c *v1alpha1.Clock) bool {
	return c.State == v1alpha1.StateRunning || c.State == v1alpha1.StatePaused
}

// stepOf is the step that a clock measures, or nothing.
func stepOf(c *v1alpha1.Clock) v1alpha1.Name {
	if c.Kind != v1alpha1.ClockStep {
		return ""
	}
	return SubjectOf(c)
}

// Open are the subjects of the open clocks of a kind: the running steps, the promises
// that are still to be kept, the tasks that are still to be done.
func Open(inc *v1alpha1.Incident, kind v1alpha1.ClockKind) []v1alpha1.Name {
	var out []v1alpha1.Name
	for i := range inc.Status.Clocks {
		if c := &inc.Status.Clocks[i]; c.Kind == kind && IsOpen(c) {
			out = append(out, SubjectOf(c))
		}
	}
	return out
}

// Promises are the promises that may still be kept: those that run, and those that the
// operator has not seen yet.
func Promises(inc *v1alpha1.Incident) []v1alpha1.Name {
	return unsettled(inc, v1alpha1.ClockPromise, func(e *v1alpha1.JournalEntry) bool { return e.Promise != nil })
}

// Tasks are the tasks that may still be done, likewise.
func Tasks(inc *v1alpha1.Incident) []v1alpha1.Name {
	return unsettled(inc, v1alpha1.ClockTask, func(e *v1alpha1.JournalEntry) bool { return e.Task != nil })
}

// unsettled are the entries of a kind whose clock is open, or not there yet and not
// answered by an outcome.
func unsettled(inc *v1alpha1.Incident, kind v1alpha1.ClockKind, is func(*v1alpha1.JournalEntry) bool) []v1alpha1.Name {
	listed, answered := map[v1alpha1.Name]bool{}, map[v1alpha1.Name]bool{}
	for i := range inc.Status.Clocks {
		if c := &inc.Status.Clocks[i]; c.Kind == kind {
			listed[SubjectOf(c)] = true
		}
	}
	for i := range inc.Spec.Journal {
		if o := inc.Spec.Journal[i].Outcome; o != nil {
			answered[o.Promise], answered[o.Task] = true, true
		}
	}
	out := Open(inc, kind)
	for i := range inc.Spec.Journal {
		if e := &inc.Spec.Journal[i]; is(e) && !listed[e.ID] && !answered[e.ID] {
			out = append(out, e.ID)
		}
	}
	return out
}

// Holds are the holds that no resume has ended.
func Holds(inc *v1alpha1.Incident) []v1alpha1.Name {
	ended := map[v1alpha1.Name]bool{}
	for i := range inc.Spec.Journal {
		if r := inc.Spec.Journal[i].Resume; r != nil {
			ended[r.Hold] = true
		}
	}
	var out []v1alpha1.Name
	for i := range inc.Spec.Journal {
		if e := &inc.Spec.Journal[i]; e.Hold != nil && !ended[e.ID] {
			out = append(out, e.ID)
		}
	}
	return out
}
