package remedy

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// settling is the second after which a due instant has certainly passed: facts are
// stamped in whole seconds.
const settling = time.Second

// Facts are what a judgement depends on, as gathered. Nothing here changes them.
type Facts struct {
	// Compensation is the request with the status that was last written.
	Compensation *v1alpha1.Compensation
	// Stamps are the accepted times of the facts in its spec.
	Stamps Stamps
	// Incident is what goes by the incident's name now; nil where nothing does.
	Incident *v1alpha1.Incident
	// Terms are the policy's; nil while the incident has none, or they cannot be read.
	Terms *Terms
	// Budget is nil where there is none by the name.
	Budget *v1alpha1.RecoveryBudget
	// Others are the other Compensations of the incident. They bound its size, and are
	// looked at for advice; what limits money is the ledger's to know.
	Others []v1alpha1.Compensation
	// Skew is added to the second after which a due instant counts as passed.
	Skew time.Duration
}

// Terms are what the incident's pinned policy says about money.
type Terms struct {
	// Money is the policy's own part; the zero value where it has none.
	Money v1alpha1.PolicyCompensation
	// Plan is the compiled policy, on whose calendar a delivery is due.
	Plan *policy.Plan
}

// incidentUID is the incident that the request belongs to: once judged, for ever.
func (f *Facts) incidentUID() string {
	if uid := f.Compensation.Status.IncidentUID; uid != "" {
		return uid
	}
	if f.Incident != nil {
		return string(f.Incident.UID)
	}
	return ""
}

// customer is the id of the incident's customer, as it was when the request was first
// judged.
func (f *Facts) customer() string {
	if id := f.Compensation.Status.Customer; id != "" {
		return id
	}
	if f.Incident == nil {
		return ""
	}
	id := f.Incident.Spec.Customer.ID
	for i := range f.Incident.Spec.Journal {
		if a := f.Incident.Spec.Journal[i].Amend; a != nil && a.Customer != nil {
			id = a.Customer.ID
		}
	}
	return id
}

// replaced says whether another incident goes by the name of the one that the request
// belongs to.
func (f *Facts) replaced() bool {
	latched := f.Compensation.Status.IncidentUID
	return latched != "" && f.Incident != nil && string(f.Incident.UID) != latched
}

// Gone says whether the incident that the request belongs to is not there any more.
func (f *Facts) Gone() bool {
	return f.Incident == nil || f.replaced()
}

// Doubtful says whether the judgement rests on an incident that is gone or has ended. A
// request is denied for that, and for good; a cache may not have the incident yet, may still
// have the one before it, or may not have the fact that opened it again.
func (f *Facts) Doubtful() bool {
	switch f.Compensation.Status.Phase {
	case "", v1alpha1.CompensationRequested:
		return f.orphaned() || f.Incident != nil && f.ended() != nil
	}
	return f.orphaned()
}

// orphaned says whether the request was looked at with its incident before, and that
// incident is not there any more.
func (f *Facts) orphaned() bool {
	return f.Compensation.Status.IncidentUID != "" && f.Gone()
}

// severity is the incident's, as it holds now.
func (f *Facts) severity() v1alpha1.Severity {
	if f.Incident == nil {
		return ""
	}
	if s := f.Incident.Status.Severity; s != "" {
		return s
	}
	return f.Incident.Spec.Severity
}

// ripe is the instant from which the first judgement was possible: the request, its
// incident, the incident's policy and the budget were all there. Once judged, it stays.
func (f *Facts) ripe() time.Time {
	s := &f.Compensation.Status
	for _, judged := range []*metav1.Time{s.AwaitingSince, s.OfferedAt, s.DecidedAt} {
		if judged != nil {
			return whole(judged.Time)
		}
	}
	at := f.met()
	if f.Incident != nil && len(f.Incident.Status.Pins) > 0 {
		at = later(at, f.Incident.Status.Pins[0].At.Time)
	}
	if f.Budget != nil {
		at = later(at, f.Budget.CreationTimestamp.Time)
	}
	return at
}

// met is the instant from which the request and what goes by its incident's name were
// both there.
func (f *Facts) met() time.Time {
	at := whole(f.Compensation.CreationTimestamp.Time)
	if f.Incident != nil {
		at = later(at, f.Incident.CreationTimestamp.Time)
	}
	return at
}

// whole is the second in which t lies, in UTC.
func whole(t time.Time) time.Time {
	return time.Unix(t.Unix(), 0).UTC()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return whole(b)
	}
	return a
}

// instant is an instant of the API.
func instant(t time.Time) *metav1.Time {
	out := metav1.NewTime(whole(t))
	return &out
}
