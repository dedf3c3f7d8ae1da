package faulttest

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// awake is how long after it wakes all is written that fell due while a process slept.
const awake = 30 * time.Second

// few is how many incidents there are of each kind.
const few = 3

// A process is suspended, as the machine under it is, for longer than its lease lasts,
// while people go on and deadlines pass. When it wakes its caches are old, and all of its
// timers go off at once.
//
// Alone it finds the lease as it left it, renews it within a second, and leads again: its
// pod does not start anew. Only where it was stopped in the middle of a renewal can it give
// the lease up and end, and then its pod starts another one.
//
// Where a replica took over, it asks for its lease for the ten seconds that a renewal may
// take. So long it goes on as a stranger: what it knows of old meets a conflict, and what
// falls due then it may write and tell as well as the other one. Then it ends.
//
// Either way all is written within awake of its waking.
func TestSuspended(t *testing.T) {
	t.Run("alone", func(t *testing.T) {
		t.Parallel()
		s := lieDown(t)
		watching := s.follow()
		s.sleep(func() bool { return true })
		led := s.leadsOrEnds()
		s.judge()
		if led {
			s.noticedAwake()
			s.allTold()
		}
		s.rise(watching)
	})
	t.Run("a replica takes over", func(t *testing.T) {
		t.Parallel()
		s := lieDown(t)
		watching := s.follow()
		s.reinforce()
		held := s.holder()
		s.sleep(func() bool { now := s.holder(); return now != "" && now != held })
		s.ends()
		s.judge()
		s.rise(watching)
	})
}

// nap is a process that sleeps, and what is owed and asked for meanwhile.
type nap struct {
	*fleet

	sleeper *process
	// long is how long it sleeps, and due how long after it was reported an incident is due
	// that falls due in its sleep.
	long, due time.Duration
	// opened is before anything was reported.
	opened, slept, woke time.Time
	// owed is what each incident is owed, and answers what each request is answered.
	owed    map[string]debt
	answers map[string]v1alpha1.CompensationPhase
}

// debt is when something is due, and what becomes of it.
type debt struct {
	// within is counted from the creation; by is the instant itself, where there is one.
	within time.Duration
	by     time.Time
	// breached says that it came too late or not at all, done that it came.
	breached, done bool
}

// dueAt is the instant at which it is due.
func (d debt) dueAt(inc *v1alpha1.Incident) time.Time {
	if !d.by.IsZero() {
		return d.by
	}
	return inc.CreationTimestamp.Add(d.within)
}

// lieDown starts a process, which is led to what it will sleep through.
func lieDown(t *testing.T) *nap {
	t.Helper()
	s := &nap{fleet: build(t, "--leader-elect"), long: leaseTime + 4*time.Second, owed: map[string]debt{}, answers: map[string]v1alpha1.CompensationPhase{}}
	if everything() {
		s.long = 3 * time.Minute
	}
	s.due = s.long * 3 / 4
	s.reinforce()
	s.sleeper = s.leader()
	s.furnish()
	s.create(fixture.Policy("in-the-sleep", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin(seconds(s.due)))))
	s.create(fixture.Policy("afterwards", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin(seconds(s.long+8*time.Second)))))
	s.create(fixture.Policy("some-day", fixture.Step("put-right", v1alpha1.StepResolution, fixture.DueWithin("400h"))))
	return s
}

func seconds(d time.Duration) v1alpha1.Duration {
	return v1alpha1.Duration(fmt.Sprintf("%ds", int(d.Seconds())))
}

// sleep suspends the process while people go on, for so long and until something holds.
func (s *nap) sleep(holds func() bool) {
	s.Helper()
	s.evening()
	s.signal(s.sleeper, syscall.SIGSTOP)
	s.sleeper.stopped, s.slept = true, time.Now()
	s.wait(s.slept.Add(s.long / 8))
	s.inTheNight()
	s.wait(s.slept.Add(s.long * 9 / 10))
	for i := range few {
		s.record("late", i, true, completion())
	}
	s.wait(s.slept.Add(s.long))
	s.until("what happens while a process sleeps", holds)
	// What is new when it wakes, others may do as well as it.
	for i := range few {
		s.report("at-last", i, "quick", debt{within: 2 * time.Second, breached: true})
	}
	s.ask("at-last", 1, v1alpha1.CompensationGranted)
	s.woke = time.Now()
	s.signal(s.sleeper, syscall.SIGCONT)
	s.sleeper.stopped = false
	s.Logf("it slept for %s", s.woke.Sub(s.slept))
}

// wait waits for an instant.
func (s *nap) wait(at time.Time) {
	s.Helper()
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx().Done():
		s.Fatal(s.ctx().Err())
	}
}

