package recovery_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

const unmet = v1alpha1.DemandsUnmetReason

// automated is a contact that no person made; broadcast one that everybody got.
var (
	automated = v1alpha1.Contact{Direction: v1alpha1.ToCustomer, Channel: "Email", Reached: true, Automated: true}
	broadcast = v1alpha1.Contact{Direction: v1alpha1.ToCustomer, Channel: "StatusPage", Reached: true, Audience: v1alpha1.AudienceAll}
)

// one is a policy of one step with a deadline, of a type, with its demands.
func one(kind v1alpha1.StepType, demands ...v1alpha1.Demand) v1alpha1.RecoveryPolicySpec {
	return steps(fixture.Step("a", kind, fixture.DueWithin("1h"), fixture.Demanding(demands...)))
}

func TestDemands(t *testing.T) {
	t.Parallel()
	type journal = []fixture.EntryBuilder
	bare := completing("10m", "a")
	met := []string{"Closed Met", "a: Done Completed 0s–10m, due 1h"}
	waiting := []string{"Open OnTrack, at a, next 1h", "a: Running 0s, due 1h"}
	const (
		reached = v1alpha1.DemandCustomerReached
		person  = v1alpha1.DemandByPerson
		words   = v1alpha1.DemandCustomersWords
		need    = v1alpha1.DemandNeedRecorded
		remedy  = v1alpha1.DemandRemedyDecided
		finding = v1alpha1.DemandFindingRecorded
	)
	for name, c := range map[string]struct {
		policy  v1alpha1.RecoveryPolicySpec
		journal journal
		lacks   string // empty: met
	}{
		"nothing is demanded":                       {one("Custom"), journal{bare}, ""},
		"reached, on the completion":                {one("Custom", reached), journal{at("10m", entry("did-a").Reached("Phone").Completion("a"))}, ""},
		"reached, since the start":                  {one("Custom", reached), journal{at("5m", entry("c").Reached("Phone")), bare}, ""},
		"reached by a machine":                      {one("Custom", reached), journal{at("5m", entry("c").Contact(automated)), bare}, ""},
		"reached by a machine, of an apology":       {one("Apology", reached), journal{at("5m", entry("c").Contact(automated)), bare}, "CustomerReached (append a contact to the customer that reached them)"},
		"reached by a person, of an apology":        {one("Apology", reached), journal{at("5m", entry("c").Reached("Chat")), bare}, ""},
		"not reached at all":                        {one("Custom", reached), journal{bare}, "CustomerReached"},
		"tried and not reached":                     {one("Custom", reached), journal{at("5m", entry("c").Tried("Phone")), bare}, "CustomerReached"},
		"reached by a broadcast":                    {one("Custom", reached), journal{at("5m", entry("c").Contact(broadcast)), bare}, "CustomerReached"},
		"the customer called":                       {one("Custom", reached), journal{at("5m", entry("c").Heard("Phone")), bare}, "CustomerReached"},
		"by a person":                               {one("Custom", person), journal{at("5m", entry("c").Reached("Phone")), bare}, ""},
		"by a person who tried":                     {one("Custom", person), journal{at("5m", entry("c").Tried("Phone")), bare}, ""},
		"by a machine":                              {one("Custom", person), journal{at("5m", entry("c").Contact(automated)), bare}, "ByPerson (append a contact that a person made)"},
		"by nobody":                                 {one("Custom", person), journal{bare}, "ByPerson"},
		"a machine reached, a person tried":         {one("Custom", reached, person), journal{at("5m", entry("m").Contact(automated)), at("6m", entry("c").Tried("Phone")), bare}, "CustomerReached"},
		"a machine reached, then a person":          {one("Custom", reached, person), journal{at("5m", entry("m").Contact(automated)), at("6m", entry("c").Reached("Phone")), bare}, ""},
		"the words, in a note of the completion":    {one("Custom", words), journal{at("10m", entry("did-a").Note("she said so").Completion("a"))}, ""},
		"the words, in a need":                      {one("Custom", words), journal{at("5m", entry("n").Need("a dry towel")), bare}, ""},
		"the words, in a call from the customer":    {one("Custom", words), journal{at("5m", entry("c").Heard("Phone").Note("so wet!")), at("10m", entry("did-a").Reached("Phone").Completion("a"))}, ""},
		"the words, in a call that reached":         {one("Custom", words), journal{at("5m", entry("c").Reached("Phone").Note("so wet!")), bare}, ""},
		"no words in a call without a note":         {one("Custom", words), journal{at("5m", entry("c").Heard("Phone")), bare}, "CustomersWords (append a need, or a contact with a note of the customer's own words)"},
		"no words in a call that did not reach":     {one("Custom", words), journal{at("5m", entry("c").Tried("Phone").Note("no answer")), bare}, "CustomersWords"},
		"no words in a note of our own":             {one("Custom", words), journal{at("5m", entry("n").Note("he is upset")), bare}, "CustomersWords"},
		"no words in a broadcast":                   {one("Custom", words), journal{at("5m", entry("c").Contact(broadcast).Note("we know")), bare}, "CustomersWords"},
		"no words in what a machine sent":           {one("Custom", words), journal{at("5m", entry("c").Contact(automated).Note("ticket 7")), bare}, "CustomersWords"},
		"the need":                                  {one("Custom", need), journal{at("5m", entry("n").Need("a dry towel")), bare}, ""},
		"no need":                                   {one("Custom", need), journal{at("5m", entry("n").Note("a dry towel")), bare}, "NeedRecorded (append a need)"},
		"a remedy: a gesture":                       {one("Custom", remedy), journal{at("5m", entry("g").Gesture("fresh-coffee")), bare}, ""},
		"no remedy, for a reason":                   {one("Custom", remedy), journal{at("10m", entry("did-a").With(noRemedy))}, ""},
		"no remedy, for none":                       {one("Custom", remedy), journal{bare}, "RemedyDecided (append a gesture, give a Compensation, or complete the step with a noRemedyReason)"},
		"a finding":                                 {one("Custom", finding), journal{at("5m", entry("f").Finding("Unknown")), bare}, ""},
		"no finding":                                {one("Custom", finding), journal{bare}, "FindingRecorded (append a finding; cause Unknown is one)"},
		"the first of two is missing":               {one("Custom", need, finding), journal{at("5m", entry("f").Finding("Unknown")), bare}, "NeedRecorded"},
		"a demand in the policy's words":            {steps(custom("a", fixture.DueWithin("1h"), requires(`has(entry.note)`, "write a note"))), journal{at("10m", entry("did-a").Note("done").Completion("a"))}, ""},
		"a demand in the policy's words, not met":   {steps(custom("a", fixture.DueWithin("1h"), requires(`has(entry.note)`, "write a note"))), journal{bare}, "write a note"},
		"what stands on another entry does not do":  {steps(custom("a", fixture.DueWithin("1h"), requires(`has(entry.note)`, "write a note"))), journal{at("5m", entry("n").Note("a note")), bare}, "write a note"},
		"each demand is told with the others":       {steps(custom("a", fixture.DueWithin("1h"), fixture.Demanding(need), requires("false", "never"), requires("round > 1", "later"))), journal{bare}, "NeedRecorded (append a need); never; later"},
		"a demand after the fact, in the same time": {one("Custom", need), journal{bare, at("10m", entry("n").Need("a dry towel"))}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scene{policy: c.policy, journal: c.journal, now: "20m", want: met}
			if c.lacks != "" {
				s.want, s.refused, s.says = waiting, unmet, []string{"entry did-a does not complete a yet: " + c.lacks}
			}
			s.play(t)
		})
	}
}

