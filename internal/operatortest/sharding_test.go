package operatortest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

func init() { ours["amends_incidents_unattended"] = nil }

// shardLabel says which shard of config/components/sharding has an incident.
const shardLabel = "recovery.amends.dev/shard"

// sharded is an installation of config/sharded: a keeper and the shards a and b.
type sharded struct {
	*site
	shards map[string]*operator
}

// bringUpSharded installs config/sharded in a control plane of its own.
func bringUpSharded(t *testing.T) *sharded {
	t.Helper()
	shared := theInstallation(t)
	in := &installation{people: map[string]*rest.Config{}, dir: t.TempDir(), program: shared.program}
	t.Cleanup(func() {
		if err := in.tearDown(); err != nil {
			t.Error(err)
		}
	})
	if err := in.bringUp(t.Context(), "sharded"); err != nil {
		t.Fatal(err)
	}
	s := &sharded{shards: map[string]*operator{}}
	if err := in.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "hotel"}}); err != nil {
		t.Fatal(err)
	}
	s.site = in.staffed(t, "hotel")
	if err := in.startShared(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		s.awaitLeaseRights(name)
		s.shards[name] = s.startShard(name)
		s.awaitLeadOf(name, s.shards[name])
	}
	return s
}

// startShard starts a replica of a shard as its Deployment does.
func (s *sharded) startShard(name string) *operator {
	s.Helper()
	var deployment appsv1.Deployment
	if err := s.admin.Get(s.Context(), client.ObjectKey{Namespace: systemNamespace, Name: operatorName + "-" + name}, &deployment); err != nil {
		s.Fatal(err)
	}
	args := []string{"--metrics-secure=false"}
	for _, arg := range deployment.Spec.Template.Spec.Containers[0].Args {
		if strings.Contains(arg, "$(SHARD)") {
			args = append(args, strings.ReplaceAll(arg, "$(SHARD)", name))
		}
	}
	o, err := s.start(s.Context(), args...)
	if err != nil {
		s.Fatal(err)
	}
	return o
}

// awaitLeaseRights waits until the API server knows that the operator may lead a shard.
func (s *sharded) awaitLeaseRights(shard string) {
	s.Helper()
	c, err := client.New(s.account, client.Options{Scheme: plane.NewScheme()})
	if err != nil {
		s.Fatal(err)
	}
	err = wait.PollUntilContextTimeout(s.Context(), glance, patience, true, func(ctx context.Context) (bool, error) {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Group: "coordination.k8s.io", Resource: "leases", Name: operatorName + "-" + shard, Namespace: systemNamespace, Verb: "update",
		}}}
		err := c.Create(ctx, review)
		return review.Status.Allowed, err
	})
	if err != nil {
		s.Fatal(err)
	}
}

// awaitLeadOf waits until an operator holds the lease of a shard.
func (s *sharded) awaitLeadOf(shard string, o *operator) {
	s.Helper()
	err := o.poll(s.Context(), "does not lead "+shard, func(ctx context.Context) bool {
		page, err := o.page(ctx)
		return err == nil && strings.Contains(page, fmt.Sprintf(`leader_election_master_status{name="%s-%s"} 1`, operatorName, shard))
	})
	if err != nil {
		s.Fatal(err)
	}
}

// reportIn reports an incident of a shard; without a shard it is the keeper's.
func (s *sharded) reportIn(shard, name string, policy v1alpha1.ObjectName) *v1alpha1.Incident {
	s.Helper()
	inc := fixture.Incident(name, fixture.UnderPolicy(policy))
	if shard != "" {
		inc.Labels = map[string]string{shardLabel: shard}
	}
	return s.report("alice", inc)
}

// move labels an incident for another shard, as the administrator.
func (s *sharded) move(name, shard string) {
	s.Helper()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]string{shardLabel: shard}}})
	if err != nil {
		s.Fatal(err)
	}
	inc := &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
	if err := s.admin.Patch(s.Context(), inc, client.RawPatch(types.MergePatchType, patch)); err != nil {
		s.Error(err)
	}
}

