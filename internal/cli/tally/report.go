package tally

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/recovery"
)

// Report is what a period came to. It holds the incidents that were reported in it, as
// they stand now.
type Report struct {
	// From and To bound the period; To is not in it.
	From time.Time `json:"from"`
	// To is the end.
	To time.Time `json:"to"`
	// Incidents counts them.
	Incidents Incidents `json:"incidents"`
	// Clocks says what was met, by kind of clock and by step.
	Clocks []Line `json:"clocks"`
	// Promises counts promises.
	Promises Promises `json:"promises"`
	// Remedies says what was given, by option.
	Remedies []Given `json:"remedies"`
	// Causes counts the causes that were found.
	Causes []Cause `json:"causes"`
}

// Incidents counts incidents.
type Incidents struct {
	// Reported is how many there were.
	Reported int `json:"reported"`
	// Open is how many are not at their end.
	Open int `json:"open"`
	// Late is how many were late somewhere.
	Late int `json:"late"`
	// Reopened is how many had another round.
	Reopened int `json:"reopened"`
	// EndedWell is how many ended well, of those that were closed.
	EndedWell int `json:"endedWell"`
	// Closed is how many were closed.
	Closed int `json:"closed"`
	// Cancelled is how many were none; nothing else counts them.
	Cancelled int `json:"cancelled"`
}

// Line says what was met of one kind of clock.
type Line struct {
	// Name is the kind, or Step/ and the step.
	Name string `json:"name"`
	// Met is how many were done in time.
	Met int `json:"met"`
	// Late is how many were breached.
	Late int `json:"late"`
	// Attainment is the share that was met, with one decimal.
	Attainment string `json:"attainment"`
}

// Promises counts promises.
type Promises struct {
	// Kept were kept in time.
	Kept int `json:"kept"`
	// Broken were not.
	Broken int `json:"broken"`
	// Open are still to be kept.
	Open int `json:"open"`
}

// Given says what was given of one option.
type Given struct {
	// Option is the option of the catalogue, or Custom.
	Option string `json:"option"`
	// Currency is its currency, empty where the budget could not be read.
	Currency v1alpha1.Currency `json:"currency,omitempty"`
	// Count is how often.
	Count int `json:"count"`
	// Amount is what it cost, all in all.
	Amount string `json:"amount,omitempty"`

	sum money.Amount
}

// Cause counts a cause.
type Cause struct {
	// Cause is the cause.
	Cause v1alpha1.Cause `json:"cause"`
	// Count is in how many incidents it was found, as the main one where several were.
	Count int `json:"count"`
	// Preventable is how many of them could have been prevented.
	Preventable int `json:"preventable"`
}

// Of sums up the incidents that were reported from an instant on and before another, and
// their remedies. currencies are those of the budgets, by namespace and name.
func Of(incidents []v1alpha1.Incident, remedies []v1alpha1.Compensation, currencies map[string]v1alpha1.Currency, from, to time.Time) Report {
	out := Report{From: from.UTC(), To: to.UTC(), Clocks: []Line{}, Remedies: []Given{}, Causes: []Cause{}}
	lines, causes := map[string]*Line{}, map[v1alpha1.Cause]*Cause{}
	within := map[string]bool{}
	for i := range incidents {
		inc := &incidents[i]
		if at := inc.CreationTimestamp.Time; at.Before(from) || !at.Before(to) {
			continue
		}
		if out.Incidents.count(inc) {
			within[inc.Namespace+"/"+inc.Name] = true
			countClocks(lines, inc)
			out.Promises.count(inc)
			countCause(causes, inc)
		}
	}
	for _, l := range lines {
		l.Attainment = Share(l.Met, l.Met+l.Late)
		out.Clocks = append(out.Clocks, *l)
	}
	slices.SortFunc(out.Clocks, func(a, b Line) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range causes {
		out.Causes = append(out.Causes, *c)
	}
	slices.SortFunc(out.Causes, func(a, b Cause) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause)) })
	out.Remedies = given(remedies, currencies, within)
	return out
}