func noRemedy(e *v1alpha1.JournalEntry) {
	e.Completion = &v1alpha1.Completion{Step: "a", NoRemedyReason: "she wants none"}
}

func TestCompletionWaitsForALaterFact(t *testing.T) {
	t.Parallel()
	need := one("Custom", v1alpha1.DemandNeedRecorded)
	contact := one("Custom", v1alpha1.DemandCustomerReached)
	note := steps(custom("a", fixture.DueWithin("1h"), requires(`severity == "High"`, "only when it is High")))
	playAll(t, map[string]scene{
		"it counts from the fact that was missing": {
			policy: need, now: "40m", journal: []fixture.EntryBuilder{completing("10m", "a"), at("30m", entry("n").Need("a towel"))},
			want: []string{"Closed Met", "a: Done Completed 0s–30m, due 1h"},
		},
		"it does not count in time where that came late": {
			policy: need, now: "2h", journal: []fixture.EntryBuilder{completing("10m", "a"), at("1h1s", entry("n").Need("a towel"))},
			want: []string{"Closed Missed", "a: Done Completed 0s–1h0m1s, due 1h, breached 1h"},
		},
		"a contact before the start is not one since": {
			policy: steps(custom("z"), custom("a", fixture.DueWithin("1h"), fixture.Demanding("CustomerReached"))), now: "40m",
			journal: []fixture.EntryBuilder{at("1m", entry("c").Reached("Phone")), completing("2m", "z"), completing("10m", "a")},
			want:    []string{"Open OnTrack, at a, next 1h2m", "z: Done Completed 0s–2m", "a: Running 2m, due 1h2m"},
			refused: unmet, says: []string{"entry did-a does not complete a yet: CustomerReached"},
		},
		"a contact in the instant of the start is": {
			policy: steps(custom("z"), custom("a", fixture.DueWithin("1h"), fixture.Demanding("CustomerReached"))), now: "40m",
			journal: []fixture.EntryBuilder{at("2m", entry("c").Reached("Phone")), completing("2m", "z"), completing("10m", "a")},
			want:    []string{"Closed Met", "z: Done Completed 0s–2m", "a: Done Completed 2m–10m, due 1h2m"},
		},
		"of two completions the one that fits counts": {
			policy: contact, now: "40m", journal: []fixture.EntryBuilder{completing("10m", "a"), at("20m", entry("again").Reached("Phone").Completion("a"))},
			want: []string{"Closed Met", "a: Done Completed 0s–20m, due 1h"},
		},
		"a retarget may be what was missing": {
			policy: note, now: "40m", journal: []fixture.EntryBuilder{completing("10m", "a"), at("20m", entry("worse").Retarget("High", ""))},
			want: []string{"Closed Met", "a: Done Completed 0s–20m, due 1h"},
		},
		"an amended header may be": {
			policy: steps(custom("a", fixture.DueWithin("1h"), requires(`tier == "Gold"`, "Gold only"))), now: "40m",
			journal: []fixture.EntryBuilder{completing("10m", "a"), at("20m", entry("amend").Amend(v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "g", Tier: "Gold"}}))},
			want:    []string{"Closed Met", "a: Done Completed 0s–20m, due 1h"},
		},
		"before its turn it waits too": {
			policy: steps(custom("z"), custom("a", fixture.DueWithin("1h"), fixture.Demanding("NeedRecorded"))), now: "40m",
			journal: []fixture.EntryBuilder{completing("10m", "a"), at("20m", entry("n").Need("a towel"))},
			want:    []string{"Open OnTrack, at z", "z: Running 0s", "a: Done OutOfOrder 20m–20m"},
		},
		"it is over with a skip": {
			policy: need, now: "40m", journal: []fixture.EntryBuilder{completing("10m", "a"), at("20m", entry("no").Skip("a", "not needed"))},
			want: []string{"Closed Met", "a: Cancelled Skipped 0s, due 1h"},
		},
		"it is over with the incident": {
			policy: need, now: "40m", journal: []fixture.EntryBuilder{completing("10m", "a"), at("20m", entry("no").Cancel("Mistake"))},
			want: []string{"Cancelled OnTrack", "a: Cancelled IncidentEnded 0s, due 1h"},
		},
	})
}

