package apitest

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// The oldest version that this API server can emulate takes the same kinds, and
// its rules hold.
func TestOldestEmulatedVersion(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a control plane; -short leaves it out")
	}
	p, err := plane.Start(t.Context(), plane.Options{EmulatedVersion: "1.34"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}()
	if err := p.InstallCRDs(t.Context()); err != nil {
		t.Fatal(err)
	}
	incident := fixture.In("default", changedBy(t, fixture.Incident("old", fixture.WithJournal(fixture.Entry("first").Note("n"))), nil))
	budget := fixture.In("default", changedBy(t, fixture.Budget("old", "EUR", "1000.00"), nil))
	for _, object := range []client.Object{incident, budget} {
		if err := p.Client().Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	patch := func(ops ...op) error {
		return p.Client().Patch(t.Context(), named(incident), jsonPatch(t, ops), client.DryRunAll)
	}
	status := func(ops ...op) error {
		return p.Client().Status().Patch(t.Context(), named(budget), jsonPatch(t, ops),
			&client.SubResourcePatchOptions{PatchOptions: client.PatchOptions{DryRun: []string{"All"}}})
	}
	tests := map[string]struct {
		err     error
		refusal string
	}{
		"an entry is appended":            {patch(add("/spec/journal/-", note("second"))), ""},
		"an entry is not edited":          {patch(replace("/spec/journal/0/note", "other")), neverEdit},
		"an entry is not removed":         {patch(remove("/spec/journal/0")), appendOnly},
		"an entry is redacted":            {patch(replace("/spec/journal/0/note", redacted)), ""},
		"a grant within the pool":         {status(write(1, list{sums(0, 0, 0)}, flight("a", "None", "Spent", limit))), ""},
		"a grant beyond the pool":         {status(write(1, list{sums(0, 0, 0)}, flight("a", "None", "Spent", limit+1))), exhausted},
		"a write that is not one step on": {status(write(2, list{sums(0, 0, 0)})), "raises sequence by one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { expect(t, test.err, test.refusal) })
	}
}
