package remedy

import (
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/policy"
)

// Record is the whole status of the Compensation for what its claim came to. An outcome
// that would move the request backwards changes nothing: somebody has written a later
// one.
func Record(f *Facts, o ledger.Outcome, now time.Time) v1alpha1.CompensationStatus {
	c := f.Compensation
	out := *c.Status.DeepCopy()
	if !forward(out.Phase, o.Phase) {
		return out
	}
	if o.Phase == v1alpha1.CompensationRequested {
		reason, message := f.explain(o)
		return f.wait(now, reason, message).Status
	}
	f.latch(&out)
	again := out.Phase == o.Phase
	out.Phase, out.Allowance, out.Amount, out.DueAt = o.Phase, o.Allowance, o.Amount.Money(), nil
	switch o.Phase {
	case v1alpha1.CompensationGranted:
		f.grant(&out, o)
	case v1alpha1.CompensationOffered:
		out.OfferedAt = kept(out.OfferedAt, f.decidedNow(o, &out))
	case v1alpha1.CompensationAwaitingApproval:
		f.await(&out)
	case v1alpha1.CompensationDenied:
		out.Amount, out.Allowance = "", ""
		out.DecidedAt = kept(out.DecidedAt, f.deniedAt(o, &out, now))
	case v1alpha1.CompensationReleased:
		if o.State != v1alpha1.ChargeSpent && o.State != v1alpha1.ChargeOwed {
			out.Amount, out.Allowance = "", ""
		}
		out.ReleasedAt = kept(out.ReleasedAt, f.releasedAt(&out, now))
	}
	if again && out.ObservedGeneration == c.Generation && equalButConditions(&out, &c.Status) {
		return out // Told already, in the words of the first time.
	}
	out.ObservedGeneration = c.Generation
	out.Conditions = f.conditions(o, &out, now)
	return out
}

// forward says whether a request in one phase may be recorded in another.
func forward(from, to v1alpha1.CompensationPhase) bool {
	switch from {
	case "", v1alpha1.CompensationRequested:
		return to != v1alpha1.CompensationDelivered
	case v1alpha1.CompensationAwaitingApproval:
		return to != v1alpha1.CompensationRequested && to != v1alpha1.CompensationDelivered
	case v1alpha1.CompensationOffered:
		return to == v1alpha1.CompensationOffered || to == v1alpha1.CompensationGranted || to == v1alpha1.CompensationDenied || to == v1alpha1.CompensationReleased
	case v1alpha1.CompensationGranted:
		return to == v1alpha1.CompensationGranted || to == v1alpha1.CompensationReleased
	}
	return from == to
}

// latch writes down what is looked at once.
func (f *Facts) latch(s *v1alpha1.CompensationStatus) {
	s.IncidentUID = f.incidentUID()
	s.Customer = f.customer()
	if f.several() && len(s.OfferedPurposes) == 0 {
		s.OfferedPurposes = f.purposes()
	}
}

// grant writes what is granted, and until when it is to be delivered.
func (f *Facts) grant(s *v1alpha1.CompensationStatus, o ledger.Outcome) {
	if o.State == v1alpha1.ChargeOwed && s.Entitlement == "" {
		s.Entitlement = v1alpha1.EntitlementOwed
	}
	if p := f.picked(); p != nil && p.option != nil && s.Purpose == "" {
		s.Purpose = p.option.Purpose
	}
	if d := f.Stamps.Decision; f.several() && s.OfferedAt == nil && o.Allowance == "" && !d.IsZero() && f.Stamps.Choice.After(d) {
		// Approved before the customer chose, and both seen at once.
		s.OfferedAt = instant(notBefore(d, s))
	}
	s.DecidedAt = kept(s.DecidedAt, f.decidedNow(o, s))
	if due := f.deliverBy(s.DecidedAt.Time); !due.IsZero() {
		s.DueAt = instant(due)
	} else {
		s.DueAt = f.Compensation.Status.DueAt
		if f.Compensation.Status.Phase != v1alpha1.CompensationGranted {
			s.DueAt = nil
		}
	}
}

// await starts the approval's clock, once.
func (f *Facts) await(s *v1alpha1.CompensationStatus) {
	s.AwaitingSince = kept(s.AwaitingSince, f.ripe())
	if s.ApprovalDueAt == nil && f.Budget != nil && f.Budget.Spec.Approval != nil {
		if within, err := policy.ParseDuration(f.Budget.Spec.Approval.Within); err == nil {
			s.ApprovalDueAt = instant(s.AwaitingSince.Add(within))
		}
	}
	s.DueAt = s.ApprovalDueAt
}

