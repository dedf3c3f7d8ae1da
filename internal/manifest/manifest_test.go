package manifest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
)

const two = `# A comment, and then nothing.
---
# another one
apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryPolicy
metadata:
  name: desk
spec:
  selector:
    matchLabels: {recovery.amends.dev/site: bar}
  steps:
  - name: apologise
    type: Apology
    due: {within: 10m}
--- # the second
{"apiVersion": "recovery.amends.dev/v1alpha1", "kind": "RecoveryBudget",
 "metadata": {"name": "desk"}, "spec": {"allowances": [{"name": "frontline",
   "perIncident": "1.00"}]}}
---
`

func TestPositions(t *testing.T) {
	t.Parallel()
	docs, bad := Parse("two.yaml", []byte(two))
	if len(docs) != 2 || len(bad) > 0 {
		t.Fatal(len(docs), bad)
	}
	for _, c := range []struct {
		doc  int
		path string
		want string
	}{
		{0, "kind", "two.yaml:5:7"},
		{0, "spec.steps[0].due.within", "two.yaml:14:19"},
		{0, "spec.steps[apologise].type", "two.yaml:13:11"},
		{0, "spec.steps[0].due.businessDays", "two.yaml:14:10"},
		{0, "spec.selector.matchLabels[recovery.amends.dev/site]", "two.yaml:10:45"},
		{0, "spec.steps[7].due", "two.yaml:11:3"},
		{0, "spec.nothing.here", "two.yaml:8:1"},
		{0, "", "two.yaml:4:1"},
		{1, "spec.allowances[frontline].perIncident", "two.yaml:18:19"},
		{1, "kind", "two.yaml:16:56"},
	} {
		if got := docs[c.doc].At(c.path).String(); got != c.want {
			t.Errorf("%s of document %d stands at %s, want %s", c.path, c.doc, got, c.want)
		}
	}
	if got := docs[0].AtKey("spec.steps[0].due").String(); got != "two.yaml:14:5" {
		t.Errorf("the name due stands at %s", got)
	}
}

