package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/ledger/ledgertest"
	"github.com/amends-dev/amends/internal/money"
)

// desk plays the bookkeeper on a budget: every step is guarded as the API server guards
// it, and every Compensation's status is kept, so that the book can be made anew.
type desk struct {
	*testing.T
	budget *v1alpha1.RecoveryBudget
	book   *ledger.Book
	now    time.Time
	comps  map[string]*v1alpha1.Compensation
	claims map[string]*ledger.Claim
	// outcomes are the last ones, by the name of the request.
	outcomes map[string]ledger.Outcome
	serial   int
}

// spec is a pool of 10,000.00 a year with an allowance and two levels.
func spec(edits ...func(*v1alpha1.RecoveryBudgetSpec)) v1alpha1.RecoveryBudgetSpec {
	s := v1alpha1.RecoveryBudgetSpec{
		Currency: "EUR", TimeZone: "Europe/Berlin", Pool: v1alpha1.Pool{Period: "Year", Amount: "10000.00"},
		Allowances: []v1alpha1.Allowance{{Name: "frontline", PerPersonPerDay: "2000.00"}},
		Approval: &v1alpha1.Approval{Within: "15m", Levels: []v1alpha1.ApprovalLevel{
			{Name: "duty-manager", UpTo: "1000.00"}, {Name: "general-manager"},
		}},
		WarnAt: []int32{80, 100},
	}
	for _, edit := range edits {
		edit(&s)
	}
	return s
}

func open(t *testing.T, now string, s v1alpha1.RecoveryBudgetSpec) *desk {
	t.Helper()
	d := &desk{
		T: t, budget: &v1alpha1.RecoveryBudget{Spec: s}, now: at(t, now),
		comps: map[string]*v1alpha1.Compensation{}, claims: map[string]*ledger.Claim{}, outcomes: map[string]ledger.Outcome{},
	}
	d.budget.Generation = 1
	d.book = ledger.NewBook(d.terms(), &d.budget.Status, nil)
	return d
}

func (d *desk) terms() *ledger.Terms {
	d.Helper()
	terms, problems := ledger.Compile(d.budget.Spec)
	if len(problems) > 0 {
		d.Fatal(problems)
	}
	return terms
}

// at reads a local time in Berlin.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	out, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return out.UTC()
}

func eur(s v1alpha1.Money) money.Amount {
	a, err := money.Parse("EUR", s)
	if err != nil {
		panic(err)
	}
	return a
}

// claim is a request by alice for one remedy under the allowance.
func (d *desk) claim(name string, amount v1alpha1.Money, edits ...func(*ledger.Claim)) *ledger.Claim {
	d.serial++
	c := &ledger.Claim{
		UID: fmt.Sprintf("uid-%03d-%s", d.serial, name), Name: name, CreatedAt: d.now, By: "alice",
		Incident: "incident-of-" + name, Customer: "customer-of-" + name, Want: ledger.WantGive, Amount: eur(amount), Allowance: "frontline",
	}
	for _, edit := range edits {
		edit(c)
	}
	d.claims[name] = c
	comp := &v1alpha1.Compensation{Spec: v1alpha1.CompensationSpec{By: c.By, RecordedBy: c.RecordedBy, Allowance: c.Allowance}}
	comp.Name, comp.UID, comp.CreationTimestamp = name, types.UID(c.UID), metav1.NewTime(c.CreatedAt)
	d.comps[name] = comp
	return c
}

// turn considers claims in one batch, writes it, and records each outcome. It returns
// what waits for a later turn.
func (d *desk) turn(claims ...*ledger.Claim) []string {
	d.Helper()
	later, decided := d.batch(claims...)
	for _, name := range decided {
		d.record(name)
	}
	d.recount()
	return later
}

// batch considers claims and writes the budget.
func (d *desk) batch(claims ...*ledger.Claim) (later, decided []string) {
	d.Helper()
	d.book.Begin()
	d.book.Adopt(d.terms())
	d.book.Fold()
	d.book.Turn(d.now)
	for _, c := range claims {
		v, err := d.book.Consider(c, d.now)
		if err != nil {
			d.Fatal(err)
		}
		switch v.Kind {
		case ledger.Later:
			later = append(later, c.Name)
		case ledger.Tell, ledger.Move:
			d.book.Take(&v)
			d.outcomes[c.Name] = v.Outcome
			decided = append(decided, c.Name)
		}
	}
	d.write()
	d.book.Commit()
	return later, decided
}

