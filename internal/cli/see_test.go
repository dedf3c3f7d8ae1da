package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// insists checks that an output holds phrases.
func (d *desk) insists(out string, phrases ...string) {
	d.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(out, phrase) {
			d.Errorf("it does not say %q:\n%s", phrase, out)
		}
	}
}

// coffee is a small incident under a policy of its own.
func (d *desk) coffee(kubeconfig, name string) {
	d.Helper()
	d.apply("coffee-in-the-wind", "30-policy.yaml")
	d.awaitPolicy("pool-bar")
	d.run(kubeconfig, "open", name, "Wind tipped a coffee over the guest's towel", "--policy", "pool-bar", "--customer", "guest-0417",
		"--service", "pool-bar", "-s", "low", "--time-zone", "Asia/Shanghai")
}

func whatOneSees(t *testing.T) {
	d := openDesk(t)
	alice := d.staff("alice")["alice"]
	d.coffee(alice, "coffee-0417")
	d.run(alice, "promise", "coffee-0417", "A dry towel", "--within", "4m")

	list := d.run(alice, "get")
	d.insists(list, "NAME", "coffee-0417", "keep: A dry towel", "Open")
	d.insists(d.run(alice, "get", "-o", "wide"), "Wind tipped", "guest-0417")
	d.insists(d.run(alice, "get", "-o", "name"), "incident.recovery.amends.dev/coffee-0417\n")
	d.insists(d.run(alice, "promises"), "promise-1", "A dry towel")

	status := d.run(alice, "status", "coffee-0417")
	t.Logf("status:\n%s", status)
	d.insists(status, "NEXT", "CLOCKS", "PROMISES AND TASKS", "A dry towel", "nobody has it", "where it is")
	timeline := d.run(alice, "timeline", "coffee-0417")
	t.Logf("timeline:\n%s", timeline)
	d.insists(timeline, "reported: Wind tipped", `promise "A dry towel" within 4m`, "Step/apologise starts")
	why := d.run(alice, "why", "coffee-0417", "apologise")
	t.Logf("why:\n%s", why)
	d.insists(why, "Step/apologise: Running", "What counted:", "For the customer it is due")
	d.insists(d.run(alice, "why", "coffee-0417", "promise-1"), "4m of wall time")
	if _, errOut, code := d.try(alice, "why", "coffee-0417", "nonsense"); code != 1 || !strings.Contains(errOut, "its clocks are") {
		t.Errorf("why of no clock: %d %s", code, errOut)
	}

	var read v1alpha1.Incident
	if err := yaml.Unmarshal([]byte(d.run(alice, "get", "coffee-0417", "-o", "yaml")), &read); err != nil || read.Kind != "Incident" || len(read.ManagedFields) != 0 || len(read.Spec.Journal) != 1 {
		t.Errorf("-o yaml: %v: %+v", err, read)
	}
	var all struct{ Items []v1alpha1.Incident }
	if err := json.Unmarshal([]byte(d.run(alice, "get", "-o", "json")), &all); err != nil || len(all.Items) != 1 {
		t.Errorf("-o json: %v: %d items", err, len(all.Items))
	}
}

func exitCodes(t *testing.T) {
	d := openDesk(t)
	alice := d.staff("alice")["alice"]
	d.coffee(alice, "x")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"not in time":                    {[]string{"status", "x", "--wait", "Closed", "--timeout", "50ms"}, 4, ""},
		"a condition that holds":         {[]string{"status", "x", "--wait", "PolicyBound", "--timeout", "1m"}, 0, ""},
		"nothing is late":                {[]string{"status", "x", "--exit-code"}, 0, ""},
		"no such incident":               {[]string{"status", "y"}, 1, "there is no incident y here"},
		"a state of nothing":             {[]string{"status", "x", "--wait", "Solved"}, 2, `--wait "Solved": it is one of Resolved, Closed, Ended, PolicyBound`},
		"a state, however it is written": {[]string{"status", "x", "--wait", "policybound", "--timeout", "1m"}, 0, ""},
		"a timeout of nothing":           {[]string{"status", "x", "--timeout", "1m"}, 2, "--timeout goes with --wait"},
		"no such form":                   {[]string{"get", "-o", "xml"}, 2, "it is one of wide, yaml, json, name"},
		"a dry run of the client":        {[]string{"note", "x", "y", "--dry-run", "client"}, 2, "it is none or server"},
		"a word too many":                {[]string{"note", "x", "two", "words"}, 2, "put a text of several words in quotes"},
		"an unknown flag":                {[]string{"note", "x", "y", "--frob"}, 2, "unknown flag"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errOut, code := d.try(alice, c.args...)
			if code != c.code || !strings.Contains(errOut, c.says) {
				t.Errorf("exit code %d, want %d; it says %q", code, c.code, errOut)
			}
		})
	}
	d.run(alice, "cancel", "x", "mistake")
	if _, errOut, code := d.try(alice, "status", "x", "--wait", "Resolved", "--timeout", "1m"); code != 5 {
		t.Errorf("what never comes: exit code %d: %s", code, errOut)
	}
	if out := d.run(alice, "watch", "x"); !strings.Contains(out, "x  Cancelled") {
		t.Errorf("watching what has ended:\n%s", out)
	}
}

