package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/amends-dev/amends/internal/manifest"
)

// place says where a field of a checked document is told to stand, and under which name.
type place func(field string) (manifest.Position, string)

// schema holds a document against the schema, and against the rules where the schema says
// nothing against what they look at. What it finds is told of another document, where that
// is a part of it.
func (l *linter) schema(ctx context.Context, d, of *manifest.Document, at place) (sound bool, err error) {
	before := len(l.findings)
	unknown, err := d.Unknown()
	if err != nil {
		return false, err
	}
	for _, path := range unknown {
		position, name := at(path)
		if of == d {
			position = d.AtKey(path)
		}
		l.at(ruleUnknownField, of, position, name, "%s", unknownField(d, path))
	}
	wrong, err := d.Schema()
	if err != nil {
		return false, err
	}
	for _, e := range quiet(wrong) {
		position, name := at(pathOf(e))
		l.at(schemaRule(e), of, position, name, "%s", schemaText(e))
	}
	broken, err := d.Rules(ctx)
	if err != nil {
		return false, err
	}
	for _, e := range broken {
		if d == of && l.sharper(d, e.Field) || follows(e, wrong) {
			continue
		}
		position, name := at(pathOf(e))
		l.at(ruleBroken, of, position, name, "%s", ruleText(e))
	}
	return len(l.findings) == before, nil
}

// follows says whether a rule may be broken only because the schema is: it looked at
// something in which the schema finds a fault, or it could not be asked at all.
func follows(e *field.Error, wrong field.ErrorList) bool {
	if len(wrong) == 0 {
		return false
	}
	return e.Type == field.ErrorTypeInternal || slices.ContainsFunc(wrong, func(w *field.Error) bool {
		return within(pathOf(w), pathOf(e)) || within(pathOf(e), pathOf(w))
	})
}

// within says whether a field is another one, or a part of it.
func within(path, of string) bool {
	rest, ok := strings.CutPrefix(path, of)
	return of == "" || ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// pathOf is the field that an error is about; empty for the whole object.
func pathOf(e *field.Error) string {
	if e.Field == "<nil>" {
		return ""
	}
	return e.Field
}

// quiet drops what only follows from something else: a value of the wrong type is also
// no supported one.
func quiet(list field.ErrorList) field.ErrorList {
	var out field.ErrorList
	told := map[string]bool{}
	for _, e := range list {
		if !told[e.Field] {
			out = append(out, e)
		}
		told[e.Field] = true
	}
	return out
}

// unknownField names the fields that stand at this place, or the one that was most
// likely meant.
func unknownField(d *manifest.Document, path string) string {
	name := path[strings.LastIndexAny(path, ".")+1:]
	all := d.Fields(path)
	for _, known := range all {
		if near(known, name) {
			return fmt.Sprintf("there is no field %q here; did you mean %q?", name, known)
		}
	}
	if len(all) == 0 {
		return fmt.Sprintf("there is no field %q here", name)
	}
	return fmt.Sprintf("there is no field %q here; the fields are %s", name, strings.Join(all, ", "))
}

// near says whether two names differ by case, or by at most two letters.
func near(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if min(len(a), len(b)) < 4 {
		return false
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)] <= 2
}

// schemaRule is the rule that an error of the schema falls under.
func schemaRule(e *field.Error) string {
	switch e.Type {
	case field.ErrorTypeRequired:
		return ruleMissingField
	case field.ErrorTypeTypeInvalid:
		return ruleWrongType
	case field.ErrorTypeNotSupported:
		return ruleUnsupportedValue
	case field.ErrorTypeDuplicate:
		return ruleDuplicateItem
	case field.ErrorTypeTooLong, field.ErrorTypeTooMany:
		return ruleOutOfBounds
	}
	for _, sign := range []string{"greater than or equal", "less than or equal", "should be at least", "should have at least", "should have at most"} {
		if strings.Contains(e.Detail, sign) {
			return ruleOutOfBounds
		}
	}
	return ruleInvalidValue
}

// schemaText says what is wrong in people's words, with the value.
func schemaText(e *field.Error) string {
	switch e.Type {
	case field.ErrorTypeRequired:
		if e.Detail != "" && e.Detail != "Required value" {
			return "it must be given: " + e.Detail
		}
		return "it must be given"
	case field.ErrorTypeDuplicate:
		return fmt.Sprintf("%s stands there twice; each may be there once", value(e.BadValue))
	case field.ErrorTypeNotSupported:
		return fmt.Sprintf("%s is not allowed; %s", value(e.BadValue), e.Detail)
	}
	detail := form(strings.TrimPrefix(e.Detail, e.Field+" in body "))
	if e.BadValue == "<value omitted>" {
		return "it is not allowed: " + detail
	}
	if _, isText := e.BadValue.(string); isText || e.Type == field.ErrorTypeInvalid {
		return fmt.Sprintf("%s is not allowed: %s", value(e.BadValue), detail)
	}
	return detail
}

// forms are the patterns of our types, in words.
var forms = map[string]string{
	`^([0-9]{1,5}(h|m|s)){1,3}$`:                          "a duration is in hours, minutes and seconds, for example 30m or 1h30m; a day is 24h, or businessDays: 1",
	`^(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?$`:               "an amount has digits, and a point before at most 4 decimals, for example \"12.30\"; no sign, no exponent, no leading zero",
	`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`:                     "a name has lower-case letters, digits and dashes inside",
	`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`:                    "the name of an object has lower-case letters, digits, and dashes and dots inside",
	`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`: "a day is written as 2026-01-31",
	`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`:             "a time of day is written as 09:00, up to 24:00",
	`^[A-Z]{3}$`: "a currency is a code of three capitals, for example EUR",
	`^(100(\.0{1,4})?|[1-9]?[0-9](\.[0-9]{1,4})?)$`: "a percentage is at most 100 and has at most 4 decimals, for example \"0.5\"",
}

// form says in words what a pattern asks for.
func form(detail string) string {
	pattern := strings.TrimSuffix(strings.TrimPrefix(detail, "should match '"), "'")
	if words := forms[pattern]; words != "" {
		return words
	}
	return detail
}

// value shows a value, cut to a bearable length.
func value(v any) string {
	if key, ok := v.(map[string]any); ok {
		for _, name := range []string{"name", "severity", "reason", "level", "id"} {
			if key[name] != nil && len(key) == 1 {
				return fmt.Sprintf("%s %v", name, key[name])
			}
		}
		return "this object"
	}
	if _, ok := v.([]any); ok {
		return "this list"
	}
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%.80q", s)
	}
	return fmt.Sprint(v)
}

// ruleText is the message of a rule that does not hold.
func ruleText(e *field.Error) string {
	text := e.Detail
	if s, ok := e.BadValue.(string); ok {
		return fmt.Sprintf("%.80q: %s", s, text)
	}
	return text
}
