package manifest

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// At is where the value of a field stands; of a field that is not there, where the
// deepest part of its path that is there stands. A path is written as the API server
// writes it: spec.steps[2].due.within. In brackets may also stand the name of an element.
// What begins on the line after its name stands where the name does.
func (d *Document) At(path string) Position {
	key, value := d.find(path)
	if key != nil && value.Line != key.Line {
		value = key
	}
	return d.position(value)
}

// AtKey is where the name of a field stands, as At.
func (d *Document) AtKey(path string) Position {
	key, value := d.find(path)
	if key == nil {
		key = value
	}
	return d.position(key)
}

func (d *Document) position(n *yaml.Node) Position {
	if n == nil {
		return Position{File: d.File, Line: d.offset + 1, Column: 1}
	}
	return Position{File: d.File, Line: n.Line + d.offset, Column: n.Column}
}

// find is the deepest node of a path that is there, and the node of its name, if it has
// one.
func (d *Document) find(path string) (key, value *yaml.Node) {
	value = d.root
	for _, part := range parts(path) {
		k, v := child(value, part)
		if v == nil {
			break
		}
		key, value = k, v
	}
	return key, value
}

// parts takes a path apart at its dots and brackets.
func parts(path string) []string {
	var out []string
	for path != "" {
		switch path[0] {
		case '.':
			path = path[1:]
		case '[':
			end := strings.IndexByte(path, ']')
			if end < 0 {
				return append(out, path[1:])
			}
			out = append(out, strings.Trim(path[1:end], `"`))
			path = path[end+1:]
		default:
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			out = append(out, path[:end])
			path = path[end:]
		}
	}
	return out
}

// listKeys are the fields by which the elements of our lists are told apart.
var listKeys = []string{"name", "severity", "reason", "level", "id", "type", "uid", "start"}

// child is the field of a mapping or the element of a sequence, or nil.
func child(n *yaml.Node, part string) (key, value *yaml.Node) {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == part {
				return n.Content[i], n.Content[i+1]
			}
		}
	case n.Kind == yaml.SequenceNode:
		if i, err := strconv.Atoi(part); err == nil {
			if i >= 0 && i < len(n.Content) {
				return nil, n.Content[i]
			}
			return nil, nil
		}
		for _, element := range n.Content {
			for _, k := range listKeys {
				if _, v := child(element, k); v != nil && v.Value == part {
					return nil, element
				}
			}
		}
	}
	return nil, nil
}