// delivered is the status of a granted request that the customer has.
func (f *Facts) delivered() v1alpha1.CompensationStatus {
	out := *f.Compensation.Status.DeepCopy()
	at := f.Stamps.Delivery
	if out.DecidedAt != nil {
		at = later(whole(out.DecidedAt.Time), at)
	}
	out.Phase, out.DueAt = v1alpha1.CompensationDelivered, nil
	out.DeliveredAt = kept(out.DeliveredAt, at)
	out.ObservedGeneration = f.Compensation.Generation
	out.Conditions = f.deliveredConditions(&out)
	return out
}

// wait is the judgement that something is not there yet.
func (f *Facts) wait(now time.Time, reason, message string) Judgement {
	c := f.Compensation
	out := *c.Status.DeepCopy()
	out.Phase = v1alpha1.CompensationRequested
	if f.Incident != nil {
		out.IncidentUID = f.incidentUID()
	}
	out.ObservedGeneration = c.Generation
	out.Conditions = waiting(c.Status.Conditions, c.Generation, now, reason, message)
	return Judgement{Do: Write, Status: out}
}

// decidedNow is the instant of the last fact that the outcome came from: the request
// itself, the customer's choice and, unless an allowance did, the approver's decision.
func (f *Facts) decidedNow(o ledger.Outcome, s *v1alpha1.CompensationStatus) time.Time {
	at := later(f.ripe(), f.Stamps.Choice)
	if o.Allowance == "" && !f.tooLate(f.Stamps.Decision) {
		at = later(at, f.Stamps.Decision)
	}
	return notBefore(at, s)
}

// deniedAt is when it was denied: at the instant of what denied it.
func (f *Facts) deniedAt(o ledger.Outcome, s *v1alpha1.CompensationStatus, now time.Time) time.Time {
	switch {
	case o.Freed.Reason == v1alpha1.ApprovalTimedOutReason && s.ApprovalDueAt != nil:
		return whole(s.ApprovalDueAt.Time)
	case o.Freed.Reason == v1alpha1.IncidentReplacedReason && f.Incident == nil:
		return notBefore(whole(now), s) // Nothing tells when it went.
	case o.Freed.Reason == v1alpha1.IncidentReplacedReason:
		return notBefore(f.met(), s)
	case o.Freed.Reason == v1alpha1.PeriodClosedReason:
		return notBefore(whole(now), s)
	case s.AwaitingSince != nil && !f.Stamps.Decision.IsZero():
		return notBefore(f.Stamps.Decision, s)
	}
	return f.decidedNow(o, s)
}

// releasedAt is when it was taken back.
func (f *Facts) releasedAt(s *v1alpha1.CompensationStatus, now time.Time) time.Time {
	at := f.takenBackAt()
	if at.IsZero() {
		at = whole(now)
	}
	return notBefore(at, s)
}

// notBefore keeps the instants of a record in order, whatever the stamps claim.
func notBefore(at time.Time, s *v1alpha1.CompensationStatus) time.Time {
	for _, known := range []*time.Time{timeOf(s.AwaitingSince), timeOf(s.OfferedAt), timeOf(s.DecidedAt)} {
		if known != nil {
			at = later(at, *known)
		}
	}
	return at
}

// deliverBy is when a remedy that is granted at an instant is to be delivered; zero
// where the policy sets no time, or its calendar cannot tell one.
func (f *Facts) deliverBy(granted time.Time) time.Time {
	if f.Terms == nil || f.Terms.Plan == nil || f.Terms.Plan.DeliverWithin == nil {
		return time.Time{}
	}
	due, err := f.Terms.Plan.Due(f.Terms.Plan.DeliverWithin, granted)
	if err != nil {
		return time.Time{}
	}
	return due
}

// equalButConditions says whether two statuses differ in their words alone.
func equalButConditions(a, b *v1alpha1.CompensationStatus) bool {
	return a.Phase == b.Phase && a.Amount == b.Amount && a.Allowance == b.Allowance && a.ObservedGeneration == b.ObservedGeneration &&
		a.IncidentUID == b.IncidentUID && a.Customer == b.Customer && a.Purpose == b.Purpose &&
		slices.Equal(a.OfferedPurposes, b.OfferedPurposes) && a.DueAt.Equal(b.DueAt)
}
