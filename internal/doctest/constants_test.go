package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// waiting are the constants of the contract that no code uses yet, with what they
// wait for. One leaves the list when the rule arrives that uses it; operations.md
// says of each that a later version sets it.
var waiting = map[string]string{
	"AllEnforcedReason":        "Enforced is absent while everything is acted on",
	"ApprovalPendingCondition": "waits for Compensations",
	"RemedyDeliveredCondition": "waits for Compensations",
}

// laterSection is where operations.md lists what a later version sets.
const laterSection = "Set by a later version"

func TestEveryConditionAndReasonIsExplained(t *testing.T) {
	t.Parallel()
	constants := stringConstants(t, "api/v1alpha1/conditions.go")
	for name, value := range constants {
		where := sectionOf(name)
		if !names(section(t, operationsPage, where), value) {
			t.Errorf("%s: the section %q does not explain `%s` (v1alpha1.%s)", operationsPage, where, value, name)
		}
	}
	if len(constants) < 50 {
		t.Errorf("only %d constants were found; is the parser looking at the right file?", len(constants))
	}
}

// sectionOf is the section of operations.md that explains a constant.
func sectionOf(constant string) string {
	switch _, waits := waiting[constant]; {
	case waits:
		return laterSection
	case strings.HasPrefix(constant, "Event"):
		return "Events"
	case strings.HasPrefix(constant, "Clock"):
		return "Clocks"
	case constant == "PolicyLabel":
		return "Backup and restore"
	}
	return "Conditions"
}

func TestEveryConditionAndReasonIsUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, dir := range []string{"cmd", "controllers", "internal"} {
		for _, file := range goFiles(t, dir) {
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if from, ok := s.X.(*ast.Ident); ok && from.Name == "v1alpha1" {
						used[s.Sel.Name] = true
					}
				}
				return true
			})
		}
	}
	constants := stringConstants(t, "api/v1alpha1/conditions.go")
	for _, name := range slices.Sorted(maps.Keys(constants)) {
		switch _, waits := waiting[name]; {
		case waits && used[name]:
			t.Errorf("v1alpha1.%s is used now: take it off the list of those that wait, and explain it in %s", name, operationsPage)
		case !waits && !used[name]:
			t.Errorf("no code of the operator uses v1alpha1.%s: use it, or list it with what it waits for", name)
		}
	}
	for name := range waiting {
		if _, ok := constants[name]; !ok {
			t.Errorf("v1alpha1.%s is listed as waiting and does not exist", name)
		}
	}
}

// closedSets are the types, by package, whose constants are the values of labels and of
// status fields that operations.md lists.
var closedSets = map[string][]string{
	"api/v1alpha1":     {"Phase", "SLA", "ClockKind", "ClockState", "RecordedSource", "StepType", "Trigger", "Severity"},
	"internal/metrics": {"Outcome"},
}

func TestEveryValueOfAClosedSetIsListed(t *testing.T) {
	t.Parallel()
	page := read(t, operationsPage)
	for dir, types := range closedSets {
		for _, of := range types {
			values := typedConstants(t, dir, of)
			if len(values) == 0 {
				t.Errorf("%s has no constants of type %s", dir, of)
			}
			for _, value := range values {
				if !names(page, value) {
					t.Errorf("%s does not list `%s`, a value of %s", operationsPage, value, of)
				}
			}
		}
	}
}

// stringConstants are the untyped string constants of a file, by name.
func stringConstants(t *testing.T, path string) map[string]string {
	t.Helper()
	found := map[string]string{}
	eachConstant(parse(t, path), func(spec *ast.ValueSpec, name, value string) {
		if spec.Type == nil {
			found[name] = value
		}
	})
	return found
}

// typedConstants are the values of the string constants of a type in a package.
func typedConstants(t *testing.T, dir, of string) []string {
	t.Helper()
	var found []string
	for _, file := range goFiles(t, dir) {
		eachConstant(file, func(spec *ast.ValueSpec, _, value string) {
			if id, ok := spec.Type.(*ast.Ident); ok && id.Name == of {
				found = append(found, value)
			}
		})
	}
	return found
}

// eachConstant visits the string constants of a file.
func eachConstant(file *ast.File, visit func(spec *ast.ValueSpec, name, value string)) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, s := range group.Specs {
			spec := s.(*ast.ValueSpec)
			for i, value := range spec.Values {
				if text, ok := stringLiteral(value); ok {
					visit(spec, spec.Names[i].Name, text)
				}
			}
		}
	}
}

func stringLiteral(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

// parse parses a Go file of the repository.
func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// goFiles are the parsed Go files below a folder, without tests and fixtures.
func goFiles(t *testing.T, dir string) []*ast.File {
	t.Helper()
	var found []*ast.File
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "fixture":
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		found = append(found, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
