package doctest

import (
	"go/ast"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// messageHeader is the header of the tables of messages that a person may meet.
var messageHeader = []string{"what is wrong", "the message", "what to write"}

// foreign are parts of the messages that Kubernetes and CEL word.
var foreign = []string{
	"Duplicate value:", "in body should match", "in body must be of type", "Unsupported value:", "strict decoding error:",
	"is not supported by recovery.amends.dev", "undeclared reference to",
}

func TestEveryMessageIsOneThatTheCodeGives(t *testing.T) {
	t.Parallel()
	said := sayings{rules: ruleMessages(t), forms: messageForms(t)}
	count := 0
	for _, table := range tables(read(t, conceptsPage)) {
		if !slices.Equal(table.header, messageHeader) {
			continue
		}
		for _, row := range table.rows {
			count++
			if message := strings.Trim(row[1], "`"); !said.includes(message) {
				t.Errorf("%s: no rule and no code gives the message %q", conceptsPage, message)
			}
		}
	}
	if count == 0 {
		t.Errorf("%s has no table %v", conceptsPage, messageHeader)
	}
}

// sayings are what can be said: by the rules of the CRDs, and by the code.
type sayings struct {
	rules []string
	forms []*regexp.Regexp
}

// includes says whether a message is one of Kubernetes, of a rule, or of a form in the
// code. An ellipsis stands for what was left out of a rule's.
func (s *sayings) includes(message string) bool {
	shortened := strings.TrimSpace(strings.TrimSuffix(message, "…"))
	return slices.ContainsFunc(foreign, func(part string) bool { return strings.Contains(message, part) }) ||
		slices.ContainsFunc(s.rules, func(rule string) bool { return strings.HasPrefix(rule, shortened) }) ||
		slices.ContainsFunc(s.forms, func(form *regexp.Regexp) bool { return s.fits(form, message) })
}

// name is the longest that is taken for a value; what is longer is said by somebody.
const name = 40

// demand is an unmet demand, with what to append in brackets.
var demand = regexp.MustCompile(`^\w+ \((.*)\)$`)

// fits says whether a message has a form, and what is formatted into it is a value or
// itself something that can be said.
func (s *sayings) fits(form *regexp.Regexp, message string) bool {
	m := form.FindStringSubmatch(message)
	if m == nil {
		return false
	}
	for _, part := range m[1:] {
		if len(part) <= name || s.includes(part) {
			continue
		}
		for said := range strings.SplitSeq(part, "; ") {
			if !s.includes(said) && !s.includes(demand.ReplaceAllString(said, "$1")) {
				return false
			}
		}
	}
	return true
}

// ruleMessages are the messages of the validation rules in the CRDs.
func ruleMessages(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no CRDs", err)
	}
	var found []string
	var walk func(node any)
	walk = func(node any) {
		switch n := node.(type) {
		case []any:
			for _, v := range n {
				walk(v)
			}
		case map[string]any:
			if text, ok := n["message"].(string); ok {
				found = append(found, text)
			}
			for _, v := range n {
				walk(v)
			}
		}
	}
	for _, file := range files {
		rel, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		var crd any
		if err := yaml.Unmarshal([]byte(read(t, rel)), &crd); err != nil {
			t.Fatal(err)
		}
		walk(crd)
	}
	return found
}

var verb = regexp.MustCompile(`%[-+#0-9.]*[a-zA-Z]`)

// messageForms are the texts in the code, with what is formatted into them left open.
// A message may have the path of a field before it.
func messageForms(t *testing.T) []*regexp.Regexp {
	t.Helper()
	var found []*regexp.Regexp
	for _, dir := range []string{"internal", "controllers"} {
		for _, file := range goFiles(t, dir) {
			ast.Inspect(file, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				text, ok := stringLiteral(e)
				fixed := verb.Split(text, -1)
				if !ok || len(strings.Join(fixed, "")) < 12 {
					return true
				}
				for i := range fixed {
					fixed[i] = regexp.QuoteMeta(fixed[i])
				}
				found = append(found, regexp.MustCompile(`^(?:[a-zA-Z0-9.\[\]]+(?:: |\.))?`+strings.Join(fixed, "(.*)")+`$`))
				return true
			})
		}
	}
	return found
}
