package admissiontest

import (
	"context"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// mutating is a world with the mutating policies on a plane of its own, for a test.
func mutating(t testing.TB) *world {
	t.Helper()
	w := started(t, plane.Options{}, "components/mutating-admission")
	agent := w.as(t, alice)
	w.until(t, "amends-journal signs", func(ctx context.Context) (bool, error) {
		return agent.Create(ctx, incident("default", "probe", note("n", "")), client.DryRunAll) == nil, nil
	})
	w.until(t, "amends-compensations signs", func(ctx context.Context) (bool, error) {
		return agent.Create(ctx, remedy("default", "probe", ""), client.DryRunAll) == nil, nil
	})
	return w
}

// started is a world on a plane of its own, for a test.
func started(t testing.TB, options plane.Options, folders ...string) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a control plane; -short leaves it out")
	}
	p, err := plane.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	w, err := newWorld(p, folders...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// With the mutating policies nobody needs to sign or stamp, and nobody can do it falsely.
func TestMutatingPolicies(t *testing.T) {
	t.Parallel()
	w := mutating(t)
	ns := w.namespace(t)
	t.Run("entries", func(t *testing.T) { filledEntries(t, w, ns) })
	t.Run("compensations", func(t *testing.T) { filledCompensations(t, w, ns) })
	t.Run("refusals", func(t *testing.T) {
		coffee := w.stored(t, alice, incident(ns, "refusals"))
		w.check(t, map[string]attempt{
			"another's name":                         refused(alice, "needs the verb record-for-others", patching(coffee, appended(note("new", bob)))),
			"a recorder who is another":              refused(kim, "does not say so", patching(coffee, appended(note("new", bob, object{"recordedBy": alice})))),
			"a stamp of yesterday":                   refused(alice, serverTime, patching(coffee, appended(note("new", "", object{"recordedAt": past})))),
			"an earlier time of a completion":        refused(alice, "needs the verb backdate", patching(coffee, appended(note("new", "", completion, object{"at": past})))),
			"owners of fields are cleared":           refused(alice, cannotClear, putting(coffee, all(pushed(note("new", "")), managed(cleared)))),
			"spending without the right":             refused(alice, "may not spend", creating(remedy(ns, "new", "", object{"allowance": "frontline"}))),
			"an entry that the kind refuses":         refused(alice, "an entry tells something", patching(coffee, appended(entry("new", "")))),
			"an entry without an id":                 refused(alice, "id", patching(coffee, appended(object{"note": "n"}))),
			"a decision on one's own request":        refused(dan, "cannot decide on it", merging(w.inPhase(t, "AwaitingApproval", w.stored(t, dan, remedy(ns, "own", ""))), object{"spec": object{"decision": object{"verdict": "Approved", "level": "duty-manager"}}})),
			"a journal that is no list":              refused(alice, "journal", merging(coffee, object{"spec": object{"journal": "x"}})),
			"an unsigned entry by server-side apply": accepted(alice, applying(coffee, object{"spec": object{"journal": list{note("new", "")}}})),
			"a stamp that somebody brings, if it fits": accepted(alice, later(func(at time.Time) write {
				return patching(coffee, appended(note("new", "", object{"recordedAt": whole(at)})))
			})),
		})
	})
	t.Run("uninstalled", func(t *testing.T) { uninstalled(t, w, ns) })
}

// The kinds can be removed, and all incidents with them: the policies hold what people do,
// not an uninstallation.
func uninstalled(t *testing.T, w *world, ns string) {
	t.Helper()
	w.stored(t, alice, incident(ns, "left-behind", note("n", "")))
	crd := &apiextensionsv1.CustomResourceDefinition{}
	crd.Name = "incidents.recovery.amends.dev"
	w.must(t, admin, func(c client.Client) error { return c.Delete(t.Context(), crd) })
	w.until(t, "the kind is gone", func(ctx context.Context) (bool, error) {
		return apierrors.IsNotFound(w.plane.Client().Get(ctx, client.ObjectKeyFromObject(crd), crd)), nil
	})
}

func filledEntries(t *testing.T, w *world, ns string) {
	t.Helper()
	before := time.Now().Truncate(time.Second)
	coffee := w.stored(t, alice, incident(ns, "coffee", note("one", ""), note("two", "")))
	w.append(t, bob, coffee, note("three", ""))
	w.append(t, kim, coffee, note("four", alice))
	w.must(t, bob, func(c client.Client) error {
		return c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(incident(ns, "coffee", note("five", ""))), client.FieldOwner("by-hand"), client.ForceOwnership)
	})
	read := reference(coffee)
	w.must(t, admin, func(c client.Client) error { return c.Get(t.Context(), client.ObjectKeyFromObject(read), read) })
	journal, _, _ := unstructured.NestedSlice(read.Object, "spec", "journal")
	want := []struct{ by, recordedBy string }{{alice, ""}, {alice, ""}, {bob, ""}, {alice, kim}, {bob, ""}}
	if len(journal) != len(want) {
		t.Fatalf("%d entries, want %d", len(journal), len(want))
	}
	for i, e := range journal {
		got := e.(object)
		recordedBy, _ := got["recordedBy"].(string)
		if got["by"] != want[i].by || recordedBy != want[i].recordedBy {
			t.Errorf("entry %d is by %v, recorded by %q; want %+v", i, got["by"], recordedBy, want[i])
		}
		stamped(t, got, before)
	}
	// The one who applied applies again, and nothing is lost.
	w.must(t, bob, func(c client.Client) error {
		return c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(incident(ns, "coffee", note("five", ""))), client.FieldOwner("by-hand"), client.ForceOwnership)
	})
	w.append(t, alice, coffee, note("six", ""))
}

