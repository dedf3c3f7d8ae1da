package admissiontest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// write is one write through one door, tried without storing anything.
type write func(t *testing.T, c client.Client) error

// attempt is what somebody tries, and what the API server says to it: a part of the
// message, or nothing.
type attempt struct {
	as      string
	try     write
	refusal string
}

func accepted(as string, try write) attempt { return attempt{as, try, ""} }

func refused(as, message string, try write) attempt { return attempt{as, try, message} }

// check runs each attempt as a test of its own.
func (w *world) check(t *testing.T, attempts map[string]attempt) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(attempts)) {
		t.Run(name, func(t *testing.T) {
			a := attempts[name]
			expect(t, a.try(t, w.as(t, a.as)), a.refusal)
		})
	}
}

func reference(stored *unstructured.Unstructured) *unstructured.Unstructured {
	return empty(stored.GetKind(), stored.GetNamespace(), stored.GetName())
}

// creating is a POST.
func creating(o *unstructured.Unstructured, change ...func(*unstructured.Unstructured)) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		changed := o.DeepCopy()
		for _, do := range change {
			do(changed)
		}
		return c.Create(t.Context(), changed, client.DryRunAll)
	}
}

// patching is a JSON patch.
func patching(stored *unstructured.Unstructured, ops ...op) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return c.Patch(t.Context(), reference(stored), jsonPatch(ops...), client.DryRunAll)
	}
}

// merging is a merge patch.
func merging(stored *unstructured.Unstructured, patch object) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return c.Patch(t.Context(), reference(stored), mergePatch(patch), client.DryRunAll)
	}
}

// mergingStatus is a merge patch of the status.
func mergingStatus(stored *unstructured.Unstructured, patch object) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return c.Status().Patch(t.Context(), reference(stored), mergePatch(patch),
			&client.SubResourcePatchOptions{PatchOptions: client.PatchOptions{DryRun: []string{"All"}}})
	}
}

// replacingStatus is a PUT of the status, as the operator sends it: of the rest of the object
// it says no more than which version is meant.
func (w *world) replacingStatus(stored *unstructured.Unstructured, status object) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		read := reference(stored)
		if err := w.plane.Client().Get(t.Context(), client.ObjectKeyFromObject(read), read); err != nil {
			return err
		}
		next := reference(stored)
		next.SetUID(read.GetUID())
		next.SetResourceVersion(read.GetResourceVersion())
		maps.Copy(next.Object, copied(status))
		return c.Status().Update(t.Context(), next, client.DryRunAll)
	}
}

// putting is a PUT of what is stored with a change.
func putting(stored *unstructured.Unstructured, change func(*unstructured.Unstructured)) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		read := reference(stored)
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(read), read); err != nil {
			return err
		}
		change(read)
		return c.Update(t.Context(), read, client.DryRunAll)
	}
}

// applying is a server-side apply of some fields under a field manager of one's own.
func applying(o *unstructured.Unstructured, fields object, options ...client.ApplyOption) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		applied := reference(o)
		for k, v := range copied(fields) {
			if k == "metadata" {
				maps.Copy(applied.Object["metadata"].(object), v.(object))
			} else {
				applied.Object[k] = v
			}
		}
		return c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(applied),
			append([]client.ApplyOption{client.DryRunAll, client.FieldOwner("by-hand")}, options...)...)
	}
}

// deleting is a DELETE.
func deleting(stored *unstructured.Unstructured) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return c.Delete(t.Context(), reference(stored), client.DryRunAll)
	}
}

// later evaluates a write when it is tried, for what depends on the time.
func later(at func(now time.Time) write) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return at(time.Now())(t, c)
	}
}

// must does a write for good, as somebody who may.
func (w *world) must(t testing.TB, as string, do func(c client.Client) error) {
	t.Helper()
	if err := do(w.as(t, as)); err != nil {
		t.Fatalf("as %s: %v", as, err)
	}
}

// stored creates an object for good.
func (w *world) stored(t testing.TB, as string, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	w.must(t, as, func(c client.Client) error { return c.Create(t.Context(), o) })
	return o
}

// inPhase gives an object a phase, as the operator does.
func (w *world) inPhase(t testing.TB, phase string, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	w.must(t, admin, func(c client.Client) error {
		return c.Status().Patch(t.Context(), o, mergePatch(object{"status": object{"phase": phase}}))
	})
	return o
}

// append appends entries for good.
func (w *world) append(t testing.TB, as string, to *unstructured.Unstructured, entries ...object) {
	t.Helper()
	for _, e := range entries {
		w.must(t, as, func(c client.Client) error {
			return c.Patch(t.Context(), reference(to), jsonPatch(appended(e)), client.FieldOwner(as))
		})
	}
}
