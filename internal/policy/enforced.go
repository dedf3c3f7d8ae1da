package policy

import "github.com/amends-dev/amends/api/v1alpha1"

// notEnforced lists the fields of a policy that are accepted and pinned, and that
// this version does not act on. A field leaves the list when its rule arrives.
func notEnforced(spec *v1alpha1.RecoveryPolicySpec) []string {
	given := []struct {
		field string
		set   bool
	}{
		{"spec.rollout", spec.Rollout == v1alpha1.RolloutOpenIncidents},
		{"spec.responses", spec.Responses != nil},
		{"spec.updates", spec.Updates != nil},
		{"spec.resolution", spec.Resolution != nil},
		{"spec.assignment", spec.Assignment != nil},
		{"spec.promises", spec.Promises != nil},
		{"spec.contactGrace", spec.ContactGrace != ""},
		{"spec.holds", len(spec.Holds) > 0},
		{"spec.escalation", len(spec.Escalation) > 0},
		{"spec.onDissatisfied", spec.OnDissatisfied != ""},
		{"spec.compensation", spec.Compensation != nil},
	}
	var out []string
	for _, g := range given {
		if g.set {
			out = append(out, g.field)
		}
	}
	for _, overlay := range spec.BySeverity {
		if overlay.Responses != nil || overlay.Updates != nil || overlay.Resolution != nil || overlay.Assignment != nil {
			return append(out, "spec.bySeverity (all but steps)")
		}
	}
	return out
}