func repeats(t *testing.T) {
	d := openDesk(t)
	alice := d.staff("alice")["alice"]
	d.coffee(alice, "x")
	entries := func() int {
		var inc v1alpha1.Incident
		if err := yaml.Unmarshal([]byte(d.run(alice, "get", "x", "-o", "yaml")), &inc); err != nil {
			t.Fatal(err)
		}
		return len(inc.Spec.Journal)
	}
	d.coffee(alice, "x") // which was reported already
	if _, errOut, code := d.try(alice, "open", "x", "Another failure", "--customer", "c", "--service", "s", "-s", "high"); code != 1 || !strings.Contains(errOut, "give it another name") {
		t.Errorf("another incident of the same name: %d %s", code, errOut)
	}
	dry := d.run(alice, "gesture", "x", "A fresh coffee", "--dry-run=server")
	d.insists(dry, "dry run: nothing was written")
	if n := entries(); n != 0 {
		t.Errorf("%d entries after a dry run", n)
	}
	d.run(alice, "gesture", "x", "A fresh coffee", "--id", "new-coffee")
	d.insists(d.run(alice, "gesture", "x", "A fresh coffee", "--id", "new-coffee"), "nothing changed: it was recorded before")
	if _, errOut, code := d.try(alice, "gesture", "x", "A cake", "--id", "new-coffee"); code != 1 || !strings.Contains(errOut, "the journal has another entry with the id") {
		t.Errorf("another fact under the same id: %d %s", code, errOut)
	}
	d.run(alice, "note", "x", "The towel was a present")
	d.insists(d.run(alice, "note", "x", "The towel was a present"), "nothing changed: it was recorded before")
	d.run(alice, "note", "x", "From a friend")
	if n := entries(); n != 3 {
		t.Errorf("%d entries, want 3", n)
	}
}

func refusals(t *testing.T) {
	d := openDesk(t)
	alice := d.staff("alice")["alice"]
	d.coffee(alice, "x")
	stranger := d.person("stranger")
	for name, c := range map[string]struct {
		who  string
		args []string
		says []string
	}{
		"a stranger":          {stranger, []string{"note", "x", "y"}, []string{"stranger may not get incidents in namespace", "ask for the role amends-viewer"}},
		"all namespaces":      {alice, []string{"get", "-A"}, []string{"in the whole cluster", "leave -A out"}},
		"a mistyped step":     {alice, []string{"complete", "x", "apologize"}, []string{"there is no step", "did you mean apologise?"}},
		"no apology":          {alice, []string{"skip", "x", "apologise", "no time"}, []string{"cannot be skipped"}},
		"nothing promised":    {alice, []string{"keep", "x"}, []string{"no promise is open"}},
		"a day":               {alice, []string{"promise", "x", "A call", "--within", "1d"}, []string{`--within: "1d" is no duration: write hours, minutes and seconds`, "; a day is 24h"}},
		"no time at all":      {alice, []string{"promise", "x", "A call"}, []string{"say by when"}},
		"a milder severity":   {alice, []string{"retarget", "x", "low"}, []string{"the severity is Low already"}},
		"a hold":              {alice, []string{"hold", "x", "Lunch"}, []string{"allows no holds"}},
		"redaction":           {alice, []string{"redact", "x", "nothing"}, []string{"there is no entry"}},
		"a long note":         {alice, []string{"note", "x", strings.Repeat("a", 4097)}, []string{"note"}},
		"a time to come":      {alice, []string{"note", "x", "y", "--at", "2099-01-01 00:00"}, []string{"has not come yet"}},
		"nobody to accept":    {alice, []string{"accept", "x"}, []string{"nobody was assigned yet"}},
		"an empty correction": {alice, []string{"amend", "x"}, []string{"say what was wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, errOut, code := d.try(c.who, c.args...)
			if code == 0 {
				t.Errorf("it was taken")
			}
			for _, want := range c.says {
				if !strings.Contains(errOut, want) {
					t.Errorf("it does not say %q: %s", want, errOut)
				}
			}
		})
	}
}

