package apitest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// op is an operation of a JSON patch.
type op struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from,omitempty"`
	Value any    `json:"value"`
}

// object is a JSON object.
type object = map[string]any

// list is a JSON list.
type list = []any

func add(path string, value any) op     { return op{Op: "add", Path: path, Value: value} }
func replace(path string, value any) op { return op{Op: "replace", Path: path, Value: value} }
func remove(path string) op             { return op{Op: "remove", Path: path} }
func move(from, path string) op         { return op{Op: "move", From: from, Path: path} }

// attempt is a change and what the API server says to it.
type attempt struct {
	ops []op
	// refusal is a part of the message; empty, the change is accepted.
	refusal string
}

func accepted(ops ...op) attempt { return attempt{ops: ops} }

func refused(message string, ops ...op) attempt { return attempt{ops: ops, refusal: message} }

// check runs each attempt as a test of its own.
func check(t *testing.T, attempts map[string]attempt, do func(t *testing.T, ops []op) error) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(attempts)) {
		t.Run(name, func(t *testing.T) {
			expect(t, do(t, attempts[name].ops), attempts[name].refusal)
		})
	}
}

// expect compares what the API server said with what it should say: nothing, or a
// refusal with this in its message.
func expect(t *testing.T, err error, refusal string) {
	t.Helper()
	switch {
	case refusal == "" && err != nil:
		t.Errorf("refused: %v", err)
	case refusal != "" && err == nil:
		t.Errorf("accepted, want a refusal that says %q", refusal)
	case refusal != "" && !strings.Contains(err.Error(), refusal):
		t.Errorf("refused, want it to say %q: %v", refusal, err)
	case refusal != "" && !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err):
		t.Errorf("refused for another cause than its content: %v", err)
	}
}

// creating tries to create base with the changes, without storing it.
func creating(base client.Object) func(t *testing.T, ops []op) error {
	return func(t *testing.T, ops []op) error {
		t.Helper()
		changed := changedBy(t, base, ops)
		changed.SetNamespace("default")
		return planetest.Plane(t).Client().Create(t.Context(), changed, client.DryRunAll, client.FieldValidation("Strict"))
	}
}

// patching tries the changes on an object that is stored, without storing them.
func patching(stored client.Object) func(t *testing.T, ops []op) error {
	return func(t *testing.T, ops []op) error {
		t.Helper()
		return planetest.Plane(t).Client().Patch(t.Context(), named(stored), jsonPatch(t, ops), client.DryRunAll, client.FieldValidation("Strict"))
	}
}

// patchingStatus tries the changes on the status of an object that is stored.
func patchingStatus(stored client.Object) func(t *testing.T, ops []op) error {
	return func(t *testing.T, ops []op) error {
		t.Helper()
		return planetest.Plane(t).Client().Status().Patch(t.Context(), named(stored), jsonPatch(t, ops),
			&client.SubResourcePatchOptions{PatchOptions: client.PatchOptions{DryRun: []string{"All"}}})
	}
}

// storing stores base with the changes, in a namespace of its own.
func storing(t *testing.T, base client.Object, ops ...op) *unstructured.Unstructured {
	t.Helper()
	stored := fixture.In(planetest.Namespace(t), changedBy(t, base, ops))
	if err := planetest.Plane(t).Client().Create(t.Context(), stored, client.FieldValidation("Strict")); err != nil {
		t.Fatal(err)
	}
	return stored
}

// store changes an object that is stored, for good.
func store(t *testing.T, stored client.Object, ops ...op) {
	t.Helper()
	if err := planetest.Plane(t).Client().Patch(t.Context(), named(stored), jsonPatch(t, ops), client.FieldValidation("Strict")); err != nil {
		t.Fatal(err)
	}
}

// storeStatus changes the status of an object that is stored, for good.
func storeStatus(t *testing.T, stored client.Object, ops ...op) {
	t.Helper()
	if err := planetest.Plane(t).Client().Status().Patch(t.Context(), named(stored), jsonPatch(t, ops)); err != nil {
		t.Fatal(err)
	}
}

// named is an empty object of the same kind and name, for the client to fill.
func named(stored client.Object) *unstructured.Unstructured {
	empty := &unstructured.Unstructured{}
	empty.SetGroupVersionKind(stored.GetObjectKind().GroupVersionKind())
	empty.SetNamespace(stored.GetNamespace())
	empty.SetName(stored.GetName())
	return empty
}

func jsonPatch(t *testing.T, ops []op) client.Patch {
	t.Helper()
	return client.RawPatch(types.JSONPatchType, marshal(t, ops))
}

func changedBy(t *testing.T, base client.Object, ops []op) *unstructured.Unstructured {
	t.Helper()
	content := marshal(t, base)
	if len(ops) > 0 {
		patch, err := jsonpatch.DecodePatch(marshal(t, ops))
		if err != nil {
			t.Fatal(err)
		}
		if content, err = patch.Apply(content); err != nil {
			t.Fatal(err)
		}
	}
	changed := &unstructured.Unstructured{}
	if err := changed.UnmarshalJSON(content); err != nil {
		t.Fatal(err)
	}
	return changed
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
