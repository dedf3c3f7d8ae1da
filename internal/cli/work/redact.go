package work

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Redacted is what stands where a text was.
const Redacted = "[redacted]"

// Text is a text of an entry that may be redacted.
type Text struct {
	// Field is its path within the entry, with dots.
	Field string
	// Value is the text.
	Value string
}

// Texts are the texts of an entry that may be redacted.
func Texts(e *v1alpha1.JournalEntry) []Text {
	var out []Text
	add := func(field, value string) {
		if value != "" {
			out = append(out, Text{Field: field, Value: value})
		}
	}
	add("note", e.Note)
	for _, member := range []struct {
		there bool
		add   func()
	}{
		{e.Completion != nil, func() { add("completion.noRemedyReason", string(e.Completion.NoRemedyReason)) }},
		{e.Skip != nil, func() { add("skip.reason", string(e.Skip.Reason)) }},
		{e.Need != nil, func() { add("need.text", string(e.Need.Text)) }},
		{e.Promise != nil, func() { add("promise.text", string(e.Promise.Text)) }},
		{e.Task != nil, func() { add("task.text", string(e.Task.Text)) }},
		{e.Retarget != nil, func() { add("retarget.reason", string(e.Retarget.Reason)) }},
		{e.Finding != nil, func() { add("finding.detail", string(e.Finding.Detail)) }},
		{e.Gesture != nil, func() { add("gesture.text", string(e.Gesture.Text)) }},
		{e.Amend != nil, func() { add("amend.summary", string(e.Amend.Summary)) }},
		{e.Link != nil, func() { add("link.name", string(e.Link.Name)); add("link.url", e.Link.URL) }},
	} {
		if member.there {
			member.add()
		}
	}
	return out
}

// Replacement is an operation of a JSON patch on a text.
type Replacement struct {
	// Path is the path in the object.
	Path string
	// Was is the text that must still stand there.
	Was string
}

// Redaction is what is to be replaced in an entry: all of its texts, or those in the
// fields. Place is the path and id of the entry, which must still stand there.
func Redaction(inc *v1alpha1.Incident, id string, fields []string) (place Replacement, texts []Replacement, err error) {
	i := slices.IndexFunc(inc.Spec.Journal, func(e v1alpha1.JournalEntry) bool { return string(e.ID) == id })
	if i < 0 {
		return place, nil, fmt.Errorf("there is no entry %q in this journal", id)
	}
	base := "/spec/journal/" + strconv.Itoa(i)
	var there []string
	for _, t := range Texts(&inc.Spec.Journal[i]) {
		there = append(there, t.Field)
		if t.Value == Redacted || (len(fields) > 0 && !slices.Contains(fields, t.Field)) {
			continue
		}
		texts = append(texts, Replacement{Path: base + "/" + strings.ReplaceAll(t.Field, ".", "/"), Was: t.Value})
	}
	for _, f := range fields {
		if !slices.Contains(there, f) {
			return place, nil, fmt.Errorf("the entry %s has no text %q; it has %s", id, f, strings.Join(there, ", "))
		}
	}
	return Replacement{Path: base + "/id", Was: id}, texts, nil
}
