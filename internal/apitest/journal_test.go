package apitest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

const (
	appendOnly = "the journal is append-only: entries keep their place and none is removed; append with kubectl patch --type=json, op add, path /spec/journal/-"
	neverEdit  = "an entry of the journal is never edited: append a new one that says what is right"
)

func note(id string) object { return object{"id": id, "note": "n"} }

func notes(n int) list {
	var entries list
	for i := range n {
		entries = append(entries, note(fmt.Sprintf("note-%d", i)))
	}
	return entries
}

func ids(t *testing.T, incident *unstructured.Unstructured) []string {
	t.Helper()
	entries, _, err := unstructured.NestedSlice(incident.Object, "spec", "journal")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.(object)["id"].(string))
	}
	return found
}

func TestJournalIsAppendedTo(t *testing.T) {
	t.Run("an incident created without a journal has an empty one", func(t *testing.T) {
		stored := storing(t, fixture.Incident("empty"))
		store(t, stored, add("/spec/journal/-", note("first")))
		store(t, stored, add("/spec/journal/-", note("second")), add("/spec/journal/-", note("third")))
		if err := planetest.Plane(t).Client().Get(t.Context(), client.ObjectKeyFromObject(stored), stored); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"first", "second", "third"}, ids(t, stored)); diff != "" {
			t.Errorf("order of the journal (-want +got):\n%s", diff)
		}
	})

	stored := storing(t, fixture.Incident("appended"), add("/spec/journal", notes(3)))
	swapped := notes(3)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	check(t, map[string]attempt{
		"an entry at the end":                       accepted(add("/spec/journal/-", note("new"))),
		"two entries at the end":                    accepted(add("/spec/journal/-", note("new")), add("/spec/journal/-", note("newer"))),
		"the journal as it was, with one more":      accepted(replace("/spec/journal", append(notes(3), note("new")))),
		"the journal as it was":                     accepted(replace("/spec/journal", notes(3))),
		"an entry at the beginning is refused":      refused(appendOnly, add("/spec/journal/0", note("new"))),
		"an entry in the middle is refused":         refused(appendOnly, add("/spec/journal/1", note("new"))),
		"to remove the first entry is refused":      refused(appendOnly, remove("/spec/journal/0")),
		"to remove the last entry is refused":       refused(appendOnly, remove("/spec/journal/2")),
		"to remove one and add another is refused":  refused(appendOnly, remove("/spec/journal/2"), add("/spec/journal/-", note("new"))),
		"to move an entry is refused":               refused(appendOnly, move("/spec/journal/0", "/spec/journal/2")),
		"to swap two entries is refused":            refused(appendOnly, replace("/spec/journal", swapped)),
		"to give an entry another id is refused":    refused(appendOnly, replace("/spec/journal/1/id", "other")),
		"to empty the journal is refused":           refused(appendOnly, replace("/spec/journal", list{})),
		"to remove the journal is refused":          refused(appendOnly, remove("/spec/journal")),
		"to set the journal to null is refused":     refused(appendOnly, replace("/spec/journal", nil)),
		"to remove the spec is refused":             refused("spec: Required value", remove("/spec")),
		"an id that is there is refused":            refused("Duplicate value", add("/spec/journal/-", note("note-1"))),
		"the same entry sent twice is refused":      refused("Duplicate value", add("/spec/journal/-", note("new")), add("/spec/journal/-", note("new"))),
		"to edit a note is refused":                 refused(neverEdit, replace("/spec/journal/1/note", "other")),
		"to edit a note and append is refused":      refused(neverEdit, replace("/spec/journal/1/note", "other"), add("/spec/journal/-", note("new"))),
		"to add an author later is refused":         refused(neverEdit, add("/spec/journal/1/by", "alice")),
		"to replace an entry by another is refused": refused(neverEdit, replace("/spec/journal/1", object{"id": "note-1", "need": object{"text": "t"}})),
		"to add a member later is refused":          refused(neverEdit, add("/spec/journal/1/completion", object{"step": "apologise"})),
	}, patching(stored))

	t.Run("a merge patch with a journal of one's own is refused and says how to append", func(t *testing.T) {
		patch := client.RawPatch(types.MergePatchType, marshal(t, object{"spec": object{"journal": list{note("mine")}}}))
		expect(t, planetest.Plane(t).Client().Patch(t.Context(), named(stored), patch, client.DryRunAll), appendOnly)
	})
}

func TestJournalByServerSideApply(t *testing.T) {
	stored := storing(t, fixture.Incident("applied"), add("/spec/journal", notes(2)))
	apply := func(t *testing.T, manager string, entries ...object) error {
		t.Helper()
		configuration := named(stored)
		var journal list
		for _, entry := range entries {
			journal = append(journal, entry)
		}
		configuration.Object["spec"] = object{"journal": journal}
		return planetest.Plane(t).Client().Apply(t.Context(), client.ApplyConfigurationFromUnstructured(configuration), client.FieldOwner(manager))
	}
	expect(t, apply(t, "bob", note("bobs")), "")
	expect(t, apply(t, "carol", note("carols")), "")
	expect(t, apply(t, "bob", note("bobs"), note("bobs-second")), "")
	if err := planetest.Plane(t).Client().Get(t.Context(), client.ObjectKeyFromObject(stored), stored); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"note-0", "note-1", "bobs", "carols", "bobs-second"}, ids(t, stored)); diff != "" {
		t.Errorf("an applied entry goes to the end (-want +got):\n%s", diff)
	}
	t.Run("to apply without an entry of one's own is refused", func(t *testing.T) {
		expect(t, apply(t, "bob", note("bobs-second")), appendOnly)
	})
	t.Run("to apply another text under an old id is refused", func(t *testing.T) {
		expect(t, apply(t, "carol", object{"id": "carols", "note": "other"}), neverEdit)
	})
}

