package recovery_test

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// guest is a customer with contact hours from nine to nine, in a zone of their own or not.
func guest(zone v1alpha1.TimeZone) fixture.IncidentOption {
	return fixture.ForCustomer(v1alpha1.Customer{ID: "guest", TimeZone: zone, ContactHours: &v1alpha1.ContactHours{From: "09:00", To: "21:00"}})
}

// moved corrects the customer.
func moved(d string, zone v1alpha1.TimeZone) fixture.EntryBuilder {
	incident := fixture.Incident("x", guest(zone))
	return at(d, entry("moved").Amend(v1alpha1.Amend{Customer: &incident.Spec.Customer}))
}

// At zero it is 10:20 in Berlin, 16:20 in Shanghai and 04:20 in New York.
func TestContactHours(t *testing.T) {
	t.Parallel()
	follow := func(kind v1alpha1.FollowUpKind, due fixture.StepOption) v1alpha1.RecoveryPolicySpec {
		return steps(custom("a"), fixture.FollowUp("call", kind, due, fixture.Demanding()))
	}
	began := []fixture.EntryBuilder{completing("1m", "a")}
	call := func(line string) []string {
		return []string{"Resolved OnTrack, at call, next " + line, "a: Done Completed 0s–1m", "call: Running 1m, due " + line}
	}
	putOff := func(due string) []string {
		return []string{"Resolved OnTrack, at call, next " + due, "a: Done Completed 0s–1m", "call: Running MovedToContactHours 1m, due " + due}
	}
	grace := func(d v1alpha1.Duration) func(*v1alpha1.RecoveryPolicySpec) {
		return func(s *v1alpha1.RecoveryPolicySpec) { s.ContactGrace = d }
	}
	playAll(t, map[string]scene{
		"within them nothing moves": {
			policy: follow("Immediate", fixture.DueWithin("1h")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: call("1h1m"),
		},
		"after them, it is the next morning and the grace": {
			// 12h1m is 22:21 in Berlin; 9:00 of the next day is 22h40m.
			policy: follow("Immediate", fixture.DueWithin("12h")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: putOff("23h40m"),
		},
		"before them, it is the same morning and the grace": {
			// 1h1m is 5:21 in New York; 9:00 is 4h40m.
			policy: follow("Immediate", fixture.DueWithin("1h")), incident: []fixture.IncidentOption{guest("America/New_York")}, now: "2m", journal: began, want: putOff("5h40m"),
		},
		"at their very end": {
			// 10h40m is 21:00 in Berlin.
			policy: follow("Immediate", fixture.DueWithin("10h39m")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: call("10h40m"),
		},
		"a second after their end": {
			policy: follow("Immediate", fixture.DueWithin("10h39m1s")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: putOff("23h40m"),
		},
		"at their very beginning": {
			policy: follow("Immediate", fixture.DueWithin("22h39m")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: call("22h40m"),
		},
		"a second before their beginning": {
			policy: follow("Immediate", fixture.DueWithin("22h38m59s")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: putOff("23h40m"),
		},
		"with the policy's own grace": {
			policy: with(follow("Immediate", fixture.DueWithin("12h")), grace("10m")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: putOff("22h50m"),
		},
		"a closing one too": {
			policy: follow("Closing", fixture.DueWithin("12h")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: putOff("23h40m"),
		},
		"an internal one not": {
			policy: follow("Internal", fixture.DueWithin("12h")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: began, want: call("12h1m"),
		},
		"without a zone, the calendar's is meant": {
			policy: onCalendar(follow("Immediate", fixture.DueWithin("12h")), "office"), incident: []fixture.IncidentOption{guest("")}, now: "2m", journal: began, want: putOff("23h40m"),
		},
		"with a zone that nobody knows, the calendar's is meant": {
			policy: onCalendar(follow("Immediate", fixture.DueWithin("12h")), "office"), incident: []fixture.IncidentOption{guest("Mars/Phobos")}, now: "2m", journal: began, want: putOff("23h40m"),
			refused: v1alpha1.HeaderRefusedReason, says: []string{`spec.customer.timeZone: "Mars/Phobos" is not a time zone that is known here`},
		},
		"an amended zone that nobody knows is told, and one that is known is taken": {
			policy: onCalendar(follow("Immediate", fixture.DueWithin("12h")), "office"), incident: []fixture.IncidentOption{guest("Mars/Phobos")}, now: "2m",
			journal: append(began, at("90s", entry("moved").Amend(v1alpha1.Amend{Customer: &v1alpha1.Customer{ID: "guest-0417", TimeZone: "Europe/Berlin", ContactHours: &v1alpha1.ContactHours{From: "09:00", To: "21:00"}}}))), want: putOff("23h40m"),
		},
		"hours that are shorter than the grace end it": {
			// 9:00 to 9:30 of the next morning in Berlin.
			policy: follow("Immediate", fixture.DueWithin("12h")), now: "2m", journal: began, want: putOff("23h10m"),
			incident: []fixture.IncidentOption{fixture.ForCustomer(v1alpha1.Customer{ID: "guest-0417", TimeZone: "Europe/Berlin", ContactHours: &v1alpha1.ContactHours{From: "09:00", To: "09:30"}})},
		},
		"without a zone and a calendar nothing moves": {
			policy: follow("Immediate", fixture.DueWithin("12h")), incident: []fixture.IncidentOption{guest("")}, now: "2m", journal: began, want: call("12h1m"),
		},
		"the customer's zone goes before the calendar's": {
			// 4h1m is 20:21 in Shanghai.
			policy: onCalendar(follow("Immediate", fixture.DueWithin("4h")), "office"), incident: []fixture.IncidentOption{guest("Asia/Shanghai")}, now: "2m", journal: began, want: call("4h1m"),
		},
		"a slot that the customer chose stays": {
			policy: follow("Immediate", fixture.DueWithin("1h")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "3m",
			journal: append(began, slotted(at("2m", entry("p").PromiseBy("a late call", after("12h"))), "call")),
			want:    []string{"Resolved OnTrack, at call, next 12h", "a: Done Completed 0s–1m", "call: Running SlotChosen 1m, due 12h, was due 1h1m", "Promise/p: Running 2m, due 12h"},
		},
		"a promise stays": {
			policy: steps(custom("a")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "3m", journal: []fixture.EntryBuilder{promised("2m", "p", "12h")},
			want: []string{"Open OnTrack, at a, next 12h2m", "a: Running 0s", "Promise/p: Running 2m, due 12h2m"},
		},
		"an update is put off": {
			policy: with(steps(custom("a")), updating("12h", "")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "3m",
			want: []string{"Open OnTrack, at a, next 23h40m", "Update/Start: Running MovedToContactHours 0s, due 23h40m", "a: Running 0s"},
		},
		"a response is not": {
			policy: with(steps(custom("a")), answering("12h")), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "3m", journal: []fixture.EntryBuilder{heard("2m")},
			want: []string{"Open OnTrack, at a, next 12h2m", "a: Running 0s", "Response/heard-2m: Running 2m, due 12h2m"},
		},
		"a retarget counts anew, and is put off": {
			policy: with(follow("Immediate", fixture.DueWithin("1h")), severe("High", stricter("call", "12h"))), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "3m",
			journal: append(began, to("2m", "High", "")),
			want:    []string{"Resolved OnTrack, at call, next 23h40m", "a: Done Completed 0s–1m", "call: Running MovedToContactHours 1m, due 23h40m, was due 1h1m"},
		},
		"a retarget back is put off no more": {
			policy: with(follow("Immediate", fixture.DueWithin("12h")), severe("High", stricter("call", "1h"))), incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "3m",
			journal: append(began, to("2m", "High", "")),
			want:    []string{"Resolved OnTrack, at call, next 1h1m", "a: Done Completed 0s–1m", "call: Running Retargeted 1m, due 1h1m, was due 23h40m"},
		},
	})
}

// A correction of the customer counts for what runs, and makes nothing due before itself.
func TestContactHoursOfAnAmendedCustomer(t *testing.T) {
	t.Parallel()
	spec := steps(custom("a"), fixture.FollowUp("call", "Immediate", fixture.DueWithin("1h"), fixture.Demanding()))
	began := completing("1m", "a")
	playAll(t, map[string]scene{
		"to hours in which nobody is called": {
			policy: spec, incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "31m", journal: []fixture.EntryBuilder{began, moved("30m", "America/New_York")},
			want: []string{"Resolved OnTrack, at call, next 5h40m", "a: Done Completed 0s–1m", "call: Running MovedToContactHours 1m, due 5h40m, was due 1h1m"},
		},
		"to hours in which one is": {
			policy: spec, incident: []fixture.IncidentOption{guest("America/New_York")}, now: "31m", journal: []fixture.EntryBuilder{began, moved("30m", "Europe/Berlin")},
			want: []string{"Resolved OnTrack, at call, next 1h1m", "a: Done Completed 0s–1m", "call: Running 1m, due 1h1m, was due 5h40m"},
		},
		"when it would have been due before": {
			policy: spec, incident: []fixture.IncidentOption{guest("America/New_York")}, now: "2h1m", journal: []fixture.EntryBuilder{began, moved("2h", "Europe/Berlin")},
			want: []string{"Resolved OnTrack, at call, next 5h40m", "a: Done Completed 0s–1m", "call: Running MovedToContactHours 1m, due 5h40m"},
		},
		"what was breached stays": {
			policy: spec, incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2h1m", journal: []fixture.EntryBuilder{began, moved("2h", "America/New_York")},
			want: []string{"Resolved Overdue, at call, next 1h1m", "a: Done Completed 0s–1m", "call: Running 1m, due 1h1m, breached 1h1m"},
		},
		"what starts later has it": {
			policy: spec, incident: []fixture.IncidentOption{guest("Europe/Berlin")}, now: "2m", journal: []fixture.EntryBuilder{moved("30s", "America/New_York"), began},
			want: []string{"Resolved OnTrack, at call, next 5h40m", "a: Done Completed 0s–1m", "call: Running MovedToContactHours 1m, due 5h40m"},
		},
	})
}
