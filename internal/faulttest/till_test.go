package faulttest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

const till = `
apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryBudget
metadata: {name: till}
spec:
  currency: EUR
  timeZone: Europe/Berlin
  pool: {period: Month, amount: "500.00"}
  allowances:
  - {name: frontline, perIncident: "150.00", perPersonPerDay: "200.00", perCustomer: {amount: "250.00", window: 48h}}
  approval: {within: 15m, onTimeout: Deny, levels: [{name: duty, upTo: "300.00"}, {name: general}]}
  warnAt: [50, 80, 100]
---
apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryPolicy
metadata: {name: till}
spec:
  priority: 1
  selector: {matchLabels: {site: till}}
  steps:
  - {name: apologise, type: Apology, due: {within: 10m}}
  - {name: put-right, type: Resolution, due: {within: 4h}}
  escalation:
  - {level: manager, triggers: [Breach, ApprovalStale, PoolExhausted], notify: {user: gao}}
  compensation:
    budgetName: till
    deliverWithin: {within: 2h}
    catalogue:
    - {name: refund, kind: Refund, purpose: Restore}
    - {name: gift, kind: Other, purpose: Extra}
    - {name: credit, kind: Credit, purpose: Restore, entitlement: Owed}
---
apiVersion: recovery.amends.dev/v1alpha1
kind: Incident
metadata: {name: cold-soup, labels: {site: till}}
spec: {summary: The soup was cold, customer: {id: guest-1}, severity: High, service: kitchen, detectedBy: Customer}
---
apiVersion: recovery.amends.dev/v1alpha1
kind: Incident
metadata: {name: no-table, labels: {site: till}}
spec: {summary: The table was given away, customer: {id: guest-2}, severity: High, service: kitchen, detectedBy: Customer}
`

// request is a Compensation for one or several offers.
func request(name, incident, allowance string, by v1alpha1.User, offers ...v1alpha1.CompensationOffer) *v1alpha1.Compensation {
	c := &v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: name}}
	c.Spec.IncidentName, c.Spec.BudgetName = v1alpha1.ObjectName(incident), "till"
	c.Spec.Allowance, c.Spec.By, c.Spec.Offers = v1alpha1.Name(allowance), by, offers
	c.Spec.Justification = "it is in the story"
	return c
}

func offer(option v1alpha1.Name, amount v1alpha1.Money) v1alpha1.CompensationOffer {
	return v1alpha1.CompensationOffer{Name: option, Option: option, Amount: amount, Currency: "EUR"}
}

// fact is a JSON patch that adds one fact to a Compensation.
func fact(name, value string) []byte {
	return fmt.Appendf(nil, `[{"op":"add","path":"/spec/%s","value":%s}]`, name, value)
}

// theTill is a story in which money goes every way that it can go.
func theTill(t testing.TB) *story {
	t.Helper()
	s := &story{name: "the-till", opens: opening, until: 8 * time.Hour, takesBack: true}
	for _, doc := range documents(till) {
		s.creates(0, object(t, "the till", doc))
	}
	m := func(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
	s.creates(m(1), request("within", "cold-soup", "frontline", "ada", offer("refund", "100.00")))
	s.creates(m(2), request("choice", "cold-soup", "frontline", "ada", offer("refund", "20.00"), offer("gift", "45.00")))
	s.creates(m(3), request("above", "cold-soup", "frontline", "ada", offer("refund", "80.00")))
	s.records(m(4), "choice", fact("choice", `{"offer":"refund","by":"ada"}`))
	s.records(m(5), "above", fact("decision", `{"verdict":"Approved","by":"gao","level":"duty"}`))
	s.creates(m(6), request("taken-back", "no-table", "", "bea", offer("refund", "60.00")))
	s.records(m(7), "taken-back", fact("withdrawal", `{"by":"bea","reason":"not wanted"}`))
	s.creates(m(8), request("unheard", "no-table", "", "bea", offer("gift", "70.00")))
	s.records(m(9), "within", fact("delivery", `{"by":"ada","evidence":"slip 1"}`))
	s.creates(m(10), request("denied", "no-table", "", "bea", offer("gift", "30.00")))
	s.records(m(11), "denied", fact("decision", `{"verdict":"Denied","by":"gao","level":"duty","reason":"too much"}`))
	s.creates(m(30), request("returned", "no-table", "frontline", "bea", offer("refund", "90.00")))
	s.records(m(31), "returned", fact("withdrawal", `{"by":"bea","reason":"a mistake"}`))
	s.creates(m(32), request("owed", "no-table", "", "bea", offer("credit", "40.00")))
	s.creates(m(33), request("too-much", "no-table", "", "cyn", offer("refund", "400.00")))
	s.creates(m(34), request("deleted", "no-table", "", "cyn", offer("refund", "50.00")))
	s.deletes(m(35), &v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: "deleted"}})
	s.creates(m(36), request("last", "no-table", "frontline", "cyn", offer("refund", "100.00")))
	slices.SortStableFunc(s.acts, func(a, b act) int { return int(a.at - b.at) })
	return s
}

// shortTill is the part of theTill in which most happens at once.
func shortTill(t testing.TB) *story {
	t.Helper()
	s := theTill(t)
	s.name, s.until = "the-short-till", 10*time.Minute
	s.acts = slices.DeleteFunc(s.acts, func(a act) bool { return a.at > 5*time.Minute })
	return s
}

// deletes adds the deletion of an object.
func (s *story) deletes(at time.Duration, o client.Object) {
	s.acts = append(s.acts, act{at, "delete " + refOf(o).String(), func(w *world) {
		w.delete(o.DeepCopyObject().(client.Object))
	}})
}

// standing tells the phases of the requests, for a check of the story itself.
func (w *world) standing() map[string]v1alpha1.CompensationPhase {
	out := map[string]v1alpha1.CompensationPhase{}
	for r, o := range w.latest {
		if c, ok := o.(*v1alpha1.Compensation); ok {
			out[r.name] = c.Status.Phase
		}
	}
	return out
}

// The story goes where it is meant to go.
func TestTheTill(t *testing.T) {
	p := begin(t, theTill(t), let).run()
	p.nothingLate(true)
	p.absorbed()
	p.unharmed()
	want := map[string]v1alpha1.CompensationPhase{
		"within": v1alpha1.CompensationDelivered, "choice": v1alpha1.CompensationGranted, "above": v1alpha1.CompensationGranted,
		"taken-back": v1alpha1.CompensationReleased, "unheard": v1alpha1.CompensationDenied, "denied": v1alpha1.CompensationDenied,
		"returned": v1alpha1.CompensationReleased, "owed": v1alpha1.CompensationGranted, "too-much": v1alpha1.CompensationDenied,
		"last": v1alpha1.CompensationGranted,
	}
	got := p.standing()
	for name, phase := range want {
		if got[name] != phase {
			t.Errorf("%s is %s, want %s", name, got[name], phase)
		}
	}
}
