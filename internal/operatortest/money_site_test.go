package operatortest

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// deskMoney is what the policy of these tests says about money.
func deskMoney(change func(*v1alpha1.PolicyCompensation)) v1alpha1.PolicyCompensation {
	out := v1alpha1.PolicyCompensation{
		BudgetName: "desk", DeliverWithin: &v1alpha1.Due{Within: "2h"},
		Catalogue: []v1alpha1.CatalogueOption{
			{Name: "refund", Kind: "Refund", Purpose: v1alpha1.PurposeRestore},
			{Name: "voucher", Kind: "Voucher", Purpose: v1alpha1.PurposeExtra},
			{Name: "credit", Kind: "Credit", Purpose: v1alpha1.PurposeRestore, Entitlement: v1alpha1.EntitlementOwed},
		},
	}
	if change != nil {
		change(&out)
	}
	return out
}

// deskBudget is a pool of 1000.00 a year. Within the allowance "front" 200.00 a day are
// given without asking; beyond it the manager decides, up to 500.00, or the owner.
func deskBudget(opts ...fixture.BudgetOption) *v1alpha1.RecoveryBudget {
	return fixture.Budget("desk", "EUR", "1000.00", append([]fixture.BudgetOption{
		fixture.Allowing(v1alpha1.Allowance{Name: "front", PerPersonPerDay: "200.00"}),
		fixture.ApprovedBy("15m", v1alpha1.ApprovalLevel{Name: "manager", UpTo: "500.00"}, v1alpha1.ApprovalLevel{Name: "owner"}),
	}, opts...)...)
}

// openDesk is a site with a policy, a budget and an open incident "coffee" of guest-1.
// alice gives from "front"; tom approves as manager and olga as owner.
func openDesk(s *site, change func(*v1alpha1.PolicyCompensation), opts ...fixture.BudgetOption) *v1alpha1.Incident {
	s.Helper()
	p := fixture.Policy("desk", fixture.Step("resolve", v1alpha1.StepResolution))
	terms := deskMoney(change)
	p.Spec.Compensation = &terms
	s.create(deskBudget(opts...), p)
	s.empower("alice", "spend", "front", "desk")
	s.empower("tom", "approve", "manager", "desk")
	s.empower("olga", "approve", "owner", "desk")
	s.awaitReady("desk")
	s.report("alice", fixture.Incident("coffee", fixture.UnderPolicy("desk")))
	return s.awaitRunning("coffee", "Step/resolve")
}

// empower gives a person a verb on an allowance or a level of a budget.
func (s *site) empower(user, verb, of, budget string) {
	s.Helper()
	name := user + "-" + verb + "-" + of + "-" + budget
	s.create(
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"recoverybudgets/" + of}, ResourceNames: []string{budget}, Verbs: []string{verb},
		}}},
		&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		})
}

// refundOf is a request of alice for money back, from the allowance "front".
func refundOf(name string, amount v1alpha1.Money) *v1alpha1.Compensation {
	return fixture.Compensation(name, "coffee", "desk", amount, fixture.AskedBy("alice"), fixture.FromAllowance("front"),
		fixture.Offering(v1alpha1.CompensationOffer{Name: "refund", Option: "refund", Amount: amount}))
}

// ask asks for a remedy, as who asks.
func (s *site) ask(c *v1alpha1.Compensation) *v1alpha1.Compensation {
	s.Helper()
	author := s.as(string(c.Spec.By), staff)
	c.Namespace = s.namespace
	s.insist("ask for "+c.Name, func(ctx context.Context) error { return author.Create(ctx, c) })
	return c
}

// put adds a fact to a request, as a member of the staff.
func (s *site) put(who, name, fact string, value any) {
	s.Helper()
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/" + fact, "value": value}})
	if err != nil {
		s.Fatal(err)
	}
	s.patchAs(s.as(who, staff), &v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: name}}, patch)
}

func (s *site) approve(who, name, level string) {
	s.Helper()
	s.put(who, name, "decision", map[string]any{"verdict": "Approved", "by": who, "level": level})
}

func (s *site) awaitRemedy(name, what string, holds func(*v1alpha1.Compensation) bool) *v1alpha1.Compensation {
	s.Helper()
	return await(s, &v1alpha1.CompensationList{}, name, what, holds)
}

