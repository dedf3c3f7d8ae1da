package recovery

import (
	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/stamp"
)

// remedyDecided says whether what a resolution owes at this severity was decided. To
// give what was expected in the first place is half of it; where the policy asks for an
// extra, one must have been offered, or a reason be there for none.
func (r *run) remedyDecided(completion *stamp.Fact) bool {
	reasoned := completion.Entry.Completion.NoRemedyReason != ""
	switch r.plan.Extra(r.severity) {
	case v1alpha1.ExtraOffered:
		return r.extraOffered()
	case v1alpha1.ExtraOfferedOrReason:
		return reasoned || r.extraOffered()
	}
	return reasoned || r.inRound(func(e *v1alpha1.JournalEntry) bool { return e.Gesture != nil }) ||
		r.offered(func(*remedy) bool { return true })
}

// extraOffered says whether an extra was offered in this round: a remedy of that
// purpose, or a gesture of it. A kindness in one's own words is one.
func (r *run) extraOffered() bool {
	return r.offered((*remedy).extra) || r.inRound(func(e *v1alpha1.JournalEntry) bool {
		return e.Gesture != nil && (e.Gesture.Option == "" || r.plan.Catalogue[e.Gesture.Option].Purpose == v1alpha1.PurposeExtra)
	})
}

// remedyWanted says what to do where the demand is not met.
func (r *run) remedyWanted() string {
	switch r.plan.Extra(r.severity) {
	case v1alpha1.ExtraOffered:
		return "offer an extra: a Compensation or a gesture of an option whose purpose is Extra, or a gesture in your own words"
	case v1alpha1.ExtraOfferedOrReason:
		return "offer an extra: a Compensation or a gesture of an option whose purpose is Extra, or a gesture in your own words; or complete the step with a noRemedyReason"
	}
	return "append a gesture, give a Compensation, or complete the step with a noRemedyReason"
}
