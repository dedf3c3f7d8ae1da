package policy

import (
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// deadline compiles a Due; nil stays nil.
func (k *compiler) deadline(field string, d *v1alpha1.Due) *Deadline {
	if d == nil {
		return nil
	}
	var given int
	out := &Deadline{}
	if d.Within != "" {
		given++
		v, err := ParseDuration(d.Within)
		if err != nil {
			k.add(v1alpha1.InvalidSpecReason, field+".within", "%v", err)
		}
		out.Within, out.Business = v, d.Clock == v1alpha1.ClockBusiness
	}
	if d.BusinessDays != 0 {
		given++
		out.BusinessDays = int(d.BusinessDays)
	}
	if d.At != nil {
		given++
		out.At = d.At.UTC().Truncate(time.Second)
	}
	switch {
	case given != 1:
		k.add(v1alpha1.InvalidSpecReason, field, "give exactly one of within, businessDays and at")
	case d.BusinessDays < 0:
		k.add(v1alpha1.InvalidSpecReason, field+".businessDays", "%d is no number of business days; write 1 or more", d.BusinessDays)
	case (out.Business || out.BusinessDays > 0) && k.spec.CalendarName == "":
		k.add(v1alpha1.InvalidSpecReason, field, "it counts business time, and the policy names no calendar; set spec.calendarName, or count on the Wall clock")
	}
	return out
}

// deadlines looks for those that cannot be met or can never be told, at each
// severity; what is wrong at several of them is told once.
func (k *compiler) deadlines() {
	for i := range k.plan.Steps {
		s := &k.plan.Steps[i]
		var texts []string
		at := map[string][]string{}
		for rank := range s.limits {
			for _, text := range impossible(s.NotBefore, &s.limits[rank]) {
				if at[text] == nil {
					texts = append(texts, text)
				}
				at[text] = append(at[text], string(Severities[rank]))
			}
		}
		for _, text := range texts {
			if len(at[text]) == len(Severities) {
				k.add(v1alpha1.InvalidSpecReason, stepField(i), "%s", text)
			} else {
				k.add(v1alpha1.InvalidSpecReason, stepField(i), "for severity %s, %s", strings.Join(at[text], ", "), text)
			}
		}
	}
}

// impossible tells what is wrong with the limits of a step.
func impossible(notBefore *Deadline, l *Limits) []string {
	var out []string
	if longer(l.Target, l.Due) {
		out = append(out, "target lies after due: the aim is to be earlier than the commitment")
	}
	if longer(notBefore, l.Due) || notBefore != nil && l.Due != nil && *notBefore == *l.Due {
		out = append(out, "notBefore is not earlier than due: the step would be late as soon as it starts; both count from when the steps before it are settled")
	}
	if len(l.WarnAt) > 0 && l.Due == nil {
		out = append(out, "warnAt is given without due: there is nothing to warn of")
	}
	return out
}

// longer says that a is certainly later than b: deadlines on different clocks are
// left to the day on which they meet.
func longer(a, b *Deadline) bool {
	switch {
	case a == nil || b == nil:
		return false
	case a.Within > 0 && b.Within > 0 && !b.Business:
		// Business time never passes faster than the wall clock.
		return a.Within > b.Within
	case a.Within > 0 && b.Within > 0:
		return a.Business && a.Within > b.Within
	case a.BusinessDays > 0 && b.BusinessDays > 0:
		return a.BusinessDays > b.BusinessDays
	case !a.At.IsZero() && !b.At.IsZero():
		return a.At.After(b.At)
	}
	return false
}
