package recovery_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func occurredAt(d string) fixture.IncidentOption {
	return func(i *v1alpha1.Incident) { i.Spec.OccurredAt = instant(d) }
}

func TestHeaderClaims(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", fixture.DueWithin("1h")))
	running := []string{"Open OnTrack, at a, next 1h", "a: Running 0s, due 1h"}
	header := v1alpha1.HeaderRefusedReason
	option := func(o ...fixture.IncidentOption) []fixture.IncidentOption { return o }
	playAll(t, map[string]scene{
		"occurred before the report, which starts no clock": {policy: policy, now: "1m", want: running, incident: option(occurredAt("-2h"))},
		"occurred in the second of the report":              {policy: policy, now: "1m", want: running, incident: option(occurredAt("0s"))},
		"occurred after the report": {
			policy: policy, now: "1m", want: running, incident: option(occurredAt("1s")),
			refused: header, says: []string{"spec.occurredAt: 2026-10-02T08:20:01Z lies after the incident was created (2026-10-02T08:20:00Z); it counts for nothing", "expectedAt"},
		},
		"expected in the future": {policy: policy, now: "1m", want: running, incident: option(func(i *v1alpha1.Incident) { i.Spec.ExpectedAt = instant("48h") })},
		"reported before the creation": {
			policy: policy, now: "1m", want: []string{"Open OnTrack, at a, next 30m", "a: Running -30m, due 30m"}, incident: option(fixture.ReportedAt(after("-30m"))),
		},
		"reported in the second of the creation": {policy: policy, now: "1m", want: running, incident: option(fixture.ReportedAt(after("0s")))},
		"reported after the creation": {
			policy: policy, now: "1m", want: running, incident: option(fixture.ReportedAt(after("1s"))),
			refused: header, says: []string{"spec.reportedAt: 2026-10-02T08:20:01Z lies after the incident was created", "the clocks run from the creation"},
		},
		"two claims that cannot be": {
			policy: policy, now: "1m", want: running, incident: option(fixture.ReportedAt(after("1s")), occurredAt("1h")),
			refused: header, says: []string{"spec.reportedAt", "spec.occurredAt"},
		},
	})
}

func TestCategory(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a"))
	policy.Categories = []v1alpha1.Category{"beverage", "room"}
	running := []string{"Open OnTrack, at a", "a: Running 0s"}
	of := func(c v1alpha1.Category) []fixture.IncidentOption {
		return []fixture.IncidentOption{fixture.OfCategory(c)}
	}
	amend := func(c v1alpha1.Category) []fixture.EntryBuilder {
		return []fixture.EntryBuilder{at("1m", entry("amend").Amend(v1alpha1.Amend{Category: c}))}
	}
	playAll(t, map[string]scene{
		"one of the list":           {policy: policy, now: "2m", want: running, incident: of("room")},
		"any, where there is none":  {policy: steps(custom("a")), now: "2m", want: running, incident: of("anything")},
		"none of the list":          {policy: policy, now: "2m", want: running, incident: of("rooms"), refused: v1alpha1.HeaderRefusedReason, says: []string{`spec.category: "rooms" is none of the categories of policy desk: beverage, room; append an amend entry`}},
		"none at all":               {policy: policy, now: "2m", want: running, refused: v1alpha1.HeaderRefusedReason, says: []string{`"" is none of`}},
		"amended to one":            {policy: policy, now: "2m", want: running, incident: of("rooms"), journal: amend("room")},
		"amended to none":           {policy: policy, now: "2m", want: running, incident: of("room"), journal: amend("roms"), refused: v1alpha1.HeaderRefusedReason, says: []string{`"roms" is none`}},
		"amended from none to none": {policy: policy, now: "2m", want: running, incident: of("rooms"), journal: amend("roms"), refused: v1alpha1.HeaderRefusedReason, says: []string{`spec.category: "roms" is none`}},
	})
	w := newWorld(t, policy, of("rooms")...).tell(amend("room")...)
	w.decide(after("2m"))
	isCondition(t, &w.inc.Status, v1alpha1.JournalAcceptedCondition, metav1.ConditionTrue, v1alpha1.AllEntriesCountReason, "1m")
}

func TestOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(custom("a"))).tell(at("1m", entry("one").Assignment("bob")), at("2m", entry("two").Assignment("duty-managers")))
	w.decide(after("1m"))
	if w.inc.Status.Owner != "duty-managers" {
		t.Errorf("the owner is %q", w.inc.Status.Owner)
	}
}

func TestAmendChangesWhatExpressionsSee(t *testing.T) {
	t.Parallel()
	policy := steps(
		custom("s", when(`incident.spec.summary == "new"`)), custom("v", when(`incident.spec.service == "new"`)),
		custom("c", when(`category == "new" && incident.spec.category == "new"`)), custom("t", when(`tier == "new" && incident.spec.customer.id == "guest-2"`)),
	)
	for i := range policy.Steps {
		policy.Steps[i].After = []v1alpha1.Name{}
		policy.Steps[i].NotBefore = within("1h")
	}
	w := newWorld(t, policy).tell(
		at("1m", entry("one").Amend(v1alpha1.Amend{Summary: "new", Service: "new"})),
		at("2m", entry("two").Amend(v1alpha1.Amend{Category: "new"})),
		at("3m", entry("three").Amend(v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "guest-2", Tier: "new"}})),
	)
	w.decide(after("2h"))
	want := []string{"Open OnTrack, at s", "s: Running 1h", "v: Running 1h", "c: Running 1h", "t: Running 1h"}
	if diff := cmp.Diff(want, look(&w.inc.Status)); diff != "" {
		t.Errorf("it stands otherwise (-want +got):\n%s", diff)
	}
}

func TestDocumented(t *testing.T) {
	t.Parallel()
	write := fixture.Step("write", "Documentation", fixture.After(), fixture.Demanding())
	w := newWorld(t, steps(custom("a"), write))
	s := &w.inc.Status
	w.decide(after("0s"))
	isCondition(t, s, v1alpha1.DocumentedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "0s")
	w.tell(completing("1m", "write"))
	w.decide(after("1m"))
	isCondition(t, s, v1alpha1.DocumentedCondition, metav1.ConditionFalse, v1alpha1.FindingMissingReason, "0s")
	w.tell(at("2m", entry("f").Finding("External")))
	w.decide(after("2m"))
	isCondition(t, s, v1alpha1.DocumentedCondition, metav1.ConditionTrue, v1alpha1.StepsSettledReason, "2m")
	w.tell(completing("3m", "a"), at("4m", entry("back").Reopen("Other")))
	w.decide(after("4m"))
	isCondition(t, s, v1alpha1.DocumentedCondition, metav1.ConditionFalse, v1alpha1.StepsOpenReason, "4m")
	other := newWorld(t, steps(custom("a")))
	other.decide(after("0s"))
	if apimeta.FindStatusCondition(other.inc.Status.Conditions, v1alpha1.DocumentedCondition) != nil {
		t.Error("a policy without documentation has the condition")
	}
}
