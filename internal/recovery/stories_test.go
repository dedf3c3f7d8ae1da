package recovery_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/recovery"
)

var update = flag.Bool("update", false, "write the golden transcripts of the stories anew")

// tale is one incident of a story: when its entries are recorded, and what comes of it.
// All times are counted from its creation.
type tale struct {
	incident string
	times    string // of the entries, in the order of their files
	without  string // a file whose entry is left out, with its time
	until    string // the last look
	// happens are lines of the transcript; ends are lines of the last look, see look; holds
	// are conditions of it.
	happens, ends, holds []string
	// told is everything that is announced: warnings, breaches and who was told.
	told []string
	also func(t *testing.T, inc *v1alpha1.Incident)
}

// stories are the samples, by their folder, with the times that each story needs.
var stories = map[string][]tale{
	"coffee-in-the-wind": {{
		incident: "coffee-0417", times: "1m 1m30s 2m", until: "1h",
		ends: []string{"Closed Met", "apologise: Done Completed 0s–2m, due 5m, target 2m"},
		also: func(t *testing.T, inc *v1alpha1.Incident) {
			if n := len(inc.Spec.Journal); n > 3 {
				t.Errorf("%d entries, want at most three", n)
			}
		},
	}},
	"coffee-asked-upwards": {{
		incident: "coffee-0418", times: "30s 1m 12m 13m 17m 18m 19m 25m 26m", until: "1h",
		happens: []string{
			"6m1s       told    ! Escalated: level duty-manager, tell user gao: Unaccepted, Acceptance/to-the-manager",
			"10m31s     told    ! Escalated: level duty-manager, tell user gao: Breach, Step/new-coffee",
			"12m        clock   Response/where-is-it: Running 12m, due 17m",
		},
		// The guest's own clock never stopped: nothing was held, and the coffee is late.
		ends: []string{
			"Closed Missed", "apologise: Done Completed 0s–30s, due 5m",
			"new-coffee: Done Completed 30s–19m, due 10m30s, breached 10m30s",
			"Acceptance/to-the-manager: Done Completed 1m–17m, due 6m, breached 6m",
			"Response/where-is-it: Done Completed 12m–13m, due 17m",
		},
		told: []string{
			"6m Breach/Acceptance/to-the-manager", "6m Escalation/duty-manager/Unaccepted/Acceptance/to-the-manager",
			"10m30s Breach/Step/new-coffee", "10m30s Escalation/duty-manager/Breach/Step/new-coffee",
		},
		also: func(t *testing.T, inc *v1alpha1.Incident) {
			if w := inc.Status.Waits; w == nil || w.Acceptance != "16m0s" || w.Approval != "" {
				t.Errorf("waits: %+v, want 16m until tom took it on", w)
			}
		},
	}},
	"the-upgrade-that-was-not": {{
		incident: "upgrade-2203", until: "70h",
		times: "1m 2m 3m 4m 8m 9m 40m 41m 50m 55m 56m 57m 1h30m 2h15m 5h 14h 38h 66h 66h5m 66h30m 66h35m",
		ends: []string{
			"Closed Met", "Promise/call-back: Done Kept 2m–8m, due 32m",
			"check-the-room: Done Completed 1h30m–2h15m, due 2h30m",
			"tell-the-shifts: Done Completed 2h15m–5h, due 6h15m",
			"goodbye: Done MovedToContactHours 5h–66h30m, due 113h40m",
			"Task/breakfast-second-day: Done Completed 56m–14h, due 24h56m",
			"Task/breakfast-third-day: Done Completed 57m–38h, due 48h57m",
		},
		holds: []string{"PromisesKept True", "EndedWell True", "Documented True", "CustomerAccepted True"},
		also: func(t *testing.T, inc *v1alpha1.Incident) {
			cause := func(e v1alpha1.JournalEntry) bool { return e.Finding != nil && e.Finding.Cause == "Execution" }
			above := func(e v1alpha1.JournalEntry) bool {
				return e.Feedback != nil && e.Feedback.VersusExpectation == "Above"
			}
			if inc.Status.Owner != "tom" || !slices.ContainsFunc(inc.Spec.Journal, cause) || !slices.ContainsFunc(inc.Spec.Journal, above) {
				t.Errorf("the owner is %q; a finding of Execution and feedback Above are in the journal", inc.Status.Owner)
			}
		},
		told: []string{
			"5m Escalation/duty-manager/Warning/Step/apologise/50", "5m Warning/Step/apologise/50",
			"8m Escalation/duty-manager/Warning/Step/apologise/80", "8m Warning/Step/apologise/80",
		},
	}},
	"no-room-at-all": {{
		incident: "no-room-0733", times: "1m 2m 4m 8m 12m 25m 50m 55m 10h 10h5m 12h", until: "13h",
		ends: []string{
			"Closed Met", "apologise: Done Completed 0s–2m, due 3m", "find-out: Done Completed 2m–8m, due 17m",
			"house-the-guest: Done Completed 8m–25m, due 1h8m", "Resolution: Done Resolved 0s–25m, due 2h",
		},
		holds: []string{"EndedWell True"},
		told:  []string{"1m30s Escalation/duty-manager/Warning/Step/apologise/50", "1m30s Warning/Step/apologise/50"},
	}},
	"five-steps": {{
		incident: "line-dead-5518", times: "2m 4m 1h 1h5m 1h10m 1h15m 2h 2h5m 96h", until: "97h",
		// The closing call would fall due on Thursday at 22:00, when the customer is not to be called.
		ends: []string{
			"Closed Met", "receive: Done Completed 0s–4m, due 10m", "find-the-truth: Done Completed 4m–1h5m, due 4h4m",
			"confirm-the-need: Done Completed 1h5m–1h15m, due 7h5m", "offer: Done Completed 1h15m–2h5m, due 29h40m",
			"keep-in-touch: Done MovedToContactHours 2h5m–96h, due 166h40m",
		},
		holds: []string{"EndedWell True"},
	}},
	"failed-twice": {{
		incident: "heating-4417", times: "1m 3m 4m 17m 19m 19m30s 20m 21m 1h30m 3h 5h 6h 6h5m", until: "7h",
		happens: []string{
			"14m1s      clock   apologise~2: Running 14m, due 24m",
			"14m1s      clock   Promise/ben-calls: Running 4m, due 14m, breached 14m",
			"14m1s      told    ! PromiseBroken: Promise/ben-calls was due at 14m and was not done by then",
			"14m1s      told    ! Escalated: level manager, tell user nora: PromiseBroken, Promise/ben-calls",
			"1h14m      told    ! Escalated: level owner, tell user karl: PromiseBroken, Promise/ben-calls",
		},
		ends: []string{
			"Closed Missed", "apologise: Done Completed 0s–3m, due 10m", "apologise~2: Done Completed 14m–19m, due 24m",
			"Promise/ben-calls: Cancelled Released 4m, due 14m, breached 14m",
			"Promise/at-your-door: Done Kept 20m–1h30m, due 2h20m",
		},
		holds: []string{"PromisesKept False", "EndedWell True"},
		told: []string{
			"14m Breach/Promise/ben-calls", "14m Escalation/manager/PromiseBroken/Promise/ben-calls",
			"1h14m Escalation/owner/PromiseBroken/Promise/ben-calls",
		},
		also: func(t *testing.T, inc *v1alpha1.Incident) {
			if diff := cmp.Diff(&v1alpha1.PromiseCounts{Kept: 1, Broken: 1}, inc.Status.Promises); diff != "" {
				t.Errorf("promises (-want +got):\n%s", diff)
			}
		},
	}},
	"back-next-week": {{
		incident: "brakes-0912", until: "178h",
		times: "2m 4m 20m 1h 3h 4h 5h 5h1m 169h 169h3m 169h20m 171h 171h5m 173h 176h 177h 177h1m",
		happens: []string{
			"3h         clock   Resolution: Done Resolved 0s–3h, due 36h", "5h1m       stands  Closed Met",
			"169h       clock   apologise#2: Running 169h, due 169h10m",
			"169h       clock   Resolution: Running Reopened 0s, due 202h, was due 36h",
			"169h       told    ! Reopened: round 2 begins",
		},
		// The first round stays as it was, and the week in between does not count.
		ends: []string{
			"Closed Met round 2", "mend: Done Completed 20m–3h, due 24h20m", "mend#2: Done Completed 169h20m–173h, due 193h20m",
			"Resolution: Done Resolved 0s–173h, due 202h, was due 36h",
		},
		holds: []string{"EndedWell True", "Documented True"},
	}},
	"the-stuttering-lesson": {{
		incident: "lesson-3107", until: "301h",
		times: "2m 15m 30m 40m 22h5m 22h20m 22h21m 22h25m 22h26m 47h20m 48h 50h 69h10m 72h 117h50m 300h",
		happens: []string{
			"40m        clock   listen: Running SlotChosen 15m, due 22h40m, was due 24h15m",
			"117h50m    clock   thank-you: Done MovedToContactHours 69h10m–117h50m, due 141h40m",
			"117h50m    told    Closed: the incident is closed; SLA Met",
			"300h       clock   Task/relay-nearer: Done Completed 50h–300h, due 386h",
		},
		ends: []string{
			"Closed Met", "Promise/we-call-you: Done Kept 40m–22h5m, due 22h40m",
			"listen: Done SlotChosen 15m–22h21m, due 22h40m, was due 24h15m",
			"works-now: Done MovedToContactHours 47h20m–69h10m, due 69h40m",
			"thank-you: Done MovedToContactHours 69h10m–117h50m, due 141h40m",
		},
		holds: []string{"PromisesKept True", "EndedWell True"},
		also:  calledInTheirOwnHours,
	}},
	"the-storm": {{
		incident: "order-6101", times: "40m 45m 50m 1h 1h5m 70h 120h 120h5m 121h 121h5m 140h 140h5m", until: "141h",
		ends: []string{
			"Closed Met", "apologise: Done Completed 0s–40m, due 24h, target 4h",
			"Promise/new-day: Done Kept 1h–120h, due 145h",
		},
		holds: []string{"PromisesKept True", "EndedWell True"},
		also:  apologyBeforeComplaint,
	}, {
		incident: "order-6102", times: "4h 6h", until: "200h",
		ends:  []string{"Cancelled OnTrack", "apologise: Cancelled IncidentEnded 0s, due 24h, target 4h"},
		holds: []string{"Closed True"},
		also: func(t *testing.T, inc *v1alpha1.Incident) {
			if c := condition(t, &inc.Status, v1alpha1.ClosedCondition); !strings.Contains(c.Message, "Averted") {
				t.Errorf("it ended otherwise: %s", c.Message)
			}
		},
	}},
}

