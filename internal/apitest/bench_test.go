package apitest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// BenchmarkAppendOnly measures what the append-only rules of the journal cost the
// API server: the time of an appended entry and of a status write, on the kind as
// it is, on a copy of it without the journal's transition rules, and on one without
// any rule. The variants take turns within each iteration, so that whatever else
// the machine does falls on all of them alike. Figures are medians in milliseconds.
//
//	go test ./internal/apitest -run '^$' -bench AppendOnly -benchtime 60x
func BenchmarkAppendOnly(b *testing.B) {
	variants := []*variant{
		{name: "rules", group: v1alpha1.GroupVersion.Group},
		copyWithout(b, "incidents", "not-append-only", appendOnlyRules),
		copyWithout(b, "incidents", "no-rules", everyRule),
	}
	for _, entries := range []int{16, 100} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			namespace := planetest.Namespace(b)
			for _, v := range variants {
				v.appends, v.statuses = nil, nil
			}
			round := 0
			for b.Loop() {
				for i := range variants {
					variants[(round+i)%len(variants)].measure(b, namespace, round, entries)
				}
				round++
			}
			report(b, variants)
		})
	}
}

// variant is a copy of the incident's kind, and the times taken on it.
type variant struct {
	name, group       string
	appends, statuses []time.Duration
}

// measure creates an incident with all entries but one, and times the last one and
// a status write behind it.
func (v *variant) measure(b *testing.B, namespace string, round, entries int) {
	b.Helper()
	c := planetest.Plane(b).Client()
	incident := typicalIncident(b, entries-1)
	incident.SetGroupVersionKind(schema.GroupVersionKind{Group: v.group, Version: v1alpha1.GroupVersion.Version, Kind: "Incident"})
	incident.SetNamespace(namespace)
	incident.SetName(fmt.Sprintf("%s-%d", v.name, round))
	if err := c.Create(b.Context(), incident); err != nil {
		b.Fatal(err)
	}
	entry := marshal(b, []op{add("/spec/journal/-", typicalEntry(b, entries-1))})
	v.appends = append(v.appends, timed(b, func() error {
		return c.Patch(b.Context(), incident, client.RawPatch(types.JSONPatchType, entry))
	}))
	status := marshal(b, object{"status": object{"phase": "Open", "sla": "OnTrack", "observedGeneration": 2, "nextDueAt": "2026-10-02T09:00:00Z"}})
	v.statuses = append(v.statuses, timed(b, func() error {
		return c.Status().Patch(b.Context(), incident, client.RawPatch(types.MergePatchType, status))
	}))
	if err := c.Delete(b.Context(), incident); err != nil {
		b.Fatal(err)
	}
}

func timed(b *testing.B, do func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func report(b *testing.B, variants []*variant) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // the time of an iteration says nothing here
	for _, v := range variants {
		b.ReportMetric(milliseconds(v.appends), "append-ms/"+v.name)
		b.ReportMetric(milliseconds(v.statuses), "status-ms/"+v.name)
	}
	for _, other := range variants[1:] {
		b.ReportMetric(milliseconds(variants[0].appends)/milliseconds(other.appends), "append-ratio/"+other.name)
		b.ReportMetric(milliseconds(variants[0].statuses)/milliseconds(other.statuses), "status-ratio/"+other.name)
	}
}

// milliseconds is the median.
func milliseconds(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[len(sorted)/2].Microseconds()) / 1000
}

func typicalIncident(b *testing.B, entries int) *unstructured.Unstructured {
	b.Helper()
	var journal list
	for i := range entries {
		journal = append(journal, typicalEntry(b, i))
	}
	incident := withoutStatus(b, fixture.Incident("typical", fixture.OfCategory("beverage"), fixture.UnderPolicy("pool-bar")))
	if err := unstructured.SetNestedSlice(incident.Object, journal, "spec", "journal"); err != nil {
		b.Fatal(err)
	}
	return incident
}

func withoutStatus(b *testing.B, base client.Object) *unstructured.Unstructured {
	b.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(base)
	if err != nil {
		b.Fatal(err)
	}
	delete(content, "status")
	return &unstructured.Unstructured{Object: content}
}

