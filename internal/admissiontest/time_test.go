package admissiontest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// managed changes the owners of an object's fields.
func managed(change func(owners list) list) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		meta := o.Object["metadata"].(object)
		meta["managedFields"] = change(meta["managedFields"].(list))
	}
}

// stampOf sets the time of one field manager.
func stampOf(manager, at string) func(list) list {
	return func(owners list) list {
		for _, owner := range owners {
			if owner.(object)["manager"] == manager {
				owner.(object)["time"] = at
			}
		}
		return owners
	}
}

func without(manager string) func(list) list {
	return func(owners list) list {
		var kept list
		for _, owner := range owners {
			if owner.(object)["manager"] != manager {
				kept = append(kept, owner)
			}
		}
		return kept
	}
}

func unstamped(manager string) func(list) list {
	return func(owners list) list {
		for _, owner := range owners {
			if owner.(object)["manager"] == manager {
				delete(owner.(object), "time")
			}
		}
		return owners
	}
}

func cleared(list) list { return list{object{}} }

func all(changes ...func(*unstructured.Unstructured)) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		for _, change := range changes {
			change(o)
		}
	}
}

func pushed(e object) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		entries, _, _ := unstructured.NestedSlice(o.Object, "spec", "journal")
		_ = unstructured.SetNestedSlice(o.Object, append(entries, copied(e)), "spec", "journal")
	}
}

func labelled(o *unstructured.Unstructured) { o.SetLabels(map[string]string{"site": "hotel-b"}) }

const (
	past, ahead   = "2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
	cannotClear   = "and cannot be cleared"
	cannotChange  = "their times are the API server's and cannot be changed"
	serverTime    = "recordedAt is the API server's own time"
	ancientBucket = "ancient-changes"
)

// The server's time of a fact is in managedFields: they are not cleared, not back-dated,
// and a forged one moves nothing.
func TestManagedFields(t *testing.T) {
	t.Parallel()
	managedFields(t, theWorld(t))
}

