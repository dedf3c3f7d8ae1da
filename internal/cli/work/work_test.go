package work

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

var (
	now    = fixture.Instant("2026-10-02T08:20:30Z")
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

// scene is an incident with a promise, two tasks, a hold and an assignment, at 10:20:30
// in Berlin, and somebody who types.
func scene() *Scene {
	inc := fixture.Created(fixture.Instant("2026-10-02T08:00:00Z"), fixture.Incident("coffee-0417", fixture.WithJournal(
		fixture.Entry("promise-1").By("alice").Promise("A dry towel", "10m"),
		fixture.Entry("care-1").By("alice").Task(v1alpha1.TaskCare, "A coffee", "24h"),
		fixture.Entry("care-2").By("alice").Task(v1alpha1.TaskCare, "Another coffee", "48h"),
		fixture.Entry("hold-parts").By("alice").Hold("Parts"),
		fixture.Entry("assign").By("alice").Assignment("bob"),
	)))
	inc.Status = v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseOpen, Severity: v1alpha1.SeverityMedium, Clocks: []v1alpha1.Clock{
		{Name: "Step/apologise", Kind: v1alpha1.ClockStep, Type: v1alpha1.StepApology, State: v1alpha1.StateRunning},
		{Name: "Promise/promise-1", Kind: v1alpha1.ClockPromise, State: v1alpha1.StateRunning},
		{Name: "Task/care-1", Kind: v1alpha1.ClockTask, State: v1alpha1.StateRunning},
	}}
	return &Scene{Incident: inc, Me: "carol", Now: now, Zone: berlin, Steps: []v1alpha1.Name{"apologise", "resolve", "write-up"}}
}

