package work

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Standing is a fact that stands in a compensation already, where somebody is about to
// add one. Each fact is added once and stays.
type Standing struct {
	// By is who added it.
	By v1alpha1.User
	// What says in the past what it tells.
	What string
	// Same says that it tells all that is about to be added.
	Same bool
	// Try is what can be done where it does not.
	Try string
}

// Stands is the decision that stands, compared with this one; nil where there is none.
// What is not said, a level or a reason, is no difference; an amount that is not said is
// all that was asked.
func (v *Verdict) Stands(comp *v1alpha1.Compensation) *Standing {
	d := comp.Spec.Decision
	if d == nil {
		return nil
	}
	what := strings.ToLower(string(d.Verdict))
	if d.Amount != "" {
		what += " with " + string(d.Amount)
	}
	whole := offered(comp)
	verdict := v1alpha1.VerdictDenied
	if v.Approve {
		verdict = v1alpha1.VerdictApproved
	}
	return &Standing{
		By: d.By, What: what + " at level " + string(d.Level) + quoted(string(d.Reason)),
		Same: d.Verdict == verdict && within(v.Level, string(d.Level)) && within(v.Reason, string(d.Reason)) &&
			equal(cmp.Or(v1alpha1.Money(strings.TrimSpace(v.Amount)), whole), cmp.Or(d.Amount, whole)),
		Try: again(comp, "a decision is final"),
	}
}

// ChoiceStands is the choice that stands, compared with an offer.
func ChoiceStands(comp *v1alpha1.Compensation, offer string) *Standing {
	c := comp.Spec.Choice
	if c == nil {
		return nil
	}
	return &Standing{By: c.By, What: "chosen: " + string(c.Offer), Same: string(c.Offer) == offer, Try: again(comp, "a choice stays as it was made")}
}

// DeliveryStands is the delivery that stands, compared with what is said of one.
func DeliveryStands(comp *v1alpha1.Compensation, evidence string) *Standing {
	d := comp.Spec.Delivery
	if d == nil {
		return nil
	}
	return &Standing{
		By: d.By, What: "delivered" + quoted(string(d.Evidence)), Same: within(evidence, string(d.Evidence)),
		Try: "a delivery stays as it was recorded: kubectl amends note " + string(comp.Spec.IncidentName) + " TEXT tells what else there is to say",
	}
}

// WithdrawalStands is the withdrawal that stands, compared with a reason.
func WithdrawalStands(comp *v1alpha1.Compensation, reason string) *Standing {
	w := comp.Spec.Withdrawal
	if w == nil {
		return nil
	}
	return &Standing{
		By: w.By, What: "withdrawn" + quoted(string(w.Reason)), Same: within(reason, string(w.Reason)),
		Try: "a withdrawal is final: kubectl amends compensate " + string(comp.Spec.IncidentName) + " asks anew",
	}
}

// again says how one comes to another fact.
func again(comp *v1alpha1.Compensation, why string) string {
	if comp.Spec.Delivery != nil {
		return why + ", and the customer has the remedy: kubectl amends compensate " + string(comp.Spec.IncidentName) + " gives another one"
	}
	if comp.Spec.Withdrawal != nil || comp.Status.Phase == v1alpha1.CompensationDenied {
		return why + ": kubectl amends compensate " + string(comp.Spec.IncidentName) + " asks anew"
	}
	return why + ": kubectl amends withdraw " + comp.Name + " takes the request back, and compensate asks anew"
}

// within says that what is said, if anything is, is what stands.
func within(said, stands string) bool {
	said = strings.TrimSpace(said)
	return said == "" || said == stands
}

// equal compares two amounts of one currency as they are written.
func equal(a, b v1alpha1.Money) bool { return !more(a, b) && !more(b, a) }

func quoted(text string) string {
	if text == "" {
		return ""
	}
	return ", " + strconv.Quote(text)
}
