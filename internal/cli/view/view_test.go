package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/work"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a picture with the one that was kept.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
	}
}

var (
	noon   = fixture.Instant("2026-10-02T12:00:00Z")
	berlin = mustLoad("Europe/Berlin")
)

func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func at(text string) *metav1.Time {
	out := metav1.NewTime(fixture.Instant(text))
	return &out
}

// suite is an incident in the middle of its life: something was late, something is,
// something is paused, and a promise runs.
func suite() *v1alpha1.Incident {
	inc := fixture.In("hotel-b", fixture.Created(fixture.Instant("2026-10-02T11:00:00Z"), fixture.Incident("upgrade-2203",
		fixture.OfSeverity(v1alpha1.SeverityMedium), fixture.OfService("reception"),
		fixture.ForCustomer(v1alpha1.Customer{ID: "guest-2203", Tier: "Silver", TimeZone: "Asia/Shanghai", ContactHours: &v1alpha1.ContactHours{From: "09:00", To: "21:00"}}),
		fixture.WithJournal(
			fixture.Entry("guest-called").By("mei").RecordedAt(fixture.Instant("2026-10-02T11:00:00Z")).Heard("Phone").Note("\"We booked the garden suite for our tenth anniversary,\nand they put us beside the lift.\""),
			fixture.Entry("promise-1").By("mei").RecordedAt(fixture.Instant("2026-10-02T11:02:00Z")).Reached("Phone").Promise("The hotel calls you back", "90m").With(func(e *v1alpha1.JournalEntry) { e.Promise.Owner = "tom" }),
			fixture.Entry("to-the-hotel").By("mei").RecordedAt(fixture.Instant("2026-10-02T11:03:00Z")).Assignment("tom"),
			fixture.Entry("said-sorry").By("tom").RecordedBy("lin").RecordedAt(fixture.Instant("2026-10-02T11:15:00Z")).At(fixture.Instant("2026-10-02T11:14:00Z")).Completion("apologise"),
			fixture.Entry("care-1").By("lin").RecordedAt(fixture.Instant("2026-10-02T11:20:00Z")).Task(v1alpha1.TaskCare, "Breakfast at 06:00 on the terrace of the garden suite", "24h").With(func(e *v1alpha1.JournalEntry) { e.Task.To = "wei" }),
			fixture.Entry("why").By("tom").RecordedAt(fixture.Instant("2026-10-02T11:21:00Z")).Finding("Execution"),
		))))
	inc.Spec.Summary = "Booked the garden suite for an anniversary, was given a standard room 客人很不高兴"
	done := func(name string, kind v1alpha1.ClockKind, started, due, done string) v1alpha1.Clock {
		return v1alpha1.Clock{Name: name, Kind: kind, State: v1alpha1.StateDone, Reason: "Completed", StartedAt: at(started), DueAt: at(due), DoneAt: at(done)}
	}
	apology := done("Step/apologise", v1alpha1.ClockStep, "2026-10-02T11:00:00Z", "2026-10-02T11:10:00Z", "2026-10-02T11:15:00Z")
	apology.BreachedAt, apology.Type = at("2026-10-02T11:10:00Z"), v1alpha1.StepApology
	inc.Status = v1alpha1.IncidentStatus{
		Phase: v1alpha1.PhaseOpen, SLA: v1alpha1.SLAOverdue, Severity: v1alpha1.SeverityMedium, Owner: "tom", Round: 1, ObservedGeneration: 1,
		Policy: &v1alpha1.PinnedPolicy{Name: "stay", Revision: "stay-0123456789ab"},
		Clocks: []v1alpha1.Clock{
			apology,
			done("Response/guest-called", v1alpha1.ClockResponse, "2026-10-02T11:00:00Z", "2026-10-02T11:30:00Z", "2026-10-02T11:02:00Z"),
			{Name: "Promise/promise-1", Kind: v1alpha1.ClockPromise, State: v1alpha1.StateRunning, StartedAt: at("2026-10-02T11:02:00Z"), DueAt: at("2026-10-02T12:32:00Z")},
			{Name: "Acceptance/to-the-hotel", Kind: v1alpha1.ClockAcceptance, State: v1alpha1.StateRunning, StartedAt: at("2026-10-02T11:03:00Z"), DueAt: at("2026-10-02T11:18:00Z"), BreachedAt: at("2026-10-02T11:18:00Z")},
			{Name: "Step/listen", Kind: v1alpha1.ClockStep, Type: v1alpha1.StepReview, State: v1alpha1.StateRunning, StartedAt: at("2026-10-02T11:15:00Z"), DueAt: at("2026-10-02T12:05:00Z")},
			{Name: "Task/care-1", Kind: v1alpha1.ClockTask, State: v1alpha1.StateRunning, StartedAt: at("2026-10-02T11:20:00Z"), DueAt: at("2026-10-03T11:20:00Z")},
			{Name: "Resolution", Kind: v1alpha1.ClockResolution, State: v1alpha1.StatePaused, Reason: "Held", StartedAt: at("2026-10-02T11:00:00Z")},
		},
		Announced: []v1alpha1.Announced{
			{Key: "Breach/Step/apologise", At: *at("2026-10-02T11:10:00Z")},
			{Key: "Warning/Step/apologise/80", At: *at("2026-10-02T11:08:00Z")},
			{Key: "Escalation/duty-manager/Breach/Step/apologise", At: *at("2026-10-02T11:10:00Z"), Notify: &v1alpha1.Notify{User: "tom"}},
		},
		Compensation: &v1alpha1.IncidentCompensation{Pending: "900.00"},
		Conditions: []metav1.Condition{
			{Type: v1alpha1.OnTrackCondition, Status: metav1.ConditionFalse, Message: "Acceptance/to-the-hotel was due at 2026-10-02T11:18:00Z"},
			{Type: v1alpha1.JournalAcceptedCondition, Status: metav1.ConditionTrue, Message: "every entry counts"},
			{Type: v1alpha1.ClosedCondition, Status: metav1.ConditionFalse, Message: "not settled: listen, put-right, check-the-room, tell-the-shifts, goodbye, write-up, Promise/promise-1, Task/care-1"},
			{Type: v1alpha1.HeldCondition, Status: metav1.ConditionTrue, Message: "hold-1 (WaitingForCustomer) lasts"},
		},
	}
	return inc
}

