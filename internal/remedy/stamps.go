package remedy

import (
	"encoding/json"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// Stamps are the accepted times of the facts that people appended to a request, in
// whole seconds; zero for a fact that is not there.
type Stamps struct {
	Choice, Decision, Delivery, Withdrawal time.Time
}

// recorded are the facts in a spec, by the name of their field, with the time that each
// gives for itself.
func recorded(spec *v1alpha1.CompensationSpec) map[string]*metav1.Time {
	out := map[string]*metav1.Time{}
	if f := spec.Choice; f != nil {
		out["choice"] = f.RecordedAt
	}
	if f := spec.Decision; f != nil {
		out["decision"] = f.RecordedAt
	}
	if f := spec.Delivery; f != nil {
		out["delivery"] = f.RecordedAt
	}
	if f := spec.Withdrawal; f != nil {
		out["withdrawal"] = f.RecordedAt
	}
	return out
}

// Stamped says whether every fact that can still count has a believable time of its
// own, so that nobody has to look into managedFields. What the status tells already was
// dated once and for ever.
func Stamped(c *v1alpha1.Compensation, now time.Time) bool {
	facts := recorded(&c.Spec)
	switch c.Status.Phase {
	case v1alpha1.CompensationDenied, v1alpha1.CompensationDelivered, v1alpha1.CompensationReleased:
		return true
	case v1alpha1.CompensationGranted:
		delete(facts, "choice")
		delete(facts, "decision")
	case v1alpha1.CompensationOffered:
		delete(facts, "decision")
	}
	for _, at := range facts {
		if !believable(at, now) {
			return false
		}
	}
	return true
}

// believable says whether a fact's own time can be: there, and not further in the
// future than clocks may differ.
func believable(at *metav1.Time, now time.Time) bool {
	return !at.IsZero() && at.Sub(now) <= stamp.Tolerance
}

// StampsOf are the times that count: a fact's own; else that of the earliest field
// manager that owns it, where the object still has managedFields; else now. Nothing is
// from before the request was created.
func StampsOf(c *v1alpha1.Compensation, now time.Time) Stamps {
	owned := owners(c.ManagedFields)
	of := func(fact string, own *metav1.Time) time.Time {
		at := whole(now)
		if believable(own, now) {
			at = whole(own.Time)
		} else if owner, ok := owned["f:"+fact]; ok && owner.Before(at) {
			at = owner
		}
		return later(whole(c.CreationTimestamp.Time), at)
	}
	var out Stamps
	for fact, own := range recorded(&c.Spec) {
		at := of(fact, own)
		switch fact {
		case "choice":
			out.Choice = at
		case "decision":
			out.Decision = at
		case "delivery":
			out.Delivery = at
		case "withdrawal":
			out.Withdrawal = at
		}
	}
	return out
}

// owners are the earliest times of the managers that own a field of spec, by the
// field's name in FieldsV1. A manager of the status tells nothing.
func owners(managers []metav1.ManagedFieldsEntry) map[string]time.Time {
	out := map[string]time.Time{}
	for i := range managers {
		m := &managers[i]
		if m.Subresource != "" || m.Time.IsZero() || m.FieldsV1 == nil {
			continue
		}
		var fields map[string]map[string]json.RawMessage
		if json.Unmarshal(m.FieldsV1.GetRawBytes(), &fields) != nil {
			continue // What cannot be read owns nothing.
		}
		at := whole(m.Time.Time)
		for field := range fields["f:spec"] {
			if known, ok := out[field]; !ok || at.Before(known) {
				out[field] = at
			}
		}
	}
	return out
}
