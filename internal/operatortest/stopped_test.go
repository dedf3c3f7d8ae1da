package operatortest

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// While the operator is stopped, everything can be applied and recorded: there is no
// webhook that could be missed. Once it is back, facts have the times at which the API
// server took them in.
func TestStoppedWhileEverythingIsApplied(t *testing.T) {
	coffee := tell(open(t), "coffee-in-the-wind", "coffee-0417")
	coffee.succeed()
	coffee.shared.kill()

	sites := []*site{coffee.site}
	for _, folder := range sampleFolders(t) {
		s := open(t)
		s.kubectl("admin", "apply", "-k", folder)
		sites = append(sites, s)
	}
	taken := map[v1alpha1.Name]time.Time{}
	for _, file := range coffee.files("journal/*.json") {
		patch := coffee.read(file)
		// One field manager for each: without recordedAt, the API server's record of owners
		// is what tells when an entry came.
		inc := &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: coffee.incident}}
		coffee.patchAs(coffee.as(coffee.author(patch)), inc, patch, client.FieldOwner(filepath.Base(file)))
		entry := inc.Spec.Journal[len(inc.Spec.Journal)-1]
		taken[entry.ID] = newest(inc)
		coffee.awaitServerTime(newest(inc).Add(2 * time.Second))
	}

	coffee.dropLease(t.Context())
	if err := coffee.startShared(t.Context()); err != nil {
		t.Fatal(err)
	}
	inc := coffee.awaitIncident(coffee.incident, "to be read", func(i *v1alpha1.Incident) bool {
		return i.Status.ObservedGeneration == i.Generation
	})
	for _, s := range sites {
		s.awaitAllRead()
	}
	if len(taken) < 3 || len(inc.Status.Recorded) != len(taken) {
		t.Fatalf("%d facts were recorded, and the status has the times of %d:\n%s", len(taken), len(inc.Status.Recorded), asYAML(inc.Status.Recorded))
	}
	for _, r := range inc.Status.Recorded {
		id := v1alpha1.Name(r.Key[len("journal/"):])
		if !r.At.Time.Equal(taken[id]) || r.Source != v1alpha1.SourceManagedFields {
			t.Errorf("%s counts from %s by %s, and the API server took it in at %s", id, r.At, r.Source, taken[id])
		}
	}
}

// awaitAllRead waits until the operator has read every incident of the namespace.
func (s *site) awaitAllRead() {
	s.Helper()
	err := wait.PollUntilContextTimeout(s.Context(), glance, patience, true, func(ctx context.Context) (bool, error) {
		var list v1alpha1.IncidentList
		err := s.admin.List(ctx, &list, client.InNamespace(s.namespace))
		unread := func(i v1alpha1.Incident) bool {
			return i.Status.ObservedGeneration != i.Generation || i.Status.Policy == nil
		}
		return err == nil && len(list.Items) > 0 && !slices.ContainsFunc(list.Items, unread), err
	})
	if err != nil {
		s.Fatalf("the incidents of %s are not all read: %v", s.namespace, err)
	}
}

// sampleFolders are the folders of all stories.
func sampleFolders(t *testing.T) []string {
	t.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "config", "samples", "*", "kustomization.yaml"))
	if err != nil || len(files) < 13 {
		t.Fatalf("%d samples: %v", len(files), err)
	}
	var out []string
	for _, f := range files {
		out = append(out, filepath.Dir(f))
	}
	slices.Sort(out)
	return out
}

// newest is the latest time that the API server has left in an incident.
func newest(inc *v1alpha1.Incident) time.Time {
	var out time.Time
	for _, m := range inc.ManagedFields {
		if m.Time != nil && m.Time.After(out) {
			out = m.Time.Time
		}
	}
	return out
}
