package operatortest

import (
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// What is beyond an allowance waits for a person, and is granted, denied or too much for
// who decides.
func TestMoneyApproval(t *testing.T) {
	t.Parallel()
	s := open(t)
	openDesk(s, nil)
	request := s.ask(refundOf("refund", "300.00"))
	c := s.awaitStage("refund", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.mentions(c, "300.00 EUR is set aside", "at most 200.00 EUR a day", "manager or owner may decide until")
	if !c.Status.AwaitingSince.Equal(&request.CreationTimestamp) || !sameInstant(c.Status.ApprovalDueAt, plus(request.CreationTimestamp, 15*time.Minute)) || !sameInstant(c.Status.DueAt, c.Status.ApprovalDueAt) {
		t.Errorf("awaiting since %s, due %s", c.Status.AwaitingSince, c.Status.ApprovalDueAt)
	}
	s.tells(c, v1alpha1.EventApprovalAsked)
	s.awaitUsed("desk", used{reserved: 30000})
	s.awaitIncident("coffee", "an approval to be pending", func(i *v1alpha1.Incident) bool {
		return isTrue(i.Status.Conditions, v1alpha1.ApprovalPendingCondition)
	})

	// Nobody decides on what they asked for, nor under a level that they do not hold.
	for _, who := range []string{"alice", "tom"} {
		level := map[string]string{"alice": "manager", "tom": "owner"}[who]
		if err := s.tryDecide(who, "refund", level); !apierrors.IsForbidden(err) {
			t.Errorf("%s decides as %s: %v, want it forbidden", who, level, err)
		}
	}
	s.approve("tom", "refund", "manager")
	c = s.awaitStage("refund", v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	s.mentions(c, "approved by tom as manager")
	if c.Status.Allowance != "" || c.Status.Amount != "300.00" {
		t.Errorf("it counts in %q as %s, want no allowance and 300.00", c.Status.Allowance, c.Status.Amount)
	}
	s.tells(c, v1alpha1.EventApprovalGiven)
	s.tells(c, v1alpha1.EventRemedyGranted)

	// The day of who asked is untouched (the incident has no limit of its own here).
	s.ask(refundOf("in-the-day", "200.00"))
	s.awaitStage("in-the-day", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)

	// With this the incident is above what the manager may approve.
	s.ask(refundOf("too-high", "1.00"))
	s.awaitStage("too-high", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.approve("tom", "too-high", "manager")
	c = s.awaitStage("too-high", v1alpha1.CompensationDenied, v1alpha1.ApprovalLevelTooLowReason)
	s.mentions(c, "level manager approves at most 500.00 EUR", "owner could approve it")

	s.ask(refundOf("denied", "1.00"))
	s.awaitStage("denied", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.put("olga", "denied", "decision", map[string]any{"verdict": "Denied", "by": "olga", "level": "owner", "reason": "enough is enough"})
	c = s.awaitStage("denied", v1alpha1.CompensationDenied, v1alpha1.DeniedByApproverReason)
	s.mentions(c, "olga denied it as owner: enough is enough")
	s.tells(c, v1alpha1.EventRemedyDenied)

	s.ask(refundOf("in-part", "100.00"))
	s.awaitStage("in-part", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.put("olga", "in-part", "decision", map[string]any{"verdict": "Approved", "by": "olga", "level": "owner", "amount": "60.00"})
	c = s.awaitStage("in-part", v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	s.mentions(c, "60.00 EUR was approved", "of 100.00 EUR")
	s.awaitUsed("desk", used{spent: 56000})
}

// tryDecide decides once, and says what the API server answers.
func (s *site) tryDecide(who, name, level string) error {
	s.Helper()
	patch := []byte(`[{"op":"add","path":"/spec/decision","value":{"verdict":"Approved","by":"` + who + `","level":"` + level + `"}}]`)
	c := &v1alpha1.Compensation{}
	c.Namespace, c.Name = s.namespace, name
	return s.as(who, staff).Patch(s.Context(), c, client.RawPatch(types.JSONPatchType, patch))
}

// Where the budget says so, silence denies, at the due instant and a second later.
func TestMoneyNobodyDecides(t *testing.T) {
	t.Parallel()
	s := open(t)
	openDesk(s, nil, fixture.ApprovedBy("3s", v1alpha1.ApprovalLevel{Name: "manager"}), func(b *v1alpha1.RecoveryBudget) { b.Spec.Approval.OnTimeout = "Deny" })
	request := s.ask(refundOf("refund", "300.00"))
	s.awaitStage("refund", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	c := s.awaitStage("refund", v1alpha1.CompensationDenied, v1alpha1.ApprovalTimedOutReason)
	if due := plus(request.CreationTimestamp, 3*time.Second); !sameInstant(c.Status.DecidedAt, due) {
		t.Errorf("denied at %s, want the due instant %s", c.Status.DecidedAt, due)
	}
	if now, err := s.serverTime(t.Context()); err != nil || now.Before(c.Status.DecidedAt.Add(time.Second)) {
		t.Errorf("denied before it was certain that nobody decided: %s, %v", now, err)
	}
	s.awaitUsed("desk", used{})
}

// Several offers: the dearest is set aside, the chosen one charged, the difference freed,
// and nobody is asked.
func TestMoneyTheCustomerChooses(t *testing.T) {
	t.Parallel()
	s := open(t)
	openDesk(s, nil)
	offers := fixture.Offering(
		v1alpha1.CompensationOffer{Name: "refund", Option: "refund", Amount: "200.00"},
		v1alpha1.CompensationOffer{Name: "voucher", Option: "voucher", Amount: "150.00"})
	two := refundOf("two", "200.00")
	offers(two)
	s.ask(two)
	c := s.awaitStage("two", v1alpha1.CompensationOffered, v1alpha1.CustomerChoosesReason)
	if c.Status.Amount != "200.00" || c.Status.OfferedAt == nil || len(c.Status.OfferedPurposes) != 2 {
		t.Errorf("offered: %s", asYAML(c.Status))
	}
	s.tells(c, v1alpha1.EventRemedyOffered)
	s.awaitUsed("desk", used{reserved: 20000})

	s.put("alice", "two", "choice", map[string]any{"offer": "voucher", "by": "alice"})
	c = s.awaitStage("two", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	if c.Status.Amount != "150.00" || c.Status.Purpose != v1alpha1.PurposeExtra || c.Status.Allowance != "front" {
		t.Errorf("granted: %s", asYAML(c.Status))
	}
	s.awaitUsed("desk", used{spent: 15000})

	// 50.00 of the day are left: the dearest does not fit, the cheaper one that is chosen
	// meanwhile does.
	meanwhile := refundOf("meanwhile", "1.00")
	fixture.Offering(
		v1alpha1.CompensationOffer{Name: "refund", Option: "refund", Amount: "60.00"},
		v1alpha1.CompensationOffer{Name: "voucher", Option: "voucher", Amount: "50.00"})(meanwhile)
	s.ask(meanwhile)
	s.awaitStage("meanwhile", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.put("alice", "meanwhile", "choice", map[string]any{"offer": "voucher", "by": "alice"})
	s.awaitStage("meanwhile", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.awaitUsed("desk", used{spent: 20000})

	// The day is used up: what is approved can still be chosen from.
	third := refundOf("third", "1.00")
	offers(third)
	s.ask(third)
	s.awaitStage("third", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.approve("tom", "third", "manager")
	s.awaitStage("third", v1alpha1.CompensationOffered, v1alpha1.CustomerChoosesReason)
	s.put("alice", "third", "choice", map[string]any{"offer": "refund", "by": "alice"})
	s.awaitStage("third", v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	s.awaitUsed("desk", used{spent: 40000})
}
