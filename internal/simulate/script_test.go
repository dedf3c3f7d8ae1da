package simulate

import (
	"fmt"
	"slices"
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

// labelPatch does not tell of which kind its object is.
const labelPatch = `[{"op": "add", "path": "/metadata/labels", "value": {"site": "bar"}}]`

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
		"what is not played does not say when it starts": {
			files: []string{"a.yaml", object("Incident", "a", "", "{}"), "r.yaml", "kind: Role\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: r, creationTimestamp: \"2020-10-06T07:00:00Z\"}\n"},
			want:  []string{"0s Created Incident/a"},
		},
		"an end before the default start, of what has times of its own": {
			files: []string{"a.yaml", object("Incident", "a", `, annotations: {simulate.amends.dev/at: "2026-10-01T07:00:00Z"}`, "{}"), "t.yaml", table + "until: \"2026-10-02T07:00:00Z\"\n"},
			want:  []string{"-96h0m0s Created Incident/a"},
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
		"the kind is that of the first operation that tells one": {
			files: []string{
				"w/i.yaml", object("Incident", "a", "", "{}") + "---\n" + object("RecoveryPolicy", "p", "", "{}"),
				"w/1.json", `[{"op": "test", "path": "/metadata/name", "value": "a"}, {"op": "add", "path": "/spec/journal/-", "value": {"id": "x", "recordedAt": "2026-10-05T07:10:00Z"}}]`,
				"w/2.json", `[{"op": "test", "path": "/spec/severity", "value": "Low"}]`,
			},
			want: []string{"0s Created Incident/a", "0s Created RecoveryPolicy/p", "30s Patched Incident/a", "10m0s Patched Incident/a x"},
		},
		"where none does, it is that of the folder's name": {
			files: []string{
				"w/i.yaml", object("Incident", "a", "", "{}") + "---\n" + object("RecoveryPolicy", "p", "", "{}"),
				"w/a/1.json", labelPatch, "w/p/more/2.json", labelPatch,
			},
			want: []string{"0s Created Incident/a", "0s Created RecoveryPolicy/p", "30s Patched Incident/a", "1m0s Patched RecoveryPolicy/p"},
		},
		"or that of the name in a timetable": {
			files: []string{
				"w/i.yaml", object("Incident", "a", "", "{}") + "---\n" + object("RecoveryBudget", "a", "", "{}") + "---\n" + object("RecoveryBudget", "b", "", "{}"),
				"w/1.json", labelPatch, "w/2.json", labelPatch, "t.yaml", table + "acts: [{file: 1.json, at: 1m, to: [b]}, {file: 2.json, at: 2m, to: [Incident/a, RecoveryBudget/a]}]\n",
			},
			want: []string{"0s Created Incident/a", "0s Created RecoveryBudget/a", "0s Created RecoveryBudget/b", "1m0s Patched RecoveryBudget/b", "2m0s Patched Incident/a", "2m0s Patched RecoveryBudget/a"},
		},
		"a field of several kinds": {
			files: []string{
				"w/a/i.yaml", object("Incident", "a", "", "{}") + "---\n" + object("RecoveryBudget", "a", "", "{}"),
				"w/a/1.json", `[{"op": "replace", "path": "/spec/timeZone", "value": "UTC"}]`,
			},
			want: []string{"0s Created Incident/a", "0s Created RecoveryBudget/a", "30s Patched RecoveryBudget/a"},
		},
		"a name in several namespaces": {
			files: []string{
				"w/i.yaml", object("Incident", "a", ", namespace: one", "{}") + "---\n" + object("Incident", "a", ", namespace: two", "{}"),
				"w/1.json", entryPatch("z", ""), "t.yaml", table + "acts: [{file: 1.json, at: 1m, to: [two/a]}]\n",
			},
			want: []string{"0s Created Incident/a", "0s Created Incident/a", "1m0s Patched Incident/a z"},
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
					if !isFact(o.Path) {
						continue
					}
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
		"twice the same":         {[]string{"a.yaml", object("RecoveryPolicy", "p", "", "{}"), "b.yaml", object("RecoveryPolicy", "p", "", "{}")}, "b.yaml:3:18: RecoveryPolicy p is there twice"},
		"several without a name": {[]string{"a.yaml", "apiVersion: recovery.amends.dev/v1alpha1\nkind: Incident\nmetadata: {generateName: a-}\n", "b.yaml", "apiVersion: recovery.amends.dev/v1alpha1\nkind: Incident\nmetadata: {generateName: b-}\n"}, "b.yaml:3:11: several Incidents have no name"},
		"a patch for nobody":     {[]string{"a.json", entryPatch("x", "")}, "a.json:1:2: there is no Incident"},
		"an unknown target":      {[]string{"a.json", entryPatch("x", ""), "t.yaml", table + "acts: [{file: a.json, to: [b]}]\n"}, `Incident "b"`},
		"a patch that tells nothing": {
			[]string{"a.yaml", object("Incident", "a", "", "{}"), "b.json", labelPatch},
			"b.json:1:2: no operation of this patch tells the kind of object that it is for, and no folder above it has the name of one among the files; put it into a folder of that name, or name the object under to in a timetable",
		},
		"a patch for several": {
			[]string{"a.yaml", object("Incident", "a", "", "{}") + "---\n" + object("Compensation", "a", "", "{}"), "a/b.json", labelPatch},
			"a/b.json:1:2: no operation of this patch tells which of Incident/a, Compensation/a it is for; name one under to in a timetable, as KIND/NAME",
		},
		"a target of several kinds": {
			[]string{"a.yaml", object("Incident", "a", "", "{}") + "---\n" + object("Compensation", "a", "", "{}"), "b.json", labelPatch, "t.yaml", table + "acts: [{file: b.json, to: [a]}]\n"},
			`b.json:1:2: the timetable sends this patch to "a", and that may be any of Incident/a, Compensation/a; write KIND/NAME, or NAMESPACE/NAME`,
		},
		"a target in several namespaces": {
			[]string{"a.yaml", object("Incident", "a", ", namespace: one", "{}") + "---\n" + object("Incident", "a", ", namespace: two", "{}"), "b.json", entryPatch("z", ""), "t.yaml", table + "acts: [{file: b.json, to: [a]}]\n"},
			"any of Incident/a in one, Incident/a in two",
		},
		"an unknown target of any kind": {[]string{"a.json", labelPatch, "t.yaml", table + "acts: [{file: a.json, to: [b]}]\n"}, `sends this patch to "b", which is not among`},
		"a file that is not there":      {[]string{"t.yaml", table + "acts: [{file: a.json, at: 1m}]\n"}, `"a.json"`},
		"an unknown field":              {[]string{"t.yaml", table + "begin: 1m\n"}, "begin"},
		"another kind":                  {[]string{"t.yaml", strings.Replace(table, "Timetable", "Clock", 1)}, "there is no Clock"},
		"two timetables":                {[]string{"t.yaml", table, "u.yaml", table}, "another timetable"},
		"no moment":                     {[]string{"t.yaml", table + "until: noon\n"}, `"noon" is no moment`},
		"no time between facts":         {[]string{"t.yaml", table + "every: 1ms\n"}, "every"},
		"no whole seconds":              {[]string{"t.yaml", table + "every: 1500ms\n"}, `every: "1500ms" is no time between facts`},
		"an end before the start": {
			[]string{"a.yaml", object("Incident", "a", "", `{journal: [{id: x, at: "2026-10-01T07:00:00Z"}]}`), "t.yaml", table + "until: -48h\n"},
			"until 2026-10-03T07:00:00Z: there is nothing by then, the first object comes at 2026-10-05T07:00:00Z; write a later until, or an earlier start",
		},
		"an end before the first object": {
			[]string{"a.yaml", object("Incident", "a", ", annotations: {simulate.amends.dev/at: 2h}", "{}"), "t.yaml", table + "until: 1h\n"},
			"the first object comes at 2026-10-05T09:00:00Z",
		},
		"back before away":  {[]string{"t.yaml", table + "down: [{from: 1h, until: 2h}, {from: 25m, until: 10m}]\n"}, "down[1]: from 25m is not before until 10m"},
		"away for no time":  {[]string{"t.yaml", table + "down: [{from: 25m, until: 25m}]\n"}, "down[0]: from 25m is not before until 25m"},
		"away and not back": {[]string{"t.yaml", table + "down: [{from: 25m}]\n"}, "down[0]: until is missing"},
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

// TestPatches plays patches to the letter, and refuses what the API server would.
func TestPatches(t *testing.T) {
	t.Parallel()
	incident := object("Incident", "a", "", "{summary: s, customer: {id: c}, severity: Low, service: s, detectedBy: Staff, policyName: p}")
	for name, c := range map[string]struct{ patch, what, says string }{
		"a copy has a source": {
			`[{"op": "add", "path": "/metadata/labels", "value": {}}, {"op": "copy", "from": "/metadata/name", "path": "/metadata/labels/called"}]`,
			Recorded, "copy /metadata/labels/called",
		},
		"a time that is none":       {entryPatch("x", `, "by": "alice", "recordedAt": "yesterday", "note": "n"`), Refused, "recordedAt"},
		"a test that does not hold": {`[{"op": "test", "path": "/metadata/name", "value": "b"}]`, Refused, "the patch cannot be applied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := Simulate(t.Context(), files(t, "a/i.yaml", incident, "a/1.json", c.patch), Options{Start: monday})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(out.Events, func(e Event) bool { return e.What == c.what && strings.Contains(e.Message, c.says) }) {
				t.Errorf("nothing is %s with %q: %+v", c.what, c.says, out.Events)
			}
		})
	}
}

// TestATestIsNotDated leaves what a patch only compares as it is.
func TestATestIsNotDated(t *testing.T) {
	t.Parallel()
	patch := `[{"op": "test", "path": "/spec/choice", "value": {"offer": "x"}}]`
	acts, _, err := Script(files(t, "a.yaml", object("Compensation", "c", "", "{}"), "b.json", patch), Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"offer": "x"}, acts[1].Operations[0].Value); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
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
