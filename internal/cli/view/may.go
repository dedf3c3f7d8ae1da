package view

import (
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
	"github.com/amends-dev/amends/internal/money"
)

// May says what somebody may give for an incident now.
func (f *Frame) May(inc *v1alpha1.Incident, m *work.May) []string {
	out := []string{f.Paint.Paint(Strong, "For "+inc.Name+", severity "+string(m.Severity)+", you may give:")}
	out = append(out, f.allowances(m)...)
	out = append(out, "", f.Paint.Paint(Strong, "OUT OF THE CATALOGUE"))
	columns := []Column{{Head: "OPTION"}, {Head: "PURPOSE"}, {Head: "WHAT IT IS", Free: true}, {Head: "HOW"}}
	for i := range m.Terms.Catalogue {
		o := &m.Terms.Catalogue[i]
		if len(o.Severities) > 0 && !slices.Contains(o.Severities, m.Severity) {
			continue
		}
		for n, cell := range []string{string(o.Name), string(o.Purpose), Price(o), how(inc, o)} {
			columns[n].Cells = append(columns[n].Cells, cell)
		}
	}
	if n := len(columns[0].Cells); n > 0 {
		out = append(out, f.indent(columns, make([]Tone, n))...)
	} else {
		out = append(out, "  nothing at this severity")
	}
	return append(append(out, ""), hang("", "Kindness that costs nothing is always allowed: kubectl amends gesture "+inc.Name+" TEXT", f.Width)...)
}

// how says what to type for an option.
func how(inc *v1alpha1.Incident, o *v1alpha1.CatalogueOption) string {
	switch {
	case o.Cost != "" && strings.Trim(string(o.Cost), "0.") == "":
		return "gesture " + inc.Name + " --option " + string(o.Name)
	case o.Cost != "":
		return "compensate " + inc.Name + " " + string(o.Name)
	}
	return "compensate " + inc.Name + " " + string(o.Name) + "=AMOUNT"
}

func (f *Frame) allowances(m *work.May) []string {
	switch {
	case m.Budget == nil:
		return []string{"  no budget can be read: what costs money is asked for (compensate --ask)"}
	case len(m.Mine) == 0:
		return []string{"  nothing without asking: you may spend no allowance of the budget " + m.Budget.Name, "  what costs money is decided by an approver (compensate --ask)"}
	}
	var out []string
	for i := range m.Mine {
		a := &m.Mine[i]
		var limits []string
		add := func(left *money.Amount, words string) {
			if left != nil {
				limits = append(limits, left.Text()+" "+words)
			}
		}
		add(a.Day, "left of your day, which ends "+f.When(a.Ends)+" "+zoneName(a.Ends, f.zone()))
		add(a.Incident, "left for this incident")
		add(a.Customer, "left for this customer")
		if len(limits) == 0 {
			limits = []string{"as much as the pool holds"}
		}
		out = append(out, hang("  from "+string(a.Name)+": ", strings.Join(limits, ", "), f.Width)...)
	}
	if m.Budget.Status.Available != "" {
		out = append(out, "  the pool holds "+string(m.Budget.Status.Available)+" "+string(m.Budget.Spec.Currency)+" more")
	}
	return out
}
