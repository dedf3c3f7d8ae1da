package recovery

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// TestExplain explains what the vectors do not show.
func TestExplain(t *testing.T) {
	on := func(id v1alpha1.Name, at string) fixture.EntryBuilder { return alice(t, id, "2026-10-"+at+":00") }
	capped := oneStep(business("4h"))
	capped.Holds = []v1alpha1.HoldRule{
		{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}, MaxEach: "30m", MaxTotal: "45m"},
		{Reason: v1alpha1.WaitingForCustomer, Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}},
	}
	held := v1alpha1.RecoveryPolicySpec{
		Steps:   []v1alpha1.Step{{Name: "fix", Type: v1alpha1.StepCustom}},
		Updates: &v1alpha1.Updates{Every: "1h", WhileHeld: "4h"},
		Holds:   []v1alpha1.HoldRule{{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}}},
	}
	fair := office
	fair.Holidays = []v1alpha1.Holiday{{Name: "Fair", Date: "2026-10-05", Closed: []v1alpha1.Opening{{From: "10:00", To: "12:00"}}}}
	fair.Openings = []v1alpha1.ExtraOpening{{Date: "2026-10-05", Hours: []v1alpha1.Opening{{From: "17:00", To: "18:00"}}}}
	late := office
	late.Weekly = nil
	late.Openings = []v1alpha1.ExtraOpening{{Date: "2026-10-05", Hours: []v1alpha1.Opening{{From: "09:00", To: "10:00"}}}}
	reopened := v1alpha1.RecoveryPolicySpec{
		Steps:        []v1alpha1.Step{{Name: "resolve", Type: v1alpha1.StepResolution, Demands: []v1alpha1.Demand{}}},
		Resolution:   &v1alpha1.ResolutionLimit{Within: "8h", Clock: v1alpha1.ClockBusiness},
		ReopenWithin: "168h",
	}
	visit := v1alpha1.RecoveryPolicySpec{
		Steps: []v1alpha1.Step{{Name: "fix", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{Within: "2h"}}},
		Holds: []v1alpha1.HoldRule{{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"fix"}}}},
	}
	chain := v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{
		{Name: "a", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{Within: "1h"}},
		{Name: "b", Type: v1alpha1.StepCustom, NotBefore: &v1alpha1.Due{Within: "3h"}, Due: &v1alpha1.Due{BusinessDays: 2}},
	}}
	at := metav1.NewTime(berlin(t, "2026-10-05 15:00:00"))
	for name, c := range map[string]explained{
		"holds that end by a cap, by their until, and by a contact": {
			spec: capped, start: "2026-10-05 09:00:00", now: "2026-10-05 15:00:00", clock: "Step/fix", golden: "holds",
			journal: []fixture.EntryBuilder{
				on("each", "05 09:30").Hold("Parts"), on("until", "05 10:30").HoldUntil("Parts", berlin(t, "2026-10-05 10:40:00")),
				on("total", "05 11:00").Hold("Parts"),
				fixture.Entry("wait").RecordedAt(berlin(t, "2026-10-05 12:00:00")).Hold(v1alpha1.WaitingForCustomer), on("wrote", "05 13:00").Heard("Email"),
				on("done", "05 14:00").By("bob").Completion("fix"),
			},
			counts: "4h of business time on calendar office", elapsed: "3h15m", left: "45m", due: "Mon 14:45",
			stretches: []string{
				"Mon 09:00–Mon 09:30 30m open",
				"Mon 09:30–Mon 10:00 - held Parts by alice",
				"Mon 10:00–Mon 10:30 30m open",
				"Mon 10:30–Mon 10:40 - held Parts by alice",
				"Mon 10:40–Mon 11:00 20m open",
				"Mon 11:00–Mon 11:05 - held Parts by alice",
				"Mon 11:05–Mon 12:00 55m open",
				"Mon 12:00–Mon 13:00 - held WaitingForCustomer by entry wait",
				"Mon 13:00–Mon 14:00 1h open",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 13:00",
				"Mon 09:30 alice each held Parts: Mon 13:00→never",
				"Mon 10:00 hold each for Parts ended by cap: one hold lasts 30m at most: never→Mon 13:30",
				"Mon 10:30 alice until held Parts: Mon 13:30→never",
				"Mon 10:40 hold until for Parts ended by its until: never→Mon 13:40",
				"Mon 11:00 alice total held Parts: Mon 13:40→never",
				"Mon 11:05 hold total for Parts ended by cap: all holds for it last 45m at most: never→Mon 13:45",
				"Mon 12:00 wait held WaitingForCustomer: Mon 13:45→never",
				"Mon 13:00 alice wrote hold wait for WaitingForCustomer ended by a contact from the customer: never→Mon 14:45",
				"Mon 14:00 bob done done",
			},
		},
		"while it is paused": {
			spec: capped, start: "2026-10-05 09:00:00", now: "2026-10-05 10:00:00", clock: "Step/fix", golden: "paused",
			journal: []fixture.EntryBuilder{on("wait", "05 09:30").Hold(v1alpha1.WaitingForCustomer)},
			counts:  "4h of business time on calendar office", elapsed: "30m", left: "3h30m", due: "never",
			stretches: []string{
				"Mon 09:00–Mon 09:30 30m open",
				"Mon 09:30–Mon 10:00 - held WaitingForCustomer by alice",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 13:00",
				"Mon 09:30 alice wait held WaitingForCustomer: Mon 13:00→never",
			},
		},
		"a hold is no part of what came after the end": {
			spec: capped, start: "2026-10-05 09:00:00", now: "2026-10-05 15:00:00", clock: "Step/fix",
			journal: []fixture.EntryBuilder{on("wait", "05 09:30").Hold(v1alpha1.WaitingForCustomer), on("done", "05 10:00").Completion("fix")},
			counts:  "4h of business time on calendar office", elapsed: "30m", left: "3h30m", due: "never",
			stretches: []string{
				"Mon 09:00–Mon 09:30 30m open",
				"Mon 09:30–Mon 10:00 - held WaitingForCustomer by alice",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 13:00",
				"Mon 09:30 alice wait held WaitingForCustomer: Mon 13:00→never",
				"Mon 10:00 alice done done",
			},
		},
		"hours closed by a holiday, and an extra opening": {
			spec: oneStep(business("7h")), calendar: fair, start: "2026-10-05 09:00:00", now: "2026-10-05 13:00:00", clock: "Step/fix",
			counts: "7h of business time on calendar office", elapsed: "2h", left: "5h", due: "Mon 18:00",
			stretches: []string{
				"Mon 09:00–Mon 10:00 1h open",
				"Mon 10:00–Mon 12:00 - holiday Fair",
				"Mon 12:00–Mon 13:00 1h open",
				"Mon 13:00–Mon 17:00 +4h open",
				"Mon 17:00–Mon 18:00 +1h extra opening",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 18:00",
			},
		},
		"a calendar that does not open again": {
			spec: oneStep(business("2h")), calendar: late, start: "2026-10-05 09:30:00", now: "2026-10-05 11:00:00", clock: "Step/fix", golden: "no-more-openings",
			counts: "2h of business time on calendar office", elapsed: "30m", left: "1h30m", due: "never",
			stretches: []string{
				"Mon 09:30–Mon 10:00 30m extra opening",
				"Mon 10:00–Mon 11:00 - closed",
			},
			changes: []string{
				"Mon 09:30 started with the report; severity Low",
			},
		},
		"over time": {
			spec: oneStep(v1alpha1.Due{Within: "1h"}), start: "2026-10-05 09:00:00", now: "2026-10-05 10:20:00", clock: "Step/fix",
			counts: "1h of wall time", elapsed: "1h20m", left: "-20m", due: "Mon 10:00",
			stretches: []string{
				"Mon 09:00–Mon 10:20 1h20m wall time",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 10:00",
			},
		},
		"an instant": {
			spec:  v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{{Name: "fix", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{At: &at}}}},
			start: "2026-10-05 09:00:00", now: "2026-10-05 10:20:00", clock: "Step/fix",
			counts: "an instant", elapsed: "1h20m", left: "4h40m", due: "Mon 15:00",
			stretches: []string{
				"Mon 09:00–Mon 10:20 1h20m wall time",
				"Mon 10:20–Mon 15:00 +4h40m wall time",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 15:00",
			},
		},
		"no deadline": {
			spec: held, start: "2026-10-05 09:00:00", now: "2026-10-05 11:00:00", clock: "Step/fix",
			journal: []fixture.EntryBuilder{on("h", "05 10:00").Hold("Parts")},
			counts:  "no deadline", elapsed: "1h", left: "0s", due: "never",
			stretches: []string{
				"Mon 09:00–Mon 10:00 1h wall time",
				"Mon 10:00–Mon 11:00 - held Parts by alice",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low",
				"Mon 10:00 alice h held Parts",
			},
		},
		"the close of a business day, and notBefore": {
			spec: chain, start: "2026-10-02 10:00:00", now: "2026-10-05 12:00:00", clock: "Step/b", golden: "business-days",
			journal: []fixture.EntryBuilder{on("a", "02 11:00").Completion("a")},
			counts:  "close of the 2nd business day on calendar office", elapsed: "9h", left: "13h", due: "Tue 17:00",
			stretches: []string{
				"Fri 11:00–Fri 17:00 6h open",
				"Fri 17:00–Mon 09:00 - closed",
				"Mon 09:00–Mon 12:00 3h open",
				"Mon 12:00–Mon 17:00 +5h open",
				"Mon 17:00–Tue 09:00 +- closed",
				"Tue 09:00–Tue 17:00 +8h open",
			},
			changes: []string{
				"Fri 14:00 started when a was settled, and its notBefore had passed (3h of wall time); severity Low: never→Tue 17:00",
			},
		},
		"a close that is past": {
			spec: chain, start: "2026-10-02 10:00:00", now: "2026-10-07 11:00:00", clock: "Step/b",
			journal: []fixture.EntryBuilder{on("a", "02 11:00").Completion("a")},
			counts:  "close of the 2nd business day on calendar office", elapsed: "24h", left: "-2h", due: "Tue 17:00",
			stretches: []string{
				"Fri 11:00–Fri 17:00 6h open",
				"Fri 17:00–Mon 09:00 - closed",
				"Mon 09:00–Mon 17:00 8h open",
				"Mon 17:00–Tue 09:00 - closed",
				"Tue 09:00–Tue 17:00 8h open",
				"Tue 17:00–Wed 09:00 - closed",
				"Wed 09:00–Wed 11:00 2h open",
			},
			changes: []string{
				"Fri 14:00 started when a was settled, and its notBefore had passed (3h of wall time); severity Low: never→Tue 17:00",
			},
		},
		"done before its turn": {
			spec: chain, start: "2026-10-02 10:00:00", now: "2026-10-02 12:00:00", clock: "Step/b",
			journal: []fixture.EntryBuilder{on("b", "02 11:00").Completion("b")},
			counts:  "no deadline", elapsed: "0s", left: "0s", due: "never",
			changes: []string{
				"Fri 11:00 alice b done before its turn",
			},
		},
		"a slot that the customer chose is not held": {
			spec: visit, start: "2026-10-05 09:00:00", now: "2026-10-05 12:00:00", clock: "Step/fix", golden: "slot",
			journal: []fixture.EntryBuilder{
				on("slot", "05 09:30").PromiseBy("we come at three", berlin(t, "2026-10-05 15:00:00")).With(func(e *v1alpha1.JournalEntry) { e.Promise.ForStep = "fix" }),
				on("h", "05 10:00").Hold("Parts"), on("r", "05 11:00").Resume("h"),
			},
			counts: "the slot the customer chose", elapsed: "3h", left: "3h", due: "Mon 15:00",
			stretches: []string{
				"Mon 09:00–Mon 12:00 3h wall time",
				"Mon 12:00–Mon 15:00 +3h wall time",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 11:00",
				"Mon 09:30 alice slot the customer chose a slot: Mon 11:00→Mon 15:00",
			},
		},
		"the time between a resolution and its reopening": {
			spec: reopened, start: "2026-10-05 09:00:00", now: "2026-10-06 10:00:00", clock: "Resolution", golden: "reopened",
			journal: []fixture.EntryBuilder{on("fixed", "05 11:00").Completion("resolve"), on("back", "06 09:30").By("bob").Reopen("NotFixed")},
			counts:  "8h of business time on calendar office", elapsed: "2h30m", left: "5h30m", due: "Tue 15:30",
			stretches: []string{
				"Mon 09:00–Mon 11:00 2h open",
				"Mon 11:00–Tue 09:30 - resolved, not counted",
				"Tue 09:30–Tue 10:00 30m open",
				"Tue 10:00–Tue 15:30 +5h30m open",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 17:00",
				"Mon 11:00 alice fixed ended when the incident was resolved",
				"Tue 09:30 bob back goes on in round 2; the time since it was resolved does not count: Mon 17:00→Tue 15:30",
			},
		},
		"a step of the second round": {
			spec: reopened, start: "2026-10-05 09:00:00", now: "2026-10-06 10:00:00", clock: "Step/resolve#2",
			journal: []fixture.EntryBuilder{on("fixed", "05 11:00").Completion("resolve"), on("back", "06 09:30").By("bob").Reopen("NotFixed")},
			counts:  "no deadline", elapsed: "30m", left: "0s", due: "never",
			stretches: []string{
				"Tue 09:30–Tue 10:00 30m wall time",
			},
			changes: []string{
				"Tue 09:30 bob back started with round 2; severity Low",
			},
		},
		"updates while held, and after it": {
			spec: held, start: "2026-10-05 09:00:00", now: "2026-10-05 12:40:00", clock: "Update/" + string(updatesFromStart), golden: "updates-held",
			journal: []fixture.EntryBuilder{on("h", "05 09:30").Hold("Parts"), on("r", "05 12:30").Resume("h")},
			counts:  "what was due before, which a hold puts off no further", elapsed: "3h40m", left: "20m", due: "Mon 13:00",
			stretches: []string{
				"Mon 09:00–Mon 12:40 3h40m wall time",
				"Mon 12:40–Mon 13:00 +20m wall time",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 10:00",
				"Mon 09:30 alice h updates are due every 4h while it is held: Mon 10:00→Mon 13:00",
				"Mon 12:30 alice r updates are due every 1h, and no later than was due before",
			},
		},
		"updates after a hold count anew": {
			spec: held, start: "2026-10-05 09:00:00", now: "2026-10-05 11:20:00", clock: "Update/" + string(updatesFromStart),
			journal: []fixture.EntryBuilder{on("h", "05 09:30").Hold("Parts"), on("r", "05 11:00").Resume("h")},
			counts:  "1h of wall time", elapsed: "20m", left: "40m", due: "Mon 12:00",
			stretches: []string{
				"Mon 11:00–Mon 11:20 20m wall time",
				"Mon 11:20–Mon 12:00 +40m wall time",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 10:00",
				"Mon 09:30 alice h updates are due every 4h while it is held: Mon 10:00→Mon 13:00",
				"Mon 11:00 alice r updates are due every 1h, counted from here: Mon 13:00→Mon 12:00",
			},
		},
		"a promise counts from a claimed time": {
			spec: visit, start: "2026-10-05 09:00:00", now: "2026-10-05 10:00:00", clock: "Promise/p",
			journal: []fixture.EntryBuilder{on("p", "05 09:50").At(berlin(t, "2026-10-05 09:40:00")).Promise("call", "30m")},
			counts:  "30m of wall time", elapsed: "20m", left: "10m", due: "Mon 10:10",
			stretches: []string{
				"Mon 09:40–Mon 10:00 20m wall time",
				"Mon 10:00–Mon 10:10 +10m wall time",
			},
			changes: []string{
				"Mon 09:50 alice p promised: never→Mon 10:10",
			},
		},
		"a task": {
			spec: visit, start: "2026-10-05 09:00:00", now: "2026-10-05 10:00:00", clock: "Task/help",
			journal: []fixture.EntryBuilder{on("help", "05 09:10").Task(v1alpha1.TaskHelp, "find a towel", "20m"), on("found", "05 09:20").By("bob").TaskOutcome("help", v1alpha1.ResultDone)},
			counts:  "20m of wall time", elapsed: "10m", left: "10m", due: "Mon 09:30",
			stretches: []string{
				"Mon 09:10–Mon 09:20 10m wall time",
			},
			changes: []string{
				"Mon 09:10 alice help set: never→Mon 09:30",
				"Mon 09:20 bob found done",
			},
		},
	} {
		t.Run(name, c.run)
	}
}
