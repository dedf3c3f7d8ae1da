package stamp

import (
	"reflect"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Stamped says whether the time of every journal entry is known without managedFields:
// status.recorded has it, or the entry carries a believable time of its own.
//
// There is no now here, so an entry's own time is held against the latest time that the API server
// has left in the object. It is believable when it lies at most Tolerance after that; in an object
// without managedFields any time is, as nothing is left to look at. Facts, which knows now, has
// the last word.
func Stamped(inc *v1alpha1.Incident) bool {
	if inc == nil {
		return true
	}
	latest, known := serverTime(inc)
	var latched map[string]int
	for i := range inc.Spec.Journal {
		entry := &inc.Spec.Journal[i]
		if at, ok := own(entry); ok && (!known || at.Sub(latest) <= Tolerance) {
			continue
		}
		if latched == nil {
			latched = byID(inc.Status.Recorded)
		}
		if _, ok := latched[string(entry.ID)]; !ok {
			return false
		}
	}
	return true
}

// serverTime is the latest time that the API server has left in the object. It is not known once
// managedFields are gone: the creation alone says nothing of entries that came later.
func serverTime(inc *v1alpha1.Incident) (latest time.Time, known bool) {
	latest = inc.CreationTimestamp.Time
	for i := range inc.ManagedFields {
		if at := inc.ManagedFields[i].Time; !at.IsZero() {
			latest, known = Later(at.Time, latest), true
		}
	}
	return latest, known
}

// Transform takes managedFields out of an object on its way into a cache. It has the signature of
// a TransformFunc of client-go's cache package.
//
// An incident keeps the latest time of the API server, and while it is not Stamped, the
// managers that can tell the time of an entry. What is
// no Kubernetes object, such as the marker of an object whose deletion was missed, comes back as
// it is. The object itself is changed, as informers allow; the slice that it held is not, and an
// object with nothing to take out is not written to. Transforming twice is the same as once.
func Transform(obj any) (any, error) {
	switch object := obj.(type) {
	case *v1alpha1.Incident:
		if object == nil || len(object.ManagedFields) == 0 || onlyTime(object.ManagedFields) {
			break
		}
		object.ManagedFields = needed(object)
	case metav1.Object:
		if value := reflect.ValueOf(object); value.Kind() == reflect.Pointer && value.IsNil() {
			break
		}
		if len(object.GetManagedFields()) > 0 {
			object.SetManagedFields(nil)
		}
	}
	return obj, nil
}

// needed returns the managers that Facts may still ask, in a slice of its own, and last
// an element that has the server's time and nothing else.
func needed(inc *v1alpha1.Incident) []metav1.ManagedFieldsEntry {
	var kept []metav1.ManagedFieldsEntry
	for i := range inc.ManagedFields {
		if tells(&inc.ManagedFields[i]) && !Stamped(inc) {
			kept = append(kept, inc.ManagedFields[i])
		}
	}
	if latest, known := serverTime(inc); known {
		at := metav1.NewTime(latest)
		kept = append(kept, metav1.ManagedFieldsEntry{Time: &at})
	}
	return kept
}

// onlyTime says whether nothing is left but the server's time.
func onlyTime(list []metav1.ManagedFieldsEntry) bool {
	return len(list) == 1 && list[0].Manager == "" && list[0].FieldsV1 == nil
}
