package operatortest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// request asks for what the files of a story ask, each as who asks there, with no rights
// but those that the story's own 00-people.yaml gives.
func (s *story) request(pattern string) {
	s.Helper()
	for _, file := range s.files(pattern) {
		for doc := range strings.SplitSeq(string(s.read(file)), "\n---") {
			c := &v1alpha1.Compensation{}
			if err := yaml.UnmarshalStrict([]byte(doc), c); err != nil {
				s.Fatal(file, err)
			}
			s.insistKubectlAs(string(c.Spec.By), doc)
		}
	}
}

// insistKubectlAs applies a document as a person, as the story's README says.
func (s *story) insistKubectlAs(who, doc string) {
	s.Helper()
	file := filepath.Join(s.TempDir(), "request.yaml")
	s.write(file, doc)
	s.insistKubectl("apply", "-f", file, "--as="+who)
}

// fact adds what a file of a story says to a request, as who did it.
func (s *story) fact(pattern, request string) {
	s.Helper()
	for _, file := range s.files(pattern) {
		var operations []struct {
			Value struct {
				By string `json:"by"`
			} `json:"value"`
		}
		if err := json.Unmarshal(s.read(file), &operations); err != nil || len(operations) != 1 {
			s.Fatal(file, err)
		}
		s.insistKubectl("patch", "compensation", request, "--type=json", "--patch-file="+file, "--as="+operations[0].Value.By)
	}
}

// tellFor appends the entries of some files to another incident of the story.
func (s *story) tellFor(incident, pattern string) {
	s.Helper()
	other := *s
	other.incident = incident
	other.append(pattern)
}

