package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
)

// Status is an incident on one screen: what it is, what is asked of whom next, what is
// held in time, what was promised, the money, and what the operator has to say.
func (f *Frame) Status(inc *v1alpha1.Incident, remedies []v1alpha1.Compensation) []string {
	out := f.header(inc)
	for _, part := range []struct {
		title string
		rows  []string
	}{
		{"NEXT", f.nextRows(inc)},
		{"CLOCKS", f.clockRows(inc)},
		{"PROMISES AND TASKS", f.promiseRows(inc)},
		{"MONEY", f.moneyRows(inc, remedies)},
		{"REMARKS", f.remarkRows(inc)},
	} {
		if len(part.rows) > 0 {
			out = append(out, "", f.Paint.Paint(Strong, part.title))
			out = append(out, part.rows...)
		}
	}
	return out
}

// header says what the incident is.
func (f *Frame) header(inc *v1alpha1.Incident) []string {
	s := &inc.Status
	words := []string{string(work.EffectiveSeverity(inc)), Clean(string(inc.Spec.Service)), cmp.Or(string(s.Phase), "not seen by the operator yet")}
	if s.SLA != "" {
		words = append(words, f.Paint.Paint(SLATone(s.SLA), slaWord(s.SLA)))
	}
	if s.Round > 1 {
		words = append(words, fmt.Sprintf("round %d", s.Round))
	}
	title := f.Paint.Paint(Strong, inc.Namespace+"/"+inc.Name) + "   " + strings.Join(words, " · ")
	out := []string{Clip(title, f.Width)}
	out = append(out, hang("", Clean(work.EffectiveSummary(inc)), f.Width)...)
	customer := work.EffectiveCustomer(inc)
	who := "customer " + Clean(customer.ID)
	if customer.Tier != "" {
		who += " (" + Clean(customer.Tier) + ")"
	}
	if zone := f.customerZone(string(customer.TimeZone)); zone != nil {
		who += fmt.Sprintf(", where it is %s", f.Now.In(zone).Format("Mon 15:04 MST"))
	}
	if h := customer.ContactHours; h != nil {
		who += fmt.Sprintf(", to be called %s–%s", h.From, h.To)
	}
	policy := "no policy yet"
	if s.Policy != nil {
		policy = "policy " + string(s.Policy.Name)
	}
	owner := "nobody has it"
	if s.Owner != "" {
		owner = "owner " + Clean(string(s.Owner))
	}
	reported := fmt.Sprintf("reported %s %s (%s) by %s", f.When(inc.CreationTimestamp.Time), zoneName(inc.CreationTimestamp.Time, f.zone()), f.Ago(inc.CreationTimestamp.Time), inc.Spec.DetectedBy)
	for _, line := range []string{who, owner + ", " + policy + ", " + reported} {
		out = append(out, hang("", line, f.Width)...)
	}
	return out
}

// nextShown is how many asks the screen holds.
const nextShown = 5

// nextRows say what is asked of whom next.
func (f *Frame) nextRows(inc *v1alpha1.Incident) []string {
	asks := Asks(inc)
	if len(asks) == 0 {
		if Ended(inc) {
			return []string{"  nothing: it is over"}
		}
		return nil
	}
	zone := f.customerZone(string(work.EffectiveCustomer(inc).TimeZone))
	left, at, theirs, what, who := Column{Head: "LEFT", Least: 11}, Column{Head: "DUE"}, Column{Head: "CUSTOMER'S", Drop: 2}, Column{Head: "WHAT", Free: true}, Column{Head: "WHO", Drop: 1}
	var tones []Tone
	for i := range asks[:min(len(asks), nextShown)] {
		a := &asks[i]
		tones = append(tones, f.clockTone(&a.Clock))
		what.Cells, who.Cells = append(what.Cells, a.What), append(who.Cells, or(Clean(a.Who)))
		if a.Clock.DueAt == nil {
			left.Cells, at.Cells, theirs.Cells = append(left.Cells, undue(&a.Clock)), append(at.Cells, "-"), append(theirs.Cells, "-")
			continue
		}
		due := a.Clock.DueAt.Time
		left.Cells, at.Cells = append(left.Cells, f.Left(due)), append(at.Cells, f.When(due))
		theirs.Cells = append(theirs.Cells, f.theirs(due, zone))
	}
	columns := []Column{left, at, theirs, what, who}
	if !slices.ContainsFunc(who.Cells, func(cell string) bool { return cell != "-" }) {
		columns = columns[:4]
	}
	if zone == nil {
		columns = slices.Delete(columns, 2, 3)
	}
	rows := f.indent(columns, tones)
	if zone == nil {
		rows = rows[1:] // only two times need their heads
	}
	if more := len(asks) - nextShown; more > 0 {
		rows = append(rows, fmt.Sprintf("  and %d more", more))
	}
	return rows
}