// awaitStage waits until a request is in a phase, for a reason.
func (s *site) awaitStage(name string, phase v1alpha1.CompensationPhase, reason string) *v1alpha1.Compensation {
	s.Helper()
	c := s.awaitRemedy(name, "phase "+string(phase), func(c *v1alpha1.Compensation) bool { return c.Status.Phase == phase })
	ready := apimeta.FindStatusCondition(c.Status.Conditions, v1alpha1.ReadyCondition)
	if ready == nil || ready.Reason != reason {
		s.Errorf("%s is %s, and Ready is %+v, want reason %s", name, phase, ready, reason)
	}
	return c
}

func (s *site) awaitBudget(name, what string, holds func(*v1alpha1.RecoveryBudget) bool) *v1alpha1.RecoveryBudget {
	s.Helper()
	return await(s, &v1alpha1.RecoveryBudgetList{}, name, what, holds)
}

// used is what the running period of a budget holds, in cents, once nothing is in flight.
type used struct{ spent, reserved, owed int64 }

// awaitUsed waits until a budget holds so much, and nothing is in flight.
func (s *site) awaitUsed(budget string, want used) *v1alpha1.RecoveryBudget {
	s.Helper()
	return s.awaitBudget(budget, "other sums", func(b *v1alpha1.RecoveryBudget) bool {
		var got used
		for _, p := range b.Status.Periods {
			got = used{*p.Spent, *p.Reserved, *p.Owed}
		}
		return len(b.Status.Entries) == 0 && got == want
	})
}

// statusVersions watches a request from now on, and returns the versions of its status
// up to the first one of a phase.
func (s *site) statusVersions(name string, until v1alpha1.CompensationPhase) []v1alpha1.CompensationStatus {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	w := s.watchFor(ctx, &v1alpha1.CompensationList{}, name)
	defer w.Stop()
	var out []v1alpha1.CompensationStatus
	for event := range w.ResultChan() {
		c, ok := event.Object.(*v1alpha1.Compensation)
		if !ok {
			continue
		}
		if n := len(out); c.Status.Phase != "" && (n == 0 || !sameJSON(out[n-1], c.Status)) {
			out = append(out, c.Status)
		}
		if c.Status.Phase == until {
			return out
		}
	}
	s.Fatalf("%s does not become %s: %s", name, until, asYAML(out))
	return nil
}

func sameJSON(a, b any) bool {
	left, _ := json.Marshal(a)
	right, _ := json.Marshal(b)
	return string(left) == string(right)
}

// holds says whether an object carries a finalizer of ours.
func holds(o client.Object, finalizer string) bool {
	return controllerutil.ContainsFinalizer(o, finalizer)
}

// readRemedy is a request as it stands.
func (s *site) readRemedy(name string) *v1alpha1.Compensation {
	s.Helper()
	c := &v1alpha1.Compensation{}
	if err := s.admin.Get(s.Context(), client.ObjectKey{Namespace: s.namespace, Name: name}, c); err != nil {
		s.Fatal(err)
	}
	return c
}

// mentions checks that a request's message has all of its parts.
func (s *site) mentions(c *v1alpha1.Compensation, parts ...string) {
	s.Helper()
	message := messageOf(c.Status.Conditions, v1alpha1.ReadyCondition)
	for _, part := range parts {
		if !strings.Contains(message, part) {
			s.Errorf("%s does not say %q: %s", c.Name, part, message)
		}
	}
}

// tells checks that an event about a request is there, names its incident as related,
// and says no amount.
func (s *site) tells(c *v1alpha1.Compensation, reason string) {
	s.Helper()
	event := s.awaitNotice(c.Name, reason)
	if event.Related == nil || event.Related.Kind != "Incident" || string(event.Related.UID) != c.Status.IncidentUID {
		s.Errorf("%s is related to %+v, want the incident", reason, event.Related)
	}
	if strings.Contains(event.Note, "EUR") || strings.Contains(event.Note, ".00") {
		s.Errorf("%s tells an amount: %s", reason, event.Note)
	}
}

// sinceAsked is how long after its creation something happened to a request.
func (s *site) sinceAsked(c *v1alpha1.Compensation, at *metav1.Time) time.Duration {
	s.Helper()
	if at == nil {
		s.Fatalf("%s lacks an instant:\n%s", c.Name, asYAML(c.Status))
	}
	return at.Sub(c.CreationTimestamp.Time)
}
