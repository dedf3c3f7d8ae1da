package operatortest

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// namedRemedy is a request by its name.
func namedRemedy(name string) *v1alpha1.Compensation {
	return &v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func (s *site) withdraw(who, name string) {
	s.Helper()
	s.put(who, name, "withdrawal", map[string]any{"by": who, "reason": "not wanted"})
}

// What is taken back before the customer has it is free again.
func TestMoneyTakenBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	openDesk(s, nil)
	s.ask(refundOf("granted", "200.00"))
	s.awaitStage("granted", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.withdraw("alice", "granted")
	c := s.awaitStage("granted", v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason)
	s.mentions(c, "alice withdrew it: not wanted", "200.00 EUR is free again")
	if c.Status.Amount != "" || c.Status.ReleasedAt == nil || c.Status.DecidedAt == nil {
		t.Errorf("released: %s", asYAML(c.Status))
	}
	s.tells(c, v1alpha1.EventRemedyReleased)
	s.awaitUsed("desk", used{})

	// The day is whole again.
	s.ask(refundOf("once-more", "200.00"))
	s.awaitStage("once-more", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.ask(refundOf("awaits", "1.00"))
	s.awaitStage("awaits", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.withdraw("alice", "awaits")
	s.awaitStage("awaits", v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason)
	s.awaitUsed("desk", used{spent: 20000})

	// A decision after the withdrawal is refused, and so is one after the grant.
	for _, name := range []string{"awaits", "once-more"} {
		if err := s.tryDecide("tom", name, "manager"); !apierrors.IsInvalid(err) {
			t.Errorf("a decision on %s: %v, want it invalid", name, err)
		}
	}
}

// A deleted request is taken back first; one that was granted stays while a limit or its
// incident needs it.
func TestMoneyDeleted(t *testing.T) {
	t.Parallel()
	s := open(t)
	openDesk(s, nil, func(b *v1alpha1.RecoveryBudget) { b.Spec.Pool.Period = "Month" })
	s.ask(refundOf("given", "150.00"))
	s.awaitStage("given", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.ask(refundOf("awaits", "100.00"))
	s.awaitStage("awaits", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.awaitUsed("desk", used{spent: 15000, reserved: 10000})

	s.remove(namedRemedy("awaits"), namedRemedy("given"))
	c := s.awaitStage("awaits", v1alpha1.CompensationReleased, v1alpha1.DeletedReason)
	if !holds(c, v1alpha1.LedgerFinalizer) {
		t.Error("what awaited an approval is a part of its incident's record, and went all the same")
	}
	s.awaitNotice("given", v1alpha1.EventDeletionWaits)
	// A limit that looks back for longer keeps it for longer, and that is told as well.
	edit(s, &v1alpha1.RecoveryBudget{ObjectMeta: metav1.ObjectMeta{Name: "desk"}}, func(b *v1alpha1.RecoveryBudget) {
		b.Spec.Allowances[0].PerCustomer = &v1alpha1.CustomerLimit{Amount: "900.00", Window: "2000h"}
	})
	s.awaitSeries("given", v1alpha1.EventDeletionWaits)
	c = s.readRemedy("given")
	if c.Status.Phase != v1alpha1.CompensationGranted || !holds(c, v1alpha1.LedgerFinalizer) {
		t.Errorf("deleted, and it stands so: %s", asYAML(c))
	}
	s.awaitUsed("desk", used{spent: 15000})

	// Asking again after the deletion finds the day as it is.
	again := refundOf("given", "150.00")
	again.Namespace = s.namespace
	if err := s.as("alice", staff).Create(t.Context(), again); !apierrors.IsAlreadyExists(err) {
		t.Errorf("asked anew under the name: %v, want AlreadyExists", err)
	}
	s.ask(refundOf("another", "51.00"))
	s.awaitStage("another", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)

	// It can still be delivered.
	s.put("alice", "given", "delivery", map[string]any{"by": "alice"})
	s.awaitStage("given", v1alpha1.CompensationDelivered, v1alpha1.DeliveredReason)

	// What was denied at once, and what was taken back before it was looked at, go.
	bad := refundOf("denied", "0")
	s.ask(bad)
	s.awaitStage("denied", v1alpha1.CompensationDenied, v1alpha1.AmountZeroReason)
	s.remove(namedRemedy("denied"))
	s.awaitGone(&v1alpha1.CompensationList{}, namedRemedy("denied"))
}

// An incident that is deleted stays while money for it is on its way, and takes no more.
func TestMoneyOfADeletedIncident(t *testing.T) {
	t.Parallel()
	s := open(t)
	inc := openDesk(s, nil)
	s.ask(refundOf("given", "50.00"))
	s.awaitStage("given", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.ask(refundOf("awaits", "400.00"))
	s.awaitStage("awaits", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.remove(&v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "coffee"}})

	s.ask(refundOf("late", "1.00"))
	s.mentions(s.awaitStage("late", v1alpha1.CompensationDenied, v1alpha1.IncidentEndedReason), "is being deleted")
	s.approve("tom", "awaits", "manager")
	s.awaitStage("awaits", v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	for _, name := range []string{"given", "awaits"} {
		if _, err := s.incident("coffee"); err != nil {
			t.Fatalf("the incident went before %s was delivered: %v", name, err)
		}
		s.put("alice", name, "delivery", map[string]any{"by": "alice"})
	}
	s.awaitGone(&v1alpha1.IncidentList{}, &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "coffee"}})

	// Another incident under the name is another incident: what was given stays with the
	// first.
	s.report("alice", fixture.Incident("coffee", fixture.UnderPolicy("desk")))
	if c := s.readRemedy("given"); c.Status.IncidentUID != string(inc.UID) || c.Status.Phase != v1alpha1.CompensationDelivered {
		t.Errorf("it stands so: %s", asYAML(c.Status))
	}
	fresh := s.awaitRunning("coffee", "Step/resolve")
	if fresh.Status.Compensation != nil {
		t.Errorf("the new incident counts what the old one was given: %s", asYAML(fresh.Status.Compensation))
	}
}

func (s *site) incident(name string) (*v1alpha1.Incident, error) {
	inc := &v1alpha1.Incident{}
	return inc, s.admin.Get(s.Context(), client.ObjectKey{Namespace: s.namespace, Name: name}, inc)
}

// A request that waits for its incident's policy is denied once that incident is gone, and
// has nothing to do with another one of the name.
func TestMoneyIncidentReplaced(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.empower("alice", "spend", "front", "desk")
	first := s.report("alice", fixture.Incident("coffee", fixture.UnderPolicy("desk")))
	s.ask(refundOf("refund", "1.00"))
	s.awaitRemedy("refund", "to wait for the policy", func(c *v1alpha1.Compensation) bool {
		return c.Status.IncidentUID == string(first.UID) && says(c.Status.Conditions, v1alpha1.ReconcilingCondition, metav1.ConditionTrue, v1alpha1.PolicyPendingReason)
	})
	s.remove(&v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "coffee"}})
	s.awaitGone(&v1alpha1.IncidentList{}, &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "coffee"}})
	s.report("alice", fixture.Incident("coffee", fixture.UnderPolicy("desk")))
	c := s.awaitStage("refund", v1alpha1.CompensationDenied, v1alpha1.IncidentReplacedReason)
	if c.Status.IncidentUID != string(first.UID) || c.Status.DecidedAt.Before(&first.CreationTimestamp) {
		t.Errorf("denied: %s", asYAML(c.Status))
	}
}

