package apitest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// A status write names an object and a version and holds nothing else of it. Whatever else
// the object has stays, and so does who owns it.
func TestStatusWriteChangesTheStatusAlone(t *testing.T) {
	t.Parallel()
	api := planetest.Plane(t).Client()
	was := recorded(t)

	next := &v1alpha1.Incident{ObjectMeta: commit.Version(was), Status: v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseOpen}}
	if err := commit.WriteStatus(t.Context(), api, next); err != nil {
		t.Fatal(err)
	}
	stored := &v1alpha1.Incident{}
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(was), stored); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stored, next); diff != "" {
		t.Errorf("what comes back is not what is stored (-stored +returned):\n%s", diff)
	}
	ours := slices.IndexFunc(stored.ManagedFields, func(m metav1.ManagedFieldsEntry) bool {
		return m.Manager == string(commit.FieldOwner) && m.Subresource == "status"
	})
	if ours < 0 {
		t.Fatalf("nobody of our name owns the status: %v", stored.ManagedFields)
	}
	stored.ManagedFields = slices.Delete(stored.ManagedFields, ours, ours+1)
	want := was.DeepCopy()
	want.ResourceVersion, want.Status.Phase = stored.ResourceVersion, v1alpha1.PhaseOpen
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Errorf("after the write (-want +got):\n%s", diff)
	}

	next.ObjectMeta, next.Status = commit.Version(stored), v1alpha1.IncidentStatus{}
	if err := commit.WriteStatus(t.Context(), api, next); err != nil {
		t.Fatal(err)
	}
	if next.Status.Phase != "" {
		t.Errorf("the status that was taken away is still there: %v", next.Status)
	}
}

// Only the very version that was decided on is written.
func TestStatusWriteIsForOneVersion(t *testing.T) {
	t.Parallel()
	api := planetest.Plane(t).Client()
	was := recorded(t)
	opened := v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseOpen}
	if err := commit.WriteStatus(t.Context(), api, &v1alpha1.Incident{ObjectMeta: commit.Version(was), Status: opened}); err != nil {
		t.Fatal(err)
	}
	stored := &v1alpha1.Incident{}
	if err := api.Get(t.Context(), client.ObjectKeyFromObject(was), stored); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		of      func(*metav1.ObjectMeta)
		refused func(error) bool
	}{
		"an older version":     {func(o *metav1.ObjectMeta) { o.ResourceVersion = was.ResourceVersion }, apierrors.IsConflict},
		"another of the name":  {func(o *metav1.ObjectMeta) { o.UID = types.UID("00000000-0000-0000-0000-000000000001") }, apierrors.IsConflict},
		"one that is not here": {func(o *metav1.ObjectMeta) { o.Name = "nobody" }, apierrors.IsNotFound},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			next := &v1alpha1.Incident{ObjectMeta: commit.Version(stored), Status: v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseResolved}}
			c.of(&next.ObjectMeta)
			if err := commit.WriteStatus(t.Context(), api, next); !c.refused(err) {
				t.Errorf("the answer is %v", err)
			}
		})
	}
}

// recorded is a stored incident with all that a status write must leave alone.
func recorded(t *testing.T) *v1alpha1.Incident {
	t.Helper()
	api := planetest.Plane(t).Client()
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "owner-", Namespace: planetest.Namespace(t)}}
	if err := api.Create(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	inc := fixture.In(owner.Namespace, fixture.Incident("towel", fixture.WithJournal(fixture.Entry("first").Note("n"))))
	inc.Labels, inc.Annotations = map[string]string{"team": "hotel"}, map[string]string{"seen": "yes"}
	inc.Finalizers = []string{"example.org/hold"}
	inc.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}}
	if err := api.Create(t.Context(), inc, client.FieldOwner("kubectl")); err != nil {
		t.Fatal(err)
	}
	inc.Labels["team"] = "rooms"
	if err := api.Update(t.Context(), inc, client.FieldOwner("desk")); err != nil {
		t.Fatal(err)
	}
	return inc
}
