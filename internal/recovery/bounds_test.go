package recovery_test

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// failer is a test or a property.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

var reasonPattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// checkBounds checks what the schema and the keys of lists ask of a status.
func checkBounds(t failer, s *v1alpha1.IncidentStatus) {
	t.Helper()
	var conditions, clocks, announced, latched, recorded []string
	for _, c := range s.Conditions {
		conditions = append(conditions, c.Type)
		if !reasonPattern.MatchString(c.Reason) || c.Message == "" || len(c.Message) > 2048 || !utf8.ValidString(c.Message) || c.LastTransitionTime.IsZero() {
			t.Errorf("the condition does not fit: %+v", c)
		}
		if c.ObservedGeneration != s.ObservedGeneration {
			t.Errorf("%s is of generation %d, the status of %d", c.Type, c.ObservedGeneration, s.ObservedGeneration)
		}
	}
	for _, c := range s.Clocks {
		clocks = append(clocks, c.Name)
		if c.Reason != "" && !reasonPattern.MatchString(c.Reason) || c.Kind == "" || c.State == "" || c.State == v1alpha1.StateWaiting || c.Round == 1 || c.Round > 10 {
			t.Errorf("the clock does not fit: %+v", c)
		}
		if (c.BreachedAt == nil) != (c.ObservedAt == nil) {
			t.Errorf("%s was breached at %v and observed at %v", c.Name, c.BreachedAt, c.ObservedAt)
		}
	}
	for _, a := range s.Announced {
		announced = append(announced, a.Key)
	}
	for _, l := range s.Latched {
		latched = append(latched, l.Key)
		if l.Value == "" || len(l.Value) > 253 || l.At.IsZero() {
			t.Errorf("the verdict does not fit: %+v", l)
		}
	}
	for _, r := range s.Recorded {
		recorded = append(recorded, r.Key)
	}
	for _, list := range []struct {
		name    string
		keys    []string
		most    int
		longest int
	}{
		{"conditions", conditions, 32, 316}, {"clocks", clocks, 512, 128},
		{"announced", announced, 1024, 192}, {"latched", latched, 512, 192}, {"recorded", recorded, 512, 128},
	} {
		if len(list.keys) > list.most {
			t.Errorf("%s has %d elements, and at most %d fit", list.name, len(list.keys), list.most)
		}
		seen := slices.Clone(list.keys)
		slices.Sort(seen)
		if len(slices.Compact(seen)) != len(list.keys) {
			t.Errorf("%s has a key twice: %s", list.name, strings.Join(list.keys, ", "))
		}
		for _, key := range list.keys {
			if key == "" || len(key) > list.longest {
				t.Errorf("%s has a key of %d bytes: %s", list.name, len(key), key)
			}
		}
	}
	if !slices.IsSortedFunc(s.Announced, func(a, b v1alpha1.Announced) int { return a.At.Time.Compare(b.At.Time) }) {
		t.Errorf("announced is not in order of the instants")
	}
	if len(s.Pins) > 32 || s.Round < 1 || s.Round > 10 || s.Phase == "" || s.Severity == "" {
		t.Errorf("the status does not fit: %d pins, round %d, phase %q, severity %q", len(s.Pins), s.Round, s.Phase, s.Severity)
	}
}
