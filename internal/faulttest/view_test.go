package faulttest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/gather"
)

// view is the cache of one operator: the objects as they were after so many changes.
type view struct {
	w       *world
	at      int
	objects map[ref]client.Object
	// limit is the revision at which the view stands still; zero is none.
	limit int
	// seen are all that were ever there, so that what is gone is looked at too.
	seen map[ref]bool
	// onGone is told each object that is not there any more.
	onGone  func(client.Object)
	indexes map[string]client.IndexerFunc
}

func newView(w *world) *view {
	v := &view{w: w, objects: map[ref]client.Object{}, seen: map[ref]bool{}, indexes: map[string]client.IndexerFunc{}}
	for _, index := range []func(context.Context, client.FieldIndexer) error{gather.IndexByPolicy, gather.IndexCompensationsByIncident} {
		if err := index(w.ctx(), v); err != nil {
			w.Fatal(err)
		}
	}
	return v
}

// IndexField implements client.FieldIndexer.
func (v *view) IndexField(_ context.Context, o client.Object, field string, extract client.IndexerFunc) error {
	v.indexes[kindOf(o)+"/"+field] = extract
	return nil
}

// follow brings the view up to date, or to where it stands still.
func (v *view) follow() {
	to := v.w.revision()
	if v.limit > 0 {
		to = min(to, v.limit)
	}
	v.to(to)
}

// stale says whether the view stands still and there is more.
func (v *view) stale() bool { return v.limit > 0 && v.limit < v.w.revision() }

// to brings the view to a revision that is not before its own.
func (v *view) to(revision int) {
	if revision <= v.at {
		return
	}
	v.w.mu.Lock()
	changes := v.w.history[v.at:revision]
	v.w.mu.Unlock()
	v.at = revision
	for _, c := range changes {
		v.seen[c.ref] = true
		was := v.objects[c.ref]
		if c.object == nil {
			delete(v.objects, c.ref)
		} else {
			v.objects[c.ref] = cached(c.object)
		}
		if was != nil && v.onGone != nil && (c.object == nil || c.object.GetUID() != was.GetUID()) {
			v.onGone(was)
		}
	}
}

// names are those of the objects of a kind that are there or were.
func (v *view) names(kind string) []string {
	var out []string
	for r := range v.seen {
		if r.kind == kind {
			out = append(out, r.name)
		}
	}
	slices.Sort(out)
	return out
}

// Get implements client.Reader.
func (v *view) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	o := v.objects[ref{kindOf(into), key.Name}]
	if o == nil || key.Namespace != v.w.namespace {
		return apierrors.NewNotFound(schema.GroupResource{Resource: kindOf(into)}, key.Name)
	}
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(o.DeepCopyObject()).Elem())
	return nil
}

// List implements client.Reader, in no order that a cache would not have.
func (v *view) List(_ context.Context, into client.ObjectList, opts ...client.ListOption) error {
	o := (&client.ListOptions{}).ApplyOptions(opts)
	kind := kindOf(into)
	var items []runtime.Object
	for _, r := range slices.SortedFunc(maps.Keys(v.objects), func(a, b ref) int { return cmp.Compare(a.name, b.name) }) {
		if r.kind != kind {
			continue
		}
		object := v.objects[r]
		matches, err := v.matches(object, o)
		if err != nil {
			return err
		}
		if matches {
			items = append(items, object.DeepCopyObject())
		}
	}
	return apimeta.SetList(into, items)
}

func (v *view) matches(object client.Object, o *client.ListOptions) (bool, error) {
	if o.LabelSelector != nil && !o.LabelSelector.Matches(labels.Set(object.GetLabels())) {
		return false, nil
	}
	if o.FieldSelector == nil {
		return true, nil
	}
	for _, wanted := range o.FieldSelector.Requirements() {
		index, ok := v.indexes[kindOf(object)+"/"+wanted.Field]
		if !ok {
			return false, fmt.Errorf("there is no index %s of %s", wanted.Field, kindOf(object))
		}
		if !slices.Contains(index(object), wanted.Value) {
			return false, nil
		}
	}
	return true, nil
}

var _ client.Reader = (*view)(nil)
