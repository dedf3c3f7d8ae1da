package remedy

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// advice is what might have been better. It is given with the grant and refuses
// nothing: who stands before the customer knows more than a catalogue.
func (f *Facts) advice(s *v1alpha1.CompensationStatus) []metav1.Condition {
	o := f.picked()
	if o == nil || o.owed() || f.Budget == nil {
		return nil
	}
	var out []metav1.Condition
	if cheaper, cost := f.cheaper(o); cheaper != nil {
		advised := f.ready(metav1.ConditionTrue, v1alpha1.CheaperOptionReason, fmt.Sprintf("%s costs %s and serves the same purpose, %s, at severity %s", cheaper.Name, cost.Text(), cheaper.Purpose, f.severity()))
		advised.Type = v1alpha1.CheaperOptionAvailableCondition
		out = append(out, advised)
	}
	if least, given := f.floor(s); given.Cmp(least) < 0 {
		below := f.ready(metav1.ConditionTrue, v1alpha1.BelowMinimumReason, fmt.Sprintf("the incident was given %s so far, and the policy finds less than %s too little at severity %s; what else may help the customer?", given.Text(), least.Text(), f.severity()))
		below.Type = v1alpha1.BelowFloorCondition
		out = append(out, below)
	}
	return out
}

// cheaper is the cheapest option of the same purpose that costs less, or nil. An option
// without a fixed cost has no price to compare.
func (f *Facts) cheaper(o *offer) (*v1alpha1.CatalogueOption, money.Amount) {
	if o.option == nil {
		return nil, money.Amount{}
	}
	var out *v1alpha1.CatalogueOption
	least := o.amount
	for i := range f.Terms.Money.Catalogue {
		c := &f.Terms.Money.Catalogue[i]
		switch {
		case c.Name == o.option.Name || c.Purpose != o.option.Purpose || c.Entitlement == v1alpha1.EntitlementOwed || c.Cost == "":
			continue
		case len(c.Severities) > 0 && !slices.Contains(c.Severities, f.severity()):
			continue
		}
		if cost, err := money.Parse(f.Budget.Spec.Currency, c.Cost); err == nil && cost.Cmp(least) < 0 {
			out, least = c, cost
		}
	}
	return out, least
}

// floor is the least that is adequate for the severity, and what the incident was given
// with this grant: all its remedies together. Both are zero where the policy sets none.
func (f *Facts) floor(s *v1alpha1.CompensationStatus) (least, given money.Amount) {
	b := f.bounds()
	if b == nil || b.Min == "" {
		return money.Amount{}, money.Amount{}
	}
	currency := f.Budget.Spec.Currency
	least, err := money.Parse(currency, b.Min)
	if err != nil {
		return money.Amount{}, money.Amount{}
	}
	given, err = money.Parse(currency, s.Amount)
	if err != nil {
		return money.Amount{}, money.Amount{}
	}
	for i := range f.Others {
		other := &f.Others[i]
		switch other.Status.Phase {
		case v1alpha1.CompensationGranted, v1alpha1.CompensationDelivered:
		default:
			continue
		}
		if other.UID == f.Compensation.UID || other.Status.IncidentUID != s.IncidentUID {
			continue
		}
		amount, err := money.Parse(currency, other.Status.Amount)
		if err != nil {
			continue
		}
		if sum, err := given.Add(amount); err == nil {
			given = sum
		}
	}
	return least, given
}