func TestRequiresThatFails(t *testing.T) {
	t.Parallel()
	policy := steps(custom("a", requires(`entry.note.size() >= 6`, "write down the customer's own words")), custom("b"))
	wordless, words := completing("10m", "a"), at("20m", entry("again").Note("she is wet through").Completion("a"))
	playAll(t, map[string]scene{
		"it is told while the completion waits": {
			policy: policy, now: "15m", journal: []fixture.EntryBuilder{wordless},
			want:    []string{"Open OnTrack, at a", "a: Running 0s"},
			refused: v1alpha1.ExpressionFailedReason,
			says: []string{
				"the policy's expression in step a, requires: ", "failed and counts as false: no such key: note", "entry.note.size() >= 6",
				"entry did-a does not complete a yet: write down the customer's own words",
			},
		},
		"it is over once another one counts": {
			policy: policy, now: "25m", journal: []fixture.EntryBuilder{wordless, words},
			want: []string{"Open OnTrack, at b", "a: Done Completed 0s–20m", "b: Running 20m"},
		},
	})
}

func TestRedactionChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, steps(
		custom("a", fixture.DueWithin("1h"), requires(`entry.note.contains("towel")`, "speak of the towel")),
		custom("b", fixture.DueWithin("1h"), when(`incident.spec.summary.contains("coffee")`)),
	)).tell(at("10m", entry("did-a").Note("she got a towel").Completion("a")))
	w.decide(after("11m"))
	before := look(&w.inc.Status)
	w.inc.Spec.Journal[0].Note = "[redacted]"
	w.decide(after("12m"))
	if diff := cmp.Diff(before, look(&w.inc.Status)); diff != "" {
		t.Errorf("a redacted note changes the record (-before +after):\n%s", diff)
	}
	isCondition(t, &w.inc.Status, v1alpha1.JournalAcceptedCondition, metav1.ConditionTrue, v1alpha1.AllEntriesCountReason, "0s")
}

