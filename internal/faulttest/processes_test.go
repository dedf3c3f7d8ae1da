package faulttest

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// Real processes lose the lead while they work, again and again: nothing is lost, and
// nothing happens twice.
func TestHandOvers(t *testing.T) {
	many := len(accidents)
	if everything() {
		many = 200
	}
	f := launch(t)
	watching := f.follow()
	f.create(fixture.Policy("quick", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("2s"))))
	for _, doc := range documents(bank) {
		f.create(object(t, "the bank", doc))
	}
	for n := range many {
		accident := accidents[n%len(accidents)]
		if len(f.running()) < 2 {
			f.reinforce()
		}
		leader := f.leader()
		f.work(n)
		accident.do(f, leader)
		f.done(n)
	}
	f.pause(etcds(t))
	watching()
	f.account(many)
	f.unharmed()
	t.Logf("%d accidents, %d processes", many, len(f.all))
}

// work creates what is to be done while the lead is lost.
func (f *fleet) work(n int) {
	f.Helper()
	for i := range 2 {
		f.create(fixture.Incident(fmt.Sprintf("incident-%d-%d", n, i), fixture.UnderPolicy("quick")))
		incident := []string{"first", "second"}[i]
		if n >= 40 {
			continue // An incident takes so many remedies and no more.
		}
		f.create(request(fmt.Sprintf("request-%d-%d", n, i), incident, "any", "ada", offer("refund", "45.00")))
	}
	if n > 0 && n < 40 {
		f.patch(&v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("request-%d-0", n-1)}}, types.JSONPatchType,
			fact("withdrawal", `{"by":"ada","reason":"a mistake"}`))
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
			if n >= 40 {
				continue
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
	ended := make(chan struct{}, 3)
	lists := []client.ObjectList{&v1alpha1.IncidentList{}, &v1alpha1.CompensationList{}, &v1alpha1.RecoveryBudgetList{}}
	for _, list := range lists {
		w, err := f.api.Watch(ctx, list, client.InNamespace(f.namespace))
		if err != nil {
			f.Fatal(err)
		}
		latest := map[string]client.Object{}
		go func() {
			defer func() { ended <- struct{}{} }()
			for event := range w.ResultChan() {
				is, ok := event.Object.(client.Object)
				if !ok || event.Type == watch.Deleted || event.Type == watch.Error {
					continue
				}
				f.mu.Lock()
				f.ahead = time.Now()
				f.examine(refOf(is), latest[is.GetName()], is)
				latest[is.GetName()] = is
				f.mu.Unlock()
			}
		}()
	}
	return func() {
		cancel()
		for range lists {
			<-ended
		}
	}
}

// account checks the end: every breach told at most once, and the money right.
func (f *fleet) account(accidents int) {
	f.Helper()
	var events eventsv1.EventList
	if err := f.api.List(f.ctx(), &events, client.InNamespace(f.namespace)); err != nil {
		f.Fatal(err)
	}
	breaches := map[string]int{}
	for i := range events.Items {
		e := &events.Items[i]
		if e.Reason != v1alpha1.EventDeadlineBreached {
			continue
		}
		if breaches[e.Regarding.Name]++; breaches[e.Regarding.Name] > 1 || e.Series != nil {
			f.wound("the breach of %s was told more than once", e.Regarding.Name)
		}
	}
	f.Logf("%d of %d breaches were told", len(breaches), 2*accidents+2)
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
