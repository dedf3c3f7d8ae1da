package offline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/amends-dev/amends/internal/cli/offline"
	"github.com/amends-dev/amends/internal/fixture/planetest"
	"github.com/amends-dev/amends/internal/lint"
)

func TestMain(m *testing.M) { os.Exit(planetest.Main(m)) }

func now() time.Time { return time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC) }

// desk is a command that is run, and what it says.
type desk struct {
	out, errOut bytes.Buffer
	code        int
	err         error
}

// run runs a command with a standard input.
func run(t *testing.T, construct func(genericiooptions.IOStreams) *cobra.Command, in string, args ...string) *desk {
	t.Helper()
	d := &desk{}
	c := construct(genericiooptions.IOStreams{In: strings.NewReader(in), Out: &d.out, ErrOut: &d.errOut})
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetOut(&d.out)
	c.SetErr(&d.errOut)
	c.SetArgs(args)
	d.err = c.ExecuteContext(context.Background())
	var exit *offline.Exit
	switch {
	case errors.As(d.err, &exit):
		d.code = exit.ExitCode()
	case d.err != nil:
		t.Fatal(d.err)
	}
	return d
}

func linter(s genericiooptions.IOStreams) *cobra.Command { return offline.NewLint(s, now, "v1") }

func simulator(s genericiooptions.IOStreams) *cobra.Command { return offline.NewSimulate(s, now) }

func calendars(s genericiooptions.IOStreams) *cobra.Command { return offline.NewCalendar(s, now) }

const mistakes = "../../lint/testdata/mistakes/"

func TestLintExitCodes(t *testing.T) {
	t.Parallel()
	sound := "../../../config/samples/coffee-in-the-wind"
	for name, c := range map[string]struct {
		args []string
		in   string
		code int
		says string
	}{
		"nothing to find":            {args: []string{"-f", sound}},
		"an error":                   {args: []string{"-f", mistakes + "unknown-field"}, code: 1},
		"a warning":                  {args: []string{"-f", mistakes + "policy-tie"}, code: 1},
		"the standard input":         {args: []string{"-f", "-"}, in: "apiVersion: recovery.amends.dev/v1alpha1\nkind: Nothing\n", code: 1},
		"several files":              {args: []string{"-f", sound, "-f", mistakes + "unknown-field/policy.yaml"}, code: 1},
		"no such file":               {args: []string{"-f", "nowhere.yaml"}, code: 2, says: "nowhere.yaml"},
		"an empty folder":            {args: []string{"-f", t.TempDir()}, code: 2, says: "no .yaml, .yml or .json file"},
		"no file at all":             {code: 2, says: "-f"},
		"an argument in place of -f": {args: []string{sound}, code: 2, says: "-f"},
		"an unknown form":            {args: []string{"-f", sound, "-o", "xml"}, code: 2, says: "text, json, sarif"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := run(t, linter, c.in, c.args...)
			if d.code != c.code || c.says != "" && !strings.Contains(d.err.Error(), c.says) {
				t.Errorf("exit code %d, %v; want %d and %q", d.code, d.err, c.code, c.says)
			}
			if c.code == 1 && d.out.Len() == 0 {
				t.Error("nothing is reported")
			}
		})
	}
}