func remedies() []v1alpha1.Compensation {
	waiting := fixture.In("hotel-b", fixture.Created(fixture.Instant("2026-10-02T11:30:00Z"), fixture.Compensation("upgrade-2203-1", "upgrade-2203", "front-desk", "900.00", fixture.AskedBy("lin"))))
	waiting.Spec.Justification = "No other suite is free"
	waiting.Status.Phase, waiting.Status.DueAt = v1alpha1.CompensationAwaitingApproval, at("2026-10-02T12:15:00Z")
	given := fixture.In("hotel-b", fixture.Created(fixture.Instant("2026-10-02T11:40:00Z"), fixture.Compensation("upgrade-2203-2", "upgrade-2203", "front-desk", "15.00", fixture.AskedBy("lin"),
		fixture.Offering(v1alpha1.CompensationOffer{Name: "lounge-pass", Option: "lounge-pass", Amount: "15.00"}))))
	given.Status.Phase = v1alpha1.CompensationDelivered
	given.Spec.Delivery = &v1alpha1.CompensationDelivery{By: "lin", Evidence: "Card 77", RecordedAt: at("2026-10-02T11:45:00Z")}
	return []v1alpha1.Compensation{*waiting, *given}
}

// coffee is a small incident that has ended.
func coffee() *v1alpha1.Incident {
	inc := fixture.In("hotel-b", fixture.Created(fixture.Instant("2026-10-01T08:20:00Z"), fixture.Incident("coffee-0417")))
	inc.Status = v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseClosed, SLA: v1alpha1.SLAMet, Severity: v1alpha1.SeverityLow, ObservedGeneration: 1, Clocks: []v1alpha1.Clock{
		{Name: "Step/apologise", Kind: v1alpha1.ClockStep, Type: v1alpha1.StepApology, State: v1alpha1.StateDone, StartedAt: at("2026-10-01T08:20:00Z"), DueAt: at("2026-10-01T08:30:00Z"), DoneAt: at("2026-10-01T08:22:10Z")},
	}}
	return inc
}

