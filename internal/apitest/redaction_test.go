package apitest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture"
)

const redacted = "[redacted]"

// member is a member of an entry: with the least that it needs, with all that it
// can say, and with all said otherwise.
type member struct {
	name              string
	thin, full, other object
}

// everyMember is each member but contact and note, which stand beside others.
var everyMember = []member{
	{"a completion", object{"completion": object{"step": "a"}},
		object{"completion": object{"step": "a", "accepted": "Yes", "noRemedyReason": "a"}},
		object{"completion": object{"step": "b", "accepted": "NotYet", "noRemedyReason": "b"}}},
	{"a skip", object{"skip": object{"step": "a", "reason": "a"}},
		object{"skip": object{"step": "a", "reason": "a"}},
		object{"skip": object{"step": "b", "reason": "b"}}},
	{"a need", object{"need": object{"text": "a"}}, object{"need": object{"text": "a"}}, object{"need": object{"text": "b"}}},
	{"a promise within a time", object{"promise": object{"text": "a", "within": "1h"}},
		object{"promise": object{"text": "a", "within": "1h", "channel": "Phone", "owner": "a", "supersedes": "a", "forStep": "a"}},
		object{"promise": object{"text": "b", "within": "2h", "channel": "Email", "owner": "b", "supersedes": "b", "forStep": "b"}}},
	{"a promise by an instant", object{"promise": object{"text": "a", "due": "2026-10-02T08:20:00Z"}},
		object{"promise": object{"text": "a", "due": "2026-10-02T08:20:00Z"}},
		object{"promise": object{"text": "b", "due": "2026-10-02T08:20:01Z"}}},
	{"a task within a time", object{"task": object{"kind": "Help", "text": "a", "within": "1h"}},
		object{"task": object{"kind": "Help", "text": "a", "within": "1h", "to": "a"}},
		object{"task": object{"kind": "Care", "text": "b", "within": "2h", "to": "b"}}},
	{"a task by an instant", object{"task": object{"kind": "Help", "text": "a", "due": "2026-10-02T08:20:00Z"}},
		object{"task": object{"kind": "Help", "text": "a", "due": "2026-10-02T08:20:00Z"}},
		object{"task": object{"kind": "Care", "text": "b", "due": "2026-10-02T08:20:01Z"}}},
	{"an outcome of a promise", object{"outcome": object{"promise": "a", "result": "Kept"}},
		object{"outcome": object{"promise": "a", "result": "Kept"}}, object{"outcome": object{"promise": "b", "result": "Broken"}}},
	{"an outcome of a task", object{"outcome": object{"task": "a", "result": "Done"}},
		object{"outcome": object{"task": "a", "result": "Done"}}, object{"outcome": object{"task": "b", "result": "Declined"}}},
	{"a hold", object{"hold": object{"reason": "WaitingForCustomer"}},
		object{"hold": object{"reason": "WaitingForCustomer", "until": "2026-10-02T08:20:00Z"}},
		object{"hold": object{"reason": "WaitingForVendor", "until": "2026-10-02T08:20:01Z"}}},
	{"a resume", object{"resume": object{"hold": "a"}}, object{"resume": object{"hold": "a"}}, object{"resume": object{"hold": "b"}}},
	{"a retarget", object{"retarget": object{"severity": "High"}},
		object{"retarget": object{"severity": "High", "reason": "a"}}, object{"retarget": object{"severity": "Low", "reason": "b"}}},
	{"an assignment", object{"assignment": object{"owner": "a"}}, object{"assignment": object{"owner": "a"}}, object{"assignment": object{"owner": "b"}}},
	{"an acceptance", object{"acceptance": object{}}, object{"acceptance": object{"assignment": "a"}}, object{"acceptance": object{"assignment": "b"}}},
	{"an impact", object{"impact": object{"amountAtStake": "1"}},
		object{"impact": object{"amountAtStake": "1", "startedAt": "2026-10-02T08:20:00Z", "endedAt": "2026-10-02T08:30:00Z"}},
		object{"impact": object{"amountAtStake": "2", "startedAt": "2026-10-02T08:20:01Z", "endedAt": "2026-10-02T08:30:01Z"}}},
	{"a finding", object{"finding": object{"cause": "System"}},
		object{"finding": object{"cause": "System", "detail": "a", "primary": true, "preventable": "Yes"}},
		object{"finding": object{"cause": "Process", "detail": "b", "primary": false, "preventable": "No"}}},
	{"a gesture", object{"gesture": object{"option": "a"}},
		object{"gesture": object{"option": "a", "text": "a"}}, object{"gesture": object{"option": "b", "text": "b"}}},
	{"feedback", object{"feedback": object{"satisfaction": 1}},
		object{"feedback": object{"satisfaction": 1, "versusExpectation": "Below", "willReturn": "Yes", "retained": "Yes", "source": "Staff"}},
		object{"feedback": object{"satisfaction": 2, "versusExpectation": "Met", "willReturn": "No", "retained": "No", "source": "Customer"}}},
	{"an amend", object{"amend": object{"category": "a"}},
		object{"amend": object{"category": "a", "service": "a", "summary": "a", "customer": object{"id": "a", "tier": "a"}}},
		object{"amend": object{"category": "b", "service": "b", "summary": "b", "customer": object{"id": "b", "tier": "b"}}}},
	{"a link", object{"link": object{"name": "a", "url": "https://a"}},
		object{"link": object{"name": "a", "url": "https://a"}}, object{"link": object{"name": "b", "url": "https://b"}}},
	{"a reopen", object{"reopen": object{}}, object{"reopen": object{"reason": "NotFixed"}}, object{"reopen": object{"reason": "Other"}}},
	{"a cancel", object{"cancel": object{"reason": "Mistake"}}, object{"cancel": object{"reason": "Mistake"}}, object{"cancel": object{"reason": "Averted"}}},
	{"a merge", object{"merge": object{"into": "a"}}, object{"merge": object{"into": "a"}}, object{"merge": object{"into": "b"}}},
}

