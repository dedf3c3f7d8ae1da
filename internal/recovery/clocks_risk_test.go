package recovery_test

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func TestAtRisk(t *testing.T) {
	t.Parallel()
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	fix := func(opts ...fixture.StepOption) v1alpha1.Step {
		return fixture.Step("fix", v1alpha1.StepResolution, append([]fixture.StepOption{fixture.Demanding()}, opts...)...)
	}
	spec := with(steps(custom("a"), fix()), resolving("4h"))
	slow := with(steps(custom("a"), custom("wait", fixture.NotBefore("2h")), fix(fixture.NotBefore("3h"))), resolving("4h"), severe("High", longer("6h")))
	late := with(steps(custom("a"), fix(fixture.NotBefore("3h"))), resolving("4h"))
	byStep := steps(custom("a"), fix(fixture.After(), fixture.DueWithin("4h")))
	for name, c := range map[string]struct {
		policy  v1alpha1.RecoveryPolicySpec
		journal []fixture.EntryBuilder
		now     string
		want    v1alpha1.SLA
	}{
		"nothing promised":                            {spec, nil, "1h", v1alpha1.SLAOnTrack},
		"a promise before the resolution is due":      {spec, tell(promised("1m", "p", "3h")), "1h", v1alpha1.SLAOnTrack},
		"a promise when the resolution is due":        {spec, tell(promised("1m", "p", "3h59m")), "1h", v1alpha1.SLAOnTrack},
		"a promise after the resolution is due":       {spec, tell(promised("1m", "p", "5h")), "1h", v1alpha1.SLAAtRisk},
		"a promise after the step that resolves":      {byStep, tell(promised("1m", "p", "5h")), "1h", v1alpha1.SLAAtRisk},
		"off again, as the promise is kept":           {spec, tell(promised("1m", "p", "5h"), noted(outcome("30m", "p", "Kept"))), "1h", v1alpha1.SLAOnTrack},
		"off again, as the promise is released":       {spec, tell(promised("1m", "p", "5h"), outcome("30m", "p", "Released")), "1h", v1alpha1.SLAOnTrack},
		"off again, as the promise is superseded":     {spec, tell(promised("1m", "p", "5h"), superseding("30m", "q", "p", "2h").Reached("Phone")), "1h", v1alpha1.SLAOnTrack},
		"on, as the promise is superseded":            {spec, tell(promised("1m", "p", "2h"), superseding("30m", "q", "p", "5h").Reached("Phone")), "1h", v1alpha1.SLAAtRisk},
		"one that the customer was not told of":       {spec, tell(promised("1m", "p", "2h"), superseding("30m", "q", "p", "5h")), "1h", v1alpha1.SLAOnTrack},
		"off again, as it is resolved":                {spec, tell(promised("1m", "p", "5h"), completing("30m", "fix")), "1h", v1alpha1.SLAOnTrack},
		"what is late is overdue":                     {spec, tell(promised("1m", "p", "5h")), "5h", v1alpha1.SLAOverdue},
		"the steps cannot start in time":              {slow, nil, "1h", v1alpha1.SLAAtRisk},
		"done before its turn, they can":              {slow, tell(completing("10m", "wait")), "1h", v1alpha1.SLAOnTrack},
		"a step that is settled late takes the rest":  {with(steps(custom("a"), fix(fixture.NotBefore("3h"))), resolving("4h")), tell(completing("90m", "a")), "2h", v1alpha1.SLAAtRisk},
		"a step that is settled early leaves enough":  {with(steps(custom("a"), fix(fixture.NotBefore("3h"))), resolving("4h")), tell(completing("1h", "a")), "2h", v1alpha1.SLAOnTrack},
		"a step that is not settled takes the rest":   {late, nil, "1h1s", v1alpha1.SLAAtRisk},
		"up to then there is time":                    {late, nil, "1h", v1alpha1.SLAOnTrack},
		"hours later it is no less so":                {late, nil, "3h30m", v1alpha1.SLAAtRisk},
		"with more time at another severity they can": {slow, tell(to("10m", "High", "")), "1h", v1alpha1.SLAOnTrack},
		"on, as the severity changes":                 {with(spec, severe("High", longer("2h"))), tell(promised("1m", "p", "3h"), to("10m", "High", "")), "1h", v1alpha1.SLAAtRisk},
		"while it is held, nothing is due":            {with(spec, holding(also(pausing("Parts"), v1alpha1.ClockResolution))), tell(promised("1m", "p", "5h"), hold("10m", "h", "Parts")), "1h", v1alpha1.SLAOnTrack},
		"off again, as a hold has moved the due":      {with(spec, holding(also(pausing("Parts"), v1alpha1.ClockResolution))), tell(promised("1m", "p", "5h"), hold("10m", "h", "Parts"), resume("90m", "h")), "2h", v1alpha1.SLAOnTrack},
		"on again after a hold that was too short":    {with(spec, holding(also(pausing("Parts"), v1alpha1.ClockResolution))), tell(promised("1m", "p", "5h"), hold("10m", "h", "Parts"), resume("20m", "h")), "2h", v1alpha1.SLAAtRisk},
		"without a due there is no risk":              {steps(custom("a"), fix(fixture.NotBefore("3h"))), tell(promised("1m", "p", "5h")), "1h", v1alpha1.SLAOnTrack},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.policy).tell(c.journal...)
			w.decide(after(c.now))
			if got := w.inc.Status.SLA; got != c.want {
				t.Errorf("it is %s, want %s: %q", got, c.want, look(&w.inc.Status))
			}
		})
	}
}

