package watch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/fixture"
)

var noon = fixture.Instant("2026-10-02T12:00:00Z")

// many are incidents with a clock each, some late, some over, some with words of two
// columns.
func many(n int) []*v1alpha1.Incident {
	out := make([]*v1alpha1.Incident, n)
	summaries := []string{"Wind tipped a coffee", "客人的咖啡被风吹倒了，毛巾也湿了，还没有人道歉", "Line\x1b[31m dead\nsince yesterday", "👩‍👩‍👧 family room missing"}
	for i := range out {
		inc := fixture.In("hotel", fixture.Created(noon.Add(-time.Hour), fixture.Incident(fmt.Sprintf("incident-%04d", i))))
		inc.Spec.Summary = v1alpha1.Text(summaries[i%len(summaries)])
		due := metav1.NewTime(noon.Add(time.Duration(i-n/10) * 7 * time.Second))
		started := metav1.NewTime(noon.Add(-time.Hour))
		inc.Status = v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseOpen, SLA: v1alpha1.SLAOnTrack, Owner: "alice", ObservedGeneration: 1, NextDueAt: &due, Clocks: []v1alpha1.Clock{
			{Name: "Step/apologise", Kind: v1alpha1.ClockStep, Type: v1alpha1.StepApology, State: v1alpha1.StateRunning, StartedAt: &started, DueAt: &due},
		}}
		if i < n/10 {
			inc.Status.SLA, inc.Status.Clocks[0].BreachedAt = v1alpha1.SLAOverdue, &due
		}
		if i%10 == 9 {
			inc.Status.Phase, inc.Status.SLA, inc.Status.Clocks[0].State = v1alpha1.PhaseClosed, v1alpha1.SLAMet, v1alpha1.StateDone
		}
		out[i] = inc
	}
	return out
}

// model is a live view of many incidents on a terminal, at a time that one may move.
func model(n int, paint view.Painter) (m *Model, now *time.Time) {
	at := noon
	m = New(Options{Now: func() time.Time { return at }, Zone: time.UTC, Paint: paint, Where: "hotel", Me: "alice"})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	m.Update(Changed{Incidents: many(n)})
	return m, &at
}

func press(m *Model, keys ...string) {
	special := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace}
	for _, k := range keys {
		if code, ok := special[k]; ok {
			m.Update(tea.KeyPressMsg{Code: code})
		} else {
			m.Update(tea.KeyPressMsg{Code: []rune(k)[0], Text: k})
		}
	}
}

// fits checks that the picture fits the terminal.
func fits(t *testing.T, m *Model, what string) []string {
	t.Helper()
	lines := m.Lines()
	if len(lines) > m.height {
		t.Fatalf("%s: %d rows on a terminal of %d", what, len(lines), m.height)
	}
	for i, l := range lines {
		if w := view.Width(l); w > m.width {
			t.Fatalf("%s: row %d has %d columns on a terminal of %d: %q", what, i, w, m.width, l)
		}
		if strings.ContainsAny(l, "\n\r\t") {
			t.Fatalf("%s: row %d breaks the picture: %q", what, i, l)
		}
	}
	return lines
}

func TestFramesFitEveryTerminalWhateverIsPressed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	all := many(1000)
	for _, paint := range []view.Painter{false, true} {
		m, now := model(1000, paint)
		keys := []string{"up", "down", "pgup", "pgdown", "home", "end", "enter", "esc", "s", "f", "/", "a", "1", "backspace", "?", "k", "j", "g", "G"}
		for n := range 400 {
			switch random.IntN(10) {
			case 0:
				m.Update(tea.WindowSizeMsg{Width: random.IntN(130), Height: random.IntN(40)})
			case 1:
				*now = now.Add(time.Duration(random.IntN(100)) * time.Second)
				m.Update(tick{})
			case 2:
				inc := all[random.IntN(1000)]
				m.Update(Changed{Incidents: []*v1alpha1.Incident{inc}})
			case 3:
				m.Update(Changed{Gone: []Key{{"hotel", fmt.Sprintf("incident-%04d", random.IntN(1000))}}})
			default:
				press(m, keys[random.IntN(len(keys))])
			}
			fits(t, m, fmt.Sprintf("step %d", n))
		}
	}
}

func TestTheScreenIsFull(t *testing.T) {
	m, _ := model(1000, true)
	lines := fits(t, m, "list")
	if len(lines) != 24 {
		t.Errorf("%d rows, want 24", len(lines))
	}
	if !strings.Contains(lines[0], "900 of 1000, 90 late") {
		t.Errorf("the title is %q", lines[0])
	}
	press(m, "end")
	if lines := fits(t, m, "end"); !strings.Contains(lines[len(lines)-2], "incident-0998") {
		t.Errorf("the last row is %q", lines[len(lines)-2])
	}
	press(m, "enter")
	if lines := fits(t, m, "open"); !strings.Contains(lines[0], "hotel/incident-0998") || len(lines) != 24 {
		t.Errorf("%d rows; the title is %q", len(lines), lines[0])
	}
	press(m, "esc", "home")
	if lines := fits(t, m, "home"); !strings.Contains(lines[2], "incident-0000") {
		t.Errorf("the first row is %q", lines[2])
	}
}