// evening is what happens before the sleep. The last of it happens in the moment before,
// so that work is under way.
func (s *nap) evening() {
	s.Helper()
	s.opened = time.Now()
	by := s.opened.Truncate(time.Second).Add(s.due)
	for i := range few {
		s.report("forgotten", i, "in-the-sleep", debt{within: s.due, breached: true})
		s.report("kept", i, "in-the-sleep", debt{within: s.due, done: true})
		s.report("late", i, "in-the-sleep", debt{within: s.due, breached: true, done: true})
		s.report("afterwards", i, "afterwards", debt{within: s.long + 8*time.Second, breached: true})
		s.report("broken-word", i, "some-day", debt{by: by, breached: true})
		s.report("kept-word", i, "some-day", debt{by: by, done: true})
		s.report("new-word", i, "some-day", debt{})
		for _, kind := range []string{"broken-word", "kept-word"} {
			s.record(kind, i, true, fixture.Entry("word").By("ada").PromiseBy("We call you back", by))
		}
	}
	s.ask("early", 3, v1alpha1.CompensationGranted)
	s.until("all of it to be seen", func() bool { return len(s.unseen()) == 0 })
	for i := range few {
		s.report("at-once", i, "in-the-sleep", debt{within: s.due, breached: true})
	}
	s.ask("under-way", 2, v1alpha1.CompensationGranted)
}

// unseen are the incidents of which no clock is written yet, and the requests that are not
// answered.
func (s *nap) unseen() (out []string) {
	s.Helper()
	for name := range s.owed {
		inc := &v1alpha1.Incident{}
		if s.read(inc, name); len(inc.Status.Clocks) == 0 || inc.Status.ObservedGeneration != inc.Generation {
			out = append(out, name)
		}
	}
	return append(out, s.unanswered()...)
}

// inTheNight is what people do while the process sleeps, before anything is due that was
// there before. An entry that does not say itself when it was recorded counts from when the
// API server took it in, and not from when the operator sees it.
func (s *nap) inTheNight() {
	s.Helper()
	for i := range few {
		s.record("kept", i, i%2 == 0, completion())
		s.record("kept-word", i, i%2 == 0, fixture.Entry("called").By("ada").Reached("Phone").PromiseOutcome("word", v1alpha1.ResultKept))
		s.report("new", i, "quick", debt{within: 2 * time.Second, breached: true})
	}
	if !time.Now().Before(s.opened.Add(s.due).Add(-time.Second)) {
		s.Fatal("this machine is too slow: what was to come in time came too late")
	}
	by := s.slept.Truncate(time.Second).Add(s.long / 2)
	for i := range few {
		s.record("new-word", i, true, fixture.Entry("word").By("ada").PromiseBy("We call you back", by))
		s.owed[name("new-word", i)] = debt{by: by, breached: true}
	}
	for i := range 2 {
		s.patch(&v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: name("early", i)}}, types.JSONPatchType,
			fact("withdrawal", `{"by":"ada","reason":"a mistake"}`))
		s.answers[name("early", i)] = v1alpha1.CompensationReleased
	}
	s.ask("in-the-night", 3, v1alpha1.CompensationGranted)
	// Whoever comes first, there is never so much left.
	s.create(request("too-much", "first", "any", "ada", offer("refund", "480.00")))
	s.answers["too-much"] = v1alpha1.CompensationDenied
}

func name(kind string, i int) string { return fmt.Sprintf("%s-%d", kind, i) }

// report creates an incident that is owed something.
func (s *nap) report(kind string, i int, policy v1alpha1.ObjectName, d debt) {
	s.Helper()
	s.create(fixture.Incident(name(kind, i), fixture.UnderPolicy(policy)))
	s.owed[name(kind, i)] = d
}

// ask creates requests for 45 EUR each.
func (s *nap) ask(kind string, many int, answer v1alpha1.CompensationPhase) {
	s.Helper()
	for i := range many {
		s.create(request(name(kind, i), []string{"first", "second"}[i%2], "any", "ada", offer("refund", "45.00")))
		s.answers[name(kind, i)] = answer
	}
}

func completion() fixture.EntryBuilder {
	return fixture.Entry("said-sorry").By("ada").Reached("Phone").Completion("apologise")
}

// record appends a fact, which says itself when it was recorded or does not.
func (s *nap) record(kind string, i int, dated bool, entry fixture.EntryBuilder) {
	s.Helper()
	if dated {
		entry = entry.RecordedAt(time.Now().UTC().Truncate(time.Second))
	}
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal/-", "value": entry.Build()}})
	if err != nil {
		s.Fatal(err)
	}
	inc := fixture.In(s.namespace, fixture.Incident(name(kind, i)))
	if err := s.api.Patch(s.ctx(), inc, client.RawPatch(types.JSONPatchType, patch)); err != nil {
		s.Fatal(err)
	}
}

// leadsOrEnds waits until the sleeper has renewed its lease, or has ended and is started
// anew. It tells whether it leads again.
func (s *nap) leadsOrEnds() (leads bool) {
	s.Helper()
	s.until("the sleeper to lead again, or to end", func() bool {
		leads = s.holder() == s.sleeper.identity() && s.renewed().After(s.woke)
		return leads || isClosed(s.sleeper.gone)
	})
	s.Logf("after %s it leads again: %t", time.Since(s.woke), leads)
	if !leads {
		s.reinforce()
		s.leader()
	}
	return leads
}