// Time alone puts a resolution at risk: the operator wakes for it, says since when it is
// so, and a decision that comes late says the same.
func TestAtRiskByTimeAlone(t *testing.T) {
	t.Parallel()
	fix := fixture.Step("fix", v1alpha1.StepResolution, fixture.Demanding(), fixture.NotBefore("3h"))
	spec := with(steps(custom("a"), custom("b"), fix), resolving("4h"))
	onTime, late := newWorld(t, spec), newWorld(t, spec)
	if d := onTime.decide(after("10m")); !d.WakeAt.Equal(after("1h0m1s")) {
		t.Fatalf("it wakes at %s, want an hour and a second after the beginning", d.WakeAt)
	}
	onTime.decide(after("1h0m1s"))
	const says = "nothing is late yet, but the resolution will be, as was clear at 2026-10-02T09:20:01Z: step fix cannot start before the resolution is due at 2026-10-02T12:20:00Z"
	isCondition(t, &onTime.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionTrue, v1alpha1.AtRiskReason, "0s", says)
	late.decide(after("3h"))
	isCondition(t, &late.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionTrue, v1alpha1.AtRiskReason, "0s", says)
	late.tell(to("3h30m", "High", ""))
	late.decide(after("3h45m"))
	isCondition(t, &late.inc.Status, v1alpha1.OnTrackCondition, metav1.ConditionTrue, v1alpha1.AtRiskReason, "0s", says)
}

// A graph in which each step comes after all before it has more ways than could be
// walked: each step is looked at once.
func TestAtRiskOfAWideGraph(t *testing.T) {
	t.Parallel()
	var list []v1alpha1.Step
	var names []v1alpha1.Name
	for i := range 20 {
		name := v1alpha1.Name(fmt.Sprintf("s%d", i))
		list = append(list, custom(name, fixture.After(names...), fixture.NotBefore("1h"), fixture.DueWithin("48h")))
		names = append(names, name)
	}
	w := newWorld(t, with(steps(list...), resolving("19h30m")))
	for i := range 40 {
		w.tell(at("1m", entry(v1alpha1.Name(fmt.Sprintf("e%d", i))).Note("nothing new")))
	}
	w.ask(after("2m")) // 2^20 ways, times 40 entries, would take minutes
	w.decide(after("2m"))
	if got := w.inc.Status.SLA; got != v1alpha1.SLAAtRisk {
		t.Errorf("it is %s: twenty hours do not fit into nineteen and a half", got)
	}
}

