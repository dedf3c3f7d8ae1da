package faulttest

import (
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// neverAnswered are the requests that were deleted before an operator had answered them: what
// is asked and taken back before anybody was told has never been, and nothing keeps it.
func (w *world) neverAnswered() []ref {
	var out []ref
	answered := map[ref]bool{}
	for _, c := range w.history {
		request, ok := c.object.(*v1alpha1.Compensation)
		switch {
		case c.kind != "Compensation":
		case ok && request.DeletionTimestamp.IsZero():
			answered[c.ref] = request.Status.Phase != ""
		case !ok && !answered[c.ref]:
			out = append(out, c.ref)
		}
	}
	return out
}

// metLate says whether an operator met a policy, or a calendar that it counts on, at a
// later instant than that at which it was written: the revision that it makes is as old as
// that meeting.
func (w *world) metLate() bool {
	var written time.Time
	known := map[ref]client.Object{}
	for _, c := range w.history {
		switch c.kind {
		case "RecoveryPolicy", "BusinessCalendar":
			if was := known[c.ref]; c.object != nil && (was == nil || was.GetGeneration() != c.object.GetGeneration()) {
				written = c.at
			}
			known[c.ref] = c.object
		case "ControllerRevision":
			if known[c.ref] == nil && c.at.After(written) {
				return true
			}
			known[c.ref] = c.object
		}
	}
	return false
}