func TestSkip(t *testing.T) {
	t.Parallel()
	policy := steps(fixture.Step("sorry", "Apology", fixture.DueWithin("10m")), custom("b", fixture.DueWithin("1h")))
	playAll(t, map[string]scene{
		"an apology cannot be skipped": {
			policy: policy, now: "5m", journal: []fixture.EntryBuilder{at("1m", entry("no").Skip("sorry", "no time"))},
			want:    []string{"Open OnTrack, at sorry, next 10m", "sorry: Running 0s, due 10m"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{"entry no counts for nothing", `the step "sorry" is an Apology, which cannot be skipped`},
		},
		"a step that is done cannot be skipped any more, which harms nobody": {
			policy: policy, now: "5m", journal: []fixture.EntryBuilder{completing("1m", "b"), at("2m", entry("no").Skip("b", "no time"))},
			want: []string{"Open OnTrack, at sorry, next 10m", "sorry: Running 0s, due 10m", "b: Done OutOfOrder 1m–1m"},
		},
		"a late step that is skipped stays late": {
			policy: policy, now: "3h", journal: []fixture.EntryBuilder{done("1m", "sorry"), at("2h", entry("no").Skip("b", "no time"))},
			want: []string{"Closed Missed", "sorry: Done Completed 0s–1m, due 10m", "b: Cancelled Skipped 1m, due 1h1m, breached 1h1m"},
		},
		"a step that is not there": {
			policy: policy, now: "5m", journal: []fixture.EntryBuilder{at("1m", entry("no").Skip("c", "no time"))},
			want:    []string{"Open OnTrack, at sorry, next 10m", "sorry: Running 0s, due 10m"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{`skip.step: there is no step "c" in policy desk; its steps are sorry, b`},
		},
		"a completion of a step that is not there": {
			policy: policy, now: "5m", journal: []fixture.EntryBuilder{completing("1m", "sorri")},
			want:    []string{"Open OnTrack, at sorry, next 10m", "sorry: Running 0s, due 10m"},
			refused: v1alpha1.EntriesRefusedReason, says: []string{`completion.step: there is no step "sorri" in policy desk`, "append a new entry with the right name"},
		},
	})
}

// Vector 36: an automated contact at +1 min, a person's at +6 min with the
// completion, apology due within 10 min: met at +6 min.
func TestAutomatedContactIsNoApology(t *testing.T) {
	t.Parallel()
	policy := steps(fixture.Step("sorry", "Apology", fixture.DueWithin("10m")))
	byMachine := at("1m", entry("auto").By("mailer").Contact(automated))
	playAll(t, map[string]scene{
		"vector 36": {
			policy: policy, now: "10m", journal: []fixture.EntryBuilder{byMachine, done("6m", "sorry")},
			want: []string{"Closed Met", "sorry: Done Completed 0s–6m, due 10m"},
		},
		"a completion on the automated contact waits for the person": {
			policy: policy, now: "10m",
			journal: []fixture.EntryBuilder{at("1m", entry("auto").By("mailer").Contact(automated).Completion("sorry")), at("6m", entry("call").Reached("Phone"))},
			want:    []string{"Closed Met", "sorry: Done Completed 0s–6m, due 10m"},
		},
		"no person ever": {
			policy: policy, now: "11m", journal: []fixture.EntryBuilder{at("1m", entry("auto").By("mailer").Contact(automated).Completion("sorry"))},
			want:    []string{"Open Overdue, at sorry, next 10m", "sorry: Running 0s, due 10m, breached 10m"},
			refused: unmet, says: []string{"CustomerReached", "ByPerson"},
		},
	})
}
