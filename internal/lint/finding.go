package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/amends-dev/amends/internal/manifest"
)

// Severity says what becomes of a finding.
type Severity string

const (
	// Error means that the API server refuses the object, that the operator stalls on it,
	// or that a part of it can never work.
	Error Severity = "error"
	// Warning means that it works, and most likely not as it was meant.
	Warning Severity = "warning"
)

// Finding is one thing that is wrong, for the person who wrote it.
type Finding struct {
	manifest.Position
	// Rule is the stable id of the rule; see Rules.
	Rule string
	// Severity is the rule's.
	Severity Severity
	// Kind and Name are the object's; empty for a file that cannot be read.
	Kind, Name string
	// Field is the path of the field, where it is about one.
	Field string
	// Message says what is wrong with which value and what is allowed.
	Message string
}

// String is the finding as one line of a report.
func (f Finding) String() string {
	subject := ""
	if f.Kind != "" {
		subject = " " + f.Kind
		if f.Name != "" {
			subject += " " + f.Name
		}
		subject += ":"
	}
	field := ""
	if f.Field != "" {
		field = " " + f.Field + ":"
	}
	return fmt.Sprintf("%s: %s:%s%s %s (%s)", f.Position, f.Severity, subject, field, f.Message, f.Rule)
}

// sorted puts findings into the order of the files, and takes repeats out.
func sorted(list []Finding) []Finding {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(list)
}