// ends waits until the sleeper has ended, and starts it anew.
func (s *nap) ends() {
	s.Helper()
	s.until("the sleeper to end", func() bool { return isClosed(s.sleeper.gone) })
	took := time.Since(s.woke)
	s.Logf("after %s it has ended", took)
	if took > awake {
		s.Errorf("a stranger ended after %s, want it within %s", took, awake)
	}
	s.reinforce()
}

// renewed is when the lease was last renewed.
func (s *nap) renewed() time.Time {
	lease := &coordinationv1.Lease{}
	if s.read(lease, leaseName); lease.Spec.RenewTime == nil {
		return time.Time{}
	}
	return lease.Spec.RenewTime.Time
}

// judge waits until all is written as it must be, and checks that it does not take long.
func (s *nap) judge() {
	s.Helper()
	var missing []string
	defer func() {
		if s.Failed() {
			s.Logf("missing:\n%s", strings.Join(missing, "\n"))
		}
	}()
	s.until("all that was slept through", func() bool {
		missing = append(s.unsettled(), s.unanswered()...)
		return len(missing) == 0
	})
	took := time.Since(s.woke)
	s.Logf("after %s all is written", took)
	if took > awake {
		s.Errorf("all is written after %s, want it within %s", took, awake)
	}
	budget := &v1alpha1.RecoveryBudget{}
	if s.read(budget, "till"); apimeta.IsStatusConditionFalse(budget.Status.Conditions, v1alpha1.ConsistentCondition) {
		s.Errorf("the sums are not those of the Compensations: %+v", budget.Status.Conditions)
	}
}

// rise checks what holds at the end of each night.
func (s *nap) rise(watching func()) {
	s.Helper()
	watching()
	s.account(s.breaches(false) + s.breaches(true))
	s.unharmed()
}

// unsettled says which incidents do not stand as they must.
func (s *nap) unsettled() (out []string) {
	s.Helper()
	for name, d := range s.owed {
		inc := &v1alpha1.Incident{}
		s.read(inc, name)
		if !d.settled(inc) {
			stands, _ := json.Marshal(inc.Status.Clocks)
			out = append(out, fmt.Sprintf("%s: due at %s, breached %t, done %t; it stands: %s", name, d.dueAt(inc).UTC(), d.breached, d.done, stands))
		}
	}
	return out
}

// settled says whether an incident stands as it must: what it is owed was due at the right
// instant, is done or is not, and nothing else is breached.
func (d debt) settled(inc *v1alpha1.Incident) bool {
	found := false
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		if c.DueAt == nil || !c.DueAt.Time.Equal(d.dueAt(inc)) {
			if c.BreachedAt != nil {
				return false
			}
			continue
		}
		found = (c.BreachedAt != nil) == d.breached && (c.DoneAt != nil) == d.done && (c.BreachedAt == nil || c.BreachedAt.Equal(c.DueAt))
	}
	return found && inc.Status.ObservedGeneration == inc.Generation
}

// unanswered says which requests are not answered as they must be.
func (s *nap) unanswered() (out []string) {
	s.Helper()
	for name, want := range s.answers {
		c := &v1alpha1.Compensation{}
		if s.read(c, name); c.Status.Phase != want {
			out = append(out, fmt.Sprintf("%s is %q, want %s", name, c.Status.Phase, want))
		}
	}
	return out
}

// noticedAwake checks that what fell due in the sleep was noticed after it, and so that
// the process did sleep.
func (s *nap) noticedAwake() {
	s.Helper()
	longest := time.Duration(0)
	for name := range s.owed {
		inc := &v1alpha1.Incident{}
		s.read(inc, name)
		for i := range inc.Status.Clocks {
			c := &inc.Status.Clocks[i]
			if c.BreachedAt == nil {
				continue
			}
			if c.ObservedAt == nil || c.ObservedAt.Time.Before(s.woke) {
				s.Errorf("the breach of %s was noticed at %s, and the process woke at %s", name, c.ObservedAt, s.woke)
			} else if c.BreachedAt.Time.Before(s.woke) {
				longest = max(longest, c.ObservedAt.Sub(s.woke))
			}
		}
	}
	s.Logf("what fell due in the sleep was noticed within %s", longest)
}

// allTold waits until every breach was told. Only an operator that ends may fail to.
func (s *nap) allTold() {
	s.Helper()
	s.until("all breaches to be told", func() bool { return len(s.told()) == s.breaches(false)+s.breaches(true) })
}

// breaches is how many promises, or else steps, nobody kept in time.
func (s *nap) breaches(promises bool) (n int) {
	for _, d := range s.owed {
		if d.breached && d.by.IsZero() != promises {
			n++
		}
	}
	return n
}
