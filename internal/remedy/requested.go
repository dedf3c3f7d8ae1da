package remedy

import (
	"fmt"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// requested judges a request for the first time. What it needs and is not there yet is
// waited for; nothing is denied for coming early.
func (f *Facts) requested(now time.Time) Judgement {
	if taken := f.takenBack(); taken != nil {
		return f.free(*taken, now)
	}
	if f.replaced() {
		return f.deny(f.replacedRefusal(), now)
	}
	if f.orphaned() {
		return f.deny(f.goneRefusal(), now)
	}
	if f.Incident == nil {
		return f.wait(now, v1alpha1.IncidentNotFoundReason, fmt.Sprintf("there is no Incident %q in this namespace yet; the request is judged once there is", f.Compensation.Spec.IncidentName))
	}
	if ended := f.ended(); ended != nil {
		if f.unspoken() {
			return Judgement{} // The incident's next status brings it back.
		}
		return f.deny(ended, now)
	}
	if full := f.full(); full != nil {
		return f.deny(full, now)
	}
	if f.Terms == nil {
		return f.wait(now, v1alpha1.PolicyPendingReason, fmt.Sprintf("Incident %s has no policy in force yet, see its condition %s; the request is judged once it has", f.Incident.Name, v1alpha1.PolicyBoundCondition))
	}
	if wrong := f.checkBudgetName(); wrong != nil {
		return f.deny(wrong, now)
	}
	if reason, message := f.budgetPending(); reason != "" {
		return f.wait(now, reason, message)
	}
	if wrong := f.checkOffers(); wrong != nil {
		return f.deny(wrong, now)
	}
	if wrong := f.checkAllowance(); wrong != nil {
		return f.deny(wrong, now)
	}
	return Judgement{Do: Ask, Claim: f.claim()}
}

// unspoken says that the incident has facts of which its status does not speak yet: one of
// them may open it again. That it is being deleted is no such fact.
func (f *Facts) unspoken() bool {
	inc := f.Incident
	return inc.DeletionTimestamp.IsZero() && inc.Status.ObservedGeneration < inc.Generation
}

// askedInTime says that the request was there when its incident was closed: whoever had
// looked in time would have granted it before.
func (f *Facts) askedInTime() bool {
	closed := apimeta.FindStatusCondition(f.Incident.Status.Conditions, v1alpha1.ClosedCondition)
	return closed != nil && closed.Status == metav1.ConditionTrue && !f.Compensation.CreationTimestamp.After(closed.LastTransitionTime.Time)
}

// ended says that the incident takes no more requests. What is owed by contract is
// granted in a Closed incident too: credits are often reckoned after the end.
func (f *Facts) ended() *refusal {
	inc := f.Incident
	if !inc.DeletionTimestamp.IsZero() {
		return refuse(v1alpha1.IncidentEndedReason, "Incident %s is being deleted; nothing more is granted for it", inc.Name)
	}
	instead := ""
	switch inc.Status.Phase {
	case v1alpha1.PhaseCancelled:
		instead = "nothing is owed for what did not happen"
	case v1alpha1.PhaseMerged:
		instead = "ask for the incident that it was merged into"
	case v1alpha1.PhaseClosed:
		if f.askedInTime() {
			return nil
		}
		if o := f.picked(); f.Terms == nil || o != nil && o.owed() {
			return nil // Without the terms nobody can tell whether it is owed.
		}
		instead = "reopen it first, or report another incident with a link to it"
	default:
		return nil
	}
	return refuse(v1alpha1.IncidentEndedReason, "Incident %s is %s; %s", inc.Name, inc.Status.Phase, instead)
}

// most is how many Compensations of one incident are judged to more than a denial. It
// bounds the incident's own record, and is no limit on money: what is owed counts, too.
// Its delivery has a clock and announcements of its own, the incident's lists of those are
// bounded, and nobody is asked for it, so that nothing else would bound how often it comes.
const most = 50

// full says that the incident's record has no place for another remedy.
func (f *Facts) full() *refusal {
	others := 0
	for i := range f.Others {
		o := &f.Others[i]
		switch o.Status.Phase {
		case "", v1alpha1.CompensationRequested, v1alpha1.CompensationDenied:
		default:
			if o.UID != f.Compensation.UID {
				others++
			}
		}
	}
	if others < most {
		return nil
	}
	return refuse(v1alpha1.TooManyForIncidentReason, "Incident %s has %d remedies, and %d are the most for one incident; report another incident with a link to it, and ask there", f.Incident.Name, others, most)
}

// checkBudgetName refuses a budget that is not the policy's: who may spend from which
// budget is for the policy to say, not for who asks.
func (f *Facts) checkBudgetName() *refusal {
	asked, policys := f.Compensation.Spec.BudgetName, f.Terms.Money.BudgetName
	switch {
	case asked == policys:
		return nil
	case policys == "":
		return refuse(v1alpha1.BudgetNotPolicysReason, "spec.budgetName: the policy of Incident %s names no budget, so that nothing can be granted for it; a gesture in its journal needs none", f.Incident.Name)
	}
	return refuse(v1alpha1.BudgetNotPolicysReason, "spec.budgetName: the policy of Incident %s gives from budget %q, and %q is asked; ask anew with that one", f.Incident.Name, policys, asked)
}

// budgetPending says what the budget still lacks.
func (f *Facts) budgetPending() (reason, message string) {
	if f.Budget == nil {
		return v1alpha1.BudgetNotFoundReason, fmt.Sprintf("there is no RecoveryBudget %q in this namespace yet; the request is judged once there is", f.Compensation.Spec.BudgetName)
	}
	stalled := apimeta.FindStatusCondition(f.Budget.Status.Conditions, v1alpha1.StalledCondition)
	if apimeta.IsStatusConditionTrue(f.Budget.Status.Conditions, v1alpha1.StalledCondition) && f.Budget.Status.ObservedGeneration == f.Budget.Generation {
		return v1alpha1.BudgetNotReadyReason, fmt.Sprintf("RecoveryBudget %s is not in force: %s", f.Budget.Name, stalled.Message)
	}
	return "", ""
}

// checkAllowance refuses an allowance that the budget does not have. What is owed needs
// none, so that nothing is refused for a wrong one.
func (f *Facts) checkAllowance() *refusal {
	name := f.Compensation.Spec.Allowance
	if name == "" {
		return nil
	}
	if o := f.picked(); o != nil && o.owed() {
		return nil
	}
	var names []v1alpha1.Name
	for i := range f.Budget.Spec.Allowances {
		names = append(names, f.Budget.Spec.Allowances[i].Name)
	}
	if slices.Contains(names, name) {
		return nil
	}
	have := "none"
	if len(names) > 0 {
		have = join(names, "and")
	}
	return refuse(v1alpha1.AllowanceUnknownReason, "spec.allowance: budget %s has no allowance %q; it has %s; without one the request asks for an approval", f.Budget.Name, name, have)
}

// replacedRefusal says that the request belongs to an incident that is gone.
func (f *Facts) replacedRefusal() *refusal {
	return refuse(v1alpha1.IncidentReplacedReason, "the Incident %s that it was asked for is gone, and another one was created under the name; ask anew for that one", f.Compensation.Spec.IncidentName)
}

// goneRefusal says the same where nothing has the incident's name: whoever looks once another
// one has it gives the same reason.
func (f *Facts) goneRefusal() *refusal {
	return refuse(v1alpha1.IncidentReplacedReason, "the Incident %s that it was asked for is gone; ask anew for the one that goes on, or that is reported instead", f.Compensation.Spec.IncidentName)
}
