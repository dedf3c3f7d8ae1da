package bookkeeper

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// ailing is a server that answers as a test wants.
type ailing struct {
	Store

	// writes is how often a Compensation was to be written.
	writes int
	// write, read and keep come before a write and a read of a Compensation, and a write of
	// the budget: apply is what would have been done.
	write, keep func(apply func()) error
	read        func() error
}

func (a *ailing) WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	a.writes++
	if a.write != nil {
		if err := a.write(func() { _, _ = a.Store.WriteCompensation(ctx, from, status) }); err != nil {
			return nil, err
		}
	}
	return a.Store.WriteCompensation(ctx, from, status)
}

func (a *ailing) WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	if a.keep != nil {
		if err := a.keep(func() { _, _ = a.Store.WriteBudget(ctx, from, status) }); err != nil {
			return nil, err
		}
	}
	return a.Store.WriteBudget(ctx, from, status)
}

func (a *ailing) Compensation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error) {
	if a.read != nil {
		if err := a.read(); err != nil {
			return nil, err
		}
	}
	return a.Store.Compensation(ctx, key)
}

// once makes something happen the first time only.
func once(do func(apply func()) error) func(apply func()) error {
	done := false
	return func(apply func()) error {
		if done {
			return nil
		}
		done = true
		return do(apply)
	}
}

// loseReply applies a write and answers nothing.
func loseReply(apply func()) error {
	apply()
	return errTimeout
}

// ear is an observer that remembers.
type ear struct {
	recorded []string
	// freed are the reasons for which money was given back.
	freed    []string
	wrote    []int64
	standsBy int
}

func (e *ear) Wrote(b *v1alpha1.RecoveryBudget, was *v1alpha1.RecoveryBudgetStatus, _ time.Duration) {
	e.wrote = append(e.wrote, b.Status.Sequence-was.Sequence)
}

func (e *ear) Recorded(_ *v1alpha1.RecoveryBudget, was *v1alpha1.CompensationStatus, written *v1alpha1.Compensation, o *ledger.Outcome) {
	e.recorded = append(e.recorded, string(was.Phase)+" to "+string(written.Status.Phase)+" as "+string(o.Phase))
	if o.Freed.Reason != "" {
		e.freed = append(e.freed, o.Freed.Reason)
	}
}

func (e *ear) TookOver(*v1alpha1.RecoveryBudget) {}

func (e *ear) StandsBy(types.NamespacedName) { e.standsBy++ }

// attend gives an operator an ailing server and an ear.
func (a *alone) attend() (*ailing, *ear) {
	store, hears := &ailing{Store: a.keep.Store}, &ear{}
	a.keep.Store, a.keep.Observer = store, hears
	return store, hears
}

// What cannot be written is tried again after a while, however often the budget has its
// turn meanwhile, and whether money moves or not.
func TestFailingWritesAreNotAStorm(t *testing.T) {
	for name, amount := range map[string]v1alpha1.Money{"a denial": "9000.00", "a grant": "1.00"} {
		t.Run(name, func(t *testing.T) {
			a := newAlone(t, freshServer(), nil)
			store, _ := a.attend()
			store.write = func(func()) error { return errTimeout }
			request := a.ask(amount)
			a.turn()
			first := store.writes
			for range 50 {
				if result := a.turn(); result.Again || result.After <= 0 {
					t.Fatalf("%+v: it is not waited", result)
				}
			}
			if first > 2 || store.writes != first {
				t.Fatalf("%d writes at first, and %d in turns without a wait", first, store.writes-first)
			}
			for second := range 3 {
				a.clock.Step(retryAfter)
				a.turn()
				if want := first * (second + 2); store.writes != want {
					t.Errorf("%d writes after %d s, want %d", store.writes, second+1, want)
				}
			}
			store.write = nil
			a.clock.Step(retryAfter)
			a.turn()
			a.turn()
			if a.comps[request].Status.Phase == "" {
				t.Error("it is not answered, though writes succeed again")
			}
		})
	}
}

