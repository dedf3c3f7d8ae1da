package operatortest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// story is a folder of config/samples on a site.
type story struct {
	*site
	folder   string
	incident string
}

// tell applies a folder of config/samples as its README says.
func tell(s *site, folder, incident string) *story {
	s.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		s.Fatal(err)
	}
	out := &story{site: s, folder: filepath.Join(root, "config", "samples", folder), incident: incident}
	s.kubectl("admin", "apply", "-k", out.folder)
	return out
}

// files are the files of a part of the story, in order.
func (s *story) files(pattern string) []string {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.folder, pattern))
	if err != nil || len(files) == 0 {
		s.Fatalf("no files %s in %s: %v", pattern, s.folder, err)
	}
	slices.Sort(files)
	return files
}

func (s *story) read(file string) []byte {
	s.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	return content
}

// author is who wrote an entry.
func (s *story) author(patch []byte) string {
	s.Helper()
	var operations []struct {
		Value v1alpha1.JournalEntry `json:"value"`
	}
	if err := json.Unmarshal(patch, &operations); err != nil || len(operations) != 1 {
		s.Fatalf("a file of a journal holds one operation: %v: %s", err, patch)
	}
	return string(operations[0].Value.By)
}

// append appends the entries of some files, each as its author, who has no rights but
// those that the story's own 00-people.yaml gives.
func (s *story) append(pattern string) {
	s.Helper()
	for _, file := range s.files(pattern) {
		patch := s.read(file)
		s.patchAs(s.as(s.author(patch)), &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: s.incident}}, patch)
	}
}

// stage is a step of a story, and when it is due, counted from its start. One that
// calls the customer is due within the customer's own hours.
type stage struct {
	step  string
	due   func(start time.Time) time.Time
	calls bool
}

// dueAt is when the stage is due in the end, and the reason that its clock gives once
// it is done.
func (s *story) dueAt(st stage, start time.Time) (at time.Time, reason string) {
	s.Helper()
	at = st.due(start)
	if !st.calls {
		return at, v1alpha1.ClockCompletedReason
	}
	customer := s.reported().Spec.Customer
	zone, err := time.LoadLocation(string(customer.TimeZone))
	if err != nil {
		s.Fatal(err)
	}
	const hourAndMinute = "15:04"
	from, to := string(customer.ContactHours.From), string(customer.ContactHours.To)
	if local := at.In(zone).Format(hourAndMinute + ":05"); local >= from && local <= to+":00" {
		return at, v1alpha1.ClockCompletedReason
	}
	for at = at.Truncate(time.Minute); at.In(zone).Format(hourAndMinute) != from; {
		at = at.Add(time.Minute)
	}
	return at.Add(time.Hour), v1alpha1.ClockMovedToContactHoursReason
}

// reported is the incident as its file reports it.
func (s *story) reported() *v1alpha1.Incident {
	s.Helper()
	out := &v1alpha1.Incident{}
	if err := yaml.Unmarshal(s.read(s.files("*-incident.yaml")[0]), out); err != nil {
		s.Fatal(err)
	}
	return out
}

func within(d time.Duration) func(time.Time) time.Time {
	return func(start time.Time) time.Time { return start.Add(d) }
}

// counted is a due instant that the story's calendar tells.
func (s *story) counted(due func(*calendar.Calendar, time.Time) (time.Time, error)) func(time.Time) time.Time {
	return func(start time.Time) time.Time {
		s.Helper()
		var spec v1alpha1.BusinessCalendar
		if err := yaml.Unmarshal(s.read(s.files("*-calendar.yaml")[0]), &spec); err != nil {
			s.Fatal(err)
		}
		cal, problems := calendar.Compile(spec.Spec)
		if len(problems) > 0 {
			s.Fatal(problems)
		}
		at, err := due(cal, start)
		if err != nil {
			s.Fatal(err)
		}
		return at
	}
}

