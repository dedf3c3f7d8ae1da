package gather

import (
	"unique"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Share lets an incident, on its way into a cache, have in common with the others the
// strings that are alike in most of them: types, reasons and messages of conditions, names
// of steps, policies, revisions. Decoded, each is a piece of memory of its own, and they
// are half of what an open incident takes. What the incident says stays as it is.
func Share(inc *v1alpha1.Incident) {
	one(&inc.Kind)
	one(&inc.APIVersion)
	one(&inc.Namespace)
	one(&inc.Spec.PolicyName)
	one(&inc.Spec.Service)
	one(&inc.Spec.Severity)
	one(&inc.Spec.Category)
	one(&inc.Spec.DetectedBy)
	for i := range inc.Spec.Journal {
		one(&inc.Spec.Journal[i].By)
		one(&inc.Spec.Journal[i].RecordedBy)
	}
	shareStatus(&inc.Status)
}

func shareStatus(status *v1alpha1.IncidentStatus) {
	one(&status.Phase)
	one(&status.SLA)
	one(&status.Severity)
	one(&status.CurrentStep)
	one(&status.Owner)
	if status.Policy != nil {
		one(&status.Policy.Name)
		one(&status.Policy.Revision)
	}
	for i := range status.Pins {
		one(&status.Pins[i].Revision)
	}
	for i := range status.Conditions {
		c := &status.Conditions[i]
		one(&c.Type)
		one(&c.Status)
		one(&c.Reason)
		one(&c.Message)
	}
	for i := range status.Clocks {
		c := &status.Clocks[i]
		one(&c.Name)
		one(&c.Kind)
		one(&c.Type)
		one(&c.State)
		one(&c.Reason)
	}
	for i := range status.Recorded {
		one(&status.Recorded[i].Source)
	}
}

// one gives a string the memory of those that are equal to it.
func one[S ~string](s *S) {
	if *s != "" {
		*s = S(unique.Make(string(*s)).Value())
	}
}
