package bookkeeper

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// blind is an Appraiser that cannot look at one Compensation: it fails, or it says that the
// request asks nothing now, and what it is for, or not even that.
type blind struct {
	Appraiser

	name          string
	fails, unsaid bool
}

func (b *blind) Appraise(ctx context.Context, c *v1alpha1.Compensation) (Item, bool, error) {
	item, ok, err := b.Appraiser.Appraise(ctx, c)
	switch {
	case c.Name != b.name:
		return item, ok, err
	case b.fails:
		return Item{}, false, errTimeout
	case b.unsaid:
		item.Claim.Incident, item.Claim.Customer = "", ""
	}
	return item, false, nil
}

// unwritten is a server that writes no Compensation and shows none.
type unwritten struct{ direct }

func (unwritten) WriteCompensation(context.Context, *v1alpha1.Compensation, *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	return nil, errTimeout
}

func (unwritten) Compensation(context.Context, types.NamespacedName) (*v1alpha1.Compensation, error) {
	return nil, errTimeout
}

// want makes a request of an offer, or of several for the customer to choose from.
func (a *alone) want(by v1alpha1.User, incident v1alpha1.ObjectName, allowance v1alpha1.Name, amounts ...v1alpha1.Money) string {
	spec := v1alpha1.CompensationSpec{IncidentName: incident, By: by, Allowance: allowance}
	for i, amount := range amounts {
		spec.Offers = append(spec.Offers, v1alpha1.CompensationOffer{Name: v1alpha1.Name("a" + string(rune('0'+i))), Custom: "x", Amount: amount})
	}
	c := a.create(spec)
	a.put(c.Name)
	return c.Name
}

// turns are a few, with the time that passes between them.
func (a *alone) turns() {
	a.Helper()
	for range 4 {
		a.turn()
		a.clock.Step(foldAfter)
	}
}

// A writer dies after its entries, and its successor cannot look at one of them: nobody
// knows for which incident and customer that is. Who may share a limit with it waits until
// it is met, and whoever shares none does not.
func TestWhoMayShareALimitWithTheUnmetWaits(t *testing.T) {
	blinds := map[string]blind{
		"a live read fails":                      {fails: true},
		"it asks nothing, and is for who knows":  {unsaid: true},
		"it asks nothing, and it is known whose": {},
	}
	requests := map[string]struct {
		incident  v1alpha1.ObjectName
		allowance v1alpha1.Name
		// waits says whether it does where it is not known whom the entry is for. then is
		// what comes of it, beside the 100.00 of the entry.
		waits bool
		then  v1alpha1.CompensationPhase
	}{
		"of the same incident":                    {"i1", "frontline", true, v1alpha1.CompensationAwaitingApproval},
		"of the same incident, from an allowance": {"i1", "plain", true, v1alpha1.CompensationAwaitingApproval},
		"of the same incident, to be approved":    {"i1", "", true, v1alpha1.CompensationAwaitingApproval},
		"of the same customer":                    {"i5", "frontline", true, v1alpha1.CompensationAwaitingApproval},
		"of another customer, who has a limit":    {"i2", "frontline", true, v1alpha1.CompensationGranted},
		"of another incident":                     {"i2", "plain", false, v1alpha1.CompensationGranted},
		"of another incident, to be approved":     {"i2", "", false, v1alpha1.CompensationAwaitingApproval},
	}
	for how, eyes := range blinds {
		for name, r := range requests {
			t.Run(how+", "+name, func(t *testing.T) {
				s := freshServer()
				s.editBudget(func(b *v1alpha1.RecoveryBudget) {
					b.Spec.Allowances[0].PerCustomer.Amount = "160.00"
					b.Spec.Allowances = append(b.Spec.Allowances, v1alpha1.Allowance{Name: "plain", PerIncident: "150.00"})
				})
				first := newAlone(t, s, nil)
				first.keep.Store = unwritten{direct{s}}
				entry := first.want("alice", "i1", "frontline", "100.00")
				first.turn()
				if len(s.budget.Status.Entries) != 1 {
					t.Fatalf("nothing is in flight: %s", show(&s.budget.Status))
				}

				second := newAlone(t, s, nil)
				eyes.Appraiser, eyes.name = second.keep.Appraiser, entry
				second.keep.Appraiser = &eyes
				request := second.want("bob", r.incident, r.allowance, "100.00")
				second.turns()
				if known := !eyes.fails && !eyes.unsaid; r.waits && !known {
					second.phase(request, "")
				} else {
					second.phase(request, r.then)
				}
				second.phase(entry, "")

				second.keep.Appraiser = eyes.Appraiser
				second.turns()
				second.phase(entry, v1alpha1.CompensationGranted)
				second.phase(request, r.then)
			})
		}
	}
}

