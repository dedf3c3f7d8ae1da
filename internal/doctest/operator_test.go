package doctest

import (
	"errors"
	"go/ast"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/metrics"
)

// descriptions is a registry that keeps what it is given to describe: also of
// metrics that have no value yet.
type descriptions struct{ found []*prometheus.Desc }

func (d *descriptions) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc)
	go func() {
		c.Describe(ch)
		close(ch)
	}()
	for desc := range ch {
		d.found = append(d.found, desc)
	}
	return nil
}

func (d *descriptions) MustRegister(collectors ...prometheus.Collector) {
	for _, c := range collectors {
		if err := d.Register(c); err != nil {
			panic(err)
		}
	}
}

func (d *descriptions) Unregister(prometheus.Collector) bool { return false }

var description = regexp.MustCompile(`^Desc\{fqName: "(\w+)", .* variableLabels: \{(.*)\}\}$`)

// ownMetrics are the labels of the operator's own metrics, by name.
func ownMetrics(t *testing.T) map[string][]string {
	t.Helper()
	var registry descriptions
	metrics.New(&registry)
	metrics.NewMoney(&registry)
	found := map[string][]string{}
	for _, desc := range registry.found {
		m := description.FindStringSubmatch(desc.String())
		if m == nil {
			t.Fatalf("a description of another form: %s", desc)
		}
		found[m[1]] = nil
		if m[2] != "" {
			found[m[1]] = strings.Split(m[2], ",")
		}
	}
	// These are read off the cache, and described where that is, or made for who reads it.
	for _, file := range []string{"controllers/unattended.go", "internal/metrics/money.go"} {
		all := described.FindAllStringSubmatch(read(t, file), -1)
		if len(all) == 0 {
			t.Errorf("%s describes no metric", file)
		}
		for _, m := range all {
			found[m[1]] = nil
			if m[2] != "" {
				found[m[1]] = strings.Split(strings.ReplaceAll(m[2], `"`, ""), ", ")
			}
		}
	}
	return found
}

// described is a metric that is described in the source, with its labels.
var described = regexp.MustCompile(`(?s)prometheus\.NewDesc\("(amends_[a-z_]+)",\s*"[^"]*",\s*(?:nil|\[\]string\{([^}]*)\})`)

// Each label of a metric has a row that says what its values are, and that of a closed set
// names all of them.
func TestEveryLabelIsExplained(t *testing.T) {
	t.Parallel()
	rows := map[string]string{}
	for line := range strings.SplitSeq(section(t, operationsPage, "Metrics"), "\n") {
		if head, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |"); ok && strings.HasPrefix(line, "| `") {
			for label := range strings.SplitSeq(head, ", ") {
				rows[strings.Trim(label, "`")] = line
			}
		}
	}
	for name, labels := range ownMetrics(t) {
		for _, label := range labels {
			if rows[label] == "" {
				t.Errorf("%s: no row says which values the label %s of %s has", operationsPage, label, name)
			}
		}
	}
	sets := map[string][]string{
		"under": {metrics.GrantedWithin, metrics.GrantedApproved, metrics.GrantedOwed},
		"phase": {
			string(v1alpha1.PhaseOpen), string(v1alpha1.PhaseResolved), string(v1alpha1.PhaseClosed), string(v1alpha1.PhaseCancelled), string(v1alpha1.PhaseMerged),
			string(v1alpha1.CompensationRequested), string(v1alpha1.CompensationAwaitingApproval), string(v1alpha1.CompensationOffered),
		},
		"outcome": {
			string(metrics.Written), string(metrics.Unchanged), string(metrics.Conflict), string(metrics.Behind), string(metrics.Gone), string(metrics.Failed),
		},
		"sla": {string(v1alpha1.SLAOnTrack), string(v1alpha1.SLAAtRisk), string(v1alpha1.SLAOverdue), string(v1alpha1.SLAMissed), string(v1alpha1.SLAMet)},
		"trigger": {
			string(v1alpha1.TriggerWarning), string(v1alpha1.TriggerBreach), string(v1alpha1.TriggerPromiseBroken), string(v1alpha1.TriggerUnowned), string(v1alpha1.TriggerUnaccepted),
			string(v1alpha1.TriggerDissatisfied), string(v1alpha1.TriggerApprovalStale), string(v1alpha1.TriggerPoolExhausted),
		},
	}
	for label, values := range sets {
		for _, value := range values {
			if !names(rows[label], value) {
				t.Errorf("%s: the row of the label %s does not name %s", operationsPage, label, value)
			}
		}
	}
	money := read(t, "docs/money.md")
	for _, reason := range metrics.DenialReasons() {
		if !names(money, reason) {
			t.Errorf("docs/money.md does not name %s, which counts denials", reason)
		}
	}
}

