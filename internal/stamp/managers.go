package stamp

import (
	"encoding/json"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// fieldTree is what of FieldsV1 is needed: a tree of objects, of which the names on the first
// three levels tell the entries, and everything below is skipped. The decoder matches the keys of
// a map exactly, unlike the names of a struct.
type fieldTree map[string]map[string]map[string]struct{}

// owners returns the earliest time of a manager that owns a part of the entry, for each of the
// facts at these places that has such a manager. A part is enough, since whoever wrote it wrote it
// when the entry came or later.
func owners(managers []metav1.ManagedFieldsEntry, facts []Fact, places []int) map[v1alpha1.Name]time.Time {
	var earliest map[v1alpha1.Name]time.Time
	for i := range managers {
		manager := &managers[i]
		if !tells(manager) {
			continue
		}
		keys := journalKeys(manager.FieldsV1)
		if len(keys) == 0 {
			continue
		}
		at := whole(manager.Time.Time)
		for _, place := range places {
			id := facts[place].Entry.ID
			if _, owned := keys[entryKey(id)]; !owned {
				continue
			}
			if known, ok := earliest[id]; ok && !at.Before(known) {
				continue
			}
			if earliest == nil {
				earliest = make(map[v1alpha1.Name]time.Time, len(places))
			}
			earliest[id] = at
		}
	}
	return earliest
}

// tells says whether the manager can tell the time of an entry: it wrote to the incident itself,
// not to a subresource, and has a time. An apply that changes nothing adds a manager without one.
func tells(manager *metav1.ManagedFieldsEntry) bool {
	return manager.Subresource == "" && !manager.Time.IsZero() && manager.FieldsV1 != nil
}

// journalKeys returns the names that FieldsV1 has below spec.journal. What cannot be read owns
// nothing.
func journalKeys(fields *metav1.FieldsV1) map[string]struct{} {
	var tree fieldTree
	if err := json.Unmarshal(fields.GetRawBytes(), &tree); err != nil {
		return nil
	}
	return tree["f:spec"]["f:journal"]
}

// entryKey is the name that FieldsV1 has for the entry with this id. The API server writes it in
// this form only, and an id has no character that JSON would escape.
func entryKey(id v1alpha1.Name) string {
	return `k:{"id":"` + string(id) + `"}`
}
