package lint

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/internal/manifest"
)

var update = flag.Bool("update", false, "write the golden findings anew")

// now is the time against which the fixed instants in testdata are held.
var now = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

func findings(t *testing.T, names ...string) []Finding {
	t.Helper()
	docs, bad, err := manifest.Load(names, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(context.Background(), docs, bad, Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSamplesAreClean finds nothing in the samples, one by one and all together, nor in
// the roles that are shipped.
func TestSamplesAreClean(t *testing.T) {
	t.Parallel()
	journals, err := filepath.Glob("../../config/samples/*/*.yaml")
	if err != nil || len(journals) == 0 {
		t.Fatal(journals, err)
	}
	dirs := []string{"../../config/samples", "../../config/rbac"}
	for _, file := range journals {
		if dir := filepath.Dir(file); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		for _, f := range findings(t, dir) {
			t.Error(f)
		}
	}
}

// TestPlantedMistakes finds exactly one thing in each folder of testdata, where the file
// says in a comment that it is: "# finds RULE" stands on the line of the finding.
func TestPlantedMistakes(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("testdata/mistakes/*")
	if err != nil {
		t.Fatal(err)
	}
	const atLeast = 30
	if len(dirs) < atLeast {
		t.Errorf("%d mistakes are planted, want at least %d", len(dirs), atLeast)
	}
	found := map[string]bool{}
	var golden []string
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			list := findings(t, dir)
			var got []string
			for _, f := range list {
				got = append(got, f.Position.File+":"+itoa(f.Line)+" "+f.Rule)
				golden = append(golden, f.String())
				found[f.Rule] = true
			}
			if diff := cmp.Diff(planted(t, dir), got); diff != "" {
				t.Errorf("(-planted +found):\n%s\n%v", diff, list)
			}
		})
	}
	for _, r := range rules {
		// What the API server checks too, in words of its own, is told in those.
		if !found[r.ID] && r.ID != rulePolicyInvalid {
			t.Errorf("no mistake of the rule %s is planted", r.ID)
		}
	}
	compareGolden(t, "testdata/mistakes.golden", strings.Join(golden, "\n")+"\n")
}

func itoa(n int) string {
	const digits = "0123456789"
	if n < len(digits) {
		return digits[n : n+1]
	}
	return itoa(n/len(digits)) + itoa(n%len(digits))
}

// planted is the mark in the files of a folder, of which there is exactly one. Where a
// file cannot have a comment on the line, the mark names it: "# finds RULE at 1".
func planted(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			_, mark, ok := strings.Cut(line, "finds: ")
			if !ok {
				continue
			}
			rule, at, elsewhere := strings.Cut(strings.Trim(mark, `"}, `), " at ")
			if !elsewhere {
				at = itoa(i + 1)
			}
			out = append(out, file+":"+at+" "+rule)
		}
	}
	if len(out) != 1 {
		t.Errorf("%d marks in %s, want one", len(out), dir)
	}
	return out
}

func TestEveryRuleIsSaid(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, r := range Rules() {
		if r.Help == "" || !strings.HasSuffix(r.Help, ".") || r.Severity != Error && r.Severity != Warning {
			t.Errorf("rule %s: %q, %s", r.ID, r.Help, r.Severity)
		}
		if slices.Contains(ids, r.ID) {
			t.Errorf("rule %s is there twice", r.ID)
		}
		ids = append(ids, r.ID)
	}
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
		t.Errorf("%s differs (-golden +now); if that is right, run the test with -update:\n%s", file, diff)
	}
}