func TestNextContactScheduled(t *testing.T) {
	t.Parallel()
	tell := func(list ...fixture.EntryBuilder) []fixture.EntryBuilder { return list }
	yes, no := metav1.ConditionTrue, metav1.ConditionFalse
	bare := steps(custom("a", fixture.DueWithin("8h")))
	kind := func(k v1alpha1.StepType, opts ...fixture.StepOption) v1alpha1.RecoveryPolicySpec {
		return steps(fixture.Step("a", k, append([]fixture.StepOption{fixture.DueWithin("8h"), fixture.Demanding()}, opts...)...))
	}
	for name, c := range map[string]struct {
		policy  v1alpha1.RecoveryPolicySpec
		journal []fixture.EntryBuilder
		now     string
		status  metav1.ConditionStatus
		since   string
		next    string
		says    string
	}{
		"nothing says when":                {bare, nil, "1h", no, "0s", "", "give the policy updates, or make the customer a promise"},
		"a promise":                        {bare, tell(promised("1m", "p", "3h")), "1h", yes, "1m", "3h1m", "Promise/p is due at"},
		"kept, nothing says when":          {bare, tell(promised("1m", "p", "3h"), noted(outcome("30m", "p", "Kept"))), "1h", no, "30m", "", "no clock says"},
		"a broken one still does":          {bare, tell(promised("1m", "p", "10m")), "1h", yes, "1m", "11m", "Promise/p is due at"},
		"a contact of the customer":        {with(bare, answering("2h")), tell(heard("1m")), "1h", yes, "1m", "2h1m", "Response/heard-1m"},
		"updates":                          {with(bare, updating("2h", "")), nil, "1h", yes, "0s", "2h", "Update/Start"},
		"updates that restart stay so":     {with(bare, updating("2h", "")), tell(reached("1h")), "2h", yes, "0s", "3h", "Update/reached-1h"},
		"the earliest of several":          {with(bare, updating("2h", "")), tell(promised("1m", "p", "1h")), "30m", yes, "0s", "1h1m", "Promise/p"},
		"one ahead goes before one missed": {with(bare, updating("2h", "")), tell(promised("1m", "p", "10m")), "30m", yes, "0s", "2h", "Update/Start"},
		"an apology":                       {kind("Apology"), nil, "1h", yes, "0s", "8h", "Step/a"},
		"a review":                         {kind("Review"), nil, "1h", yes, "0s", "8h", "Step/a"},
		"an offer":                         {kind("Offer"), nil, "1h", yes, "0s", "8h", "Step/a"},
		"a resolution":                     {kind("Resolution"), nil, "1h", no, "0s", "", "no clock"},
		"a step that demands a contact":    {kind("Resolution", fixture.Demanding(v1alpha1.DemandCustomerReached)), nil, "1h", yes, "0s", "8h", "Step/a"},
		"a task says nothing":              {bare, tell(set("1m", v1alpha1.TaskCare, "3h")), "1h", no, "0s", "", "no clock"},
		"a paused one says nothing, and is named": {
			with(bare, updating("2h", ""), holding(also(pausing("Parts"), v1alpha1.ClockUpdate))), tell(hold("10m", "h", "Parts")), "1h", no, "10m", "", "Update/Start would say when the customer hears from us next, and is paused: held: h (Parts)",
		},
		"resumed, it does again": {
			with(bare, updating("2h", ""), holding(also(pausing("Parts"), v1alpha1.ClockUpdate))), tell(hold("10m", "h", "Parts"), resume("30m", "h")), "1h", yes, "30m", "2h20m", "Update/Start",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.policy).tell(c.journal...)
			w.decide(after(c.now))
			reason := v1alpha1.ContactDueReason
			if c.status == no {
				reason = v1alpha1.NoContactDueReason
			}
			isCondition(t, &w.inc.Status, v1alpha1.NextContactScheduledCondition, c.status, reason, c.since, c.says)
			var next time.Time
			if c.next != "" {
				next = after(c.next)
			}
			if got := w.inc.Status.NextContactDueAt; c.next == "" && got != nil || c.next != "" && (got == nil || !got.Time.Equal(next)) {
				t.Errorf("the next contact is due at %v, want %s", got, c.next)
			}
		})
	}
}