func frame(width int) *Frame { return &Frame{Now: noon, Zone: berlin, Width: width} }

func TestPictures(t *testing.T) {
	fresh := fixture.In("hotel-b", fixture.Created(noon, fixture.Incident("new")))
	list := []*v1alpha1.Incident{suite(), fresh, coffee()}
	before := suite()
	before.Status.Clocks, before.Status.Owner = before.Status.Clocks[:2], ""
	before.Status.Clocks[0].State, before.Status.Clocks[0].BreachedAt = v1alpha1.StateRunning, nil
	entry := suite().Spec.Journal[3]
	told := func(change func(*Answer)) []string {
		a := Answer{Before: suite(), After: suite(), Entry: &entry, Answered: true}
		change(&a)
		return frame(80).Recorded(&a)
	}
	eur := func(m v1alpha1.Money) *money.Amount {
		a, err := money.Parse("EUR", m)
		if err != nil {
			t.Fatal(err)
		}
		return &a
	}
	may := &work.May{
		Severity: v1alpha1.SeverityMedium, Budget: fixture.Budget("front-desk", "EUR", "1000.00"),
		Terms: &v1alpha1.PolicyCompensation{Catalogue: []v1alpha1.CatalogueOption{
			{Name: "fresh-coffee", Kind: "Replacement", Purpose: v1alpha1.PurposeRestore, Cost: "0"},
			{Name: "lounge-pass", Kind: "Upgrade", Purpose: v1alpha1.PurposeExtra, Cost: "15.00", Value: "60.00"},
			{Name: "refund", Kind: "Refund", Purpose: v1alpha1.PurposeRestore, MaxAmount: "200.00"},
			{Name: "suite", Kind: "Upgrade", Purpose: v1alpha1.PurposeRestore, Cost: "500.00", Severities: []v1alpha1.Severity{v1alpha1.SeverityCritical}},
		}},
		Mine: []work.Allowance{{Name: "frontline", Day: eur("179.00"), Incident: eur("38.00"), Ends: fixture.Instant("2026-10-02T22:00:00Z")}},
	}
	waiting := remedies()
	for name, lines := range map[string][]string{
		"status-80":     frame(80).Status(suite(), remedies()),
		"status-48":     frame(48).Status(suite(), remedies()),
		"status-wide":   frame(0).Status(suite(), remedies()),
		"status-closed": frame(80).Status(coffee(), nil),
		"status-new":    frame(80).Status(fresh, nil),
		"status-colour": (&Frame{Now: noon, Zone: berlin, Width: 100, Paint: true}).Status(suite(), remedies()),
		"list-80":       frame(80).List(list, Listing{}),
		"list-40":       frame(40).List(list, Listing{Namespaces: true}),
		"list-wide":     frame(0).List(list, Listing{Namespaces: true, Wide: true}),
		"timeline-80":   frame(80).Timeline(suite(), remedies()),
		"timeline-wide": frame(0).Timeline(suite(), remedies()),
		"recorded":      told(func(a *Answer) { a.Before = before }),
		"repeated":      told(func(a *Answer) { a.Repeated = true }),
		"unmet": told(func(a *Answer) {
			a.Remark = &work.Remark{Later: true, Text: "CustomerReached: append a contact that reached the customer"}
		}),
		"refused": told(func(a *Answer) {
			a.Remark = &work.Remark{Text: "hold: entry hold-parts holds for Parts already, for as long"}
		}),
		"unknown":       told(func(a *Answer) { a.Unknown = true }),
		"unanswered":    told(func(a *Answer) { a.Answered = false }),
		"dry-run":       frame(80).DryRun(suite(), &entry),
		"opened":        frame(80).Opened(suite(), true),
		"line":          append(frame(80).Line(nil, suite(), true), frame(80).Line(before, suite(), false)...),
		"promises":      frame(80).Promises(list, Promised{Namespaces: true}),
		"approvals":     frame(100).Approvals([]Waiting{{Compensation: &waiting[0], Level: "general-manager", Mine: true}}, false),
		"nothing-waits": frame(80).Approvals(nil, true),
		"remedy":        frame(80).Remedy(&waiting[0], "asked for", true),
		"may":           frame(80).May(suite(), may),
		"check":         frame(60).Check([]Finding{{Fine, "client", "version 1", ""}, {Wrong, "operator", "nobody holds its lease: no deadline is watched", "see kubectl -n amends-system get pods, and their logs"}, {Unseen, "lag", "you may not look", "ask for the role amends-viewer"}}),
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, lines) })
	}
}

