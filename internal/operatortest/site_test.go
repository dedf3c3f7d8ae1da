package operatortest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// staff is the group whose members work the incidents of every site.
const staff = "staff"

// site is a namespace of one test, with people who work incidents in it.
type site struct {
	*testing.T
	*installation
	namespace string
}

// open opens a site for a test.
func open(t *testing.T) *site {
	t.Helper()
	return openLabelled(t, nil)
}

// openForging opens a site in which entries may carry a recordedAt of another time.
func openForging(t *testing.T) *site {
	t.Helper()
	return openLabelled(t, map[string]string{forgesTimes: "true"})
}

func openLabelled(t *testing.T, labels map[string]string) *site {
	t.Helper()
	in := theInstallation(t)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-", Labels: labels}}
	if err := in.admin.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	return in.staffed(t, namespace.Name)
}

// staffed is a site in a namespace, in which the staff may work.
func (in *installation) staffed(t *testing.T, namespace string) *site {
	t.Helper()
	s := &site{T: t, installation: in, namespace: namespace}
	s.create(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: staff},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "amends-agent"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: staff}},
	})
	return s
}

// as is a client of a person. Groups are those that the person's certificate names.
func (s *site) as(name string, groups ...string) client.Client {
	s.Helper()
	config, err := s.person(name, groups...)
	if err != nil {
		s.Fatal(err)
	}
	c, err := client.New(config, client.Options{Scheme: plane.NewScheme()})
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// create creates objects here, as the administrator.
func (s *site) create(objects ...client.Object) {
	s.Helper()
	for _, object := range objects {
		object.SetNamespace(s.namespace)
		if err := s.admin.Create(s.Context(), object); err != nil {
			s.Fatalf("create %T %s: %v", object, object.GetName(), err)
		}
	}
}

// remove deletes objects, as the administrator.
func (s *site) remove(objects ...client.Object) {
	s.Helper()
	for _, object := range objects {
		object.SetNamespace(s.namespace)
		if err := s.admin.Delete(s.Context(), object); err != nil {
			s.Fatalf("delete %T %s: %v", object, object.GetName(), err)
		}
	}
}

// edit changes an object as the administrator, whoever else writes it.
func edit[T client.Object](s *site, object T, change func(T)) {
	s.Helper()
	object.SetNamespace(s.namespace)
	s.insist("edit "+object.GetName(), func(ctx context.Context) error {
		if err := s.admin.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		change(object)
		return s.admin.Update(ctx, object)
	})
}

// report reports an incident as a member of the staff, and returns it as created.
func (s *site) report(by string, incident *v1alpha1.Incident) *v1alpha1.Incident {
	s.Helper()
	c := s.as(by, staff)
	incident.Namespace = s.namespace
	s.insist("report "+incident.Name, func(ctx context.Context) error { return c.Create(ctx, incident) })
	return incident
}

// add appends entries to a journal, each as the member of the staff who wrote it.
func (s *site) add(incident string, entries ...fixture.EntryBuilder) {
	s.Helper()
	for _, builder := range entries {
		entry := builder.Build()
		s.addAs(s.as(string(entry.By), staff), incident, entry)
	}
}

// addAs appends an entry with the client of its author.
func (s *site) addAs(author client.Client, incident string, entry v1alpha1.JournalEntry) {
	s.Helper()
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal/-", "value": entry}})
	if err != nil {
		s.Fatal(err)
	}
	s.patchAs(author, &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: incident}}, patch)
}

// patchAs sends a JSON patch with the client of its author.
func (s *site) patchAs(author client.Client, object client.Object, patch []byte, opts ...client.PatchOption) {
	s.Helper()
	object.SetNamespace(s.namespace)
	s.insist("patch "+object.GetName(), func(ctx context.Context) error {
		return author.Patch(ctx, object, client.RawPatch(types.JSONPatchType, patch), opts...)
	})
}

// insist does something again while the API server has not taken in a person's rights
// yet, or another writer came first.
func (s *site) insist(what string, do func(context.Context) error) {
	s.Helper()
	var last error
	err := wait.PollUntilContextTimeout(s.Context(), glance, patience, true, func(ctx context.Context) (bool, error) {
		last = do(ctx)
		if apierrors.IsForbidden(last) || apierrors.IsConflict(last) {
			return false, nil
		}
		return true, last
	})
	if err != nil {
		s.Fatalf("%s: %v; last: %v", what, err, last)
	}
}

// inTime tries a test that must do something before a deadline again with a longer one,
// where the machine was too slow. The test says whether it was quick enough.
func inTime(t *testing.T, try func(deadline time.Duration) bool, deadlines ...time.Duration) {
	t.Helper()
	for _, d := range deadlines {
		if try(d) {
			return
		}
		t.Logf("the machine was too slow for a deadline of %s", d)
	}
	t.Fatal("the machine is too slow")
}

// isBefore says whether the API server's clock has not reached an instant.
func (s *site) isBefore(at time.Time) bool {
	s.Helper()
	now, err := s.serverTime(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return now.Before(at)
}

// awaitServerTime waits until the API server's clock has passed an instant: what is
// written from then on is stamped later than it.
func (s *site) awaitServerTime(at time.Time) {
	s.Helper()
	err := wait.PollUntilContextTimeout(s.Context(), glance, patience, true, func(ctx context.Context) (bool, error) {
		now, err := s.serverTime(ctx)
		return now.After(at), err
	})
	if err != nil {
		s.Fatalf("waiting for the API server's clock to pass %s: %v", at, err)
	}
}
