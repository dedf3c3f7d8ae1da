package admissiontest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// BenchmarkAppend measures what the policies cost an entry that a person appends: its
// time on the kind as it is, and on a copy of the kind in a group that no policy knows.
// The two take turns within each iteration, so that whatever else the machine does falls
// on both alike. Figures are medians in milliseconds, and the ratio of the rates.
//
//	go test ./internal/admissiontest -run '^$' -bench Append -benchtime 300x
func BenchmarkAppend(b *testing.B) {
	for name, start := range map[string]func(testing.TB) *world{"validating": theWorld, "validating+mutating": mutating} {
		b.Run(name, func(b *testing.B) {
			w := start(b)
			group := copiedKind(b, w)
			for _, entries := range []int{4, 16, 60} {
				b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) { w.appends(b, group, entries) })
			}
		})
	}
}

func (w *world) appends(b *testing.B, group string, entries int) {
	b.Helper()
	// The administrator writes: the rights of people do not reach into the copy's group.
	c, ns := w.as(b, admin), w.namespace(b)
	groups := []string{"recovery.amends.dev", group}
	times := map[string][]time.Duration{}
	for round := 0; b.Loop(); round++ {
		for i := range groups {
			g := groups[(round+i)%len(groups)]
			o := incident(ns, fmt.Sprintf("b-%d-%d", entries, round), typical(entries-1)...)
			o.SetAPIVersion(g + "/v1alpha1")
			if err := c.Create(b.Context(), o); err != nil {
				b.Fatal(err)
			}
			patch := jsonPatch(appended(note("last", "admin", completion)))
			before := time.Now()
			if err := c.Patch(b.Context(), o, patch); err != nil {
				b.Fatal(err)
			}
			times[g] = append(times[g], time.Since(before))
			if err := c.Patch(b.Context(), o, mergePatch(object{"metadata": object{"labels": object{"a": "b"}}})); err != nil {
				b.Fatal(err)
			}
		}
	}
	with, bare := median(times[groups[0]]), median(times[groups[1]])
	b.ReportMetric(0, "ns/op") // the time of an iteration says nothing here
	b.ReportMetric(with, "ms/policies")
	b.ReportMetric(bare, "ms/bare")
	b.ReportMetric(bare/with, "rate-ratio")
}

func typical(n int) list {
	var out list
	for i := range n {
		out = append(out, note(fmt.Sprintf("entry-%d", i), "admin", []object{completion, contact, {}}[i%3]))
	}
	return out
}

// median is the median in milliseconds.
func median(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[len(sorted)/2].Microseconds()) / 1000
}

// copiedKind installs a copy of the incident's kind, with all its rules, under another
// group.
func copiedKind(b *testing.B, w *world) string {
	b.Helper()
	const group = "bare.bench.amends.dev"
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := w.plane.Client().Get(b.Context(), client.ObjectKey{Name: "incidents.recovery.amends.dev"}, crd); err != nil {
		b.Fatal(err)
	}
	spec := crd.DeepCopy().Spec
	spec.Group, spec.Names.Categories, spec.Names.ShortNames = group, nil, nil
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&apiextensionsv1.CustomResourceDefinition{Spec: spec})
	if err != nil {
		b.Fatal(err)
	}
	delete(content, "status")
	applied := &unstructured.Unstructured{Object: content}
	applied.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	applied.SetName("incidents." + group)
	if err := w.plane.ApplyObjects(b.Context(), applied); err != nil {
		b.Fatal(err)
	}
	return group
}
