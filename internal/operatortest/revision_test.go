package operatortest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// unusedSince is the annotation of a revision that nothing needs.
const unusedSince = "recovery.amends.dev/unused-since"

func revisionNamed(name v1alpha1.ObjectName) *appsv1.ControllerRevision {
	return &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Name: string(name)}}
}

func (s *site) awaitRevision(name v1alpha1.ObjectName, what string, holds func(*appsv1.ControllerRevision) bool) *appsv1.ControllerRevision {
	s.Helper()
	return await(s, &appsv1.ControllerRevisionList{}, string(name), what, holds)
}

// editDue gives the first step of a policy another deadline, and waits for the
// revision that comes of it.
func (s *site) editDue(policy string, due v1alpha1.Duration) v1alpha1.ObjectName {
	s.Helper()
	before := s.awaitReady(policy).Status.Revision
	edit(s, &v1alpha1.RecoveryPolicy{ObjectMeta: metav1.ObjectMeta{Name: policy}}, func(p *v1alpha1.RecoveryPolicy) {
		p.Spec.Steps[0].Due = &v1alpha1.Due{Within: due}
	})
	after := s.awaitPolicy(policy, "another revision", func(p *v1alpha1.RecoveryPolicy) bool {
		return p.Status.ObservedGeneration == p.Generation && p.Status.Revision != before
	})
	return after.Status.Revision
}

// always is a calendar that never closes.
func always(name string) *v1alpha1.BusinessCalendar {
	return fixture.Calendar(name, "UTC", fixture.Weekly(v1alpha1.WeeklyOpening{
		Days:  []v1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
		Hours: []v1alpha1.Opening{{From: "00:00", To: "24:00"}},
	}))
}

// The policy and the calendar are edited and then deleted while an incident is open.
func TestEditsMoveNoClock(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(always("office"))
	policy := fixture.Policy("desk",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h")),
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueBusiness("4h"), fixture.Demanding()),
		fixture.FollowUp("call", v1alpha1.FollowUpClosing, fixture.DueBusinessDays(2)))
	policy.Spec.CalendarName = "office"
	s.create(policy)
	first := s.awaitReady("desk").Status.Revision
	s.report("alice", fixture.Incident("under-way", fixture.UnderPolicy("desk")))
	s.add("under-way", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	before := s.awaitRunning("under-way", "Step/resolve")
	if c := s.clockOf(before, "Step/resolve"); !sameInstant(c.DueAt, plus(*c.StartedAt, 4*time.Hour)) {
		t.Fatalf("due %s, want four hours after %s", c.DueAt, c.StartedAt)
	}
	unmoved := func(after string) {
		t.Helper()
		s.add("under-way", fixture.Entry(v1alpha1.Name(after)).By("bob").Note(after))
		now := s.awaitSeen("under-way")
		if diff := cmp.Diff(before.Status.Clocks, now.Status.Clocks); diff != "" {
			t.Errorf("%s: a clock has moved (-before +after):\n%s", after, diff)
		}
		if now.Status.Policy.Revision != first || !isTrue(now.Status.Conditions, v1alpha1.PolicyBoundCondition) || isTrue(now.Status.Conditions, v1alpha1.StalledCondition) {
			t.Errorf("%s: no longer bound to %s:\n%s", after, first, asYAML(now.Status.Conditions))
		}
	}

	s.editDue("desk", "2h")
	unmoved("policy-edited")

	edit(s, &v1alpha1.BusinessCalendar{ObjectMeta: metav1.ObjectMeta{Name: "office"}}, func(c *v1alpha1.BusinessCalendar) {
		c.Spec.Weekly = []v1alpha1.WeeklyOpening{{Days: []v1alpha1.Weekday{"Monday"}, Hours: []v1alpha1.Opening{{From: "10:00", To: "10:30"}}}}
	})
	second := s.awaitReady("desk").Status.Revision
	latest := s.awaitPolicy("desk", "a revision with the new calendar", func(p *v1alpha1.RecoveryPolicy) bool {
		rev := revisionNamed(p.Status.Revision)
		rev.Namespace = s.namespace
		return s.admin.Get(t.Context(), client.ObjectKeyFromObject(rev), rev) == nil && strings.Contains(string(rev.Data.Raw), "10:30")
	}).Status.Revision
	unmoved("calendar-edited")

	s.report("alice", fixture.Incident("a-new-one", fixture.UnderPolicy("desk")))
	fresh := s.awaitRunning("a-new-one", "Step/apologise")
	if c := s.clockOf(fresh, "Step/apologise"); fresh.Status.Policy.Revision != latest || !sameInstant(c.DueAt, plus(*c.StartedAt, 2*time.Hour)) {
		t.Errorf("a new incident is bound to %s and due %s, want %s and two hours (edited before: %s)", fresh.Status.Policy.Revision, c.DueAt, latest, second)
	}

	s.remove(&v1alpha1.RecoveryPolicy{ObjectMeta: metav1.ObjectMeta{Name: "desk"}}, &v1alpha1.BusinessCalendar{ObjectMeta: metav1.ObjectMeta{Name: "office"}})
	s.awaitGone(&v1alpha1.RecoveryPolicyList{}, &v1alpha1.RecoveryPolicy{ObjectMeta: metav1.ObjectMeta{Name: "desk"}})
	unmoved("both-deleted")

	s.add("under-way", fixture.Entry("resolved").By("bob").Completion("resolve"), fixture.Entry("called").By("bob").Reached("Phone").Completion("call"))
	if closed := s.awaitPhase("under-way", v1alpha1.PhaseClosed); closed.Status.SLA != v1alpha1.SLAMet {
		t.Errorf("SLA %s, want Met", closed.Status.SLA)
	}
}

