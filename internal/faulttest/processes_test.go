package faulttest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// Real processes lose the lead while they work, again and again: nothing is lost, and
// nothing happens twice.
func TestHandOvers(t *testing.T) {
	f := launch(t, "--leader-elect")
	watching := f.follow()
	f.furnish()
	changes, rounds, held := 0, 0, f.holder()
	enough := func() bool { return rounds == len(accidents) }
	if everything() {
		enough = func() bool { return changes >= 200 || rounds == 600 }
	}
	for ; !enough(); rounds++ {
		accident := accidents[rounds%len(accidents)]
		if len(f.running()) < 2 {
			f.reinforce()
		}
		leader := f.leader()
		f.work(rounds)
		accident.do(f, leader, rounds/len(accidents))
		f.done(rounds)
		if now := f.holder(); now != "" && now != held {
			held = now
			changes++
		}
		if rounds%20 == 19 {
			t.Logf("%d accidents, %d hand-overs", rounds+1, changes)
		}
	}
	f.pause(etcds(t))
	watching()
	f.account(2*rounds + 2)
	f.unharmed()
	t.Logf("%d accidents, %d hand-overs, %d processes", rounds, changes, len(f.all))
	if everything() && changes < 200 {
		t.Errorf("%d accidents made %d hand-overs, want 200", rounds, changes)
	}
}

// Two processes work on the same objects, and neither knows of a lease. Now and then one
// of them is killed, or stands still for longer than the other one waits for it.
func TestTwoWithoutElection(t *testing.T) {
	many := 2
	if everything() {
		many = 20
	}
	f := launch(t)
	watching := f.follow()
	f.furnish()
	for n := range many {
		for len(f.running()) < 2 {
			f.reinforce()
		}
		f.work(n)
		if victim := f.running()[n%2]; n%2 == 0 {
			f.hold(victim, pauses[n/2%len(pauses)])
		} else {
			victim.kill()
		}
		f.done(n)
	}
	watching()
	f.account(2 * many)
	f.unharmed()
}

// furnish creates what the work needs.
func (f *fleet) furnish() {
	f.Helper()
	f.create(fixture.Policy("quick", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("2s"))))
	for _, doc := range documents(bank) {
		f.create(object(f, "the bank", doc))
	}
}

// guests is for how many rounds of work the same incidents are asked remedies for: one
// takes so many and no more.
const guests = 20

// asker is the incident that a request of a round is for.
func asker(n, i int) string { return fmt.Sprintf("%s-%d", []string{"first", "second"}[i], n/guests) }

// work creates what is to be done while the lead is lost. What was given is taken back
// later, so that there is money for all of it.
func (f *fleet) work(n int) {
	f.Helper()
	for i := range 2 {
		if n%guests == 0 {
			inc := fixture.Incident(asker(n, i), fixture.UnderPolicy("till"))
			f.create(inc)
		}
		f.create(fixture.Incident(fmt.Sprintf("incident-%d-%d", n, i), fixture.UnderPolicy("quick")))
		f.create(request(fmt.Sprintf("request-%d-%d", n, i), asker(n, i), "any", "ada", offer("refund", "45.00")))
	}
	for i, later := range []int{1, 4} {
		if n >= later {
			f.patch(&v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("request-%d-%d", n-later, i)}}, types.JSONPatchType,
				fact("withdrawal", `{"by":"ada","reason":"a mistake"}`))
		}
	}
}

// done waits until all of it is done.
func (f *fleet) done(n int) {
	f.Helper()
	f.until("the work", func() bool {
		for i := range 2 {
			inc := &v1alpha1.Incident{}
			f.read(inc, fmt.Sprintf("incident-%d-%d", n, i))
			if len(inc.Status.Clocks) == 0 || inc.Status.Clocks[0].BreachedAt == nil {
				return false
			}
			c := &v1alpha1.Compensation{}
			f.read(c, fmt.Sprintf("request-%d-%d", n, i))
			if c.Status.Phase == "" || c.Status.Phase == v1alpha1.CompensationRequested {
				return false
			}
		}
		return true
	})
}

func (f *fleet) read(o client.Object, name string) {
	f.Helper()
	if err := f.api.Get(f.ctx(), client.ObjectKey{Namespace: f.namespace, Name: name}, o); err != nil {
		f.Fatal(err)
	}
}

