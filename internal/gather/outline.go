package gather

import "github.com/amends-dev/amends/api/v1alpha1"

// Outline leaves of an incident what is needed by whoever does not hold it to its policy:
// to judge its remedies, to count it and to let it go. The journal is left out but for the
// entries that correct the header, and of the status what only the engine reads back. It
// is for copies in a cache; what was left out must never be decided on.
func Outline(inc *v1alpha1.Incident) {
	var kept []v1alpha1.JournalEntry
	for i := range inc.Spec.Journal {
		if inc.Spec.Journal[i].Amend != nil {
			kept = append(kept, inc.Spec.Journal[i])
		}
	}
	inc.Spec.Journal = kept
	inc.Status.Recorded, inc.Status.Announced, inc.Status.Latched = nil, nil, nil
}
