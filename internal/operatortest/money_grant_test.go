package operatortest

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// A request within an allowance is granted at once, by one write of its status.
func TestMoneyGrantedWithinAnAllowance(t *testing.T) {
	t.Parallel()
	s := open(t)
	inc := openDesk(s, nil)
	asked := s.ask(refundOf("refund", "40.00"))
	if versions := s.statusVersions("refund", v1alpha1.CompensationGranted); len(versions) > 1 {
		t.Errorf("%d versions of the status before the grant, want the grant alone:\n%s", len(versions), asYAML(versions))
	}
	c := s.awaitStage("refund", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	got := c.Status
	if got.Amount != "40.00" || got.Allowance != "front" || got.IncidentUID != string(inc.UID) || got.Customer != inc.Spec.Customer.ID || got.Purpose != v1alpha1.PurposeRestore {
		t.Errorf("the record is %s", asYAML(got))
	}
	if !got.DecidedAt.Equal(&asked.CreationTimestamp) || !sameInstant(got.DueAt, plus(asked.CreationTimestamp, 2*time.Hour)) {
		t.Errorf("decided %s, due %s; want the instant it was asked, %s, and two hours later", got.DecidedAt, got.DueAt, asked.CreationTimestamp)
	}
	if !holds(c, v1alpha1.LedgerFinalizer) {
		t.Errorf("finalizers %v", c.Finalizers)
	}
	inc = s.awaitIncident("coffee", "the grant", func(i *v1alpha1.Incident) bool {
		return i.Status.Compensation != nil && i.Status.Compensation.Granted == "40.00"
	})
	if !holds(inc, v1alpha1.MoneyFinalizer) {
		t.Errorf("the incident's finalizers %v", inc.Finalizers)
	}
	s.tells(c, v1alpha1.EventRemedyGranted)
	s.kstatus("Compensation", "refund", status.CurrentStatus)
	s.awaitUsed("desk", used{spent: 4000})

	s.put("alice", "refund", "delivery", map[string]any{"by": "alice", "evidence": "receipt 12"})
	c = s.awaitStage("refund", v1alpha1.CompensationDelivered, v1alpha1.DeliveredReason)
	if c.Status.DueAt != nil || s.sinceAsked(c, c.Status.DeliveredAt) < 0 {
		t.Errorf("delivered: %s", asYAML(c.Status))
	}
	s.tells(c, v1alpha1.EventRemedyDelivered)
	s.awaitUsed("desk", used{spent: 4000})
	for _, event := range []string{v1alpha1.EventRemedyGranted, v1alpha1.EventRemedyDelivered} {
		if n := len(s.notices("refund")[event]); n != 1 {
			t.Errorf("%s was told %d times, want once", event, n)
		}
	}
	for reason, told := range s.notices("coffee") {
		if strings.Contains(told[0].Note, "40.00") {
			t.Errorf("an event about the incident tells an amount: %s: %s", reason, told[0].Note)
		}
	}
}

// What cannot be given is denied at once, and says why; what lacks something waits.
func TestMoneyBadRequests(t *testing.T) {
	t.Parallel()
	s := open(t)
	openDesk(s, func(c *v1alpha1.PolicyCompensation) {
		c.Catalogue = append(c.Catalogue,
			v1alpha1.CatalogueOption{Name: "pass", Kind: "Upgrade", Purpose: v1alpha1.PurposeExtra, Cost: "15.00"},
			v1alpha1.CatalogueOption{Name: "suite", Kind: "Upgrade", Purpose: v1alpha1.PurposeRestore, Severities: []v1alpha1.Severity{v1alpha1.SeverityCritical}})
	})
	s.create(fixture.Budget("other", "EUR", "1000.00"))
	s.empower("alice", "spend", "gold", "desk")
	s.empower("alice", "spend", "front", "other")
	offer := func(option v1alpha1.Name, amount v1alpha1.Money) func(*v1alpha1.Compensation) {
		return func(c *v1alpha1.Compensation) {
			c.Spec.Offers = []v1alpha1.CompensationOffer{{Name: "it", Option: option, Amount: amount}}
		}
	}
	cases := map[string]struct {
		change func(*v1alpha1.Compensation)
		reason string
	}{
		"currency":  {func(c *v1alpha1.Compensation) { c.Spec.Offers[0].Currency = "USD" }, v1alpha1.CurrencyMismatchReason},
		"decimals":  {offer("refund", "1.001"), v1alpha1.AmountInvalidReason},
		"digits":    {offer("refund", "123456789012345"), v1alpha1.AmountInvalidReason},
		"zero":      {offer("refund", "0"), v1alpha1.AmountZeroReason},
		"mismatch":  {offer("pass", "14.00"), v1alpha1.AmountMismatchReason},
		"option":    {offer("yacht", "1.00"), v1alpha1.OptionUnknownReason},
		"severity":  {offer("suite", "1.00"), v1alpha1.OptionNotForSeverityReason},
		"allowance": {func(c *v1alpha1.Compensation) { c.Spec.Allowance = "gold" }, v1alpha1.AllowanceUnknownReason},
		"budget":    {func(c *v1alpha1.Compensation) { c.Spec.BudgetName = "other" }, v1alpha1.BudgetNotPolicysReason},
	}
	for name, c := range cases {
		request := refundOf("bad-"+name, "1.00")
		c.change(request)
		s.ask(request)
	}
	for name, c := range cases {
		denied := s.awaitStage("bad-"+name, v1alpha1.CompensationDenied, c.reason)
		if denied.Status.Amount != "" {
			t.Errorf("%s: it holds %s", name, denied.Status.Amount)
		}
		s.tells(denied, v1alpha1.EventRemedyDenied)
		s.kstatus("Compensation", "bad-"+name, status.FailedStatus)
	}

}

// A request that comes before its incident, its policy or its budget waits for them.
func TestMoneyAskedEarly(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.empower("alice", "spend", "front", "desk")
	asked := s.ask(refundOf("refund", "40.00"))
	waits := func(reason string) {
		t.Helper()
		s.awaitRemedy("refund", "to wait, "+reason, func(c *v1alpha1.Compensation) bool {
			return c.Status.Phase == v1alpha1.CompensationRequested && says(c.Status.Conditions, v1alpha1.ReconcilingCondition, metav1.ConditionTrue, reason)
		})
		s.kstatus("Compensation", "refund", status.InProgressStatus)
	}
	waits(v1alpha1.IncidentNotFoundReason)
	s.report("alice", fixture.Incident("coffee", fixture.UnderPolicy("desk")))
	waits(v1alpha1.PolicyPendingReason)
	p := fixture.Policy("desk", fixture.Step("resolve", v1alpha1.StepResolution))
	terms := deskMoney(nil)
	p.Spec.Compensation = &terms
	s.create(p)
	waits(v1alpha1.BudgetNotFoundReason)
	s.create(deskBudget())
	c := s.awaitStage("refund", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	if c.Status.DecidedAt.Before(&asked.CreationTimestamp) {
		t.Errorf("decided at %s, asked at %s", c.Status.DecidedAt, asked.CreationTimestamp)
	}
}