// otherwise are the other endings that the READMEs of the samples tell of.
var otherwise = map[string][]tale{
	"coffee-in-the-wind": {{
		incident: "coffee-0417", times: "1m 1m30s 2m", without: "03-said-sorry", until: "6m",
		happens: []string{"5m1s       told    ! Escalated: level bar-manager, tell group bar-managers: Breach, Step/apologise"},
		ends:    []string{"Open Overdue, at apologise, next 5m"},
		told:    []string{"4m Warning/Step/apologise/80", "5m Breach/Step/apologise", "5m Escalation/bar-manager/Breach/Step/apologise"},
	}},
	"the-upgrade-that-was-not": {{
		incident: "upgrade-2203", without: "05-called-back", until: "35m",
		times: "1m 2m 3m 4m 8m 9m 10m 11m 12m 13m 14m 15m 16m 17m 18m 19m 20m 21m 22m 23m 24m",
		happens: []string{
			"32m1s      clock   apologise~2: Running 32m, due 42m, target 37m",
			"32m1s      told    ! Escalated: level duty-manager, tell user tom: PromiseBroken, Promise/call-back",
		},
		ends: []string{"Resolved Overdue, at apologise, next 42m"},
		told: []string{
			"5m Escalation/duty-manager/Warning/Step/apologise/50", "5m Warning/Step/apologise/50",
			"8m Escalation/duty-manager/Warning/Step/apologise/80", "8m Warning/Step/apologise/80",
			"32m Breach/Promise/call-back", "32m Escalation/duty-manager/PromiseBroken/Promise/call-back",
		},
	}},
	"failed-twice": {{
		incident: "heating-4417", times: "1s 2s 3s 4s 5s 6s 7s 8s 9s 10s 11s 12s 13s", until: "24h",
		ends: []string{"Closed Met", "Promise/ben-calls: Cancelled Released 3s, due 10m3s"},
	}},
	"the-stuttering-lesson": {{
		incident: "lesson-3107", without: "16-relay-runs", until: "405h",
		times: "2m 15m 30m 40m 22h5m 22h20m 22h21m 22h25m 22h26m 47h20m 48h 50h 69h10m 72h 117h50m 300h",
		// It is late on a Sunday, and the head of the school is told on Monday morning.
		happens: []string{
			"117h50m    stands  Closed Met, next 386h",
			"404h40m    told    ! Escalated: level head-of-school, tell group heads: Breach, Task/relay-nearer",
		},
		ends: []string{"Closed Overdue, next 386h"},
		told: []string{"386h Breach/Task/relay-nearer", "404h40m Escalation/head-of-school/Breach/Task/relay-nearer"},
	}},
}

