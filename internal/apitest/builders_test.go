package apitest

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// What the builders of the fixture package build is accepted as it is.
func TestBuilders(t *testing.T) {
	at := fixture.Instant("2026-10-02T08:20:00Z")
	entry := func(id v1alpha1.Name) fixture.EntryBuilder { return fixture.Entry(id).By("alice").RecordedAt(at) }
	built := map[string]client.Object{
		"an incident": fixture.Labelled("site", "hotel-b", fixture.Incident("incident", fixture.OfSeverity(v1alpha1.SeverityHigh),
			fixture.OfCategory("beverage"), fixture.OfService("pool-bar"), fixture.UnderPolicy("pool-bar"), fixture.ReportedAt(at),
			fixture.ForCustomer(v1alpha1.Customer{ID: "guest-0417", Tier: "Gold"}))),
		"an incident with a journal": fixture.Incident("journal", fixture.WithJournal(
			entry("a").At(at).Reached("Phone").Completion("apologise"),
			entry("b").RecordedBy("bob").Tried("Visit").Note("n"),
			entry("c").Heard("Email"),
			entry("d").Contact(v1alpha1.Contact{Direction: v1alpha1.FromCustomer, Channel: "Chat", Mood: "Upset"}),
			entry("e").Skip("review", "r"),
			entry("f").Need("n"),
			entry("g").Promise("p", "10m"),
			entry("h").PromiseBy("p", at),
			entry("i").Task(v1alpha1.TaskHelp, "t", "1h"),
			entry("j").PromiseOutcome("g", v1alpha1.ResultKept),
			entry("k").TaskOutcome("i", v1alpha1.ResultDone),
			entry("l").Hold(v1alpha1.WaitingForCustomer),
			entry("m").HoldUntil(v1alpha1.WaitingForCustomer, at),
			entry("n").Resume("l"),
			entry("o").Retarget(v1alpha1.SeverityHigh, ""),
			entry("p").Assignment("bob"),
			entry("q").Acceptance(),
			entry("r").Impact(at, at),
			entry("s").Finding("System"),
			entry("t").Gesture("fresh-coffee"),
			entry("u").Feedback(5),
			entry("v").Amend(v1alpha1.Amend{Summary: "s"}),
			entry("w").Link("ticket", "https://example.org/1"),
			entry("x").Reopen("NotFixed"),
			entry("y").Cancel("Mistake"),
			entry("z").Merge("other").With(func(e *v1alpha1.JournalEntry) { e.Note = "n" }),
		)),
		"a policy without steps": fixture.Policy("built-in"),
		"a policy": fixture.Policy("policy",
			fixture.Step("apologise", v1alpha1.StepApology, fixture.TargetWithin("5m"), fixture.DueWithin("10m"), fixture.WarnAt(50, 80)),
			fixture.Step("review", v1alpha1.StepReview, fixture.DueBusiness("2h"), fixture.Demanding()),
			fixture.Step("resolve", v1alpha1.StepResolution, fixture.After("apologise", "review"), fixture.DueAt(at)),
			fixture.Step("at-once", v1alpha1.StepCustom, fixture.After(), fixture.Demanding(v1alpha1.DemandNeedRecorded)),
			fixture.FollowUp("thank-you", v1alpha1.FollowUpClosing, fixture.NotBefore("24h"), fixture.DueBusinessDays(2))),
		"a calendar": fixture.Calendar("calendar", "Europe/Berlin", fixture.Holiday("Day off", "2026-10-03"), fixture.ExtraOpening("2026-10-10", "09:00", "12:00")),
		"a calendar of its own hours": fixture.Calendar("nights", "UTC", fixture.Weekly(v1alpha1.WeeklyOpening{
			Days: []v1alpha1.Weekday{"Monday"}, Hours: []v1alpha1.Opening{{From: "22:00", To: "06:00"}}})),
		"a budget": fixture.Budget("budget", "EUR", "1000.00", fixture.Allowing(v1alpha1.Allowance{Name: "frontline", PerIncident: "50.00"}),
			fixture.ApprovedBy("15m", v1alpha1.ApprovalLevel{Name: "manager"})),
		"a compensation": fixture.Compensation("compensation", "incident", "budget", "10.00", fixture.FromAllowance("frontline"), fixture.AskedBy("alice")),
		"a compensation of two offers": fixture.Compensation("offers", "incident", "budget", "1", fixture.Offering(
			v1alpha1.CompensationOffer{Name: "a", Option: "voucher", Amount: "1"}, v1alpha1.CompensationOffer{Name: "b", Custom: "c", Amount: "2"})),
	}
	for name, object := range built {
		t.Run(name, func(t *testing.T) { expect(t, creating(object)(t, nil), "") })
	}
	t.Run("a builder leaves the one before it as it was", func(t *testing.T) {
		first := fixture.Entry("first")
		_ = first.By("alice").Completion("apologise").With(func(e *v1alpha1.JournalEntry) { e.ID = "other" })
		if got := first.Build(); got.By != "" || got.Completion != nil || got.ID != "first" {
			t.Errorf("changed: %+v", got)
		}
	})
}
