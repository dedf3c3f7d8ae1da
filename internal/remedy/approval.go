package remedy

import (
	"fmt"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// onTimeoutDeny is the value of a budget's onTimeout that denies what nobody decides.
const onTimeoutDeny v1alpha1.OnTimeout = "Deny"

// awaiting waits for an approver, and takes what else comes in meanwhile.
func (f *Facts) awaiting(now time.Time) Judgement {
	taken, decision := f.takenBack(), f.Compensation.Spec.Decision
	if f.tooLate(f.takenBackAt()) {
		taken = nil
	}
	if f.tooLate(f.Stamps.Decision) {
		decision = nil
	}
	chose := f.choseMeanwhile() && taken == nil && !f.replaced() && f.Budget != nil
	if chose && (decision == nil || !f.Stamps.Choice.After(f.Stamps.Decision)) {
		// What the customer chose may fit the allowance: then nobody had to be asked.
		claim := f.claim()
		claim.Approved = nil
		return Judgement{Do: Ask, Claim: claim}
	}
	if refused := f.refusedBy(decision); refused != nil {
		return f.free(*refused, now)
	}
	switch {
	case taken != nil:
		return f.free(*taken, now)
	case f.replaced():
		return f.free(f.replacedFreed(), now)
	case f.Budget == nil:
		return Judgement{} // It comes back, or the request is withdrawn.
	case decision != nil:
		return Judgement{Do: Ask, Claim: f.claim()}
	}
	return f.timeout(now)
}

// choseMeanwhile says that the customer chose while an approval was waited for, and
// that the request was not judged by the choice yet.
func (f *Facts) choseMeanwhile() bool {
	c := f.Compensation
	if !f.several() || c.Spec.Choice == nil || f.tooLate(f.Stamps.Choice) {
		return false
	}
	o := f.picked()
	return o != nil && o.amount.Money() != c.Status.Amount
}

// deadline is when the request is denied if nobody has decided, or zero.
func (f *Facts) deadline() time.Time {
	s := &f.Compensation.Status
	if s.ApprovalDueAt == nil || !f.deniesOnTimeout() {
		return time.Time{}
	}
	return decidableUntil(s, apimeta.FindStatusCondition(s.Conditions, v1alpha1.ReconcilingCondition))
}

// decidableUntil is until when a person can decide in time: until it is due, and for as long
// as the budget gives from when people could. The API server takes no decision before a
// request is written as one that awaits it, which an operator that was away does late. The
// clock of the approval goes by the facts alone, and knows nothing of that.
func decidableUntil(s *v1alpha1.CompensationStatus, asked *metav1.Condition) time.Time {
	due := whole(s.ApprovalDueAt.Time)
	if asked == nil || asked.Status != metav1.ConditionFalse || s.AwaitingSince == nil {
		return due
	}
	return later(due, asked.LastTransitionTime.Add(due.Sub(s.AwaitingSince.Time)))
}

// deniesOnTimeout says what follows when nobody decides in time.
func (f *Facts) deniesOnTimeout() bool {
	return f.Budget != nil && f.Budget.Spec.Approval != nil && f.Budget.Spec.Approval.OnTimeout == onTimeoutDeny
}

// tooLate says that a fact came after the instant at which nobody had decided.
func (f *Facts) tooLate(at time.Time) bool {
	due := f.deadline()
	return !due.IsZero() && at.After(due)
}

// timeout denies once no decision can come any more that is in time.
func (f *Facts) timeout(now time.Time) Judgement {
	due := f.deadline()
	if due.IsZero() {
		return Judgement{}
	}
	certain := due.Add(settling + f.Skew)
	if now.Before(certain) {
		return Judgement{WakeAt: certain}
	}
	return f.free(ledger.Freed{
		Phase: v1alpha1.CompensationDenied, Reason: v1alpha1.ApprovalTimedOutReason,
		Message: fmt.Sprintf("nobody decided by %s, and budget %s denies then; %s", stampText(due), f.Budget.Name, f.decidedAnew("have it decided in time")),
	}, now)
}

// refusedBy is what a decision denies, by its own word or because it does not count; nil
// where there is none, or one that grants.
func (f *Facts) refusedBy(d *v1alpha1.CompensationDecision) *ledger.Freed {
	c := f.Compensation
	if d == nil {
		return nil
	}
	denied := func(reason, format string, args ...any) *ledger.Freed {
		return &ledger.Freed{Phase: v1alpha1.CompensationDenied, Reason: reason, Message: fmt.Sprintf(format, args...)}
	}
	if d.By != "" && (d.By == c.Spec.By || d.By == c.Spec.RecordedBy) {
		return denied(v1alpha1.SelfApprovalReason, "spec.decision: %s asked for this or recorded the request, and nobody decides on such a request of their own; %s", d.By, f.decidedAnew("have somebody else decide"))
	}
	if d.Verdict == v1alpha1.VerdictDenied {
		return denied(v1alpha1.DeniedByApproverReason, "%s", deniedText(d))
	}
	if f.Budget == nil {
		return nil
	}
	if wrong := f.checkLevel(d.Level); wrong != "" {
		return denied(v1alpha1.ApprovalLevelTooLowReason, "%s", wrong)
	}
	if d.Amount == "" {
		return nil
	}
	amount, err := money.Parse(f.Budget.Spec.Currency, d.Amount)
	switch {
	case err != nil:
		return denied(v1alpha1.AmountInvalidReason, "spec.decision.amount: %v; a decision is final, so ask anew", err)
	case amount.IsZero() && c.Status.Amount != money.Zero(f.Budget.Spec.Currency).Money():
		return denied(v1alpha1.AmountZeroReason, "spec.decision.amount: nothing was approved of %s %s; ask anew", c.Status.Amount, f.Budget.Spec.Currency)
	}
	return nil
}

// checkLevel says what is wrong with a level that the budget does not have.
func (f *Facts) checkLevel(level v1alpha1.Name) string {
	levels := f.levels("")
	if slices.Contains(levels, level) {
		return ""
	}
	if len(levels) == 0 {
		return fmt.Sprintf("spec.decision.level: budget %s has no level %q, nor any other now; a decision is final, so ask anew once it has", f.Budget.Name, level)
	}
	return fmt.Sprintf("spec.decision.level: budget %s has no level %q; it has %s; a decision is final, so ask anew and have one of them decide", f.Budget.Name, level, join(levels, "and"))
}

// levels are the approval levels of the budget from one on, lowest first; all of them
// from none.
func (f *Facts) levels(from v1alpha1.Name) []v1alpha1.Name {
	if f.Budget == nil {
		return nil
	}
	return ledger.LevelsFrom(&f.Budget.Spec, from)
}

// decidedAnew is what to do about a request that nobody decided on as it must be: who is to
// decide on the next one, as what.
func (f *Facts) decidedAnew(by string) string {
	plain := "ask anew, and " + by
	if f.Budget == nil {
		return plain
	}
	levels, known := ledger.Deciders(f.Budget, f.Compensation, f.Others)
	if known && len(levels) == 0 {
		return fmt.Sprintf("no approval level of budget %s goes so far: ask anew for less", f.Budget.Name)
	}
	return plain + as(levels)
}

// as is as what a person decides, where there is any level.
func as(levels []v1alpha1.Name) string {
	if len(levels) == 0 {
		return ""
	}
	return " as " + join(levels, "or")
}

// approved is the decision that grants, or nil. It never grants more than is asked.
func (f *Facts) approved(asked money.Amount) *ledger.Approved {
	d := f.Compensation.Spec.Decision
	if d == nil || d.Verdict != v1alpha1.VerdictApproved || f.tooLate(f.Stamps.Decision) {
		return nil
	}
	out := &ledger.Approved{Level: d.Level, Amount: asked}
	if amount, err := money.Parse(f.Budget.Spec.Currency, d.Amount); d.Amount != "" && err == nil && amount.Cmp(asked) < 0 {
		out.Amount = amount
	}
	return out
}

func deniedText(d *v1alpha1.CompensationDecision) string {
	who := string(d.By)
	if who == "" {
		who = "an approver"
	}
	out := fmt.Sprintf("%s denied it as %s", who, d.Level)
	if d.Reason != "" {
		out += ": " + string(d.Reason)
	}
	return out
}

// stampText is an instant in a message.
func stampText(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}