// A coffee that has a price, and a waiter who must ask: our own approval costs the guest
// the time, and the record says so. The story's ten minutes are not waited for here: the
// policy and the budget are given shorter ones.
func TestMoneyStoryCoffeeAskedUpwards(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "coffee-asked-upwards", "coffee-0418")
	s.awaitRunning("coffee-0418", "Step/apologise")
	// Before anything is asked, the approval is made stale sooner.
	edit(s.site, &v1alpha1.RecoveryBudget{ObjectMeta: metav1.ObjectMeta{Name: "beach-bar"}}, func(b *v1alpha1.RecoveryBudget) { b.Spec.Approval.Within = "2s" })
	s.append("journal/0[12]*.json")
	s.request("remedy/01*.yaml")
	c := s.awaitStage("coffee-0418-coffee", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.mentions(c, "it names no allowance", "bar-manager may decide")
	s.awaitIncident("coffee-0418", "the duty manager to be told of the stale approval", func(i *v1alpha1.Incident) bool {
		for _, a := range i.Status.Announced {
			if strings.Contains(a.Key, "ApprovalStale") && strings.Contains(a.Key, "duty-manager") {
				return true
			}
		}
		return false
	})
	inc, err := s.site.incident("coffee-0418")
	if err != nil {
		t.Fatal(err)
	}
	// Nothing stops the guest's own clock while the bar waits for itself.
	if k := s.clockOf(inc, "Step/new-coffee"); k.State != v1alpha1.StateRunning {
		t.Errorf("the guest's clock is %s", k.State)
	}
	s.append("journal/0[3-5]*.json")
	s.fact("remedy/02*.json", c.Name)
	s.awaitStage(c.Name, v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	s.append("journal/0[6-9]*.json")
	s.fact("remedy/03*.json", c.Name)
	s.awaitStage(c.Name, v1alpha1.CompensationDelivered, v1alpha1.DeliveredReason)
	inc = s.awaitPhase("coffee-0418", v1alpha1.PhaseClosed)
	if w := inc.Status.Waits; w == nil || w.Approval == "" {
		t.Errorf("waits %+v, want what the approval cost the guest", w)
	}
}

// No room at all: the suite is beyond the allowance, and the general manager approves it
// in time.
func TestMoneyStoryNoRoomAtAll(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "no-room-at-all", "no-room-0733")
	s.append("journal/0[1-5]*.json")
	s.request("remedy/01*.yaml")
	const suite = "no-room-0733-suite"
	c := s.awaitStage(suite, v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.mentions(c, "1800.00 CNY is set aside", "allowance frontline gives at most 500.00 CNY for one incident, of which 500.00 CNY is left", "; general-manager may decide")
	s.fact("remedy/02*.json", suite)
	c = s.awaitStage(suite, v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	if c.Status.DecidedAt.After(c.Status.ApprovalDueAt.Time) {
		t.Errorf("approved at %s, due %s", c.Status.DecidedAt, c.Status.ApprovalDueAt)
	}
	s.append("journal/06*.json")
	s.awaitPhase("no-room-0733", v1alpha1.PhaseResolved)
	s.append("journal/0[7-9]*.json")
	s.append("journal/1*.json")
	undelivered := s.awaitIncident("no-room-0733", "every entry to be seen", func(i *v1alpha1.Incident) bool {
		return i.Status.ObservedGeneration == i.Generation && len(i.Spec.Journal) == 11
	})
	if undelivered.Status.Phase == v1alpha1.PhaseClosed {
		t.Error("closed although the guest has not got the suite")
	}
	s.fact("remedy/03*.json", suite)
	inc := s.awaitPhase("no-room-0733", v1alpha1.PhaseClosed)
	if inc.Status.SLA != v1alpha1.SLAMet || inc.Status.Compensation == nil || inc.Status.Compensation.Delivered != "1800.00" {
		t.Errorf("SLA %s, compensation %+v", inc.Status.SLA, inc.Status.Compensation)
	}
	s.awaitUsed("front-desk", used{spent: 180000})
}

// The late parcel: one request with two offers, the dearer set aside, the chosen one
// charged, delivered within its deadline.
func TestMoneyStoryTheLateParcel(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "the-late-parcel", "parcel-5521")
	const offer = "parcel-5521-refund-or-voucher"
	s.append("entries/0[1-3]*.json")
	s.request("remedy/01*.yaml")
	c := s.awaitStage(offer, v1alpha1.CompensationOffered, v1alpha1.CustomerChoosesReason)
	if c.Status.Amount != "40.00" {
		t.Errorf("%s is set aside, want the dearer offer", c.Status.Amount)
	}
	s.awaitUsed("web-shop", used{reserved: 4000})
	s.append("entries/0[4-6]*.json")
	s.fact("remedy/02*.json", offer)
	c = s.awaitStage(offer, v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	if c.Status.Amount != "25.00" || !sameInstant(c.Status.DueAt, plus(*c.Status.DecidedAt, 48*time.Hour)) {
		t.Errorf("granted: %s", asYAML(c.Status))
	}
	s.awaitUsed("web-shop", used{spent: 2500})
	s.append("entries/07*.json")
	s.fact("remedy/03*.json", offer)
	s.append("entries/0[89]*.json")
	s.append("entries/10*.json")
	s.awaitStage(offer, v1alpha1.CompensationDelivered, v1alpha1.DeliveredReason)
	inc := s.awaitPhase("parcel-5521", v1alpha1.PhaseClosed)
	if inc.Status.SLA != v1alpha1.SLAMet || !isTrue(inc.Status.Conditions, v1alpha1.JournalAcceptedCondition) {
		t.Errorf("SLA %s: %s", inc.Status.SLA, messageOf(inc.Status.Conditions, v1alpha1.JournalAcceptedCondition))
	}
	if k := s.clockOf(inc, "Delivery/"+offer); k.State != v1alpha1.StateDone || k.BreachedAt != nil {
		t.Errorf("the delivery: %s", asYAML(k))
	}
}

// Two thousand a day: to the cent.
func TestMoneyStoryTwoThousandADay(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "two-thousand-a-day", "")
	for _, incident := range []string{"lost-suitcase-1", "wet-room-2", "missed-flight-3"} {
		s.awaitRunning(incident, "Step/apologise")
	}
	for pattern, name := range map[string]string{"remedy/01*": "clothes", "remedy/02*": "suite"} {
		s.request(pattern)
		s.awaitStage(name, v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	}
	s.request("remedy/03*")
	s.awaitStage("taxi", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.request("remedy/04*")
	c := s.awaitStage("one-cent", v1alpha1.CompensationAwaitingApproval, v1alpha1.AwaitingApprovalReason)
	s.mentions(c, "ada may give at most 2000.00 USD a day from allowance anyone, of which 0.00 USD is left", "manager may decide")
	s.fact("remedy/05*.json", "one-cent")
	s.awaitStage("one-cent", v1alpha1.CompensationGranted, v1alpha1.ApprovedReason)
	s.awaitUsed("front", used{spent: 200001})
}

// Half a percent: used up, denied and escalated, gestures pass, and a raised revenue opens
// the pool again.
func TestMoneyStoryHalfAPercent(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "half-a-percent", "cold-shower-12")
	s.awaitRunning("cold-shower-12", "Step/apologise")
	s.request("remedy/01*.yaml")
	s.awaitStage("one-night", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.request("remedy/02*.yaml")
	c := s.awaitStage("one-cent-more", v1alpha1.CompensationDenied, v1alpha1.PoolExhaustedReason)
	s.mentions(c, "the pool of budget guesthouse holds 61.72 EUR", "of which 0.00 EUR is left", "a gesture that costs nothing needs no budget")
	s.awaitIncident("cold-shower-12", "the owner to be told that the pool is used up", func(i *v1alpha1.Incident) bool {
		for _, a := range i.Status.Announced {
			if strings.Contains(a.Key, "PoolExhausted") && strings.Contains(a.Key, "owner") {
				return true
			}
		}
		return false
	})
	s.append("entries/01*.json")
	s.awaitIncident("cold-shower-12", "the gesture to count", func(i *v1alpha1.Incident) bool {
		return i.Status.ObservedGeneration == i.Generation && isTrue(i.Status.Conditions, v1alpha1.JournalAcceptedCondition)
	})
	s.kubectl("admin", "patch", "recoverybudget", "guesthouse", "--type=json", "--patch-file="+s.files("budget/01*.json")[0])
	s.awaitBudget("guesthouse", "the raised limit", func(b *v1alpha1.RecoveryBudget) bool {
		return b.Status.ObservedGeneration == b.Generation && len(b.Status.Periods) == 1 && *b.Status.Periods[0].Limit == 7000
	})
	s.request("remedy/03*.yaml")
	s.awaitStage("asked-anew", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.awaitUsed("guesthouse", used{spent: 7000})
}

// API outage: ten credits by contract, none denied although the pool is used up.
func TestMoneyStoryAPIOutage(t *testing.T) {
	t.Parallel()
	s := tell(open(t), "api-outage", "")
	tenants := []string{"acme", "bravo", "corvid", "delta", "ember", "fjord", "gale", "harbor", "iris", "juno"}
	for _, tenant := range tenants {
		s.awaitRunning("outage-"+tenant, "Step/acknowledge")
	}
	s.request("remedy/01*.yaml")
	s.awaitStage("goodwill-acme", v1alpha1.CompensationGranted, v1alpha1.WithinAllowanceReason)
	s.insistKubectl("apply", "-f", s.files("remedy/02*.yaml")[0], "--as=billing")
	s.request("remedy/03*.yaml")
	for _, tenant := range tenants {
		c := s.awaitStage("credit-"+tenant, v1alpha1.CompensationGranted, v1alpha1.OwedReason)
		if c.Status.Entitlement != v1alpha1.EntitlementOwed || c.Status.Allowance != "" {
			t.Errorf("granted: %s", asYAML(c.Status))
		}
	}
	s.awaitStage("goodwill-bravo", v1alpha1.CompensationDenied, v1alpha1.PoolExhaustedReason)
	b := s.awaitUsed("platform", used{spent: 5000, owed: 34500})
	if !isTrue(b.Status.Conditions, v1alpha1.OverdrawnCondition) {
		t.Errorf("the budget does not say that it is overdrawn: %s", asYAML(b.Status.Conditions))
	}
	s.insistKubectl("patch", "compensation", "goodwill-acme", "--type=json", "--patch-file="+s.files("remedy/04*.json")[0], "--as=billing")
	for _, tenant := range tenants {
		s.tellFor("outage-"+tenant, "entries/*.json")
		s.fact("remedy/04*.json", "credit-"+tenant)
	}
	for _, tenant := range tenants {
		inc := s.awaitPhase("outage-"+tenant, v1alpha1.PhaseClosed)
		if inc.Status.SLA != v1alpha1.SLAMet || !isTrue(inc.Status.Conditions, v1alpha1.DocumentedCondition) {
			t.Errorf("%s: SLA %s, %s", tenant, inc.Status.SLA, messageOf(inc.Status.Conditions, v1alpha1.DocumentedCondition))
		}
	}
}

func (s *story) write(file, content string) {
	s.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
}
