package bookkeeper

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// months lets so many months pass, for the server too.
func (a *alone) months(n int) {
	a.now = a.now.AddDate(0, n, 0)
	a.clock.SetTime(a.now)
}

// pass is a turn while the sums do not agree with the Compensations that are there. The
// API server refuses nothing all the same.
func (a *alone) pass() Result {
	a.Helper()
	result, err := a.keep.Turn(context.Background(), budgetKey, a.budget)
	if err != nil {
		a.Fatal(err)
	}
	if a.broken != nil && strings.Contains(a.broken.Error(), "refused") {
		a.Fatal(a.broken)
	}
	a.broken = nil
	return result
}

// rest has turns until everything is answered and folded, and then nothing is to be done at
// once.
func (a *alone) rest() {
	a.Helper()
	var result Result
	for range 8 {
		result = a.pass()
		a.clock.Step(foldAfter)
	}
	if result.Again {
		a.Fatalf("it does not come to rest: %s", show(&a.budget.Status))
	}
}

// offer asks for one of two remedies, as the customer chooses.
func (a *alone) offer(allowance v1alpha1.Name, first, second v1alpha1.Money) string {
	c := a.create(v1alpha1.CompensationSpec{
		IncidentName: "i", By: "alice", Allowance: allowance,
		Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: first}, {Name: "b", Custom: "y", Amount: second}},
	})
	a.put(c.Name)
	return c.Name
}

// period is the sums of the period that begins on a day, or nil.
func (a *alone) period(start v1alpha1.Date) *v1alpha1.PeriodTotals {
	for i := range a.budget.Status.Periods {
		if p := &a.budget.Status.Periods[i]; p.Start == start {
			return p
		}
	}
	return nil
}

// A writer dies between the entry that gives a reservation back and its Compensation,
// which asks nothing by itself: the next writer ends the request, so that the entry goes
// and the period is closed.
func TestWhatNobodyAsksForIsFinished(t *testing.T) {
	cases := map[string]struct {
		allowance v1alpha1.Name
		waits     v1alpha1.CompensationPhase
		// before and after the crash, something happens to the request.
		before, after func(*alone, string)
		want          string
		closed        bool
	}{
		"nobody chose": {
			allowance: "frontline", waits: v1alpha1.CompensationOffered,
			before: func(a *alone, _ string) { a.months(2) }, want: v1alpha1.PeriodClosedReason, closed: true,
		},
		"nobody decided": {
			waits:  v1alpha1.CompensationAwaitingApproval,
			before: func(a *alone, _ string) { a.months(2) }, want: v1alpha1.PeriodClosedReason, closed: true,
		},
		"it was given back for what is no more": {
			allowance: "frontline", waits: v1alpha1.CompensationOffered,
			before: func(a *alone, name string) {
				a.edit(name, func(c *v1alpha1.Compensation) { c.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{} })
				a.put(name)
			},
			after: func(a *alone, name string) {
				a.edit(name, func(c *v1alpha1.Compensation) { c.Spec.Withdrawal = nil })
			},
			want: v1alpha1.MoneyFreedReason,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := freshServer()
			first := newAlone(t, s, nil)
			request := first.offer(c.allowance, "100.00", "50.00")
			first.rest()
			first.phase(request, c.waits)
			store, _ := first.attend()
			store.write = func(func()) error { return errTimeout }
			c.before(first, request)
			first.turn()
			if len(s.budget.Status.Entries) != 1 {
				t.Fatalf("nothing is in flight: %s", show(&s.budget.Status))
			}
			if c.after != nil {
				c.after(first, request)
			}

			second := newAlone(t, s, nil)
			_, hears := second.attend()
			second.rest()
			second.ask("1.00")
			second.rest()
			second.phase(request, v1alpha1.CompensationDenied)
			if diff := cmp.Diff([]string{c.want}, hears.freed); diff != "" || len(s.budget.Status.Entries) != 0 {
				t.Errorf("given back (-want +got):\n%s%s", diff, show(&s.budget.Status))
			}
			if p := second.period("2026-10-01"); p == nil || p.Closed != c.closed || *p.Reserved != 0 {
				t.Errorf("closed is to be %v: %s", c.closed, show(&s.budget.Status))
			}
		})
	}
}