func TestEntries(t *testing.T) {
	entry := fixture.Entry
	for name, c := range map[string]struct {
		common Common
		fact   Fact
		want   fixture.EntryBuilder
	}{
		"a contact alone": {Common{Contact: Contact{Heard: "phone", Mood: "upset", Minutes: 6}}, OnlyContact{},
			entry("from-customer").Contact(v1alpha1.Contact{Direction: v1alpha1.FromCustomer, Channel: v1alpha1.ChannelPhone, Mood: "Upset", Minutes: 6})},
		"an attempt": {Common{Contact: Contact{Tried: "in-person"}}, OnlyContact{}, entry("to-customer").Tried("InPerson")},
		"a completion with a contact and a note": {Common{Note: " so sorry ", Contact: Contact{Reached: "InPerson"}}, Completion{Step: "apologise", Accepted: "notyet"},
			entry("done-apologise").Note("so sorry").Reached("InPerson").With(func(e *v1alpha1.JournalEntry) {
				e.Completion = &v1alpha1.Completion{Step: "apologise", Accepted: v1alpha1.AcceptedNotYet}
			})},
		"a skip":                              {Common{}, Skip{Step: "write-up", Reason: "nothing to say"}, entry("skip-write-up").Skip("write-up", "nothing to say")},
		"a promise within a time":             {Common{}, Promise{Text: "A call", Within: "30m"}, entry("promise-2").Promise("A call", "30m")},
		"a promise by a time of the day":      {Common{}, Promise{Text: "A call", Due: "16:00"}, entry("promise-2").PromiseBy("A call", fixture.Instant("2026-10-02T14:00:00Z"))},
		"a promise by a time that was today":  {Common{}, Promise{Text: "A call", Due: "09:00"}, entry("promise-2").PromiseBy("A call", fixture.Instant("2026-10-03T07:00:00Z"))},
		"the only promise is kept":            {Common{}, PromiseOutcome{Result: "Kept"}, entry("kept-promise-1").PromiseOutcome("promise-1", v1alpha1.ResultKept)},
		"a task":                              {Common{}, Task{Text: "Tell the night shift", Kind: "internal", Within: "1h"}, entry("internal-1").Task("Internal", "Tell the night shift", "1h")},
		"a task that is not seen yet is done": {Common{}, TaskOutcome{Task: "care-2", Result: "Done"}, entry("did-care-2").TaskOutcome("care-2", v1alpha1.ResultDone)},
		"a hold until a day":                  {Common{}, Hold{Reason: "waitingforcustomer", Until: "2026-10-05 09:00", Allowed: []string{"WaitingForCustomer"}}, entry("hold-waiting-for-customer").HoldUntil("WaitingForCustomer", fixture.Instant("2026-10-05T07:00:00Z"))},
		"the only hold is resumed":            {Common{}, Resume{}, entry("resume-hold-parts").Resume("hold-parts")},
		"a worse severity needs no reason":    {Common{}, Retarget{Severity: "high"}, entry("severity-high").Retarget(v1alpha1.SeverityHigh, "")},
		"it is taken":                         {Common{}, Assignment{Owner: "me"}, entry("assign-2").Assignment("carol")},
		"the latest assignment is named":      {Common{}, Acceptance{}, entry("accept").With(func(e *v1alpha1.JournalEntry) { e.Acceptance = &v1alpha1.Acceptance{Assignment: "assign"} })},
		"a need":                              {Common{}, Need{Text: "Quiet"}, entry("need").Need("Quiet")},
		"a cause": {Common{}, Finding{Cause: "third-party", Detail: "late", Primary: true, Preventable: "no"}, entry("cause-third-party").With(func(e *v1alpha1.JournalEntry) {
			e.Finding = &v1alpha1.Finding{Cause: "ThirdParty", Detail: "late", Primary: true, Preventable: "No"}
		})},
		"a gesture of the catalogue": {Common{}, Gesture{Option: "fresh-coffee"}, entry("gesture-fresh-coffee").Gesture("fresh-coffee")},
		"a feedback": {Common{}, Feedback{Satisfaction: 5, Versus: "above"}, entry("feedback").With(func(e *v1alpha1.JournalEntry) {
			e.Feedback = &v1alpha1.Feedback{Satisfaction: 5, VersusExpectation: "Above"}
		})},
		"an impact":                            {Common{}, Impact{Started: "09:05", Ended: "10m ago", AtStake: "1200.00"}, entry("impact").Impact(fixture.Instant("2026-10-02T07:05:00Z"), fixture.Instant("2026-10-02T08:10:30Z")).With(func(e *v1alpha1.JournalEntry) { e.Impact.AmountAtStake = "1200.00" })},
		"a link":                               {Common{}, Link{URL: "https://t.example.com/1", Name: "Ticket 1"}, entry("link").Link("Ticket 1", "https://t.example.com/1")},
		"of the customer only the tier is new": {Common{}, Amend{Customer: Customer{Tier: "Gold"}}, entry("amend").Amend(v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "guest-0417", Tier: "Gold"}})},
		"a cancel":                             {Common{}, Cancel{Reason: "customer-withdrew"}, entry("cancel").Cancel("CustomerWithdrew")},
		"a merge":                              {Common{}, Merge{Into: "coffee-0400"}, entry("merge").Merge("coffee-0400")},
		"a note":                               {Common{}, OnlyNote{Text: "hm"}, entry("note").Note("hm")},
		"somebody else did it": {Common{By: "alice", ID: "said-sorry", At: "10:10"}, OnlyNote{Text: "hm"},
			entry("said-sorry").By("alice").RecordedBy("carol").Note("hm").At(fixture.Instant("2026-10-02T08:10:00Z"))},
		"yesterday evening, said in the morning": {Common{At: "23:00"}, OnlyNote{Text: "hm"}, entry("note").Note("hm").At(fixture.Instant("2026-10-01T21:00:00Z"))},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Build(scene(), &c.common, c.fact)
			if err != nil {
				t.Fatal(err)
			}
			want := c.want.Build()
			if want.By == "" {
				want.By = "carol"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		common Common
		fact   Fact
		says   string
	}{
		"two contacts":                {Common{Contact: Contact{Reached: "Phone", Heard: "Phone"}}, OnlyContact{}, "one entry tells one contact"},
		"no contact":                  {Common{}, OnlyContact{}, "say which contact"},
		"a mood of nobody":            {Common{Contact: Contact{Mood: "Calm"}}, OnlyNote{Text: "x"}, "which contact was that?"},
		"thanks of ours":              {Common{Contact: Contact{Reached: "Phone", Acknowledgement: true}}, OnlyContact{}, "go with a contact of the customer's"},
		"an automated customer":       {Common{Contact: Contact{Heard: "Phone", Automated: true}}, OnlyContact{}, "go with a contact of ours"},
		"a day on the telephone":      {Common{Contact: Contact{Heard: "Phone", Minutes: 2000}}, OnlyContact{}, "from 1 to 1440"},
		"an unknown channel":          {Common{Contact: Contact{Reached: "Pigeon"}}, OnlyContact{}, `--reached "Pigeon": it is one of InPerson`},
		"a mistyped step":             {Common{}, Completion{Step: "resolv"}, "did you mean resolve?"},
		"another step":                {Common{}, Completion{Step: "dance"}, "the steps are apologise, resolve, write-up"},
		"no name at all":              {Common{}, Completion{Step: "Say Sorry"}, "a name has lower-case letters"},
		"an apology":                  {Common{}, Skip{Step: "apologise", Reason: "x"}, "cannot be skipped"},
		"a skip without a reason":     {Common{}, Skip{Step: "resolve"}, "the reason: say it in words"},
		"an empty promise":            {Common{}, Promise{Text: " ", Within: "1h"}, "the promise: say it in words"},
		"a promise for ever":          {Common{}, Promise{Text: "x"}, "say by when"},
		"a promise twice":             {Common{}, Promise{Text: "x", Within: "1h", Due: "16:00"}, "the same thing twice"},
		"a promise of a day":          {Common{}, Promise{Text: "x", Within: "1d"}, "write hours, minutes and seconds"},
		"a promise in the past":       {Common{}, Promise{Text: "x", Due: "2026-10-01 09:00"}, "has passed"},
		"a promise of some time":      {Common{}, Promise{Text: "x", Due: "soon"}, "is no time: write 16:30"},
		"it supersedes nothing":       {Common{}, Promise{Text: "x", Within: "1h", Supersedes: "promise-9"}, "open: promise-1"},
		"which task":                  {Common{}, TaskOutcome{Result: "Done"}, "several are open; name the task: care-1, care-2"},
		"a task is not kept":          {Common{}, TaskOutcome{Task: "care-1", Result: "Kept"}, "it is one of Done, Attempted, Declined, Released"},
		"a reason of nobody's":        {Common{}, Hold{Reason: "Lunch", Allowed: []string{"Parts"}}, "it is one of Parts"},
		"no holds":                    {Common{}, Hold{Reason: "Lunch", Allowed: []string{}}, "allows no holds"},
		"a hold that began before":    {Common{At: "10m ago"}, Hold{Reason: "Lunch"}, "count from when they are recorded"},
		"a milder severity":           {Common{}, Retarget{Severity: "Low"}, "say why"},
		"the same severity":           {Common{}, Retarget{Severity: "Medium", Reason: "x"}, "the severity is Medium already"},
		"nobody":                      {Common{}, Assignment{}, "to whom?"},
		"another assignment":          {Common{}, Acceptance{Assignment: "x"}, "there are assign"},
		"it is open":                  {Common{}, Reopen{}, "nothing to reopen"},
		"into itself":                 {Common{}, Merge{Into: "coffee-0417"}, "into itself"},
		"six of five":                 {Common{}, Feedback{Satisfaction: 6}, "from 1, not at all, to 5"},
		"no feedback":                 {Common{}, Feedback{Source: "Staff"}, "say what the customer said"},
		"no gesture":                  {Common{}, Gesture{}, "what was done?"},
		"no impact":                   {Common{}, Impact{}, "say what"},
		"it ended before":             {Common{}, Impact{Started: "10:00", Ended: "09:00"}, "lies before --started"},
		"an amount in words":          {Common{}, Impact{AtStake: "1.200,00"}, "without sign, currency or thousands"},
		"no link":                     {Common{}, Link{URL: "ftp://x", Name: "x"}, "it begins with https://"},
		"no correction":               {Common{}, Amend{}, "say what was wrong"},
		"hours of no day":             {Common{}, Amend{Customer: Customer{ContactHours: "always"}}, "write them as 09:00-21:00"},
		"a zone of no place":          {Common{}, Amend{Customer: Customer{TimeZone: "Mars/Phobos"}}, "--time-zone"},
		"an id in capitals":           {Common{ID: "Said Sorry"}, OnlyNote{Text: "x"}, "an id has lower-case letters"},
		"at a time that is to come":   {Common{At: "2026-10-03 09:00"}, OnlyNote{Text: "x"}, "has not come yet"},
		"at a time that is none":      {Common{At: "yesterday"}, OnlyNote{Text: "x"}, "is no time"},
		"a promise that is not there": {Common{}, PromiseOutcome{Promise: "promise-7", Result: "Kept"}, `no promise "promise-7" is open; open: promise-1`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Build(scene(), &c.common, c.fact)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, want %q", err, c.says)
			}
		})
	}
}

