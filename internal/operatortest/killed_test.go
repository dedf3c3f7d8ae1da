package operatortest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// downtimes are the deadlines of the steps whose due instant passes while the operator
// is down: long enough to kill it and to write before.
var downtimes = []time.Duration{8 * time.Second, 20 * time.Second, 45 * time.Second}

// outage is four incidents whose step falls due while no operator runs.
type outage struct {
	*site
	due metav1.Time // the latest due instant of the four
}

// begin opens a site with four incidents under way.
func begin(t *testing.T, downtime time.Duration) *outage {
	t.Helper()
	s := &outage{site: openForging(t)}
	s.create(fixture.Policy("quick",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin(v1alpha1.Duration(downtime.String())), fixture.WarnAt(80), fixture.Demanding())))
	s.awaitReady("quick")
	names := []string{"answered-before", "at-the-instant", "a-second-later", "answered-after"}
	for _, name := range names {
		s.report("alice", fixture.Incident(name, fixture.UnderPolicy("quick")))
	}
	for _, name := range names {
		inc := s.awaitRunning(name, "Step/apologise")
		s.due = *s.clockOf(inc, "Step/apologise").DueAt
	}
	return s
}

// pass lets people work on while the operator is down, until every due instant has
// passed. It returns false where the first of them came too soon.
func (s *outage) pass() bool {
	s.Helper()
	said := func(id v1alpha1.Name) fixture.EntryBuilder {
		return fixture.Entry(id).By("bob").Reached("Phone").Completion("apologise")
	}
	before := s.dueOf("answered-before")
	s.add("answered-before", said("in-time"))
	if !s.isBefore(before) {
		return false
	}
	s.add("at-the-instant", said("just-in-time").RecordedAt(s.dueOf("at-the-instant")))
	s.add("a-second-later", said("too-late").RecordedAt(s.dueOf("a-second-later").Add(time.Second)))
	s.awaitServerTime(s.due.Add(settling))
	s.add("answered-after", said("sorry-so-late"))
	return true
}

// dueOf is when the step of an incident is due, as it was written.
func (s *outage) dueOf(name string) time.Time {
	s.Helper()
	inc := &v1alpha1.Incident{}
	if err := s.admin.Get(s.Context(), client.ObjectKey{Namespace: s.namespace, Name: name}, inc); err != nil {
		s.Fatal(err)
	}
	return s.clockOf(inc, "Step/apologise").DueAt.Time
}

// judge checks the record of an operator that was away from before the due instants
// until back.
func (s *outage) judge(back time.Time) {
	s.Helper()
	for name, want := range map[string]struct {
		breached bool
		sla      v1alpha1.SLA
	}{
		"answered-before": {false, v1alpha1.SLAMet},
		"at-the-instant":  {false, v1alpha1.SLAMet},
		"a-second-later":  {true, v1alpha1.SLAMissed},
		"answered-after":  {true, v1alpha1.SLAMissed},
	} {
		inc := s.awaitPhase(name, v1alpha1.PhaseClosed)
		c := s.clockOf(inc, "Step/apologise")
		if c.State != v1alpha1.StateDone || inc.Status.SLA != want.sla {
			s.Errorf("%s: the clock is %s and the SLA %s, want Done and %s", name, c.State, inc.Status.SLA, want.sla)
		}
		told := s.notices(name)
		if want.breached {
			s.judgeBreach(name, c, back)
		} else if c.BreachedAt != nil || len(told[v1alpha1.EventDeadlineBreached]) != 0 {
			s.Errorf("%s: breached, and was done by its due instant:\n%s", name, asYAML(c))
		}
		if near := told[v1alpha1.EventDeadlineNear]; len(near) != 0 {
			s.Errorf("%s: a warning was told of a step that has ended: %s", name, near[0].Note)
		}
	}
}

func (s *outage) judgeBreach(name string, c *v1alpha1.Clock, back time.Time) {
	s.Helper()
	if !sameInstant(c.BreachedAt, c.DueAt) {
		s.Errorf("%s: breached at %s, want the due instant %s", name, c.BreachedAt, c.DueAt)
	}
	if c.ObservedAt == nil || c.ObservedAt.Time.Before(back) {
		s.Errorf("%s: observed at %s, and nobody was there before %s", name, c.ObservedAt, back)
	}
	s.awaitNotice(name, v1alpha1.EventDeadlineBreached)
	if told := s.notices(name)[v1alpha1.EventDeadlineBreached]; len(told) != 1 || told[0].Type != corev1.EventTypeWarning {
		s.Errorf("%s: breaches told: %+v, want one Warning", name, told)
	}
}

