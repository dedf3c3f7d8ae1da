package stamp

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestStamped(t *testing.T) {
	served := func(at time.Time) managed {
		return managed{manager("kubectl", timeAt(at), "a", "b"), statusManager(created)}
	}
	has := func(key string) records { return records{{Key: key}} }
	early, future := entries{stamped("a", after(1))}, entries{stamped("a", after(15))}
	mixed := entries{stamped("a", after(1)), bare("b")}
	timeless := managed{{}, manager("x", nil, "a")}
	cases := map[string]struct {
		journal  entries
		recorded records
		managers managed
		want     bool
	}{
		"an empty journal":                {managers: served(after(9)), want: true},
		"every entry has its own time":    {journal: entries{stamped("a", after(1)), stamped("b", after(2))}, want: true},
		"one entry has none":              {journal: mixed},
		"one entry has the zero time":     {journal: entries{stamped("a", time.Time{})}},
		"the one without it is recorded":  {mixed, has("journal/b"), nil, true},
		"another one is recorded":         {entries{bare("a"), bare("b")}, has("journal/b"), nil, false},
		"a Compensation is recorded":      {entries{bare("a")}, has("compensation/a"), nil, false},
		"own times before the server's":   {early, nil, served(after(9)), true},
		"five seconds after the server's": {entries{stamped("a", after(14))}, nil, served(after(9)), true},
		"six seconds after the server's":  {future, nil, served(after(9)), false},
		"six seconds after, and recorded": {future, has("journal/a"), served(after(9)), true},
		"the server's time from status":   {future, nil, append(served(after(9)), statusManager(after(11))), true},
		"far off, and no server's time":   {entries{stamped("a", after(99999))}, nil, nil, true},
		"far off, and managers timeless":  {entries{stamped("a", after(99999))}, nil, timeless, true},
		"the creation is a server's time": {entries{stamped("a", after(4))}, nil, served(after(-99)), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inc := incident(c.journal...)
			inc.Status.Recorded = c.recorded
			inc.ManagedFields = c.managers
			before := inc.DeepCopy()
			if got := Stamped(inc); got != c.want {
				t.Errorf("Stamped = %t, want %t", got, c.want)
			}
			noDiff(t, "the incident was changed", before, inc)
		})
	}
	if !Stamped(nil) {
		t.Error("Stamped(nil) = false: no incident has no entry that is not stamped")
	}
}

func TestTransformOfAnIncident(t *testing.T) {
	own := manager("kubectl", timeAt(after(9)), "a")
	status := statusManager(after(9))
	timeless := manager("gitops", nil, "a")
	server := metav1.ManagedFieldsEntry{Time: timeAt(after(9))} // the API server's time, and nothing else
	cases := map[string]struct {
		entry    v1alpha1.JournalEntry
		recorded records
		managers managed
		want     managed
	}{
		"stamped: none is kept":                  {stamped("a", after(9)), nil, managed{own, status}, managed{server}},
		"recorded: none is kept":                 {bare("a"), records{{Key: "journal/a"}}, managed{own, status}, managed{server}},
		"unstamped: those that can tell":         {bare("a"), nil, managed{timeless, own, status}, managed{own, server}},
		"unstamped: all can tell":                {bare("a"), nil, managed{own, own}, managed{own, own, server}},
		"unstamped: nobody can tell":             {bare("a"), nil, managed{timeless, status, {}}, managed{server}},
		"a time in the future: those can tell":   {stamped("a", after(99)), nil, managed{own, status}, managed{own, server}},
		"nothing to take out":                    {entry: bare("a")},
		"an empty list is nothing to take out":   {bare("a"), nil, managed{}, managed{}},
		"fields that cannot be read do no harm":  {bare("a"), nil, managed{raw("{")}, managed{raw("{"), {Time: raw("{").Time}}},
		"the same, when they are no more needed": {stamped("a", after(9)), nil, managed{raw("{")}, managed{{Time: raw("{").Time}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inc := incident(c.entry)
			inc.Status.Recorded = c.recorded
			inc.ManagedFields = c.managers
			want := inc.DeepCopy()
			want.ManagedFields = c.want
			shared := inc.DeepCopy().ManagedFields

			for _, pass := range []string{"once", "twice"} {
				got, err := Transform(inc)
				if err != nil || got != any(inc) {
					t.Fatalf("Transform = %v, %v, want the same object", got, err)
				}
				noDiff(t, "transformed "+pass, want, inc)
			}
			noDiff(t, "the list that the object held was changed", shared, c.managers)
		})
	}
}

func TestTransformOfOtherKinds(t *testing.T) {
	meta := func() metav1.ObjectMeta {
		return metav1.ObjectMeta{
			Name: "front-desk", Labels: map[string]string{"site": "hotel-b"},
			ManagedFields: managed{manager("gitops", timeAt(after(1)))},
		}
	}
	loose := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Secret"}}
	loose.SetManagedFields(meta().ManagedFields)
	cases := map[string]metav1.Object{
		"RecoveryPolicy":     &v1alpha1.RecoveryPolicy{ObjectMeta: meta()},
		"RecoveryBudget":     &v1alpha1.RecoveryBudget{ObjectMeta: meta()},
		"BusinessCalendar":   &v1alpha1.BusinessCalendar{ObjectMeta: meta()},
		"Compensation":       &v1alpha1.Compensation{ObjectMeta: meta()},
		"ControllerRevision": &appsv1.ControllerRevision{ObjectMeta: meta()},
		"metadata alone":     &metav1.PartialObjectMetadata{ObjectMeta: meta()},
		"unstructured":       loose,
	}
	for name, object := range cases {
		t.Run(name, func(t *testing.T) {
			labels := object.GetLabels()
			for range 2 {
				got, err := Transform(object)
				if err != nil || got != any(object) {
					t.Fatalf("Transform = %v, %v, want the same object", got, err)
				}
				if kept := object.GetManagedFields(); kept != nil {
					t.Errorf("managedFields = %v, want none", kept)
				}
			}
			noDiff(t, "labels", labels, object.GetLabels())
		})
	}
}

// frozen is an object that must not be written to.
type frozen struct {
	metav1.ObjectMeta
	t *testing.T
}

func (f *frozen) SetManagedFields(managed) {
	f.t.Error("an object without managedFields was written to")
}

func TestTransformWritesOnlyWhereThereIsSomethingToTakeOut(t *testing.T) {
	if _, err := Transform(&frozen{t: t}); err != nil {
		t.Error(err)
	}
}

// tombstone is like the marker that client-go puts in place of an object whose deletion it missed.
type tombstone struct {
	Key string
	Obj any
}

func TestTransformLeavesEverythingElseAlone(t *testing.T) {
	inc := incident(stamped("a", after(1)))
	inc.ManagedFields = managed{manager("kubectl", timeAt(after(1)), "a")}
	cases := map[string]any{
		"nothing":                  nil,
		"a text":                   "hotel-b/coffee-0417",
		"a tombstone":              tombstone{Key: "hotel-b/coffee-0417", Obj: inc},
		"no incident":              (*v1alpha1.Incident)(nil),
		"no policy":                (*v1alpha1.RecoveryPolicy)(nil),
		"a pointer to a tombstone": &tombstone{Obj: inc},
	}
	for name, object := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Transform(object)
			if err != nil || got != object {
				t.Errorf("Transform = %v, %v, want %v as it is", got, err, object)
			}
		})
	}
	if len(inc.ManagedFields) != 1 {
		t.Error("the object within a tombstone was changed; it comes from the cache, and others read it")
	}
}
