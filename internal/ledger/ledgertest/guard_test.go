package ledgertest_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/apis/cel"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/config/crd"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/ledger/ledgertest"
	"github.com/amends-dev/amends/internal/money"
)

// The words are those of the API server and those of the Go rules say the same: what one
// takes the other takes, and what one refuses the other refuses. The walks begin at a new
// budget and go on from whatever was taken, so that deep states are reached, and most of
// what they propose is one step away from what a writer does.
func TestGuardSaysWhatTheAPIServerSays(t *testing.T) {
	t.Parallel()
	server := readServer(t)
	var taken, refused int
	rapid.Check(t, func(t *rapid.T) {
		now := &v1alpha1.RecoveryBudget{Spec: drawSpec(t)}
		for range rapid.IntRange(4, 14).Draw(t, "writes") {
			if oneIn(t, 10, "new limit") {
				now.Spec.Pool = drawPool(t, now.Spec.Pool.Period)
			}
			next := now.DeepCopy()
			propose(t, next)
			ours, theirs := ledgertest.Guard(now, next), server.refusal(t, now, next)
			if (ours == nil) != (theirs == "") {
				t.Fatalf("the rules in Go say %v, the API server %q\nof %s\nafter %s", ours, theirs, printed(t, next), printed(t, now))
			}
			if theirs != "" {
				refused++
				continue
			}
			taken++
			now = next
		}
	})
	t.Logf("%d writes taken, %d refused", taken, refused)
	if taken < refused/10 || refused < taken/10 {
		t.Errorf("%d writes taken and %d refused: the walks say little of one of them", taken, refused)
	}
}

// apiServer is what the API server checks a write of a budget with, read from its
// CustomResourceDefinition.
type apiServer struct {
	structural *schema.Structural
	bounds     validation.SchemaValidator
	rules      *schemacel.Validator
}

