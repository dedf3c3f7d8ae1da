package stamp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// created is when the incidents of these tests were created.
var created = time.Date(2026, time.October, 2, 8, 20, 0, 0, time.UTC)

// These names keep the lines of tables short.
type (
	managed = []metav1.ManagedFieldsEntry
	entries = []v1alpha1.JournalEntry
	records = []v1alpha1.Recorded
)

// after is the instant so many seconds after the creation.
func after(seconds int) time.Time {
	return created.Add(time.Duration(seconds) * time.Second)
}

func timeAt(t time.Time) *metav1.Time {
	return &metav1.Time{Time: t}
}

func microAt(t time.Time) *metav1.MicroTime {
	return &metav1.MicroTime{Time: t}
}

// incident has this journal, and was created at the time created.
func incident(journal ...v1alpha1.JournalEntry) *v1alpha1.Incident {
	return &v1alpha1.Incident{
		ObjectMeta: metav1.ObjectMeta{Name: "coffee-0417", CreationTimestamp: metav1.Time{Time: created}},
		Spec:       v1alpha1.IncidentSpec{Journal: journal},
	}
}

func bare(id v1alpha1.Name) v1alpha1.JournalEntry {
	return v1alpha1.JournalEntry{ID: id, Note: "nothing to add"}
}

func stamped(id v1alpha1.Name, at time.Time) v1alpha1.JournalEntry {
	return v1alpha1.JournalEntry{ID: id, Note: "nothing to add", RecordedAt: timeAt(at)}
}

// manager owns these entries, as the API server writes it.
func manager(name string, at *metav1.Time, ids ...v1alpha1.Name) metav1.ManagedFieldsEntry {
	return metav1.ManagedFieldsEntry{
		Manager: name, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "recovery.amends.dev/v1alpha1",
		Time: at, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fieldsOf(ids...)),
	}
}

// statusManager owns a status with conditions.
func statusManager(at time.Time) metav1.ManagedFieldsEntry {
	m := manager("amends", timeAt(at))
	m.Subresource = "status"
	m.FieldsV1 = metav1.NewFieldsV1(
		`{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"OnTrack\"}":{".":{},"f:type":{}}}}}`)
	return m
}

// fieldsOf is FieldsV1 of a manager that created the header and appended these entries.
func fieldsOf(ids ...v1alpha1.Name) string {
	var b strings.Builder
	b.WriteString(`{"f:metadata":{"f:labels":{".":{},"f:site":{}}},"f:spec":{".":{},"f:customer":{".":{},"f:id":{}},`)
	b.WriteString(`"f:journal":{".":{}`)
	for _, id := range ids {
		key, err := json.Marshal(`k:{"id":"` + string(id) + `"}`)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, `,%s:{".":{},"f:by":{},"f:contact":{".":{},"f:channel":{}},"f:id":{},"f:note":{}}`, key)
	}
	b.WriteString(`},"f:severity":{},"f:summary":{}}}`)
	return b.String()
}

// told is a fact without the pointer to its entry, to be compared and read.
type told struct {
	ID         v1alpha1.Name
	Place      int
	At         string
	Source     v1alpha1.RecordedSource
	ObservedAt string
	FirstSeen  bool
}

func tell(t *testing.T, inc *v1alpha1.Incident, facts []Fact) []told {
	t.Helper()
	var all []told
	for _, f := range facts {
		if f.Entry != &inc.Spec.Journal[f.Place] {
			t.Errorf("the fact %q does not point to its entry at place %d of the journal", f.Entry.ID, f.Place)
		}
		if f.At.Location() != time.UTC || f.At.Nanosecond() != 0 {
			t.Errorf("the fact %q is at %v, want UTC and whole seconds", f.Entry.ID, f.At)
		}
		one := told{
			ID: f.Entry.ID, Place: f.Place, At: f.At.Format(time.RFC3339),
			Source: f.Source(), FirstSeen: f.FirstSeen,
		}
		if r := f.Recorded; r != nil && r.ObservedAt != nil {
			one.ObservedAt = r.ObservedAt.UTC().Format(time.RFC3339Nano)
		}
		all = append(all, one)
	}
	return all
}

func noDiff(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
