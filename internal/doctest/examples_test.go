package doctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// kinds are empty objects of the kinds, by name.
var kinds = map[string]func() any{
	"Incident":         func() any { return new(v1alpha1.Incident) },
	"RecoveryPolicy":   func() any { return new(v1alpha1.RecoveryPolicy) },
	"BusinessCalendar": func() any { return new(v1alpha1.BusinessCalendar) },
	"RecoveryBudget":   func() any { return new(v1alpha1.RecoveryBudget) },
	"Compensation":     func() any { return new(v1alpha1.Compensation) },
}

// parts are empty parts of objects, which an example may show alone.
var parts = []func() any{
	func() any { return new(v1alpha1.RecoveryPolicySpec) },
	func() any { return new(v1alpha1.BusinessCalendarSpec) },
	func() any { return new(v1alpha1.IncidentSpec) },
	func() any { return new(v1alpha1.JournalEntry) },
	func() any { return new([]v1alpha1.Step) },
	func() any { return new([]v1alpha1.JournalEntry) },
}

// object is an object of an example, or a part of one. Where it is of another API
// group, decoded is nil.
type object struct {
	block
	decoded any
}

// heredoc is what a shell example hands to kubectl.
var heredoc = regexp.MustCompile(`(?s)<<'EOF'\n(.*?\n)EOF\n`)

// objects are the objects of a page's YAML blocks and here-documents, decoded
// strictly: an unknown field fails the test.
func objects(t *testing.T, page string) []object {
	t.Helper()
	var found []object
	for _, b := range blocks(page, read(t, page)) {
		var texts []string
		switch b.lang {
		case "yaml":
			texts = strings.Split(b.text, "\n---\n")
		case "sh":
			for _, m := range heredoc.FindAllStringSubmatch(b.text, -1) {
				texts = append(texts, strings.Split(m[1], "\n---\n")...)
			}
		}
		for _, text := range texts {
			o, err := decode(text)
			if err != nil {
				t.Errorf("%s:%d: %v", page, b.line, err)
			}
			o.block = b
			found = append(found, o)
		}
	}
	return found
}

func decode(text string) (object, error) {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	// A list has no head; it is a part.
	_ = yaml.Unmarshal([]byte(text), &head)
	if head.APIVersion == "" {
		return decodePart(text)
	}
	empty, ours := kinds[head.Kind]
	if !ours || head.APIVersion != v1alpha1.GroupVersion.String() {
		return object{}, nil
	}
	o := object{decoded: empty()}
	return o, strictly(text, o.decoded)
}

// decodePart decodes a part of an object as the first one that it fits.
func decodePart(text string) (object, error) {
	var wrong []string
	for _, empty := range parts {
		part := empty()
		err := strictly(text, part)
		if err == nil {
			return object{decoded: part}, nil
		}
		wrong = append(wrong, fmt.Sprintf("no %T: %v", part, err))
	}
	return object{}, fmt.Errorf("it is no part of an object of ours:\n\t%s", strings.Join(wrong, "\n\t"))
}

// strictly decodes as the API server does when it is strict: names are those of the
// fields to the letter, and none is given twice.
func strictly(text string, into any) error {
	data, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return err
	}
	wrong, err := kjson.UnmarshalStrict(data, into)
	return errors.Join(append(wrong, err)...)
}

func TestEveryExampleDecodesAndCompiles(t *testing.T) {
	t.Parallel()
	count := 0
	for _, page := range pages(t) {
		calendars := map[string]v1alpha1.BusinessCalendarSpec{}
		for _, o := range objects(t, page) {
			switch object := o.decoded.(type) {
			case *v1alpha1.BusinessCalendar:
				calendars[object.Name] = object.Spec
			case *v1alpha1.RecoveryPolicy:
				compiles(t, o.block, object.Spec, calendars)
			case *v1alpha1.RecoveryPolicySpec:
				compiles(t, o.block, *object, calendars)
			case *[]v1alpha1.Step:
				compiles(t, o.block, v1alpha1.RecoveryPolicySpec{Steps: *object}, calendars)
			case nil:
				continue
			}
			count++
		}
	}
	if count < 5 {
		t.Errorf("only %d examples were found", count)
	}
}

// compiles checks a policy of an example.
func compiles(t *testing.T, b block, spec v1alpha1.RecoveryPolicySpec, calendars map[string]v1alpha1.BusinessCalendarSpec) {
	t.Helper()
	if _, wrong := compile(spec, calendars); len(wrong) > 0 {
		t.Errorf("%s:%d: the policy has problems: %s", b.page, b.line, policy.Describe(wrong))
	}
}

// compile compiles a policy as the operator does.
func compile(spec v1alpha1.RecoveryPolicySpec, calendars map[string]v1alpha1.BusinessCalendarSpec) (*policy.Plan, []policy.Problem) {
	return policy.Compile("example", "example-1", policy.Content{Policy: policy.Complete(spec), Calendars: calendars})
}

// appended finds the journal entries in the JSON patches, and in the calls of the
// function append, of shell examples.
var appended = regexp.MustCompile(`(?s)"/spec/journal/-",\s*"value":\s*(\{.*?\})\}\]'|\bappend '(\{.*?\})'`)

// What the shell puts into an entry: the time now, or a variable.
var (
	shellInstant  = regexp.MustCompile(`'"\$\(date [^']*"'`)
	shellVariable = regexp.MustCompile(`'"\$[A-Z]+"'`)
)

func TestEveryEntryInAPatchDecodes(t *testing.T) {
	t.Parallel()
	count := 0
	for _, page := range pages(t) {
		for _, m := range appended.FindAllStringSubmatch(read(t, page), -1) {
			count++
			text := shellInstant.ReplaceAllString(m[1]+m[2], "2026-10-02T08:20:00Z")
			text = shellVariable.ReplaceAllString(text, "alice")
			if !json.Valid([]byte(text)) {
				t.Errorf("%s: no JSON: %s", page, text)
				continue
			}
			var entry v1alpha1.JournalEntry
			if err := strictly(text, &entry); err != nil {
				t.Errorf("%s: %s: %v", page, text, err)
			}
			if entry.ID == "" {
				t.Errorf("%s: an entry without an id: %s", page, text)
			}
		}
	}
	if count < 5 {
		t.Errorf("only %d entries were found", count)
	}
}
