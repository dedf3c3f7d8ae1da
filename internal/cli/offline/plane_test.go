package offline_test

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amends-dev/amends/internal/cli/offline"
	"github.com/amends-dev/amends/internal/fixture/planetest"
	"github.com/amends-dev/amends/internal/manifest"
)

// TestTemplatesOnAPIServer creates what each template makes, and what lint has found to
// be sound, on a real API server.
func TestTemplatesOnAPIServer(t *testing.T) {
	t.Parallel()
	p := planetest.Plane(t)
	for _, name := range offline.TemplateNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := planetest.Namespace(t)
			out := run(t, offline.NewInit, "", "--template", name, "--timezone", "Europe/Berlin")
			docs, bad := manifest.Parse(name, out.out.Bytes())
			if len(docs) != 3 || len(bad) > 0 {
				t.Fatalf("%d documents, %v", len(docs), bad)
			}
			for _, d := range docs {
				object := &unstructured.Unstructured{Object: d.Object}
				object.SetNamespace(namespace)
				if err := p.Client().Create(context.Background(), object); err != nil {
					t.Errorf("%s: %v", d.Kind, err)
				}
			}
		})
	}
}

// TestAgreesWithAPIServer holds what the API server says of each planted mistake of the
// schema or the rules against what lint says: both refuse it, or neither.
func TestAgreesWithAPIServer(t *testing.T) {
	t.Parallel()
	p := planetest.Plane(t)
	namespace := planetest.Namespace(t)
	docs, _, err := manifest.Load([]string{mistakes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, d := range docs {
		if !d.Known() {
			continue
		}
		meta, _ := d.Object["metadata"].(map[string]any)
		if d.Name != "" {
			// Names repeat over the folders.
			delete(meta, "name")
			meta["generateName"], d.Name = d.Name+"-", ""
		}
		wrong, err := d.Schema()
		if err != nil {
			t.Fatal(err)
		}
		if len(wrong) == 0 {
			if wrong, err = d.Rules(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		object := &unstructured.Unstructured{Object: d.Object}
		object.SetNamespace(namespace)
		err = p.Client().Create(context.Background(), object)
		if (err != nil) != (len(wrong) > 0) {
			t.Errorf("%s: lint says %v, the API server says %v", d.At("kind"), wrong, err)
		}
		if err != nil {
			refused++
		}
	}
	const some = 10
	if refused < some {
		t.Errorf("the API server refuses %d of %d, want at least %d", refused, len(docs), some)
	}
}
