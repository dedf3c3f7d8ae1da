package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// output says in which form a command answers.
type output struct {
	format  string
	allowed []string
}

// add adds the flag -o with the forms that the command has, beside its own.
func (o *output) add(f *Factory, c *cobra.Command, allowed ...string) {
	o.allowed = allowed
	c.Flags().StringVarP(&o.format, "output", "o", "", "form of the answer: "+strings.Join(allowed, ", "))
	f.completeWords(c, "output", allowed)
}

func (o *output) check() error {
	if o.format != "" && !slices.Contains(o.allowed, o.format) {
		return usageError{fmt.Errorf("-o %q: it is one of %s", o.format, strings.Join(o.allowed, ", "))}
	}
	return nil
}

// data says that the answer is for programs.
func (o *output) data() bool { return o.format == "yaml" || o.format == "json" || o.format == "name" }

// show writes an object for programs.
func (f *Factory) show(format string, object client.Object) error {
	if format == "name" {
		kind, err := kindOf(object)
		if err != nil {
			return err
		}
		return f.print(strings.ToLower(kind) + "." + v1alpha1.GroupVersion.Group + "/" + object.GetName())
	}
	bare, ok := object.DeepCopyObject().(client.Object)
	if !ok {
		return fmt.Errorf("%T cannot be shown", object)
	}
	bare.SetManagedFields(nil)
	kind, err := kindOf(bare)
	if err != nil {
		return err
	}
	bare.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	return f.marshal(format, bare)
}

// showAll writes a list of objects for programs.
func (f *Factory) showAll(format string, list client.ObjectList) error {
	items, err := apimeta.ExtractList(list)
	if err != nil {
		return err
	}
	whole := struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        struct{} `json:"metadata"`
		Items           []any    `json:"items"`
	}{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "List"}, Items: []any{}}
	for _, item := range items {
		object, ok := item.(client.Object)
		if !ok {
			continue
		}
		if format == "name" {
			if err := f.show(format, object); err != nil {
				return err
			}
			continue
		}
		kind, err := kindOf(object)
		if err != nil {
			return err
		}
		object.SetManagedFields(nil)
		object.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
		whole.Items = append(whole.Items, object)
	}
	if format == "name" {
		return nil
	}
	return f.marshal(format, whole)
}

// marshal writes anything as YAML or JSON.
func (f *Factory) marshal(format string, value any) error {
	var out []byte
	var err error
	if format == "json" {
		out, err = json.MarshalIndent(value, "", "    ")
		out = append(out, '\n')
	} else {
		out, err = yaml.Marshal(value)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", format, err)
	}
	_, err = f.Out.Write(out)
	return err
}

// kindOf is the kind of an object of ours.
func kindOf(object runtime.Object) (string, error) {
	switch object.(type) {
	case *v1alpha1.Incident:
		return "Incident", nil
	case *v1alpha1.Compensation:
		return "Compensation", nil
	}
	return "", fmt.Errorf("%T cannot be shown", object)
}
