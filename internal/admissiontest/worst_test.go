package admissiontest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The largest journal that the bounds let through stays within what the API server lets a
// policy cost, through whatever door it comes.
func TestLargestJournals(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	ns := w.namespace(t)
	long := strings.Repeat("x", 600)
	entries := func(by string, more object) list {
		var out list
		for i := range 100 {
			out = append(out, entry(fmt.Sprintf("%s-%d", strings.Repeat("i", 58), i), by, completion, contact, object{"note": long}, more))
		}
		return out
	}
	timed := func(now time.Time) object {
		return object{"recordedAt": whole(now), "at": whole(now.Add(-time.Hour))}
	}
	full := w.stored(t, alice, incident(ns, "full", entries(alice, nil)...))
	w.check(t, map[string]attempt{
		"a hundred entries at once": accepted(alice, creating(incident(ns, "new", entries(alice, nil)...))),
		"a hundred entries with times": accepted(bea, later(func(now time.Time) write {
			return creating(incident(ns, "new", entries(bea, timed(now))...))
		})),
		"a hundred entries for another":              accepted(kim, creating(incident(ns, "new", entries(strings.Repeat("b", 253), object{"recordedBy": kim})...))),
		"a hundred unsigned entries":                 refused(alice, "does not say who did it", creating(incident(ns, "new", entries("", nil)...))),
		"a hundred forged entries":                   refused(alice, "is signed", creating(incident(ns, "new", entries(bob, nil)...))),
		"a hundred entries with a stamp of long ago": refused(alice, serverTime, creating(incident(ns, "new", entries(alice, object{"recordedAt": past})...))),
		"a redaction of the last":                    accepted(rex, patching(full, replace("/spec/journal/99/note", "[redacted]"))),
		"a label":                                    accepted(alice, merging(full, object{"metadata": object{"labels": object{"a": "b"}}})),
		"a status":                                   accepted(operator, w.replacingStatus(full, object{"status": object{"phase": "Open"}})),
	})
	crowded := w.stored(t, alice, incident(ns, "crowded"))
	for i := range 90 {
		w.must(t, alice, func(c client.Client) error {
			return c.Patch(t.Context(), reference(crowded), jsonPatch(appended(note(fmt.Sprintf("e%d", i), alice))), client.FieldOwner(fmt.Sprintf("manager-%d", i%12)))
		})
	}
	w.check(t, map[string]attempt{
		"an entry beside ninety of a dozen managers": accepted(alice, owned(crowded, "manager-3", note("new", alice))),
		"a redaction beside a dozen managers":        accepted(rex, patching(crowded, replace("/spec/journal/0/note", "[redacted]"))),
	})
}