func TestStories(t *testing.T) {
	t.Parallel()
	for _, dir := range sampleDirs(t) {
		folder := filepath.Base(dir)
		if len(stories[folder]) == 0 {
			t.Errorf("the story of config/samples/%s is not told here", folder)
		}
	}
	for folder, tales := range stories {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			var lines []string
			for _, told := range tales {
				lines = append(lines, "# "+told.incident)
				lines = append(lines, told.play(t, folder)...)
			}
			compareGolden(t, filepath.Join("testdata", "stories", folder+".golden"), strings.Join(lines, "\n")+"\n")
		})
	}
}

func TestStoriesWithAnotherEnding(t *testing.T) {
	t.Parallel()
	for folder, tales := range otherwise {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			for _, told := range tales {
				told.play(t, folder)
			}
		})
	}
}

// play lives through a tale on time and checks what comes of it; one late decision comes
// to the same. It returns the transcript.
func (c *tale) play(t *testing.T, folder string) []string {
	t.Helper()
	w, late := c.world(t, folder), c.world(t, folder)
	lines := transcribe(w, after(c.until))
	late.decide(after(c.until))
	status := &w.inc.Status
	if diff := cmp.Diff(look(status), look(&late.inc.Status)); diff != "" {
		t.Errorf("late does not equal on time (-on time +late):\n%s", diff)
	}
	isCondition(t, status, v1alpha1.JournalAcceptedCondition, metav1.ConditionTrue, v1alpha1.AllEntriesCountReason, "")
	contains(t, "transcript", lines, c.happens)
	contains(t, "last look", look(status), c.ends)
	for _, want := range c.holds {
		kind, holds, _ := strings.Cut(want, " ")
		if got := condition(t, status, kind); string(got.Status) != holds {
			t.Errorf("the condition %s is %s: %s", kind, got.Status, got.Message)
		}
	}
	var told []string
	for _, a := range status.Announced {
		told = append(told, offset(a.At.Time)+" "+a.Key)
	}
	if diff := cmp.Diff(c.told, told); diff != "" {
		t.Errorf("other things are announced (-want +got):\n%s", diff)
	}
	if c.also != nil {
		c.also(t, w.inc)
	}
	return lines
}

