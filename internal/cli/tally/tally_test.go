package tally

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/fixture"
)

var noon = fixture.Instant("2026-10-02T12:00:00Z")

func reported(name string, ago time.Duration, change func(*v1alpha1.Incident)) v1alpha1.Incident {
	inc := fixture.In("hotel", fixture.Created(noon.Add(-ago), fixture.Incident(name)))
	inc.Status.Phase, inc.Status.SLA = v1alpha1.PhaseOpen, v1alpha1.SLAOnTrack
	change(inc)
	return *inc
}

func clock(name string, kind v1alpha1.ClockKind, state v1alpha1.ClockState, late bool) v1alpha1.Clock {
	due := metav1.NewTime(noon)
	c := v1alpha1.Clock{Name: name, Kind: kind, State: state, DueAt: &due}
	if late {
		c.BreachedAt = &due
	}
	return c
}

// inHold is a clock that was done while it was held.
func inHold(c v1alpha1.Clock) v1alpha1.Clock {
	c.DueAt, c.OriginalDueAt = nil, c.DueAt
	return c
}

func TestReport(t *testing.T) {
	incidents := []v1alpha1.Incident{
		reported("closed", time.Hour, func(i *v1alpha1.Incident) {
			i.Status.Phase, i.Status.SLA, i.Status.Round = v1alpha1.PhaseClosed, v1alpha1.SLAMissed, 2
			i.Status.Conditions = []metav1.Condition{{Type: v1alpha1.EndedWellCondition, Status: metav1.ConditionTrue}}
			i.Status.Promises = &v1alpha1.PromiseCounts{Kept: 2, Broken: 1}
			i.Status.Clocks = []v1alpha1.Clock{
				clock("Step/apologise", v1alpha1.ClockStep, v1alpha1.StateDone, false), clock("Step/apologise#2", v1alpha1.ClockStep, v1alpha1.StateDone, true),
				clock("Response/a", v1alpha1.ClockResponse, v1alpha1.StateDone, false), clock("Update/b", v1alpha1.ClockUpdate, v1alpha1.StateCancelled, false),
				inHold(clock("Resolution", v1alpha1.ClockResolution, v1alpha1.StateDone, false)),
			}
			i.Spec.Journal = []v1alpha1.JournalEntry{
				fixture.Entry("a").Finding("External").With(func(e *v1alpha1.JournalEntry) { e.Finding.Primary, e.Finding.Preventable = true, "Yes" }).Build(),
				fixture.Entry("b").Finding("Process").Build(),
			}
		}),
		reported("open", time.Hour, func(i *v1alpha1.Incident) {
			i.Status.SLA = v1alpha1.SLAOverdue
			i.Status.Clocks = []v1alpha1.Clock{clock("Step/apologise", v1alpha1.ClockStep, v1alpha1.StateRunning, true), clock("Step/listen", v1alpha1.ClockStep, v1alpha1.StateRunning, false)}
			i.Status.Promises = &v1alpha1.PromiseCounts{Open: 1}
		}),
		reported("none", time.Hour, func(i *v1alpha1.Incident) {
			i.Status.Phase, i.Status.SLA = v1alpha1.PhaseCancelled, v1alpha1.SLAMissed
			i.Status.Clocks = []v1alpha1.Clock{clock("Step/apologise", v1alpha1.ClockStep, v1alpha1.StateCancelled, true)}
		}),
		reported("before", 48*time.Hour, func(*v1alpha1.Incident) {}),
		reported("at the end", 0, func(*v1alpha1.Incident) {}),
	}
	give := func(incident v1alpha1.ObjectName, option v1alpha1.Name, amount v1alpha1.Money, phase v1alpha1.CompensationPhase) v1alpha1.Compensation {
		c := fixture.In("hotel", fixture.Compensation("c", incident, "front-desk", amount))
		if option != "" {
			c.Spec.Offers = []v1alpha1.CompensationOffer{{Name: option, Option: option, Amount: amount}}
		}
		c.Status.Phase = phase
		return *c
	}
	remedies := []v1alpha1.Compensation{
		give("closed", "refund", "10.50", v1alpha1.CompensationDelivered), give("open", "refund", "0.75", v1alpha1.CompensationGranted), give("open", "", "3.00", v1alpha1.CompensationGranted),
		give("open", "refund", "99.00", v1alpha1.CompensationDenied), give("before", "refund", "99.00", v1alpha1.CompensationGranted),
	}
	got := Of(incidents, remedies, map[string]v1alpha1.Currency{"hotel/front-desk": "EUR"}, noon.Add(-24*time.Hour), noon)
	want := Report{
		From: noon.Add(-24 * time.Hour), To: noon,
		Incidents: Incidents{Reported: 3, Open: 1, Late: 2, Reopened: 1, EndedWell: 1, Closed: 1, Cancelled: 1},
		Clocks:    []Line{{Name: "Resolution", Met: 1, Attainment: "100.0%"}, {Name: "Response", Met: 1, Attainment: "100.0%"}, {Name: "Step/apologise", Met: 1, Late: 2, Attainment: "33.3%"}},
		Promises:  Promises{Kept: 2, Broken: 1, Open: 1},
		Remedies:  []Given{{Option: "Custom", Currency: "EUR", Count: 1, Amount: "3.00"}, {Option: "refund", Currency: "EUR", Count: 2, Amount: "11.25"}},
		Causes:    []Cause{{Cause: "External", Count: 1, Preventable: 1}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Given{})); diff != "" {
		t.Error(diff)
	}
	checkForms(t, &got)
}

// checkForms checks the report for people and the one for programs.
func checkForms(t *testing.T, r *Report) {
	t.Helper()
	text := strings.Join(r.Lines(&view.Frame{Now: noon, Zone: time.UTC, Width: 80}), "\n")
	for _, want := range []string{"3 reported, 1 open, 1 cancelled; 2 were late, 1 reopened", "2 kept, 1 broken, 1 open (66.6% kept)", "Step/apologise", "33.3%", "11.25", "External"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	var out bytes.Buffer
	if err := r.CSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{"clocks", "Step/apologise", "late", "2", ""}, {"remedies", "refund", "amount", "11.25", "EUR"}, {"incidents", "", "endedWell", "1", ""}} {
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("no row %v in %v", want, rows)
		}
	}
}

func TestSharesAreNeverRoundedUp(t *testing.T) {
	for want, parts := range map[string][2]int{"-": {0, 0}, "99.9%": {9999, 10000}, "100.0%": {3, 3}, "0.0%": {1, 10000}, "66.6%": {2, 3}} {
		if got := Share(parts[0], parts[1]); got != want {
			t.Errorf("%v: %s, want %s", parts, got, want)
		}
	}
}