// A revision is deleted by hand while it is current: it is written anew.
func TestCurrentRevisionDeleted(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(fixture.Policy("desk"))
	name := s.awaitReady("desk").Status.Revision
	s.report("alice", fixture.Incident("under-way", fixture.UnderPolicy("desk")))
	before := s.awaitRunning("under-way", "Step/apologise")
	old := s.awaitRevision(name, "it", func(*appsv1.ControllerRevision) bool { return true })

	s.remove(revisionNamed(name))
	anew := s.awaitRevision(name, "another one of the name", func(r *appsv1.ControllerRevision) bool { return r.UID != old.UID })
	if diff := cmp.Diff(string(old.Data.Raw), string(anew.Data.Raw)); diff != "" {
		t.Errorf("it holds something else:\n%s", diff)
	}
	if len(anew.OwnerReferences) != 0 {
		t.Errorf("it has owners, and would go with them: %v", anew.OwnerReferences)
	}
	after := s.awaitIncident("under-way", "not to be Stalled", func(i *v1alpha1.Incident) bool { return !isTrue(i.Status.Conditions, v1alpha1.StalledCondition) })
	if diff := cmp.Diff(before.Status.Clocks, after.Status.Clocks); diff != "" {
		t.Errorf("a clock has moved (-before +after):\n%s", diff)
	}
}

// A revision is deleted by hand and the policy is another by now: what was written
// stands, facts wait, and all of them count once the policy is restored.
func TestPinnedRevisionMissing(t *testing.T) {
	t.Parallel()
	inTime(t, func(due time.Duration) bool { return loseRevision(t, due) }, 6*time.Second, 15*time.Second, 45*time.Second)
}