// write stores the status, as the API server would.
func (d *desk) write() {
	d.Helper()
	next := d.budget.DeepCopy()
	next.Status = d.book.Status(&d.budget.Status, d.budget.Generation, 1, d.now)
	if next.Status.Sequence == d.budget.Status.Sequence {
		return
	}
	if d.budget.Status.Sequence == 0 {
		next.Status.Epoch = 1
	}
	if err := ledgertest.Guard(d.budget, next); err != nil {
		d.Fatalf("the guard refuses: %v\nwas %+v\nnow %+v", err, d.budget.Status, next.Status)
	}
	d.budget = next
}

// record writes the last outcome of a request onto it.
func (d *desk) record(name string) {
	o, c := d.outcomes[name], d.comps[name]
	claim := d.claims[name]
	c.Status.Phase, c.Status.IncidentUID, c.Status.Customer = o.Phase, claim.Incident, claim.Customer
	c.Status.Amount, c.Status.Allowance = "", ""
	if o.State != v1alpha1.ChargeNone {
		c.Status.Amount, c.Status.Allowance = o.Amount.Money(), o.Allowance
	}
	if o.State == v1alpha1.ChargeOwed {
		c.Status.Entitlement = v1alpha1.EntitlementOwed
	}
	d.book.Land(claim.UID, true)
}

func (d *desk) list() []v1alpha1.Compensation {
	var out []v1alpha1.Compensation
	for _, c := range d.comps {
		out = append(out, *c)
	}
	return out
}

// recount holds the book to what the Compensations say.
func (d *desk) recount() {
	d.Helper()
	if differs := ledger.NewBook(d.terms(), &d.budget.Status, d.list()).Recount(d.now); differs != "" {
		d.Fatal(differs)
	}
}

// restart makes the book anew, as after a crash.
func (d *desk) restart() {
	d.book = ledger.NewBook(d.terms(), &d.budget.Status, d.list())
}

// want checks the phase and the amount of a request's last outcome.
func (d *desk) want(name string, phase v1alpha1.CompensationPhase, state v1alpha1.ChargeState, amount v1alpha1.Money) ledger.Outcome {
	d.Helper()
	o, ok := d.outcomes[name]
	if !ok {
		d.Fatalf("%s was not answered", name)
	}
	if o.Phase != phase || o.State != state || o.Amount.Cmp(eur(amount)) != 0 {
		d.Fatalf("%s is %s with %s %s, want %s with %s %s; refused by %s", name, o.Phase, o.State, o.Amount, phase, state, amount, refusals(o))
	}
	return o
}

// refusals shows the limits of an outcome, each with what is left of it.
func refusals(o ledger.Outcome) string {
	var out []string
	for _, r := range o.Refusals {
		out = append(out, fmt.Sprintf("%s %s of %s", r.Limit, r.Left, r.Max))
	}
	return strings.Join(out, ", ")
}

// totals are the sums of the periods, with everything that has landed folded.
func (d *desk) totals() string {
	d.Helper()
	d.turn()
	var out []string
	for _, p := range d.budget.Status.Periods {
		out = append(out, fmt.Sprintf("%s: spent %d, reserved %d, owed %d", p.Start, *p.Spent, *p.Reserved, *p.Owed))
	}
	return strings.Join(out, "; ")
}

// holds tells whether a condition is true.
func (d *desk) holds(kind string) bool {
	return slices.ContainsFunc(d.budget.Status.Conditions, func(c metav1.Condition) bool {
		return c.Type == kind && c.Status == metav1.ConditionTrue
	})
}

func on(incident string) func(*ledger.Claim) {
	return func(c *ledger.Claim) { c.Incident = incident }
}

func by(person v1alpha1.User) func(*ledger.Claim) {
	return func(c *ledger.Claim) { c.By = person }
}

func unallowed(c *ledger.Claim) { c.Allowance = "" }

func owed(c *ledger.Claim) { c.Want = ledger.WantOwe }

func offering(c *ledger.Claim) { c.Want = ledger.WantOffer }

// approved is the claim with an approval of all it asks.
func approved(c *ledger.Claim, level v1alpha1.Name) *ledger.Claim {
	out := *c
	out.Approved = &ledger.Approved{Level: level, Amount: c.Amount}
	return &out
}

// chosen is the claim once the customer has chosen.
func chosen(c *ledger.Claim, amount v1alpha1.Money) *ledger.Claim {
	out := *c
	out.Want, out.Amount = ledger.WantGive, eur(amount)
	return &out
}

// takenBack is the claim once it was withdrawn.
func takenBack(c *ledger.Claim) *ledger.Claim {
	out := *c
	out.Want, out.Freed = ledger.WantFree, ledger.Freed{Phase: v1alpha1.CompensationReleased, Reason: v1alpha1.WithdrawnReason}
	return &out
}
