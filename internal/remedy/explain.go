package remedy

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// explain is the reason and the message of an outcome: which limit, how much is left,
// who may decide, and what to do next.
func (f *Facts) explain(o ledger.Outcome) (reason, message string) {
	switch o.Phase {
	case v1alpha1.CompensationGranted:
		return f.explainGrant(o)
	case v1alpha1.CompensationOffered:
		return v1alpha1.CustomerChoosesReason, fmt.Sprintf("%s is set aside for the dearest of %d offers; record what the customer chooses as spec.choice, and the difference is freed", o.Amount.Text(), len(f.Compensation.Spec.Offers))
	case v1alpha1.CompensationDenied:
		return f.explainDenial(o)
	case v1alpha1.CompensationRequested:
		return v1alpha1.BudgetNotReadyReason, f.because(o.Refusals) + "; it stays due, and is booked once there is room: withdraw what was asked for by mistake, or have the policy give it from another budget and ask there"
	}
	return f.explainRelease(o)
}

func (f *Facts) explainGrant(o ledger.Outcome) (reason, message string) {
	switch {
	case o.State == v1alpha1.ChargeOwed:
		message = fmt.Sprintf("%s is owed by contract or law: it is due whatever is left in the pool, and needs no allowance and no approval", o.Amount.Text())
		if o.Overdrawn {
			message += fmt.Sprintf("; with it more is owed and spent than the pool of budget %s holds", f.Compensation.Spec.BudgetName)
		}
		return v1alpha1.OwedReason, message + "; " + deliver
	case o.Allowance != "":
		return v1alpha1.WithinAllowanceReason, fmt.Sprintf("%s is within every limit of allowance %s; %s", o.Amount.Text(), o.Allowance, deliver)
	}
	message = fmt.Sprintf("%s was approved", o.Amount.Text())
	if d := f.Compensation.Spec.Decision; d != nil {
		if d.By != "" {
			message += fmt.Sprintf(" by %s", d.By)
		}
		message += fmt.Sprintf(" as %s", d.Level)
	}
	if p := f.picked(); p != nil && o.Amount.Cmp(p.amount) < 0 {
		message += fmt.Sprintf(", of %s that was asked", p.amount.Text())
	}
	return v1alpha1.ApprovedReason, message + "; " + deliver
}

// deliver is what to do with a grant.
const deliver = "give it to the customer, and record it as spec.delivery"

// explainAwaiting is for who decides: why, who may, and until when.
func (f *Facts) explainAwaiting(o ledger.Outcome, s *v1alpha1.CompensationStatus, asked *metav1.Condition) string {
	out := fmt.Sprintf("%s is set aside while a person decides, because %s", o.Amount.Text(), f.because(o.Refusals))
	levels := f.levels(o.Level)
	if o.Level == "" || len(levels) == 0 {
		return out + fmt.Sprintf("; no approval level of budget %s goes so far: withdraw it, and ask for less", f.Compensation.Spec.BudgetName)
	}
	out += fmt.Sprintf("; %s may decide", join(levels, "or"))
	if s.ApprovalDueAt != nil {
		until, then := s.ApprovalDueAt.Time, "it is escalated then"
		if f.deniesOnTimeout() {
			until, then = decidableUntil(s, asked), "it is denied then"
		}
		out += fmt.Sprintf(" until %s, and %s", stampText(until), then)
	}
	return out
}

// because lists the limits that a request is above.
func (f *Facts) because(refusals []ledger.Refusal) string {
	if len(refusals) == 0 && f.Compensation.Spec.Allowance == "" {
		return "it names no allowance"
	}
	if len(refusals) == 0 {
		// It was above a limit that has room by now, which only a crash between the ledger's
		// entry and this record can bring about, or the budget has dropped the allowance.
		return fmt.Sprintf("allowance %s could not give it when it was judged", f.Compensation.Spec.Allowance)
	}
	texts := make([]string, len(refusals))
	for i := range refusals {
		texts[i] = f.limitText(&refusals[i])
	}
	return strings.Join(texts, ", and ")
}

