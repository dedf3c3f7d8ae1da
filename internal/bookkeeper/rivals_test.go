package bookkeeper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
	cancel  func()
}

// begin starts an operator, which has seen every request that is there. A turn may fail
// because the server did not answer.
func begin(keep *Bookkeeper, l locked, group *sync.WaitGroup, fail func(error)) *process {
	p := &process{keep: keep, stopped: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	keep.Appraiser, keep.Clock, keep.Inbox = appraiser{"EUR"}, clock.RealClock{}, NewInbox(func(types.NamespacedName) { p.poke() })
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	group.Go(func() {
		defer close(p.ended)
		for {
			p.look(l)
			budget, _ := l.Budget(ctx, budgetKey)
			result, err := keep.Turn(ctx, budgetKey, budget)
			if err != nil && !errors.Is(err, errTimeout) {
				fail(err)
				return
			}
			if result.Again || err != nil {
				p.poke()
			}
			var after <-chan time.Time
			if result.After > 0 {
				after = keep.Clock.(clock.Clock).After(result.After)
			}
			select {
			case <-p.stopped:
				return
			case <-p.wake:
			case <-after:
			}
		}
	})
	p.poke()
	return p
}

// stop stops it for good, with everything that it has under way.
func (p *process) stop() {
	close(p.stopped)
	<-p.ended
	p.cancel()
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

// shaky is a server that now and then applies a write and loses the reply, loses the
// request, or answers with an error.
type shaky struct {
	locked

	rand *rand.Rand
	lost *int
}

// fails tells what happens to a call: whether it is answered, and if not, whether it is
// applied all the same.
func (s shaky) fails() (answered, applied bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.rand.IntN(20) {
	case 0:
		*s.lost++
		return false, true
	case 1:
		*s.lost++
		return false, false
	}
	return true, true
}

func tremble[T any](s shaky, write func() (T, error)) (T, error) {
	var none T
	answered, applied := s.fails()
	if answered {
		return write()
	}
	if applied {
		_, _ = write()
	}
	return none, errTimeout
}

func (s shaky) WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	return tremble(s, func() (*v1alpha1.RecoveryBudget, error) { return s.locked.WriteBudget(ctx, from, status) })
}

func (s shaky) WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	return tremble(s, func() (*v1alpha1.Compensation, error) { return s.locked.WriteCompensation(ctx, from, status) })
}

func (s shaky) Compensation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error) {
	if answered, _ := s.fails(); !answered {
		return nil, errTimeout
	}
	return s.locked.Compensation(ctx, key)
}

// Two operators write beside each other, several Compensations at once, and every now and
// then one of the two is replaced by a new one, which takes the ledger over; on a server
// that answers, and on one that often does not.
func TestRivalsBesideEachOther(t *testing.T) {
	for name, sound := range map[string]bool{"on a sound server": true, "on one that often does not answer": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rivals(t, sound)
		})
	}
}

func rivals(t *testing.T, sound bool) {
	spec := modelSpec()
	spec.Pool.Amount = "70.00"
	spec.Allowances[0] = v1alpha1.Allowance{Name: "frontline"}
	now := time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC)
	l := locked{mu: &sync.Mutex{}, server: newServer(now, spec)}
	lost := 0
	var store Store = l
	if !sound {
		store = shaky{locked: l, rand: rand.New(rand.NewPCG(7, 1)), lost: &lost}
	}
	var group sync.WaitGroup
	var broken error
	var once sync.Mutex
	fail := func(err error) {
		once.Lock()
		defer once.Unlock()
		broken = err
	}
	start := func() *process { return begin(&Bookkeeper{Store: store}, l, &group, fail) }
	processes := []*process{start(), start()}
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
			processes[which] = start()
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
	// What is still under way waits for the test to have looked.
	l.mu.Lock()
	list := make([]v1alpha1.Compensation, 0, len(l.server.comps))
	for _, c := range l.server.comps {
		list = append(list, *c)
	}
	broken = cmp.Or(broken, l.server.broken)
	budget, writes := l.server.budget, l.server.writes
	granted := len(l.server.names(inPhase(v1alpha1.CompensationGranted)))
	open := len(l.server.names(inPhase(""))) + len(budget.Status.Entries)
	terms, answers := l.server.terms(), lost
	l.mu.Unlock()
	if broken != nil || open > 0 {
		t.Fatalf("%v; %d are undecided or in flight\n%s", broken, open, show(&budget.Status))
	}
	t.Logf("%d of %d granted, %d writes of the ledger, epoch %d, spent %s, %d answers were lost",
		granted, requests, writes.budget, budget.Status.Epoch, budget.Status.Spent, answers)
	if differs := ledger.NewBook(terms, &budget.Status, list).Recount(now); differs != "" {
		t.Error(differs)
	}
}
