package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for in, want := range map[v1alpha1.Duration]time.Duration{
		"1s":       time.Second,
		"90s":      90 * time.Second,
		"30m":      30 * time.Minute,
		"2h":       2 * time.Hour,
		"1h30m":    90 * time.Minute,
		"1h30m15s": 90*time.Minute + 15*time.Second,
		"0h1m":     time.Minute,
		"9600h":    9600 * time.Hour,
		"9599h60m": 9600 * time.Hour,
		"00030m":   30 * time.Minute,
	} {
		t.Run(string(in), func(t *testing.T) {
			t.Parallel()
			if got, err := policy.ParseDuration(in); err != nil || got != want {
				t.Errorf("ParseDuration(%q) = %s, %v, want %s", in, got, err, want)
			}
		})
	}
}

func TestParseDurationRefuses(t *testing.T) {
	t.Parallel()
	for why, in := range map[string]v1alpha1.Duration{
		"nothing":                 "",
		"no unit":                 "30",
		"a day, which is no unit": "1d",
		"a word":                  "soon",
		"no time at all":          "0s",
		"less than nothing":       "-5m",
		"a part of a second":      "1500ms",
		"a second and a part":     "1.5s",
		"more than 400 days":      "9600h1s",
		"more than Go can hold":   "99999999h",
		"a space":                 "1h 30m",
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			got, err := policy.ParseDuration(in)
			if err == nil {
				t.Fatalf("ParseDuration(%q) = %s, want an error", in, got)
			}
			for _, part := range []string{`"` + string(in) + `"`, "at most 9600h", "for example 30m"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q: %v", part, err)
				}
			}
		})
	}
}

func TestRank(t *testing.T) {
	t.Parallel()
	for i, s := range policy.Severities {
		if got := policy.Rank(s); got != i {
			t.Errorf("Rank(%s) = %d, want %d", s, got, i)
		}
	}
	if got := policy.Rank("Terrible"); got != 0 {
		t.Errorf("an unknown severity has rank %d, want that of the mildest", got)
	}
}