func managedFields(t *testing.T, w *world) {
	t.Helper()
	ns := w.namespace(t)
	coffee := w.stored(t, alice, incident(ns, "coffee"))
	w.append(t, bob, coffee, note("two", bob))
	w.append(t, alice, coffee, note("three", alice))
	asked := w.inPhase(t, "AwaitingApproval", w.stored(t, alice, remedy(ns, "asked", alice)))
	w.must(t, bob, func(c client.Client) error {
		return c.Patch(t.Context(), reference(asked), mergePatch(object{"spec": object{"withdrawal": object{"by": bob}}}), client.FieldOwner(bob))
	})
	now := func(change func(now string) func(*unstructured.Unstructured)) write {
		return later(func(at time.Time) write { return putting(coffee, change(whole(at))) })
	}
	renamed := func(manager, as, at string) func(list) list {
		return func(owners list) list {
			owners = stampOf(manager, at)(owners)
			for _, owner := range owners {
				if owner.(object)["manager"] == manager {
					owner.(object)["manager"] = as
				}
			}
			return owners
		}
	}
	clearedMeta := object{"managedFields": list{object{}}}
	w.check(t, map[string]attempt{
		"they are cleared by a merge patch": refused(alice, cannotClear, merging(coffee, object{"metadata": clearedMeta})),
		"they are cleared by a JSON patch":  refused(alice, cannotClear, patching(coffee, replace("/metadata/managedFields", list{object{}}))),
		"they are cleared by a PUT":         refused(alice, cannotClear, putting(coffee, all(labelled, managed(cleared)))),
		"they are cleared with an entry":    refused(alice, cannotClear, putting(coffee, all(pushed(note("new", alice)), managed(cleared)))),
		"they are cleared with a stamped entry": refused(alice, "cannot be told here because metadata.managedFields were cleared", now(func(at string) func(*unstructured.Unstructured) {
			return all(pushed(note("new", alice, object{"recordedAt": at})), managed(cleared))
		})),
		"they are cleared by the administrator":        refused(admin, cannotClear, merging(coffee, object{"metadata": clearedMeta})),
		"they are left out of a PUT":                   accepted(alice, putting(coffee, all(labelled, func(o *unstructured.Unstructured) { o.SetManagedFields(nil) }))),
		"a time is set back with a label":              refused(alice, cannotChange, putting(coffee, all(labelled, managed(stampOf(alice, past))))),
		"a time is set back and nothing else":          refused(alice, cannotChange, putting(coffee, managed(stampOf(alice, past)))),
		"a time is set back by a JSON patch":           refused(alice, cannotChange, patching(coffee, replace("/metadata/managedFields/1/time", past), add("/metadata/labels", object{"a": "b"}))),
		"another's time is set back with an entry":     refused(alice, cannotChange, putting(coffee, all(pushed(note("new", alice)), managed(stampOf(bob, past))))),
		"another's time is set ahead with an entry":    refused(alice, cannotChange, putting(coffee, all(pushed(note("new", alice)), managed(stampOf(bob, ahead))))),
		"a time ahead does not make the server's":      refused(alice, serverTime, putting(coffee, all(pushed(note("new", alice, object{"recordedAt": ahead})), managed(stampOf(bob, ahead))))),
		"a time back does not make the server's":       refused(alice, serverTime, putting(coffee, all(pushed(note("new", alice, object{"recordedAt": past})), managed(stampOf(bob, past))))),
		"two times are set ahead":                      refused(alice, cannotChange, putting(coffee, all(labelled, managed(stampOf(bob, ahead)), managed(stampOf(alice, ahead))))),
		"a time is taken away":                         refused(alice, cannotChange, putting(coffee, all(labelled, managed(unstamped(bob))))),
		"what is there is applied again":               accepted(alice, applying(coffee, object{"spec": object{"journal": list{note("two", bob)}}})),
		"what is there is applied with something new":  accepted(alice, applying(coffee, object{"spec": object{"journal": list{note("two", bob), note("new", alice)}}})),
		"one who redacts, and sets a time back":        refused(rex, cannotChange, patching(coffee, replace("/spec/journal/0/note", "[redacted]"), replace("/metadata/managedFields/1/time", past))),
		"one who redacts":                              accepted(rex, patching(coffee, replace("/spec/journal/0/note", "[redacted]"))),
		"an owner is taken away":                       refused(alice, cannotChange, putting(coffee, all(labelled, managed(without(alice))))),
		"an owner is taken away with an entry":         refused(alice, cannotChange, putting(coffee, all(pushed(note("new", alice)), managed(without(bob))))),
		"an owner is renamed and set back":             refused(alice, cannotChange, putting(coffee, all(labelled, managed(renamed(alice, "else", past))))),
		"an owner is called one of many, and set back": refused(alice, cannotChange, putting(coffee, all(labelled, managed(renamed(alice, ancientBucket, past))))),
		"one who writes as one of many cannot stamp": refused(alice, serverTime, later(func(at time.Time) write {
			return owned(coffee, ancientBucket, note("new", alice, object{"recordedAt": whole(at)}))
		})),
		"a label under a name that has written before":  accepted(alice, labelling(coffee, alice)),
		"one with the verb operate mends a time":        accepted(mo, putting(coffee, managed(stampOf(alice, past)))),
		"a request's are cleared":                       refused(alice, cannotClear, merging(asked, object{"metadata": clearedMeta})),
		"a request's time is set back":                  refused(alice, cannotChange, putting(asked, all(labelled, managed(stampOf(bob, past))))),
		"a request's owner is taken away":               refused(alice, cannotChange, putting(asked, all(labelled, managed(without(bob))))),
		"an honest label beside many owners":            accepted(bob, merging(coffee, object{"metadata": object{"labels": object{"a": "b"}}})),
		"an honest label of another's that is replaced": accepted(bob, merging(labelledBy(t, w, ns), object{"metadata": object{"labels": object{"site": "other"}}})),
	})
}

// Whatever managedFields a report brings along, the API server writes its own.
func TestManagedFieldsOfAReport(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	ns := w.namespace(t)
	forged := list{object{
		"manager": "x", "operation": "Update", "apiVersion": "recovery.amends.dev/v1alpha1", "time": past, "fieldsType": "FieldsV1",
		"fieldsV1": object{"f:spec": object{"f:journal": object{`k:{"id":"n"}`: object{"f:id": object{}}}}},
	}}
	for name, fields := range map[string]list{"cleared": {object{}}, "forged": forged} {
		o := incident(ns, name, note("n", alice))
		o.Object["metadata"].(object)["managedFields"] = fields
		for _, m := range w.stored(t, alice, o).GetManagedFields() {
			if m.Time == nil || m.Time.Before(new(o.GetCreationTimestamp())) {
				t.Errorf("%s: %s owns since %v", name, m.Manager, m.Time)
			}
		}
		if len(o.GetManagedFields()) != 1 {
			t.Errorf("%s: %d owners", name, len(o.GetManagedFields()))
		}
	}
}

