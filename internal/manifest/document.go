package manifest

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Position is a place in a file. Lines and columns count from 1.
type Position struct {
	File         string
	Line, Column int
}

// String is the position as compilers write it.
func (p Position) String() string {
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Document is one object of a file, or one JSON patch.
type Document struct {
	// File is the name of the file, as it was asked for.
	File string
	// APIVersion, Kind, Namespace and Name are what the object says of itself. A patch
	// says nothing.
	APIVersion, Kind, Namespace, Name string
	// Object is the object, with integers as int64; nil for a patch.
	Object map[string]any
	// Patch are the operations of a JSON patch; nil for an object.
	Patch []Operation

	root *yaml.Node
	// offset is the number of lines before the document.
	offset int
}

// Operation is one operation of a JSON patch.
type Operation struct {
	Op   string `json:"op"`
	Path string `json:"path"`
	// From is where move and copy take the value from.
	From  string `json:"from,omitempty"`
	Value any    `json:"value"`
}

// Ours says whether the object is of one of our kinds, in whatever version.
func (d *Document) Ours() bool {
	group, _, _ := strings.Cut(d.APIVersion, "/")
	return group == v1alpha1.GroupVersion.Group
}

// Known says whether the object is of a kind and version that this program knows.
func (d *Document) Known() bool {
	return d.APIVersion == v1alpha1.GroupVersion.String() && knownKind(d.Kind)
}

// Into decodes the object into a typed one.
func (d *Document) Into(object any) error {
	data, err := json.Marshal(d.Object)
	if err != nil {
		return fmt.Errorf("%s: %w", d.File, err)
	}
	if err := json.Unmarshal(data, object); err != nil {
		return fmt.Errorf("%s: %s %s: %w", d.File, d.Kind, d.Name, err)
	}
	return nil
}

// describe takes what the object says of itself.
func (d *Document) describe() {
	d.APIVersion, d.Kind = text(d.Object, "apiVersion"), text(d.Object, "kind")
	meta, _ := d.Object["metadata"].(map[string]any)
	d.Namespace, d.Name = text(meta, "namespace"), text(meta, "name")
}

// text is a field that is a text; empty where it is none.
func text(from map[string]any, key string) string {
	s, _ := from[key].(string)
	return s
}
