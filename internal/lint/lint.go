package lint

import (
	"context"
	"fmt"
	"time"

	"github.com/amends-dev/amends/internal/manifest"
)

// Options say what to hold the files against.
type Options struct {
	// Now is the time against which fixed instants are held.
	Now time.Time
}

// Run finds what is wrong with the documents. The error is of the program, not of the
// files.
func Run(ctx context.Context, docs []*manifest.Document, bad []*manifest.Unreadable, o Options) ([]Finding, error) {
	l := &linter{now: o.Now, world: newWorld()}
	for _, b := range bad {
		l.findings = append(l.findings, Finding{Position: b.Position, Rule: ruleUnreadable, Severity: Error, Message: b.Message})
	}
	for _, d := range docs {
		if err := l.document(ctx, d); err != nil {
			return nil, err
		}
	}
	l.calendars()
	l.budgets()
	l.policies()
	l.selection()
	l.roles()
	l.incidents()
	l.compensations()
	return sorted(l.findings), nil
}

// linter collects what is wrong.
type linter struct {
	now      time.Time
	world    *world
	findings []Finding
}

// add adds a finding at a field of a document.
func (l *linter) add(rule string, d *manifest.Document, field, format string, args ...any) {
	l.at(rule, d, d.At(field), field, format, args...)
}

func (l *linter) at(rule string, d *manifest.Document, p manifest.Position, field, format string, args ...any) {
	l.findings = append(l.findings, Finding{
		Position: p, Rule: rule, Severity: severityOf(rule), Kind: d.Kind, Name: d.Name, Field: field,
		Message: fmt.Sprintf(format, args...),
	})
}

// document holds one document against the schema, and takes it into the world if
// nothing is wrong so far: a mistake is told once, and not again by what follows from it.
func (l *linter) document(ctx context.Context, d *manifest.Document) error {
	switch {
	case d.Patch != nil:
		return l.patch(ctx, d)
	case isRole(d):
		return l.role(d)
	case !d.Ours():
		return nil
	case !d.Known():
		l.add(ruleUnknownKind, d, "kind", "there is no %s in %s: the kinds of recovery.amends.dev/v1alpha1 are %s", d.Kind, d.APIVersion, manifest.KindNames())
		return nil
	}
	if later(d) {
		_, err := l.schema(ctx, d, d, func(field string) (manifest.Position, string) { return d.At(field), field })
		return err
	}
	if first := l.world.twin(d); first != nil {
		l.add(ruleDuplicateObject, d, "metadata.name", "%s is described at %s, too; keep one of them", d.Name, first.At("metadata.name"))
		return nil
	}
	l.status(d)
	sound, err := l.schema(ctx, d, d, func(field string) (manifest.Position, string) { return d.At(field), field })
	if err != nil || !sound {
		return err
	}
	return l.world.take(d)
}

// later says whether an object is one that simulate applies later, as an edit of another
// one: it is held against the schema alone.
func later(d *manifest.Document) bool {
	meta, _ := d.Object["metadata"].(map[string]any)
	annotations, _ := meta["annotations"].(map[string]any)
	return annotations["simulate.amends.dev/at"] != nil
}

// status tells of a status, which belongs to the operator. Incidents and Compensations
// may be a copy of what is in a cluster.
func (l *linter) status(d *manifest.Document) {
	_, given := d.Object["status"]
	if given && d.Kind != "Incident" && d.Kind != "Compensation" {
		l.at(ruleStatusGiven, d, d.AtKey("status"), "status", "the status is the operator's own; take it out of the file")
		delete(d.Object, "status")
	}
}
