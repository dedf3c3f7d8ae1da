package main

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
)

//go:embed stories/*.yaml
var storyFiles embed.FS

//go:embed policies/*.yaml
var policyFiles embed.FS

// story is one failure, what people do about it, and how it ends.
type story struct {
	// Title says in a sentence what there is to see.
	Title string `json:"title"`
	// People are those who act in it, and what they are.
	People map[string]string `json:"people"`
	// StartsAt is when it begins, counted from the first story.
	StartsAt metav1.Duration `json:"startsAt"`
	// ReportedBy is who creates the incident.
	ReportedBy string            `json:"reportedBy"`
	Incident   v1alpha1.Incident `json:"incident"`
	Acts       []act             `json:"acts"`
	Expect     expectation       `json:"expect"`
}

// act is one entry that a person appends.
type act struct {
	// At is when, counted from the story's start.
	At    metav1.Duration       `json:"at"`
	Entry v1alpha1.JournalEntry `json:"entry"`
}

// cue is one thing to do in the play: report the incident where entry is nil, else
// append the entry.
type cue struct {
	at    time.Duration
	story *story
	entry *v1alpha1.JournalEntry
}

// by is who does it.
func (c *cue) by() string {
	if c.entry == nil {
		return c.story.ReportedBy
	}
	return string(c.entry.By)
}

// stories reads the embedded stories, in the order of their file names.
func stories() ([]*story, error) {
	var out []*story
	err := eachFile(storyFiles, func(path string, content []byte) error {
		s, err := readStory(content)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// policies reads the embedded policies.
func policies() ([]*v1alpha1.RecoveryPolicy, error) {
	var out []*v1alpha1.RecoveryPolicy
	err := eachFile(policyFiles, func(path string, content []byte) error {
		p := &v1alpha1.RecoveryPolicy{}
		if err := readStrictly(content, p); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// eachFile gives every embedded file to read, in the order of their names.
func eachFile(files fs.FS, read func(path string, content []byte) error) error {
	return fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return read(path, content)
	})
}

// readStory reads a story and checks it.
func readStory(content []byte) (*story, error) {
	s := &story{}
	if err := readStrictly(content, s); err != nil {
		return nil, err
	}
	return s, s.check()
}

// readStrictly reads YAML into an object; an unknown field is an error, so that a
// misspelt one is not silently left out of the play.
func readStrictly(content []byte, into any) error {
	raw, err := yaml.ToJSON(content)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// check says what is wrong with a story.
func (s *story) check() error {
	if s.People[s.ReportedBy] == "" {
		return fmt.Errorf("reportedBy: %q is none of the story's people", s.ReportedBy)
	}
	var last time.Duration
	for _, a := range s.Acts {
		switch {
		case s.People[string(a.Entry.By)] == "":
			return fmt.Errorf("entry %s: by %q is none of the story's people", a.Entry.ID, a.Entry.By)
		case a.At.Duration <= last:
			return fmt.Errorf("entry %s: at %s is not after the one before it, at %s", a.Entry.ID, a.At.Duration, last)
		}
		last = a.At.Duration
	}
	return nil
}

// schedule is the whole play in order of time; at one instant the story that comes
// first goes first.
func schedule(all []*story) []cue {
	var out []cue
	for _, s := range all {
		start := s.StartsAt.Duration
		out = append(out, cue{at: start, story: s})
		for i := range s.Acts {
			out = append(out, cue{at: start + s.Acts[i].At.Duration, story: s, entry: &s.Acts[i].Entry})
		}
	}
	slices.SortStableFunc(out, func(a, b cue) int { return cmp.Compare(a.at, b.at) })
	return out
}

// cast is everybody who acts, by name, and what they are.
func cast(all []*story) map[string]string {
	out := map[string]string{}
	for _, s := range all {
		maps.Copy(out, s.People)
	}
	return out
}
