package view

import (
	"cmp"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// Promised says which promises are listed.
type Promised struct {
	// By leaves those that this person keeps; empty is everybody.
	By v1alpha1.User
	// Settled lists those that are over, too.
	Settled bool
	// Namespaces shows where each incident is.
	Namespaces bool
}

// promised is a promise with its incident.
type promised struct {
	inc   *v1alpha1.Incident
	clock *v1alpha1.Clock
	ask   Ask
}

// Promises is the table of promises, the open ones first, by when they are due.
func (f *Frame) Promises(incidents []*v1alpha1.Incident, which Promised) []string {
	all := which.of(incidents)
	if len(all) == 0 {
		return []string{"No such promises."}
	}
	slices.SortStableFunc(all, compareOpen)
	columns := []Column{{Head: "NAMESPACE"}, {Head: "INCIDENT"}, {Head: "PROMISE"}, {Head: "TEXT", Free: true}, {Head: "BY", Drop: 1}, {Head: "DUE"}, {Head: "LEFT"}, {Head: "STATE", Drop: 2}}
	tones := make([]Tone, len(all))
	for i := range all {
		for n, cell := range f.promise(&all[i]) {
			columns[n].Cells = append(columns[n].Cells, cell)
		}
		tones[i] = f.clockTone(all[i].clock)
	}
	if !which.Namespaces {
		columns = columns[1:]
	}
	rows := Table(columns, f.Width)
	for i, tone := range tones {
		rows[i+1] = f.Paint.Paint(tone, rows[i+1])
	}
	return rows
}

// of are the promises that are listed.
func (w *Promised) of(incidents []*v1alpha1.Incident) []promised {
	var out []promised
	for _, inc := range incidents {
		for i := range inc.Status.Clocks {
			c := &inc.Status.Clocks[i]
			if c.Kind != v1alpha1.ClockPromise || !w.Settled && !work.IsOpen(c) {
				continue
			}
			if a := ask(inc, c); w.By == "" || a.Who == string(w.By) {
				out = append(out, promised{inc: inc, clock: c, ask: a})
			}
		}
	}
	return out
}

// compareOpen puts what is still to be kept first.
func compareOpen(a, b promised) int {
	if x, y := work.IsOpen(a.clock), work.IsOpen(b.clock); x != y {
		if x {
			return -1
		}
		return 1
	}
	return cmp.Or(compareDue(a.clock, b.clock), ByName(a.inc, b.inc))
}

// promise are the cells of a promise.
func (f *Frame) promise(p *promised) []string {
	_, state, left := f.standing(p.clock)
	due, text, id := "-", "-", string(work.SubjectOf(p.clock))
	if p.clock.DueAt != nil {
		due = f.When(p.clock.DueAt.Time)
	}
	if e := entryNamed(p.inc, id); e != nil && e.Promise != nil {
		text = Clean(string(e.Promise.Text))
	}
	return []string{p.inc.Namespace, p.inc.Name, id, text, or(Clean(p.ask.Who)), due, left, state}
}