// undue says why a clock has no due instant.
func undue(c *v1alpha1.Clock) string {
	if c.State == v1alpha1.StatePaused {
		return "paused"
	}
	return "no deadline"
}

// indent lays a table out, two columns to the right, and colours its rows.
func (f *Frame) indent(columns []Column, tones []Tone) []string {
	width := f.Width
	if width > 0 {
		width = max(10, width-2)
	}
	rows := Table(columns, width)
	for i := range rows {
		tone := Faint
		if i > 0 {
			tone = tones[i-1]
		}
		rows[i] = "  " + f.Paint.Paint(tone, rows[i])
	}
	return rows
}

// clockTone is the colour of a clock.
func (f *Frame) clockTone(c *v1alpha1.Clock) Tone {
	switch {
	case c.BreachedAt != nil && work.IsOpen(c):
		return Bad
	case c.BreachedAt != nil:
		return Warning
	case !work.IsOpen(c), c.State == v1alpha1.StatePaused:
		return Faint
	case c.DueAt != nil && c.StartedAt != nil && c.DueAt.Sub(f.Now)*5 <= c.DueAt.Sub(c.StartedAt.Time):
		return Warning
	}
	return Plain
}

// clockRows are all clocks, those of what is not a promise or a task.
func (f *Frame) clockRows(inc *v1alpha1.Incident) []string {
	return f.clocks(inc, func(c *v1alpha1.Clock) bool {
		return c.Kind != v1alpha1.ClockPromise && c.Kind != v1alpha1.ClockTask
	}, func(c *v1alpha1.Clock) string { return c.Name })
}

// promiseRows are the clocks of promises and tasks.
func (f *Frame) promiseRows(inc *v1alpha1.Incident) []string {
	return f.clocks(inc, func(c *v1alpha1.Clock) bool {
		return c.Kind == v1alpha1.ClockPromise || c.Kind == v1alpha1.ClockTask
	}, func(c *v1alpha1.Clock) string {
		return string(work.SubjectOf(c)) + ": " + strings.TrimPrefix(strings.TrimPrefix(ask(inc, c).What, "keep: "), "keep the promise ")
	})
}

// clocks is a table of some clocks. Where the customer lives by another clock, and there is
// room, it says when each is due for them.
func (f *Frame) clocks(inc *v1alpha1.Incident, take func(*v1alpha1.Clock) bool, name func(*v1alpha1.Clock) string) []string {
	columns := []Column{{Head: " ", Least: 1}, {Head: "CLOCK", Free: true}, {Head: "STATE", Drop: 1}, {Head: "DUE"}, {Head: "CUSTOMER'S", Drop: 2}, {Head: "LEFT"}}
	const theirColumn = 4
	zone := f.customerZone(string(work.EffectiveCustomer(inc).TimeZone))
	var tones []Tone
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		if !take(c) {
			continue
		}
		sign, state, left := f.standing(c)
		due, theirs := "-", "-"
		if c.DueAt != nil {
			due, theirs = f.When(c.DueAt.Time), f.theirs(c.DueAt.Time, zone)
		}
		for n, cell := range []string{sign, name(c), state, due, theirs, left} {
			columns[n].Cells = append(columns[n].Cells, cell)
		}
		tones = append(tones, f.clockTone(c))
	}
	if len(tones) == 0 {
		return nil
	}
	if zone == nil {
		columns = slices.Delete(columns, theirColumn, theirColumn+1)
	}
	return f.indent(columns, tones)
}

// standing is how a clock stands: a sign, a word, and how much time is or was left.
func (f *Frame) standing(c *v1alpha1.Clock) (sign, state, left string) {
	state = string(c.State)
	if c.Reason != "" && c.Reason != "Completed" {
		state += ", " + c.Reason
	}
	switch {
	case c.State == v1alpha1.StatePaused:
		return "‖", state, undue(c)
	case work.IsOpen(c) && c.DueAt == nil:
		return "▸", state, undue(c)
	case work.IsOpen(c):
		sign = "▸"
		if c.BreachedAt != nil {
			sign = "!"
		}
		return sign, state, f.Left(c.DueAt.Time)
	case c.State == v1alpha1.StateCancelled:
		sign, left = "–", "-"
	case c.DoneAt != nil && c.DueAt != nil && !c.DoneAt.After(c.DueAt.Time):
		sign, left = "✓", Span(c.DueAt.Sub(c.DoneAt.Time))+" early"
	case c.DoneAt != nil && c.DueAt != nil:
		sign, left = "✗", Span(c.DoneAt.Sub(c.DueAt.Time))+" late"
	default:
		sign, left = "✓", "-"
	}
	if c.BreachedAt != nil {
		sign = "✗"
	}
	return sign, state, left
}