// A namespace that is deleted is let go, whatever was granted in it.
func TestMoneyOfADeletedNamespace(t *testing.T) {
	t.Parallel()
	s := open(t)
	openDesk(s, nil)
	s.ask(refundOf("given", "150.00"))
	s.awaitStage("given", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.ask(refundOf("awaits", "100.00"))
	s.awaitStage("awaits", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)

	// Nothing is to be told any more: no event can be written into a namespace that goes.
	s.awaitNotice("given", v1alpha1.EventRemedyGranted)
	s.awaitNotice("awaits", v1alpha1.EventApprovalAsked)
	for _, clock := range []string{"Delivery/given", "Approval/awaits"} {
		s.awaitTold("coffee", v1alpha1.EventClockStarted, clock)
	}

	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	if err := s.admin.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	// No namespace controller runs here: what it does is done by hand.
	for _, all := range []client.Object{&v1alpha1.RecoveryBudget{}, &v1alpha1.Incident{}, &v1alpha1.Compensation{}} {
		if err := s.admin.DeleteAllOf(t.Context(), all, client.InNamespace(s.namespace)); err != nil {
			t.Fatal(err)
		}
	}
	var left []string
	err := wait.PollUntilContextTimeout(t.Context(), glance, patience, true, func(ctx context.Context) (bool, error) {
		left = nil
		for _, list := range []client.ObjectList{&v1alpha1.RecoveryBudgetList{}, &v1alpha1.IncidentList{}, &v1alpha1.CompensationList{}} {
			names, err := s.names(ctx, list)
			if err != nil {
				return false, err
			}
			left = slices.Concat(left, names)
		}
		return len(left) == 0, nil
	})
	if err != nil {
		t.Errorf("%v are still there: %v", left, err)
	}
}

// awaitTold waits until one of the events of a reason about an object says something.
func (s *site) awaitTold(name, reason, says string) {
	s.Helper()
	err := wait.PollUntilContextTimeout(s.Context(), glance, patience, true, func(context.Context) (bool, error) {
		return slices.ContainsFunc(s.notices(name)[reason], func(e eventsv1.Event) bool { return strings.Contains(e.Note, says) }), nil
	})
	if err != nil {
		s.Fatalf("no event %s about %s says %q: %v", reason, name, says, err)
	}
}

// names are the names of what is in the namespace.
func (s *site) names(ctx context.Context, list client.ObjectList) ([]string, error) {
	if err := s.admin.List(ctx, list, client.InNamespace(s.namespace)); err != nil {
		return nil, err
	}
	var out []string
	switch l := list.(type) {
	case *v1alpha1.RecoveryBudgetList:
		for i := range l.Items {
			out = append(out, l.Items[i].Name)
		}
	case *v1alpha1.IncidentList:
		for i := range l.Items {
			out = append(out, l.Items[i].Name)
		}
	case *v1alpha1.CompensationList:
		for i := range l.Items {
			out = append(out, l.Items[i].Name)
		}
	}
	return out, nil
}