func TestEveryWidthIsKept(t *testing.T) {
	for width := range 140 {
		if width < 30 {
			continue
		}
		for name, lines := range map[string][]string{
			"status": frame(width).Status(suite(), remedies()), "timeline": frame(width).Timeline(suite(), remedies()),
			"list": frame(width).List([]*v1alpha1.Incident{suite(), coffee()}, Listing{Namespaces: true, Wide: true}),
		} {
			for i, line := range lines {
				if name == "timeline" && width < 60 {
					continue // the columns before the text take half of it
				}
				if w := Width(line); w > width {
					t.Errorf("%s at %d columns: row %d has %d: %q", name, width, i, w, line)
				}
			}
		}
	}
}

func TestNothingWrittenMovesTheCursor(t *testing.T) {
	inc := suite()
	hostile := "a\x1b[2J\x1b]0;title\x07\nb\u202Ec\u2028d"
	inc.Spec.Summary, inc.Spec.Service, inc.Spec.Customer.ID, inc.Status.Owner = v1alpha1.Text(hostile), v1alpha1.Service(hostile), hostile, v1alpha1.User(hostile)
	for i := range inc.Spec.Journal {
		e := &inc.Spec.Journal[i]
		e.Note, e.By = hostile, v1alpha1.User(hostile)
		if e.Promise != nil {
			e.Promise.Text = v1alpha1.Text(hostile)
		}
	}
	inc.Status.Conditions[0].Message = hostile
	f := frame(0)
	for name, lines := range map[string][]string{
		"status": f.Status(inc, nil), "timeline": f.Timeline(inc, nil), "list": f.List([]*v1alpha1.Incident{inc}, Listing{Wide: true}), "promises": f.Promises([]*v1alpha1.Incident{inc}, Promised{}),
		"recorded": f.Recorded(&Answer{Before: coffee(), After: inc, Entry: &inc.Spec.Journal[1], Answered: true, Remark: &work.Remark{Text: hostile}}), "line": f.Line(nil, inc, true),
	} {
		for _, line := range lines {
			if strings.ContainsAny(line, "\x1b\x07\n\r\u202e\u2028") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
}

func TestSpans(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "59s": 59 * time.Second, "1m": time.Minute, "9m58s": 9*time.Minute + 58*time.Second, "42m": 42*time.Minute + 30*time.Second,
		"1h1m": 61*time.Minute + 59*time.Second, "2h": 2 * time.Hour, "47h59m": 48*time.Hour - time.Second, "76h": 76*time.Hour + 12*time.Minute,
	} {
		if got := Span(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	f := frame(0)
	for want, due := range map[string]time.Duration{
		"in 1s": time.Millisecond, "in 10m": 10 * time.Minute, "in 2h": 2*time.Hour - time.Second, "0s late": -time.Millisecond, "3m5s late": -185 * time.Second,
	} {
		if got := f.Left(noon.Add(due)); got != want {
			t.Errorf("%s: %q, want %q", due, got, want)
		}
	}
}

func TestOrder(t *testing.T) {
	late, soon, later, never := suite(), suite(), suite(), coffee()
	soon.Name, later.Name = "soon", "later"
	soon.Status.Clocks, later.Status.Clocks = soon.Status.Clocks[4:5], later.Status.Clocks[5:]
	var names []string
	list := []*v1alpha1.Incident{never, later, soon, late}
	for range list {
		for i := 1; i < len(list); i++ {
			if ByDue(list[i-1], list[i]) > 0 {
				list[i-1], list[i] = list[i], list[i-1]
			}
		}
	}
	for _, inc := range list {
		names = append(names, inc.Name)
	}
	if diff := cmp.Diff([]string{"upgrade-2203", "soon", "later", "coffee-0417"}, names); diff != "" {
		t.Error(diff)
	}
}

// Every member of an entry is told in words.
func TestTell(t *testing.T) {
	for want, e := range map[string]fixture.EntryBuilder{
		"a note":                    fixture.Entry("x").Note("hm"),
		"completed apologise":       fixture.Entry("x").Completion("apologise"),
		"skipped write-up: no need": fixture.Entry("x").Skip("write-up", "no need"),
		`need "quiet"`:              fixture.Entry("x").Need("quiet"),
		"promise p kept, reached the customer, phone": fixture.Entry("x").PromiseOutcome("p", v1alpha1.ResultKept).Reached("Phone"),
		"task t done":                                  fixture.Entry("x").TaskOutcome("t", v1alpha1.ResultDone),
		"hold Parts":                                   fixture.Entry("x").Hold("Parts"),
		"resumed h":                                    fixture.Entry("x").Resume("h"),
		"severity High":                                fixture.Entry("x").Retarget("High", ""),
		"assigned to tom":                              fixture.Entry("x").Assignment("tom"),
		"taken on":                                     fixture.Entry("x").Acceptance(),
		"impact":                                       fixture.Entry("x").Impact(noon, noon),
		"cause External":                               fixture.Entry("x").Finding("External"),
		"gesture fresh-coffee":                         fixture.Entry("x").Gesture("fresh-coffee"),
		"feedback, 5 of 5":                             fixture.Entry("x").Feedback(5),
		"header corrected":                             fixture.Entry("x").Amend(v1alpha1.Amend{Summary: "x"}),
		"link Ticket https://x":                        fixture.Entry("x").Link("Ticket", "https://x"),
		"reopened: NotFixed":                           fixture.Entry("x").Reopen("NotFixed"),
		"cancelled: Mistake":                           fixture.Entry("x").Cancel("Mistake"),
		"merged into y":                                fixture.Entry("x").Merge("y"),
		"did not reach the customer, visit":            fixture.Entry("x").Tried("Visit"),
		"the customer was in touch, in person":         fixture.Entry("x").Heard("InPerson"),
		`care task "x" within 1h`:                      fixture.Entry("x").Task("Care", "x", "1h"),
		"told everybody, statuspage, automated":        fixture.Entry("x").Contact(v1alpha1.Contact{Direction: v1alpha1.ToCustomer, Channel: "StatusPage", Audience: v1alpha1.AudienceAll, Automated: true}),
		"the customer said thanks, in person, calm":    fixture.Entry("x").Contact(v1alpha1.Contact{Direction: v1alpha1.FromCustomer, Channel: "InPerson", AcknowledgementOnly: true, Mood: "Calm"}),
		fmt.Sprintf("promise %q within 30m", "a call"): fixture.Entry("x").Promise("a call", "30m"),
	} {
		entry := e.Build()
		if got := Tell(&entry); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// In one second, what ended comes before what it started, and what starts and ends in it
// stays together.
func TestTimelineWithinOneSecond(t *testing.T) {
	const then, now = "2026-10-01T08:20:00Z", "2026-10-01T08:22:10Z"
	inc := coffee()
	inc.Spec.Journal = []v1alpha1.JournalEntry{fixture.Entry("sorry").By("mei").RecordedAt(fixture.Instant(now)).Completion("apologise").Build()}
	step := func(name, started, done string) v1alpha1.Clock {
		c := v1alpha1.Clock{Name: "Step/" + name, Kind: v1alpha1.ClockStep, StartedAt: at(started)}
		if done != "" {
			c.DoneAt = at(done)
		}
		return c
	}
	inc.Status.Clocks = []v1alpha1.Clock{step("find-out", now, now), step("put-right", now, ""), step("apologise", then, now)}
	var got []string
	for _, line := range frame(0).Timeline(inc, nil) {
		if what := line[strings.LastIndex(line, "  ")+1:]; strings.HasPrefix(line, "10:22:10") {
			got = append(got, strings.TrimSpace(what))
		}
	}
	want := []string{"completed apologise", "Step/apologise is done", "Step/find-out starts", "Step/find-out is done", "Step/put-right starts"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
