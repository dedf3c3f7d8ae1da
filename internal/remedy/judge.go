package remedy

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// Do is what is to be done with a request.
type Do int

const (
	// Nothing is to be done before something new comes in, or before WakeAt.
	Nothing Do = iota
	// Write the Status: no money moves.
	Write
	// Ask the budget, with the Claim.
	Ask
)

// Judgement is what is to be done with a request now.
type Judgement struct {
	// Do says which of the others count.
	Do Do
	// Status is the whole status to be written, if it differs from what is there.
	Status v1alpha1.CompensationStatus
	// Claim is what is asked of the budget.
	Claim ledger.Claim
	// WakeAt is the next instant at which the judgement changes without a new fact; zero
	// where there is none.
	WakeAt time.Time
}

// Judge says what is to be done with a request at now.
func Judge(f *Facts, now time.Time) Judgement {
	out := f.judge(now)
	if out.Do == Nothing && f.unseen() {
		out.Do, out.Status = Write, f.seen()
	}
	return out
}

func (f *Facts) judge(now time.Time) Judgement {
	switch f.Compensation.Status.Phase {
	case "", v1alpha1.CompensationRequested:
		return f.requested(now)
	case v1alpha1.CompensationAwaitingApproval:
		return f.awaiting(now)
	case v1alpha1.CompensationOffered:
		return f.offered(now)
	case v1alpha1.CompensationGranted:
		return f.granted(now)
	}
	return Judgement{} // Denied, Delivered and Released are final.
}

// Settled says that nothing is to be done with a request whatever else there is: it is
// final, or granted with nothing new. Nothing needs to be gathered to judge it.
func Settled(c *v1alpha1.Compensation) bool {
	if c.Status.ObservedGeneration != c.Generation {
		return false
	}
	switch c.Status.Phase {
	case v1alpha1.CompensationDenied, v1alpha1.CompensationDelivered, v1alpha1.CompensationReleased:
		return true
	case v1alpha1.CompensationGranted:
		return c.Spec.Delivery == nil && c.Spec.Withdrawal == nil
	}
	return false
}

// unseen says that a fact was added which changes nothing, for example a choice in a
// request that is denied, and that the status does not say yet that it was seen. Without a
// phase there is nothing to say yet.
func (f *Facts) unseen() bool {
	return f.Compensation.Status.Phase != "" && f.Compensation.Status.ObservedGeneration != f.Compensation.Generation && f.Budget != nil
}

// seen is the status as it is, speaking of the spec as it is.
func (f *Facts) seen() v1alpha1.CompensationStatus {
	out := *f.Compensation.Status.DeepCopy()
	out.ObservedGeneration = f.Compensation.Generation
	for i := range out.Conditions {
		out.Conditions[i].ObservedGeneration = out.ObservedGeneration
	}
	return out
}

// offered waits for the customer's choice.
func (f *Facts) offered(now time.Time) Judgement {
	if taken := f.takenBack(); taken != nil {
		return f.free(*taken, now)
	}
	if f.replaced() {
		return f.free(f.replacedFreed(), now)
	}
	if f.Compensation.Spec.Choice == nil || f.Budget == nil {
		return Judgement{}
	}
	return Judgement{Do: Ask, Claim: f.claim()}
}

// granted waits for the delivery. What is granted stays granted when the request is
// deleted: the customer may have been told.
func (f *Facts) granted(now time.Time) Judgement {
	switch {
	case f.Compensation.Spec.Delivery != nil:
		return Judgement{Do: Write, Status: f.delivered()}
	case f.Compensation.Spec.Withdrawal != nil:
		return f.free(f.withdrawn(), now)
	}
	return Judgement{}
}

// claim is what the request asks of its budget. The budget is there.
func (f *Facts) claim() ledger.Claim {
	c := f.Compensation
	out := f.BareClaim()
	out.Allowance = c.Spec.Allowance
	o := f.picked()
	switch {
	case o == nil:
		o = f.dearest()
		out.Want = ledger.WantOffer
	case o.owed():
		out.Want = ledger.WantOwe
	default:
		out.Want = ledger.WantGive
	}
	out.Amount = o.amount
	if out.Want == ledger.WantOwe {
		out.Allowance = ""
		return out
	}
	for _, each := range f.claimed(o) {
		out.Beyond = append(out.Beyond, f.beyond(each)...)
	}
	out.Several, out.BoundsMax = f.several(), f.boundsMax()
	out.Approved = f.approved(o.amount)
	return out
}

// claimed are the offers whose limits count: the picked one, or all that the customer
// may choose from.
func (f *Facts) claimed(o *offer) []*offer {
	if f.picked() != nil {
		return []*offer{o}
	}
	all := f.offers()
	out := make([]*offer, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}

// BareClaim is who asks, for whom and since when, and asks nothing.
func (f *Facts) BareClaim() ledger.Claim {
	c := f.Compensation
	return ledger.Claim{
		UID: string(c.UID), Name: c.Name, CreatedAt: c.CreationTimestamp.UTC(),
		By: c.Spec.By, RecordedBy: c.Spec.RecordedBy,
		Incident: f.incidentUID(), Customer: f.customer(), IncidentName: c.Spec.IncidentName,
	}
}

// free gives back what the request holds, or says so by itself where it never held
// anything.
func (f *Facts) free(why ledger.Freed, now time.Time) Judgement {
	if f.Budget == nil || !f.mayHold() {
		return Judgement{Do: Write, Status: Record(f, ledger.Outcome{Phase: why.Phase, State: v1alpha1.ChargeNone, Freed: why}, now)}
	}
	claim := f.BareClaim()
	claim.Want, claim.Freed = ledger.WantFree, why
	return Judgement{Do: Ask, Claim: claim}
}

// deny refuses a request that holds nothing.
func (f *Facts) deny(why *refusal, now time.Time) Judgement {
	freed := ledger.Freed{Phase: v1alpha1.CompensationDenied, Reason: why.reason, Message: why.message}
	if f.inFlight() {
		return f.free(freed, now)
	}
	return Judgement{Do: Write, Status: Record(f, ledger.Outcome{Phase: freed.Phase, State: v1alpha1.ChargeNone, Freed: freed}, now)}
}

// mayHold says whether the budget may hold money for the request: it says so, or a claim
// of it may be under way. None is before the finalizer is on, nor while the budget is not
// in force, which answers nothing then. An entry that it makes once it is in force again
// meets a request that is final, or is gone: nothing comes of it, as of any that somebody
// else was faster than.
func (f *Facts) mayHold() bool {
	switch f.Compensation.Status.Phase {
	case "", v1alpha1.CompensationRequested:
		pending, _ := f.budgetPending()
		return f.inFlight() || pending == "" && slices.Contains(f.Compensation.Finalizers, v1alpha1.LedgerFinalizer)
	}
	return true
}

// inFlight says whether the budget has an entry of the request that is not confirmed.
func (f *Facts) inFlight() bool {
	if f.Budget == nil {
		return false
	}
	for i := range f.Budget.Status.Entries {
		if f.Budget.Status.Entries[i].UID == string(f.Compensation.UID) {
			return true
		}
	}
	return false
}