// world is the incident of a tale as it is shipped, with the times of the tale.
func (c *tale) world(t *testing.T, folder string) *world {
	t.Helper()
	s := readSample(t, filepath.Join("../../config/samples", folder))
	i := slices.IndexFunc(s.incidents, func(inc *v1alpha1.Incident) bool { return inc.Name == c.incident })
	if i < 0 {
		t.Fatalf("there is no incident %s", c.incident)
	}
	w := &world{tb: t, inc: s.incidents[i]}
	w.Plan = s.plan
	w.inc.CreationTimestamp = metav1.NewTime(zero)
	files, times := s.journal(t, w.inc), strings.Fields(c.times)
	if len(files) != len(times) {
		t.Fatalf("%d entries and %d times", len(files), len(times))
	}
	for i, file := range files {
		e := readEntry(t, file)
		if e.RecordedAt != nil {
			t.Errorf("%s has a recordedAt, which is for the API server to give", file)
		}
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); name != c.without {
			at := metav1.NewTime(after(times[i]))
			e.RecordedAt = &at
			w.inc.Spec.Journal = append(w.inc.Spec.Journal, e)
		}
	}
	return w
}

// contains checks that a list has certain lines.
func contains(t *testing.T, what string, list, want []string) {
	t.Helper()
	for _, line := range want {
		if !slices.Contains(list, line) {
			t.Errorf("the %s lacks the line\n  %s\nin\n  %s", what, line, strings.Join(list, "\n  "))
		}
	}
}

