package operatortest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
)

var columnGap = regexp.MustCompile(`\s{2,}`)

// table is what kubectl prints of a kind: its columns, and the row of each object by its
// name, without the age.
func (s *site) table(as string, args ...string) (columns []string, rows map[string][]string) {
	s.Helper()
	out := s.kubectl(as, args...)
	rows = map[string][]string{}
	age := -1
	for i, line := range strings.Split(strings.TrimRight(out, "\n"), "\n") {
		if width := len([]rune(line)); width > 120 && !slices.Contains(args, "wide") {
			s.Errorf("kubectl %s: a line of %d columns, want at most 120:\n%s", strings.Join(args, " "), width, line)
		}
		cells := columnGap.Split(strings.TrimSpace(line), -1)
		if i == 0 {
			columns, age = cells, slices.Index(cells, "AGE")
			continue
		}
		if age < 0 || age >= len(cells) || !regexp.MustCompile(`^[0-9]+[smh]`).MatchString(cells[age]) {
			s.Fatalf("kubectl %s: a row without an age under %q:\n%s", strings.Join(args, " "), columns, line)
		}
		rows[cells[0]] = slices.Delete(cells[1:], age-1, age)
	}
	return columns, rows
}

// What is asked first about a budget and about requests stands in the columns.
func TestMoneyInColumns(t *testing.T) {
	t.Parallel()
	s := open(t)
	grace := s.withKubeconfig("grace")
	openDesk(s, nil)
	s.ask(refundOf("given", "40.00"))
	given := s.awaitStage("given", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.ask(refundOf("waits", "300.00"))
	waits := s.awaitStage("waits", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.awaitBudget("desk", "what was asked", func(b *v1alpha1.RecoveryBudget) bool {
		return b.Status.Reserved == "300.00" && b.Status.Spent == "40.00"
	})

	columns, rows := s.table(grace, "get", "recoverybudgets")
	if diff := cmp.Diff([]string{"NAME", "CURRENCY", "LIMIT", "SPENT", "RESERVED", "AVAILABLE", "USED %", "READY", "REASON", "AGE"}, columns); diff != "" {
		t.Errorf("the columns of budgets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{"desk": {"EUR", "1000.00", "40.00", "300.00", "660.00", "34", "True", v1alpha1.AcceptedReason}}, rows); diff != "" {
		t.Errorf("the rows of budgets (-want +got):\n%s", diff)
	}
	columns, rows = s.table(grace, "get", "recoverybudgets", "-o", "wide")
	if !slices.Contains(columns, "PERIOD") || !slices.Contains(columns, "OWED") || !slices.Contains(rows["desk"], "0.00") {
		t.Errorf("wide: %q, %q", columns, rows["desk"])
	}

	instant := func(c *v1alpha1.Compensation) string { return c.Status.DueAt.UTC().Format("2006-01-02T15:04:05Z") }
	columns, rows = s.table(grace, "get", "compensations")
	if diff := cmp.Diff([]string{"NAME", "INCIDENT", "PHASE", "AMOUNT", "ALLOWANCE", "BY", "DUE", "AGE"}, columns); diff != "" {
		t.Errorf("the columns of requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{
		"given": {"coffee", "Granted", "40.00", "front", "alice", instant(given)},
		"waits": {"coffee", "AwaitingApproval", "300.00", "front", "alice", instant(waits)},
	}, rows); diff != "" {
		t.Errorf("the rows of requests (-want +got):\n%s", diff)
	}
	columns, rows = s.table(grace, "get", "compensations", "-o", "wide")
	if !slices.Contains(columns, "REASON") || !slices.Contains(rows["waits"], v1alpha1.AwaitingApprovalReason) {
		t.Errorf("wide: %q, %q", columns, rows["waits"])
	}
}
