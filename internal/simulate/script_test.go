package simulate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/internal/manifest"
)

// files are documents of several files, as name and text in turn.
func files(t *testing.T, list ...string) []*manifest.Document {
	t.Helper()
	var out []*manifest.Document
	for i := 0; i < len(list); i += 2 {
		docs, bad := manifest.Parse(list[i], []byte(list[i+1]))
		if len(bad) > 0 {
			t.Fatal(bad)
		}
		out = append(out, docs...)
	}
	return out
}

// object is a head of an object with more of its metadata.
func object(kind, name, meta, spec string) string {
	return fmt.Sprintf("apiVersion: recovery.amends.dev/v1alpha1\nkind: %s\nmetadata: {name: %s%s}\nspec: %s\n", kind, name, meta, spec)
}

func entryPatch(id, more string) string {
	return fmt.Sprintf(`[{"op": "add", "path": "/spec/journal/-", "value": {"id": %q%s}}]`, id, more)
}

const factPatch = `[{"op": "add", "path": "/spec/delivery", "value": {"by": "alice"}}]`

func TestScript(t *testing.T) {
	t.Parallel()
	table := "apiVersion: simulate.amends.dev/v1alpha1\nkind: Timetable\n"
	for name, c := range map[string]struct {
		files []string
		want  []string
	}{
		"at the start, and every half minute": {
			files: []string{"a.yaml", object("Incident", "a", "", "{}"), "b.json", entryPatch("x", ""), "c.json", entryPatch("y", "")},
			want:  []string{"0s Created Incident/a", "30s Patched Incident/a x", "1m0s Patched Incident/a y"},
		},
		"entries of an incident by recordedAt, at, and their order": {
			files: []string{"a.yaml", object("Incident", "a", "", `{journal: [{id: x, recordedAt: "2026-10-05T07:10:00Z", at: "2026-10-05T07:01:00Z"}, {id: w}, {id: z, at: "2026-10-05T07:05:00Z"}]}`)},
			want:  []string{"0s Created Incident/a", "5m0s Patched Incident/a z", "10m0s Patched Incident/a x", "10m30s Patched Incident/a w"},
		},
		"from a creation in the files": {
			files: []string{"a.yaml", object("Incident", "a", `, creationTimestamp: "2026-10-06T07:00:00Z"`, "{}"), "b.yaml", object("RecoveryPolicy", "p", "", "{}")},
			want:  []string{"24h0m0s Created Incident/a", "24h0m0s Created RecoveryPolicy/p"},
		},
		"edits and a deletion": {
			files: []string{
				"a.yaml", object("RecoveryPolicy", "p", "", "{}"),
				"b.yaml", object("RecoveryPolicy", "p", `, annotations: {simulate.amends.dev/at: 2h}`, "{}"),
				"c.yaml", object("RecoveryPolicy", "p", `, deletionTimestamp: "2026-10-05T10:00:00Z"`, "{}"),
			},
			want: []string{"0s Created RecoveryPolicy/p", "2h0m0s Edited RecoveryPolicy/p", "3h0m0s Deleted RecoveryPolicy/p"},
		},
		"a Compensation and its facts": {
			files: []string{"a.yaml", object("Incident", "a", "", "{}"), "b.yaml", object("Compensation", "c", "", `{incidentName: a, choice: {offer: x}, decision: {by: tom, recordedAt: "2026-10-05T07:20:00Z"}}`), "d.json", factPatch},
			want:  []string{"0s Created Incident/a", "30s Created Compensation/c", "1m0s Patched Compensation/c", "20m0s Patched Compensation/c", "20m30s Patched Compensation/c"},
		},
		"a patch goes to who gives the folder its name": {
			files: []string{"w/i.yaml", object("Incident", "a", "", "{}") + "---\n" + object("Incident", "b", "", "{}"), "w/journal/b/1.json", entryPatch("x", ""), "w/entries/2.json", entryPatch("y", "")},
			want:  []string{"0s Created Incident/a", "0s Created Incident/b", "30s Patched Incident/b x", "1m0s Patched Incident/a y", "1m0s Patched Incident/b y"},
		},
		"a timetable": {
			files: []string{
				"w/i.yaml", object("Incident", "a", "", "{}") + "---\n" + object("Incident", "b", "", "{}"), "w/1.json", entryPatch("x", ""), "w/2.json", entryPatch("y", ""),
				"t.yaml", table + "every: 1m\nacts:\n- {file: w/1.json, at: 5m, to: [b]}\n- {file: 1.json, at: \"2026-10-05T08:00:00Z\", to: [a]}\n",
			},
			want: []string{"0s Created Incident/a", "0s Created Incident/b", "1m0s Patched Incident/a y", "1m0s Patched Incident/b y", "5m0s Patched Incident/b x", "1h0m0s Patched Incident/a x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acts, _, err := Script(files(t, c.files...), Options{Start: monday})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range acts {
				line := fmt.Sprintf("%s %s %s/%s", a.At.Sub(monday), a.Verb, a.Kind, a.Name)
				for _, o := range a.Operations {
					value, _ := o.Value.(map[string]any)
					if id, ok := value["id"].(string); ok {
						line += " " + id
					}
					if timeAt(value, "recordedAt").IsZero() {
						t.Errorf("%s has no time", line)
					}
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScriptCannot(t *testing.T) {
	t.Parallel()
	table := "apiVersion: simulate.amends.dev/v1alpha1\nkind: Timetable\n"
	for name, c := range map[string]struct {
		files []string
		says  string
	}{
		"twice the same":           {[]string{"a.yaml", object("RecoveryPolicy", "p", "", "{}"), "b.yaml", object("RecoveryPolicy", "p", "", "{}")}, "b.yaml:3:18: RecoveryPolicy p is there twice"},
		"a patch for nobody":       {[]string{"a.json", entryPatch("x", "")}, "a.json:1:2: there is no Incident"},
		"an unknown target":        {[]string{"a.json", entryPatch("x", ""), "t.yaml", table + "acts: [{file: a.json, to: [b]}]\n"}, `Incident "b"`},
		"a file that is not there": {[]string{"t.yaml", table + "acts: [{file: a.json, at: 1m}]\n"}, `"a.json"`},
		"an unknown field":         {[]string{"t.yaml", table + "begin: 1m\n"}, "begin"},
		"another kind":             {[]string{"t.yaml", strings.Replace(table, "Timetable", "Clock", 1)}, "there is no Clock"},
		"two timetables":           {[]string{"t.yaml", table, "u.yaml", table}, "another timetable"},
		"no moment":                {[]string{"t.yaml", table + "until: noon\n"}, `"noon" is no moment`},
		"no time between facts":    {[]string{"t.yaml", table + "every: 1ms\n"}, "every"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := Script(files(t, c.files...), Options{Start: monday})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// TestUntil cuts where something is still due, and says so.
func TestUntil(t *testing.T) {
	t.Parallel()
	out := simulated(t, "testdata/vectors/12-a-promise-is-never-held")
	var text strings.Builder
	if err := out.WriteText(&text, false); err != nil {
		t.Fatal(err)
	}
	if !out.Cut || !strings.HasSuffix(text.String(), "more would be due.\n") || out.Until.After(time.Date(2026, 10, 2, 15, 15, 0, 0, time.UTC)) {
		t.Errorf("cut %t at %s\n%s", out.Cut, out.Until, text.String())
	}
}