// BenchmarkLedger measures what the ledger's guard costs a write of a budget's
// status with as many entries as it takes, beside a copy without any rule.
//
//	go test ./internal/apitest -run '^$' -bench Ledger -benchtime 60x
func BenchmarkLedger(b *testing.B) {
	variants := []*variant{
		{name: "rules", group: v1alpha1.GroupVersion.Group},
		copyWithout(b, "recoverybudgets", "no-rules", everyRule),
	}
	c := planetest.Plane(b).Client()
	namespace := planetest.Namespace(b)
	budgets := map[string]*unstructured.Unstructured{}
	for _, v := range variants {
		budget := withoutStatus(b, fixture.Budget("ledger", "EUR", "1000.00"))
		budget.SetGroupVersionKind(schema.GroupVersionKind{Group: v.group, Version: v1alpha1.GroupVersion.Version, Kind: "RecoveryBudget"})
		budget.SetNamespace(namespace)
		if err := c.Create(b.Context(), budget); err != nil {
			b.Fatal(err)
		}
		budgets[v.name] = budget
	}
	sequence := int64(0)
	for b.Loop() {
		sequence++
		var entries []any
		for i := range 128 {
			// Each batch replaces the one before it: what was in flight came to nothing.
			entries = append(entries, flight(fmt.Sprintf("%08d-0000-4000-8000-%012d", sequence, i), "None", "Spent", 100))
		}
		patch := marshal(b, []op{write(sequence, list{sums(0, 0, 0)}, entries...)})
		for _, v := range variants {
			v.statuses = append(v.statuses, timed(b, func() error {
				return c.Status().Patch(b.Context(), budgets[v.name], client.RawPatch(types.JSONPatchType, patch))
			}))
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, v := range variants {
		b.ReportMetric(milliseconds(v.statuses), "status-ms/"+v.name)
	}
	b.ReportMetric(milliseconds(variants[0].statuses)/milliseconds(variants[1].statuses), "status-ratio/no-rules")
}

// typicalEntry is an entry as front-line staff write them: a completion, a promise,
// a task or a contact, with a sentence or two. From the 90th on it is a completion.
func typicalEntry(b *testing.B, i int) object {
	b.Helper()
	entry := fixture.Entry(v1alpha1.Name(fmt.Sprintf("entry-%d", i))).By("alice").
		RecordedAt(fixture.Instant("2026-10-02T08:20:00Z").Add(time.Duration(i) * time.Minute)).
		Note(strings.Repeat("The guest said it again. ", 5))
	switch {
	case i%4 == 0 || i >= 90:
		entry = entry.Completion("apologise").Reached("InPerson")
	case i%4 == 1:
		entry = entry.Promise("A dry towel at the lounger", "10m").Heard("Phone")
	case i%4 == 2:
		entry = entry.Task("Help", "Bring a dry towel", "10m")
	default:
		entry = entry.Reached("Phone")
	}
	built := entry.Build()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&built)
	if err != nil {
		b.Fatal(err)
	}
	return content
}

// appendOnlyRules holds for the two rules that make the journal append-only: of the
// list, that entries keep their place, and of an entry, that it is not edited.
func appendOnlyRules(rule apiextensionsv1.ValidationRule) bool {
	return strings.HasPrefix(rule.Message, appendOnly) || strings.HasPrefix(rule.Message, neverEdit)
}

// everyRule holds for every rule.
func everyRule(apiextensionsv1.ValidationRule) bool { return true }

// copyWithout installs a copy of a kind under another group, without the rules that
// drop holds for.
func copyWithout(b *testing.B, plural, name string, drop func(apiextensionsv1.ValidationRule) bool) *variant {
	b.Helper()
	p := planetest.Plane(b)
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := p.Client().Get(b.Context(), client.ObjectKey{Name: plural + "." + v1alpha1.GroupVersion.Group}, crd); err != nil {
		b.Fatal(err)
	}
	spec := crd.DeepCopy().Spec
	spec.Group = name + ".bench.amends.dev"
	spec.Names.Categories, spec.Names.ShortNames = nil, nil
	dropped := 0
	for i := range spec.Versions {
		dropped += dropRules(spec.Versions[i].Schema.OpenAPIV3Schema, drop)
	}
	if dropped == 0 {
		b.Fatalf("%s: no rule was dropped", name)
	}
	copied := &apiextensionsv1.CustomResourceDefinition{Spec: spec}
	copied.Name = plural + "." + spec.Group
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(copied)
	if err != nil {
		b.Fatal(err)
	}
	delete(content, "status")
	applied := &unstructured.Unstructured{Object: content}
	applied.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	if err := p.ApplyObjects(b.Context(), applied); err != nil {
		b.Fatal(err)
	}
	return &variant{name: name, group: spec.Group}
}

func dropRules(props *apiextensionsv1.JSONSchemaProps, drop func(apiextensionsv1.ValidationRule) bool) int {
	before := len(props.XValidations)
	props.XValidations = slices.DeleteFunc(props.XValidations, drop)
	dropped := before - len(props.XValidations)
	for name, property := range props.Properties {
		dropped += dropRules(&property, drop)
		props.Properties[name] = property
	}
	if props.Items != nil && props.Items.Schema != nil {
		dropped += dropRules(props.Items.Schema, drop)
	}
	if props.AdditionalProperties != nil && props.AdditionalProperties.Schema != nil {
		dropped += dropRules(props.AdditionalProperties.Schema, drop)
	}
	return dropped
}
