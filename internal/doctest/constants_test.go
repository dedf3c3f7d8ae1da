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

// moneyPage explains what RecoveryBudgets and Compensations tell.
const moneyPage = "docs/money.md"

// constantsOf are the constants of the contract that a file of it has.
var constantsOf = map[string]string{
	"api/v1alpha1/conditions.go":        operationsPage,
	"api/v1alpha1/money_conditions.go":  moneyPage,
	"api/v1alpha1/budget_conditions.go": moneyPage,
}

func TestEveryConditionAndReasonIsExplained(t *testing.T) {
	t.Parallel()
	for file, page := range constantsOf {
		constants := stringConstants(t, file)
		for name, value := range constants {
			text, where := read(t, page), "the page"
			if page == operationsPage {
				where = "the section " + sectionOf(name)
				text = section(t, page, sectionOf(name))
			}
			if !names(text, value) {
				t.Errorf("%s: %s does not explain `%s` (v1alpha1.%s)", page, where, value, name)
			}
		}
		if len(constants) < 3 {
			t.Errorf("only %d constants were found in %s; is the parser looking at the right file?", len(constants), file)
		}
	}
}

// sectionOf is the section of operations.md that explains a constant.
func sectionOf(constant string) string {
	switch {
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
	for file := range constantsOf {
		for _, name := range slices.Sorted(maps.Keys(stringConstants(t, file))) {
			if !used[name] {
				t.Errorf("no code of the operator uses v1alpha1.%s: use it, or take it out of %s", name, file)
			}
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
