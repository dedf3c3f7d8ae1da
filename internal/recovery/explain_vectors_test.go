package recovery

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// alice is the beginning of an entry of hers, recorded at a Berlin time.
func alice(t *testing.T, id v1alpha1.Name, at string) fixture.EntryBuilder {
	t.Helper()
	return fixture.Entry(id).By("alice").RecordedAt(berlin(t, at))
}

func business(d v1alpha1.Duration) v1alpha1.Due {
	return v1alpha1.Due{Within: d, Clock: v1alpha1.ClockBusiness}
}

// goldenWeek is open on weekdays in Shanghai, but for the holiday week, and on the
// Saturday that makes up for it.
var goldenWeek = v1alpha1.BusinessCalendarSpec{
	TimeZone: "Asia/Shanghai",
	Weekly:   []v1alpha1.WeeklyOpening{{Days: office.Weekly[0].Days, Hours: []v1alpha1.Opening{{From: "09:00", To: "18:00"}}}},
	Holidays: []v1alpha1.Holiday{{Name: "National Day", Date: "2026-10-01", Until: "2026-10-07"}},
	Openings: []v1alpha1.ExtraOpening{{Date: "2026-10-10", Hours: []v1alpha1.Opening{{From: "09:00", To: "18:00"}}}},
}

// superseding is the journal of vector 30: a promise, a later one, and one still later.
func superseding(t *testing.T) []fixture.EntryBuilder {
	t.Helper()
	instead := func(of v1alpha1.Name) func(*v1alpha1.JournalEntry) {
		return func(e *v1alpha1.JournalEntry) { e.Promise.Supersedes = of }
	}
	return []fixture.EntryBuilder{
		alice(t, "p", "2026-10-02 16:50:00").Promise("call", "30m"),
		alice(t, "q", "2026-10-02 17:10:00").PromiseBy("call later", berlin(t, "2026-10-02 18:00:00")).With(instead("p")),
		alice(t, "told", "2026-10-02 17:15:00").By("bob").Reached("Phone"),
		alice(t, "z", "2026-10-02 17:50:00").PromiseBy("later still", berlin(t, "2026-10-02 19:00:00")).With(instead("q")),
	}
}

func berlinHours(i *v1alpha1.Incident) {
	i.Spec.Customer.TimeZone = "Europe/Berlin"
	i.Spec.Customer.ContactHours = &v1alpha1.ContactHours{From: "09:00", To: "21:00"}
}

