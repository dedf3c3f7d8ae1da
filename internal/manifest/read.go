package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// maxFile bounds a file: what is larger is no manifest of ours.
const maxFile = 16 << 20

// Stdin is the name under which the standard input is asked for.
const Stdin = "-"

// Unreadable is a document, or a file, that is no YAML or JSON object.
type Unreadable struct {
	Position
	Message string
}

// Error is the position and the message.
func (u *Unreadable) Error() string { return u.String() + ": " + u.Message }

// Load reads files, folders with all that is below them, and the standard input. It
// goes on where a document cannot be read and tells of it; the error is of what cannot
// be opened at all.
func Load(names []string, stdin io.Reader) (docs []*Document, bad []*Unreadable, err error) {
	for _, name := range names {
		files, err := expand(name)
		if err != nil {
			return nil, nil, err
		}
		for _, file := range files {
			data, err := contents(file, stdin)
			if err != nil {
				return nil, nil, err
			}
			d, b := Parse(file, data)
			docs, bad = append(docs, d...), append(bad, b...)
		}
	}
	return docs, bad, nil
}

// expand lists the files of a folder, in the order of their names. Hidden ones are not
// manifests.
func expand(name string) ([]string, error) {
	if name == Stdin {
		return []string{name}, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	var out []string
	root := filepath.Clean(name) + string(filepath.Separator) // With it, a link to a folder is one, too.
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := path != root && strings.HasPrefix(e.Name(), ".")
		switch {
		case hidden && e.IsDir():
			return filepath.SkipDir
		case hidden || e.IsDir():
		case slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)):
			out = append(out, path)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("there is no .yaml, .yml or .json file in %s", name)
	}
	return out, err
}

func contents(file string, stdin io.Reader) ([]byte, error) {
	from := stdin
	if file != Stdin {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		from = f
	}
	if from == nil {
		return nil, errors.New("there is no standard input")
	}
	data, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB", file, maxFile>>20)
	}
	return data, nil
}

// separator ends a document of a YAML file, and may begin a further one.
var separator = regexp.MustCompile(`(?m)^(?:---|\.\.\.)(?:[ \t\r].*)?$`)

// Parse reads the documents of a file.
func Parse(file string, data []byte) (docs []*Document, bad []*Unreadable) {
	if isUTF16(data) {
		message := "this is UTF-16; a manifest is UTF-8: save it anew as UTF-8 (in PowerShell: Out-File -Encoding utf8)"
		return nil, []*Unreadable{{Position: Position{File: file, Line: 1, Column: 1}, Message: message}}
	}
	data, start := unmarked(data), 0
	for _, at := range append(separator.FindAllIndex(data, -1), []int{len(data), len(data)}) {
		part := data[start:at[0]]
		offset := bytes.Count(data[:start], []byte("\n"))
		start = min(at[0]+len("---"), len(data)) // What follows on the line belongs to the document.
		if blank(part) {
			continue
		}
		d, b := parse(file, part, offset)
		docs, bad = append(docs, d...), append(bad, b...)
	}
	return docs, bad
}

// isUTF16 knows the encoding by its mark, or by the zero in its first character: text in
// UTF-8 has neither.
func isUTF16(data []byte) bool {
	marked := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
	return marked || bytes.IndexByte(data[:min(len(data), 2)], 0) >= 0
}

// unmarked cuts off the marks that some editors put before UTF-8. Where files were joined,
// they stand within.
func unmarked(data []byte) []byte {
	const mark = "\ufeff"
	return bytes.ReplaceAll(bytes.TrimPrefix(data, []byte(mark)), []byte("\n"+mark), []byte("\n"))
}

