package operatortest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// counter measures a run of the ledger: how often each kind of object was written.
type counter struct {
	bookkeeper.Cluster

	budgets, requests, took atomic.Int64
}

func (c *counter) WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	began := time.Now()
	defer func() { c.took.Add(int64(time.Since(began))) }()
	c.budgets.Add(1)
	return c.Cluster.WriteBudget(ctx, from, status)
}

func (c *counter) WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	c.requests.Add(1)
	return c.Cluster.WriteCompensation(ctx, from, status)
}

// nobody appraises nothing: in a benchmark nothing is in flight at the start.
type nobody struct{}

func (nobody) Appraise(context.Context, *v1alpha1.Compensation) (bookkeeper.Item, bool, error) {
	return bookkeeper.Item{}, false, nil
}

// bench is a budget and requests for it, with nothing but the API server.
type bench struct {
	admin  client.WithWatch
	key    types.NamespacedName
	store  *counter
	keeper *bookkeeper.Bookkeeper
	wake   chan struct{}
	answer sync.Map // of chan struct{} by UID
}

func newBench(b *testing.B) *bench {
	b.Helper()
	in := theInstallation(b)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "bench-"}}
	if err := in.admin.Create(b.Context(), namespace); err != nil {
		b.Fatal(err)
	}
	out := &bench{admin: in.admin, key: types.NamespacedName{Namespace: namespace.Name, Name: "pool"}, wake: make(chan struct{}, 1)}
	budget := frontline("pool", "1000000.00")
	budget.Namespace = namespace.Name
	if err := in.admin.Create(b.Context(), budget); err != nil {
		b.Fatal(err)
	}
	out.store = &counter{Cluster: bookkeeper.Cluster{Live: in.admin, Writer: in.admin}}
	out.keeper = &bookkeeper.Bookkeeper{
		Store: out.store, Appraiser: nobody{}, Clock: clock.RealClock{},
		Inbox: bookkeeper.NewInbox(func(types.NamespacedName) {
			select {
			case out.wake <- struct{}{}:
			default:
			}
		}),
	}
	return out
}

// keep turns as the controller does, until the context ends.
func (x *bench) keep(ctx context.Context) error {
	budget := &v1alpha1.RecoveryBudget{}
	if err := x.admin.Get(ctx, x.key, budget); err != nil {
		return err
	}
	for {
		result, err := x.keeper.Turn(ctx, x.key, budget)
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
		case <-x.wake:
		}
	}
}

// request makes a request, and its item.
func (x *bench) request(ctx context.Context, name string) (bookkeeper.Item, error) {
	c := fixture.Compensation(name, "incident", "pool", "1.00", fixture.FromAllowance("frontline"), fixture.AskedBy("admin"))
	c.Namespace = x.key.Namespace
	c.Finalizers = []string{v1alpha1.LedgerFinalizer}
	if err := x.admin.Create(ctx, c); err != nil {
		return bookkeeper.Item{}, err
	}
	amount, err := money.Parse("EUR", "1.00")
	return bookkeeper.Item{
		Key: client.ObjectKeyFromObject(c), Compensation: c, Record: granted,
		Claim: ledger.Claim{
			UID: string(c.UID), Name: c.Name, CreatedAt: c.CreationTimestamp.Time, By: c.Spec.By, Incident: "incident-uid", Customer: "guest",
			Want: ledger.WantGive, Amount: amount, Allowance: "frontline",
		},
		Written: func(_ v1alpha1.CompensationStatus, written *v1alpha1.Compensation) {
			if told, ok := x.answer.LoadAndDelete(string(written.UID)); ok {
				close(told.(chan struct{}))
			}
		},
	}, err
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

// BenchmarkGrants measures grants a second with so many askers, each of whom asks again
// once it has its answer, beside the bare rate of the one write of a Compensation's
// status that each grant needs, by as many writers in the same run.
func BenchmarkGrants(b *testing.B) {
	// The operator must not answer before the bookkeeper that is measured does.
	in := theInstallation(b)
	in.shared.kill()
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
		defer cancel()
		if err := in.startShared(ctx); err != nil {
			b.Error(err)
		}
	})
	for _, askers := range []int{1, 8, 32, 128} {
		b.Run(fmt.Sprintf("%d askers", askers), func(b *testing.B) {
			const rounds = 3
			each := max(240/askers, 4)
			var bare, grants time.Duration
			x := newBench(b)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			kept := make(chan error, 1)
			go func() { kept <- x.keep(ctx) }()
			// The two take turns, so that the machine is the same for both.
			for round := range rounds {
				bare += x.bare(b, fmt.Sprintf("bare-%d", round), askers, each)
				grants += x.grants(b, fmt.Sprintf("grant-%d", round), askers, each)
			}
			cancel()
			if err := <-kept; err != nil {
				b.Fatal(err)
			}
			n := float64(rounds * askers * each)
			b.ReportMetric(n/bare.Seconds(), "bare/s")
			b.ReportMetric(n/grants.Seconds(), "grants/s")
			b.ReportMetric(100*bare.Seconds()/grants.Seconds(), "%-of-bare")
			b.ReportMetric(float64(x.store.budgets.Load())/n, "ledger-writes/grant")
			b.ReportMetric(float64(x.store.took.Load())/1e6/float64(x.store.budgets.Load()), "ms/ledger-write")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// run lets askers work on items that were made before, and measures how long it takes.
func (x *bench) run(b *testing.B, name string, askers, each int, do func(context.Context, bookkeeper.Item) error) time.Duration {
	b.Helper()
	items := make([][]bookkeeper.Item, askers)
	var group sync.WaitGroup
	slots := make(chan struct{}, 16)
	for a := range askers {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			for i := range each {
				item, err := x.request(b.Context(), fmt.Sprintf("%s-%d-%d", name, a, i))
				if err != nil {
					b.Error(err)
					return
				}
				items[a] = append(items[a], item)
			}
		})
	}
	group.Wait()
	began := time.Now()
	for _, list := range items {
		group.Go(func() {
			for _, item := range list {
				if err := do(b.Context(), item); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}

func (x *bench) bare(b *testing.B, name string, askers, each int) time.Duration {
	b.Helper()
	amount, err := money.Parse("EUR", "1.00")
	if err != nil {
		b.Fatal(err)
	}
	return x.run(b, name, askers, each, func(ctx context.Context, item bookkeeper.Item) error {
		status := granted(item.Compensation, ledger.Outcome{Phase: v1alpha1.CompensationDenied, Amount: amount}, time.Now())
		_, err := x.store.Cluster.WriteCompensation(ctx, item.Compensation, &status)
		return err
	})
}

func (x *bench) grants(b *testing.B, name string, askers, each int) time.Duration {
	b.Helper()
	return x.run(b, name, askers, each, func(ctx context.Context, item bookkeeper.Item) error {
		told := make(chan struct{})
		x.answer.Store(item.Claim.UID, told)
		x.keeper.Inbox.Put(x.key, item)
		select {
		case <-told:
			return nil
		case <-time.After(time.Minute):
			return fmt.Errorf("%s was not answered", item.Key)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}
