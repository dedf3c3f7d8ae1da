package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
)

// version is a release number; what follows it ("-rc.1", "+k3s1") is dropped.
type version struct{ major, minor, patch int }

var versionPattern = regexp.MustCompile(`\bv?([0-9]+)\.([0-9]+)\.([0-9]+)`)

// parseVersion finds the first version in a text, such as a module's version or
// what a binary prints when it is asked for its own.
func parseVersion(text string) (version, error) {
	m := versionPattern.FindStringSubmatch(text)
	if m == nil {
		return version{}, fmt.Errorf("no version such as v1.2.3 in %q", text)
	}
	var v version
	for i, part := range []*int{&v.major, &v.minor, &v.patch} {
		n, err := strconv.Atoi(m[i+1])
		if err != nil {
			return version{}, fmt.Errorf("version %q: %w", m[0], err)
		}
		*part = n
	}
	return v, nil
}

// String is the version as a tag of its repository would be.
func (v version) String() string { return fmt.Sprintf("v%d.%d.%d", v.major, v.minor, v.patch) }

// compare is negative when v is older than w.
func (v version) compare(w version) int {
	return cmp.Or(cmp.Compare(v.major, w.major), cmp.Compare(v.minor, w.minor), cmp.Compare(v.patch, w.patch))
}

// parsePins reads the output of "go mod edit -json": the version that go.mod
// requires of each module.
func parsePins(data []byte) (map[string]version, error) {
	var file struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("go.mod as JSON: %w", err)
	}
	pins := map[string]version{}
	for _, r := range file.Require {
		// A module without a release number is none of ours.
		if v, err := parseVersion(r.Version); err == nil {
			pins[r.Path] = v
		}
	}
	return pins, nil
}
