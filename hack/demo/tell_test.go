package main

import (
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
)

func TestDescribe(t *testing.T) {
	spoke := &v1alpha1.Contact{Direction: v1alpha1.ToCustomer, Channel: "Phone", Reached: true}
	cases := map[string]struct {
		entry v1alpha1.JournalEntry
		want  string
	}{
		"a contact beside a completion": {v1alpha1.JournalEntry{Contact: spoke, Completion: &v1alpha1.Completion{Step: "apologise"}},
			"speaks to the guest (Phone); step apologise is done"},
		"a completion that the customer accepts": {v1alpha1.JournalEntry{Completion: &v1alpha1.Completion{Step: "put-right", Accepted: v1alpha1.AcceptedYes}},
			"step put-right is done, and the guest accepts"},
		"a call that reached nobody": {v1alpha1.JournalEntry{Contact: &v1alpha1.Contact{Direction: v1alpha1.ToCustomer, Channel: "Phone"}},
			"tries to reach the guest, in vain (Phone)"},
		"a customer who is upset": {v1alpha1.JournalEntry{Contact: &v1alpha1.Contact{Direction: v1alpha1.FromCustomer, Channel: "Chat", Mood: "Upset"}, Note: "Again!"},
			`hears from the guest (Chat, Upset); notes "Again!"`},
		"a promise": {v1alpha1.JournalEntry{Promise: &v1alpha1.Promise{Text: "We call you back", Within: "30m"}},
			`promises "We call you back", within 30m`},
		"a promise that was kept": {v1alpha1.JournalEntry{Contact: spoke, Outcome: &v1alpha1.Outcome{Promise: "call-back", Result: v1alpha1.ResultKept}},
			"speaks to the guest (Phone); the promise call-back is Kept"},
		"a task": {v1alpha1.JournalEntry{Task: &v1alpha1.Task{Kind: v1alpha1.TaskCare, To: "wei", Text: "Breakfast", Within: "24h"}},
			"asks wei for Care, within 24h: Breakfast"},
		"a finding in one word": {v1alpha1.JournalEntry{Finding: &v1alpha1.Finding{Cause: "External"}},
			"finds the cause: External"},
		"feedback": {v1alpha1.JournalEntry{Feedback: &v1alpha1.Feedback{Satisfaction: 5, VersusExpectation: "Above", WillReturn: "Yes"}},
			"feedback: 5 of 5, Above expectation, will return: Yes"},
		"a note alone": {v1alpha1.JournalEntry{Note: "The lift is loud"}, `notes "The lift is loud"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := describe(&c.entry); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// An entry that the demo cannot put into words would be a blank line.
func TestEveryMemberHasWords(t *testing.T) {
	for name, e := range map[string]v1alpha1.JournalEntry{
		"skip": {Skip: &v1alpha1.Skip{}}, "hold": {Hold: &v1alpha1.Hold{}}, "resume": {Resume: &v1alpha1.Resume{}},
		"retarget": {Retarget: &v1alpha1.Retarget{}}, "assignment": {Assignment: &v1alpha1.Assignment{}},
		"acceptance": {Acceptance: &v1alpha1.Acceptance{}}, "impact": {Impact: &v1alpha1.Impact{}}, "need": {Need: &v1alpha1.Need{}},
		"amend": {Amend: &v1alpha1.Amend{}}, "link": {Link: &v1alpha1.Link{}}, "reopen": {Reopen: &v1alpha1.Reopen{}},
		"cancel": {Cancel: &v1alpha1.Cancel{}}, "merge": {Merge: &v1alpha1.Merge{}}, "gesture": {Gesture: &v1alpha1.Gesture{}},
	} {
		if describe(&e) == "" {
			t.Errorf("no words for %s", name)
		}
	}
}

func TestRelative(t *testing.T) {
	const text = "due at 2026-10-05T09:01:05Z, was due at 2026-10-05T08:59:50Z"
	if got, want := relative(text, zero), "due at +65s, was due at -10s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
