package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func running(name string, start, due time.Duration) *v1alpha1.Incident {
	inc := &v1alpha1.Incident{Spec: v1alpha1.IncidentSpec{Severity: "Low", Service: "pool-bar"}}
	inc.Name, inc.CreationTimestamp = name, metav1.NewTime(zero)
	from, until := metav1.NewTime(after(start)), metav1.NewTime(after(due))
	inc.Status = v1alpha1.IncidentStatus{
		Phase: v1alpha1.PhaseOpen, SLA: v1alpha1.SLAOnTrack, CurrentStep: "apologise", Owner: "tom", NextDueAt: &until,
		Clocks: []v1alpha1.Clock{{Name: "Step/apologise", State: v1alpha1.StateRunning, StartedAt: &from, DueAt: &until}},
	}
	return inc
}

func TestIncidentTable(t *testing.T) {
	open := running("coffee", 0, 10*time.Second)
	late := running("noise", 0, 2*time.Second)
	late.Status.SLA = v1alpha1.SLAOverdue
	fresh := &v1alpha1.Incident{Spec: v1alpha1.IncidentSpec{Severity: "High", Service: "rooms"}}
	fresh.Name, fresh.CreationTimestamp = "new", metav1.NewTime(after(4*time.Second))

	cases := map[string]struct {
		width int
		want  []string
	}{
		"with room for all": {0, []string{
			"NAME     SEVERITY   SERVICE    PHASE   STEP        DUE      CLOCK        SLA       OWNER   AGE",
			"coffee   Low        pool-bar   Open    apologise   in 6s    ####......   OnTrack   tom     4s",
			"noise    Low        pool-bar   Open    apologise   2s ago   ##########   Overdue   tom     4s",
			"new      High       rooms      -       -           -        -            -         -       0s",
		}},
		"on a narrow terminal, the step, the due instant and the verdict stay": {60, []string{
			"NAME     PHASE   STEP        DUE      SLA       OWNER",
			"coffee   Open    apologise   in 6s    OnTrack   tom",
			"noise    Open    apologise   2s ago   Overdue   tom",
			"new      -       -           -        -         -",
		}},
		"on one that is too narrow for anything, it is cut": {12, []string{
			"NAME     PH…",
			"coffee   Op…",
			"noise    Op…",
			"new      - …",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := incidentTable([]*v1alpha1.Incident{open, late, fresh}, after(4*time.Second), c.width, false)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDueText(t *testing.T) {
	due := metav1.NewTime(after(10 * time.Second))
	for now, want := range map[time.Duration]string{
		0: "in 10s", 9500 * time.Millisecond: "in 1s", 10 * time.Second: "in 0s", 10500 * time.Millisecond: "0s ago", 12 * time.Second: "2s ago",
	} {
		if got := dueText(&due, after(now)); got != want {
			t.Errorf("at %s: %q, want %q", now, got, want)
		}
	}
}

func TestLayout(t *testing.T) {
	told := &line{at: 23 * time.Second, incident: "coffee-0417", who: "alice", text: "speaks to the guest and gives a fresh coffee"}
	cases := map[string]struct {
		paint painter
		line  *line
		width int
		want  []string
	}{
		"plain": {false, told, 0, []string{" +23s  coffee-0417   alice     speaks to the guest and gives a fresh coffee"}},
		"wrapped under its text": {false, told, 56, []string{
			" +23s  coffee-0417   alice     speaks to the guest and",
			"                               gives a fresh coffee",
		}},
		"about the demo itself": {false, &line{at: time.Second, text: "starting", tone: toneStage}, 0, []string{"  +1s  starting"}},
		"a reason":              {false, &line{text: "why?", tone: toneWhy}, 0, []string{strings.Repeat(" ", textColumn) + "why?"}},
		"only the text is coloured": {true, &line{incident: "a", who: "b", text: "late", tone: toneBreach}, 0,
			[]string{"  +0s  a             b         \x1b[1;31mlate\x1b[0m"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.paint.layout(c.line, c.width)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever the size of the terminal, the picture fits: else it would scroll.
func TestScreenfulFits(t *testing.T) {
	var lines []line
	for i := range 30 {
		lines = append(lines, line{at: time.Duration(i) * time.Second, incident: "upgrade-2203", who: "operator",
			text: strings.Repeat("words ", 20)})
	}
	incidents := []*v1alpha1.Incident{running("upgrade-2203", 0, time.Minute)}
	for _, size := range [][2]int{{200, 50}, {120, 40}, {80, 24}, {60, 10}, {52, 3}, {52, 1}} {
		rows := screenful("Amends", incidentTable(incidents, after(time.Second), size[0], false), lines, size[0], size[1], false)
		if len(rows) > size[1] {
			t.Errorf("%v: %d rows", size, len(rows))
		}
		for _, row := range rows {
			if n := utf8.RuneCountInString(row); n > size[0] {
				t.Errorf("%v: a row of %d: %q", size, n, row)
			}
		}
	}
	rows := screenful("Amends", nil, lines, 200, 10, false)
	if last := rows[len(rows)-1]; !strings.HasPrefix(last, " +29s") {
		t.Errorf("the last row is not what happened last: %q", last)
	}
}
