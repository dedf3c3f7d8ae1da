package policy

import "github.com/amends-dev/amends/api/v1alpha1"

// notEnforced lists the fields of a policy that are accepted and pinned, and that
// this version does not act on. A field leaves the list when its rule arrives.
func notEnforced(spec *v1alpha1.RecoveryPolicySpec) []string {
	given := []struct {
		field string
		set   bool
	}{
		{"spec.compensation", spec.Compensation != nil},
	}
	var out []string
	for _, g := range given {
		if g.set {
			out = append(out, g.field)
		}
	}
	return out
}
