package operatortest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// kubectl runs kubectl in this site's namespace as somebody who has a kubeconfig, and
// returns what it prints.
func (s *site) kubectl(as string, args ...string) string {
	s.Helper()
	out, err := s.tryKubectl(as, args...)
	if err != nil {
		s.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (s *site) tryKubectl(as string, args ...string) (string, error) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "kubectl", append([]string{"--namespace", s.namespace}, args...)...) //nolint:gosec // kubectl with a test's own arguments
	command.Env = append(os.Environ(), "KUBECONFIG="+s.installation.kubeconfig(as), "KUBECACHEDIR="+s.dir+"/kubectl")
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	return out.String(), err
}

// withKubeconfig gives a member of the staff a kubeconfig.
func (s *site) withKubeconfig(name string) string {
	s.Helper()
	config, err := s.person(name, staff)
	if err != nil {
		s.Fatal(err)
	}
	if err := writeKubeconfig(s.installation.kubeconfig(name), config); err != nil {
		s.Fatal(err)
	}
	return name
}

func TestIncidentsInColumns(t *testing.T) {
	t.Parallel()
	s := open(t)
	erin := s.withKubeconfig("erin")
	s.create(fixture.Policy("front-desk",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("2h")),
		fixture.Step("house-the-guest", v1alpha1.StepResolution, fixture.DueWithin("4h"), fixture.Demanding())))
	s.awaitReady("front-desk")
	s.report("erin", fixture.Incident("no-room-0733", fixture.UnderPolicy("front-desk"),
		fixture.OfSeverity(v1alpha1.SeverityCritical), fixture.OfService("reception")))
	s.report("erin", fixture.Incident("coffee-0417", fixture.UnderPolicy("not-there-yet")))
	s.add("no-room-0733",
		fixture.Entry("handed-over").By("erin").With(func(e *v1alpha1.JournalEntry) {
			e.Assignment = &v1alpha1.Assignment{Owner: "frank"}
		}),
		fixture.Entry("said-sorry").By("erin").Reached("InPerson").Completion("apologise"))
	inc := s.awaitIncident("no-room-0733", "an owner and the second step", func(i *v1alpha1.Incident) bool {
		return i.Status.Owner != "" && i.Status.CurrentStep == "house-the-guest"
	})
	s.awaitIncident("coffee-0417", "a status", func(i *v1alpha1.Incident) bool { return i.Status.Phase != "" })

	lines := strings.Split(strings.TrimSpace(s.kubectl(erin, "get", "inc")), "\n")
	if len(lines) != 3 {
		t.Fatalf("want a header and two incidents, got:\n%s", strings.Join(lines, "\n"))
	}
	t.Logf("kubectl get inc:\n%s", strings.Join(lines, "\n"))
	for _, line := range lines {
		if width := len([]rune(line)); width > 120 {
			t.Errorf("a line of %d columns, want at most 120:\n%s", width, line)
		}
	}
	cells := regexp.MustCompile(`\s{2,}`).Split(lines[0], -1)
	want := []string{"NAME", "SEVERITY", "SERVICE", "PHASE", "STEP", "DUE", "SLA", "OWNER", "AGE"}
	if !slices.Equal(cells, want) {
		t.Errorf("the columns are %q, want %q", cells, want)
	}
	row := lines[slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "no-room-0733") })]
	cells = regexp.MustCompile(`\s{2,}`).Split(row, -1)
	due := inc.Status.NextDueAt.UTC().Format("2006-01-02T15:04:05Z")
	want = []string{"no-room-0733", "Critical", "reception", "Open", "house-the-guest", due, "OnTrack", "frank"}
	if len(cells) != 9 || !slices.Equal(cells[:8], want) || !regexp.MustCompile(`^[0-9]+[smh]`).MatchString(cells[8]) {
		t.Errorf("the row is %q, want %q and an age", cells, want)
	}

	wide := s.kubectl(erin, "get", "incidents", "-o", "wide")
	for _, column := range []string{"SUMMARY", "CUSTOMER", "COMPENSATED", "Wind tipped a coffee", "guest-0417"} {
		if !strings.Contains(wide, column) {
			t.Errorf("wide: %q is missing:\n%s", column, wide)
		}
	}
	if got := s.kubectl(erin, "get", "recovery", "-o", "name"); !strings.Contains(got, "incident.recovery.amends.dev/no-room-0733") ||
		!strings.Contains(got, "recoverypolicy.recovery.amends.dev/front-desk") {
		t.Errorf("the category recovery shows:\n%s", got)
	}
	if got := s.kubectl(erin, "get", "inc", "-o", "name", "--field-selector=status.phase=Open,spec.severity=Critical"); strings.TrimSpace(got) != "incident.recovery.amends.dev/no-room-0733" {
		t.Errorf("selecting by fields shows:\n%s", got)
	}
}