// Who is gone while the ledger has no room for another entry is not forgotten before the
// money is given back.
func TestWhoIsGoneWaitsForRoom(t *testing.T) {
	s := freshServer()
	a := newAlone(t, s, nil)
	request := a.ask("160.00")
	a.rest()
	a.phase(request, v1alpha1.CompensationAwaitingApproval)
	store, _ := a.attend()
	store.write = func(func()) error { return errTimeout }
	for range ledger.MaxEntries {
		a.put(a.create(v1alpha1.CompensationSpec{
			IncidentName: "i1", By: "bob", Allowance: "frontline", Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: "0.01"}},
		}).Name)
	}
	a.turn()
	if n := len(s.budget.Status.Entries); n != ledger.MaxEntries {
		t.Fatalf("%d entries are in flight", n)
	}
	uid := string(s.comps[request].UID)
	s.remove(request)
	a.keep.Inbox.Gone(budgetKey, uid)
	a.pass()
	store.write = nil
	a.clock.Step(retryAfter)
	a.rest()
	if p := a.period("2026-10-01"); *p.Reserved != 0 || *p.Spent != ledger.MaxEntries {
		t.Errorf("%s", show(&s.budget.Status))
	}
}

// What was set aside for a request that went while no operator ran is given back when its
// period is to be closed: else no period would be closed, and none would begin in time.
func TestWhatNobodyIsThereForIsGivenBack(t *testing.T) {
	s := freshServer()
	first := newAlone(t, s, nil)
	spent := first.ask("10.00")
	first.rest()
	vanishes := first.ask("160.00")
	first.rest()
	first.phase(vanishes, v1alpha1.CompensationAwaitingApproval)
	s.remove(vanishes)

	a := newAlone(t, s, nil)
	a.rest()
	if p := a.period("2026-10-01"); *p.Reserved != 160_00 {
		t.Fatalf("it was given back while its period runs: %s", show(&s.budget.Status))
	}
	for range 4 {
		a.months(1)
		request := a.ask("10.00")
		a.rest()
		a.phase(request, v1alpha1.CompensationGranted)
	}
	a.phase(spent, v1alpha1.CompensationGranted)
	if s.budget.Status.ClosedThrough != "2026-11-01" || len(s.budget.Status.Periods) != 3 {
		t.Errorf("closed through %q: %s", s.budget.Status.ClosedThrough, show(&s.budget.Status))
	}
}

// A conflict is no write, also where the budget is as it was known: nothing is granted
// without an entry.
func TestAConflictIsNoWrite(t *testing.T) {
	conflict := apierrors.NewConflict(budgets, budgetKey.Name, errors.New("a webhook says so"))
	cases := map[string]struct {
		// refusals is how many writes of the ledger are refused, and turn whether one turn
		// then answers.
		refusals int
		turn     bool
	}{
		"once":       {refusals: 1, turn: true},
		"for a turn": {refusals: attempts},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := newAlone(t, freshServer(), nil)
			a.turn()
			store, _ := a.attend()
			sent := 0
			store.keep = func(func()) error {
				if sent++; sent <= c.refusals {
					return conflict
				}
				return nil
			}
			store.write = func(func()) error {
				if len(a.budget.Status.Entries) == 0 {
					t.Error("a Compensation is written, and no entry stands behind it")
				}
				return nil
			}
			request := a.ask("10.00")
			result, err := a.keep.Turn(context.Background(), budgetKey, a.budget)
			if (err == nil) != c.turn || result.Again || sent > attempts || a.broken != nil {
				t.Fatalf("%+v, %v after %d writes; %v", result, err, sent, a.broken)
			}
			if c.turn {
				a.phase(request, v1alpha1.CompensationGranted)
				return
			}
			a.phase(request, "")
			a.turn()
			a.phase(request, v1alpha1.CompensationGranted)
			if a.budget.Status.Epoch != 1 {
				t.Errorf("the ledger was taken over: epoch %d", a.budget.Status.Epoch)
			}
		})
	}
}

// A takeover that is refused each time waits, as any other failure.
func TestARefusedTakeoverWaits(t *testing.T) {
	a := newAlone(t, freshServer(), nil)
	store, _ := a.attend()
	store.keep = func(func()) error {
		return apierrors.NewConflict(budgets, budgetKey.Name, errors.New("a webhook says so"))
	}
	if result, err := a.keep.Turn(context.Background(), budgetKey, a.budget); err == nil || result.Again {
		t.Errorf("%+v, %v; want an error", result, err)
	}
}

