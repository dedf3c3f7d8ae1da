package offline_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/internal/cli/offline"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/manifest"
	"github.com/amends-dev/amends/internal/simulate"
)

// stored writes what kubectl get -o yaml would write of the world at an instant: the
// statuses are those of a simulation until then. Of several namespaces, each has it all.
func stored(t *testing.T, until time.Time, namespaces ...string) string {
	t.Helper()
	world := "testdata/diff/world.yaml"
	docs, _, err := manifest.Load([]string{world}, nil)
	if err != nil {
		t.Fatal(err)
	}
	played, err := simulate.Simulate(context.Background(), docs, simulate.Options{Start: until, Until: until})
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string]any{}
	for _, o := range played.Objects {
		statuses[o.Kind+"/"+o.Name] = o.Status
	}
	var items []any
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	for _, namespace := range namespaces {
		for _, d := range docs {
			object := runtime.DeepCopyJSON(d.Object)
			object["status"] = statuses[d.Kind+"/"+d.Name]
			if namespace != "" {
				object["metadata"].(map[string]any)["namespace"] = namespace
			}
			items = append(items, object)
		}
	}
	data, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "open.yaml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// hash is the hash in the name of a revision.
var hash = regexp.MustCompile(`desk-[0-9a-f]{12}`)

func differ(s genericiooptions.IOStreams) *cobra.Command {
	return offline.NewDiff(s, offline.Desk{Now: now})
}

func TestDiff(t *testing.T) {
	t.Parallel()
	open := stored(t, now())
	d := run(t, differ, "", "-f", "testdata/diff/new.yaml", "--incidents", open)
	if d.code != 0 {
		t.Fatal(d.err)
	}
	got := hash.ReplaceAllString(d.out.String(), "desk-HASH")
	want := `RecoveryPolicy desk, as of 2026-10-05T09:00:00Z: 2 incidents open under it.
With rollout NewIncidents: no due instant moves; new incidents get revision desk-HASH.
With rollout OpenIncidents (which the file says): something changes for 2 incidents:
  early (Low)
    Step/apologise: due 2026-10-05T09:15:00Z instead of 2026-10-05T09:05:00Z, 10m0s later
  nearly-late (High)
    Step/mend: due 2026-10-05T08:05:00Z instead of 2026-10-05T10:05:00Z, 2h0m0s sooner, late at once
`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d := run(t, differ, "", "-f", "testdata/diff/new.yaml", "--incidents", open, "--exit-code"); d.code != 1 {
		t.Errorf("exit code %d, %v", d.code, d.err)
	}
}

func TestDiffOfNothing(t *testing.T) {
	t.Parallel()
	open := stored(t, now())
	d := run(t, differ, "", "-f", "testdata/diff/world.yaml", "--incidents", open, "--exit-code")
	if d.code != 0 || !strings.Contains(d.out.String(), "nothing changes") || strings.Contains(d.out.String(), "something changes") {
		t.Errorf("exit code %d, %v\n%s", d.code, d.err, d.out.String())
	}
}

func TestDiffJSON(t *testing.T) {
	t.Parallel()
	var got []struct {
		Policy        string
		Open          int
		NewIncidents  []any
		OpenIncidents []struct {
			Incident string
			Clocks   []struct {
				Clock        string
				Due, NextDue time.Time
				LateAtOnce   bool
			}
		}
	}
	d := run(t, differ, "", "-f", "testdata/diff/new.yaml", "--incidents", stored(t, now()), "-o", "json")
	if err := json.Unmarshal(d.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	late := got[0].OpenIncidents[1]
	if got[0].Open != 2 || len(got[0].NewIncidents) != 0 || late.Incident != "nearly-late" || !late.Clocks[0].LateAtOnce || late.Clocks[0].NextDue.Sub(late.Clocks[0].Due) != -2*time.Hour {
		t.Errorf("%+v", got)
	}
}

// TestDiffLive reads through a reader, as of a cluster.
func TestDiffLive(t *testing.T) {
	t.Parallel()
	docs, _, err := manifest.Load([]string{stored(t, now())}, nil)
	if err != nil {
		t.Fatal(err)
	}
	reader, incidents, err := simulate.Stored(docs)
	if err != nil || len(incidents) != 3 {
		t.Fatal(len(incidents), err)
	}
	connect := func(context.Context) (*offline.Live, error) {
		return &offline.Live{Reader: reader, Namespace: "default", Snapshot: gather.New(reader, reader, 0).Snapshot, Now: now}, nil
	}
	live := func(s genericiooptions.IOStreams) *cobra.Command {
		return offline.NewDiff(s, offline.Desk{Now: now, Connect: connect})
	}
	d := run(t, live, "", "-f", "testdata/diff/new.yaml")
	if d.code != 0 || !strings.Contains(d.out.String(), "2h0m0s sooner, late at once") {
		t.Errorf("%v\n%s", d.err, d.out.String())
	}
}

func TestDiffCannot(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a file in which nothing stands":  {args: []string{"-f", "testdata/diff/new.yaml", "--incidents", empty}, says: "empty.yaml: it is empty"},
		"an input in which nothing comes": {args: []string{"-f", "testdata/diff/new.yaml", "--incidents", "-"}, says: "--incidents -: it is empty"},
		"one input for both":              {args: []string{"-f", "-", "--incidents", "-"}, says: "the same standard input"},
		"no cluster and no file":          {args: []string{"-f", "testdata/diff/new.yaml"}, says: "--incidents"},
		"no policy":                       {args: []string{"-f", mistakes + "pool-empty", "--incidents", "testdata/diff/world.yaml"}, says: "no RecoveryPolicy"},
		"a policy that is wrong":          {args: []string{"-f", mistakes + "step-cycle", "--incidents", "testdata/diff/world.yaml"}, says: "circle"},
		"an unknown form":                 {args: []string{"-f", "testdata/diff/new.yaml", "-o", "xml"}, says: "text, json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := run(t, differ, "", append(c.args, "--exit-code")...); d.code != 2 || !strings.Contains(d.err.Error(), c.says) {
				t.Errorf("exit code %d, %v; want 2 and %q", d.code, d.err, c.says)
			}
		})
	}
}