func (s *story) businessDays(n int) func(time.Time) time.Time {
	return s.counted(func(c *calendar.Calendar, start time.Time) (time.Time, error) { return c.CloseOfBusinessDay(start, n) })
}

func (s *story) businessHours(d time.Duration) func(time.Time) time.Time {
	return s.counted(func(c *calendar.Calendar, start time.Time) (time.Time, error) { return c.Due(start, d) })
}

// endsWell waits until the story has ended, and checks that every step was done in its
// turn and in time.
func (s *story) endsWell(stages ...stage) *v1alpha1.Incident {
	s.Helper()
	inc := s.awaitPhase(s.incident, v1alpha1.PhaseClosed)
	if inc.Status.SLA != v1alpha1.SLAMet {
		s.Errorf("SLA %s, want Met", inc.Status.SLA)
	}
	for _, condition := range []string{
		v1alpha1.PolicyBoundCondition, v1alpha1.OnTrackCondition, v1alpha1.ResolvedCondition,
		v1alpha1.ClosedCondition, v1alpha1.JournalAcceptedCondition,
	} {
		if !isTrue(inc.Status.Conditions, condition) {
			s.Errorf("condition %s does not hold: %s", condition, messageOf(inc.Status.Conditions, condition))
		}
	}
	steps := 0
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		if c.Kind == v1alpha1.ClockStep {
			steps++
		}
		if c.State == v1alpha1.StateRunning || c.BreachedAt != nil {
			s.Errorf("clock %s was not met:\n%s", c.Name, asYAML(c))
		}
	}
	if steps != len(stages) {
		s.Fatalf("%d step clocks, want %d:\n%s", steps, len(stages), asYAML(inc))
	}
	for _, want := range stages {
		c := s.clockOf(inc, "Step/"+want.step)
		due, reason := s.dueAt(want, c.StartedAt.Time)
		if c.State != v1alpha1.StateDone || c.Reason != reason || c.BreachedAt != nil || c.DoneAt.After(c.DueAt.Time) {
			s.Errorf("clock %s was not met in its turn, want reason %s:\n%s", c.Name, reason, asYAML(c))
		}
		if !c.DueAt.Time.Equal(due) {
			s.Errorf("clock %s is due at %s, want %s", c.Name, c.DueAt.UTC(), due.UTC())
		}
	}
	if told := s.notices(s.incident)[v1alpha1.EventDeadlineBreached]; len(told) != 0 {
		s.Errorf("a breach was told: %s", told[0].Note)
	}
	s.Logf("%d entries, %d clocks: %d bytes, of which %d are status and %d managedFields", len(inc.Spec.Journal), len(inc.Status.Clocks),
		s.size(inc), s.size(inc.Status), s.size(inc.ManagedFields))
	return inc
}

// size is how long something is as it is stored.
func (s *site) size(object any) int {
	s.Helper()
	stored, err := json.Marshal(object)
	if err != nil {
		s.Fatal(err)
	}
	return len(stored)
}

