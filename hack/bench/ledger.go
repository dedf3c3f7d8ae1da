package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// allowance is what everybody may spend from in these measurements.
const allowance = "frontline"

// price is what each grant costs.
const price = "1.00"

// countedStore counts the writes of a budget and how long they took.
type countedStore struct {
	bookkeeper.Cluster

	budgets, took atomic.Int64
}

// WriteBudget implements bookkeeper.Store.
func (c *countedStore) WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	began := time.Now()
	defer func() { c.took.Add(int64(time.Since(began))) }()
	c.budgets.Add(1)
	return c.Cluster.WriteBudget(ctx, from, status)
}

// nobody appraises nothing: nothing is in flight when a ledger is opened here.
type nobody struct{}

// Appraise implements bookkeeper.Appraiser.
func (nobody) Appraise(context.Context, *v1alpha1.Compensation) (bookkeeper.Item, bool, error) {
	return bookkeeper.Item{}, false, nil
}

// till is a bookkeeper in this process, with nothing but the API server behind it, and
// what it has told of grants.
type till struct {
	client client.WithWatch
	key    types.NamespacedName
	store  *countedStore
	keeper *bookkeeper.Bookkeeper
	wake   chan struct{}
	told   sync.Map // of chan struct{} by UID
}

// openTill makes a budget and its bookkeeper.
func (w *world) openTill(ctx context.Context, space string) (*till, error) {
	budget := fixture.In(space, fixture.Budget(pool, "EUR", "1000000.00", fixture.Allowing(v1alpha1.Allowance{Name: allowance})))
	if err := w.client.Create(ctx, budget); err != nil {
		return nil, err
	}
	t := &till{client: w.client, key: keyOf(budget), wake: make(chan struct{}, 1)}
	t.store = &countedStore{Cluster: bookkeeper.Cluster{Live: w.client, Writer: w.client}}
	t.keeper = &bookkeeper.Bookkeeper{
		Store: t.store, Appraiser: nobody{}, Clock: clock.RealClock{},
		Inbox: bookkeeper.NewInbox(func(types.NamespacedName) {
			select {
			case t.wake <- struct{}{}:
			default:
			}
		}),
	}
	return t, nil
}

// keep turns as the operator's controller does, until the context ends.
func (t *till) keep(ctx context.Context) error {
	budget := &v1alpha1.RecoveryBudget{}
	if err := t.client.Get(ctx, t.key, budget); err != nil {
		return err
	}
	for {
		result, err := t.keeper.Turn(ctx, t.key, budget)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case result.Again:
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.wake:
		}
	}
}

// request makes a request and its claim.
func (t *till) request(ctx context.Context, name string) (bookkeeper.Item, error) {
	c := fixture.In(t.key.Namespace, requestOf(name, "incident"))
	if err := t.client.Create(ctx, c); err != nil {
		return bookkeeper.Item{}, err
	}
	amount, err := money.Parse("EUR", price)
	return bookkeeper.Item{
		Key: keyOf(c), Compensation: c, Record: granted,
		Claim: ledger.Claim{
			UID: string(c.UID), Name: c.Name, CreatedAt: c.CreationTimestamp.Time, By: c.Spec.By, Incident: "incident-uid", Customer: "guest",
			Want: ledger.WantGive, Amount: amount, Allowance: allowance,
		},
		Written: func(_ v1alpha1.CompensationStatus, written *v1alpha1.Compensation) {
			if told, ok := t.told.LoadAndDelete(string(written.UID)); ok {
				close(told.(chan struct{}))
			}
		},
	}, err
}

// requestOf is a request as the command line makes it, held from the beginning.
func requestOf(name string, incident v1alpha1.ObjectName) *v1alpha1.Compensation {
	c := fixture.Compensation(name, incident, pool, price, fixture.FromAllowance(allowance), fixture.AskedBy("alice"))
	c.Finalizers = []string{v1alpha1.LedgerFinalizer}
	return c
}

// granted is a status of the size that a grant has.
func granted(c *v1alpha1.Compensation, o ledger.Outcome, now time.Time) v1alpha1.CompensationStatus {
	at := metav1.NewTime(now.Truncate(time.Second))
	return v1alpha1.CompensationStatus{
		ObservedGeneration: c.Generation, Phase: o.Phase, IncidentUID: "incident-uid", Customer: "guest", Amount: o.Amount.Money(), Allowance: o.Allowance,
		DecidedAt: &at, DueAt: &at,
		Conditions: []metav1.Condition{{
			Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.WithinAllowanceReason, LastTransitionTime: at,
			Message: "granted within every limit of the allowance frontline", ObservedGeneration: c.Generation,
		}},
	}
}

// grant asks and waits for the answer.
func (t *till) grant(ctx context.Context, item bookkeeper.Item) error {
	told := make(chan struct{})
	t.told.Store(item.Claim.UID, told)
	t.keeper.Inbox.Put(t.key, item)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	select {
	case <-told:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s was not answered: %w", item.Key, ctx.Err())
	}
}

// bare is the one write of a request's status that each grant needs, and nothing else.
func (t *till) bare(write bareWrite) func(context.Context, bookkeeper.Item) error {
	return func(ctx context.Context, item bookkeeper.Item) error {
		status := granted(item.Compensation, ledger.Outcome{Phase: v1alpha1.CompensationDenied, Amount: item.Claim.Amount}, time.Now())
		return write(ctx, t.client, &v1alpha1.Compensation{ObjectMeta: commit.Version(item.Compensation), Status: status})
	}
}

// effort is what a series of grants or of bare writes took: time, and the processor time
// of the control plane.
type effort struct {
	n          int
	took, used time.Duration
}

func (e *effort) add(o effort) {
	e.n, e.took, e.used = e.n+o.n, e.took+o.took, e.used+o.used
}

func (e *effort) rate() float64 { return float64(e.n) / e.took.Seconds() }

// each is the processor time of the control plane for one.
func (e *effort) each() time.Duration { return e.used / time.Duration(max(e.n, 1)) }

// series lets askers work, each at its own items one after the other, that were made
// before, and measures it.
func (w *world) series(ctx context.Context, t *till, prefix string, askers, each int, do func(context.Context, bookkeeper.Item) error) (effort, error) {
	items := make([]bookkeeper.Item, askers*each)
	err := atOnce(ctx, 16, len(items), func(ctx context.Context, i int) (err error) {
		items[i], err = t.request(ctx, numbered(prefix, i))
		return err
	})
	if err != nil {
		return effort{}, err
	}
	used, err := w.controlPlane()
	if err != nil {
		return effort{}, err
	}
	began := time.Now()
	err = atOnce(ctx, askers, askers, func(ctx context.Context, a int) error {
		for _, item := range items[a*each : (a+1)*each] {
			if err := do(ctx, item); err != nil {
				return err
			}
		}
		return nil
	})
	out := effort{n: len(items), took: time.Since(began)}
	if err != nil {
		return out, err
	}
	after, err := w.controlPlane()
	out.used = after - used
	return out, err
}
