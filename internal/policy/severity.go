package policy

import (
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Severities are the severities, mildest first.
var Severities = []v1alpha1.Severity{
	v1alpha1.SeverityLow, v1alpha1.SeverityMedium, v1alpha1.SeverityHigh, v1alpha1.SeverityCritical,
}

// Rank is the place of a severity, 0 for the mildest; an unknown one is taken for
// the mildest.
func Rank(s v1alpha1.Severity) int {
	return max(0, slices.Index(Severities, s))
}
