package bookkeeper

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// locked is the server for several operators at once.
type locked struct {
	mu     *sync.Mutex
	server *server
}

func with[T any](l locked, do func(direct) (T, error)) (T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return do(direct{l.server})
}

func (l locked) Budget(ctx context.Context, key types.NamespacedName) (*v1alpha1.RecoveryBudget, error) {
	return with(l, func(d direct) (*v1alpha1.RecoveryBudget, error) { return d.Budget(ctx, key) })
}

func (l locked) WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	return with(l, func(d direct) (*v1alpha1.RecoveryBudget, error) { return d.WriteBudget(ctx, from, status) })
}

func (l locked) List(ctx context.Context, key types.NamespacedName) ([]v1alpha1.Compensation, error) {
	return with(l, func(d direct) ([]v1alpha1.Compensation, error) { return d.List(ctx, key) })
}

func (l locked) Compensation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error) {
	return with(l, func(d direct) (*v1alpha1.Compensation, error) { return d.Compensation(ctx, key) })
}

func (l locked) WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	return with(l, func(d direct) (*v1alpha1.Compensation, error) { return d.WriteCompensation(ctx, from, status) })
}

// process is an operator that works until it is stopped.
type process struct {
	keep    *Bookkeeper
	stopped chan struct{}
	ended   chan struct{}
	wake    chan struct{}
}

// begin starts an operator, which has seen every request that is there.
func begin(l locked, group *sync.WaitGroup, fail func(error)) *process {
	p := &process{stopped: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	p.keep = &Bookkeeper{Store: l, Appraiser: appraiser{"EUR"}, Clock: clock.RealClock{}, Inbox: NewInbox(func(types.NamespacedName) { p.poke() })}
	group.Go(func() {
		defer close(p.ended)
		for {
			p.look(l)
			budget, _ := l.Budget(context.Background(), budgetKey)
			result, err := p.keep.Turn(context.Background(), budgetKey, budget)
			if err != nil {
				fail(err)
				return
			}
			if result.Again {
				p.poke()
			}
			select {
			case <-p.stopped:
				return
			case <-p.wake:
			}
		}
	})
	p.poke()
	return p
}

func (p *process) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// look puts what asks something into the inbox, as the other controller does.
func (p *process) look(l locked) {
	list, _ := l.List(context.Background(), budgetKey)
	for i := range list {
		if item, ok := judge(&list[i], "EUR"); ok {
			p.keep.Inbox.Put(budgetKey, item)
		} else {
			p.keep.Inbox.Drop(budgetKey, string(list[i].UID))
		}
	}
}

// Two operators write beside each other, several Compensations at once, and every now and
// then one of the two is replaced by a new one, which takes the ledger over.
func TestRivalsBesideEachOther(t *testing.T) {
	spec := modelSpec()
	spec.Pool.Amount = "70.00"
	spec.Allowances[0] = v1alpha1.Allowance{Name: "frontline"}
	now := time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC)
	l := locked{mu: &sync.Mutex{}, server: newServer(now, spec)}
	var group sync.WaitGroup
	var broken error
	var once sync.Mutex
	fail := func(err error) {
		once.Lock()
		defer once.Unlock()
		broken = err
	}
	processes := []*process{begin(l, &group, fail), begin(l, &group, fail)}
	const requests = 400
	for i := range requests {
		l.mu.Lock()
		l.server.create(v1alpha1.CompensationSpec{
			IncidentName: "i", By: v1alpha1.User(fmt.Sprintf("p%d", i%7)), Allowance: "frontline",
			Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: v1alpha1.Money(fmt.Sprintf("0.%02d", 1+i%50))}},
		})
		l.mu.Unlock()
		for _, p := range processes {
			p.poke()
		}
		if i%40 == 39 {
			which := i / 40 % 2
			close(processes[which].stopped)
			// What it has under way goes on, as requests do that were sent before a crash.
			<-processes[which].ended
			processes[which] = begin(l, &group, fail)
		}
	}
	undecided := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.server.names(func(c *v1alpha1.Compensation) bool { return c.Status.Phase == "" })) + len(l.server.budget.Status.Entries)
	}
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		for _, p := range processes {
			p.poke()
		}
		return undecided() == 0, nil
	})
	if err != nil {
		t.Error(err)
	}
	for _, p := range processes {
		close(p.stopped)
	}
	group.Wait()
	if broken != nil || l.server.broken != nil || undecided() > 0 {
		t.Fatalf("%v; %v; %d are undecided or in flight\n%s", broken, l.server.broken, undecided(), show(&l.server.budget.Status))
	}
	granted := len(l.server.names(func(c *v1alpha1.Compensation) bool { return c.Status.Phase == v1alpha1.CompensationGranted }))
	t.Logf("%d of %d granted, %d writes of the ledger, epoch %d, spent %s", granted, requests, l.server.writes.budget, l.server.budget.Status.Epoch, l.server.budget.Status.Spent)
	list, _ := l.List(context.Background(), budgetKey)
	if differs := ledger.NewBook(l.server.terms(), &l.server.budget.Status, list).Recount(now); differs != "" {
		t.Error(differs)
	}
}