func TestPoliciesInColumns(t *testing.T) {
	t.Parallel()
	s := open(t)
	grace := s.withKubeconfig("grace")
	s.create(fixture.Policy("front-desk"), fixture.Calendar("office", "Europe/Berlin"))
	s.awaitReady("front-desk")
	s.awaitCalendar("office", "Ready", func(c *v1alpha1.BusinessCalendar) bool { return isTrue(c.Status.Conditions, v1alpha1.ReadyCondition) })
	for kind, words := range map[string][]string{
		"recoverypolicies":  {"front-desk", "True", v1alpha1.AcceptedReason},
		"businesscalendars": {"office", "True", "Europe/Berlin"},
	} {
		got := s.kubectl(grace, "get", kind)
		for _, word := range words {
			if !strings.Contains(got, word) {
				t.Errorf("kubectl get %s shows no %q:\n%s", kind, word, got)
			}
		}
		for line := range strings.Lines(got) {
			if len([]rune(line)) > 121 {
				t.Errorf("kubectl get %s: a line of more than 120 columns:\n%s", kind, line)
			}
		}
	}
}

func TestKubectlWaits(t *testing.T) {
	t.Parallel()
	s := open(t)
	erin := s.withKubeconfig("erin")
	s.create(fixture.Policy("desk",
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueWithin("1h"), fixture.Demanding()),
		fixture.FollowUp("call", v1alpha1.FollowUpClosing, fixture.DueWithin("1h"), fixture.Demanding())))
	s.awaitReady("desk")
	s.report("erin", fixture.Incident("x", fixture.UnderPolicy("desk")))
	s.awaitRunning("x", "Step/resolve")

	if out, err := s.tryKubectl(erin, "wait", "inc/x", "--for=condition=Resolved", "--timeout=1s"); err == nil {
		t.Fatalf("an open incident counts as resolved: %s", out)
	}
	waited := make(chan string, 1)
	go func() {
		out, err := s.tryKubectl(erin, "wait", "inc/x", "--for=condition=Resolved", "--timeout=60s")
		if err != nil {
			out = err.Error() + ": " + out
		}
		waited <- out
	}()
	s.add("x", fixture.Entry("done").By("erin").Completion("resolve"))
	if got := <-waited; !strings.Contains(got, "condition met") {
		t.Errorf("kubectl wait for Resolved: %s", got)
	}
	s.add("x", fixture.Entry("called").By("erin").Completion("call"))
	s.kubectl(erin, "wait", "inc/x", "--for=condition=Closed", "--timeout=60s")
	s.kubectl(erin, "wait", "inc/x", "--for=jsonpath={.status.sla}=Met", "--timeout=60s")
}

func TestKubectlExplains(t *testing.T) {
	t.Parallel()
	s := open(t)
	erin := s.withKubeconfig("erin")
	for field, phrases := range map[string][]string{
		"incident.spec.journal": {
			"Entries are appended, never edited, removed or reordered",
			"kubectl patch incident NAME --type=json",
			"at most 100 entries",
			"The order of facts is that of recordedAt",
		},
		"incident.spec.journal.completion": {"step is the name of the step", "accepted"},
		"incident.status.phase":            {"Open, Resolved, Closed, Cancelled or Merged"},
		"recoverypolicy.spec.steps.due":    {"missing it is a breach", "businessDays"},
		"businesscalendar.spec.timeZone":   {"IANA"},
	} {
		got := strings.Join(strings.Fields(s.kubectl(erin, "explain", field)), " ")
		for _, phrase := range phrases {
			if !strings.Contains(got, phrase) {
				t.Errorf("kubectl explain %s does not say %q:\n%s", field, phrase, got)
			}
		}
	}
}