// moneyRows are the remedies.
func (f *Frame) moneyRows(inc *v1alpha1.Incident, remedies []v1alpha1.Compensation) []string {
	var out []string
	if c := inc.Status.Compensation; c != nil {
		var sums []string
		for _, sum := range []struct {
			name   string
			amount v1alpha1.Money
		}{{"offered", c.Offered}, {"awaiting approval", c.Pending}, {"granted", c.Granted}, {"delivered", c.Delivered}} {
			if sum.amount != "" {
				sums = append(sums, sum.name+" "+string(sum.amount))
			}
		}
		out = append(out, hang("  ", strings.Join(sums, ", "), f.Width)...)
	}
	if len(remedies) == 0 {
		return out
	}
	return append(out, f.remedyTable(remedies)...)
}

func (f *Frame) remedyTable(remedies []v1alpha1.Compensation) []string {
	columns := []Column{{Head: "REMEDY"}, {Head: "WHAT", Free: true}, {Head: "AMOUNT"}, {Head: "PHASE"}, {Head: "LEFT"}, {Head: "ASKED BY", Drop: 1}}
	tones := make([]Tone, len(remedies))
	for i := range remedies {
		c := &remedies[i]
		due := "-"
		if c.Status.DueAt != nil && !settled(c) {
			due = f.Left(c.Status.DueAt.Time)
		}
		for n, cell := range []string{c.Name, Offers(c), string(work.Asked(c)), cmp.Or(string(c.Status.Phase), string(v1alpha1.CompensationRequested)), due, or(Clean(string(c.Spec.By)))} {
			columns[n].Cells = append(columns[n].Cells, cell)
		}
		if settled(c) {
			tones[i] = Faint
		}
	}
	return f.indent(columns, tones)
}

// settled says that nothing more comes of a request.
func settled(c *v1alpha1.Compensation) bool {
	return slices.Contains([]v1alpha1.CompensationPhase{v1alpha1.CompensationDenied, v1alpha1.CompensationDelivered, v1alpha1.CompensationReleased}, c.Status.Phase)
}

// Offers says what a request offers.
func Offers(c *v1alpha1.Compensation) string {
	words := make([]string, len(c.Spec.Offers))
	for i := range c.Spec.Offers {
		o := &c.Spec.Offers[i]
		words[i] = cmp.Or(string(o.Option), Clean(string(o.Custom)))
		if c.Spec.Choice != nil && c.Spec.Choice.Offer == o.Name {
			return words[i] + " (chosen)"
		}
	}
	return strings.Join(words, " or ")
}

// remarkRows are the conditions that a person should read.
func (f *Frame) remarkRows(inc *v1alpha1.Incident) []string {
	var out []string
	for i := range inc.Status.Conditions {
		c := &inc.Status.Conditions[i]
		if !remarkable(c) {
			continue
		}
		rows := hang("  "+c.Type+": ", Clean(c.Message), f.Width)
		for n := range rows {
			rows[n] = f.Paint.Paint(remarkTone(c), rows[n])
		}
		out = append(out, rows...)
	}
	return out
}

// remarkable says that a condition tells something that the rest of the screen does not.
func remarkable(c *metav1.Condition) bool {
	is := c.Status == metav1.ConditionTrue
	switch c.Type {
	case v1alpha1.StalledCondition, v1alpha1.ReconcilingCondition, v1alpha1.JournalNearlyFullCondition, v1alpha1.HeldCondition,
		v1alpha1.ApprovalPendingCondition, v1alpha1.EndedWellCondition:
		return is
	case v1alpha1.JournalAcceptedCondition, v1alpha1.PolicyBoundCondition, v1alpha1.PromisesKeptCondition,
		v1alpha1.NextContactScheduledCondition, v1alpha1.RemedyDeliveredCondition:
		return !is
	case v1alpha1.ClosedCondition, v1alpha1.OnTrackCondition:
		return !is
	case v1alpha1.DocumentedCondition:
		return !is && c.Reason == v1alpha1.FindingMissingReason
	}
	return false
}

func remarkTone(c *metav1.Condition) Tone {
	switch c.Type {
	case v1alpha1.StalledCondition, v1alpha1.PromisesKeptCondition, v1alpha1.OnTrackCondition:
		return Bad
	case v1alpha1.JournalAcceptedCondition, v1alpha1.PolicyBoundCondition, v1alpha1.JournalNearlyFullCondition, v1alpha1.ApprovalPendingCondition:
		return Warning
	case v1alpha1.EndedWellCondition:
		return Good
	}
	return Faint
}
