package recovery

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

var updateExplain = flag.Bool("update-explain", false, "write the golden files of explanations anew")

// explained is a clock that is explained, at the instant of the last look.
type explained struct {
	spec     v1alpha1.RecoveryPolicySpec
	calendar v1alpha1.BusinessCalendarSpec // office, unless it has a zone
	header   func(*v1alpha1.Incident)
	start    string // in the zone of the calendar, as are all times
	journal  []fixture.EntryBuilder
	now      string
	clock    string
	// golden names the file in testdata/explain that has the lines.
	golden string
	// counts, elapsed, left and due are what is to be said first.
	counts, elapsed, left, due string
	// stretches and changes are one line each; see stretchText and changeText.
	stretches, changes []string
}

func (c explained) zone(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(string(c.cal().TimeZone))
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func (c explained) cal() v1alpha1.BusinessCalendarSpec {
	if c.calendar.TimeZone == "" {
		return office
	}
	return c.calendar
}

// snapshot is the incident as it is at an instant, with the status written on the way.
func (c explained) snapshot(t *testing.T) (*Snapshot, time.Time) {
	t.Helper()
	spec := c.spec
	spec.CalendarName = "office"
	plan, wrong := policy.Compile("p", "p-1", policy.Content{
		Policy: policy.Complete(spec), Calendars: map[string]v1alpha1.BusinessCalendarSpec{"office": c.cal()},
	})
	if len(wrong) > 0 {
		t.Fatal(policy.Describe(wrong))
	}
	zone := c.zone(t)
	inc := fixture.Incident("inc", fixture.WithJournal(c.journal...))
	inc.CreationTimestamp.Time = timeIn(t, zone, c.start)
	if c.header != nil {
		c.header(inc)
	}
	return &Snapshot{Incident: inc, Plan: plan}, timeIn(t, zone, c.now)
}

func (c explained) run(t *testing.T) {
	t.Helper()
	s, now := c.snapshot(t)
	got, err := Explain(s, c.clock, now)
	if err != nil {
		t.Fatal(err)
	}
	checkExplanation(t, s, &got, now)
	zone := c.zone(t)
	said := []string{got.Counts, "elapsed " + shortDuration(got.Elapsed), "left " + shortDuration(got.Left), "due " + shortAt(got.DueAt, zone)}
	if diff := cmp.Diff([]string{c.counts, "elapsed " + c.elapsed, "left " + c.left, "due " + c.due}, said); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	var stretches, changes []string
	for i := range got.Stretches {
		stretches = append(stretches, stretchText(&got.Stretches[i], zone))
	}
	for i := range got.Changes {
		changes = append(changes, changeText(&got.Changes[i], zone))
	}
	if diff := cmp.Diff(c.stretches, stretches); diff != "" {
		t.Errorf("the stretches differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.changes, changes); diff != "" {
		t.Errorf("the changes differ (-want +got):\n%s", diff)
	}
	if c.golden != "" {
		goldenLines(t, c.golden, got.Lines(zone))
	}
}

// goldenLines compares lines with a file.
func goldenLines(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", "explain", name+".golden")
	text := strings.Join(lines, "\n") + "\n"
	if *updateExplain {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func timeIn(t *testing.T, zone *time.Location, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// shortAt is an instant as "Fri 16:45", with seconds where it has some.
func shortAt(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "never"
	}
	return strings.TrimSuffix(t.In(zone).Format("Mon 15:04:05"), ":00")
}

// stretchText is a stretch as "Fri 16:30–Fri 16:45 15m open"; what lies ahead has a plus
// before what it counts.
func stretchText(s *Stretch, zone *time.Location) string {
	amount := "-"
	if s.Counted {
		amount = shortDuration(s.Counts)
	}
	if s.Future {
		amount = "+" + amount
	}
	return shortAt(s.From, zone) + "–" + shortAt(s.To, zone) + " " + amount + " " + s.Why
}

// changeText is a change as "Fri 16:45 alice h held Parts: Mon 09:30→never".
func changeText(c *Change, zone *time.Location) string {
	var out []string
	for _, word := range []string{shortAt(c.At, zone), string(c.By), string(c.Entry), c.What} {
		if word != "" {
			out = append(out, word)
		}
	}
	text := strings.Join(out, " ")
	if !c.From.Equal(c.To) {
		text += ": " + shortAt(c.From, zone) + "→" + shortAt(c.To, zone)
	}
	return text
}