// pause holds etcd still until a request has given up, while there is work to do.
func (f *fleet) pause(etcds []*os.Process) {
	f.Helper()
	const n = 100_000
	if len(etcds) == 0 {
		f.Fatal("there is no etcd to hold still")
	}
	f.work(n)
	for _, p := range etcds {
		if err := p.Signal(syscall.SIGSTOP); err != nil {
			f.Fatal(err)
		}
		defer func() { _ = p.Signal(syscall.SIGCONT) }()
	}
	ctx, cancel := context.WithTimeout(f.ctx(), 4*time.Second)
	defer cancel()
	if err := f.api.Create(ctx, fixture.In(f.namespace, fixture.Incident("unheard"))); err == nil {
		f.Error("a write was answered while etcd stood still")
	}
	for _, p := range etcds {
		if err := p.Signal(syscall.SIGCONT); err != nil {
			f.Fatal(err)
		}
	}
	f.until("the work", func() bool {
		for i := range 2 {
			inc := &v1alpha1.Incident{}
			if err := f.api.Get(f.ctx(), client.ObjectKey{Namespace: f.namespace, Name: fmt.Sprintf("incident-%d-%d", n, i)}, inc); err != nil {
				return false
			}
			if len(inc.Status.Clocks) == 0 || inc.Status.Clocks[0].BreachedAt == nil {
				return false
			}
		}
		return true
	})
}

// follow watches everything and examines each change. What it returns stops it.
func (f *fleet) follow() func() {
	f.Helper()
	ctx, cancel := context.WithCancel(f.ctx())
	var watching sync.WaitGroup
	for _, list := range []client.ObjectList{&v1alpha1.IncidentList{}, &v1alpha1.CompensationList{}, &v1alpha1.RecoveryBudgetList{}} {
		watching.Go(func() {
			// The API server ends every watch after a while; the next one goes on from there.
			latest, version := map[string]client.Object{}, ""
			_ = wait.PollUntilContextCancel(ctx, glance, true, func(ctx context.Context) (bool, error) {
				version = f.watch(ctx, list, latest, version)
				return false, nil
			})
		})
	}
	return func() {
		cancel()
		watching.Wait()
	}
}

// watch examines changes from a version on, until the watch ends, and returns the version
// to go on from. After an error that is the present: what was missed is examined as one change.
func (f *fleet) watch(ctx context.Context, list client.ObjectList, latest map[string]client.Object, version string) string {
	w, err := f.api.Watch(ctx, list, client.InNamespace(f.namespace), &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version}})
	if err != nil {
		return version
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		if event.Type == watch.Error {
			return ""
		}
		is, ok := event.Object.(client.Object)
		if !ok || event.Type == watch.Deleted {
			continue
		}
		f.mu.Lock()
		f.ahead = time.Now()
		f.examine(refOf(is), latest[is.GetName()], is)
		f.mu.Unlock()
		latest[is.GetName()], version = is, is.GetResourceVersion()
	}
	return version
}

// account checks the end: every breach and grant told at most once, and the money right. Due is
// how many breaches there were.
func (f *fleet) account(due int) {
	f.Helper()
	f.Logf("%d of %d breaches were told", len(f.told()), due)
	budget := &v1alpha1.RecoveryBudget{}
	spent := ""
	f.until("the ledger to rest", func() bool {
		f.read(budget, "till")
		var list v1alpha1.CompensationList
		if err := f.api.List(f.ctx(), &list, client.InNamespace(f.namespace)); err != nil {
			f.Fatal(err)
		}
		granted := 0
		for i := range list.Items {
			if list.Items[i].Status.Phase == v1alpha1.CompensationGranted {
				granted++
			}
		}
		spent = fmt.Sprintf("%d.00", granted*45)
		return len(budget.Status.Entries) == 0 && string(budget.Status.Spent) == spent
	})
	f.Logf("%s EUR are spent, in epoch %d", spent, budget.Status.Epoch)
}

// tidings are the events of which an incident or a request has one at most.
var tidings = []string{v1alpha1.EventDeadlineBreached, v1alpha1.EventPromiseBroken, v1alpha1.EventRemedyGranted}

// told checks that nothing was told twice, and returns whose breaches were told.
func (f *fleet) told() map[string]bool {
	f.Helper()
	var events eventsv1.EventList
	if err := f.api.List(f.ctx(), &events, client.InNamespace(f.namespace)); err != nil {
		f.Fatal(err)
	}
	breaches, seen := map[string]bool{}, map[string]bool{}
	for i := range events.Items {
		e := &events.Items[i]
		if !slices.Contains(tidings, e.Reason) {
			continue
		}
		what := e.Reason + " of " + e.Regarding.Kind + "/" + e.Regarding.Name
		if seen[what] || e.Series != nil {
			f.wound("%s was told more than once", what)
		}
		seen[what] = true
		if e.Reason != v1alpha1.EventRemedyGranted {
			breaches[e.Regarding.Name] = true
		}
	}
	return breaches
}
