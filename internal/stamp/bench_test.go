package stamp

import (
	"fmt"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// forty is an incident with forty entries by ten managers.
func forty(entry func(v1alpha1.Name, int) v1alpha1.JournalEntry) *v1alpha1.Incident {
	inc := incident()
	owned := make([][]v1alpha1.Name, 10)
	for i := range 40 {
		id := v1alpha1.Name(fmt.Sprintf("called-back-%02d", i))
		inc.Spec.Journal = append(inc.Spec.Journal, entry(id, i))
		owned[i%10] = append(owned[i%10], id)
	}
	for i, ids := range owned {
		inc.ManagedFields = append(inc.ManagedFields, manager(fmt.Sprintf("person-%d", i), timeAt(after(i+60)), ids...))
	}
	inc.ManagedFields = append(inc.ManagedFields, statusManager(after(70)))
	return inc
}

func BenchmarkFacts(b *testing.B) {
	now := after(600)
	withOwn := forty(func(id v1alpha1.Name, i int) v1alpha1.JournalEntry { return stamped(id, after(i)) })
	without := forty(func(id v1alpha1.Name, _ int) v1alpha1.JournalEntry { return bare(id) })
	oneWithout := forty(func(id v1alpha1.Name, i int) v1alpha1.JournalEntry {
		if i == 39 {
			return bare(id)
		}
		return stamped(id, after(i))
	})
	latched := without.DeepCopy()
	_, latched.Status.Recorded = Facts(without, now)
	oneManager := without.DeepCopy()
	oneManager.ManagedFields = managed{manager("bot", timeAt(after(60)), names(without)...)}

	for name, inc := range map[string]*v1alpha1.Incident{
		"40 with their own time":         withOwn,
		"40 recorded":                    latched,
		"1 of 40 to settle, 10 managers": oneWithout,
		"40 to settle, 10 managers":      without,
		"40 to settle, 1 manager":        oneManager,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Facts(inc, now)
			}
		})
	}
}

func BenchmarkTransform(b *testing.B) {
	withOwn := forty(func(id v1alpha1.Name, i int) v1alpha1.JournalEntry { return stamped(id, after(i)) })
	without := forty(func(id v1alpha1.Name, _ int) v1alpha1.JournalEntry { return bare(id) })
	latched := without.DeepCopy()
	_, latched.Status.Recorded = Facts(without, after(600))

	for name, inc := range map[string]*v1alpha1.Incident{
		"40 with their own time": withOwn, "40 recorded": latched, "40 to settle": without,
	} {
		managers := inc.ManagedFields
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				inc.ManagedFields = managers
				if _, err := Transform(inc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func names(inc *v1alpha1.Incident) []v1alpha1.Name {
	var all []v1alpha1.Name
	for i := range inc.Spec.Journal {
		all = append(all, inc.Spec.Journal[i].ID)
	}
	return all
}