// succeed makes another operator the shared one when a test ends, so that the tests
// after it have one.
func (s *site) succeed() {
	s.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
		defer cancel()
		select {
		case <-s.shared.gone:
			s.dropLease(ctx)
		default:
			return
		}
		if err := s.startShared(ctx); err != nil {
			s.Error(err)
		}
	})
}

// dropLease takes the lease of a dead leader away, which spares its successor the
// fifteen seconds until it runs out.
func (s *site) dropLease(ctx context.Context) {
	s.Helper()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: systemNamespace, Name: operatorName}}
	if err := s.admin.Delete(ctx, lease); client.IgnoreNotFound(err) != nil {
		s.Error(err)
	}
}

// The operator is killed, the due instants pass, and it is started again.
func TestKilledOverADueInstantAndRestarted(t *testing.T) {
	inTime(t, func(downtime time.Duration) bool {
		s := begin(t, downtime)
		s.succeed()
		s.shared.kill()
		quick := s.pass()
		back := time.Now()
		s.dropLease(t.Context())
		if err := s.startShared(t.Context()); err != nil {
			t.Fatal(err)
		}
		if quick {
			s.judge(back)
			t.Logf("the restarted operator had judged all incidents %s after its start", time.Since(back).Round(time.Millisecond))
		}
		return quick
	}, downtimes...)
}

// Two operators run, the leading one is killed, and the other takes over once the
// lease has run out: the due instants have passed by then.
func TestKilledOverADueInstantAndSucceeded(t *testing.T) {
	inTime(t, func(downtime time.Duration) bool {
		s := begin(t, downtime)
		s.succeed()
		standby, err := s.start(t.Context()) // as in the Deployment: it serves metrics over TLS
		if err != nil {
			t.Fatal(err)
		}
		holder := s.leaseHolder()
		killed := time.Now()
		s.shared.kill()
		if !s.pass() {
			standby.kill()
			s.dropLease(t.Context())
			if err := s.startShared(t.Context()); err != nil {
				t.Fatal(err)
			}
			return false
		}
		s.judge(killed)
		t.Logf("the standby had judged all incidents %s after the leader was killed", time.Since(killed).Round(time.Millisecond))
		if now := s.leaseHolder(); now == holder {
			t.Errorf("the lease is still held by the operator that was killed: %s", now)
		}
		s.guardsMetrics(standby)
		s.handOver(standby)
		return true
	}, downtimes...)
}

// handOver replaces a leading operator as a roll-out does. It gives the lease back, so
// that nothing waits for it to run out.
func (s *outage) handOver(from *operator) {
	s.Helper()
	stopped := time.Now()
	if err := from.stop(); err != nil {
		s.Error(err)
	}
	if err := s.startShared(s.Context()); err != nil {
		s.Fatal(err)
	}
	took := time.Since(stopped)
	s.Logf("the next operator led %s after the one before was told to stop", took.Round(time.Millisecond))
	if took > 12*time.Second {
		s.Errorf("the lease was given back only after %s", took)
	}
}

// guardsMetrics checks who may read the metrics of an operator with the Deployment's
// own flags.
func (s *site) guardsMetrics(o *operator) {
	s.Helper()
	if code, body := s.readMetricsAs(o, nil); code != http.StatusUnauthorized {
		s.Errorf("metrics without a token: %d %s", code, body)
	}
	if code, body := s.readMetricsAs(o, s.scraper("passer-by", false)); code != http.StatusForbidden {
		s.Errorf("metrics without the right: %d %s", code, body)
	}
	reader := s.scraper("reader", true)
	err := wait.PollUntilContextTimeout(s.Context(), glance, patience, true, func(context.Context) (bool, error) {
		code, body := s.readMetricsAs(o, reader)
		return code == http.StatusOK && strings.Contains(body, "amends_"), nil
	})
	if err != nil {
		s.Errorf("metrics with the right: %v", err)
	}
}

func (s *site) leaseHolder() string {
	s.Helper()
	lease := &coordinationv1.Lease{}
	if err := s.admin.Get(s.Context(), client.ObjectKey{Namespace: systemNamespace, Name: operatorName}, lease); err != nil {
		s.Fatal(err)
	}
	if lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}