// toldOnce checks that a step left alone was breached at its due instant, and that it was
// told once, however often it was looked at.
func (s *sharded) toldOnce(name string) {
	s.Helper()
	inc := s.awaitBreach(name, "Step/apologise")
	if c := s.clockOf(inc, "Step/apologise"); !sameInstant(c.BreachedAt, c.DueAt) {
		s.Errorf("%s: breached at %s, want the due instant %s", name, c.BreachedAt, c.DueAt)
	}
	s.awaitNotice(name, v1alpha1.EventDeadlineBreached)
	if told := s.notices(name)[v1alpha1.EventDeadlineBreached]; len(told) != 1 {
		s.Errorf("%s: the breach was told %d times, want once:\n%s", name, len(told), asYAML(told))
	}
}

// Three operators share the work: two shards, and the keeper, which has what exists once
// and every incident without a label.
func TestSharded(t *testing.T) {
	t.Parallel()
	s := bringUpSharded(t)
	s.create(fixture.Policy("quick", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("4s"))))
	s.awaitReady("quick")
	for name, check := range map[string]func(*sharded){
		"each works its own incidents":      (*sharded).workTheirOwn,
		"one budget, asked from everywhere": (*sharded).askFromEverywhere,
		"moved over a due instant":          (*sharded).moveOverADueInstant,
		"one incident chosen by two":        (*sharded).overlap,
		"an incident that nobody chooses":   (*sharded).choosesNobody,
	} {
		t.Run(name, func(t *testing.T) { check(s.of(t)) })
	}
	t.Run("a shard is killed and succeeded", func(t *testing.T) { s.of(t).killed() })
	t.Run("each incident is counted once", func(t *testing.T) { s.of(t).countedOnce() })
}

// of is the same installation in a part of the test.
func (s *sharded) of(t *testing.T) *sharded {
	return &sharded{site: &site{T: t, installation: s.installation, namespace: s.namespace}, shards: s.shards}
}