func TestEveryMetricIsExplained(t *testing.T) {
	t.Parallel()
	lines := strings.Split(section(t, operationsPage, "Metrics"), "\n")
	own := ownMetrics(t)
	if len(own) == 0 {
		t.Error("the operator registers no metric")
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		row := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "| `"+name+"` |") })
		if row < 0 {
			t.Errorf("%s has no row for the metric %s", operationsPage, name)
			continue
		}
		for _, label := range own[name] {
			if !names(lines[row], label) {
				t.Errorf("%s: the row of %s does not name its label `%s`", operationsPage, name, label)
			}
		}
	}
	for _, name := range regexp.MustCompile("`(amends_[a-z_]+)`").FindAllStringSubmatch(read(t, operationsPage), -1) {
		if _, ok := own[name[1]]; !ok {
			t.Errorf("%s names the metric %s, which the operator does not register", operationsPage, name[1])
		}
	}
}

// flags are the names of the operator's flags: the second argument of the calls that
// define them, which all end in Var.
func flags(t *testing.T) []string {
	t.Helper()
	var found []string
	ast.Inspect(parse(t, "cmd/manager/options.go"), func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 3 {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && strings.HasSuffix(f.Sel.Name, "Var") {
			if name, ok := stringLiteral(call.Args[1]); ok {
				found = append(found, name)
			}
		}
		return true
	})
	return found
}

func TestEveryFlagIsExplained(t *testing.T) {
	t.Parallel()
	text := section(t, operationsPage, "Flags")
	known := flags(t)
	if len(known) < 5 {
		t.Errorf("only %d flags were found: %v", len(known), known)
	}
	for _, name := range known {
		variable := "AMENDS_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if !strings.Contains(text, "| `--"+name+"` | `"+variable+"` |") {
			t.Errorf("%s has no row for --%s and %s", operationsPage, name, variable)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)`").FindAllStringSubmatch(text, -1) {
		if !slices.Contains(known, row[1]) {
			t.Errorf("%s explains --%s, which the operator does not have", operationsPage, row[1])
		}
	}
}

func TestEveryAlertAndRoleIsExplained(t *testing.T) {
	t.Parallel()
	for pattern, in := range map[string]struct {
		files   string
		section string
	}{
		`(?m)^ *- alert: (\w+)$`:             {"config/prometheus/prometheus_rule.yaml", "Alerts"},
		`(?m)^metadata:\n  name: ([a-z-]+)$`: {"config/rbac/*role.yaml", "Who may do what"},
	} {
		text := section(t, operationsPage, in.section)
		files, err := filepath.Glob(filepath.Join(root, in.files))
		if err != nil || len(files) == 0 {
			t.Fatal(errors.Join(err, errors.New("no file matches "+in.files)))
		}
		for _, file := range files {
			rel, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(read(t, rel), -1) {
				if !names(text, m[1]) {
					t.Errorf("%s: the section %q does not explain `%s` of %s", operationsPage, in.section, m[1], rel)
				}
			}
		}
	}
}

func TestEveryMakeTargetExists(t *testing.T) {
	t.Parallel()
	targets := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[m[1]] = true
	}
	mention := regexp.MustCompile("(?m)(?:`|^)make ([a-z-]+)")
	for _, page := range pages(t) {
		for _, m := range mention.FindAllStringSubmatch(read(t, page), -1) {
			if !targets[m[1]] {
				t.Errorf("%s tells to run make %s, which the Makefile does not have", page, m[1])
			}
		}
	}
}