// A write whose answer was lost is told of once it is seen, and only once.
func TestALostReplyIsToldOnce(t *testing.T) {
	cases := map[string]struct {
		amount v1alpha1.Money
		// blind is how often it cannot be looked at.
		blind int
		want  string
	}{
		"a grant":                            {"10.00", 0, " to Granted as Granted"},
		"a denial":                           {"9000.00", 0, " to Denied as Denied"},
		"a grant that is seen a turn later":  {"10.00", 1, " to Granted as Granted"},
		"a denial that is seen a turn later": {"9000.00", 2, " to Denied as Denied"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := newAlone(t, freshServer(), nil)
			a.turn()
			store, hears := a.attend()
			store.write = once(loseReply)
			store.read = func() error {
				if c.blind > 0 {
					c.blind--
					return errTimeout
				}
				return nil
			}
			request := a.ask(c.amount)
			var told []string
			item, _ := judge(a.comps[request], "EUR")
			item.Written = func(was v1alpha1.CompensationStatus, written *v1alpha1.Compensation) {
				told = append(told, string(was.Phase)+" to "+string(written.Status.Phase)+" as "+string(written.Status.Phase))
			}
			a.keep.Inbox.Put(budgetKey, item)
			for range 6 {
				a.turn()
				a.clock.Step(retryAfter)
			}
			for who, got := range map[string][]string{"the observer": hears.recorded, "the item": told} {
				if diff := cmp.Diff([]string{c.want}, got); diff != "" {
					t.Errorf("%s heard (-want +got):\n%s", who, diff)
				}
			}
		})
	}
}

// A write that was lost for good is told of where it is made again, and only there.
func TestALostRequestIsToldOnce(t *testing.T) {
	a := newAlone(t, freshServer(), nil)
	store, hears := a.attend()
	store.write = once(func(func()) error { return errTimeout })
	a.ask("10.00")
	for range 4 {
		a.turn()
		a.clock.Step(retryAfter)
	}
	if diff := cmp.Diff([]string{" to Granted as Granted"}, hears.recorded); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// A write of the budget whose answer was lost is told of like any other.
func TestALostReplyOfTheLedgerIsTold(t *testing.T) {
	a := newAlone(t, freshServer(), nil)
	a.turn()
	store, hears := a.attend()
	store.keep = once(loseReply)
	before := a.writes.budget
	a.ask("10.00")
	a.turn()
	if len(hears.wrote) != a.writes.budget-before || slices.ContainsFunc(hears.wrote, func(steps int64) bool { return steps != 1 }) {
		t.Errorf("%d writes of the ledger, and heard of steps %v", a.writes.budget-before, hears.wrote)
	}
}

// Whoever stands by says so at every look, and keeps nothing of who is gone.
func TestStandingByIsTold(t *testing.T) {
	s := freshServer()
	first, second := newAlone(t, s, nil), newAlone(t, s, nil)
	first.turn()
	_, hears := first.attend()
	second.turn()
	for range 3 {
		first.keep.Inbox.Gone(budgetKey, "somebody")
		first.turn()
	}
	if hears.standsBy != 3 || len(first.keep.Inbox.of) != 0 {
		t.Errorf("told %d times of 3; %d trays are kept", hears.standsBy, len(first.keep.Inbox.of))
	}
	second.keep.Inbox.Gone(budgetKey, "somebody")
	if _, err := second.keep.Turn(context.Background(), budgetKey, nil); err != nil || len(second.keep.Inbox.of) != 0 {
		t.Errorf("%v; the budget is gone, and %d trays are kept", err, len(second.keep.Inbox.of))
	}
}

// hung is a server on which writes of some Compensations are never answered, or only the
// first one is not.
type hung struct {
	locked

	names   []string
	forever bool
	mu      sync.Mutex
	began   int
}

func (h *hung) WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	if slices.Contains(h.names, from.Name) {
		h.mu.Lock()
		h.began++
		hangs := h.forever || h.began == 1
		h.mu.Unlock()
		if hangs {
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	return h.locked.WriteCompensation(ctx, from, status)
}

func (h *hung) begun() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.began >= len(h.names)
}

// Writes that are never answered hold up nobody but their own Compensations, and those no
// longer than the operator's patience.
func TestHungWritesHoldNobodyUp(t *testing.T) {
	for name, forever := range map[string]bool{"for ever": true, "once": false} {
		t.Run(name, func(t *testing.T) {
			l := locked{mu: &sync.Mutex{}, server: newServer(time.Now(), modelSpec())}
			request := func() string {
				l.mu.Lock()
				defer l.mu.Unlock()
				return l.server.create(v1alpha1.CompensationSpec{
					IncidentName: "i", By: "alice", Allowance: "frontline", Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: "1.00"}},
				}).Name
			}
			phase := func(name string) v1alpha1.CompensationPhase {
				l.mu.Lock()
				defer l.mu.Unlock()
				return l.server.comps[name].Status.Phase
			}
			until := func(what string, holds func() bool) {
				t.Helper()
				if err := wait.PollUntilContextTimeout(t.Context(), time.Millisecond, time.Minute, true, func(context.Context) (bool, error) { return holds(), nil }); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			store := &hung{locked: l, names: []string{request()}, forever: forever}
			patience := 50 * time.Millisecond
			if forever {
				patience = time.Hour
				store.names = append(store.names, request(), request())
			}
			var group sync.WaitGroup
			p := begin(&Bookkeeper{Store: store, Patience: patience}, l, &group, func(err error) { t.Error(err) })
			until("the writes that hang", store.begun)
			next := request()
			p.poke()
			until("the next request", func() bool { return phase(next) == v1alpha1.CompensationGranted })
			if !forever {
				until("the one that hung", func() bool { return phase(store.names[0]) == v1alpha1.CompensationGranted })
			}
			p.stop()
			group.Wait()
		})
	}
}

