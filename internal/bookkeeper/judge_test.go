package bookkeeper

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// judge makes claims of Compensations in a simple way: an offer named owed is owed, and
// several incidents have one customer.
func judge(c *v1alpha1.Compensation, currency v1alpha1.Currency) (Item, bool) {
	item := Item{
		Key: types.NamespacedName{Namespace: c.Namespace, Name: c.Name}, Compensation: c, Record: record,
		Claim: ledger.Claim{
			UID: string(c.UID), Name: c.Name, CreatedAt: c.CreationTimestamp.Time, By: c.Spec.By, RecordedBy: c.Spec.RecordedBy,
			Incident: string(c.Spec.IncidentName), IncidentName: c.Spec.IncidentName, Customer: guest(c.Spec.IncidentName), Allowance: c.Spec.Allowance,
		},
	}
	phase := c.Status.Phase
	waits := phase == "" || phase == v1alpha1.CompensationRequested || phase == v1alpha1.CompensationAwaitingApproval || phase == v1alpha1.CompensationOffered
	free := func(p v1alpha1.CompensationPhase, reason string) (Item, bool) {
		item.Claim.Want, item.Claim.Freed = ledger.WantFree, ledger.Freed{Phase: p, Reason: reason}
		return item, true
	}
	switch {
	case ledger.Finished(phase), phase == v1alpha1.CompensationDelivered:
		return item, false
	case c.Spec.Withdrawal != nil:
		return free(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason)
	case c.DeletionTimestamp != nil && waits:
		return free(v1alpha1.CompensationReleased, v1alpha1.DeletedReason)
	case phase == v1alpha1.CompensationGranted:
		return item, false
	case c.Spec.Decision != nil && c.Spec.Decision.Verdict == v1alpha1.VerdictDenied:
		return free(v1alpha1.CompensationDenied, v1alpha1.DeniedByApproverReason)
	case phase == v1alpha1.CompensationOffered && c.Spec.Choice == nil:
		return item, false
	}
	ask(&item.Claim, c, currency)
	return item, true
}

// ask fills in what a request asks.
func ask(claim *ledger.Claim, c *v1alpha1.Compensation, currency v1alpha1.Currency) {
	claim.Want = ledger.WantGive
	offer := c.Spec.Offers[0]
	for _, o := range c.Spec.Offers {
		switch {
		case c.Spec.Choice != nil && c.Spec.Choice.Offer == o.Name:
			claim.Amount = parse(currency, o.Amount)
			offer = o
		case c.Spec.Choice == nil && parse(currency, o.Amount).Cmp(claim.Amount) > 0:
			claim.Amount = parse(currency, o.Amount)
		}
	}
	if len(c.Spec.Offers) > 1 && c.Spec.Choice == nil {
		claim.Want = ledger.WantOffer
	}
	if offer.Custom == "owed" {
		claim.Want = ledger.WantOwe
	}
	if d := c.Spec.Decision; d != nil {
		approved := claim.Amount
		if d.Amount != "" && parse(currency, d.Amount).Cmp(approved) < 0 {
			approved = parse(currency, d.Amount)
		}
		claim.Approved = &ledger.Approved{Level: d.Level, Amount: approved}
	}
}

func parse(c v1alpha1.Currency, m v1alpha1.Money) money.Amount {
	a, err := money.Parse(c, m)
	if err != nil {
		panic(err)
	}
	return a
}

// record writes an outcome.
func record(live *v1alpha1.Compensation, o ledger.Outcome, _ time.Time) v1alpha1.CompensationStatus {
	s := *live.Status.DeepCopy()
	s.Phase = o.Phase
	s.IncidentUID, s.Customer = string(live.Spec.IncidentName), guest(live.Spec.IncidentName)
	s.Amount, s.Allowance = "", ""
	if o.State != v1alpha1.ChargeNone {
		s.Amount, s.Allowance = o.Amount.Money(), o.Allowance
	}
	if o.State == v1alpha1.ChargeOwed {
		s.Entitlement = v1alpha1.EntitlementOwed
	}
	return s
}

// appraiser judges what is read live.
type appraiser struct{ currency v1alpha1.Currency }

// Appraise implements Appraiser. Where a person is still to decide, nothing is asked.
func (a appraiser) Appraise(_ context.Context, c *v1alpha1.Compensation) (Item, bool, error) {
	item, ok := judge(c, a.currency)
	waits := c.Status.Phase == v1alpha1.CompensationAwaitingApproval && c.Spec.Decision == nil && c.Spec.Choice == nil
	return item, ok && (!waits || item.Claim.Want == ledger.WantFree), nil
}