func (s *sharded) workTheirOwn() {
	s.create(threeSteps("desk-of-three"))
	s.awaitReady("desk-of-three")
	for _, shard := range []string{"", "a", "b"} {
		name := "story-" + shard + "x"
		trail := s.follow(name)
		s.reportIn(shard, name, "desk-of-three")
		s.reportIn(shard, "late-"+shard+"x", "quick")
		s.awaitRunning(name, "Step/apologise")
		s.add(name, fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
		s.awaitRunning(name, "Step/resolve")
		told := s.awaitNotice(name, v1alpha1.EventStepDone)
		if want := strings.TrimSuffix("amends/"+shard, "/"); told.ReportingController != want {
			s.Errorf("%s was told by %s, want %s", name, told.ReportingController, want)
		}
		// The keeper knows no more than an outline of it, and writes nothing.
		trail.rest(glance * 20)
		if n := trail.statusWrites(); n != 2 {
			s.Errorf("%s: %d writes of the status, want one for the report and one for the fact", name, n)
		}
	}
	for _, shard := range []string{"", "a", "b"} {
		s.toldOnce("late-" + shard + "x")
	}
	s.awaitPolicy("desk-of-three", "three open incidents counted, of all shards", func(p *v1alpha1.RecoveryPolicy) bool {
		return p.Status.OpenIncidents != nil && *p.Status.OpenIncidents == 3
	})
}

// askFromEverywhere asks one pool from incidents of all shards for more than there is.
func (s *sharded) askFromEverywhere() {
	openDesk(s.site, nil, func(b *v1alpha1.RecoveryBudget) { b.Spec.Pool.Amount = "100.00" })
	incidents := []string{"coffee"}
	for _, shard := range []string{"a", "b"} {
		incidents = append(incidents, "poor-"+shard)
		s.reportIn(shard, "poor-"+shard, "desk")
		s.awaitRunning("poor-"+shard, "Step/resolve")
	}
	const each = 7
	var group sync.WaitGroup
	for _, incident := range incidents {
		group.Go(func() {
			for n := range each {
				c := refundOf(fmt.Sprintf("%s-%d", incident, n), "7.00")
				c.Spec.IncidentName = v1alpha1.ObjectName(incident)
				s.ask(c)
			}
		})
	}
	group.Wait()
	granted := map[string]int{}
	denied := 0
	for _, incident := range incidents {
		for n := range each {
			c := s.awaitRemedy(fmt.Sprintf("%s-%d", incident, n), "an answer", func(c *v1alpha1.Compensation) bool {
				return c.Status.Phase == v1alpha1.CompensationGranted || c.Status.Phase == v1alpha1.CompensationDenied
			})
			if c.Status.Phase == v1alpha1.CompensationGranted {
				granted[incident]++
			} else {
				denied++
			}
		}
	}
	s.awaitUsed("desk", used{spent: 9800})
	if denied != 3*each-14 {
		s.Errorf("%d of %d requests are denied, want all but the 14 that 100.00 are enough for", denied, 3*each)
	}
	for incident, n := range granted {
		want := v1alpha1.Money(fmt.Sprintf("%d.00", 7*n))
		s.awaitIncident(incident, "to show what was granted, "+string(want), func(i *v1alpha1.Incident) bool {
			return i.Status.Compensation != nil && i.Status.Compensation.Granted == want
		})
	}
}

// moveOverADueInstant moves incidents to and fro until a while after they were due.
func (s *sharded) moveOverADueInstant() {
	const many = 6
	var group sync.WaitGroup
	for n := range many {
		name := fmt.Sprintf("moved-%d", n)
		s.reportIn("a", name, "quick")
		inc := s.awaitRunning(name, "Step/apologise")
		due := s.clockOf(inc, "Step/apologise").DueAt.Time
		group.Go(func() {
			for k := 0; s.isBefore(due.Add(settling + 2*time.Second)); k++ {
				s.move(name, []string{"b", "a", "b", "nobody"}[(k+n)%4])
			}
			s.move(name, "b")
		})
	}
	group.Wait()
	for n := range many {
		s.toldOnce(fmt.Sprintf("moved-%d", n))
	}
}

// overlap starts a fourth operator by mistake: it has incidents that a has too.
func (s *sharded) overlap() {
	o, err := s.start(s.Context(), "--metrics-secure=false", "--leader-elect=false", "--shard=mistake", "--incident-selector="+shardLabel+" in (a)")
	if err != nil {
		s.Fatal(err)
	}
	for n := range 5 {
		s.reportIn("a", fmt.Sprintf("twice-%d", n), "quick")
	}
	for n := range 5 {
		s.toldOnce(fmt.Sprintf("twice-%d", n))
	}
	if err := o.stop(); err != nil {
		s.Error(err)
	}
}

// choosesNobody reports an incident that no selector chooses: the query that operations.md
// names finds it, and it goes on once it is moved.
func (s *sharded) choosesNobody() {
	s.reportIn("nowhere", "orphan", "quick")
	s.reportIn("b", "child", "quick")
	s.awaitRunning("child", "Step/apologise")
	var list v1alpha1.IncidentList
	if err := s.admin.List(s.Context(), &list, client.InNamespace(s.namespace), client.MatchingFields{"status.phase": ""}); err != nil {
		s.Fatal(err)
	}
	found := false
	for i := range list.Items {
		found = found || list.Items[i].Name == "orphan"
	}
	if !found {
		s.Errorf("the query for incidents without a phase does not find the one that nobody has")
	}
	s.move("orphan", "b")
	s.toldOnce("orphan")
}

// killed kills a shard: its stand-by takes the lease once it has run out, and the other
// shard has noticed nothing.
func (s *sharded) killed() {
	standby := s.startShard("a")
	s.reportIn("a", "over-the-kill", "quick")
	s.awaitRunning("over-the-kill", "Step/apologise")
	s.shards["a"].kill()
	s.reportIn("b", "meanwhile", "quick")
	s.toldOnce("meanwhile")
	s.awaitLeadOf("a", standby)
	s.toldOnce("over-the-kill")
	s.shards["a"] = standby
}

// countedOnce adds the incidents up that the operators say they have.
func (s *sharded) countedOnce() {
	var list v1alpha1.IncidentList
	if err := s.admin.List(s.Context(), &list); err != nil {
		s.Fatal(err)
	}
	count := func(shard string, o *operator) float64 {
		labels := map[string]string{}
		if shard != "" {
			labels["shard"] = shard
		}
		return sum(s.metricsOf(o), "amends_incidents", labels)
	}
	var last float64
	err := wait.PollUntilContextTimeout(s.Context(), glance, patience, true, func(context.Context) (bool, error) {
		last = count("", s.shared) + count("a", s.shards["a"]) + count("b", s.shards["b"])
		return last == float64(len(list.Items)), nil
	})
	if err != nil {
		s.Errorf("the operators have %v incidents in all, want %d, each once", last, len(list.Items))
	}
}
