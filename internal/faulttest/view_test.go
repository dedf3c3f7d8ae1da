package faulttest

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/byhand"
)

// view is the cache of one operator: the objects as they were after so many changes.
type view struct {
	*byhand.Objects

	w  *world
	at int
	// limit is the revision at which the view stands still; zero is none.
	limit int
	// seen are all that were ever there, so that what is gone is looked at too.
	seen map[ref]bool
	// onGone is told each object that is not there any more.
	onGone func(client.Object)
	// glasses, if set, change how the operator sees what it reads: a bug put in on purpose.
	glasses func(client.Object)
}

func newView(w *world) *view {
	objects, err := byhand.NewObjects(w.ctx(), w.namespace)
	if err != nil {
		w.Fatal(err)
	}
	return &view{Objects: objects, w: w, seen: map[ref]bool{}}
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
		was := v.Held(c.kind, c.name)
		if c.object == nil {
			v.Drop(c.kind, c.name)
		} else {
			v.Put(c.object)
		}
		if was != nil && v.onGone != nil && (c.object == nil || c.object.GetUID() != was.GetUID()) {
			v.onGone(was)
		}
	}
}

// Get implements client.Reader.
func (v *view) Get(ctx context.Context, key client.ObjectKey, into client.Object, opts ...client.GetOption) error {
	if err := v.Objects.Get(ctx, key, into, opts...); err != nil {
		return err
	}
	if v.glasses != nil {
		v.glasses(into)
	}
	return nil
}

// List implements client.Reader.
func (v *view) List(ctx context.Context, into client.ObjectList, opts ...client.ListOption) error {
	if err := v.Objects.List(ctx, into, opts...); err != nil || v.glasses == nil {
		return err
	}
	return apimeta.EachListItem(into, func(o runtime.Object) error {
		v.glasses(o.(client.Object))
		return nil
	})
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
