package apitest

import (
	"maps"
	"strings"
	"testing"

	"github.com/amends-dev/amends/internal/fixture"
)

func TestEntryTellsOneFact(t *testing.T) {
	const (
		oneFact   = "an entry tells one fact: give one of completion, skip, need"
		something = "an entry tells something: give a contact, a note or one of the other members"
	)
	contact := object{"direction": "ToCustomer", "channel": "Phone", "reached": true}
	entry := func(members ...object) op {
		all := object{"id": "entry"}
		for _, member := range members {
			maps.Copy(all, member)
		}
		return add("/spec/journal", list{all})
	}
	attempts := map[string]attempt{
		"a note alone":                            accepted(entry(object{"note": "n"})),
		"a contact alone":                         accepted(entry(object{"contact": contact})),
		"no member is refused":                    refused(something, entry()),
		"an author and times alone are refused":   refused(something, entry(object{"by": "alice", "recordedAt": "2026-10-02T08:20:00Z"})),
		"a member that does not exist is refused": refused("unknown field", entry(object{"apology": object{}})),
		"a contact beside two members is refused": refused(oneFact, entry(object{"contact": contact, "completion": object{"step": "s"}, "need": object{"text": "t"}})),
	}
	for i, member := range everyMember {
		next := everyMember[(i+1)%len(everyMember)]
		attempts[member.name+" alone"] = accepted(entry(member.thin))
		attempts[member.name+" beside a contact"] = accepted(entry(member.thin, object{"contact": contact}))
		attempts[member.name+" with all its details, a contact and a note"] = accepted(entry(member.full, object{"contact": contact, "note": "n"}))
		if both := entry(member.thin, next.thin); len(both.Value.(list)[0].(object)) == 3 {
			attempts[member.name+" beside "+next.name+" is refused"] = refused(oneFact, both)
		}
	}
	check(t, attempts, creating(fixture.Incident("entry")))
}

