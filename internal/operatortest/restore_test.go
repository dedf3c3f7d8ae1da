package operatortest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// A namespace is backed up and restored into another one, word for word as
// docs/operations.md says. What was held in time is as it was, nothing is told again, and
// the budget knows what was spent.
func TestRestoredByObjects(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("needs jq, as the page says")
	}
	blocks := restoring(t)
	s := open(t)
	lived(s)
	dir := t.TempDir()
	s.runBlock(dir, blocks[0])
	was := s.incidents()

	s.succeed()
	s.shared.kill()
	// The page puts the policies back as they are installed; the tests have one loosened.
	t.Cleanup(func() {
		if err := s.letTimesBeForged(context.Background()); err != nil {
			t.Error(err)
		}
	})
	anew := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := s.admin.Create(t.Context(), anew); err != nil {
		t.Fatal(err)
	}
	there := s.staffed(t, anew.Name)
	said := there.runBlock(dir, blocks[1])
	before := there.incidents()
	trails := map[string]*trail{}
	for name := range was {
		if before[name] == nil {
			t.Fatalf("%s was not restored:\n%s", name, said)
		}
		trails[name] = there.follow(name)
	}

	there.dropLease(t.Context())
	if err := there.startShared(t.Context()); err != nil {
		t.Fatal(err)
	}
	there.awaitReady("desk")
	budget := there.awaitUsed("desk", used{spent: 6000})
	if left := budget.Status.Available; left != "940.00" {
		t.Errorf("%s is left of 1000.00, of which 60.00 were spent", left)
	}
	there.awaitNotice("desk", v1alpha1.EventThresholdReached)
	for name := range was {
		trails[name].until("the operator's look", func(i *v1alpha1.Incident) bool { return i.Status.ObservedGeneration == i.Generation })
		sameInTime(t, name+", written back", was[name], before[name])
		trails[name].rest(200 * time.Millisecond)
		if n := trails[name].statusWrites(); n != 1 {
			t.Errorf("%s was written %d times by the operator, want once", name, n)
		}
		after, told := trails[name].last(), there.notices(name)
		if name == "owed" { // It was open for a remedy alone, of which nothing is known any more.
			if after.Status.Phase != v1alpha1.PhaseClosed || len(told) != 1 || len(told[v1alpha1.EventClosed]) != 1 {
				t.Errorf("owed: it is %s, and told: %v; want it Closed", after.Status.Phase, told)
			}
			continue
		}
		sameInTime(t, name, was[name], after)
		sameVerdicts(t, name, was[name], after)
		if len(told) != 0 {
			t.Errorf("%s: it is told again: %v", name, told)
		}
	}
}