// What takes nothing waits for nobody, and a customer's choice among what is set aside
// already takes nothing.
func TestWhatTakesNothingWaitsForNobody(t *testing.T) {
	s := freshServer()
	first := newAlone(t, s, nil)
	offered := first.want("bob", "i1", "frontline", "20.00", "10.00")
	awaited := first.want("bob", "i1", "", "10.00")
	first.turns()
	first.phase(offered, v1alpha1.CompensationOffered)
	first.keep.Store = unwritten{direct{s}}
	entry := first.want("alice", "i1", "frontline", "100.00")
	first.turn()

	second := newAlone(t, s, nil)
	second.keep.Appraiser = &blind{Appraiser: second.keep.Appraiser, name: entry, fails: true}
	s.edit(offered, func(c *v1alpha1.Compensation) { c.Spec.Choice = &v1alpha1.CompensationChoice{Offer: "a1"} })
	s.edit(awaited, func(c *v1alpha1.Compensation) { c.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{} })
	second.put(offered)
	second.put(awaited)
	second.turns()
	second.phase(offered, v1alpha1.CompensationGranted)
	second.phase(awaited, v1alpha1.CompensationReleased)
}

// An entry that sets aside what the customer chooses from is not taken for such, and so
// beyond a limit, while another one of the incident is not met.
func TestWhatIsSetAsideWaitsForTheUnmet(t *testing.T) {
	s := freshServer()
	first := newAlone(t, s, nil)
	first.keep.Store = unwritten{direct{s}}
	entry := first.want("alice", "i1", "frontline", "100.00")
	dear := first.want("bob", "i1", "frontline", "90.00", "80.00")
	first.turn()
	if len(s.budget.Status.Entries) != 2 {
		t.Fatalf("%s", show(&s.budget.Status))
	}

	second := newAlone(t, s, nil)
	eyes := &blind{Appraiser: second.keep.Appraiser, name: entry, fails: true}
	second.keep.Appraiser = eyes
	second.turns()
	second.phase(dear, "")
	second.keep.Appraiser = eyes.Appraiser
	second.turns()
	second.phase(entry, v1alpha1.CompensationGranted)
	second.phase(dear, v1alpha1.CompensationAwaitingApproval)
}

// While it is not known of an entry whether a person is to decide on it, it counts as if:
// nobody has more than ten that wait, and nobody is denied for one that may not wait.
func TestAnUnclearEntryMayAwaitADecision(t *testing.T) {
	for name, dear := range map[string]v1alpha1.Money{"it awaits one": "160.00", "it is offered": "20.00"} {
		t.Run(name, func(t *testing.T) {
			s := freshServer()
			first := newAlone(t, s, nil)
			for range 9 {
				first.want("alice", "i2", "", "1.00")
			}
			first.turns()
			first.keep.Store = unwritten{direct{s}}
			entry := first.want("alice", "i1", "frontline", dear, "1.00")
			first.turn()

			second := newAlone(t, s, nil)
			eyes := &blind{Appraiser: second.keep.Appraiser, name: entry}
			second.keep.Appraiser = eyes
			request := second.want("alice", "i3", "", "1.00")
			second.turns()
			second.phase(request, "")
			second.keep.Appraiser = eyes.Appraiser
			second.turns()
			want := map[v1alpha1.Money]v1alpha1.CompensationPhase{"160.00": v1alpha1.CompensationDenied, "20.00": v1alpha1.CompensationAwaitingApproval}
			second.phase(request, want[dear])
		})
	}
}

// Of what awaited a decision, and what its entry makes of that, a limit knows before the
// entry is looked at: what was granted because the customer chose a cheaper offer counts in
// the day, and what was approved for the customer to choose from counts for the customer.
func TestAnUnwrittenEntryCountsInEverything(t *testing.T) {
	cases := map[string]struct {
		moves   func(*v1alpha1.Compensation)
		by      v1alpha1.User
		request v1alpha1.ObjectName
		then    v1alpha1.CompensationPhase
	}{
		"chosen": {
			func(c *v1alpha1.Compensation) { c.Spec.Choice = &v1alpha1.CompensationChoice{Offer: "a1"} },
			"alice", "i2", v1alpha1.CompensationGranted,
		},
		"approved": {
			func(c *v1alpha1.Compensation) {
				c.Spec.Decision = &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, Level: "general", Amount: "155.00"}
			},
			"bob", "i5", v1alpha1.CompensationOffered,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := freshServer()
			first := newAlone(t, s, nil)
			dear := first.want("alice", "i1", "frontline", "160.00", "120.00")
			first.turns()
			first.phase(dear, v1alpha1.CompensationAwaitingApproval)
			first.keep.Store = unwritten{direct{s}}
			s.edit(dear, c.moves)
			first.put(dear)
			first.turn()
			if len(s.budget.Status.Entries) != 1 {
				t.Fatalf("nothing is in flight: %s", show(&s.budget.Status))
			}

			second := newAlone(t, s, nil)
			eyes := &blind{Appraiser: second.keep.Appraiser, name: dear, fails: true}
			second.keep.Appraiser = eyes
			request := second.want(c.by, c.request, "frontline", "100.00")
			second.turns()
			second.phase(request, v1alpha1.CompensationAwaitingApproval)
			second.keep.Appraiser = eyes.Appraiser
			second.turns()
			second.phase(dear, c.then)
		})
	}
}
