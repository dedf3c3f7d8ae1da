package manifest

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/config/crd"
)

// kind is what this version knows of a kind.
type kind struct {
	name       string
	structural *schema.Structural
	schema     validation.SchemaValidator
	rules      func() *schemacel.Validator
}

// kinds are ours, by name. They are read once.
var kinds = sync.OnceValues(func() (map[string]*kind, error) {
	files, err := fs.Glob(crd.Bases, "bases/*.yaml")
	if err != nil {
		return nil, err
	}
	out := map[string]*kind{}
	for _, file := range files {
		data, err := crd.Bases.ReadFile(file)
		if err != nil {
			return nil, err
		}
		k, err := readKind(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out[k.name] = k
	}
	return out, nil
})

func readKind(data []byte) (*kind, error) {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(data, &definition); err != nil {
		return nil, err
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(definition.Spec.Versions[0].Schema.OpenAPIV3Schema, &internal, nil); err != nil {
		return nil, err
	}
	structural, err := schema.NewStructural(&internal)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		return nil, err
	}
	return &kind{
		name: definition.Spec.Names.Kind, structural: structural, schema: validator,
		rules: sync.OnceValue(func() *schemacel.Validator {
			return schemacel.NewValidator(structural, true, cel.PerCallLimit)
		}),
	}, nil
}

// KindNames are the kinds that this version knows, for a message.
func KindNames() string {
	all, err := kinds()
	if err != nil {
		return ""
	}
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// KindsWith are the kinds that have the field of the spec that a JSON pointer leads into,
// sorted; none where it does not lead into the spec, or into no field of any kind.
func KindsWith(pointer string) []string {
	all, err := kinds()
	below, inSpec := strings.CutPrefix(pointer, "/spec/")
	if err != nil || !inSpec {
		return nil
	}
	field, _, _ := strings.Cut(below, "/")
	var out []string
	for name, k := range all {
		spec := k.structural.Properties["spec"]
		if _, ok := spec.Properties[field]; ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func knownKind(name string) bool {
	all, err := kinds()
	return err == nil && all[name] != nil
}

// Unknown are the paths of fields that the kind does not have. The API server prunes
// them, with a warning that is easily missed.
func (d *Document) Unknown() ([]string, error) {
	k, err := kindOf(d)
	if err != nil {
		return nil, err
	}
	copied := runtime.DeepCopyJSON(d.Object)
	unknown := pruning.PruneWithOptions(copied, k.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	slices.Sort(unknown)
	return unknown, nil
}

// Fields are the fields that stand beside the one at a path in the schema, sorted.
func (d *Document) Fields(path string) []string {
	k, err := kindOf(d)
	if err != nil {
		return nil
	}
	at := k.structural
	all := parts(path)
	for i := range all {
		if i == len(all)-1 {
			break
		}
		switch {
		case at.Items != nil:
			at = at.Items
		case at.AdditionalProperties != nil:
			at = at.AdditionalProperties.Structural
		default:
			next, ok := at.Properties[all[i]]
			if !ok {
				return nil
			}
			at = &next
		}
		if at == nil {
			return nil
		}
	}
	var out []string
	for name := range at.Properties {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func kindOf(d *Document) (*kind, error) {
	all, err := kinds()
	if err != nil {
		return nil, err
	}
	k := all[d.Kind]
	if k == nil {
		return nil, fmt.Errorf("%s is none of %s", d.Kind, KindNames())
	}
	return k, nil
}

// Schema is what the schema says against the object: types, required fields, patterns,
// bounds, doubles in lists.
func (d *Document) Schema() (field.ErrorList, error) {
	k, err := kindOf(d)
	if err != nil {
		return nil, err
	}
	out := d.meta()
	out = append(out, validation.ValidateCustomResource(nil, d.Object, k.schema)...)
	return append(out, listtype.ValidateListSetsAndMaps(nil, k.structural, d.Object)...), nil
}

// meta checks the names of the object.
func (d *Document) meta() field.ErrorList {
	meta, _ := d.Object["metadata"].(map[string]any)
	at := field.NewPath("metadata", "name")
	generated, _ := meta["generateName"].(string)
	if d.Name == "" && generated == "" {
		return field.ErrorList{field.Required(at, "every object has a name")}
	}
	var out field.ErrorList
	if d.Name != "" {
		for _, wrong := range apivalidation.NameIsDNSSubdomain(d.Name, false) {
			out = append(out, field.Invalid(at, d.Name, wrong))
		}
	}
	if generated != "" {
		for _, wrong := range apivalidation.NameIsDNSSubdomain(generated, true) {
			out = append(out, field.Invalid(field.NewPath("metadata", "generateName"), generated, wrong))
		}
	}
	if d.Namespace != "" {
		for _, wrong := range apivalidation.ValidateNamespaceName(d.Namespace, false) {
			out = append(out, field.Invalid(field.NewPath("metadata", "namespace"), d.Namespace, wrong))
		}
	}
	return out
}

// Rules is what the rules (CEL) say against the creation of the object. Where the schema
// says something against a part of it, only rules about other parts mean anything.
func (d *Document) Rules(ctx context.Context) (field.ErrorList, error) {
	k, err := kindOf(d)
	if err != nil {
		return nil, err
	}
	rules := k.rules()
	if rules == nil {
		return nil, nil
	}
	out, _ := rules.Validate(ctx, nil, k.structural, d.named(), nil, cel.RuntimeCELCostBudget)
	return out, nil
}

// named is the object with the name that the API server would make of generateName
// before it looks at the rules.
func (d *Document) named() map[string]any {
	meta, _ := d.Object["metadata"].(map[string]any)
	base, _ := meta["generateName"].(string)
	if d.Name != "" || meta["name"] != nil || base == "" {
		return d.Object
	}
	out, named := maps.Clone(d.Object), maps.Clone(meta)
	named["name"] = base + "x7x7x"
	out["metadata"] = named
	return out
}

// Validate is what the API server would say against an object of one of our kinds that
// is created, or that takes the place of an old one.
func Validate(ctx context.Context, kindName string, object, old map[string]any) (field.ErrorList, error) {
	d := &Document{Object: object}
	d.describe()
	d.Kind = kindName
	k, err := kindOf(d)
	if err != nil {
		return nil, err
	}
	if wrong, err := d.Schema(); err != nil || len(wrong) > 0 {
		return wrong, err
	}
	rules := k.rules()
	if rules == nil {
		return nil, nil
	}
	var before any
	if old != nil {
		before = old
	}
	out, _ := rules.Validate(ctx, nil, k.structural, object, before, cel.RuntimeCELCostBudget)
	return out, nil
}