func TestTheSameCommandTwice(t *testing.T) {
	s := scene()
	first, err := Build(s, &Common{}, OnlyNote{Text: "hm"})
	if err != nil {
		t.Fatal(err)
	}
	first.RecordedAt = at("2026-10-02T08:20:00Z")
	s.Incident.Spec.Journal = append(s.Incident.Spec.Journal, first)
	second, err := Build(s, &Common{}, OnlyNote{Text: "hm"})
	if err != nil {
		t.Fatal(err)
	}
	if second.ID != "note-2" {
		t.Errorf("id %s, want note-2", second.ID)
	}
	if there := Twice(s, &second); there == nil || there.ID != "note" {
		t.Errorf("a moment later it is %v, want the first one", there)
	}
	s.Now = s.Now.Add(time.Hour)
	if there := Twice(s, &second); there != nil {
		t.Error("an hour later it is another fact")
	}
}

// What lies between makes the same words a new fact.
func TestTheSameWordsAfterAnotherFact(t *testing.T) {
	heard, reached := Common{Contact: Contact{Heard: "Phone"}}, Common{Contact: Contact{Reached: "Phone"}}
	for name, facts := range map[string][]struct {
		common Common
		fact   Fact
	}{
		"two calls and two answers":  {{heard, OnlyContact{}}, {reached, OnlyContact{}}, {heard, OnlyContact{}}, {reached, OnlyContact{}}},
		"held, resumed, held":        {{Common{}, Hold{Reason: "Lunch"}}, {Common{}, Resume{Hold: "hold-lunch"}}, {Common{}, Hold{Reason: "Lunch"}}},
		"to tom, to me, to tom":      {{Common{}, Assignment{Owner: "tom"}}, {Common{}, Assignment{Owner: "me"}}, {Common{}, Assignment{Owner: "tom"}}},
		"worse, milder, worse again": {{Common{}, Retarget{Severity: "High"}}, {Common{}, Retarget{Severity: "Low", Reason: "x"}}, {Common{}, Retarget{Severity: "High"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene()
			for i, f := range facts {
				e, err := Build(s, &f.common, f.fact)
				if err != nil {
					t.Fatal(err)
				}
				if there := Twice(s, &e); there != nil {
					t.Fatalf("fact %d, %s, is taken for %s", i+1, e.ID, there.ID)
				}
				recordedAt := at("2026-10-02T08:20:00Z")
				recordedAt.Time = recordedAt.Add(time.Duration(i) * 10 * time.Second)
				e.RecordedAt = recordedAt
				s.Incident.Spec.Journal = append(s.Incident.Spec.Journal, e)
				if e.Retarget != nil {
					s.Incident.Status.Severity = e.Retarget.Severity
				}
				again := e.DeepCopy()
				again.ID, again.RecordedAt = "another", nil
				if there := Twice(s, again); there == nil || there.ID != e.ID {
					t.Fatalf("fact %d at once again is %v, want %s", i+1, there, e.ID)
				}
			}
		})
	}
}

// Where the policy at hand may not be the one that holds, nothing is refused by it.
func TestDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		fact Fact
		says string
	}{
		"a step that it does not have": {Completion{Step: "apologize"}, "there is no step \"apologize\""},
		"a step to be skipped":         {Skip{Step: "check", Reason: "x"}, "there is no step \"check\""},
		"a step for a slot":            {Promise{Text: "x", Within: "1h", ForStep: "check"}, "there is no step \"check\""},
		"a reason to hold":             {Hold{Reason: "Lunch", Allowed: []string{"Parts"}}, "reason \"Lunch\": it is one of Parts"},
		"no reason to hold":            {Hold{Reason: "Lunch", Allowed: []string{}}, "allows no holds"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Build(scene(), &Common{}, c.fact); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, want %q", err, c.says)
			}
			s := scene()
			s.Unsure = true
			if _, err := Build(s, &Common{}, c.fact); err != nil {
				t.Fatal(err)
			}
			if len(s.Hints) != 1 || !strings.Contains(s.Hints[0], c.says) || !strings.Contains(s.Hints[0], "by which the operator judges") {
				t.Errorf("it hints %q", s.Hints)
			}
		})
	}
}

