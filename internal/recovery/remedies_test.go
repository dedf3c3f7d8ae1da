package recovery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/recovery"
)

// asked is a Compensation of the incident, with what became of it.
type asked struct {
	name     string
	option   v1alpha1.Name
	purpose  v1alpha1.RemedyPurpose
	among    []v1alpha1.RemedyPurpose // of several offers
	amount   v1alpha1.Money
	reason   string // of a denial
	answered string // by a person, whom the ledger has not followed yet

	awaits, due, offered, granted, denied, delivered, released string
}

// at is how it stood at an instant: what came later was not there.
func (a asked) at(now time.Time, incident *v1alpha1.Incident) v1alpha1.Compensation {
	c := *fixture.Compensation(a.name, v1alpha1.ObjectName(incident.Name), "desk", "15.00")
	c.Spec.Offers[0] = v1alpha1.CompensationOffer{Name: "remedy", Option: a.option, Amount: "15.00"}
	if a.option == "" {
		c.Spec.Offers[0].Custom = "A fresh coffee"
	}
	s := &c.Status
	s.IncidentUID, s.Purpose, s.OfferedPurposes = string(incident.UID), a.purpose, a.among
	s.Amount = a.amount
	if a.amount == "" {
		s.Amount = "15.00"
	}
	reached := func(d string, phase v1alpha1.CompensationPhase) *metav1.Time {
		if d == "" || after(d).After(now) {
			return nil
		}
		s.Phase = phase
		t := metav1.NewTime(after(d))
		return &t
	}
	if s.AwaitingSince = reached(a.awaits, v1alpha1.CompensationAwaitingApproval); s.AwaitingSince != nil && a.due != "" {
		t := metav1.NewTime(after(a.due))
		s.ApprovalDueAt = &t
	}
	s.OfferedAt = reached(a.offered, v1alpha1.CompensationOffered)
	if at := reached(a.answered, s.Phase); at != nil {
		c.Spec.Decision = &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, Level: "boss", RecordedAt: at}
	}
	s.DecidedAt = reached(a.granted, v1alpha1.CompensationGranted)
	if s.DecidedAt == nil {
		s.DecidedAt = reached(a.denied, v1alpha1.CompensationDenied)
	}
	s.DeliveredAt = reached(a.delivered, v1alpha1.CompensationDelivered)
	s.ReleasedAt = reached(a.released, v1alpha1.CompensationReleased)
	if s.Phase == v1alpha1.CompensationDenied || s.Phase == v1alpha1.CompensationReleased {
		s.Amount = ""
	}
	s.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: a.reason}}
	return c
}

// moments are the instants at which it changed.
func (a asked) moments() []time.Time {
	var out []time.Time
	for _, d := range []string{a.awaits, a.answered, a.offered, a.granted, a.denied, a.delivered, a.released} {
		if d != "" {
			out = append(out, after(d))
		}
	}
	return out
}

// remedyScene is a scene with money.
type remedyScene struct {
	scene
	asked []asked
	// announced is what was told; nil where it is not looked at.
	announced []string
	check     func(t *testing.T, s *v1alpha1.IncidentStatus)
}

// stand lets the world see the Compensations as they stood at an instant.
func (s *remedyScene) stand(w *world, now time.Time) {
	w.Compensations = nil
	for _, a := range s.asked {
		if c := a.at(now, w.inc); c.Status.Phase != "" {
			w.Compensations = append(w.Compensations, c)
		}
	}
}

