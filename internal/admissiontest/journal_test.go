package admissiontest

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// What is appended is signed by who sends it, and stamped with the server's time.
func TestJournal(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	journalTable(t, w)
}

func journalTable(t *testing.T, w *world) {
	t.Helper()
	ns := w.namespace(t)
	coffee := w.stored(t, alice, incident(ns, "coffee", note("one", alice)))
	w.append(t, bob, coffee, note("two", bob))
	at := func(d time.Duration, fields ...object) write {
		return later(func(now time.Time) write {
			e := append(fields, object{"at": whole(now.Add(d))})
			return patching(coffee, appended(note("new", "", append(e, object{"by": alice})...)))
		})
	}
	atAs := func(who string, d time.Duration, fields ...object) write {
		return later(func(now time.Time) write {
			return patching(coffee, appended(note("new", who, append(fields, object{"at": whole(now.Add(d))})...)))
		})
	}
	recorded := func(d time.Duration) write {
		return later(func(now time.Time) write {
			return patching(coffee, appended(note("new", alice, object{"recordedAt": whole(now.Add(d))})))
		})
	}
	const (
		unsigned  = `does not say who did it: add "by": "alice"`
		forged    = `is signed "by": "bob", but alice sends it`
		lacks     = `alice needs the verb record-for-others on incidents.recovery.amends.dev in namespace `
		untold    = `was recorded by kim and does not say so: give it "recordedBy": "kim"`
		clock     = `recordedAt is the API server's own time`
		future    = `"at" says when it happened, which is not after the API server's time`
		backdated = `alice needs the verb backdate on incidents.recovery.amends.dev in namespace `
		redaction = `to replace a text of the journal by [redacted], alice needs the verb redact on incidents.recovery.amends.dev in namespace `
		edited    = "an entry of the journal is never edited"
		reordered = "the journal is append-only"
		rbac      = `cannot patch resource "incidents"`
	)
	journal := func(entries ...any) object { return object{"spec": object{"journal": entries}} }
	push := func(e object) func(*unstructured.Unstructured) {
		return func(o *unstructured.Unstructured) {
			entries, _, _ := unstructured.NestedSlice(o.Object, "spec", "journal")
			_ = unstructured.SetNestedSlice(o.Object, append(entries, copied(e)), "spec", "journal")
		}
	}
	w.check(t, map[string]attempt{
		"an agent signs an entry":                               accepted(alice, patching(coffee, appended(note("new", alice)))),
		"an agent signs two entries of one write":               accepted(alice, patching(coffee, appended(note("new", alice)), appended(note("newer", alice)))),
		"an agent reports with an entry":                        accepted(alice, creating(incident(ns, "new", note("n", alice)))),
		"an agent reports without an entry":                     accepted(alice, creating(incident(ns, "new"))),
		"an agent names himself as recorder too":                accepted(alice, patching(coffee, appended(note("new", alice, object{"recordedBy": alice})))),
		"an entry without an author":                            refused(alice, unsigned, patching(coffee, appended(note("new", "")))),
		"an entry without an author, at the report":             refused(alice, unsigned, creating(incident(ns, "new", note("n", "")))),
		"an entry without an author, by the administrator":      refused(admin, "does not say who did it", patching(coffee, appended(note("new", "")))),
		"another's name":                                        refused(alice, forged, patching(coffee, appended(note("new", bob)))),
		"another's name says which verb it takes":               refused(alice, lacks+ns, patching(coffee, appended(note("new", bob)))),
		"another's name at the report":                          refused(alice, forged, creating(incident(ns, "new", note("n", bob)))),
		"another's name behind one's own":                       refused(alice, forged, patching(coffee, appended(note("new", alice)), appended(note("newer", bob)))),
		"another's name by a merge patch":                       refused(alice, forged, merging(coffee, journal(note("one", alice), note("two", bob), note("new", bob)))),
		"one's own name by a merge patch":                       accepted(alice, merging(coffee, journal(note("one", alice), note("two", bob), note("new", alice)))),
		"another's name by a PUT":                               refused(alice, forged, putting(coffee, push(note("new", bob)))),
		"one's own name by a PUT":                               accepted(alice, putting(coffee, push(note("new", alice)))),
		"another's name by server-side apply":                   refused(alice, forged, applying(coffee, journal(note("new", bob)))),
		"another's name by server-side apply with force":        refused(alice, forged, applying(coffee, journal(note("new", bob)), client.ForceOwnership)),
		"another's name by a server-side apply that reports":    refused(alice, forged, applying(incident(ns, "new"), withSpec(incident(ns, "new", note("n", bob))))),
		"one's own name by a server-side apply that reports":    accepted(alice, applying(incident(ns, "new"), withSpec(incident(ns, "new", note("n", alice))))),
		"a report under a name that is taken":                   refused(alice, "already exists", creating(incident(ns, "coffee", note("n", alice)))),
		"one's own name by server-side apply":                   accepted(alice, applying(coffee, journal(note("new", alice)))),
		"another's name as recorder":                            refused(alice, `give it "recordedBy": "alice"`, patching(coffee, appended(note("new", alice, object{"recordedBy": bob})))),
		"another's name with oneself as recorder":               refused(alice, lacks+ns, patching(coffee, appended(note("new", bob, object{"recordedBy": alice})))),
		"one who records for others":                            accepted(kim, patching(coffee, appended(note("new", bob, object{"recordedBy": kim})))),
		"one who records for others, for nobody known":          accepted(kim, patching(coffee, appended(note("new", "the night porter", object{"recordedBy": kim})))),
		"one who records for others and hides it":               refused(kim, untold, patching(coffee, appended(note("new", bob)))),
		"one who records for others and blames a third":         refused(kim, untold, patching(coffee, appended(note("new", bob, object{"recordedBy": alice})))),
		"one who records for others, for herself":               accepted(kim, patching(coffee, appended(note("new", kim)))),
		"the administrator too says that he recorded it":        refused(admin, `give it "recordedBy": "admin"`, patching(coffee, appended(note("new", bob)))),
		"the administrator records for others":                  accepted(admin, patching(coffee, appended(note("new", bob, object{"recordedBy": "admin"})))),
		"a viewer appends":                                      refused(vera, rbac, patching(coffee, appended(note("new", vera)))),
		"a policy author appends":                               refused(gita, rbac, patching(coffee, appended(note("new", gita)))),
		"an approver appends":                                   refused(ann, rbac, patching(coffee, appended(note("new", ann)))),
		"the operator appends":                                  refused(operator, "who writes status records no facts", patching(coffee, appended(note("new", "system:serviceaccount:amends-system:amends-manager")))),
		"the operator reports with an entry":                    refused(operator, `cannot create resource "incidents"`, creating(incident(ns, "new", note("n", "system:serviceaccount:amends-system:amends-manager")))),
		"recordedAt is now":                                     accepted(alice, recorded(0)),
		"recordedAt is three seconds ago":                       accepted(alice, recorded(-3*time.Second)),
		"recordedAt is ten seconds ago":                         refused(alice, clock, recorded(-10*time.Second)),
		"recordedAt is yesterday":                               refused(alice, clock, recorded(-24*time.Hour)),
		"recordedAt is in ten seconds":                          refused(alice, clock, recorded(10*time.Second)),
		"recordedAt is yesterday, at the report":                refused(alice, clock, creating(incident(ns, "new", note("n", alice, object{"recordedAt": "2026-01-01T00:00:00Z"})))),
		"recordedAt is long ago, by who may backdate":           refused(bea, clock, patching(coffee, appended(note("new", bea, object{"recordedAt": "2026-01-01T00:00:00Z"})))),
		"recordedAt is yesterday, behind an honest entry":       refused(alice, clock, patching(coffee, appended(note("new", alice)), appended(note("newer", alice, object{"recordedAt": "2026-01-01T00:00:00Z"})))),
		"recordedAt is yesterday, by server-side apply":         refused(alice, clock, applying(coffee, journal(note("new", alice, object{"recordedAt": "2026-01-01T00:00:00Z"})), client.ForceOwnership)),
		"a note of yesterday":                                   accepted(alice, at(-24*time.Hour)),
		"a note of tomorrow":                                    refused(alice, future, at(24*time.Hour)),
		"a contact of yesterday":                                refused(alice, backdated+ns, at(-24*time.Hour, contact)),
		"a completion of yesterday":                             refused(alice, backdated+ns, at(-24*time.Hour, completion)),
		"an outcome of yesterday":                               refused(alice, backdated+ns, at(-24*time.Hour, outcome)),
		"a completion of yesterday, by who may backdate":        accepted(bea, atAs(bea, -24*time.Hour, completion)),
		"a contact of tomorrow, by who may backdate":            refused(bea, future, atAs(bea, 24*time.Hour, contact)),
		"a hold that claims a time, by who may backdate":        refused(bea, "carry no claimed time", atAs(bea, -time.Hour, object{"hold": object{"reason": "WaitingForCustomer"}})),
		"a resume that claims a time, by who may backdate":      refused(bea, "carry no claimed time", atAs(bea, -time.Hour, object{"resume": object{"hold": "one"}})),
		"a retarget that claims a time, by who may backdate":    refused(bea, "carry no claimed time", atAs(bea, -time.Hour, object{"retarget": object{"severity": "High"}})),
		"an earlier report":                                     refused(alice, "spec.reportedAt claims an earlier report", creating(incident(ns, "new"), reportedAt("2026-01-01T00:00:00Z"))),
		"an earlier report, by who may backdate":                accepted(bea, creating(incident(ns, "new"), reportedAt("2026-01-01T00:00:00Z"))),
		"a report from the future, by who may backdate":         refused(bea, "spec.reportedAt says when it was reported, which is not in the future", creating(incident(ns, "new"), reportedAt("2099-01-01T00:00:00Z"))),
		"an agent redacts":                                      refused(alice, redaction+ns, patching(coffee, replace("/spec/journal/0/note", "[redacted]"))),
		"an agent redacts another's entry by a merge patch":     refused(alice, redaction+ns, merging(coffee, journal(note("one", alice), entry("two", bob, object{"note": "[redacted]"})))),
		"one who may redact":                                    accepted(rex, patching(coffee, replace("/spec/journal/1/note", "[redacted]"))),
		"one who may redact, and another text":                  refused(rex, edited, patching(coffee, replace("/spec/journal/1/note", "nothing"))),
		"one who may redact, and the author":                    refused(rex, edited, patching(coffee, replace("/spec/journal/1/by", "[redacted]"))),
		"an author edits their own entry":                       refused(alice, edited, patching(coffee, replace("/spec/journal/0/note", "other"))),
		"an author is replaced by a PUT":                        refused(alice, edited, putting(coffee, setEntry(1, "by", alice))),
		"an author is replaced by server-side apply with force": refused(alice, edited, applying(coffee, journal(note("two", alice)), client.ForceOwnership)),
		"recordedAt is added later":                             refused(alice, edited, patching(coffee, add("/spec/journal/0/recordedAt", "2026-01-01T00:00:00Z"))),
		"at is added later, by who may backdate":                refused(bea, edited, patching(coffee, add("/spec/journal/0/at", "2026-01-01T00:00:00Z"))),
		"an entry is put before the others":                     refused(alice, reordered, patching(coffee, add("/spec/journal/0", note("new", alice)))),
		"an entry is removed":                                   refused(alice, reordered, patching(coffee, remove("/spec/journal/1"))),
		"the journal is removed":                                refused(admin, reordered, patching(coffee, remove("/spec/journal"))),
		"a label":                                               accepted(alice, merging(coffee, object{"metadata": object{"labels": object{"site": "hotel-b"}}})),
	})
}

func withSpec(o *unstructured.Unstructured) object { return object{"spec": o.Object["spec"]} }

func reportedAt(at string) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) { o.Object["spec"].(object)["reportedAt"] = at }
}

// setEntry sets a field of an entry.
func setEntry(place int, field string, value any) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		o.Object["spec"].(object)["journal"].(list)[place].(object)[field] = value
	}
}
