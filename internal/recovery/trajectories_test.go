package recovery_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/recovery"
)

// trajectory is an incident that is played on time to an instant, with all that happens
// written down in testdata/trajectories.
type trajectory struct {
	policy   v1alpha1.RecoveryPolicySpec
	incident []fixture.IncidentOption
	journal  []fixture.EntryBuilder
	until    string
	ends     []string // see look
}

// hotline is what a platform team owes its tenants: it stops the harm first.
func hotline() v1alpha1.RecoveryPolicySpec {
	return steps(
		fixture.Step("acknowledge", v1alpha1.StepApology, fixture.DueWithin("15m"), fixture.WarnAt(50)),
		fixture.Step("triage", v1alpha1.StepReview, fixture.DueWithin("30m")),
		fixture.Step("stop-the-harm", v1alpha1.StepMitigation, fixture.DueWithin("1h")),
		fixture.Step("repair", v1alpha1.StepResolution, fixture.DueWithin("8h"), fixture.Demanding()),
		fixture.FollowUp("report", v1alpha1.FollowUpClosing, fixture.DueWithin("72h")),
		fixture.Step("post-mortem", v1alpha1.StepDocumentation, fixture.After("repair"), fixture.DueWithin("120h")),
	)
}

// strict shortens everything where the severity is Critical.
func strict(spec v1alpha1.RecoveryPolicySpec) v1alpha1.RecoveryPolicySpec {
	spec.BySeverity = []v1alpha1.SeverityOverlay{{Severity: v1alpha1.SeverityCritical, Steps: []v1alpha1.StepOverlay{
		{Name: "acknowledge", Due: within("5m")}, {Name: "triage", Due: within("10m")}, {Name: "stop-the-harm", Due: within("20m")}, {Name: "repair", Due: within("2h")},
	}}}
	return spec
}

// sixWell are the entries that complete the hotline's steps, with a prefix to their ids.
func sixWell(prefix v1alpha1.Name, times ...string) []fixture.EntryBuilder {
	did := func(i int, e fixture.EntryBuilder) fixture.EntryBuilder { return at(times[i], e) }
	return []fixture.EntryBuilder{
		did(0, entry(prefix+"-sorry").Reached("Phone").Completion("acknowledge")),
		did(1, entry(prefix+"-asked").Reached("Phone").Note("nothing loads since nine").Completion("triage")),
		did(2, entry(prefix+"-rolled-back").Completion("stop-the-harm")),
		did(3, entry(prefix+"-fixed").Completion("repair")),
		did(4, entry(prefix+"-cause").Finding("System")),
		did(5, entry(prefix+"-written").Completion("post-mortem")),
		did(6, entry(prefix+"-reported").Reached("Email").Completion("report")),
	}
}