// The rule by which claims gather for the next write of the budget.
func TestGathering(t *testing.T) {
	ended := time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		busy, waiting int
		since         time.Duration
		want          time.Duration
	}{
		"nothing is being written":            {busy: 0, waiting: 1, want: 0},
		"three wait for each that is written": {busy: 8, waiting: 24, want: 0},
		"fewer wait":                          {busy: 8, waiting: 23, since: 10 * time.Millisecond, want: 70 * time.Millisecond},
		"fewer wait, for long":                {busy: 8, waiting: 1, since: 80 * time.Millisecond, want: 0},
		"one hangs, and three wait":           {busy: 1, waiting: 3, want: 0},
		"one hangs, and one waits for long":   {busy: 1, waiting: 1, since: 80 * time.Millisecond, want: 0},
		"none waits, and it is put off still": {busy: 1, waiting: 0, since: 0, want: 80 * time.Millisecond},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := &desk{busy: c.busy, wroteAt: ended, took: 20 * time.Millisecond}
			if got := max(0, d.gathering(c.waiting, ended.Add(c.since))); got != c.want {
				t.Errorf("put off for %s, want %s", got, c.want)
			}
		})
	}
}

// consistent is the budget's condition about its recount.
func (a *alone) consistent() string {
	for _, c := range a.budget.Status.Conditions {
		if c.Type == v1alpha1.ConsistentCondition {
			return string(c.Status)
		}
	}
	return ""
}

// A grant that is deleted past its finalizer is missed within ten minutes, without
// anybody asking anything; and a new period is counted anew.
func TestARecountMissesWhatWasDeleted(t *testing.T) {
	s := freshServer()
	a := newAlone(t, s, nil)
	granted := a.ask("10.00")
	a.turn()
	a.clock.Step(foldAfter)
	a.turn()
	if got := a.consistent(); got != "True" {
		t.Fatalf("Consistent is %s at first", got)
	}
	uid := string(s.comps[granted].UID)
	s.remove(granted)
	a.keep.Inbox.Gone(budgetKey, uid)
	result, err := a.keep.Turn(context.Background(), budgetKey, s.budget)
	if err != nil || result.After <= 0 || result.After > recountAfter {
		t.Fatalf("%+v, %v; want another look within %s", result, err, recountAfter)
	}
	a.clock.Step(result.After)
	s.broken = nil // While it is gone, the sums cannot agree.
	_, err = a.keep.Turn(context.Background(), budgetKey, s.budget)
	if got := a.consistent(); err != nil || got != "False" {
		t.Errorf("Consistent is %s, %v; want False", got, err)
	}
	a.clock.SetTime(time.Date(2026, 11, 1, 0, 0, 0, 0, a.terms().Zone))
	for range 2 {
		if _, err := a.keep.Turn(context.Background(), budgetKey, s.budget); err != nil {
			t.Fatal(err)
		}
		a.clock.Step(recountAfter)
	}
	if got := a.consistent(); got != "True" {
		t.Errorf("Consistent is %s in the next period, want True", got)
	}
}