func TestSortingFilteringFinding(t *testing.T) {
	m, _ := model(100, false)
	names := func() []string {
		var out []string
		for _, inc := range m.sorted() {
			out = append(out, inc.Name)
		}
		return out
	}
	if got := names(); got[0] != "incident-0000" || len(got) != 90 {
		t.Errorf("by due, what is owed: %d, first %s", len(got), got[0])
	}
	press(m, "f")
	if got := names(); len(got) != 9 {
		t.Errorf("late: %d, want 9 of the first ten", len(got))
	}
	press(m, "f", "f", "s", "s", "s")
	if got := names(); len(got) != 100 || !slices.IsSorted(got) {
		t.Errorf("all by name: %v", got)
	}
	press(m, "/", "0", "0", "4", "2", "enter")
	if diff := cmp.Diff([]string{"incident-0042"}, names()); diff != "" {
		t.Error(diff)
	}
	press(m, "esc", "/", "f", "a", "m", "i", "l", "y")
	if got := names(); len(got) != 25 {
		t.Errorf("found %d by summary, want 25", len(got))
	}
}

func TestTheCursorStaysWithItsIncident(t *testing.T) {
	m, _ := model(50, false)
	press(m, "down", "down", "down")
	was := m.cursor
	later := metav1.NewTime(noon.Add(time.Hour))
	first := many(50)[0]
	first.Status.Clocks[0].DueAt = &later
	m.Update(Changed{Incidents: []*v1alpha1.Incident{first}})
	if m.cursor != was || m.at() != 2 {
		t.Errorf("the cursor is at %v, place %d; want %v, place 2", m.cursor, m.at(), was)
	}
	m.Update(Changed{Gone: []Key{was}})
	if fits(t, m, "gone"); m.at() != 0 {
		t.Errorf("the cursor of what is gone is at %d", m.at())
	}
}

// Nothing is drawn where nothing changed, and a second later only what counts down.
func TestNoFlicker(t *testing.T) {
	m, now := model(1000, true)
	before := m.View().Content
	m.Update(tick{})
	if diff := cmp.Diff(before, m.View().Content); diff != "" {
		t.Errorf("a tick at the same instant changes the picture:\n%s", diff)
	}
	*now = now.Add(time.Second)
	m.Update(tick{})
	a, b := strings.Split(before, "\n"), strings.Split(m.View().Content, "\n")
	for i := range a {
		if view.Width(a[i]) != view.Width(b[i]) {
			t.Errorf("row %d moved: %q, %q", i, a[i], b[i])
		}
		// What stands before the countdown stays where it is.
		if x, y := strings.Index(a[i], "apologise"), strings.Index(b[i], "apologise"); x != y {
			t.Errorf("row %d: a column moved from %d to %d", i, x, y)
		}
	}
}

func TestOneIncidentIsLeftWhenItHasEnded(t *testing.T) {
	inc := many(1)[0]
	key := KeyOf(inc)
	m := New(Options{Now: func() time.Time { return noon }, Zone: time.UTC, Only: &key})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	fits(t, m, "reading")
	if m.Update(Changed{Incidents: []*v1alpha1.Incident{inc}}); m.Over() {
		t.Error("it is left while it runs")
	}
	press(m, "esc")
	if m.open == nil {
		t.Error("there is no list to go back to")
	}
	ended := inc.DeepCopy()
	ended.Status.Phase, ended.Status.Clocks[0].State = v1alpha1.PhaseClosed, v1alpha1.StateDone
	_, cmd := m.Update(Changed{Incidents: []*v1alpha1.Incident{ended}})
	if !m.Over() || cmd == nil {
		t.Error("it is not left although it has ended")
	}
	if m.Watched() != ended {
		t.Error("what it became is not told")
	}
}

func TestTroubleIsTold(t *testing.T) {
	m, _ := model(10, false)
	m.Update(Troubled("the connection is troubled"))
	if lines := fits(t, m, "trouble"); !strings.Contains(lines[len(lines)-1], "! the connection is troubled") {
		t.Errorf("the last row is %q", lines[len(lines)-1])
	}
	m.Update(Troubled(""))
	if lines := fits(t, m, "well"); strings.Contains(lines[len(lines)-1], "troubled") {
		t.Error("it is told still")
	}
}

// A second of the live view: a tick, and a picture.
func BenchmarkSecond(b *testing.B) {
	m, now := model(1000, true)
	for b.Loop() {
		*now = now.Add(time.Second)
		m.Update(tick{})
		m.View()
	}
}

// A key of the live view.
func BenchmarkKey(b *testing.B) {
	m, _ := model(1000, true)
	for b.Loop() {
		press(m, "down")
		m.View()
	}
}
