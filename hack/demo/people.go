package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// namespace is where the stories play.
const namespace = "amends-demo"

// people are the clients of those who act, each with a certificate of their own, so
// that what they write is theirs.
type people map[string]client.Client

// newPeople lets everybody in and binds the role of those who work incidents.
func newPeople(ctx context.Context, p *plane.Plane, names map[string]string) (people, error) {
	space := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if err := p.Client().Create(ctx, space); err != nil {
		return nil, fmt.Errorf("create namespace %s: %w", namespace, err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "agents"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "amends-agent"},
	}
	out := people{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		binding.Subjects = append(binding.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name})
		config, err := p.User(name)
		if err != nil {
			return nil, err
		}
		out[name], err = client.New(config, client.Options{Scheme: p.Client().Scheme(), Mapper: p.Client().RESTMapper()})
		if err != nil {
			return nil, fmt.Errorf("client of %s: %w", name, err)
		}
	}
	if err := p.Client().Create(ctx, binding); err != nil {
		return nil, fmt.Errorf("bind role %s: %w", binding.RoleRef.Name, err)
	}
	return out, nil
}

// do lets the one whose cue it is report or append.
func (p people) do(ctx context.Context, c *cue) error {
	who := p[c.by()]
	if c.entry == nil {
		inc := c.story.Incident.DeepCopy()
		inc.Namespace = namespace
		if err := who.Create(ctx, inc, client.FieldOwner(c.by())); err != nil {
			return fmt.Errorf("%s reports %s: %w", c.by(), inc.Name, err)
		}
		return nil
	}
	patch, err := appending(c.entry)
	if err != nil {
		return err
	}
	inc := &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: c.story.Incident.Name}}
	if err := who.Patch(ctx, inc, client.RawPatch(types.JSONPatchType, patch), client.FieldOwner(c.by())); err != nil {
		return fmt.Errorf("%s appends %s to %s: %w", c.by(), c.entry.ID, inc.Name, err)
	}
	return nil
}

// appending is the JSON patch that appends an entry to a journal.
func appending(e *v1alpha1.JournalEntry) ([]byte, error) {
	return json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal/-", "value": e}})
}
