package lint

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/amends-dev/amends/internal/manifest"
)

// Mistakes that have nothing to do with each other are told together, whichever part of
// the check finds them.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	docs, bad := manifest.Parse("a.yaml", []byte(`apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryPolicy
metadata: {name: a}
spec:
  priority: high
  selctor: {severities: [Low]}
  steps:
  - {name: apologise, type: Apology, due: {within: 1d}}
  - {name: call, type: FollowUp, due: {within: 1h}}
  - {name: review, type: Review, due: {within: 1h, businessDays: 2}}
`))
	got, err := Run(context.Background(), docs, bad, Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range got {
		said = append(said, itoa(f.Line)+" "+f.Rule)
	}
	want := []string{"5 wrong-type", "6 unknown-field", "8 invalid-value", "9 rule-broken", "10 rule-broken"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("(-want +got):\n%s\n%v", diff, got)
	}
}

// A value of the wrong type, in any field that the samples have, is told at its place, and nothing
// is told elsewhere that only follows from it.
func TestWrongTypesAnywhere(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../config/samples/*/[1-9]*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	docs, _, err := manifest.Load(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, d := range docs {
		if !d.Known() {
			continue
		}
		whole := runtime.DeepCopyJSON(d.Object)
		spoilEach(d.Object["spec"], "spec", func(path string) {
			field := d.Kind + itemPlace.ReplaceAllString(path, "")
			if tried[field] {
				return
			}
			tried[field] = true
			got, err := Run(context.Background(), []*manifest.Document{d}, nil, Options{Now: now})
			if err != nil {
				t.Fatalf("%s %s: %v", d.File, path, err)
			}
			if len(got) == 0 {
				t.Errorf("%s: nothing is told of %s", d.File, path)
			}
			for _, f := range got {
				if !within(f.Field, path) && !within(path, f.Field) {
					t.Errorf("%s: %s is wrong, and this is told: %s", d.File, path, f)
				}
			}
		})
		if diff := cmp.Diff(whole, d.Object); diff != "" {
			t.Fatalf("the test leaves %s changed:\n%s", d.File, diff)
		}
	}
	if len(tried) < 100 {
		t.Errorf("only %d fields were tried", len(tried))
	}
}

// itemPlace is the place of an item of a list: the items of a list are alike.
var itemPlace = regexp.MustCompile(`\[[0-9]+\]`)

// spoilEach puts a value of another type in the place of each value, one at a time.
func spoilEach(value any, path string, try func(path string)) {
	switch value := value.(type) {
	case map[string]any:
		for name, was := range value {
			spoilEach(was, path+"."+name, try)
			value[name] = spoiled(was)
			try(path + "." + name)
			value[name] = was
		}
	case []any:
		for i, was := range value {
			at := path + "[" + itoa(i) + "]"
			spoilEach(was, at, try)
			value[i] = spoiled(was)
			try(at)
			value[i] = was
		}
	}
}

// spoiled is a value of another type.
func spoiled(value any) any {
	if text, ok := value.(string); ok {
		return map[string]any{"name": strings.ToUpper(text)}
	}
	return "a text"
}