// transcribe lives through the incident on time and writes a line for everything that
// happens: entries, how clocks, conditions and the whole stand, and what is told.
func transcribe(w *world, until time.Time) []string {
	var out []string
	var was v1alpha1.IncidentStatus
	entries := 0
	w.live(until, func(now time.Time, d recovery.Decision) {
		line := func(kind, text string) { out = append(out, fmt.Sprintf("%-10s %-7s %s", offset(now), kind, text)) }
		for _, e := range w.inc.Spec.Journal[entries:] {
			line("entry", fmt.Sprintf("%s, by %s", e.ID, e.By))
		}
		entries = len(w.inc.Spec.Journal)
		for _, text := range changed(clockLines(&was), clockLines(&d.Status)) {
			line("clock", text)
		}
		for _, text := range changed(conditionLines(&was), conditionLines(&d.Status)) {
			line("holds", text)
		}
		if text := summary(&d.Status); text != summary(&was) {
			line("stands", text)
		}
		for _, n := range d.Notices {
			text := n.Reason + ": " + relative(n.Message)
			if n.Warning {
				text = "! " + text
			}
			line("told", text)
		}
		was = d.Status
	})
	return out
}

// changed are the lines that are new, after what is listed no longer: of the clocks, those
// are silences that did not last too long.
func changed(was, is []string) []string {
	subject := func(line string) string { s, _, _ := strings.Cut(line, " "); return s }
	var out []string
	for _, line := range was {
		if !slices.ContainsFunc(is, func(s string) bool { return subject(s) == subject(line) }) {
			out = append(out, subject(line)+" is listed no longer")
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			out = append(out, line)
		}
	}
	return out
}

func clockLines(s *v1alpha1.IncidentStatus) []string { return look(s)[1:] }

func conditionLines(s *v1alpha1.IncidentStatus) []string {
	var out []string
	for _, c := range s.Conditions {
		out = append(out, fmt.Sprintf("%s %s %s", c.Type, c.Status, c.Reason))
	}
	return out
}

var instantPattern = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z`)

// relative writes the instants of a message as times since zero.
func relative(message string) string {
	return instantPattern.ReplaceAllStringFunc(message, func(s string) string {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return offset(at)
	})
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(string(readFile(t, file)), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s tells otherwise (-golden +now); if that is right, run the test with -update:\n%s", file, diff)
	}
}

// calledInTheirOwnHours checks that every call, and every due instant of one, lies in
// the hours of the family's own day in which they may be called.
func calledInTheirOwnHours(t *testing.T, inc *v1alpha1.Incident) {
	t.Helper()
	customer := &inc.Spec.Customer
	zone, err := time.LoadLocation(string(customer.TimeZone))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, at time.Time) {
		if local := at.In(zone).Format("15:04"); local < string(customer.ContactHours.From) || local > string(customer.ContactHours.To) {
			t.Errorf("%s is at %s in %s", what, local, customer.TimeZone)
		}
	}
	calls := 0
	for _, e := range inc.Spec.Journal {
		if c := e.Contact; c != nil && c.Direction == v1alpha1.ToCustomer && (c.Channel == v1alpha1.ChannelPhone || c.Channel == v1alpha1.ChannelVideo) {
			check("the call of entry "+string(e.ID), e.RecordedAt.Time)
			calls++
		}
	}
	if calls == 0 {
		t.Error("nobody called")
	}
	for _, name := range []string{"listen", "works-now", "thank-you"} {
		check(name, clockNamed(t, &inc.Status, name).DueAt.Time)
	}
}

// apologyBeforeComplaint checks that the customer heard of a failure that was still to
// come, and never had to ask.
func apologyBeforeComplaint(t *testing.T, inc *v1alpha1.Incident) {
	t.Helper()
	if inc.Spec.DetectedBy != v1alpha1.DetectedByEarlyWarning || !clockNamed(t, &inc.Status, "apologise").DoneAt.Before(inc.Spec.ExpectedAt) {
		t.Errorf("noticed by %s, expected at %s", inc.Spec.DetectedBy, inc.Spec.ExpectedAt)
	}
	for _, e := range inc.Spec.Journal {
		if e.Contact != nil && e.Contact.Direction == v1alpha1.FromCustomer {
			t.Errorf("the customer had to ask: entry %s", e.ID)
		}
	}
	if c := apimeta.FindStatusCondition(inc.Status.Conditions, v1alpha1.PromisesKeptCondition); c == nil {
		t.Error("no promise was made")
	}
}
