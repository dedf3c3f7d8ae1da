package admissiontest

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// The most that the API server lets a rule, and all rules of a kind together, cost by
// its estimate of the worst object.
const (
	ruleLimit = 10_000_000
	kindLimit = 100_000_000
)

// Whatever a tenant writes has an end: each text, list and map of the kinds is bounded.
func TestEverythingIsBounded(t *testing.T) {
	t.Parallel()
	for kind, root := range schemas(t) {
		for path, s := range nodes("", root) {
			if unbounded := unboundedBy(s); unbounded != "" {
				t.Errorf("%s%s has no %s", kind, path, unbounded)
			}
		}
	}
}

// unboundedBy says which bound a node lacks.
func unboundedBy(s *apiextensionsv1.JSONSchemaProps) string {
	switch {
	case s.Type == "string" && s.MaxLength == nil && len(s.Enum) == 0 && s.Format != "date-time":
		return "maxLength"
	case s.Type == "array" && s.MaxItems == nil:
		return "maxItems"
	case s.AdditionalProperties != nil && s.MaxProperties == nil:
		return "maxProperties"
	case s.XPreserveUnknownFields != nil && *s.XPreserveUnknownFields:
		return "schema"
	}
	return ""
}

// The rules of each kind cost a quarter of what the API server allows, at most, by its own
// estimate of the worst object; the dearest are told with -v.
func TestRulesCostWhatTheyMay(t *testing.T) {
	t.Parallel()
	env := environment.MustBaseEnvSet(version.MajorMinor(1, 33))
	for kind, root := range schemas(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			total, dearest, at := uint64(0), uint64(0), ""
			for path, cost := range costs(t, env, root) {
				total += cost
				if cost > dearest {
					dearest, at = cost, path
				}
				if cost > ruleLimit/4 {
					t.Errorf("%s costs %d, more than a quarter of %d", path, cost, ruleLimit)
				}
			}
			if total > kindLimit/4 {
				t.Errorf("all rules together cost %d, more than a quarter of %d", total, kindLimit)
			}
			t.Logf("all rules %.1f %% of the limit; the dearest, %s, %.1f %%", percent(total, kindLimit), at, percent(dearest, ruleLimit))
		})
	}
}

func percent(part, whole uint64) float64 { return 100 * float64(part) / float64(whole) }

// costs are the estimated costs of each rule of a schema.
func costs(t *testing.T, env *environment.EnvSet, root *apiextensionsv1.JSONSchemaProps) map[string]uint64 {
	t.Helper()
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(root, internal, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := schema.NewStructural(internal)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]uint64{}
	var walk func(path string, s *schema.Structural, times uint64, top bool)
	walk = func(path string, s *schema.Structural, times uint64, top bool) {
		results, err := cel.Compile(s, model.SchemaDeclType(s, top), celconfig.PerCallLimit, env, cel.NewExpressionsEnvLoader())
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			if r.Error != nil {
				t.Errorf("rule %d of %s: %v", i, path, r.Error)
			}
			out[fmt.Sprintf("rule %d of %s", i, path)] = r.MaxCost * times
		}
		for name := range s.Properties {
			child := s.Properties[name]
			walk(path+"."+name, &child, times, false)
		}
		if s.Items != nil {
			walk(path+"[]", s.Items, times*uint64(*s.ValueValidation.MaxItems), false) //nolint:gosec // a bound is above zero
		}
	}
	walk("", structural, 1, true)
	return out
}

// schemas are the schemas of the kinds, by their names.
func schemas(t *testing.T) map[string]*apiextensionsv1.JSONSchemaProps {
	t.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) != 5 {
		t.Fatalf("%d kinds, want five: %v", len(files), err)
	}
	out := map[string]*apiextensionsv1.JSONSchemaProps{}
	for _, file := range files {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(readFile(t, file), crd); err != nil {
			t.Fatal(err)
		}
		for _, v := range crd.Spec.Versions {
			out[crd.Spec.Names.Kind] = v.Schema.OpenAPIV3Schema
		}
	}
	return out
}

// nodes are all nodes of a schema below spec and status, by their paths.
func nodes(path string, s *apiextensionsv1.JSONSchemaProps) map[string]*apiextensionsv1.JSONSchemaProps {
	out := map[string]*apiextensionsv1.JSONSchemaProps{}
	if path != "" {
		out[path] = s
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if path == "" && name != "spec" && name != "status" {
			continue // the API server's own
		}
		child := s.Properties[name]
		maps.Copy(out, nodes(path+"."+name, &child))
	}
	if s.Items != nil && s.Items.Schema != nil {
		maps.Copy(out, nodes(path+"[]", s.Items.Schema))
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		maps.Copy(out, nodes(path+"{}", s.AdditionalProperties.Schema))
	}
	return out
}