// TestExplainVectors explains the clocks of the vectors, and writes what is said to
// people.
func TestExplainVectors(t *testing.T) {
	stricter := oneStep(v1alpha1.Due{Within: "8h"})
	stricter.BySeverity = []v1alpha1.SeverityOverlay{{Severity: v1alpha1.SeverityCritical, Steps: []v1alpha1.StepOverlay{{Name: "fix", Due: &v1alpha1.Due{Within: "1h"}}}}}
	resolve := v1alpha1.Step{Name: "resolve", Type: v1alpha1.StepCustom, Due: &v1alpha1.Due{Within: "72h"}}
	for name, c := range map[string]explained{
		"1: business time over a weekend": {
			spec: oneStep(business("60m")), start: "2026-10-02 16:30:00", now: "2026-10-02 16:31:00", clock: "Step/fix", golden: "vector-01",
			counts: "1h of business time on calendar office", elapsed: "1m", left: "59m", due: "Mon 09:30",
			stretches: []string{
				"Fri 16:30–Fri 16:31 1m open",
				"Fri 16:31–Fri 17:00 +29m open",
				"Fri 17:00–Mon 09:00 +- closed",
				"Mon 09:00–Mon 09:30 +30m open",
			},
			changes: []string{
				"Fri 16:30 started with the report; severity Low: never→Mon 09:30",
			},
		},
		"4: held over the weekend and into open time": {
			spec: oneStep(business("60m")), start: "2026-10-02 16:30:00", now: "2026-10-05 09:20:00", clock: "Step/fix", golden: "vector-04",
			journal: []fixture.EntryBuilder{
				alice(t, "h", "2026-10-02 16:45:00").Hold("Parts"), alice(t, "r", "2026-10-05 09:15:00").By("bob").Resume("h"),
			},
			counts: "1h of business time on calendar office", elapsed: "20m", left: "40m", due: "Mon 10:00",
			stretches: []string{
				"Fri 16:30–Fri 16:45 15m open",
				"Fri 16:45–Fri 17:00 - held Parts by alice",
				"Fri 17:00–Mon 09:00 - closed",
				"Mon 09:00–Mon 09:15 - held Parts by alice",
				"Mon 09:15–Mon 09:20 5m open",
				"Mon 09:20–Mon 10:00 +40m open",
			},
			changes: []string{
				"Fri 16:30 started with the report; severity Low: never→Mon 09:30",
				"Fri 16:45 alice h held Parts: Mon 09:30→never",
				"Mon 09:15 bob r hold h for Parts was resumed: never→Mon 10:00",
			},
		},
		"5: a hold inside closed hours costs nothing": {
			spec: oneStep(business("60m")), start: "2026-10-02 16:30:00", now: "2026-10-04 12:00:00", clock: "Step/fix", golden: "vector-05",
			journal: []fixture.EntryBuilder{
				alice(t, "h", "2026-10-03 10:00:00").Hold("Parts"), alice(t, "r", "2026-10-04 10:00:00").Resume("h"),
			},
			counts: "1h of business time on calendar office", elapsed: "30m", left: "30m", due: "Mon 09:30",
			stretches: []string{
				"Fri 16:30–Fri 17:00 30m open",
				"Fri 17:00–Sun 12:00 - closed",
				"Sun 12:00–Mon 09:00 +- closed",
				"Mon 09:00–Mon 09:30 +30m open",
			},
			changes: []string{
				"Fri 16:30 started with the report; severity Low: never→Mon 09:30",
				"Sat 10:00 alice h held Parts: Mon 09:30→never",
				"Sun 10:00 alice r hold h for Parts was resumed: never→Mon 09:30",
			},
		},
		"6: holds that overlap count once": {
			spec: oneStep(business("4h")), start: "2026-10-05 09:00:00", now: "2026-10-05 12:00:00", clock: "Step/fix", golden: "vector-06",
			journal: []fixture.EntryBuilder{
				alice(t, "h1", "2026-10-05 10:00:00").Hold("Parts"), alice(t, "h2", "2026-10-05 10:30:00").By("bob").Hold("Parts"),
				alice(t, "r1", "2026-10-05 11:00:00").Resume("h1"), alice(t, "r2", "2026-10-05 11:30:00").Resume("h2"),
			},
			counts: "4h of business time on calendar office", elapsed: "1h30m", left: "2h30m", due: "Mon 14:30",
			stretches: []string{
				"Mon 09:00–Mon 10:00 1h open",
				"Mon 10:00–Mon 11:00 - held Parts by alice",
				"Mon 11:00–Mon 11:30 - held Parts by bob",
				"Mon 11:30–Mon 12:00 30m open",
				"Mon 12:00–Mon 14:30 +2h30m open",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 13:00",
				"Mon 10:00 alice h1 held Parts: Mon 13:00→never",
				"Mon 10:30 bob h2 held Parts",
				"Mon 11:00 alice r1 hold h1 for Parts was resumed",
				"Mon 11:30 alice r2 hold h2 for Parts was resumed: never→Mon 14:30",
			},
		},
		"11: a stricter severity that is then past due": {
			spec: stricter, start: "2026-10-05 09:00:00", now: "2026-10-05 12:30:00", clock: "Step/fix", golden: "vector-11",
			journal: []fixture.EntryBuilder{alice(t, "worse", "2026-10-05 12:00:00").Retarget(v1alpha1.SeverityCritical, "")},
			counts:  "1h of wall time", elapsed: "3h30m", left: "-2h30m", due: "Mon 10:00",
			stretches: []string{
				"Mon 09:00–Mon 12:30 3h30m wall time",
			},
			changes: []string{
				"Mon 09:00 started with the report; severity Low: never→Mon 17:00",
				"Mon 12:00 alice worse the severity Low became Critical: Mon 17:00→Mon 10:00",
			},
		},
		"23: a holiday week": {
			spec: oneStep(business("10h")), calendar: goldenWeek, start: "2026-09-30 17:00:00", now: "2026-10-08 12:00:00", clock: "Step/fix", golden: "vector-23",
			counts: "10h of business time on calendar office", elapsed: "4h", left: "6h", due: "Thu 18:00",
			stretches: []string{
				"Wed 17:00–Wed 18:00 1h open",
				"Wed 18:00–Thu 00:00 - closed",
				"Thu 00:00–Thu 00:00 - holiday National Day",
				"Thu 00:00–Thu 09:00 - closed",
				"Thu 09:00–Thu 12:00 3h open",
				"Thu 12:00–Thu 18:00 +6h open",
			},
			changes: []string{
				"Wed 17:00 started with the report; severity Low: never→Thu 18:00",
			},
		},
		"27: put off to the customer's hours": {
			spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{
				{Name: "resolve", Type: v1alpha1.StepResolution, Demands: []v1alpha1.Demand{}},
				{Name: "call", Type: v1alpha1.StepFollowUp, FollowUp: v1alpha1.FollowUpImmediate, Due: &v1alpha1.Due{Within: "1h"}},
			}}, header: berlinHours, start: "2026-10-05 20:00:00", now: "2026-10-06 08:00:00", clock: "Step/call", golden: "vector-27",
			journal: []fixture.EntryBuilder{alice(t, "r", "2026-10-05 21:30:00").Completion("resolve")},
			counts:  "1h of wall time", elapsed: "1h", left: "0s", due: "Tue 10:00",
			stretches: []string{
				"Mon 21:30–Mon 22:30 1h wall time",
				"Mon 22:30–Tue 08:00 - until the customer's contact hours",
				"Tue 08:00–Tue 10:00 +- until the customer's contact hours",
			},
			changes: []string{
				"Mon 21:30 alice r started when resolve was settled; severity Low: never→Mon 22:30",
				"Mon 21:30 put off to the customer's contact hours: Mon 22:30→Tue 10:00",
			},
		},
		"30: a promise in place of another": {
			spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{resolve}}, start: "2026-10-02 16:50:00", now: "2026-10-02 17:51:00", clock: "Promise/q", golden: "vector-30",
			journal: superseding(t),
			counts:  "an instant", elapsed: "36m", left: "9m", due: "Fri 18:00",
			stretches: []string{
				"Fri 17:15–Fri 17:51 36m wall time",
				"Fri 17:51–Fri 18:00 +9m wall time",
			},
			changes: []string{
				"Fri 17:15 bob told the customer was told that it takes the place of promise p: never→Fri 18:00",
			},
		},
		"30: the promise whose place was taken": {
			spec: v1alpha1.RecoveryPolicySpec{Steps: []v1alpha1.Step{resolve}}, start: "2026-10-02 16:50:00", now: "2026-10-02 17:51:00", clock: "Promise/p",
			journal: superseding(t),
			counts:  "30m of wall time", elapsed: "25m", left: "5m", due: "Fri 17:20",
			stretches: []string{
				"Fri 16:50–Fri 17:15 25m wall time",
			},
			changes: []string{
				"Fri 16:50 alice p promised: never→Fri 17:20",
				"Fri 17:15 bob told another took its place",
			},
		},
		"35: a stricter severity asks for more frequent updates": {
			spec: v1alpha1.RecoveryPolicySpec{
				Steps: []v1alpha1.Step{resolve}, Updates: &v1alpha1.Updates{Every: "2h"},
				BySeverity: []v1alpha1.SeverityOverlay{{Severity: v1alpha1.SeverityCritical, Updates: &v1alpha1.Updates{Every: "30m"}}},
			}, start: "2026-10-05 10:00:00", now: "2026-10-05 12:00:00", clock: "Update/u", golden: "vector-35",
			journal: []fixture.EntryBuilder{
				alice(t, "u", "2026-10-05 11:45:00").Reached("Email"), alice(t, "s", "2026-10-05 12:00:00").Retarget(v1alpha1.SeverityCritical, ""),
			},
			counts: "30m of wall time", elapsed: "15m", left: "15m", due: "Mon 12:15",
			stretches: []string{
				"Mon 11:45–Mon 12:00 15m wall time",
				"Mon 12:00–Mon 12:15 +15m wall time",
			},
			changes: []string{
				"Mon 11:45 alice u the customer heard from us; severity Low: never→Mon 13:45",
				"Mon 12:00 alice s the severity Low became Critical: Mon 13:45→Mon 12:15",
			},
		},
	} {
		t.Run(name, c.run)
	}
}