// common are the fields that every entry may have, with a contact as the entry
// that carries them all.
var common = member{"a contact", object{"contact": object{"direction": "ToCustomer", "channel": "Phone"}},
	object{
		"by": "a", "recordedBy": "a", "recordedAt": "2026-10-02T08:20:00Z", "at": "2026-10-02T08:00:00Z", "note": "a",
		"contact": object{"direction": "ToCustomer", "channel": "Phone", "reached": true, "automated": true, "audience": "All", "mood": "Calm", "minutes": 1},
	},
	object{
		"by": "b", "recordedBy": "b", "recordedAt": "2026-10-02T08:20:01Z", "at": "2026-10-02T08:00:01Z", "note": "b",
		"contact": object{"direction": "FromCustomer", "channel": "Email", "reached": false, "automated": false, "audience": "Customer", "mood": "Angry", "minutes": 2},
	}}

// texts are the fields that a person with the right to redact may redact.
var texts = []string{
	"/note", "/completion/noRemedyReason", "/skip/reason", "/need/text", "/promise/text", "/task/text", "/retarget/reason",
	"/finding/detail", "/gesture/text", "/amend/summary", "/link/name", "/link/url",
}

// journalOf is a journal with an entry for each member, and with each its path.
func journalOf(members []member, form func(member) object) list {
	var journal list
	for i, m := range members {
		entry := object{"id": fmt.Sprintf("entry-%d", i)}
		maps.Copy(entry, form(m))
		journal = append(journal, entry)
	}
	return journal
}

// leaves are the scalar fields below value, by path.
func leaves(value any, path string, found map[string]any) map[string]any {
	fields, ok := value.(object)
	if !ok {
		found[path] = value
		return found
	}
	for key, field := range fields {
		leaves(field, path+"/"+key, found)
	}
	return found
}

func TestRedaction(t *testing.T) {
	members := append(slices.Clone(everyMember), common)
	full := storing(t, fixture.Incident("full"), add("/spec/journal", journalOf(members, func(m member) object { return m.full })))
	thin := storing(t, fixture.Incident("thin"), add("/spec/journal", journalOf(members, func(m member) object { return m.thin })))

	seen := map[string]bool{}
	redactions, edits, removals, additions := map[string]attempt{}, map[string]attempt{}, map[string]attempt{}, map[string]attempt{}
	for i, m := range members {
		entry := fmt.Sprintf("/spec/journal/%d", i)
		had := leaves(m.thin, "", map[string]any{})
		others := leaves(m.other, "", map[string]any{})
		for path, value := range leaves(m.full, "", map[string]any{}) {
			name := m.name + path
			isText := slices.Contains(texts, path)
			if isText {
				seen[path] = true
				redactions[name] = accepted(replace(entry+path, redacted))
				edits[name+" to almost redacted"] = refused("", replace(entry+path, "https://[redacted]"))
			}
			edits[name] = refused(neverEdit, replace(entry+path, others[path]))
			removals[name] = refused("", remove(entry+path))
			if _, there := had[path]; !there {
				additions[name] = refused(neverEdit, addTo(m, entry, path, value))
				if isText {
					additions[name+" as redacted"] = refused(neverEdit, addTo(m, entry, path, redacted))
				}
			}
		}
	}
	for _, path := range texts {
		if !seen[path] {
			t.Errorf("no entry has the text %s", path)
		}
	}
	t.Run("every text may be redacted", func(t *testing.T) { check(t, redactions, patching(full)) })
	t.Run("all texts may be redacted at once", func(t *testing.T) {
		var all []op
		for _, name := range slices.Sorted(maps.Keys(redactions)) {
			all = append(all, redactions[name].ops...)
		}
		expect(t, patching(full)(t, append(all, add("/spec/journal/-", note("why")))), "")
	})
	t.Run("nothing else may be changed", func(t *testing.T) { refusedInAnyWords(t, edits, full) })
	t.Run("nothing may be taken away", func(t *testing.T) { refusedInAnyWords(t, removals, full) })
	t.Run("nothing may be added, not even as redacted", func(t *testing.T) { check(t, additions, patching(thin)) })
	t.Run("what is redacted stays so", func(t *testing.T) {
		stored := storing(t, fixture.Incident("redacted"), add("/spec/journal", notes(1)))
		store(t, stored, replace("/spec/journal/0/note", redacted))
		expect(t, patching(stored)(t, []op{replace("/spec/journal/0/note", "n")}), neverEdit)
	})
	t.Run("redaction reaches the journal only", func(t *testing.T) {
		expect(t, patching(full)(t, []op{replace("/spec/summary", redacted)}), "append an amend entry")
	})
}

// addTo adds a field to the entry of a member; where the object around it is not
// there, it adds that whole.
func addTo(m member, entry, path string, value any) op {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) < 3 {
		return add(entry+path, value)
	}
	return add(entry+"/"+parts[0]+"/"+parts[1], m.full[parts[0]].(object)[parts[1]])
}

// refusedInAnyWords checks that each attempt is refused: by the rule for entries,
// or already by the bounds of the field.
func refusedInAnyWords(t *testing.T, attempts map[string]attempt, stored client.Object) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(attempts)) {
		t.Run(name, func(t *testing.T) {
			err := patching(stored)(t, attempts[name].ops)
			if err == nil {
				t.Fatal("accepted")
			}
			if want := attempts[name].refusal; want != "" {
				expect(t, err, want)
			}
		})
	}
}