func trajectories() map[string]trajectory {
	return map[string]trajectory{
		"built-in": {
			policy: v1alpha1.RecoveryPolicySpec{},
			journal: []fixture.EntryBuilder{
				at("4m", entry("sorry").Reached("InPerson").Completion("apologise")),
				at("30m", entry("heard").Heard("InPerson").Note("the towel was a present")),
				at("35m", entry("reviewed").Completion("review")),
				at("40m", entry("new-coffee").Gesture("fresh-coffee")),
				at("1h", entry("fixed").Completion("resolve")),
				at("1h30m", entry("still-good").Reached("InPerson").Completion("check-it-works")),
				at("2h", entry("told").Completion("tell-the-others")),
				at("3h", entry("wind").Finding("External")),
				at("3h1m", entry("written").Completion("write-up")),
				at("30h", entry("thanks").Reached("Phone").Completion("thank-you-call")),
			},
			until: "40h",
			ends: []string{
				"Closed Met", "apologise: Done Completed 0s–4m, due 10m", "review: Done Completed 4m–35m, due 4h4m",
				"resolve: Done Completed 35m–1h, due 24h35m", "check-it-works: Done Completed 1h–1h30m, due 2h",
				"tell-the-others: Done Completed 1h–2h, due 25h", "write-up: Done Completed 1h–3h1m, due 73h",
				"thank-you-call: Done Completed 25h30m–30h, due 73h30m",
			},
		},
		"neglected": {
			policy: steps(
				fixture.Step("sorry", v1alpha1.StepApology, fixture.DueWithin("10m"), fixture.WarnAt(50, 80)),
				fixture.Step("fix", v1alpha1.StepResolution, fixture.After(), fixture.DueWithin("2h"), fixture.WarnAt(80)),
				fixture.FollowUp("ask", v1alpha1.FollowUpImmediate, fixture.DueWithin("1h")),
				fixture.Step("write", v1alpha1.StepDocumentation, fixture.After(), fixture.NotBefore("24h"), fixture.DueWithin("48h")),
			),
			until: "100h",
			ends: []string{
				"Open Overdue, at sorry, next 10m", "sorry: Running 0s, due 10m, breached 10m",
				"fix: Running 0s, due 2h, breached 2h", "write: Running 24h, due 48h, breached 48h",
			},
		},
		"reopened": {
			policy: hotline(),
			journal: and(sixWell("one", "3m", "20m", "40m", "5h", "6h", "7h", "10h"), append(
				[]fixture.EntryBuilder{at("72h", entry("again").Heard("Phone").Note("it is back"))},
				sixWell("two", "72h20m", "72h25m", "73h", "74h", "75h", "76h", "77h")...)...),
			until: "80h",
			ends: []string{
				"Closed Missed round 2",
				"acknowledge: Done Completed 0s–3m, due 15m", "triage: Done Completed 3m–20m, due 33m", "stop-the-harm: Done Completed 20m–40m, due 1h20m",
				"repair: Done Completed 40m–5h, due 8h40m", "report: Done Completed 5h–10h, due 77h", "post-mortem: Done Completed 5h–7h, due 125h",
				"acknowledge#2: Done Completed 72h–72h20m, due 72h15m, breached 72h15m", "triage#2: Done Completed 72h20m–72h25m, due 72h50m",
				"stop-the-harm#2: Done Completed 72h25m–73h, due 73h25m", "repair#2: Done Completed 73h–74h, due 81h",
				"report#2: Done Completed 74h–77h, due 146h", "post-mortem#2: Done Completed 74h–76h, due 194h",
			},
		},
		"merged": {
			policy: hotline(),
			journal: []fixture.EntryBuilder{
				at("3m", entry("sorry").Reached("Phone").Completion("acknowledge")),
				at("4m", entry("callback").Promise("we call back", "20m")),
				at("10m", entry("nowhere").Merge("nowhere")),
				at("12m", entry("same").Merge("other")),
				at("13m", entry("too-late").Completion("triage")),
				at("20m", entry("called").Reached("Phone").PromiseOutcome("callback", "Kept")),
			},
			until: "10h",
			ends: []string{
				"Merged OnTrack", "acknowledge: Done Completed 0s–3m, due 15m", "triage: Cancelled IncidentEnded 3m, due 33m",
				"Promise/callback: Done Kept 4m–20m, due 24m",
			},
		},
		"retargeted": {
			policy: strict(hotline()), incident: []fixture.IncidentOption{fixture.OfSeverity("Medium")},
			journal: []fixture.EntryBuilder{
				at("3m", entry("sorry").Reached("Phone").Completion("acknowledge")),
				at("9m", entry("worse").Retarget("Critical", "")),
				at("11m", entry("asked").Reached("Phone").Note("nothing loads").Completion("triage")),
				at("40m", entry("unreasoned").Retarget("High", "")),
				at("45m", entry("better").Retarget("High", "one tenant only")),
				at("50m", entry("rolled-back").Completion("stop-the-harm")),
				at("1h", entry("worst").Retarget("Critical", "all of them after all")),
				at("4h", entry("fixed").Completion("repair")),
			},
			until: "5h",
			ends: []string{
				"Resolved Missed, at report, next 76h", "acknowledge: Done Completed 0s–3m, due 15m",
				"triage: Done Retargeted 3m–11m, due 13m, was due 33m",
				"stop-the-harm: Done Retargeted 11m–50m, due 1h11m, was due 31m, breached 31m",
				"repair: Done Retargeted 50m–4h, due 2h50m, was due 8h50m, breached 2h50m",
				"report: Running 4h, due 76h", "post-mortem: Running 4h, due 124h",
			},
		},
		// The engineer rolls back before anybody has spoken to a tenant.
		"rolled-back-first": {
			policy: hotline(),
			journal: []fixture.EntryBuilder{
				at("2m", entry("rolled-back").By("sre").Completion("stop-the-harm")),
				at("6m", entry("mail").Contact(automated)),
				at("9m", entry("acknowledged").By("sre").Completion("acknowledge")),
				at("12m", entry("called").By("support").Reached("Phone").Note("works again")),
				at("14m", entry("triaged").Completion("triage")),
				at("1h", entry("fixed").Completion("repair")),
				at("1h30m", entry("written").Completion("post-mortem")),
				at("2h", entry("cause").Finding("System")),
				at("3h", entry("reported").Reached("Email").Completion("report")),
			},
			until: "4h",
			ends: []string{
				"Closed Met", "acknowledge: Done Completed 0s–12m, due 15m", "stop-the-harm: Done OutOfOrder 2m–2m",
				"repair: Done Completed 2m–1h, due 8h2m", "triage: Done Completed 12m–14m, due 42m",
				"report: Done Completed 1h–3h, due 73h", "post-mortem: Done Completed 1h–2h, due 121h",
			},
		},
	}
}

func TestTrajectories(t *testing.T) {
	t.Parallel()
	for name, c := range trajectories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play := func() *world {
				w := newWorld(t, c.policy, c.incident...).tell(c.journal...)
				w.Others = map[string]recovery.Other{"other": {UID: "uid", Phase: v1alpha1.PhaseOpen}}
				return w
			}
			onTime, late := play(), play()
			transcript := transcribe(onTime, after(c.until))
			compareGolden(t, filepath.Join("testdata", "trajectories", name+".golden"), strings.Join(transcript, "\n")+"\n")
			if diff := cmp.Diff(c.ends, look(&onTime.inc.Status)); diff != "" {
				t.Errorf("it ends otherwise (-want +got):\n%s", diff)
			}
			late.decide(after(c.until))
			if diff := cmp.Diff(show(t, record(onTime.inc.Status)), show(t, record(late.inc.Status))); diff != "" {
				t.Errorf("late does not equal on time (-on time +late):\n%s", diff)
			}
		})
	}
}
