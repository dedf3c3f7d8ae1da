package operatortest

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// awaitCondition waits until an incident has an abnormal condition for a reason, and
// returns its message.
func (s *site) awaitCondition(name, kind, reason string) string {
	s.Helper()
	i := s.awaitIncident(name, kind+" because of "+reason, func(i *v1alpha1.Incident) bool {
		return says(i.Status.Conditions, kind, metav1.ConditionTrue, reason)
	})
	if !says(i.Status.Conditions, v1alpha1.PolicyBoundCondition, metav1.ConditionFalse, reason) {
		s.Errorf("%s: PolicyBound does not say %s:\n%s", name, reason, asYAML(i.Status.Conditions))
	}
	return messageOf(i.Status.Conditions, kind)
}

// bound says whether an incident runs under a policy, with nothing abnormal left.
func bound(policy v1alpha1.ObjectName) func(*v1alpha1.Incident) bool {
	return func(i *v1alpha1.Incident) bool {
		return i.Status.Policy != nil && i.Status.Policy.Name == policy && isTrue(i.Status.Conditions, v1alpha1.PolicyBoundCondition) &&
			!isTrue(i.Status.Conditions, v1alpha1.ReconcilingCondition) && !isTrue(i.Status.Conditions, v1alpha1.StalledCondition)
	}
}

// selecting is a policy of one step for incidents of a service.
func selecting(name string, priority int32, service string) *v1alpha1.RecoveryPolicy {
	p := fixture.Policy(name, fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")))
	p.Spec.Priority = priority
	p.Spec.Selector = &v1alpha1.IncidentSelector{Expression: v1alpha1.Expression(`incident.spec.service == "` + service + `"`)}
	return p
}

// The policy comes after the incident: its clocks count from the report all the same.
func TestIncidentBeforeItsPolicy(t *testing.T) {
	t.Parallel()
	s := open(t)
	created := s.report("alice", fixture.Incident("early", fixture.UnderPolicy("late")))
	hurried := s.report("alice", fixture.Incident("hurried", fixture.UnderPolicy("hurry")))
	if got := s.awaitCondition("early", v1alpha1.ReconcilingCondition, v1alpha1.PolicyNotFoundReason); !strings.Contains(got, `"late"`) {
		t.Errorf("the message does not name the policy: %s", got)
	}
	s.add("early", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	due := plus(hurried.CreationTimestamp, 2*time.Second)
	s.awaitServerTime(due.Add(settling))

	s.create(fixture.Policy("late", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")), fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueWithin("2h"))),
		fixture.Policy("hurry", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("2s"))))
	inc := s.awaitIncident("early", "to be bound", bound("late"))
	c := s.clockOf(inc, "Step/apologise")
	if !c.StartedAt.Equal(&created.CreationTimestamp) || !sameInstant(c.DueAt, plus(created.CreationTimestamp, time.Hour)) {
		t.Errorf("started %s and due %s, want the creation at %s and an hour later", c.StartedAt, c.DueAt, created.CreationTimestamp)
	}
	if c.State != v1alpha1.StateDone || inc.Status.CurrentStep != "resolve" {
		t.Errorf("the completion that came before the policy does not count: %s, step %s", c.State, inc.Status.CurrentStep)
	}
	breach := s.clockOf(s.awaitBreach("hurried", "Step/apologise"), "Step/apologise")
	if !sameInstant(breach.BreachedAt, due) || !sameInstant(breach.DueAt, due) {
		t.Errorf("breached at %s, due %s, want both %s: before there was a policy", breach.BreachedAt, breach.DueAt, due)
	}
	s.awaitNotice("early", v1alpha1.EventPolicyProblem)
	s.awaitNotice("early", v1alpha1.EventPolicyBound)
}

// Two policies hold for an incident at one priority: neither is picked.
func TestPoliciesThatTie(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(selecting("one", 10, "pool-bar"), selecting("other", 10, "pool-bar"), selecting("lower", 5, "pool-bar"), selecting("elsewhere", 50, "spa"))
	for _, name := range []string{"one", "other", "lower", "elsewhere"} {
		s.awaitReady(name)
	}
	s.report("alice", fixture.Incident("torn"))
	got := s.awaitCondition("torn", v1alpha1.StalledCondition, v1alpha1.PolicyTieReason)
	if !strings.Contains(got, "one and other") || !strings.Contains(got, "priority 10") || strings.Contains(got, "lower") || strings.Contains(got, "elsewhere") {
		t.Errorf("the message does not name the two: %s", got)
	}
	s.awaitNotice("torn", v1alpha1.EventPolicyProblem)

	edit(s, &v1alpha1.RecoveryPolicy{ObjectMeta: metav1.ObjectMeta{Name: "other"}}, func(p *v1alpha1.RecoveryPolicy) { p.Spec.Priority = 11 })
	s.awaitIncident("torn", "to be bound", bound("other"))
	s.awaitRunning("torn", "Step/apologise")
}

// No policy selects an incident until one is written that does.
func TestNoPolicySelects(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(selecting("elsewhere", 50, "spa"))
	s.awaitReady("elsewhere")
	s.report("alice", fixture.Incident("alone"))
	if got := s.awaitCondition("alone", v1alpha1.StalledCondition, v1alpha1.NoPolicyMatchesReason); !strings.Contains(got, "spec.policyName") {
		t.Errorf("the message does not say what to do: %s", got)
	}
	s.create(selecting("here", 1, "pool-bar"))
	s.awaitIncident("alone", "to be bound", bound("here"))
}

// The policy is there and wrong: its incidents are Stalled until it is mended.
func TestPolicyOfAnIncidentIsWrong(t *testing.T) {
	t.Parallel()
	s := open(t)
	policy := fixture.Policy("wrong", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")))
	policy.Spec.Steps[0].When = "incident.spec.nothing == 1"
	s.create(policy)
	s.awaitStalledPolicy("wrong", v1alpha1.InvalidSpecReason)
	s.report("alice", fixture.Incident("stuck", fixture.UnderPolicy("wrong")))
	if got := s.awaitCondition("stuck", v1alpha1.StalledCondition, v1alpha1.PolicyNotReadyReason); !strings.Contains(got, "spec.steps[0].when") {
		t.Errorf("the message does not say what is wrong with the policy: %s", got)
	}
	edit(s, policy, func(p *v1alpha1.RecoveryPolicy) { p.Spec.Steps[0].When = "" })
	s.awaitIncident("stuck", "to be bound", bound("wrong"))
	s.awaitRunning("stuck", "Step/apologise")
}