// lived fills a site with incidents that have gone different ways.
func lived(s *site) {
	s.Helper()
	policy := fixture.Policy("desk",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("3s"), fixture.WarnAt(50)),
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.After(), fixture.DueWithin("4h"), fixture.Demanding(v1alpha1.DemandRemedyDecided)))
	terms := deskMoney(nil)
	policy.Spec.Compensation = &terms
	budget := deskBudget()
	budget.Spec.WarnAt = []int32{5}
	s.create(budget, policy)
	s.empower("alice", "spend", "front", "desk")
	s.awaitReady("desk")
	for _, name := range []string{"untouched", "promised", "remedied", "owed", "asked"} {
		s.report("alice", fixture.Incident(name, fixture.UnderPolicy("desk")))
	}
	sorry := func(name string) {
		s.add(name, fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	}
	now, err := s.serverTime(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	s.add("promised",
		fixture.Entry("stamped").By("alice").RecordedAt(now).Reached("Phone").Completion("apologise"),
		fixture.Entry("will-call").By("alice").With(func(e *v1alpha1.JournalEntry) {
			e.Promise = &v1alpha1.Promise{Text: "We call with news", Within: "2h"}
		}))
	remedy := func(name string, amount v1alpha1.Money) *v1alpha1.Compensation {
		c := refundOf(name, amount)
		c.Spec.IncidentName = v1alpha1.ObjectName(name)
		return c
	}
	for name, amount := range map[string]v1alpha1.Money{"remedied": "40.00", "owed": "20.00"} {
		s.ask(remedy(name, amount))
		s.awaitStage(name, v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
		sorry(name)
		s.add(name, fixture.Entry("resolved").By("alice").Completion("resolve"))
	}
	s.put("alice", "remedied", "delivery", map[string]any{"by": "alice", "evidence": "receipt 12"})
	asked := remedy("asked", "300.00")
	asked.Spec.Allowance = ""
	s.ask(asked)

	s.awaitPhase("remedied", v1alpha1.PhaseClosed)
	s.awaitPhase("owed", v1alpha1.PhaseResolved)
	s.awaitStage("asked", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.awaitUsed("desk", used{spent: 6000, reserved: 30000})
	for _, name := range []string{"untouched", "asked"} {
		s.awaitBreach(name, "Step/apologise")
		s.awaitNotice(name, v1alpha1.EventDeadlineBreached)
	}
	s.awaitRunning("promised", "Promise/will-call")
}

// incidents are those of the site as they are stored, by name.
func (s *site) incidents() map[string]*v1alpha1.Incident {
	s.Helper()
	var list v1alpha1.IncidentList
	if err := s.admin.List(s.Context(), &list, client.InNamespace(s.namespace)); err != nil {
		s.Fatal(err)
	}
	out := map[string]*v1alpha1.Incident{}
	for i := range list.Items {
		out[list.Items[i].Name] = &list.Items[i]
	}
	return out
}

// sameInTime checks that a restored incident has the facts that it had, and is held in time
// as it was. Nothing is known of its remedies.
func sameInTime(t *testing.T, name string, was, is *v1alpha1.Incident) {
	t.Helper()
	journal := is.Spec.Journal[:min(len(was.Spec.Journal), len(is.Spec.Journal))]
	if diff := cmp.Diff(was.Spec.Journal, journal, cmpopts.IgnoreFields(v1alpha1.JournalEntry{}, "RecordedAt")); diff != "" {
		t.Errorf("%s: the journal (-before +after):\n%s", name, diff)
	}
	for _, entry := range was.Spec.Journal {
		if at := stampOf(is, entry.ID); !sameInstant(at, stampOf(was, entry.ID)) {
			t.Errorf("%s: %s counts from %s, and counted from %s", name, entry.ID, at, stampOf(was, entry.ID))
		}
	}
	if diff := cmp.Diff(was.Status.Clocks, is.Status.Clocks, cmpopts.IgnoreSliceElements(ofMoney)); diff != "" {
		t.Errorf("%s: clocks (-before +after):\n%s", name, diff)
	}
	other := []string{"Clocks", "Compensation", "Conditions", "ObservedGeneration", "Recorded"}
	if slices.ContainsFunc(was.Status.Clocks, ofMoney) {
		other = append(other, "NextDueAt")
	}
	if diff := cmp.Diff(was.Status, is.Status, cmpopts.IgnoreFields(v1alpha1.IncidentStatus{}, other...)); diff != "" {
		t.Errorf("%s: status (-before +after):\n%s", name, diff)
	}
}

func ofMoney(c v1alpha1.Clock) bool {
	return c.Kind == v1alpha1.ClockApproval || c.Kind == v1alpha1.ClockDelivery
}

// stampOf is the time from which an entry counts, as the incident says; nil where it does not.
func stampOf(inc *v1alpha1.Incident, id v1alpha1.Name) *metav1.Time {
	for i := range inc.Status.Recorded {
		if r := &inc.Status.Recorded[i]; r.Key == "journal/"+string(id) {
			return &r.At
		}
	}
	for i := range inc.Spec.Journal {
		if e := &inc.Spec.Journal[i]; e.ID == id {
			return e.RecordedAt
		}
	}
	return nil
}

// sameVerdicts checks that every condition says what it said, save those about remedies.
func sameVerdicts(t *testing.T, name string, was, is *v1alpha1.Incident) {
	t.Helper()
	aboutMoney := func(c metav1.Condition) bool {
		return c.Type == v1alpha1.ApprovalPendingCondition || c.Type == v1alpha1.RemedyDeliveredCondition
	}
	other := []string{"LastTransitionTime", "ObservedGeneration"}
	if slices.ContainsFunc(was.Status.Clocks, ofMoney) {
		other = append(other, "Message") // which lists what keeps it open
	}
	if diff := cmp.Diff(was.Status.Conditions, is.Status.Conditions, cmpopts.IgnoreSliceElements(aboutMoney),
		cmpopts.IgnoreFields(metav1.Condition{}, other...)); diff != "" {
		t.Errorf("%s: conditions (-before +after):\n%s", name, diff)
	}
}

// restoring are the two blocks of the page that back a namespace up, and restore it.
func restoring(t *testing.T) [2]string {
	t.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "operations.md")) //nolint:gosec // a page of this module
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Backup and restore\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(section, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of commands in the section of the page, want two", len(blocks))
	}
	return [2]string{blocks[0][1], blocks[1][1]}
}

// runBlock runs commands of a page as the administrator, in a folder, and returns what
// they print.
func (s *site) runBlock(dir, commands string) string {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 2*patience)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-eu", "-c", commands) //nolint:gosec // of a page of this module
	command.Dir = dir
	command.Env = append(os.Environ(), "KUBECONFIG="+s.installation.kubeconfig("admin"), "KUBECACHEDIR="+s.dir+"/kubectl", "NS="+s.namespace, "ME=admin")
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		s.Fatalf("%v\n%s\n%s", err, commands, out.String())
	}
	return out.String()
}
