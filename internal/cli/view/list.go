package view

import (
	"cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// Listing says what a list of incidents shows.
type Listing struct {
	// Namespaces shows where each incident is.
	Namespaces bool
	// Wide shows all columns.
	Wide bool
}

// List is the table of incidents in the order given. The first row is the heads.
func (f *Frame) List(incidents []*v1alpha1.Incident, l Listing) []string {
	columns := []Column{
		{Head: "NAMESPACE", Drop: 5}, {Head: "NAME"}, {Head: "SEVERITY", Drop: 4}, {Head: "SERVICE", Drop: 6}, {Head: "PHASE", Drop: 7},
		{Head: "NEXT", Free: true}, {Head: "DUE", Least: 11}, {Head: "SLA"}, {Head: "OWNER", Drop: 3}, {Head: "AGE", Drop: 8, Least: 6},
	}
	if l.Wide {
		columns = append(columns, Column{Head: "AT", Drop: 10}, Column{Head: "SUMMARY", Drop: 12, Free: true}, Column{Head: "CUSTOMER", Drop: 11}, Column{Head: "COMPENSATED", Drop: 13})
	}
	for _, inc := range incidents {
		for i, cell := range f.row(inc, l.Wide) {
			columns[i].Cells = append(columns[i].Cells, or(cell))
		}
	}
	if !l.Namespaces {
		columns = columns[1:]
	}
	rows := Table(columns, f.Width)
	for i, inc := range incidents {
		rows[i+1] = f.Paint.Paint(SLATone(inc.Status.SLA), rows[i+1])
	}
	return rows
}

// row are the cells of an incident.
func (f *Frame) row(inc *v1alpha1.Incident, wide bool) []string {
	next, due, at := f.next(inc)
	out := []string{
		inc.Namespace, inc.Name, string(work.EffectiveSeverity(inc)), Clean(string(inc.Spec.Service)), string(inc.Status.Phase),
		next, due, slaWord(inc.Status.SLA), Clean(string(inc.Status.Owner)), Span(max(0, f.Now.Sub(inc.CreationTimestamp.Time))),
	}
	if wide {
		granted := ""
		if inc.Status.Compensation != nil {
			granted = string(inc.Status.Compensation.Granted)
		}
		out = append(out, at, Clean(work.EffectiveSummary(inc)), Clean(work.EffectiveCustomer(inc).ID), granted)
	}
	return out
}

// next is what is to be done next, and when.
func (f *Frame) next(inc *v1alpha1.Incident) (what, due, at string) {
	asks := Asks(inc)
	if len(asks) == 0 {
		return "", "", ""
	}
	c := &asks[0].Clock
	what = cmp.Or(string(work.SubjectOf(c)), string(c.Kind))
	if c.Kind != v1alpha1.ClockStep {
		what = asks[0].What
	}
	switch {
	case c.DueAt != nil:
		return what, f.Left(c.DueAt.Time), f.When(c.DueAt.Time)
	case c.State == v1alpha1.StatePaused:
		return what, "paused", ""
	}
	return what, "", ""
}

// slaWord is an SLA; what is late has a sign, so that it stands out without colour.
func slaWord(s v1alpha1.SLA) string {
	if s == v1alpha1.SLAOverdue {
		return "! " + string(s)
	}
	return string(s)
}