func readServer(t *testing.T) *apiServer {
	t.Helper()
	data, err := crd.Bases.ReadFile("bases/recovery.amends.dev_recoverybudgets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(data, &definition); err != nil {
		t.Fatal(err)
	}
	var props apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(definition.Spec.Versions[0].Schema.OpenAPIV3Schema, &props, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := schema.NewStructural(&props)
	if err != nil {
		t.Fatal(err)
	}
	bounds, _, err := validation.NewSchemaValidator(&props)
	if err != nil {
		t.Fatal(err)
	}
	return &apiServer{structural: structural, bounds: bounds, rules: schemacel.NewValidator(structural, true, cel.PerCallLimit)}
}

// refusal is what the API server says against a write, or nothing. It asks rules only of
// what fits the schema, as the API server does.
func (s *apiServer) refusal(t *rapid.T, old, next *v1alpha1.RecoveryBudget) string {
	was, is := plain(t, old), plain(t, next)
	if errs := validation.ValidateCustomResource(nil, is, s.bounds); len(errs) > 0 {
		return errs.ToAggregate().Error()
	}
	errs, _ := s.rules.Validate(context.Background(), nil, s.structural, is, was, cel.RuntimeCELCostBudget)
	if len(errs) > 0 {
		return errs.ToAggregate().Error()
	}
	return ""
}

// plain is the object as the API server has it. A budget whose status was never written
// has none.
func plain(t *rapid.T, b *v1alpha1.RecoveryBudget) map[string]any {
	b = b.DeepCopy()
	b.APIVersion, b.Kind = v1alpha1.GroupVersion.String(), "RecoveryBudget"
	b.Name, b.Namespace = "front-desk", "hotel-b"
	out, err := runtime.DefaultUnstructuredConverter.ToUnstructured(b)
	if err != nil {
		t.Fatal(err)
	}
	if equality.Semantic.DeepEqual(b.Status, v1alpha1.RecoveryBudgetStatus{}) {
		delete(out, "status")
	}
	return out
}

func printed(t *rapid.T, b *v1alpha1.RecoveryBudget) string {
	out, err := yaml.Marshal(plain(t, b))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

var (
	starts = []v1alpha1.Date{"2026-01-01", "2026-02-01", "2026-04-01", "2026-07-01", "2027-01-01", "2026-01-02"}
	uids   = []string{"a", "b", "c", "d"}
	states = []v1alpha1.ChargeState{v1alpha1.ChargeNone, v1alpha1.ChargeReserved, v1alpha1.ChargeSpent, v1alpha1.ChargeOwed}
)

func drawSpec(t *rapid.T) v1alpha1.RecoveryBudgetSpec {
	spec := v1alpha1.RecoveryBudgetSpec{
		Currency: rapid.SampledFrom([]v1alpha1.Currency{"CNY", "JPY", "KWD", "CLF"}).Draw(t, "currency"),
		TimeZone: "Asia/Shanghai",
		Pool:     drawPool(t, rapid.SampledFrom([]v1alpha1.Period{"Month", "Quarter", "Year"}).Draw(t, "period")),
	}
	if rapid.Bool().Draw(t, "opens with something") {
		spec.OpeningBalance = &v1alpha1.OpeningBalance{
			Spent: v1alpha1.Money(rapid.SampledFrom([]string{"0", "3", "7"}).Draw(t, "opening")),
			AsOf:  rapid.SampledFrom([]v1alpha1.Date{"2026-01-20", "2026-05-03", "2027-01-01"}).Draw(t, "as of"),
		}
	}
	return spec
}

func drawPool(t *rapid.T, period v1alpha1.Period) v1alpha1.Pool {
	if rapid.Bool().Draw(t, "by revenue") {
		return v1alpha1.Pool{Period: period, PercentOf: &v1alpha1.PercentOf{
			Amount:  v1alpha1.Money(rapid.SampledFrom([]string{"1000", "0", "4019"}).Draw(t, "revenue")),
			Percent: rapid.SampledFrom([]v1alpha1.Percent{"0.5", "1.25", "100", "0.0333"}).Draw(t, "percent"),
			Basis:   "Planned", AsOf: "2026-01-01",
		}}
	}
	amount := v1alpha1.Money(rapid.SampledFrom([]string{"0", "5", "12", "40"}).Draw(t, "pool"))
	return v1alpha1.Pool{Period: period, Amount: amount}
}

// oneIn is true in one of n draws; it shrinks to false. rapid draws numbers of a range
// with a bias to the small ones, so that it is no coin for this.
func oneIn(t *rapid.T, n int, name string) bool {
	return rapid.SampledFrom(append(make([]bool, n-1), true)).Draw(t, name)
}

// propose changes a status: mostly as a writer would, by one to three acts, and now and
// then with a fault in it.
func propose(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	s.Sequence++
	for range rapid.IntRange(1, 3).Draw(t, "acts") {
		rapid.SampledFrom(acts).Draw(t, "act")(t, b)
	}
	if oneIn(t, 25, "takeover") {
		s.Epoch = max(0, s.Epoch+rapid.Int64Range(-1, 2).Draw(t, "epochs"))
	}
	if oneIn(t, 25, "wrong step") {
		s.Sequence += rapid.Int64Range(-1, 1).Draw(t, "step")
	}
	if oneIn(t, 25, "no order") {
		return
	}
	slices.SortFunc(s.Entries, func(a, b v1alpha1.LedgerEntry) int { return strings.Compare(a.UID, b.UID) })
	slices.SortFunc(s.Periods, func(a, b v1alpha1.PeriodTotals) int { return strings.Compare(string(a.Start), string(b.Start)) })
}

var acts = []func(*rapid.T, *v1alpha1.RecoveryBudget){
	openPeriod, openPeriod, enter, enter, enter, fold, fold, fold, drop, edit, move, closePeriod, closePeriod, takeOut, restate,
}

func drawAmount(t *rapid.T, name string) *int64 {
	amount := rapid.SampledFrom([]int64{0, 1, 2, 3, 5, 100, 200, 300, 500, 1000}).Draw(t, name)
	if oneIn(t, 30, "out of bounds") {
		amount = rapid.SampledFrom([]int64{9_000_000_000_000_000, 9_000_000_000_000_001, -1}).Draw(t, name+" out of bounds")
	}
	return &amount
}

// drawLimit is the limit that the spec gives, or another one.
func drawLimit(t *rapid.T, b *v1alpha1.RecoveryBudget) *int64 {
	terms, problems := ledger.Compile(b.Spec)
	if len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	limit := terms.Limit.Minor()
	if oneIn(t, 8, "another limit") {
		limit += rapid.SampledFrom([]int64{-1, 1, 100}).Draw(t, "limit off by")
	}
	return &limit
}

// openPeriod adds a period, mostly one that the budget may have, and with what the opening
// balance gives it.
func openPeriod(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	start := rapid.SampledFrom([]v1alpha1.Date{"2026-01-01", "2027-01-01"}).Draw(t, "start")
	if oneIn(t, 3, "another start") {
		start = rapid.SampledFrom(starts).Draw(t, "which start")
	}
	s := &b.Status
	if slices.ContainsFunc(s.Periods, func(p v1alpha1.PeriodTotals) bool { return p.Start == start }) {
		return
	}
	var spent, none, owed int64
	if o := b.Spec.OpeningBalance; o != nil && !oneIn(t, 4, "forgets the balance") && o.AsOf[:4] == start[:4] {
		balance, err := money.Parse(b.Spec.Currency, o.Spent)
		if err != nil {
			t.Fatal(err)
		}
		spent = balance.Minor()
	}
	s.Periods = append(s.Periods, v1alpha1.PeriodTotals{Start: start, Limit: drawLimit(t, b), Spent: &spent, Reserved: &none, Owed: &owed})
}

func enter(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	uid := rapid.SampledFrom(uids).Draw(t, "uid")
	if slices.ContainsFunc(s.Entries, func(e v1alpha1.LedgerEntry) bool { return e.UID == uid }) {
		return
	}
	if len(s.Periods) == 0 && !oneIn(t, 8, "in no period") {
		return
	}
	start := rapid.SampledFrom(starts).Draw(t, "of")
	if len(s.Periods) > 0 && !oneIn(t, 12, "elsewhere") {
		start = s.Periods[rapid.IntRange(0, len(s.Periods)-1).Draw(t, "which")].Start
	}
	s.Entries = append(s.Entries, drawEntry(t, uid, start))
}

func drawEntry(t *rapid.T, uid string, start v1alpha1.Date) v1alpha1.LedgerEntry {
	ways := [][2]v1alpha1.ChargeState{{"None", "Reserved"}, {"None", "Spent"}, {"Reserved", "Spent"}, {"Reserved", "None"}, {"Spent", "None"}, {"None", "Owed"}, {"Reserved", "Owed"}, {"Owed", "None"}}
	way := rapid.SampledFrom(ways).Draw(t, "way")
	if oneIn(t, 8, "another way") {
		way = [2]v1alpha1.ChargeState{rapid.SampledFrom(states).Draw(t, "from"), rapid.SampledFrom(states).Draw(t, "to")}
	}
	e := v1alpha1.LedgerEntry{UID: uid, Period: start, Amount: drawAmount(t, "amount"), From: way[0], To: way[1]}
	if oneIn(t, 4, "was more") {
		e.FromAmount = drawAmount(t, "from amount")
	}
	return e
}

func entryOf(t *rapid.T, s *v1alpha1.RecoveryBudgetStatus) int {
	if len(s.Entries) == 0 {
		return -1
	}
	return rapid.IntRange(0, len(s.Entries)-1).Draw(t, "entry")
}

func periodOf(t *rapid.T, s *v1alpha1.RecoveryBudgetStatus) *v1alpha1.PeriodTotals {
	if len(s.Periods) == 0 {
		return nil
	}
	return &s.Periods[rapid.IntRange(0, len(s.Periods)-1).Draw(t, "period of")]
}

// fold takes an entry out and moves the sums by it, at times without what arrives, and
// at times by one too much.
func fold(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	i := entryOf(t, s)
	if i < 0 {
		return
	}
	e := s.Entries[i]
	s.Entries = slices.Delete(s.Entries, i, i+1)
	at := slices.IndexFunc(s.Periods, func(p v1alpha1.PeriodTotals) bool { return p.Start == e.Period })
	if at < 0 {
		return
	}
	leaves := *e.Amount
	if e.FromAmount != nil {
		leaves = *e.FromAmount
	}
	add(&s.Periods[at], e.From, -leaves)
	if !oneIn(t, 5, "came to nothing") {
		add(&s.Periods[at], e.To, *e.Amount)
	}
	if oneIn(t, 10, "miscounted") {
		add(&s.Periods[at], rapid.SampledFrom(states).Draw(t, "where"), rapid.Int64Range(-1, 1).Draw(t, "by"))
	}
}

func add(p *v1alpha1.PeriodTotals, state v1alpha1.ChargeState, by int64) {
	at := map[v1alpha1.ChargeState]**int64{v1alpha1.ChargeReserved: &p.Reserved, v1alpha1.ChargeSpent: &p.Spent, v1alpha1.ChargeOwed: &p.Owed}[state]
	if at == nil {
		return
	}
	sum := **at + by
	*at = &sum
}

func drop(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	if i := entryOf(t, s); i >= 0 {
		s.Entries = slices.Delete(s.Entries, i, i+1)
	}
}

// edit makes another entry of one that is in flight: what follows it, what frees it, or
// anything.
func edit(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	i := entryOf(t, s)
	if i < 0 {
		return
	}
	e := drawEntry(t, s.Entries[i].UID, s.Entries[i].Period)
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		e.From, e.Amount = s.Entries[i].To, s.Entries[i].Amount
	case 1:
		e.From, e.To, e.Amount = s.Entries[i].From, v1alpha1.ChargeNone, s.Entries[i].Amount
	case 2:
		e.Period = rapid.SampledFrom(starts).Draw(t, "to period")
	}
	s.Entries[i] = e
}

func move(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	if p := periodOf(t, s); p != nil {
		add(p, rapid.SampledFrom(states).Draw(t, "sum"), rapid.Int64Range(-2, 2).Draw(t, "moves by"))
	}
}

func closePeriod(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	if p := periodOf(t, s); p != nil {
		p.Closed = !oneIn(t, 6, "opened again")
	}
}

func takeOut(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	p := periodOf(t, s)
	if p == nil {
		return
	}
	start := p.Start
	if !oneIn(t, 6, "stays") {
		s.Periods = slices.DeleteFunc(s.Periods, func(p v1alpha1.PeriodTotals) bool { return p.Start == start })
	}
	if !oneIn(t, 3, "says nothing") {
		s.ClosedThrough = start
	}
}

func restate(t *rapid.T, b *v1alpha1.RecoveryBudget) {
	s := &b.Status
	if p := periodOf(t, s); p != nil {
		p.Limit = drawLimit(t, b)
	}
}
