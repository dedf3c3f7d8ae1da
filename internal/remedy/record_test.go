package remedy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/remedy"
)

const (
	owedState = v1alpha1.ChargeOwed
	spent     = v1alpha1.ChargeSpent
	reserved  = v1alpha1.ChargeReserved
)

func granted(amount v1alpha1.Money, allowance v1alpha1.Name) ledger.Outcome {
	return ledger.Outcome{Phase: v1alpha1.CompensationGranted, State: spent, Amount: cny(amount), Allowance: allowance}
}

func freed(phase v1alpha1.CompensationPhase, reason string) ledger.Outcome {
	return ledger.Outcome{Phase: phase, State: v1alpha1.ChargeNone, Freed: ledger.Freed{Phase: phase, Reason: reason, Message: "why"}}
}

// The whole record but its conditions, for each outcome.
func TestRecord(t *testing.T) {
	const minute = time.Minute
	base := func(change func(*v1alpha1.CompensationStatus)) v1alpha1.CompensationStatus {
		out := v1alpha1.CompensationStatus{ObservedGeneration: 1, IncidentUID: "uid-of-coffee", Customer: "guest-1"}
		change(&out)
		return out
	}
	restoreAndExtra := []v1alpha1.RemedyPurpose{v1alpha1.PurposeRestore, v1alpha1.PurposeExtra}
	cases := map[string]struct {
		changes []change
		outcome ledger.Outcome
		want    v1alpha1.CompensationStatus
	}{
		"granted within an allowance": {nil, granted("40.00", "frontline"), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.Allowance, s.Purpose = v1alpha1.CompensationGranted, "40.00", "frontline", v1alpha1.PurposeRestore
			s.DecidedAt, s.DueAt = stampOf(0), stampOf(2*time.Hour)
		})},
		"granted: the incident came after the request": {list(func(w *world) { w.incident.CreationTimestamp = *stampOf(minute) }), granted("40.00", "frontline"), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.Allowance, s.Purpose = v1alpha1.CompensationGranted, "40.00", "frontline", v1alpha1.PurposeRestore
			s.DecidedAt, s.DueAt = stampOf(minute), stampOf(2*time.Hour+minute)
		})},
		"granted: its policy was pinned later still": {list(delivered(t, nil), func(w *world) { w.incident.Status.Pins[0].At = *stampOf(2 * minute) }),
			granted("40.00", "frontline"), base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.Allowance, s.Purpose = v1alpha1.CompensationGranted, "40.00", "frontline", v1alpha1.PurposeRestore
				s.DecidedAt = stampOf(2 * minute)
			})},
		"granted: the budget came last": {list(func(w *world) { w.budget.CreationTimestamp = *stampOf(3 * minute) }, offering(custom("1.00"))), granted("1.00", "frontline"),
			base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.Allowance = v1alpha1.CompensationGranted, "1.00", "frontline"
				s.DecidedAt, s.DueAt = stampOf(3*minute), stampOf(2*time.Hour+3*minute)
			})},
		"granted: chosen on the spot": {list(twoOffers, choosing("voucher", minute)), granted("150.00", "frontline"), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.Allowance, s.Purpose, s.OfferedPurposes = v1alpha1.CompensationGranted, "150.00", "frontline", v1alpha1.PurposeExtra, restoreAndExtra
			s.DecidedAt, s.DueAt = stampOf(minute), stampOf(2*time.Hour+minute)
		})},
		"owed": {list(offering(offered("sla-credit", "300.00"))), ledger.Outcome{Phase: v1alpha1.CompensationGranted, State: owedState, Amount: cny("300.00"), Overdrawn: true},
			base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.Entitlement, s.Purpose = v1alpha1.CompensationGranted, "300.00", v1alpha1.EntitlementOwed, v1alpha1.PurposeRestore
				s.DecidedAt, s.DueAt = stampOf(0), stampOf(2*time.Hour)
			})},
		"offered": {list(twoOffers), ledger.Outcome{Phase: v1alpha1.CompensationOffered, State: reserved, Amount: cny("200.00"), Allowance: "frontline"}, base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.Allowance, s.OfferedPurposes, s.OfferedAt = v1alpha1.CompensationOffered, "200.00", "frontline", restoreAndExtra, stampOf(0)
		})},
		"chosen": {list(twoOffers, toChoose, choosing("voucher", minute)), granted("150.00", "frontline"), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.Allowance, s.Purpose, s.OfferedPurposes = v1alpha1.CompensationGranted, "150.00", "frontline", v1alpha1.PurposeExtra, restoreAndExtra
			s.OfferedAt, s.DecidedAt, s.DueAt = stampOf(0), stampOf(minute), stampOf(2*time.Hour+minute)
		})},
		"awaits an approval": {nil, ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, State: reserved, Amount: cny("40.00")}, base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.AwaitingSince = v1alpha1.CompensationAwaitingApproval, "40.00", stampOf(0)
			s.ApprovalDueAt, s.DueAt = stampOf(15*minute), stampOf(15*minute)
		})},
		"awaits less, after a choice": {list(twoOffers, awaiting("200.00"), choosing("voucher", minute)), ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, State: reserved, Amount: cny("150.00")},
			base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.OfferedPurposes, s.AwaitingSince = v1alpha1.CompensationAwaitingApproval, "150.00", restoreAndExtra, stampOf(0)
				s.ApprovalDueAt, s.DueAt = stampOf(15*minute), stampOf(15*minute)
			})},
		"the budget's approval becomes quicker: the due instant stays": {list(twoOffers, awaiting("200.00"), func(w *world) { w.budget.Spec.Approval.Within = "1m" }),
			ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, State: reserved, Amount: cny("150.00")}, base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.OfferedPurposes, s.AwaitingSince = v1alpha1.CompensationAwaitingApproval, "150.00", restoreAndExtra, stampOf(0)
				s.ApprovalDueAt, s.DueAt = stampOf(15*minute), stampOf(15*minute)
			})},
		"approved": {list(awaiting("40.00"), approving("duty-manager", "25.00", 5*minute)), granted("25.00", ""), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.Purpose, s.AwaitingSince, s.ApprovalDueAt = v1alpha1.CompensationGranted, "25.00", v1alpha1.PurposeRestore, stampOf(0), stampOf(15*minute)
			s.DecidedAt, s.DueAt = stampOf(5*minute), stampOf(2*time.Hour+5*minute)
		})},
		"approved, with a stamp of before": {list(awaiting("40.00"), approving("duty-manager", "", -5*minute)), granted("40.00", ""), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Amount, s.Purpose, s.AwaitingSince, s.ApprovalDueAt = v1alpha1.CompensationGranted, "40.00", v1alpha1.PurposeRestore, stampOf(0), stampOf(15*minute)
			s.DecidedAt, s.DueAt = stampOf(0), stampOf(2*time.Hour)
		})},
		"approved, to choose from": {list(twoOffers, awaiting("200.00"), approving("duty-manager", "", 5*minute)), ledger.Outcome{Phase: v1alpha1.CompensationOffered, State: reserved, Amount: cny("200.00")},
			base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.OfferedPurposes = v1alpha1.CompensationOffered, "200.00", restoreAndExtra
				s.AwaitingSince, s.ApprovalDueAt, s.OfferedAt = stampOf(0), stampOf(15*minute), stampOf(5*minute)
			})},
		"approved and then chosen, seen at once": {list(twoOffers, awaiting("200.00"), approving("duty-manager", "", 5*minute), choosing("voucher", 9*minute)), granted("150.00", ""),
			base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.Purpose, s.OfferedPurposes = v1alpha1.CompensationGranted, "150.00", v1alpha1.PurposeExtra, restoreAndExtra
				s.AwaitingSince, s.ApprovalDueAt, s.OfferedAt = stampOf(0), stampOf(15*minute), stampOf(5*minute)
				s.DecidedAt, s.DueAt = stampOf(9*minute), stampOf(2*time.Hour+9*minute)
			})},
		"denied by the pool": {nil, ledger.Outcome{Phase: v1alpha1.CompensationDenied, State: v1alpha1.ChargeNone, Amount: cny("0"), Refusals: []ledger.Refusal{{Limit: ledger.LimitPool, Max: cny("1.00"), Left: cny("0.00")}}},
			base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.DecidedAt = v1alpha1.CompensationDenied, stampOf(0)
			})},
		"denied by a person": {list(awaiting("40.00"), deciding(v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictDenied, By: "tom", Level: "duty-manager"}, 5*minute)),
			freed(v1alpha1.CompensationDenied, v1alpha1.DeniedByApproverReason), base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.AwaitingSince, s.ApprovalDueAt, s.DecidedAt = v1alpha1.CompensationDenied, stampOf(0), stampOf(15*minute), stampOf(5*minute)
			})},
		"denied by nobody": {list(denyingOnTimeout, awaiting("40.00")), freed(v1alpha1.CompensationDenied, v1alpha1.ApprovalTimedOutReason), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.AwaitingSince, s.ApprovalDueAt, s.DecidedAt = v1alpha1.CompensationDenied, stampOf(0), stampOf(15*minute), stampOf(15*minute)
		})},
		"denied for another incident": {list(awaiting("40.00"), replacing(9*minute)), freed(v1alpha1.CompensationDenied, v1alpha1.IncidentReplacedReason), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.AwaitingSince, s.ApprovalDueAt, s.DecidedAt = v1alpha1.CompensationDenied, stampOf(0), stampOf(15*minute), stampOf(9*minute)
		})},
		"withdrawn while it awaits": {list(awaiting("40.00"), withdrawing(5*minute)), freed(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.AwaitingSince, s.ApprovalDueAt, s.ReleasedAt = v1alpha1.CompensationReleased, stampOf(0), stampOf(15*minute), stampOf(5*minute)
		})},
		"withdrawn once granted": {list(given, withdrawing(5*minute)), freed(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.Purpose, s.DecidedAt, s.ReleasedAt = v1alpha1.CompensationReleased, v1alpha1.PurposeRestore, stampOf(0), stampOf(5*minute)
		})},
		"withdrawn once its period is closed": {list(given, withdrawing(5*minute)),
			ledger.Outcome{Phase: v1alpha1.CompensationReleased, State: spent, Amount: cny("40.00"), Allowance: "frontline", Freed: ledger.Freed{Reason: v1alpha1.WithdrawnReason, Message: "why"}},
			base(func(s *v1alpha1.CompensationStatus) {
				s.Phase, s.Amount, s.Allowance, s.Purpose, s.DecidedAt, s.ReleasedAt = v1alpha1.CompensationReleased, "40.00", "frontline", v1alpha1.PurposeRestore, stampOf(0), stampOf(5*minute)
			})},
		"deleted": {list(awaiting("40.00"), deleting(7*minute)), freed(v1alpha1.CompensationReleased, v1alpha1.DeletedReason), base(func(s *v1alpha1.CompensationStatus) {
			s.Phase, s.AwaitingSince, s.ApprovalDueAt, s.ReleasedAt = v1alpha1.CompensationReleased, stampOf(0), stampOf(15*minute), stampOf(7*minute)
		})},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := desk(t, c.changes...)
			now := at(time.Hour)
			got := remedy.Record(w.facts(now), c.outcome, now)
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(v1alpha1.CompensationStatus{}, "Conditions")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			w.request.Status = got
			later := at(9 * time.Hour)
			if again := remedy.Record(w.facts(later), c.outcome, later); !sameStatus(again, got) {
				t.Errorf("recorded again it differs (-once +twice):\n%s", cmp.Diff(got, again))
			}
		})
	}
}

