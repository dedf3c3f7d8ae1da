package bookkeeper

import (
	"context"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// alone is one operator on a server without faults.
type alone struct {
	*testing.T
	*server

	keep  *Bookkeeper
	clock *clocktesting.FakeClock
}

func newAlone(t *testing.T, s *server, lease Lease) *alone {
	clk := clocktesting.NewFakeClock(s.now)
	return &alone{T: t, server: s, clock: clk, keep: &Bookkeeper{
		Store: direct{s}, Inbox: NewInbox(func(types.NamespacedName) {}), Appraiser: appraiser{"EUR"}, Clock: clk, Lease: lease, Writers: 1,
	}}
}

func (a *alone) turn() Result {
	a.Helper()
	result, err := a.keep.Turn(context.Background(), budgetKey, a.budget)
	if err != nil {
		a.Fatal(err)
	}
	if a.broken != nil {
		a.Fatal(a.broken)
	}
	return result
}

// ask makes a request that this operator has seen.
func (a *alone) ask(amount v1alpha1.Money) string {
	c := a.create(v1alpha1.CompensationSpec{
		IncidentName: "i", By: "alice", Allowance: "frontline", Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: amount}},
	})
	a.put(c.Name)
	return c.Name
}

func (a *alone) put(name string) {
	if item, ok := judge(a.comps[name], "EUR"); ok {
		a.keep.Inbox.Put(budgetKey, item)
	}
}

func (a *alone) phase(name string, want v1alpha1.CompensationPhase) {
	a.Helper()
	if got := a.comps[name].Status.Phase; got != want {
		a.Errorf("%s is %q, want %q", name, got, want)
	}
}

func freshServer() *server {
	return newServer(time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC), modelSpec())
}

// Without election, whoever was overtaken stands by until the ledger has stood still for
// ten seconds while a request waits.
func TestStandingBy(t *testing.T) {
	s := freshServer()
	first, second := newAlone(t, s, nil), newAlone(t, s, nil)
	first.turn()
	granted := first.ask("10.00")
	first.turn()
	first.phase(granted, v1alpha1.CompensationGranted)
	second.turn()
	if s.budget.Status.Epoch != 2 {
		t.Fatalf("epoch %d, want 2", s.budget.Status.Epoch)
	}

	waits := first.ask("10.00")
	for range int(Quiet/time.Second) + 1 {
		first.phase(waits, "")
		if result := first.turn(); result.After == 0 {
			t.Fatal("nobody looks again")
		}
		first.clock.Step(time.Second)
	}
	first.turn()
	first.phase(waits, v1alpha1.CompensationGranted)
	if s.budget.Status.Epoch != 3 {
		t.Errorf("epoch %d, want 3", s.budget.Status.Epoch)
	}
	// The one that was overtaken now notices by its own write.
	late := second.ask("10.00")
	stale := *second
	stale.turn()
	second.phase(late, "")
}

// A request that another operator has answered is none that waits.
func TestAnsweredRequestsDoNotWait(t *testing.T) {
	s := freshServer()
	first, second := newAlone(t, s, nil), newAlone(t, s, nil)
	first.turn()
	second.turn()
	name := second.ask("10.00")
	first.put(name)
	second.turn()
	second.phase(name, v1alpha1.CompensationGranted)
	second.clock.Step(foldAfter)
	second.turn()
	first.turn()
	for range 30 {
		first.clock.Step(time.Second)
		first.turn()
	}
	if s.budget.Status.Epoch != 2 || first.keep.Inbox.Waiting(budgetKey) != 0 {
		t.Errorf("epoch %d, want 2; %d wait", s.budget.Status.Epoch, first.keep.Inbox.Waiting(budgetKey))
	}
}

// An old copy of a request that was set aside, taken back and deleted since is no proof
// that the money is set aside: what it says is read live before it is believed.
func TestAnOldCopyIsNoProof(t *testing.T) {
	s := freshServer()
	first := newAlone(t, s, nil)
	c := s.create(v1alpha1.CompensationSpec{
		IncidentName: "i", By: "alice", Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: "10.00"}},
	})
	first.put(c.Name)
	first.turn()
	first.phase(c.Name, v1alpha1.CompensationAwaitingApproval)
	old, ok := judge(s.comps[c.Name].DeepCopy(), "EUR")
	if !ok {
		t.Fatal("a request that awaits a decision asks nothing")
	}
	s.edit(c.Name, func(c *v1alpha1.Compensation) { c.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{} })
	first.put(c.Name)
	for range 3 {
		first.clock.Step(foldAfter)
		first.turn()
	}
	first.phase(c.Name, v1alpha1.CompensationReleased)
	s.remove(c.Name)

	second := newAlone(t, s, nil)
	second.keep.Inbox.Put(budgetKey, old)
	for range 4 {
		second.turn()
		second.clock.Step(foldAfter)
	}
	for _, p := range s.budget.Status.Periods {
		if *p.Reserved != 0 || len(s.budget.Status.Entries) != 0 {
			t.Errorf("money is set aside for a request that is gone: %s", show(&s.budget.Status))
		}
	}
}