// utf16 is what is said of text in UTF-16.
const utf16 = "x:1:1: this is UTF-16; a manifest is UTF-8: save it anew as UTF-8 (in PowerShell: Out-File -Encoding utf8)"

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, want string
	}{
		"a tab":                    {"a: b\n\tc: d\n", "x:2:1: found a tab character that violates indentation"},
		"an open bracket":          {"a: b\nc: {d: e\n", "x:2:1: did not find expected ',' or '}'"},
		"twice the same":           {"a: b\nc: d\na: e\n", `x:3:1: key "a" already set in map`},
		"a text":                   {"---\nhello\n", "x:1:1: neither an object nor a JSON patch stands here"},
		"a list of something else": {"- a\n", "x:1:1: a list stands here; a document is an object, or a JSON patch"},
		"the second one":           {"a: b\n---\nc: {\n", "x:3:1: did not find expected node content"},
		"the second one, marked":   {"\ufeffa: b\n---\nc: {\n", "x:3:1: did not find expected node content"},
		"a mark of UTF-16 alone":   {"\xff\xfe", utf16},
		"UTF-16":                   {"\xff\xfek\x00:\x00 \x00A\x00", utf16},
		"UTF-16, big-endian":       {"\xfe\xff\x00k\x00:\x00 \x00A", utf16},
		"UTF-16 without a mark":    {"k\x00:\x00 \x00A\x00", utf16},
		"nothing but null":         {"null\n", "x:1:1: neither an object nor a JSON patch stands here"},
		"an item that is none":     {"kind: List\nitems:\n- {kind: A}\n- 1\n", "x:4:3: items[1] is no object"},
		"an item of no kind":       {"kind: List\nitems:\n- metadata: {name: a}\n", "x:3:3: items[0] has no kind"},
		"no apiVersion":            {"# of what?\nkind: Incident\n", "x:2:1: this Incident has no apiVersion: write apiVersion: recovery.amends.dev/v1alpha1"},
		"an item, no apiVersion":   {"kind: List\nitems:\n- kind: A\n- kind: Incident\n", "x:4:3: this Incident has no apiVersion: write apiVersion: recovery.amends.dev/v1alpha1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, bad := Parse("x", []byte(c.text))
			if len(bad) != 1 || bad[0].Error() != c.want {
				t.Errorf("%v, want %s", bad, c.want)
			}
		})
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":        {"# only a comment\n---\n...\n", nil},
		"one":            {"kind: A\nmetadata: {name: x, namespace: ns}\n", []string{"A ns/x"}},
		"windows":        {"kind: A\r\n---\r\nkind: B\r\n", []string{"A /", "B /"}},
		"a list":         {"kind: List\nitems:\n- {kind: A, metadata: {name: x}}\n- {kind: B}\n", []string{"A /x", "B /"}},
		"a typed list":   {"apiVersion: v\nkind: AList\nitems:\n- {metadata: {name: x}}\n", []string{"A /x"}},
		"a patch":        {`[{"op": "add", "path": "/spec/x", "value": 1}]`, []string{"patch"}},
		"an empty value": {"kind: A\nmetadata:\n", []string{"A /"}},

		"a mark alone":              {"\ufeff", nil},
		"two marks alone":           {"\ufeff\ufeff", nil},
		"a mark and a comment":      {"\ufeff# of the house\n---\nkind: A\n", []string{"A /"}},
		"a mark and a separator":    {"\ufeff---\nkind: A\n", []string{"A /"}},
		"a mark and separators":     {"\ufeff---\n---\nkind: A\n", []string{"A /"}},
		"marked files, joined":      {"\ufeffkind: A\n\ufeff---\nkind: B\n---\n\ufeffkind: C\n", []string{"A /", "B /", "C /"}},
		"one separator too many":    {"kind: A\n---\n---\n---\nkind: B\n---\n---\n", []string{"A /", "B /"}},
		"an end and a further one":  {"kind: A\n...\nkind: B\n... # the end\n", []string{"A /", "B /"}},
		"a directive":               {"%YAML 1.2\n---\nkind: A\n", []string{"A /"}},
		"an empty list":             {"kind: AList\nitems: []\n", nil},
		"a list of nothing":         {"kind: AList\nitems: null\n", nil},
		"a list of another kind":    {"apiVersion: v\nkind: AList\nitems:\n- {apiVersion: w, kind: B}\n- {kind: C}\n", []string{"B /", "C /"}},
		"a list in a list":          {"kind: List\nitems:\n- {kind: AList, items: [{metadata: {name: x}}]}\n- {kind: B}\n", []string{"A /x", "B /"}},
		"items that are no list":    {"kind: ShoppingList\nitems: {milk: 1}\n", []string{"ShoppingList /"}},
		"an item of a list of ours": {"apiVersion: recovery.amends.dev/v1alpha1\nkind: IncidentList\nitems:\n- {kind: Incident, metadata: {name: x}}\n", []string{"Incident /x, known"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			docs, bad := Parse("x", []byte(c.text))
			if len(bad) > 0 {
				t.Fatal(bad)
			}
			var got []string
			for _, d := range docs {
				if d.Patch != nil {
					got = append(got, "patch")
					continue
				}
				line := d.Kind + " " + d.Namespace + "/" + d.Name
				if d.Known() {
					line += ", known"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.yaml": "kind: B", "a/a.yml": "kind: A", "c.json": `{"kind": "C"}`, "d.txt": "kind: D", ".hidden/e.yaml": "kind: E", ".f.yaml": "kind: F",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	docs, bad, err := Load([]string{dir, Stdin}, strings.NewReader("kind: G"))
	if err != nil || len(bad) > 0 {
		t.Fatal(bad, err)
	}
	var got []string
	for _, d := range docs {
		got = append(got, d.Kind)
	}
	if diff := cmp.Diff([]string{"A", "B", "C", "G"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if docs, bad, err := Load([]string{link}, nil); len(docs) != 3 || len(bad) > 0 || err != nil || docs[0].File != filepath.Join(link, "a", "a.yml") {
		t.Errorf("through a link: %d documents, %v, %v", len(docs), bad, err)
	}
	if _, _, err := Load([]string{Stdin}, nil); err == nil {
		t.Error("it reads where there is nothing to read")
	}
}

func TestInto(t *testing.T) {
	t.Parallel()
	docs, _ := Parse("two.yaml", []byte(two))
	var p v1alpha1.RecoveryPolicy
	if err := docs[0].Into(&p); err != nil || p.Spec.Steps[0].Due.Within != "10m" {
		t.Error(p, err)
	}
}

// TestValidate asks for a change that only the old object makes wrong.
func TestValidate(t *testing.T) {
	t.Parallel()
	object := func(currency string) map[string]any {
		docs, _ := Parse("x", []byte("apiVersion: recovery.amends.dev/v1alpha1\nkind: RecoveryBudget\nmetadata: {name: x}\nspec:\n  currency: "+currency+
			"\n  timeZone: UTC\n  pool: {period: Year, amount: \"1\"}\n"))
		return docs[0].Object
	}
	for name, c := range map[string]struct {
		old, next map[string]any
		wrong     bool
	}{
		"created":     {nil, object("EUR"), false},
		"the same":    {object("EUR"), object("EUR"), false},
		"immutable":   {object("EUR"), object("USD"), true},
		"not allowed": {nil, object("euro"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong, err := Validate(context.Background(), "RecoveryBudget", c.next, c.old)
			if err != nil || (len(wrong) > 0) != c.wrong {
				t.Error(wrong, err)
			}
		})
	}
}

// FuzzParse looks for input that takes the reader down, and asks every document that it
// finds where things stand.
func FuzzParse(f *testing.F) {
	f.Add(two)
	f.Add(`[{"op": "add", "path": "/spec/journal/-", "value": {"id": "a"}}]`)
	f.Add("kind: List\nitems: [{kind: A}, 1]\n")
	f.Add("a: &x {b: c}\nd: *x\n")
	f.Add("\ufeff")
	f.Add("\ufeff# a comment\n---\nkind: A\n")
	f.Add("kind: A\n\ufeff---\n\ufeff# a comment\n...\n")
	f.Add("\xff\xfe")
	f.Add("\xfe\xff\x00a")
	f.Add("%YAML 1.2\n---\n--- {kind: AList, items: [{kind: BList, items: [{}]}, null]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		docs, _ := Parse("x", []byte(text))
		for _, d := range docs {
			if p := d.At("spec.steps[0].due"); p.Line < 1 {
				t.Errorf("line %d", p.Line)
			}
			_ = d.AtKey("metadata.name")
			_ = d.Fields("spec.steps[0].due")
			if d.Known() {
				if _, err := d.Schema(); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
