package lint

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteText writes a line for each finding, and one that counts them.
func WriteText(w io.Writer, findings []Finding) error {
	errors := 0
	for _, f := range findings {
		if f.Severity == Error {
			errors++
		}
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	if len(findings) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "%s, %s\n", count(errors, "error"), count(len(findings)-errors, "warning"))
	return err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// reported is a finding as JSON has it.
type reported struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Kind     string   `json:"kind,omitempty"`
	Name     string   `json:"name,omitempty"`
	Field    string   `json:"field,omitempty"`
	Message  string   `json:"message"`
}

// WriteJSON writes a list of the findings.
func WriteJSON(w io.Writer, findings []Finding) error {
	out := make([]reported, len(findings))
	for i, f := range findings {
		out[i] = reported{
			Rule: f.Rule, Severity: f.Severity, File: f.File, Line: f.Line, Column: f.Column,
			Kind: f.Kind, Name: f.Name, Field: f.Field, Message: f.Message,
		}
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
