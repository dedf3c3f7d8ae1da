package simulate

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/internal/manifest"
)

var update = flag.Bool("update", false, "write the golden transcripts anew")

// monday is the start where the files do not say one.
var monday = time.Date(2026, 10, 5, 7, 0, 0, 0, time.UTC)

func simulated(t *testing.T, names ...string) *Transcript {
	t.Helper()
	docs, bad, err := manifest.Load(names, nil)
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	out, err := Simulate(context.Background(), docs, Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// revision is the hash in the name of a revision: it changes with every field that the
// API gets, and tells nothing here.
var revision = regexp.MustCompile(`-[0-9a-f]{12}\b`)

// TestStories plays the samples on the time of their timetables.
func TestStories(t *testing.T) {
	t.Parallel()
	tables, err := filepath.Glob("testdata/stories/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, table := range tables {
		story := strings.TrimSuffix(filepath.Base(table), ".yaml")
		told = append(told, story)
		t.Run(story, func(t *testing.T) {
			t.Parallel()
			out := simulated(t, filepath.Join("../../config/samples", story), table)
			for _, e := range out.Events {
				if e.What == Refused {
					t.Errorf("refused: %s %s: %s", e.Kind, e.Name, e.Message)
				}
			}
			var text bytes.Buffer
			if err := out.WriteText(&text, true); err != nil {
				t.Fatal(err)
			}
			compareGolden(t, strings.TrimSuffix(table, ".yaml")+".golden", revision.ReplaceAllString(text.String(), ""))
		})
	}
	for _, dir := range samples(t) {
		if !slices.Contains(told, filepath.Base(dir)) {
			t.Errorf("the story of %s has no timetable here", dir)
		}
	}
}

func samples(t *testing.T) []string {
	t.Helper()
	policies, err := filepath.Glob("../../config/samples/*/30-policy.yaml")
	if err != nil || len(policies) == 0 {
		t.Fatal(policies, err)
	}
	out := make([]string, len(policies))
	for i, p := range policies {
		out[i] = filepath.Dir(p)
	}
	return out
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s tells otherwise (-golden +now); if that is right, run the test with -update:\n%s", file, diff)
	}
}

// TestTwiceTheSame plays a case twice.
func TestTwiceTheSame(t *testing.T) {
	t.Parallel()
	story, table := "../../config/samples/coffee-asked-upwards", "testdata/stories/coffee-asked-upwards.yaml"
	one, two := simulated(t, story, table), simulated(t, story, table)
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("(-once +twice):\n%s", diff)
	}
}

// TestRefused tells of what the API server would not take, and goes on without it.
func TestRefused(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: recovery.amends.dev/v1alpha1\nkind: RecoveryPolicy\nmetadata: {name: a}\nspec:\n"
	for name, c := range map[string]struct{ text, says string }{
		"an unknown field": {head + "  nothing: here\n", `unknown field "spec.nothing"`},
		"a wrong value":    {head + "  priority: -1\n", "spec.priority"},
		"a broken rule":    {head + "  steps:\n  - {name: call, type: FollowUp}\n", "followUp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			docs, _ := manifest.Parse("a.yaml", []byte(c.text))
			out, err := Simulate(context.Background(), docs, Options{Start: monday})
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Events) != 1 || out.Events[0].What != Refused || !strings.Contains(out.Events[0].Message, c.says) || len(out.Objects) > 0 {
				t.Errorf("%+v", out)
			}
		})
	}
}