// count takes an incident in, and says whether anything else counts it.
func (n *Incidents) count(inc *v1alpha1.Incident) bool {
	n.Reported++
	s := &inc.Status
	if s.Phase == v1alpha1.PhaseCancelled {
		n.Cancelled++
		return false
	}
	if s.Phase == v1alpha1.PhaseClosed {
		n.Closed++
		if slices.ContainsFunc(s.Conditions, wellEnded) {
			n.EndedWell++
		}
	}
	if !view.Final(inc) {
		n.Open++
	}
	if s.SLA == v1alpha1.SLAOverdue || s.SLA == v1alpha1.SLAMissed {
		n.Late++
	}
	if s.Round > 1 {
		n.Reopened++
	}
	return true
}

// countClocks counts what has been decided: what was done in time, and what was breached,
// done or not. What was cancelled, or still runs in time, is neither.
func countClocks(lines map[string]*Line, inc *v1alpha1.Incident) {
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		met := c.State == v1alpha1.StateDone && recovery.HadDue(c)
		if c.BreachedAt == nil && !met {
			continue
		}
		name := string(c.Kind)
		if c.Kind == v1alpha1.ClockStep {
			name += "/" + string(work.SubjectOf(c))
		}
		if lines[name] == nil {
			lines[name] = &Line{Name: name}
		}
		if c.BreachedAt != nil {
			lines[name].Late++
		} else {
			lines[name].Met++
		}
	}
}

func (n *Promises) count(inc *v1alpha1.Incident) {
	if p := inc.Status.Promises; p != nil {
		n.Kept += int(p.Kept)
		n.Broken += int(p.Broken)
		n.Open += int(p.Open)
	}
}

// countCause counts the main cause: the primary one, else the last one that was found.
func countCause(causes map[v1alpha1.Cause]*Cause, inc *v1alpha1.Incident) {
	var main *v1alpha1.Finding
	for i := range inc.Spec.Journal {
		if f := inc.Spec.Journal[i].Finding; f != nil && (main == nil || f.Primary || !main.Primary) {
			main = f
		}
	}
	if main == nil {
		return
	}
	if causes[main.Cause] == nil {
		causes[main.Cause] = &Cause{Cause: main.Cause}
	}
	causes[main.Cause].Count++
	if main.Preventable == "Yes" {
		causes[main.Cause].Preventable++
	}
}

// given sums up what was granted, by option and currency.
func given(remedies []v1alpha1.Compensation, currencies map[string]v1alpha1.Currency, within map[string]bool) []Given {
	sums := map[[2]string]*Given{}
	for i := range remedies {
		c := &remedies[i]
		granted := c.Status.Phase == v1alpha1.CompensationGranted || c.Status.Phase == v1alpha1.CompensationDelivered
		if !granted || !within[c.Namespace+"/"+string(c.Spec.IncidentName)] {
			continue
		}
		currency := currencies[c.Namespace+"/"+string(c.Spec.BudgetName)]
		key := [2]string{chosen(c), string(currency)}
		if sums[key] == nil {
			sums[key] = &Given{Option: key[0], Currency: currency, sum: money.Zero(currency)}
		}
		sums[key].add(c)
	}
	out := []Given{}
	for _, g := range sums {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Given) int {
		return cmp.Or(cmp.Compare(a.Option, b.Option), cmp.Compare(a.Currency, b.Currency))
	})
	return out
}

// add takes a remedy in; an amount that cannot be summed up leaves the count alone.
func (g *Given) add(c *v1alpha1.Compensation) {
	g.Count++
	if g.Currency == "" {
		return
	}
	amount, err := money.Parse(g.Currency, work.Asked(c))
	if err != nil {
		return
	}
	if sum, err := g.sum.Add(amount); err == nil {
		g.sum, g.Amount = sum, sum.String()
	}
}

// chosen is the option that was given.
func chosen(c *v1alpha1.Compensation) string {
	offer := &c.Spec.Offers[0]
	for i := range c.Spec.Offers {
		if c.Spec.Choice != nil && c.Spec.Offers[i].Name == c.Spec.Choice.Offer {
			offer = &c.Spec.Offers[i]
		}
	}
	return cmp.Or(string(offer.Option), "Custom")
}

// Share is a share in percent, with one decimal, rounded down: all but one of a thousand
// are never 100 %.
func Share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	tenths := part * 1000 / whole
	return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10)
}

func wellEnded(c metav1.Condition) bool {
	return c.Type == v1alpha1.EndedWellCondition && c.Status == metav1.ConditionTrue
}
