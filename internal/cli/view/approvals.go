package view

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// Waiting is a remedy that waits for a decision.
type Waiting struct {
	// Compensation is the request.
	Compensation *v1alpha1.Compensation
	// Level is the lowest level at which the viewer may approve it; empty is none.
	Level v1alpha1.Name
	// Mine says that the viewer may decide.
	Mine bool
}

// Approvals is the table of what waits, the most urgent first.
func (f *Frame) Approvals(waiting []Waiting, namespaces bool) []string {
	if len(waiting) == 0 {
		return []string{"Nothing waits for you."}
	}
	due := func(w Waiting) time.Time {
		if w.Compensation.Status.DueAt == nil {
			return w.Compensation.CreationTimestamp.Add(1 << 40)
		}
		return w.Compensation.Status.DueAt.Time
	}
	slices.SortStableFunc(waiting, func(a, b Waiting) int { return due(a).Compare(due(b)) })
	columns := []Column{
		{Head: "NAMESPACE"}, {Head: "REMEDY"}, {Head: "INCIDENT", Drop: 3}, {Head: "WHAT", Free: true}, {Head: "AMOUNT"}, {Head: "ASKED BY", Drop: 1},
		{Head: "LEFT"}, {Head: "LEVEL", Drop: 2}, {Head: "WHY", Free: true, Drop: 4},
	}
	for _, w := range waiting {
		c := w.Compensation
		left := "-"
		if c.Status.DueAt != nil {
			left = f.Left(c.Status.DueAt.Time)
		}
		level := string(w.Level)
		if !w.Mine {
			level = "not you"
		}
		for n, cell := range []string{c.Namespace, c.Name, string(c.Spec.IncidentName), Offers(c), string(work.Asked(c)), or(Clean(string(c.Spec.By))), left, or(level), or(Clean(string(c.Spec.Justification)))} {
			columns[n].Cells = append(columns[n].Cells, cell)
		}
	}
	if !namespaces {
		columns = columns[1:]
	}
	return Table(columns, f.Width)
}
