package work

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// People are the people and groups that an incident and its policy name already: who has
// it, who worked it, and who hears of it. Those of the incident come first, the latest of
// them before the others.
func People(inc *v1alpha1.Incident, pol *v1alpha1.RecoveryPolicy) []string {
	var out []string
	add := func(names ...v1alpha1.User) {
		for _, name := range names {
			if name != "" && !slices.Contains(out, string(name)) {
				out = append(out, string(name))
			}
		}
	}
	add(inc.Status.Owner)
	for _, e := range slices.Backward(inc.Spec.Journal) {
		if e.Assignment != nil {
			add(e.Assignment.Owner)
		}
		if e.Promise != nil {
			add(e.Promise.Owner)
		}
		if e.Task != nil {
			add(e.Task.To)
		}
		add(e.By, e.RecordedBy)
	}
	if pol == nil {
		return out
	}
	for i := range pol.Spec.Escalation {
		add(pol.Spec.Escalation[i].Notify.User, pol.Spec.Escalation[i].Notify.Group)
	}
	return out
}