func redaction(t *testing.T) {
	d := openDesk(t)
	people := d.staff("alice", "rita")
	d.coffee(people["alice"], "x")
	d.run(people["alice"], "promise", "x", "To call 555-0100", "--within", "1h", "-m", "passport C01X00T47")
	d.allow("rita", rbacv1.PolicyRule{APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"incidents"}, Verbs: []string{"redact"}})
	d.insists(d.run(people["rita"], "redact", "x", "promise-1", "--dry-run", "server"), "would be blanked out")
	d.insists(d.run(people["rita"], "redact", "x", "promise-1", "--field", "note"), "blanked out note of entry promise-1")
	d.insists(d.run(people["rita"], "redact", "x", "promise-1"), "blanked out promise.text of entry promise-1", "next: ", "kubectl amends ")
	d.insists(d.run(people["rita"], "redact", "x", "promise-1"), "nothing changed")
	d.insists(d.run(people["rita"], "redact", "x", "promise-1", "-o", "name"), "incident.recovery.amends.dev/x\n")
	if out := d.run(people["alice"], "timeline", "x"); strings.Contains(out, "C01X00T47") || strings.Contains(out, "555-0100") {
		t.Errorf("it can still be read:\n%s", out)
	}
}

// allow gives somebody rights here, and waits for nothing: administrators of the tests'
// plane are told at once, and a right that comes late is asked for again.
func (d *desk) allow(name string, rules ...rbacv1.PolicyRule) {
	d.Helper()
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "more-" + name}, Rules: rules}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: role.ObjectMeta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	}
	if err := d.admin.Create(d.Context(), role); err != nil {
		d.Fatal(err)
	}
	if err := d.admin.Create(d.Context(), binding); err != nil {
		d.Fatal(err)
	}
	d.awaitRule(name, rules[0])
}

func completions(t *testing.T) {
	d := openDesk(t)
	alice := d.staff("alice")["alice"]
	d.coffee(alice, "coffee-0417")
	d.run(alice, "promise", "coffee-0417", "A dry towel", "--within", "10m")
	for typed, want := range map[string]string{
		"complete|":                        "coffee-0417\tLow, Wind tipped",
		"complete|coffee-0417|":            "apologise",
		"keep|coffee-0417|":                "promise-1",
		"retarget|coffee-0417|":            "Critical",
		"why|coffee-0417|":                 "Step/apologise",
		"contact|coffee-0417|--reached|":   "InPerson",
		"finding|coffee-0417|":             "External",
		"redact|coffee-0417|":              "promise-1",
		"status|coffee-0417|--wait|":       "Closed",
		"get|-o|":                          "wide",
		"prom":                             "promise",
		"assign|coffee-0417|":              "me\nalice\n",
		"task|coffee-0417|x|--to|":         "alice\nbar-managers\n",
		"promise|coffee-0417|x|--owner|":   "alice\nbar-managers\n",
		"note|coffee-0417|x|--dry-run|":    "server",
		"cancel|coffee-0417|":              "Averted",
		"complete|--context|":              "plane",
		"promise|coffee-0417|x|--channel|": "Phone",
	} {
		t.Run(typed, func(t *testing.T) {
			out := d.run(alice, append([]string{"__complete"}, strings.Split(typed, "|")...)...)
			if !strings.Contains(out, want) {
				t.Errorf("it proposes %q", out)
			}
		})
	}
}

func checks(t *testing.T) {
	d := openDesk(t)
	alice := d.staff("alice")["alice"]
	d.coffee(alice, "x")
	out, _, code := d.try(alice, "check")
	t.Logf("check, exit code %d:\n%s", code, out)
	d.insists(out, "server", "version v1.", "clock", "you are alice", "you may not read its lease", "the operator has answered all 1 incidents")
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	d.insists(d.run(alice, "version"), "Client Version: test", "Server Version: v1.")
	d.insists(d.run(alice, "version", "--client", "-o", "json"), `"clientVersion": "test"`)
	d.insists(d.run(alice, "report", "--since", "24h"), "1 reported, 1 open")
	d.insists(d.run(alice, "report", "-o", "csv"), "incidents,,reported,1,")
	d.insists(d.run(alice, "report", "-o", "json"), `"reported": 1`)
}