// What a dead writer has left in flight is finished by one that stands by, though no
// request waits.
func TestWhatWasAbandonedIsFinished(t *testing.T) {
	s := freshServer()
	first, second := newAlone(t, s, nil), newAlone(t, s, nil)
	first.turn()
	second.turn()
	second.ask("10.00")
	second.turn()
	if len(s.budget.Status.Entries) != 1 {
		t.Fatalf("%s", show(&s.budget.Status))
	}
	first.turn()
	first.clock.Step(Abandoned)
	first.turn()
	first.clock.Step(foldAfter)
	first.turn()
	if len(s.budget.Status.Entries) != 0 || s.budget.Status.Epoch != 3 {
		t.Errorf("%s", show(&s.budget.Status))
	}
}

// lease is held or not.
type lease bool

func (l *lease) Holds(context.Context) (bool, error) { return bool(*l), nil }

// With election only the holder of the lease takes over, and it does so at once.
func TestOnlyTheLeaderTakesOver(t *testing.T) {
	s := freshServer()
	leads := lease(false)
	a := newAlone(t, s, &leads)
	name := a.ask("10.00")
	a.clock.Step(time.Hour)
	a.turn()
	a.phase(name, "")
	leads = true
	a.turn()
	a.phase(name, v1alpha1.CompensationGranted)

	rival := newAlone(t, s, nil)
	rival.turn()
	next := a.ask("10.00")
	a.turn()
	a.turn()
	a.phase(next, v1alpha1.CompensationGranted)
	if s.budget.Status.Epoch != 3 {
		t.Errorf("epoch %d, want 3", s.budget.Status.Epoch)
	}
}

func TestAWrongSpecGivesNothing(t *testing.T) {
	s := freshServer()
	s.budget.Spec.TimeZone = "Europe/Atlantis"
	a := newAlone(t, s, nil)
	a.ask("10.00")
	if result, err := a.keep.Turn(context.Background(), budgetKey, s.budget); err != nil || !result.Problems {
		t.Fatalf("%+v, %v", result, err)
	}
	if c := s.budget.Status.Conditions; len(c) != 2 || c[1].Type != v1alpha1.StalledCondition || c[1].Reason != v1alpha1.UnknownTimeZoneReason || s.budget.Status.Sequence != 1 {
		t.Errorf("%+v", s.budget.Status)
	}
}

// What was set aside for a request that is gone, past its finalizer, is free again.
func TestARequestThatIsGone(t *testing.T) {
	s := freshServer()
	a := newAlone(t, s, nil)
	a.turn()
	name := a.ask("160.00")
	a.turn()
	a.phase(name, v1alpha1.CompensationAwaitingApproval)
	a.clock.Step(foldAfter)
	a.turn()
	uid := string(s.comps[name].UID)
	a.server.comps = map[string]*v1alpha1.Compensation{}
	a.keep.Inbox.Gone(budgetKey, uid)
	if _, err := a.keep.Turn(context.Background(), budgetKey, s.budget); err != nil {
		t.Fatal(err)
	}
	a.clock.Step(foldAfter)
	s.broken = nil // While it is gone and not freed yet, the sums cannot agree.
	a.turn()
	if p := s.budget.Status.Periods[0]; *p.Reserved != 0 || *p.Spent != 0 {
		t.Errorf("%s", show(&s.budget.Status))
	}
}

// With nothing asked, nothing is written.
func TestQuietBudgetsAreNotWritten(t *testing.T) {
	s := freshServer()
	a := newAlone(t, s, nil)
	a.ask("10.00")
	a.turn()
	a.clock.Step(foldAfter)
	a.turn()
	writes := s.writes
	for range 50 {
		a.clock.Step(time.Minute)
		if result := a.turn(); result.After != 0 || result.Again {
			t.Fatalf("%+v", result)
		}
	}
	if s.writes != writes {
		t.Errorf("%+v, and %+v before", s.writes, writes)
	}
}
