package doctest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // The examples name zones, also where the machine has none.

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/recovery"
)

// Headers of the tables whose times are computed anew.
var (
	dueHeader   = []string{"starts", "deadline", "half is gone", "is due"}
	clockHeader = []string{"clock", "state", "reason", "started", "due", "done", "breached"}
)

// localTime is an instant in the tables of deadlines, in the calendar's zone.
const localTime = "Mon 2006-01-02 15:04"

// before is the last object of a type that stands before a line.
func before[T any](objects []object, line int) (found T, ok bool) {
	for _, o := range objects {
		if d, is := o.decoded.(T); is && o.line < line {
			found, ok = d, true
		}
	}
	return found, ok
}

func TestWorkedDeadlines(t *testing.T) {
	t.Parallel()
	all, count := objects(t, conceptsPage), 0
	for _, table := range tables(read(t, conceptsPage)) {
		if !slices.Equal(table.header, dueHeader) {
			continue
		}
		calendar, ok := before[*v1alpha1.BusinessCalendar](all, table.line)
		if !ok {
			t.Fatalf("%s:%d: no calendar stands before the table", conceptsPage, table.line)
		}
		for _, row := range table.rows {
			count++
			want := []string{row[0], row[1], "", ""}
			want[2], want[3] = deadline(t, calendar, row[0], strings.Trim(row[1], "`"))
			if diff := cmp.Diff(want, row); diff != "" {
				t.Errorf("%s:%d: calendar %s (-engine, +page):\n%s", conceptsPage, table.line, calendar.Name, diff)
			}
		}
	}
	if count == 0 {
		t.Errorf("%s has no table %v", conceptsPage, dueHeader)
	}
}

// deadline is when half of the time of a deadline has passed, and when it is due.
func deadline(t *testing.T, calendar *v1alpha1.BusinessCalendar, starts, due string) (half, at string) {
	t.Helper()
	loc, err := time.LoadLocation(string(calendar.Spec.TimeZone))
	if err != nil {
		t.Fatal(err)
	}
	start, err := time.ParseInLocation(localTime, starts, loc)
	if err != nil {
		t.Fatal(err)
	}
	step := v1alpha1.Step{Name: "x", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{}}
	if err := strictly(due, step.Due); err != nil {
		t.Fatal(err)
	}
	spec := v1alpha1.RecoveryPolicySpec{CalendarName: v1alpha1.ObjectName(calendar.Name), Steps: []v1alpha1.Step{step}}
	plan, wrong := compile(spec, map[string]v1alpha1.BusinessCalendarSpec{calendar.Name: calendar.Spec})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	limit := plan.Steps[0].Limits(v1alpha1.SeverityLow).Due
	end, err := plan.Due(limit, start)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Percent(limit, start, end, 50).In(loc).Format(localTime), end.In(loc).Format(localTime)
}

// moment is the sentence before a table of clocks that says of when it tells.
var moment = regexp.MustCompile(`(?m)^At (\d{4}-\d{2}-\d{2} \d{2}:\d{2}) UTC`)

func TestWorkedClocks(t *testing.T) {
	t.Parallel()
	content := read(t, conceptsPage)
	all, count := objects(t, conceptsPage), 0
	for _, table := range tables(content) {
		if !slices.Equal(table.header, clockHeader) {
			continue
		}
		count++
		p, okPolicy := before[*v1alpha1.RecoveryPolicy](all, table.line)
		inc, okIncident := before[*v1alpha1.Incident](all, table.line)
		lines := strings.Split(content, "\n")[:table.line-1]
		at := moment.FindAllStringSubmatch(strings.Join(lines, "\n"), -1)
		if !okPolicy || !okIncident || len(at) == 0 {
			t.Fatalf("%s:%d: a policy, an incident and an instant stand before a table of clocks", conceptsPage, table.line)
		}
		now, err := time.Parse("2006-01-02 15:04", at[len(at)-1][1])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(clocks(t, p, inc, now), table.rows); diff != "" {
			t.Errorf("%s:%d: %s at %s (-engine, +page):\n%s", conceptsPage, table.line, inc.Name, now, diff)
		}
	}
	if count == 0 {
		t.Errorf("%s has no table %v", conceptsPage, clockHeader)
	}
}

// clocks are the rows that the engine gives for an incident at an instant.
func clocks(t *testing.T, p *v1alpha1.RecoveryPolicy, inc *v1alpha1.Incident, now time.Time) [][]string {
	t.Helper()
	plan, wrong := compile(p.Spec, nil)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	decision := recovery.Decide(&recovery.Snapshot{Incident: inc, Plan: plan}, now)
	show := func(at *metav1.Time) string {
		switch {
		case at == nil:
			return ""
		case at.UTC().Format(time.DateOnly) == now.Format(time.DateOnly):
			return at.UTC().Format("15:04")
		}
		return at.UTC().Format("2006-01-02 15:04")
	}
	var rows [][]string
	for _, c := range decision.Status.Clocks {
		rows = append(rows, []string{
			"`" + c.Name + "`", string(c.State), c.Reason, show(c.StartedAt), show(c.DueAt), show(c.DoneAt), show(c.BreachedAt),
		})
	}
	return rows
}