func stamped(t *testing.T, fact object, before time.Time) {
	t.Helper()
	text, _ := fact["recordedAt"].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Before(before) || at.After(time.Now().Add(time.Second)) {
		t.Errorf("recordedAt is %q: %v", text, err)
	}
}

func filledCompensations(t *testing.T, w *world, ns string) {
	t.Helper()
	before := time.Now().Truncate(time.Second)
	asked := w.stored(t, alice, remedy(ns, "asked", ""))
	typed := w.stored(t, kim, remedy(ns, "typed", bob))
	if by, _, _ := unstructured.NestedString(asked.Object, "spec", "by"); by != alice {
		t.Errorf("asked by %q", by)
	}
	if by, _, _ := unstructured.NestedString(typed.Object, "spec", "recordedBy"); by != kim {
		t.Errorf("recorded by %q", by)
	}
	other := remedy(ns, "other", "")
	finalizers("example.org/other")(other)
	w.stored(t, alice, other)
	for _, o := range []*unstructured.Unstructured{asked, typed, other} {
		found := o.GetFinalizers()
		if len(found) == 0 || found[len(found)-1] != "recovery.amends.dev/ledger" {
			t.Errorf("%s has finalizers %v", o.GetName(), found)
		}
	}
	w.inPhase(t, "AwaitingApproval", asked)
	w.must(t, ann, func(c client.Client) error {
		return c.Patch(t.Context(), asked, mergePatch(object{"spec": object{"decision": object{"verdict": "Approved", "level": "duty-manager"}}}))
	})
	w.inPhase(t, "Granted", asked)
	w.must(t, bob, func(c client.Client) error {
		return c.Patch(t.Context(), asked, mergePatch(object{"spec": object{"delivery": object{"evidence": "room 7"}}}))
	})
	for field, by := range map[string]string{"decision": ann, "delivery": bob} {
		fact, _, _ := unstructured.NestedMap(asked.Object, "spec", field)
		if fact["by"] != by {
			t.Errorf("%s by %v, want %s", field, fact["by"], by)
		}
		stamped(t, fact, before)
	}
}