// play checks a scene with one late decision, and on time at each instant at which
// something happened.
func (s *remedyScene) play(t *testing.T) {
	t.Helper()
	now := after(s.now)
	late := newWorld(t, s.policy, s.incident...).tell(s.journal...)
	s.stand(late, now)
	late.decide(now)
	status := &late.inc.Status
	if diff := cmp.Diff(s.want, look(status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
	if s.announced != nil {
		if diff := cmp.Diff(s.announced, announced(status)); diff != "" {
			t.Errorf("it has told otherwise (-want +got):\n%s", diff)
		}
	}
	if s.refused != "" {
		isCondition(t, status, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, s.refused, "", s.says...)
	}
	if s.check != nil {
		s.check(t, status)
	}
	onTime := newWorld(t, s.policy, s.incident...)
	s.live(onTime, now)
	if diff := cmp.Diff(show(t, record(onTime.inc.Status)), show(t, record(*status))); diff != "" {
		t.Errorf("late does not equal on time (-on time +late):\n%s", diff)
	}
}

func (s *remedyScene) live(w *world, until time.Time) {
	moments := []time.Time{zero, until}
	for _, a := range s.asked {
		moments = append(moments, a.moments()...)
	}
	journal := make([]v1alpha1.JournalEntry, len(s.journal))
	for i, e := range s.journal {
		journal[i] = e.Build()
		moments = append(moments, journal[i].RecordedAt.Time)
	}
	slices.SortFunc(moments, time.Time.Compare)
	for i, at := range moments {
		if at.After(until) {
			break
		}
		w.inc.Spec.Journal = nil
		for _, e := range journal {
			if !e.RecordedAt.After(at) {
				w.inc.Spec.Journal = append(w.inc.Spec.Journal, e)
			}
		}
		w.inc.Generation = int64(1 + len(journal))
		s.stand(w, at)
		for d := w.decide(at); !d.WakeAt.IsZero() && (i+1 < len(moments) && d.WakeAt.Before(moments[i+1])); {
			d = w.decide(d.WakeAt)
		}
	}
}

// giving are the terms for money: an extra is owed from Medium on, or a reason; at
// Critical without one.
func giving(s *v1alpha1.RecoveryPolicySpec) {
	s.Compensation = &v1alpha1.PolicyCompensation{
		BudgetName:    "desk",
		Demand:        []v1alpha1.CompensationDemand{{Severity: "Medium", Extra: v1alpha1.ExtraOfferedOrReason}, {Severity: "Critical", Extra: v1alpha1.ExtraOffered}},
		DeliverWithin: &v1alpha1.Due{Within: "2h"},
		Catalogue: []v1alpha1.CatalogueOption{
			{Name: "fresh-coffee", Kind: "Replacement", Purpose: v1alpha1.PurposeRestore, Cost: "0"},
			{Name: "lounge-pass", Kind: "Upgrade", Purpose: v1alpha1.PurposeExtra, Cost: "15.00"},
		},
	}
}

func TestRemedies(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a", fixture.DueWithin("8h"))), giving, escalating(level("boss", v1alpha1.TriggerApprovalStale, v1alpha1.TriggerPoolExhausted)))
	want := func(first string, rest ...string) []string {
		return append([]string{first, "a: Running 0s, due 8h"}, rest...)
	}
	for name, s := range map[string]remedyScene{
		"granted": {
			scene: scene{policy: spec, now: "10m", want: want("Open OnTrack, at a, next 2h1m", "Delivery/pass: Running 1m, due 2h1m")},
			asked: []asked{{name: "pass", option: "lounge-pass", granted: "1m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				isCondition(t, s, v1alpha1.RemedyDeliveredCondition, metav1.ConditionFalse, v1alpha1.DeliveryPendingReason, "1m", "Delivery/pass")
				if diff := cmp.Diff(&v1alpha1.IncidentCompensation{Granted: "15.00", Given: "lounge-pass"}, s.Compensation); diff != "" {
					t.Error(diff)
				}
			},
		},
		"delivered at the due instant": {
			scene: scene{policy: spec, now: "3h", want: want("Open OnTrack, at a, next 8h", "Delivery/pass: Done Completed 1m–2h1m, due 2h1m")},
			asked: []asked{{name: "pass", option: "lounge-pass", granted: "1m", delivered: "2h1m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				isCondition(t, s, v1alpha1.RemedyDeliveredCondition, metav1.ConditionTrue, v1alpha1.AllDeliveredReason, "2h1m", "")
				if diff := cmp.Diff(&v1alpha1.IncidentCompensation{Granted: "15.00", Delivered: "15.00", Given: "lounge-pass"}, s.Compensation); diff != "" {
					t.Error(diff)
				}
			},
		},
		"delivered a second late": {
			scene:     scene{policy: spec, now: "3h", want: want("Open Missed, at a, next 8h", "Delivery/pass: Done Completed 1m–2h1m1s, due 2h1m, breached 2h1m")},
			asked:     []asked{{name: "pass", granted: "1m", delivered: "2h1m1s"}},
			announced: []string{"Breach/Delivery/pass 2h1m"},
		},
		"taken back": {
			scene: scene{policy: spec, now: "3h", want: want("Open OnTrack, at a, next 8h", "Delivery/pass: Cancelled Released 1m, due 2h1m")},
			asked: []asked{{name: "pass", granted: "1m", released: "1h"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				if s.Compensation != nil {
					t.Errorf("nothing was given, and yet: %+v", s.Compensation)
				}
			},
		},
		"approved in time": {
			scene: scene{policy: spec, now: "30m", want: want("Open OnTrack, at a, next 2h11m", "Approval/pass: Done Completed 1m–11m, due 16m", "Delivery/pass: Running 11m, due 2h11m")},
			asked: []asked{{name: "pass", awaits: "1m", due: "16m", granted: "11m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				isCondition(t, s, v1alpha1.ApprovalPendingCondition, metav1.ConditionFalse, v1alpha1.NothingPendingReason, "11m", "")
				if s.Waits == nil || s.Waits.Approval != "10m0s" {
					t.Errorf("the wait for the approval is %+v", s.Waits)
				}
			},
		},
		"still awaited": {
			scene: scene{policy: spec, now: "10m", want: want("Open OnTrack, at a, next 16m", "Approval/pass: Running 1m, due 16m")},
			asked: []asked{{name: "pass", awaits: "1m", due: "16m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				isCondition(t, s, v1alpha1.ApprovalPendingCondition, metav1.ConditionTrue, v1alpha1.AwaitingApprovalReason, "1m", "Approval/pass")
				if s.Waits != nil {
					t.Errorf("a wait that lasts is counted: %+v", s.Waits)
				}
				if diff := cmp.Diff(&v1alpha1.IncidentCompensation{Pending: "15.00"}, s.Compensation); diff != "" {
					t.Error(diff)
				}
			},
		},
		"an approval that grows stale": {
			scene:     scene{policy: spec, now: "30m", want: want("Open Overdue, at a, next 8h", "Approval/pass: Running 1m, due 16m, breached 16m")},
			asked:     []asked{{name: "pass", awaits: "1m", due: "16m"}},
			announced: []string{"Breach/Approval/pass 16m", "Escalation/boss/ApprovalStale/Approval/pass 16m to boss"},
		},
		"answered, and the ledger has not followed": {
			scene: scene{policy: spec, now: "30m", want: want("Open OnTrack, at a, next 8h", "Approval/pass: Done Completed 1m–16m, due 16m")},
			asked: []asked{{name: "pass", awaits: "1m", due: "16m", answered: "16m"}},
		},
		"denied because nobody decided": {
			scene: scene{policy: spec, now: "30m", want: want("Open Missed, at a, next 8h", "Approval/pass: Cancelled TimedOut 1m, due 16m, breached 16m")},
			asked: []asked{{name: "pass", awaits: "1m", due: "16m", denied: "16m", reason: v1alpha1.ApprovalTimedOutReason}},
		},
		"denied by a person": {
			scene: scene{policy: spec, now: "30m", want: want("Open OnTrack, at a, next 8h", "Approval/pass: Done Completed 1m–5m, due 16m")},
			asked: []asked{{name: "pass", awaits: "1m", due: "16m", denied: "5m", reason: v1alpha1.DeniedByApproverReason}},
		},
		"the pool is exhausted": {
			scene:     scene{policy: spec, now: "30m", want: want("Open OnTrack, at a, next 8h")},
			asked:     []asked{{name: "pass", denied: "5m", reason: v1alpha1.PoolExhaustedReason}},
			announced: []string{"Escalation/boss/PoolExhausted/Compensation/pass 5m to boss"},
		},
		"offered": {
			scene: scene{policy: spec, now: "30m", want: want("Open OnTrack, at a, next 8h")},
			asked: []asked{{name: "pass", offered: "5m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				if diff := cmp.Diff(&v1alpha1.IncidentCompensation{Offered: "15.00"}, s.Compensation); diff != "" {
					t.Error(diff)
				}
			},
		},
		"approved, then chosen": {
			scene: scene{policy: spec, now: "30m", want: want("Open OnTrack, at a, next 2h20m", "Approval/pass: Done Completed 1m–5m, due 16m", "Delivery/pass: Running 20m, due 2h20m")},
			asked: []asked{{name: "pass", awaits: "1m", due: "16m", offered: "5m", granted: "20m"}},
		},
		"two in one": {
			scene: scene{policy: spec, now: "30m", want: want("Open OnTrack, at a, next 2h1m", "Delivery/coupon: Done Completed 1m–5m, due 2h1m", "Delivery/pass: Running 1m, due 2h1m")},
			asked: []asked{{name: "pass", option: "lounge-pass", granted: "1m", amount: "0.99"}, {name: "coupon", granted: "1m", delivered: "5m", amount: "0.02"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				if diff := cmp.Diff(&v1alpha1.IncidentCompensation{Granted: "1.01", Delivered: "0.02", Given: "lounge-pass, remedy"}, s.Compensation); diff != "" {
					t.Error(diff)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.play(t)
		})
	}
}

// A remedy that is not decided, chosen or delivered keeps an incident open; and no end
// stops the delivery of what was granted.
func TestRemediesAndTheEnd(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a", fixture.DueWithin("8h"))), giving)
	cancel := at("10m", entry("gone").Cancel("CustomerWithdrew"))
	for name, s := range map[string]remedyScene{
		"granted and not delivered": {
			scene: scene{policy: spec, now: "1h", journal: []fixture.EntryBuilder{done("10m", "a")}, want: []string{"Resolved OnTrack, next 2h1m", "a: Done Completed 0s–10m, due 8h", "Delivery/pass: Running 1m, due 2h1m"}},
			asked: []asked{{name: "pass", granted: "1m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				isCondition(t, s, v1alpha1.ClosedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "", "Delivery/pass")
			},
		},
		"closed by the delivery": {
			scene: scene{policy: spec, now: "1h", journal: []fixture.EntryBuilder{done("10m", "a")}, want: []string{"Closed Met", "a: Done Completed 0s–10m, due 8h", "Delivery/pass: Done Completed 1m–20m, due 2h1m"}},
			asked: []asked{{name: "pass", granted: "1m", delivered: "20m"}},
			check: func(t *testing.T, s *v1alpha1.IncidentStatus) {
				isCondition(t, s, v1alpha1.ClosedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "20m")
			},
		},
		"a choice is open": {
			scene: scene{policy: spec, now: "1h", journal: []fixture.EntryBuilder{done("10m", "a")}, want: []string{"Resolved OnTrack", "a: Done Completed 0s–10m, due 8h"}},
			asked: []asked{{name: "pass", offered: "1m"}},
		},
		"a denial lets it close": {
			scene: scene{policy: spec, now: "1h", journal: []fixture.EntryBuilder{done("10m", "a")}, want: []string{"Closed Met", "a: Done Completed 0s–10m, due 8h", "Approval/pass: Done Completed 1m–20m, due 30m"}},
			asked: []asked{{name: "pass", awaits: "1m", due: "30m", denied: "20m"}},
		},
		"cancelled with a grant": {
			scene: scene{policy: spec, now: "3h", journal: []fixture.EntryBuilder{cancel}, want: []string{"Cancelled Overdue, next 2h1m", "a: Cancelled IncidentEnded 0s, due 8h", "Delivery/pass: Running 1m, due 2h1m, breached 2h1m"}},
			asked: []asked{{name: "pass", granted: "1m"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.play(t)
		})
	}
}

// What a resolution owes follows the severity: a remedy or a reason; an extra or a
// reason; an extra.
func TestDemandForARemedy(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("fix", fixture.DueWithin("8h"), fixture.Demanding(v1alpha1.DemandRemedyDecided)), custom("tell", fixture.DueWithin("8h"), fixture.After())), giving)
	gesture := func(option v1alpha1.Name, text v1alpha1.Text) fixture.EntryBuilder {
		return at("5m", entry("gift").With(func(e *v1alpha1.JournalEntry) { e.Gesture = &v1alpha1.Gesture{Option: option, Text: text} }))
	}
	fixed := done("10m", "fix")
	reasoned := done("10m", "fix").With(func(e *v1alpha1.JournalEntry) { e.Completion.NoRemedyReason = "they want none" })
	extra := asked{name: "pass", purpose: v1alpha1.PurposeExtra, granted: "5m"}
	restore := asked{name: "pass", purpose: v1alpha1.PurposeRestore, granted: "5m"}
	for name, c := range map[string]struct {
		severity v1alpha1.Severity
		journal  []fixture.EntryBuilder
		asked    []asked
		doneAt   string // empty where it is not done
		says     string
	}{
		"low, nothing":                    {"Low", []fixture.EntryBuilder{fixed}, nil, "", "append a gesture, give a Compensation"},
		"low, a reason":                   {"Low", []fixture.EntryBuilder{reasoned}, nil, "10m", ""},
		"low, a gesture":                  {"Low", []fixture.EntryBuilder{gesture("fresh-coffee", ""), fixed}, nil, "10m", ""},
		"low, a remedy":                   {"Low", []fixture.EntryBuilder{fixed}, []asked{restore}, "10m", ""},
		"low, a remedy later":             {"Low", []fixture.EntryBuilder{fixed}, []asked{{name: "pass", granted: "20m"}}, "20m", ""},
		"low, it waits for an approval":   {"Low", []fixture.EntryBuilder{fixed}, []asked{{name: "pass", awaits: "1m"}}, "", "append a gesture"},
		"low, denied":                     {"Low", []fixture.EntryBuilder{fixed}, []asked{{name: "pass", denied: "1m"}}, "", "append a gesture"},
		"low, taken back":                 {"Low", []fixture.EntryBuilder{fixed}, []asked{{name: "pass", granted: "1m", released: "2m"}}, "", "append a gesture"},
		"medium, what was expected":       {"Medium", []fixture.EntryBuilder{gesture("fresh-coffee", ""), fixed}, []asked{restore}, "", "or complete the step with a noRemedyReason"},
		"medium, a reason":                {"Medium", []fixture.EntryBuilder{reasoned}, nil, "10m", ""},
		"medium, an extra":                {"Medium", []fixture.EntryBuilder{fixed}, []asked{extra}, "10m", ""},
		"high, as medium":                 {"High", []fixture.EntryBuilder{fixed}, []asked{restore}, "", "offer an extra"},
		"critical, a reason will not do":  {"Critical", []fixture.EntryBuilder{reasoned}, []asked{restore}, "", "offer an extra"},
		"critical, an extra":              {"Critical", []fixture.EntryBuilder{fixed}, []asked{extra}, "10m", ""},
		"critical, an extra as a gesture": {"Critical", []fixture.EntryBuilder{gesture("lounge-pass", ""), fixed}, nil, "10m", ""},
		"critical, a kindness":            {"Critical", []fixture.EntryBuilder{gesture("", "a note from the chef"), fixed}, nil, "10m", ""},
		"critical, one among the offers":  {"Critical", []fixture.EntryBuilder{fixed}, []asked{{name: "pass", among: []v1alpha1.RemedyPurpose{"Restore", "Extra"}, offered: "5m"}}, "10m", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := remedyScene{scene: scene{policy: spec, incident: []fixture.IncidentOption{fixture.OfSeverity(c.severity)}, journal: c.journal, now: "1h"}, asked: c.asked}
			w := newWorld(t, s.policy, s.incident...).tell(s.journal...)
			s.stand(w, after(s.now))
			w.decide(after(s.now))
			fix := clockNamed(t, &w.inc.Status, "fix")
			if c.doneAt != "" {
				if fix.DoneAt == nil || offset(fix.DoneAt.Time) != c.doneAt {
					t.Errorf("it is %s, want done at %s", clockLine(fix), c.doneAt)
				}
				return
			}
			if fix.DoneAt != nil {
				t.Errorf("it is done: %s", clockLine(fix))
			}
			isCondition(t, &w.inc.Status, v1alpha1.JournalAcceptedCondition, metav1.ConditionFalse, v1alpha1.DemandsUnmetReason, "", c.says)
		})
	}
}

// One of another incident by the same name is none of this one's.
func TestRemediesOfAnotherIncident(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(steps(custom("a", fixture.DueWithin("8h"))), giving))
	other := asked{name: "pass", granted: "1m"}.at(after("10m"), w.inc)
	other.Status.IncidentUID = "another"
	w.Compensations = []v1alpha1.Compensation{other}
	w.decide(after("10m"))
	if got := strings.Join(look(&w.inc.Status), "; "); strings.Contains(got, "Delivery") || w.inc.Status.Compensation != nil {
		t.Errorf("it has taken in another one's remedy: %s", got)
	}
}

// An approval and a delivery can be explained as any other clock, and no hold pauses
// them.
func TestExplainRemedies(t *testing.T) {
	t.Parallel()
	spec := with(steps(custom("a", fixture.DueWithin("8h"))), giving, holding(pausing("Snow", "a")))
	w := newWorld(t, spec).tell(hold("2m", "h", "Snow"))
	s := remedyScene{asked: []asked{{name: "pass", awaits: "1m", due: "16m", granted: "11m"}}}
	s.stand(w, after("30m"))
	w.decide(after("30m"))
	s.stand(w, after("30m"))
	for clock, want := range map[string][]string{
		"Approval/pass": {"counts   15m of wall time, from Fri 2026-10-02 08:21:00 UTC", "elapsed  10m, 5m left", "due      Fri 2026-10-02 08:36:00 UTC"},
		"Delivery/pass": {"counts   2h of wall time, from Fri 2026-10-02 08:31:00 UTC", "elapsed  19m, 1h41m left", "due      Fri 2026-10-02 10:31:00 UTC"},
	} {
		snapshot := w.Snapshot
		snapshot.Incident = w.inc
		got, err := recovery.Explain(&snapshot, clock, after("30m"))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(got.Lines(nil), "\n")
		for _, line := range want {
			if !strings.Contains(text, line) {
				t.Errorf("%s does not say %q:\n%s", clock, line, text)
			}
		}
	}
}

// However many there are, the status stays within its bounds.
func TestManyRemedies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(steps(custom("a", fixture.DueWithin("8h"))), giving))
	for i := range 300 {
		a := asked{name: fmt.Sprintf("pass-%03d", i), awaits: "1m", granted: "2m"}
		w.Compensations = append(w.Compensations, a.at(after("10m"), w.inc))
	}
	w.decide(after("10m"))
	if got := len(w.inc.Status.Clocks); got > 1+2*64 {
		t.Errorf("it lists %d clocks", got)
	}
	if got := w.inc.Status.Compensation.Granted; got != "4500.00" {
		t.Errorf("of all, %s was granted", got)
	}
}