func TestLintReports(t *testing.T) {
	t.Parallel()
	file := mistakes + "severe-is-laxer/policy.yaml"
	text := run(t, linter, "", "-f", file).out.String()
	if !strings.HasPrefix(text, file+":17:12: warning: RecoveryPolicy desk: spec.bySeverity[0].steps[0].due: ") || !strings.HasSuffix(text, "0 errors, 1 warning\n") {
		t.Error(text)
	}
	var list []map[string]any
	if err := json.Unmarshal(run(t, linter, "", "-f", file, "-o", "json").out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	delete(list[0], "message")
	want := map[string]any{
		"rule": "severe-is-laxer", "severity": "warning", "file": file, "line": 17.0, "column": 12.0,
		"kind": "RecoveryPolicy", "name": "desk", "field": "spec.bySeverity[0].steps[0].due",
	}
	if diff := cmp.Diff([]map[string]any{want}, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if out := run(t, linter, "", "--rules").out.String(); strings.Count(out, "\n") != len(lint.Rules()) {
		t.Error(out)
	}
}

func TestLintSARIF(t *testing.T) {
	t.Parallel()
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name, Version string
					Rules         []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	file := mistakes + "unknown-field/policy.yaml"
	if err := json.Unmarshal(run(t, linter, "", "-f", file, "-o", "sarif").out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	r := log.Runs[0]
	if log.Version != "2.1.0" || r.Tool.Driver.Version != "v1" || len(r.Tool.Driver.Rules) != len(lint.Rules()) || len(r.Results) != 1 {
		t.Fatalf("%+v", log)
	}
	found := r.Results[0]
	at := found.Locations[0].PhysicalLocation
	if r.Tool.Driver.Rules[found.RuleIndex].ID != found.RuleID || found.RuleID != "unknown-field" || found.Level != "error" ||
		at.ArtifactLocation.URI != file || at.Region.StartLine != 13 || at.Region.StartColumn != 3 {
		t.Errorf("%+v", found)
	}
	empty := run(t, linter, "", "-f", "../../../config/samples/coffee-in-the-wind", "-o", "sarif").out.String()
	if !strings.Contains(empty, `"results": []`) {
		t.Error(empty)
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	dir := "../../simulate/testdata/vectors/33-the-customer-chooses"
	var got struct {
		Events  []map[string]any
		Objects []map[string]any
	}
	if err := json.Unmarshal(run(t, simulator, "", "-f", dir, "-o", "json").out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	keys := []string{"at", "incident", "kind", "message", "name", "reason", "what"}
	for _, e := range got.Events {
		var have []string
		for k := range e {
			have = append(have, k)
		}
		if slices.Sort(have); !slices.Equal(have, keys) {
			t.Fatalf("an event has %v, want %v", have, keys)
		}
	}
	if len(got.Objects) != 4 || len(got.Events) == 0 {
		t.Errorf("%d objects and %d events", len(got.Objects), len(got.Events))
	}
	short, long := run(t, simulator, "", "-f", dir).out.String(), run(t, simulator, "", "-f", dir, "-v").out.String()
	if !strings.Contains(short, "Granted 150.00") || strings.Contains(short, "  Condition  ") || !strings.Contains(long, "  Condition  ") {
		t.Errorf("%s\n%s", short, long)
	}
}

func TestSimulateCannot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		in   string
		says string
	}{
		"nothing to play":      {args: []string{"-f", "-"}, in: "kind: Role\napiVersion: rbac.authorization.k8s.io/v1\n", says: "nothing to simulate"},
		"what cannot be read":  {args: []string{"-f", mistakes + "unreadable-syntax"}, says: "policy.yaml:13:1"},
		"a start that is none": {args: []string{"-f", "-", "--start", "noon"}, says: "--start"},
		"too short a time":     {args: []string{"-f", "-", "--every", "10ms"}, says: "--every"},
		"no time at all":       {args: []string{"-f", "-", "--every", "0s"}, says: "--every 0s"},
		"less than no time":    {args: []string{"-f", "-", "--every", "-1m"}, says: "--every -1m0s"},
		"an end before the start": {
			args: []string{"-f", "-", "--start", "2026-10-02T08:00:00Z", "--until", "2026-10-01T08:00:00Z"}, in: "apiVersion: recovery.amends.dev/v1alpha1\nkind: Incident\nmetadata: {name: a}\n",
			says: "until 2026-10-01T08:00:00Z: there is nothing by then, the first object comes at 2026-10-02T08:00:00Z",
		},
		"UTF-16":                {args: []string{"-f", "-"}, in: "\xff\xfek\x00", says: "this is UTF-16"},
		"a mark and a comment":  {args: []string{"-f", "-"}, in: "\ufeff# nothing\n---\n", says: "nothing to simulate"},
		"a patch for nobody":    {args: []string{"-f", "../../../config/samples/coffee-in-the-wind/journal"}, says: "there is no Incident for this patch"},
		"a timetable of no use": {args: []string{"-f", "-"}, in: "apiVersion: simulate.amends.dev/v1alpha1\nkind: Timetable\nacts: [{file: x.json, at: 1m}]\n", says: "x.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := run(t, simulator, c.in, c.args...); d.code != 2 || !strings.Contains(d.err.Error(), c.says) {
				t.Errorf("exit code %d, %v; want 2 and %q", d.code, d.err, c.says)
			}
		})
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	d := run(t, calendars, "", "import-ics", "testdata/holidays.ics", "--name", "office", "--timezone", "Europe/Berlin", "--years", "3",
		"--hours", "Mon-Thu=09:00-17:00", "--hours", "fri=09:00-13:00")
	if d.code != 0 {
		t.Fatal(d.err)
	}
	want := `apiVersion: recovery.amends.dev/v1alpha1
kind: BusinessCalendar
metadata:
  name: office
spec:
  timeZone: Europe/Berlin
  weekly:
  - days: [Monday, Tuesday, Wednesday, Thursday]
    hours: [{from: "09:00", to: "17:00"}]
  - days: [Friday]
    hours: [{from: "09:00", to: "13:00"}]
  holidays:
  - {name: "New Year's Day", date: "2026-01-01"}
  - {name: "Trade fair, moved", date: "2026-03-17", until: "2026-03-18"}
  - {name: "Last Monday of May", date: "2026-05-25"}
  - {name: "Thanksgiving, observed", date: "2026-11-26"}
  - {name: "Between the years", date: "2026-12-24", until: "2027-01-01"}
  - {name: "New Year's Day", date: "2027-01-01"}
  - {name: "Trade fair", date: "2027-03-10", until: "2027-03-12"}
  - {name: "Last Monday of May", date: "2027-05-31"}
  - {name: "New Year's Day", date: "2028-01-01"}
  - {name: "Leap day", date: "2028-02-29"}
  - {name: "Last Monday of May", date: "2028-05-29"}
  - {name: "Thanksgiving, observed", date: "2028-11-23"}
`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(d.out.String(), "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	remarks := "left out: Quiet Friday, which comes back in a way that is not written out here (FREQ=WEEKLY)\n" +
		"left out: 1 event at a time of day\nleft out: 1 event with no day in 2026 to 2028\n"
	if diff := cmp.Diff(remarks, d.errOut.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestImportOfNothing says that nothing was written, and why.
func TestImportOfNothing(t *testing.T) {
	t.Parallel()
	event := func(start string) string {
		return "BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:A\r\nDTSTART" + start + "\r\nEND:VEVENT\r\n"
	}
	const none = "no holiday was written: the file has no all-day event in 2026 to 2028 that can be written out\n"
	for name, c := range map[string]struct{ events, remarks string }{
		"no event":             {"", none},
		"none in those years":  {event(";VALUE=DATE:20201225"), "left out: 1 event with no day in 2026 to 2028\n" + none},
		"one at a time of day": {event(":20261225T100000Z"), "left out: 1 event at a time of day\n" + none},
		"one that is written":  {event(";VALUE=DATE:20261225"), ""},
		"one that hardly comes back": {
			event(";VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY;INTERVAL=9223372036854775807"),
			"left out: A, which comes back in a way that is not written out here (INTERVAL=9223372036854775807)\n" + none,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := "\ufeffBEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + c.events + "END:VCALENDAR\r\n\r\n"
			d := run(t, calendars, in, "import-ics", "-", "--name", "a", "--timezone", "UTC")
			if d.code != 0 || strings.Contains(d.out.String(), "holidays:") != (c.remarks == "") {
				t.Errorf("exit code %d, %v\n%s", d.code, d.err, d.out.String())
			}
			if diff := cmp.Diff(c.remarks, d.errOut.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestImportCannot(t *testing.T) {
	t.Parallel()
	file := "testdata/holidays.ics"
	for name, c := range map[string]struct {
		args []string
		in   string
		says string
	}{
		"no file":          {says: "one file"},
		"no name":          {args: []string{file, "--timezone", "UTC"}, says: "--name"},
		"no calendar file": {args: []string{"-", "--name", "a", "--timezone", "UTC"}, in: "hello: world", says: "no iCalendar file"},
		"nothing at all":   {args: []string{"-", "--name", "a", "--timezone", "UTC"}, says: "no iCalendar file: it is empty"},
		"blank lines":      {args: []string{"-", "--name", "a", "--timezone", "UTC"}, in: "\ufeff\r\n\r\n", says: "no iCalendar file: it is empty"},
		"one cut off":      {args: []string{"-", "--name", "a", "--timezone", "UTC"}, in: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", says: "cut off"},
		"cut off within":   {args: []string{"-", "--name", "a", "--timezone", "UTC"}, in: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20261225\r\n", says: "iCalendar file"},
		"a wrong zone":     {args: []string{file, "--name", "a", "--timezone", "Mars/Olympus"}, says: "spec.timeZone"},
		"a wrong day":      {args: []string{file, "--name", "a", "--timezone", "UTC", "--hours", "Mon-Fry=09:00-17:00"}, says: `"Fry" is no day`},
		"wrong hours":      {args: []string{file, "--name", "a", "--timezone", "UTC", "--hours", "Mon=9-17"}, says: "spec.weekly[0].hours[0]"},
		"a year too far":   {args: []string{file, "--name", "a", "--timezone", "UTC", "--from", "2000000000"}, says: "--from 2000000000: a year from 1900 to 2999"},
		"too many years":   {args: []string{file, "--name", "a", "--timezone", "UTC", "--years", "50"}, says: "--years"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := run(t, calendars, c.in, append([]string{"import-ics"}, c.args...)...)
			if d.code != 2 || !strings.Contains(d.err.Error(), c.says) || d.out.Len() > 0 {
				t.Errorf("exit code %d, %v; want 2 and %q", d.code, d.err, c.says)
			}
		})
	}
}

func TestInit(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"api-outage", "five-step", "four-step"}, offline.TemplateNames()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range offline.TemplateNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "policies")
			args := []string{"--template", name, "--dir", dir, "--timezone", "Asia/Tokyo", "--currency", "JPY", "--name", "shop-1"}
			if d := run(t, offline.NewInit, "", args...); d.code != 0 {
				t.Fatal(d.err)
			}
			if d := run(t, linter, "", "-f", dir); d.code != 0 {
				t.Error(d.out.String())
			}
			before := contents(t, dir)
			if d := run(t, offline.NewInit, "", args...); d.code != 2 || !strings.Contains(d.err.Error(), "is there already") {
				t.Errorf("exit code %d, %v", d.code, d.err)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("it wrote over what was there (-before +after):\n%s", diff)
			}
			out := run(t, offline.NewInit, "", "--template", name).out.String()
			if d := run(t, linter, out, "-f", "-"); d.code != 0 || strings.Count(out, "\nkind: ") != 3 {
				t.Errorf("%s\n%s", out, d.out.String())
			}
		})
	}
	for _, args := range [][]string{{"--template", "six-step"}, {}, {"--template", "four-step", "--timezone", "Local"}, {"--template", "four-step", "--currency", "euro"}, {"--template", "four-step", "--name", "a: b"}} {
		if d := run(t, offline.NewInit, "", args...); d.code != 2 || d.out.Len() > 0 {
			t.Errorf("%v: exit code %d\n%s", args, d.code, d.out.String())
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name()] = string(data)
	}
	return out
}