func TestJournalBounds(t *testing.T) {
	long := func(n, length int) list {
		entries := notes(n)
		for _, entry := range entries {
			entry.(object)["note"] = strings.Repeat("x", length)
		}
		return entries
	}
	full := func(entries list) op { return add("/spec/journal", entries) }
	entry := func(e object) op { return add("/spec/journal", list{e}) }
	const together = "all notes of an incident together have at most 65536 characters; put long texts elsewhere and append a link entry"
	check(t, map[string]attempt{
		"100 entries":                               accepted(full(notes(100))),
		"101 entries are refused":                   refused("must have at most 100 items", full(notes(101))),
		"a note of 4,096 characters":                accepted(full(long(1, 4096))),
		"a note of 4,097 characters is refused":     refused("may not be more than 4096", full(long(1, 4097))),
		"a note of 10,000 characters is refused":    refused("may not be more than 4096", full(long(1, 10000))),
		"156 notes of 9,990 characters are refused": refused("must have at most 100 items", full(long(156, 9990))),
		"64 KiB of notes":                           accepted(full(long(16, 4096))),
		"a character more is refused":               refused(together, full(append(long(16, 4096), note("more")))),
		"100 notes of 656 characters are refused":   refused(together, full(long(100, 656))),
		"an empty note is refused":                  refused("at least 1 chars long", full(long(1, 0))),
		"an id of 63 characters":                    accepted(entry(note(strings.Repeat("i", 63)))),
		"an id of 64 characters is refused":         refused("may not be more than 63", entry(note(strings.Repeat("i", 64)))),
		"an id with capitals is refused":            refused("should match", entry(note("Said-Sorry"))),
		"an id that ends in a dash is refused":      refused("should match", entry(note("said-"))),
		"an id with a slash is refused":             refused("should match", entry(note("a/b"))),
		"an entry without an id is refused":         refused("id: Required value", entry(object{"note": "n"})),
		"an author of 254 characters is refused":    refused("may not be more than 253", entry(object{"id": "a", "note": "n", "by": strings.Repeat("b", 254)})),
	}, creating(fixture.Incident("bounds")))
}

func TestLastTenPlacesOfTheJournal(t *testing.T) {
	const nearlyFull = "the journal is nearly full: its last ten places are for completion, outcome, cancel, merge and note"
	stored := storing(t, fixture.Incident("nearly-full"), add("/spec/journal", notes(90)))
	entry := func(members object) op {
		members["id"] = "the-91st"
		return add("/spec/journal/-", members)
	}
	contact := object{"direction": "ToCustomer", "channel": "Phone", "reached": true}
	check(t, map[string]attempt{
		"a note":                           accepted(entry(object{"note": "n"})),
		"a completion":                     accepted(entry(object{"completion": object{"step": "resolve"}})),
		"a completion with its contact":    accepted(entry(object{"completion": object{"step": "resolve"}, "contact": contact})),
		"an outcome":                       accepted(entry(object{"outcome": object{"promise": "callback", "result": "Kept"}})),
		"a cancel":                         accepted(entry(object{"cancel": object{"reason": "Mistake"}})),
		"a merge":                          accepted(entry(object{"merge": object{"into": "other"}})),
		"a contact with a note":            accepted(entry(object{"contact": contact, "note": "n"})),
		"a contact alone is refused":       refused(nearlyFull, entry(object{"contact": contact})),
		"a promise is refused":             refused(nearlyFull, entry(object{"promise": object{"text": "t", "within": "1h"}})),
		"a promise with a note is refused": refused(nearlyFull, entry(object{"promise": object{"text": "t", "within": "1h"}, "note": "n"})),
		"a hold is refused":                refused(nearlyFull, entry(object{"hold": object{"reason": "WaitingForCustomer"}})),
		"a link with a note is refused":    refused(nearlyFull, entry(object{"link": object{"name": "n", "url": "https://example.org"}, "note": "n"})),
		"a reopen is refused":              refused(nearlyFull, entry(object{"reopen": object{}})),
		"ten more notes": accepted(func() (ops []op) {
			for i := range 10 {
				ops = append(ops, add("/spec/journal/-", note(fmt.Sprintf("last-%d", i))))
			}
			return ops
		}()...),
		"a promise among ten more": refused(nearlyFull, func() (ops []op) {
			for i := range 9 {
				ops = append(ops, add("/spec/journal/-", note(fmt.Sprintf("last-%d", i))))
			}
			return append(ops, entry(object{"need": object{"text": "t"}}))
		}()...),
	}, patching(stored))
}