// limitText is one limit with what is left of it.
func (f *Facts) limitText(r *ledger.Refusal) string {
	allowance := f.Compensation.Spec.Allowance
	switch r.Limit {
	case ledger.LimitCatalogue:
		return fmt.Sprintf("the catalogue gives at most %s of %s", r.Max.Text(), r.Whose)
	case ledger.LimitBounds:
		return fmt.Sprintf("at severity %s an allowance gives at most %s for one incident, of which %s is left", f.severity(), r.Max.Text(), r.Left.Text())
	case ledger.LimitIncident:
		return fmt.Sprintf("allowance %s gives at most %s for one incident, of which %s is left", allowance, r.Max.Text(), r.Left.Text())
	case ledger.LimitDay:
		return fmt.Sprintf("%s may give at most %s a day from allowance %s, of which %s is left", r.Whose, r.Max.Text(), allowance, r.Left.Text())
	case ledger.LimitCustomer:
		return fmt.Sprintf("allowance %s gives customer %s at most %s%s, of which %s is left", allowance, r.Whose, r.Max.Text(), f.window(), r.Left.Text())
	case ledger.LimitPool:
		return fmt.Sprintf("the pool of budget %s holds %s%s, of which %s is left", f.Compensation.Spec.BudgetName, r.Max.Text(), since(r.Whose), r.Left.Text())
	case ledger.LimitPending:
		return fmt.Sprintf("%s has %d requests that await an approval, and no more than that may wait at once", r.Whose, r.Max.Minor())
	case ledger.LimitLevel:
		return fmt.Sprintf("level %s approves at most %s for one incident, of which %s is left", r.Whose, r.Max.Text(), r.Left.Text())
	case ledger.LimitPeriod:
		return fmt.Sprintf("the period of %s that it would count in is closed", r.Whose)
	case ledger.LimitOwed:
		return fmt.Sprintf("budget %s can book at most %s as owed%s, of which %s is left", f.Compensation.Spec.BudgetName, r.Max.Text(), since(r.Whose), r.Left.Text())
	}
	return fmt.Sprintf("%s leaves %s", r.Limit, r.Left.Text())
}

// window is in how long a customer's limit counts.
func (f *Facts) window() string {
	if f.Budget == nil {
		return ""
	}
	for i := range f.Budget.Spec.Allowances {
		a := &f.Budget.Spec.Allowances[i]
		if a.Name == f.Compensation.Spec.Allowance && a.PerCustomer != nil {
			return fmt.Sprintf(" in %s", a.PerCustomer.Window)
		}
	}
	return ""
}

func since(period string) string {
	if period == "" {
		return ""
	}
	return " for the period from " + period
}

// find is the refusal by a limit, or nil.
func find(refusals []ledger.Refusal, limit ledger.Limit) *ledger.Refusal {
	for i := range refusals {
		if refusals[i].Limit == limit {
			return &refusals[i]
		}
	}
	return nil
}

func (f *Facts) explainDenial(o ledger.Outcome) (reason, message string) {
	if o.Freed.Reason != "" {
		return o.Freed.Reason, o.Freed.Message
	}
	if r := find(o.Refusals, ledger.LimitPeriod); r != nil {
		return v1alpha1.PeriodClosedReason, f.limitText(r) + "; ask anew, and it counts in the running one"
	}
	if r := find(o.Refusals, ledger.LimitPool); r != nil {
		return v1alpha1.PoolExhaustedReason, f.first(r, o.Refusals) + "; ask for less, or have the budget raised and ask anew; a gesture that costs nothing needs no budget"
	}
	if r := find(o.Refusals, ledger.LimitPending); r != nil {
		return v1alpha1.TooManyPendingReason, f.first(r, o.Refusals) + "; have some decided" + as(f.levels("")) + ", or withdraw them, and ask anew"
	}
	if r := find(o.Refusals, ledger.LimitLevel); r != nil {
		return v1alpha1.ApprovalLevelTooLowReason, f.explainLevel(r, o.Level)
	}
	return v1alpha1.NoApprovalReason, fmt.Sprintf("%s, and budget %s has nobody who could approve it; ask for what is left, or have spec.approval added to the budget", f.because(o.Refusals), f.Compensation.Spec.BudgetName)
}

// first is the limit that denies, and then every other one that a request is above: who
// asks anew for what is left of the one should not meet the next.
func (f *Facts) first(denies *ledger.Refusal, all []ledger.Refusal) string {
	texts := []string{f.limitText(denies)}
	for i := range all {
		if &all[i] != denies {
			texts = append(texts, f.limitText(&all[i]))
		}
	}
	return strings.Join(texts, ", and ")
}

// explainLevel names the levels that could have approved.
func (f *Facts) explainLevel(r *ledger.Refusal, could v1alpha1.Name) string {
	if r.Max == (money.Amount{}) || r.Max.IsZero() {
		if wrong := f.checkLevel(v1alpha1.Name(r.Whose)); wrong != "" {
			return wrong
		}
	}
	if levels := f.levels(could); could != "" && len(levels) > 0 {
		return f.limitText(r) + fmt.Sprintf("; %s could approve it: a decision is final, so ask anew and have one of them decide", join(levels, "or"))
	}
	return f.limitText(r) + "; no level goes so far: ask anew for less"
}

func (f *Facts) explainRelease(o ledger.Outcome) (reason, message string) {
	message = o.Freed.Message
	switch {
	case o.State == v1alpha1.ChargeSpent || o.State == v1alpha1.ChargeOwed:
		message += fmt.Sprintf("; the period that its %s counts in is closed, so that it stays spent there", o.Amount.Text())
	case f.Compensation.Status.Entitlement == v1alpha1.EntitlementOwed && f.Budget != nil:
		message += fmt.Sprintf("; its %s %s is no longer booked as owed", f.Compensation.Status.Amount, f.Budget.Spec.Currency)
	case f.Compensation.Status.Amount != "" && f.Budget != nil:
		message += fmt.Sprintf("; its %s %s is free again for the day and the period that it counted in", f.Compensation.Status.Amount, f.Budget.Spec.Currency)
	}
	return o.Freed.Reason, message
}