// An outcome that would move the request backwards is an old one, and changes nothing.
func TestRecordNeverGoesBack(t *testing.T) {
	all := []v1alpha1.CompensationPhase{
		v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered, v1alpha1.CompensationGranted,
		v1alpha1.CompensationDenied, v1alpha1.CompensationReleased,
	}
	final := []v1alpha1.CompensationPhase{v1alpha1.CompensationDenied, v1alpha1.CompensationReleased, v1alpha1.CompensationDelivered}
	for _, from := range final {
		for _, to := range all {
			w := desk(t, func(w *world) { w.request.Status = v1alpha1.CompensationStatus{Phase: from, Amount: "1.00"} })
			if got := remedy.Record(w.facts(asked), ledger.Outcome{Phase: to, Amount: cny("2.00")}, asked); from != to && !sameStatus(got, w.request.Status) {
				t.Errorf("from %s to %s: %+v", from, to, got)
			}
		}
	}
	w := desk(t, given)
	for _, to := range []v1alpha1.CompensationPhase{v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered, v1alpha1.CompensationDenied} {
		if got := remedy.Record(w.facts(asked), ledger.Outcome{Phase: to, Amount: cny("2.00")}, asked); !sameStatus(got, w.request.Status) {
			t.Errorf("from Granted to %s: %+v", to, got)
		}
	}
}