// labelling sets a label under a field manager.
func labelling(o *unstructured.Unstructured, manager string) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return c.Patch(t.Context(), reference(o), mergePatch(object{"metadata": object{"labels": object{"a": "b"}}}), client.FieldOwner(manager), client.DryRunAll)
	}
}

// owned appends under a field manager.
func owned(to *unstructured.Unstructured, manager string, e object) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return c.Patch(t.Context(), reference(to), jsonPatch(appended(e)), client.FieldOwner(manager), client.DryRunAll)
	}
}

func labelledBy(t *testing.T, w *world, ns string) *unstructured.Unstructured {
	t.Helper()
	o := w.stored(t, alice, incident(ns, "labelled"))
	w.must(t, alice, func(c client.Client) error {
		return c.Patch(t.Context(), reference(o), mergePatch(object{"metadata": object{"labels": object{"site": "hotel-b"}}}), client.FieldOwner("labels"))
	})
	return o
}

// Managers come and go: the API server merges the oldest when there are more than ten,
// and honest people go on appending, stamped and not.
func TestManyManagers(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	ns := w.namespace(t)
	coffee := w.stored(t, alice, incident(ns, "coffee"))
	for i := range 25 {
		e := note(fmt.Sprintf("e%d", i), alice)
		if i%2 == 0 {
			e["recordedAt"] = whole(time.Now())
		}
		w.must(t, alice, func(c client.Client) error {
			return c.Patch(t.Context(), reference(coffee), jsonPatch(appended(e)), client.FieldOwner(fmt.Sprintf("manager-%d", i)))
		})
	}
	read := reference(coffee)
	w.must(t, alice, func(c client.Client) error { return c.Get(t.Context(), client.ObjectKeyFromObject(read), read) })
	if n := len(read.GetManagedFields()); n < 10 || n > 12 {
		t.Errorf("%d owners, want about ten", n)
	}
	// A time that was forged ahead, by one who may, stops nobody.
	w.must(t, mo, func(c client.Client) error {
		managed(stampOf("manager-24", ahead))(read)
		return c.Update(t.Context(), read)
	})
	w.check(t, map[string]attempt{
		"an entry after a time that is ahead":       accepted(bob, owned(coffee, "x", note("new", bob))),
		"a stamped one after a time that is ahead":  accepted(bob, later(func(at time.Time) write { return owned(coffee, "x", note("new", bob, object{"recordedAt": whole(at)})) })),
		"one stamped ahead after a time so far off": refused(bob, serverTime, owned(coffee, "x", note("new", bob, object{"recordedAt": ahead}))),
	})
}

// What kubectl does with the owners of fields on its own account goes through.
func TestKubectlMovesToServerSideApply(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	ns := w.namespace(t)
	dir := t.TempDir()
	kubeconfig, file := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "incident.yaml")
	if err := w.plane.Kubeconfig(kubeconfig); err != nil {
		t.Fatal(err)
	}
	content, err := yaml.Marshal(incident(ns, "coffee").Object)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, content)
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), kubectl(root), append([]string{"--kubeconfig", kubeconfig, "--as", alice, "-n", ns}, args...)...).CombinedOutput() //nolint:gosec // kubectl
		if err != nil {
			t.Fatalf("kubectl %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("apply", "-f", file)
	w.append(t, bob, reference(incident(ns, "coffee")), note("one", bob))
	if out := run("apply", "--server-side", "-f", file); strings.Contains(out, "Warning") {
		t.Error(out)
	}
	run("patch", "incident", "coffee", "--type=json", "-p", `[{"op": "add", "path": "/spec/journal/-", "value": {"id": "two", "by": "alice", "note": "n"}}]`)
	run("label", "incident", "coffee", "a=b")
	run("label", "--overwrite", "incident", "coffee", "a=c")
	run("annotate", "incident", "coffee", "a=b")
}