// What a status says that was written by hand and the sums do not hold is not moved, and
// holds up nobody else.
func TestAStatusByHandHoldsNobodyUp(t *testing.T) {
	withdraw := func(c *v1alpha1.Compensation) { c.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{} }
	choose := func(c *v1alpha1.Compensation) { c.Spec.Choice = &v1alpha1.CompensationChoice{Offer: "b"} }
	decide := func(c *v1alpha1.Compensation) {
		c.Spec.Decision = &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, Level: "general", Amount: "5.00"}
	}
	cases := map[string]struct {
		phase v1alpha1.CompensationPhase
		acts  func(*v1alpha1.Compensation)
	}{
		"granted and withdrawn":          {v1alpha1.CompensationGranted, withdraw},
		"offered and withdrawn":          {v1alpha1.CompensationOffered, withdraw},
		"offered and chosen":             {v1alpha1.CompensationOffered, choose},
		"approved":                       {v1alpha1.CompensationAwaitingApproval, decide},
		"a cheaper one is chosen of two": {v1alpha1.CompensationAwaitingApproval, choose},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := freshServer()
			forged := s.create(v1alpha1.CompensationSpec{
				IncidentName: "i", By: "mallory", Allowance: "frontline",
				Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: "10.00"}, {Name: "b", Custom: "y", Amount: "5.00"}},
			}).Name
			s.edit(forged, func(f *v1alpha1.Compensation) {
				f.Status.Phase, f.Status.Amount, f.Status.IncidentUID, f.Status.Customer = c.phase, "10.00", "i", guest("i")
				c.acts(f)
			})
			a := newAlone(t, s, nil)
			s.broken = nil
			a.put(forged)
			request := a.ask("10.00")
			a.rest()
			a.phase(request, v1alpha1.CompensationGranted)
			a.phase(forged, c.phase)
			if p := a.period("2026-10-01"); *p.Spent != 10_00 || s.budget.Status.Epoch != 1 {
				t.Errorf("%s", show(&s.budget.Status))
			}
			// Nor does it when its period is to be closed.
			for range 4 {
				a.months(1)
				request := a.ask("10.00")
				a.rest()
				a.phase(request, v1alpha1.CompensationGranted)
			}
		})
	}
}

// Nor does it when it goes.
func TestAStatusByHandThatGoes(t *testing.T) {
	s := freshServer()
	forged := s.create(v1alpha1.CompensationSpec{
		IncidentName: "i", By: "mallory", Offers: []v1alpha1.CompensationOffer{{Name: "a", Custom: "x", Amount: "10.00"}},
	})
	s.edit(forged.Name, func(f *v1alpha1.Compensation) {
		f.Status.Phase, f.Status.Amount = v1alpha1.CompensationAwaitingApproval, "10.00"
	})
	a := newAlone(t, s, nil)
	a.rest()
	s.remove(forged.Name)
	a.keep.Inbox.Gone(budgetKey, string(forged.UID))
	request := a.ask("10.00")
	a.rest()
	a.phase(request, v1alpha1.CompensationGranted)
}

// Of two offers that cost nothing nobody chose one before the period was closed: who
// chooses then is denied, and holds up nobody.
func TestAChoiceOnceThePeriodIsClosed(t *testing.T) {
	s := freshServer()
	a := newAlone(t, s, nil)
	free := a.offer("frontline", "0", "0")
	a.rest()
	a.phase(free, v1alpha1.CompensationOffered)
	a.months(2)
	a.ask("10.00")
	a.rest()
	if p := a.period("2026-10-01"); p != nil && !p.Closed {
		t.Fatalf("%s", show(&s.budget.Status))
	}
	a.edit(free, func(c *v1alpha1.Compensation) { c.Spec.Choice = &v1alpha1.CompensationChoice{Offer: "b"} })
	a.put(free)
	request := a.ask("10.00")
	a.turn()
	a.rest()
	a.phase(free, v1alpha1.CompensationDenied)
	a.phase(request, v1alpha1.CompensationGranted)
	if _, there := a.keep.desks[budgetKey].book.Charge(string(s.comps[free].UID)); there || s.budget.Status.Epoch != 1 {
		t.Errorf("it is still set aside: %s", show(&s.budget.Status))
	}
}
