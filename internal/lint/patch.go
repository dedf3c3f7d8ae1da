package lint

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/amends-dev/amends/internal/manifest"
)

// journalPath is where a JSON patch appends an entry.
const journalPath = "/spec/journal/-"

// patch holds what a JSON patch adds to an incident or a Compensation against the
// schema of its place.
func (l *linter) patch(ctx context.Context, d *manifest.Document) error {
	for i, o := range d.Patch {
		whole, under := around(o)
		if whole == nil {
			continue
		}
		data, err := json.Marshal(whole)
		if err != nil {
			return err
		}
		docs, _ := manifest.Parse(d.File, data)
		if len(docs) != 1 {
			continue
		}
		at := func(field string) (manifest.Position, string) {
			field = strings.Replace(field, under, "value", 1)
			return d.At("[" + strconv.Itoa(i) + "]." + field), field
		}
		if _, err := l.schema(ctx, docs[0], d, at); err != nil {
			return err
		}
	}
	return nil
}

// around is a smallest object with what an operation adds, and the path of it in there;
// nil for an operation on something else.
func around(o manifest.Operation) (whole map[string]any, under string) {
	head := func(kind string, spec map[string]any) map[string]any {
		return map[string]any{
			"apiVersion": "recovery.amends.dev/v1alpha1", "kind": kind, "metadata": map[string]any{"name": "patched"}, "spec": spec,
		}
	}
	if o.Op != "add" {
		return nil, ""
	}
	if o.Path == journalPath {
		return head("Incident", map[string]any{
			"summary": "patched", "customer": map[string]any{"id": "patched"}, "severity": "Low", "service": "patched", "detectedBy": "Staff",
			"journal": []any{o.Value},
		}), "spec.journal[0]"
	}
	field, ok := strings.CutPrefix(o.Path, "/spec/")
	switch field {
	case "choice", "decision", "delivery", "withdrawal":
	default:
		ok = false
	}
	if !ok {
		return nil, ""
	}
	name := "patched"
	if fact, isObject := o.Value.(map[string]any); isObject && field == "choice" {
		if chosen, isText := fact["offer"].(string); isText && chosen != "" {
			name = chosen
		}
	}
	whole = head("Compensation", map[string]any{
		"incidentName": "patched", "budgetName": "patched", field: o.Value,
		"offers": []any{map[string]any{"name": name, "custom": "patched", "amount": "999999999999999"}},
	})
	// Each fact has a phase in which it is added.
	switch field {
	case "decision":
		whole["status"] = map[string]any{"phase": "AwaitingApproval"}
	case "delivery":
		whole["status"] = map[string]any{"phase": "Granted"}
	}
	return whole, "spec." + field
}