func loseRevision(t *testing.T, within time.Duration) bool {
	t.Helper()
	s := openForging(t)
	asItWas := v1alpha1.Duration(within.String())
	s.create(fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin(asItWas), fixture.Demanding())))
	first := s.awaitReady("desk").Status.Revision
	before := map[string]*v1alpha1.Incident{"answered": nil, "forgotten": nil}
	var due []time.Time
	for name := range before {
		due = append(due, s.report("alice", fixture.Incident(name, fixture.UnderPolicy("desk"))).CreationTimestamp.Add(within))
	}
	for name := range before {
		before[name] = s.awaitRunning(name, "Step/apologise")
	}
	s.editDue("desk", "1h")
	s.remove(revisionNamed(first))
	stalled := map[string]*v1alpha1.Incident{}
	for name := range before {
		stalled[name] = s.awaitIncident(name, "Stalled", func(i *v1alpha1.Incident) bool {
			return says(i.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.RevisionMissingReason)
		})
	}
	if !s.isBefore(due[0]) {
		return false
	}
	for name, was := range before {
		if got := messageOf(stalled[name].Status.Conditions, v1alpha1.StalledCondition); !strings.Contains(got, string(first)) || !strings.Contains(got, "restore") {
			t.Errorf("%s: the message does not say what to do: %s", name, got)
		}
		if diff := cmp.Diff(was.Status.Clocks, stalled[name].Status.Clocks); diff != "" {
			t.Errorf("%s: what was written does not stand (-before +after):\n%s", name, diff)
		}
	}
	s.add("answered", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise").
		RecordedAt(s.clockOf(before["answered"], "Step/apologise").DueAt.Add(-time.Second)))
	s.awaitServerTime(due[1].Add(settling))
	s.awaitIncident("answered", "the entry to be seen, and to wait", func(i *v1alpha1.Incident) bool {
		c := apimeta.FindStatusCondition(i.Status.Conditions, v1alpha1.StalledCondition)
		return c != nil && c.ObservedGeneration == i.Generation && i.Status.Phase == v1alpha1.PhaseOpen
	})

	if again := s.editDue("desk", asItWas); again != first {
		t.Fatalf("the policy as it was has the revision %s, and had %s", again, first)
	}
	answered := s.awaitPhase("answered", v1alpha1.PhaseClosed)
	if answered.Status.SLA != v1alpha1.SLAMet {
		t.Errorf("answered: SLA %s, want Met: the entry was recorded in time", answered.Status.SLA)
	}
	c := s.clockOf(s.awaitBreach("forgotten", "Step/apologise"), "Step/apologise")
	if !sameInstant(c.BreachedAt, c.DueAt) {
		t.Errorf("forgotten: breached at %s, want the due instant %s", c.BreachedAt, c.DueAt)
	}
	for name := range before {
		s.awaitIncident(name, "not to be Stalled", func(i *v1alpha1.Incident) bool { return !isTrue(i.Status.Conditions, v1alpha1.StalledCondition) })
	}
	return true
}

// Revisions that nothing needs are marked, and deleted a day later.
func TestRevisionsArePruned(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("1h"))))
	used := s.awaitReady("desk").Status.Revision
	s.report("alice", fixture.Incident("under-way", fixture.UnderPolicy("desk")))
	s.awaitRunning("under-way", "Step/apologise")
	unused := s.editDue("desk", "2h")
	young := s.editDue("desk", "3h")
	current := s.editDue("desk", "4h")

	marked := func(r *appsv1.ControllerRevision) bool { return r.Annotations[unusedSince] != "" }
	unmarked := func(r *appsv1.ControllerRevision) bool { return !marked(r) }
	for _, name := range []v1alpha1.ObjectName{unused, young} {
		rev := s.awaitRevision(name, "a mark that it is not used", marked)
		if since, err := time.Parse(time.RFC3339, rev.Annotations[unusedSince]); err != nil || time.Since(since) > patience {
			t.Errorf("%s is marked %q: %v", name, rev.Annotations[unusedSince], err)
		}
	}
	s.backDate(young, 23*time.Hour)
	s.backDate(used, 25*time.Hour)
	s.backDate(current, 25*time.Hour)
	s.backDate(unused, 25*time.Hour)
	s.awaitGone(&appsv1.ControllerRevisionList{}, revisionNamed(unused))
	s.awaitRevision(used, "no mark, because an incident needs it", unmarked)
	s.awaitRevision(current, "no mark, because it is current", unmarked)
	s.awaitRevision(young, "to stay, because a day has not passed", marked)

	// The policy goes, then the incident: nothing needs the revision any more.
	s.remove(&v1alpha1.RecoveryPolicy{ObjectMeta: metav1.ObjectMeta{Name: "desk"}})
	s.awaitRevision(current, "a mark that it is not used", marked)
	s.awaitRevision(used, "no mark while the incident is there", unmarked)
	s.remove(&v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Name: "under-way"}})
	s.awaitRevision(used, "a mark that it is not used", marked)
	s.backDate(used, 25*time.Hour)
	s.awaitGone(&appsv1.ControllerRevisionList{}, revisionNamed(used))
}

// backDate lets a revision look unused since a while ago.
func (s *site) backDate(name v1alpha1.ObjectName, ago time.Duration) {
	s.Helper()
	edit(s, revisionNamed(name), func(r *appsv1.ControllerRevision) {
		if r.Annotations == nil {
			r.Annotations = map[string]string{}
		}
		r.Annotations[unusedSince] = time.Now().Add(-ago).UTC().Format(time.RFC3339)
	})
}