// blank says whether there is nothing but space, comments and directives.
func blank(part []byte) bool {
	for line := range bytes.Lines(part) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

func parse(file string, part []byte, offset int) ([]*Document, []*Unreadable) {
	last := offset + bytes.Count(bytes.TrimRight(part, " \t\r\n"), []byte("\n")) + 1
	fail := func(err error) []*Unreadable { return []*Unreadable{unreadable(file, offset, last, err)} }
	var node yaml.Node
	if err := yaml.Unmarshal(part, &node); err != nil {
		return nil, fail(err)
	}
	if len(node.Content) == 0 {
		return nil, nil
	}
	asJSON, err := sigsyaml.YAMLToJSONStrict(part)
	if err != nil {
		return nil, fail(err)
	}
	var value any
	if err := utiljson.Unmarshal(asJSON, &value); err != nil {
		return nil, fail(err)
	}
	d := &Document{File: file, root: node.Content[0], offset: offset}
	switch value := value.(type) {
	case map[string]any:
		d.Object = value
		d.describe()
		return d.objects()
	case []any:
		if err := utiljson.Unmarshal(asJSON, &d.Patch); err != nil || !d.isPatch() {
			return nil, fail(errors.New("a list stands here; a document is an object, or a JSON patch"))
		}
		return []*Document{d}, nil
	}
	return nil, fail(errors.New("neither an object nor a JSON patch stands here"))
}

// isPatch says whether every element is an operation on a path.
func (d *Document) isPatch() bool {
	return len(d.Patch) > 0 && !slices.ContainsFunc(d.Patch, func(o Operation) bool {
		return o.Op == "" || !strings.HasPrefix(o.Path, "/")
	})
}

// objects are those of a list, as kubectl get writes one, or the object itself. What would
// be left out without a word, because nobody could tell what it is, is unreadable.
func (d *Document) objects() ([]*Document, []*Unreadable) {
	items, given := d.Object["items"]
	list, isList := items.([]any)
	switch {
	case given && (isList || items == nil) && strings.HasSuffix(d.Kind, "List"):
		return d.items(list)
	case d.APIVersion == "" && knownKind(d.Kind):
		return nil, d.bad("", "this %s has no apiVersion: write apiVersion: %s", d.Kind, v1alpha1.GroupVersion)
	}
	return []*Document{d}, nil
}

// items are the objects of a list. A list of one kind says for its items what they do not
// say themselves.
func (d *Document) items(list []any) (docs []*Document, bad []*Unreadable) {
	_, root := child(d.root, "items")
	kind := strings.TrimSuffix(d.Kind, "List")
	for i, item := range list {
		at := strconv.Itoa(i)
		object, ok := item.(map[string]any)
		if !ok {
			bad = append(bad, d.bad("items["+at+"]", "items[%d] is no object", i)...)
			continue
		}
		if text(object, "kind") == "" && kind != "" {
			object["kind"] = kind
		}
		if text(object, "apiVersion") == "" && kind != "" {
			object["apiVersion"] = d.APIVersion
		}
		_, node := child(root, at)
		each := &Document{File: d.File, Object: object, root: node, offset: d.offset}
		if each.describe(); each.Kind == "" {
			bad = append(bad, d.bad("items["+at+"]", "items[%d] has no kind", i)...)
			continue
		}
		more, wrong := each.objects()
		docs, bad = append(docs, more...), append(bad, wrong...)
	}
	return docs, bad
}

// bad says what is wrong at a path.
func (d *Document) bad(path, format string, args ...any) []*Unreadable {
	return []*Unreadable{{Position: d.At(path), Message: fmt.Sprintf(format, args...)}}
}

// lineOf finds the line that a YAML error tells of.
var lineOf = regexp.MustCompile(`line (\d+)(: )?`)

// unreadable tells of an error, at the line of the file that it tells of. What is missing
// at the end is missing in the last line.
func unreadable(file string, offset, last int, err error) *Unreadable {
	out := &Unreadable{Position: Position{File: file, Line: offset + 1, Column: 1}}
	text := strings.Join(strings.Fields(err.Error()), " ")
	if at := lineOf.FindStringSubmatch(text); at != nil {
		n, _ := strconv.Atoi(at[1])
		if strings.Contains(text, "did not find expected") {
			n++ // The parser counts these from 0.
		}
		out.Line = min(max(1, n)+offset, last)
		text = strings.Replace(text, at[0], "", 1)
	}
	for _, noise := range []string{"error converting YAML to JSON: ", "yaml: ", "unmarshal errors: "} {
		text = strings.ReplaceAll(text, noise, "")
	}
	out.Message = text
	return out
}