func TestEntryMembers(t *testing.T) {
	entry := func(members object) op {
		members["id"] = "entry"
		return add("/spec/journal", list{members})
	}
	contact := func(c object) op { return entry(object{"contact": c}) }
	toCustomer := func(extra string, value any) op {
		return contact(object{"direction": "ToCustomer", "channel": "Phone", extra: value})
	}
	fromCustomer := func(extra string, value any) op {
		return contact(object{"direction": "FromCustomer", "channel": "Phone", extra: value})
	}
	promise := func(p object) op { return entry(object{"promise": p}) }
	task := func(p object) op { return entry(object{"task": p}) }
	outcome := func(p object) op { return entry(object{"outcome": p}) }
	impact := func(p object) op { return entry(object{"impact": p}) }
	feedback := func(p object) op { return entry(object{"feedback": p}) }
	link := func(name, url string) op { return entry(object{"link": object{"name": name, "url": url}}) }
	const at = "2026-10-02T08:20:00Z"
	check(t, map[string]attempt{
		"a contact of ours that reached everybody":          accepted(contact(object{"direction": "ToCustomer", "channel": "StatusPage", "reached": true, "automated": true, "audience": "All"})),
		"a contact of the customer's that asks for nothing": accepted(fromCustomer("acknowledgementOnly", true)),
		"the customer had to repeat it":                     accepted(fromCustomer("repeated", true)),
		"a contact of the customer's does not reach":        refused("reached, audience and automated go with direction ToCustomer", fromCustomer("reached", true)),
		"a contact of the customer's has no audience":       refused("reached, audience and automated go with direction ToCustomer", fromCustomer("audience", "All")),
		"a contact of ours is no acknowledgement":           refused("acknowledgementOnly and repeated go with direction FromCustomer", toCustomer("acknowledgementOnly", true)),
		"a contact of ours is not repeated by the customer": refused("acknowledgementOnly and repeated go with direction FromCustomer", toCustomer("repeated", true)),
		"a contact without a channel":                       refused("channel: Required value", contact(object{"direction": "ToCustomer"})),
		"an unknown channel":                                refused(`"InPerson", "Visit", "Phone"`, contact(object{"direction": "ToCustomer", "channel": "Pigeon"})),
		"a contact of a day":                                accepted(toCustomer("minutes", 1440)),
		"a contact of more than a day":                      refused("less than or equal to 1440", toCustomer("minutes", 1441)),
		"a contact of no time":                              refused("greater than or equal to 1", toCustomer("minutes", 0)),
		"an unknown mood":                                   refused(`"Calm", "Upset", "Angry"`, fromCustomer("mood", "Meh")),
		"a promise by an instant":                           accepted(promise(object{"text": "t", "due": at})),
		"a promise due twice":                               refused("a promise is due at an instant or within a duration: give exactly one of due and within", promise(object{"text": "t", "due": at, "within": "1h"})),
		"a promise without a due":                           refused("give exactly one of due and within", promise(object{"text": "t"})),
		"a promise within a day":                            refused("should match", promise(object{"text": "t", "within": "1d"})),
		"a promise without words":                           refused("text: Required value", promise(object{"within": "1h"})),
		"a promise of 1,025 characters":                     refused("may not be more than 1024", promise(object{"text": strings.Repeat("t", 1025), "within": "1h"})),
		"a task without a due":                              refused("a task is due at an instant or within a duration: give exactly one of due and within", task(object{"kind": "Help", "text": "t"})),
		"a task due twice":                                  refused("give exactly one of due and within", task(object{"kind": "Help", "text": "t", "due": at, "within": "1h"})),
		"a task of an unknown kind":                         refused(`"Help", "Internal", "Verify", "Care", "Prevention"`, task(object{"kind": "Other", "text": "t", "within": "1h"})),
		"an outcome of a promise and a task":                refused("an outcome is that of one promise or one task", outcome(object{"promise": "p", "task": "t", "result": "Released"})),
		"an outcome of nothing":                             refused("an outcome is that of one promise or one task", outcome(object{"result": "Kept"})),
		"a promise is not Done":                             refused("a promise is Kept, Attempted, Broken or Released", outcome(object{"promise": "p", "result": "Done"})),
		"a task is not Kept":                                refused("a task is Done, Attempted, Declined or Released", outcome(object{"task": "t", "result": "Kept"})),
		"a task may be declined":                            accepted(outcome(object{"task": "t", "result": "Declined"})),
		"a hold for a reason in words":                      refused("should match", entry(object{"hold": object{"reason": "waiting for customer"}})),
		"a hold that claims an earlier time":                refused("hold, resume and retarget count from when they are recorded", entry(object{"hold": object{"reason": "WaitingForCustomer"}, "at": at})),
		"a resume that claims an earlier time":              refused("hold, resume and retarget count from when they are recorded", entry(object{"resume": object{"hold": "h"}, "at": at})),
		"a retarget that claims an earlier time":            refused("hold, resume and retarget count from when they are recorded", entry(object{"retarget": object{"severity": "High"}, "at": at})),
		"a completion that claims an earlier time":          accepted(entry(object{"completion": object{"step": "s"}, "at": at})),
		"a skip without a reason":                           refused("reason: Required value", entry(object{"skip": object{"step": "s"}})),
		"an impact of nothing":                              refused("at least 1 properties", impact(object{})),
		"an impact that ends before it starts":              refused("endedAt is at or after startedAt", impact(object{"startedAt": at, "endedAt": "2026-10-02T08:19:59Z"})),
		"an impact of an instant":                           accepted(impact(object{"startedAt": at, "endedAt": at})),
		"an impact with an amount in words":                 refused("should match", impact(object{"amountAtStake": "a lot"})),
		"a finding of an unknown cause":                     refused(`"Execution", "Process", "System"`, entry(object{"finding": object{"cause": "Gremlins"}})),
		"a gesture of nothing":                              refused("name an option of the policy's catalogue, or say in text what was done", entry(object{"gesture": object{}})),
		"a gesture in words":                                accepted(entry(object{"gesture": object{"text": "t"}})),
		"feedback of nothing":                               refused("at least 1 properties", feedback(object{})),
		"a satisfaction of 5":                               accepted(feedback(object{"satisfaction": 5})),
		"a satisfaction of 6":                               refused("less than or equal to 5", feedback(object{"satisfaction": 6})),
		"a satisfaction of 0":                               refused("greater than or equal to 1", feedback(object{"satisfaction": 0})),
		"a satisfaction and a half":                         refused("must be of type integer", feedback(object{"satisfaction": 4.5})),
		"an amend of nothing":                               refused("at least 1 properties", entry(object{"amend": object{}})),
		"an amend with a customer without an id":            refused("id: Required value", entry(object{"amend": object{"customer": object{"tier": "Gold"}}})),
		"a link to mail":                                    accepted(link("mail", "mailto:desk@example.org")),
		"a link to a script":                                refused("should match", link("x", "javascript:alert(1)")),
		"a link to a file":                                  refused("should match", link("x", "file:///etc/passwd")),
		"a link with a blank in it":                         refused("should match", link("x", "https://example.org/a b")),
		"a link of 1,025 characters":                        refused("may not be more than 1024", link("x", "https://"+strings.Repeat("a", 1017))),
		"a cancel without a reason":                         refused("reason: Required value", entry(object{"cancel": object{}})),
		"a merge into nothing":                              refused("into: Required value", entry(object{"merge": object{}})),
		"a reopen for an unknown reason":                    refused(`"NotFixed", "HappenedAgain", "CustomerDisagrees", "Other"`, entry(object{"reopen": object{"reason": "Because"}})),
	}, creating(fixture.Incident("members")))
}
