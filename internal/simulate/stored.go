package simulate

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/manifest"
)

// Stored reads objects as they were written out of a cluster, with their statuses, as
// kubectl get -o yaml does. Where a revision is not among them, the one that a policy
// and its calendars among them make stands in, if it is the same.
func Stored(docs []*manifest.Document) (client.Reader, []*v1alpha1.Incident, error) {
	r := &run{player: player{out: &Transcript{}}, store: newStore()}
	for _, d := range docs {
		if err := r.take(d); err != nil {
			return nil, nil, err
		}
	}
	if _, err := r.readPolicies(); err != nil {
		return nil, nil, err
	}
	var incidents []*v1alpha1.Incident
	for _, key := range r.incidents.keys() {
		incidents = append(incidents, r.incidents[key].DeepCopy())
	}
	return r.store, incidents, nil
}

// take takes an object in as it is.
func (r *run) take(d *manifest.Document) error {
	key := types.NamespacedName{Namespace: d.Namespace, Name: d.Name}
	if key.Namespace == "" {
		key.Namespace = nowhere
	}
	if d.Kind == "ControllerRevision" && d.APIVersion == appsv1.SchemeGroupVersion.String() {
		revision := &appsv1.ControllerRevision{}
		if err := d.Into(revision); err != nil {
			return err
		}
		revision.Namespace = key.Namespace
		if revision.UID == "" {
			revision.UID = types.UID(key.String())
		}
		r.revisions[key] = revision
		return nil
	}
	if !d.Known() {
		return nil
	}
	object := blank(d.Kind)
	if err := d.Into(object); err != nil {
		return err
	}
	object.SetNamespace(key.Namespace)
	if object.GetUID() == "" {
		r.objects++
		object.SetUID(numbered(r.objects))
	}
	r.shelve(key, object)
	return nil
}