// Wind tips a guest's coffee. Everything here is typed as the README says.
func TestStoryCoffeeInTheWind(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "coffee-in-the-wind", "coffee-0417")
	running := s.awaitRunning("coffee-0417", "Step/apologise")
	if running.Status.Policy.Name != "pool-bar" {
		t.Errorf("bound to %s, want the policy that selects it", running.Status.Policy.Name)
	}
	for _, file := range s.files("journal/*.json") {
		s.insistKubectl("patch", "incident", "coffee-0417", "--type=json", "--patch-file="+file, "--as=alice")
	}
	s.kubectl("admin", "wait", "incident/coffee-0417", "--for=condition=Closed", "--timeout=30s")

	inc := s.endsWell(stage{step: "apologise", due: within(5 * time.Minute)})
	if n := len(inc.Spec.Journal); n > 3 {
		t.Errorf("%d entries, want at most three", n)
	}
	c := s.clockOf(inc, "Step/apologise")
	if !sameInstant(c.TargetAt, plus(*c.StartedAt, 2*time.Minute)) {
		t.Errorf("target %s, want two minutes after %s", c.TargetAt, c.StartedAt)
	}
	var remedies v1alpha1.CompensationList
	if err := s.admin.List(t.Context(), &remedies, client.InNamespace(s.namespace)); err != nil || len(remedies.Items) != 0 {
		t.Errorf("somebody was asked: %v, %v", remedies.Items, err)
	}
	// What was appended once is not appended twice, and nothing changes.
	out, err := s.tryKubectl("admin", "patch", "incident", "coffee-0417", "--type=json", "--patch-file="+s.files("journal/*.json")[0], "--as=alice")
	if err == nil || !strings.Contains(out, "Duplicate value") {
		t.Errorf("the same entry a second time: %v: %s", err, out)
	}
}

// insistKubectl runs kubectl again while the API server has not read the rights of the
// person that it plays.
func (s *site) insistKubectl(args ...string) {
	s.Helper()
	var out string
	for range 20 {
		var err error
		if out, err = s.tryKubectl("admin", args...); err == nil {
			return
		}
		if !strings.Contains(out, "Forbidden") && !strings.Contains(out, "forbidden") {
			break
		}
	}
	s.Fatalf("kubectl %s: %s", strings.Join(args, " "), out)
}

// A guest gets a plain room instead of the booked one: the steps of the story.
func TestStoryTheUpgradeThatWasNot(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "the-upgrade-that-was-not", "upgrade-2203")
	s.append("journal/*.json")
	inc := s.endsWell(
		stage{step: "apologise", due: within(10 * time.Minute)},
		stage{step: "listen", due: within(time.Hour)},
		stage{step: "put-right", due: within(4 * time.Hour)},
		stage{step: "check-the-room", due: within(time.Hour), calls: true},
		stage{step: "tell-the-shifts", due: within(4 * time.Hour)},
		stage{step: "goodbye", due: within(96 * time.Hour), calls: true},
		stage{step: "write-up", due: s.businessDays(3)},
	)
	if inc.Status.Owner != "tom" {
		t.Errorf("owner %q, want tom", inc.Status.Owner)
	}
	if p := inc.Status.Promises; p == nil || p.Kept != 1 || p.Open+p.Broken != 0 {
		t.Errorf("promises %+v, want one, and kept", p)
	}
	for _, condition := range []string{
		v1alpha1.DocumentedCondition, v1alpha1.CustomerAcceptedCondition, v1alpha1.PromisesKeptCondition, v1alpha1.EndedWellCondition,
	} {
		if !isTrue(inc.Status.Conditions, condition) {
			t.Errorf("condition %s does not hold: %s", condition, messageOf(inc.Status.Conditions, condition))
		}
	}
}

// A call centre works by five steps of its own.
func TestStoryFiveSteps(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "five-steps", "line-dead-5518")
	s.append("journal/0[1-7]*.json")
	before := s.awaitRunning("line-dead-5518", "Step/offer")
	if before.Status.Phase != v1alpha1.PhaseOpen || before.Status.CurrentStep != "offer" {
		t.Errorf("before the offer: phase %s, step %s", before.Status.Phase, before.Status.CurrentStep)
	}
	s.append("journal/08*.json")
	s.awaitPhase("line-dead-5518", v1alpha1.PhaseResolved)
	s.append("journal/09*.json")
	s.endsWell(
		stage{step: "receive", due: within(10 * time.Minute)},
		stage{step: "find-the-truth", due: s.businessHours(4 * time.Hour)},
		stage{step: "confirm-the-need", due: s.businessHours(6 * time.Hour)},
		stage{step: "offer", due: s.businessDays(1)},
		stage{step: "keep-in-touch", due: s.businessDays(5), calls: true},
	)
}
