package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// Ask is one thing that is asked of somebody next.
type Ask struct {
	// Clock is the clock that measures it.
	Clock v1alpha1.Clock
	// What says what is to be done.
	What string
	// Who has it to do; empty is whoever takes it.
	Who string
	// Command is what to type once it is done, without the program's name.
	Command string
}

// Asks are what is asked of whom, the most urgent first: what is due next, then what is
// paused or never due.
func Asks(inc *v1alpha1.Incident) []Ask {
	var out []Ask
	for i := range inc.Status.Clocks {
		if c := &inc.Status.Clocks[i]; work.IsOpen(c) {
			out = append(out, ask(inc, c))
		}
	}
	slices.SortStableFunc(out, func(a, b Ask) int { return compareDue(&a.Clock, &b.Clock) })
	return out
}

// compareDue orders clocks by when they are due; those that are not, last.
func compareDue(a, b *v1alpha1.Clock) int {
	switch {
	case a.DueAt == nil && b.DueAt == nil:
		return 0
	case a.DueAt == nil:
		return 1
	case b.DueAt == nil:
		return -1
	}
	return a.DueAt.Compare(b.DueAt.Time)
}

// ask says what a clock asks for.
func ask(inc *v1alpha1.Incident, c *v1alpha1.Clock) Ask {
	subject, name := string(work.SubjectOf(c)), inc.Name
	entry := entryNamed(inc, subject)
	out := Ask{Clock: *c, Who: string(inc.Status.Owner)}
	switch c.Kind {
	case v1alpha1.ClockStep:
		out.What, out.Command = stepWords(c, subject), "complete "+name+" "+subject
	case v1alpha1.ClockResponse:
		out.What, out.Command = "answer the customer", "contact "+name+" --reached Phone"
	case v1alpha1.ClockUpdate:
		out.What, out.Command = "let the customer hear from us", "contact "+name+" --reached Phone"
	case v1alpha1.ClockAssignment:
		out.What, out.Who, out.Command = "somebody takes it", "", "assign "+name+" me"
	case v1alpha1.ClockAcceptance:
		out.What, out.Command = "take it on: read the journal", "accept "+name
	case v1alpha1.ClockResolution:
		out.What = "put it right, all in all"
	case v1alpha1.ClockPromise:
		out.What, out.Command = "keep the promise "+subject, "keep "+name+" "+subject
		if entry != nil && entry.Promise != nil {
			out.What, out.Who = quote("keep: ", string(entry.Promise.Text)), cmp.Or(string(entry.Promise.Owner), out.Who)
		}
	case v1alpha1.ClockTask:
		out.What, out.Command = "do the task "+subject, "done "+name+" "+subject
		if entry != nil && entry.Task != nil {
			out.What, out.Who = quote(strings.ToLower(string(entry.Task.Kind))+": ", string(entry.Task.Text)), cmp.Or(string(entry.Task.To), out.Who)
		}
	case v1alpha1.ClockApproval:
		out.What, out.Who, out.Command = "decide on the remedy "+subject, "an approver", "approve "+subject
	case v1alpha1.ClockDelivery:
		out.What, out.Command = "deliver the remedy "+subject, "deliver "+subject
	default:
		out.What = string(c.Kind)
	}
	return out
}

// stepWords names a step with its type, where the name does not say it.
func stepWords(c *v1alpha1.Clock, subject string) string {
	if c.Type == "" || strings.EqualFold(subject, string(c.Type)) {
		return subject
	}
	return fmt.Sprintf("%s (%s)", subject, c.Type)
}

func quote(prefix, text string) string { return prefix + Clean(text) }

// entryNamed is an entry of the journal, or nil.
func entryNamed(inc *v1alpha1.Incident, id string) *v1alpha1.JournalEntry {
	for i := range inc.Spec.Journal {
		if string(inc.Spec.Journal[i].ID) == id {
			return &inc.Spec.Journal[i]
		}
	}
	return nil
}

// Ended says that nothing is owed any more: a final phase, and no clock that runs.
func Ended(inc *v1alpha1.Incident) bool {
	switch inc.Status.Phase {
	case v1alpha1.PhaseClosed, v1alpha1.PhaseCancelled, v1alpha1.PhaseMerged:
	default:
		return false
	}
	return !slices.ContainsFunc(inc.Status.Clocks, func(c v1alpha1.Clock) bool { return work.IsOpen(&c) })
}

// Final says that the phase is a last one; promises and tasks may run on in it.
func Final(inc *v1alpha1.Incident) bool {
	p := inc.Status.Phase
	return p == v1alpha1.PhaseClosed || p == v1alpha1.PhaseCancelled || p == v1alpha1.PhaseMerged
}

// Due is when something is due next: what is late first, else what comes next.
func Due(inc *v1alpha1.Incident) time.Time {
	for _, a := range Asks(inc) {
		if a.Clock.DueAt != nil {
			return a.Clock.DueAt.Time
		}
	}
	return time.Time{}
}

// ByDue orders incidents by what is due next; those that owe nothing come last, the
// latest first.
func ByDue(a, b *v1alpha1.Incident) int {
	x, y := Due(a), Due(b)
	switch {
	case x.IsZero() && y.IsZero():
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), ByName(a, b))
	case x.IsZero():
		return 1
	case y.IsZero():
		return -1
	}
	return cmp.Or(x.Compare(y), ByName(a, b))
}

// ByName orders incidents by namespace and name.
func ByName(a, b *v1alpha1.Incident) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}
