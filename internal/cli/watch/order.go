package watch

import (
	"cmp"
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
)

// order is a way to sort.
type order struct {
	name    string
	compare func(a, b *v1alpha1.Incident) int
}

var orders = []order{
	{"due", view.ByDue},
	{"severity", func(a, b *v1alpha1.Incident) int {
		rank := func(i *v1alpha1.Incident) int {
			return slices.Index(work.Severities, string(work.EffectiveSeverity(i)))
		}
		return cmp.Or(cmp.Compare(rank(b), rank(a)), view.ByDue(a, b))
	}},
	{"age", func(a, b *v1alpha1.Incident) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), view.ByName(a, b))
	}},
	{"name", view.ByName},
}

// filter is a choice of incidents.
type filter struct {
	name string
	keep func(m *Model, inc *v1alpha1.Incident) bool
}

var filters = []filter{
	{"owed", func(_ *Model, inc *v1alpha1.Incident) bool { return !view.Ended(inc) }},
	{"late", func(_ *Model, inc *v1alpha1.Incident) bool { return inc.Status.SLA == v1alpha1.SLAOverdue }},
	{"mine", func(m *Model, inc *v1alpha1.Incident) bool { return inc.Status.Owner == m.Me && m.Me != "" }},
	{"all", func(*Model, *v1alpha1.Incident) bool { return true }},
}

// sorted brings what is shown up to date. What is due is judged anew, but only when
// something came: the order of due instants does not change by time passing.
func (m *Model) sorted() []*v1alpha1.Incident {
	if !m.stale {
		return m.shown
	}
	m.stale, m.rows = false, nil
	m.shown = m.shown[:0]
	words := strings.ToLower(m.query)
	for _, inc := range m.all {
		if filters[m.filter].keep(m, inc) && matches(inc, words) {
			m.shown = append(m.shown, inc)
		}
	}
	slices.SortFunc(m.shown, orders[m.sort].compare)
	return m.shown
}

// matches says whether an incident holds what was typed.
func matches(inc *v1alpha1.Incident, words string) bool {
	if words == "" {
		return true
	}
	for _, text := range []string{inc.Namespace, inc.Name, string(inc.Spec.Service), string(inc.Status.Owner), string(inc.Spec.Category), work.EffectiveCustomer(inc).ID, work.EffectiveSummary(inc), string(inc.Status.SLA), string(work.EffectiveSeverity(inc))} {
		if strings.Contains(strings.ToLower(text), words) {
			return true
		}
	}
	return false
}

// at is the place of the cursor; where its incident is gone, the first one.
func (m *Model) at() int {
	i := slices.IndexFunc(m.sorted(), func(inc *v1alpha1.Incident) bool { return KeyOf(inc) == m.cursor })
	return max(i, 0)
}