func TestDelivered(t *testing.T) {
	for name, c := range map[string]struct{ stamp, want time.Duration }{
		"after the grant":            {5 * time.Minute, 5 * time.Minute},
		"stamped before the grant":   {-5 * time.Minute, 0},
		"in the second of the grant": {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := desk(t, given, delivering(c.stamp))
			before := w.request.Status
			j := w.judge(at(time.Hour))
			s := j.Status
			if s.Phase != v1alpha1.CompensationDelivered || !s.DeliveredAt.Equal(stampOf(c.want)) || s.DueAt != nil || s.Amount != before.Amount || !s.DecidedAt.Equal(before.DecidedAt) {
				t.Errorf("%+v, want it delivered after %s", s, c.want)
			}
			w.request.Status = s
			ready := w.ready(t)
			if ready.Status != metav1.ConditionTrue || ready.Reason != v1alpha1.DeliveredReason {
				t.Errorf("Ready: %+v", ready)
			}
			says(t, ready.Message, "alice", "receipt 12")
		})
	}
}

// A delivery is due by the policy; where that sets no time, nothing is due.
func TestDeliveryIsDue(t *testing.T) {
	for name, c := range map[string]struct {
		due  *v1alpha1.Due
		want *metav1.Time
	}{
		"within two hours": {&v1alpha1.Due{Within: "2h"}, stampOf(2 * time.Hour)},
		"at an instant":    {&v1alpha1.Due{At: stampOf(time.Hour)}, stampOf(time.Hour)},
		"without a time":   {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := desk(t, delivered(t, c.due), given)
			if got := w.request.Status.DueAt; !got.Equal(c.want) {
				t.Errorf("due at %v, want %v", got, c.want)
			}
		})
	}
}