func TestIdsTellNothingOfATextAndStayShort(t *testing.T) {
	s := scene()
	long := v1alpha1.Name(strings.Repeat("a", 63))
	s.Steps = append(s.Steps, long)
	for range 3 {
		e, err := Build(s, &Common{}, Completion{Step: string(long)})
		if err != nil {
			t.Fatal(err)
		}
		if len(e.ID) > 63 || !namePattern.MatchString(string(e.ID)) {
			t.Errorf("id %q", e.ID)
		}
		s.Incident.Spec.Journal = append(s.Incident.Spec.Journal, e)
	}
	if e, _ := Build(s, &Common{}, Promise{Text: "call 555-0100", Within: "1h"}); e.ID != "promise-2" {
		t.Errorf("id %q", e.ID)
	}
}

func TestOpening(t *testing.T) {
	o := Opening{
		Name: "x", Summary: "Wind", Customer: Customer{ID: "g", TimeZone: "Asia/Shanghai", ContactHours: "09:00-21:00"}, Severity: "low", Service: "pool bar",
		DetectedBy: "early-warning", ExpectedAt: "16:00", Labels: []string{"site=pool-bar"},
	}
	inc, err := o.Incident(now, berlin)
	if err != nil {
		t.Fatal(err)
	}
	want := v1alpha1.IncidentSpec{
		Summary: "Wind", Severity: v1alpha1.SeverityLow, Service: "pool bar", DetectedBy: v1alpha1.DetectedByEarlyWarning, ExpectedAt: at("2026-10-02T14:00:00Z"),
		Customer: v1alpha1.Customer{ID: "g", TimeZone: "Asia/Shanghai", ContactHours: &v1alpha1.ContactHours{From: "09:00", To: "21:00"}},
	}
	if diff := cmp.Diff(want, inc.Spec); diff != "" {
		t.Error(diff)
	}
	if o.Name = ""; inc.Labels["site"] != "pool-bar" {
		t.Errorf("labels %v", inc.Labels)
	}
	if inc, err := o.Incident(now, berlin); err != nil || inc.GenerateName != "pool-bar-" {
		t.Errorf("%v, %v", inc.GenerateName, err)
	}
	for says, bad := range map[string]Opening{
		"an incident needs what happened, in a sentence; --customer": {DetectedBy: "Staff"},
		"it has occurred or is expected":                             {Summary: "x", Customer: Customer{ID: "g"}, Severity: "Low", Service: "x", DetectedBy: "Staff", OccurredAt: "09:00", ExpectedAt: "16:00"},
		"--label \"x\"":                                              {Summary: "x", Customer: Customer{ID: "g"}, Severity: "Low", Service: "x", DetectedBy: "Staff", Labels: []string{"x"}},
		"--severity":                                                 {Summary: "x", Customer: Customer{ID: "g"}, Severity: "Bad", Service: "x", DetectedBy: "Staff"},
	} {
		if _, err := bad.Incident(now, berlin); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("it says %v, want %q", err, says)
		}
	}
}

func TestEveryTextCanBeRedacted(t *testing.T) {
	inc := fixture.Incident("x", fixture.WithJournal(
		fixture.Entry("a").Note("secret").Promise("secret", "1h"),
		fixture.Entry("b").Link("secret", "https://secret"),
	))
	place, texts, err := Redaction(inc, "b", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Replacement{{"/spec/journal/1/link/name", "secret"}, {"/spec/journal/1/link/url", "https://secret"}}
	if diff := cmp.Diff(want, texts); diff != "" || place != (Replacement{"/spec/journal/1/id", "b"}) {
		t.Errorf("%v %s", place, diff)
	}
	if _, texts, _ := Redaction(inc, "a", []string{"note"}); len(texts) != 1 || texts[0].Path != "/spec/journal/0/note" {
		t.Errorf("only the note: %v", texts)
	}
	if _, _, err := Redaction(inc, "a", []string{"need.text"}); err == nil || !strings.Contains(err.Error(), "it has note, promise.text") {
		t.Error(err)
	}
	if _, _, err := Redaction(inc, "c", nil); err == nil {
		t.Error("an entry that is not there")
	}
}