// TestDiffNamespaces compares a policy with the incidents of its namespace, whether the
// file says it, the command line, or the incidents.
func TestDiffNamespaces(t *testing.T) {
	t.Parallel()
	draft, err := os.ReadFile("testdata/diff/new.yaml")
	if err != nil {
		t.Fatal(err)
	}
	of := func(namespace string) string {
		return strings.Replace(string(draft), "name: desk", "name: desk\n  namespace: "+namespace, 1)
	}
	const calendars = "---\napiVersion: recovery.amends.dev/v1alpha1\nkind: BusinessCalendar\nmetadata: {name: always, namespace: hotel-b}\n" +
		"spec: {timeZone: UTC, weekly: [{days: [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday], hours: [{from: \"00:00\", to: \"24:00\"}]}]}\n"
	for name, c := range map[string]struct {
		policy string
		// stored are the namespaces of the incidents, none where they give none.
		stored []string
		asked  string
		open   int
		says   string
	}{
		"of the incidents":          {string(draft), []string{"hotel-b"}, "", 2, ""},
		"of the command line":       {string(draft), []string{"hotel-a", "hotel-b"}, "hotel-b", 2, ""},
		"of the policy":             {of("hotel-b"), []string{"hotel-a", "hotel-b"}, "", 2, ""},
		"of the policy alone":       {of("hotel-b"), nil, "", 2, ""},
		"of nothing":                {string(draft), nil, "", 2, ""},
		"of the command line alone": {string(draft), nil, "hotel-b", 2, ""},
		"another one":               {string(draft), []string{"hotel-a"}, "hotel-b", 0, ""},
		"a calendar beside":         {strings.Replace(string(draft), "selector: {}", "selector: {}\n  calendarName: always", 1) + calendars, []string{"hotel-b"}, "", 2, ""},
		"several": {
			string(draft), []string{"hotel-b", "hotel-a"}, "", 0,
			"the policy desk gives no namespace, and the incidents are of several: hotel-a, hotel-b; name one of them with -n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			construct := func(s genericiooptions.IOStreams) *cobra.Command {
				return offline.NewDiff(s, offline.Desk{Now: now, Namespace: func() string { return c.asked }})
			}
			d := run(t, construct, c.policy, "-f", "-", "--incidents", stored(t, now(), c.stored...), "-o", "json")
			if c.says != "" {
				if d.code != 2 || !strings.Contains(d.err.Error(), c.says) {
					t.Errorf("exit code %d, %v; want 2 and %q", d.code, d.err, c.says)
				}
				return
			}
			var got []struct {
				Open          int
				OpenIncidents []any
			}
			if err := json.Unmarshal(d.out.Bytes(), &got); err != nil {
				t.Fatal(d.err, err)
			}
			if got[0].Open != c.open || len(got[0].OpenIncidents) != c.open {
				t.Errorf("%d open, %d move, want %d: %s", got[0].Open, len(got[0].OpenIncidents), c.open, d.out.String())
			}
		})
	}
}

// TestDiffWithoutCluster ends with 2 where the cluster cannot be reached: 1 would say that
// something moves.
func TestDiffWithoutCluster(t *testing.T) {
	t.Parallel()
	connect := func(context.Context) (*offline.Live, error) { return nil, errors.New("there is no kubeconfig") }
	unreachable := func(s genericiooptions.IOStreams) *cobra.Command {
		return offline.NewDiff(s, offline.Desk{Now: now, Connect: connect})
	}
	if d := run(t, unreachable, "", "-f", "testdata/diff/new.yaml", "--exit-code"); d.code != 2 || !strings.Contains(d.err.Error(), "no kubeconfig") {
		t.Errorf("exit code %d, %v", d.code, d.err)
	}
}

// TestDiffOfAnEmptyList takes what kubectl writes where nothing is open.
func TestDiffOfAnEmptyList(t *testing.T) {
	t.Parallel()
	d := run(t, differ, "apiVersion: v1\nitems: []\nkind: List\n", "-f", "testdata/diff/new.yaml", "--incidents", "-", "--exit-code")
	if d.code != 0 || !strings.Contains(d.out.String(), "0 incidents open") {
		t.Errorf("exit code %d, %v\n%s", d.code, d.err, d.out.String())
	}
}
