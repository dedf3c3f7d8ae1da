package simulate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/amends-dev/amends/internal/manifest"
)

// The kind of a timetable. It is a file for simulate alone and never applied.
const (
	timetableVersion = "simulate.amends.dev/v1alpha1"
	timetableKind    = "Timetable"
	// atAnnotation says when an object is applied.
	atAnnotation = "simulate.amends.dev/at"
)

// Timetable says when what stands in the other files comes.
type Timetable struct {
	// Start is when the simulation begins. Moments may count from here.
	Start *time.Time `json:"start"`
	// Every is the time between facts that have none.
	Every string `json:"every"`
	// Until is when the simulation ends, if not before.
	Until Moment `json:"until"`
	// Down are the times in which the operator is away.
	Down []Span `json:"down"`
	// Acts are when the documents of single files come.
	Acts []Row `json:"acts"`
}

// Row says when the documents of a file come. A file may have several rows.
type Row struct {
	// File is the end of the file's name, whole folders at a time.
	File string `json:"file"`
	// At is when.
	At Moment `json:"at"`
	// To names the objects that a patch goes to.
	To []string `json:"to"`
}

// Span is a time from one moment to another.
type Span struct {
	From  Moment `json:"from"`
	Until Moment `json:"until"`
}

// Moment is an instant (2026-10-05T09:00:00Z), or a duration since the start (90m).
type Moment string

// from is the moment as an instant; zero for an empty one.
func (m Moment) from(start time.Time) (time.Time, error) {
	if m == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, string(m)); err == nil {
		return whole(at), nil
	}
	d, err := time.ParseDuration(string(m))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no moment: write an instant such as 2026-10-05T09:00:00Z, or a duration since the start such as 90m", m)
	}
	return whole(start.Add(d)), nil
}

// whole is the second in which an instant lies.
func whole(t time.Time) time.Time {
	return t.UTC().Truncate(time.Second)
}

// timetable finds the timetable among the documents, and the documents without it.
func timetable(docs []*manifest.Document) (Timetable, []*manifest.Document, error) {
	var out Timetable
	var rest []*manifest.Document
	var found *manifest.Document
	for _, d := range docs {
		if d.APIVersion != timetableVersion {
			rest = append(rest, d)
			continue
		}
		if d.Kind != timetableKind {
			return out, nil, fmt.Errorf("%s: there is no %s in %s; there is %s", d.At("kind"), d.Kind, timetableVersion, timetableKind)
		}
		if found != nil {
			return out, nil, fmt.Errorf("%s: there is another timetable at %s; one simulation has one", d.At("kind"), found.At("kind"))
		}
		found = d
		spec := map[string]any{}
		for k, v := range d.Object {
			if k != "apiVersion" && k != "kind" && k != "metadata" {
				spec[k] = v
			}
		}
		data, err := json.Marshal(spec)
		if err != nil {
			return out, nil, err
		}
		strict := json.NewDecoder(bytes.NewReader(data))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&out); err != nil {
			return out, nil, fmt.Errorf("%s: the timetable cannot be read: %w", d.At(""), err)
		}
	}
	return out, rest, nil
}
