package cli_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// One may wait for every condition that an incident has; a word that is none is told at
// once, before anything is asked.
func TestOneMayWaitForEveryCondition(t *testing.T) {
	var stdout, stderr bytes.Buffer
	f := &cli.Factory{IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr}}
	if code := cli.Run(t.Context(), f, []string{"status", "x", "--wait", "Solved"}); code != cli.ExitUsage {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	_, list, _ := strings.Cut(strings.TrimSpace(stderr.String()), "it is one of ")
	allowed := map[string]bool{}
	for word := range strings.SplitSeq(list, ", ") {
		allowed[word] = true
	}
	conditions := incidentConditions(t)
	if len(conditions) < 14 {
		t.Fatalf("only %d conditions were found: %v", len(conditions), conditions)
	}
	for _, word := range append(conditions, "Ended", "Reconciling", "Stalled") {
		if !allowed[word] {
			t.Errorf("one may not wait for %s", word)
		}
		delete(allowed, word)
	}
	for word := range allowed {
		t.Errorf("one may wait for %s, which no incident has", word)
	}
}

// incidentConditions are the constants that the API gives the conditions of an incident.
func incidentConditions(t *testing.T) []string {
	t.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "api", "v1alpha1", "conditions.go"), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range file.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok || !strings.HasPrefix(block.Doc.Text(), "Conditions of an Incident") {
			continue
		}
		for _, spec := range block.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || len(value.Values) != 1 {
				continue
			}
			if literal, ok := value.Values[0].(*ast.BasicLit); ok {
				word, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, word)
			}
		}
	}
	return out
}
