package faulttest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

const bank = `
apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryBudget
metadata: {name: till}
spec:
  currency: EUR
  timeZone: Europe/Berlin
  pool: {period: Month, amount: "500.00"}
  allowances: [{name: any}]
---
apiVersion: recovery.amends.dev/v1alpha1
kind: RecoveryPolicy
metadata: {name: till}
spec:
  priority: 1
  selector: {matchLabels: {site: till}}
  steps: [{name: put-right, type: Resolution, due: {within: 400h}}]
  compensation:
    budgetName: till
    catalogue: [{name: refund, kind: Refund, purpose: Restore}]
---
apiVersion: recovery.amends.dev/v1alpha1
kind: Incident
metadata: {name: first, labels: {site: till}}
spec: {summary: Something was cold, customer: {id: guest-1}, severity: High, service: kitchen, detectedBy: Customer}
---
apiVersion: recovery.amends.dev/v1alpha1
kind: Incident
metadata: {name: second, labels: {site: till}}
spec: {summary: Something was late, customer: {id: guest-2}, severity: High, service: kitchen, detectedBy: Customer}
`

// pool is what the bank holds, in cents.
const pool = 50_000

// rush is a story of many requests that come several at once, some of which are taken
// back.
func rush(t testing.TB, seed uint64, many int) *story {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // a seeded test
	s := &story{name: fmt.Sprintf("rush %d", seed), opens: opening, takesBack: true}
	for _, doc := range documents(bank) {
		s.creates(0, object(t, "the bank", doc))
	}
	at := time.Minute
	for n := range many {
		name := fmt.Sprintf("r%03d", n)
		amount := v1alpha1.Money(fmt.Sprintf("%d.%02d", 10+r.IntN(140), r.IntN(100)))
		s.creates(at, request(name, []string{"first", "second"}[n%2], "any", "ada", offer("refund", amount)))
		if r.IntN(2) == 0 {
			back := fmt.Sprintf("r%03d", r.IntN(n+1))
			s.records(at, back, fact("withdrawal", `{"by":"ada","reason":"a mistake"}`))
		}
		if r.IntN(3) == 0 {
			at += time.Duration(1+r.IntN(20)) * time.Second
		}
	}
	slices.SortStableFunc(s.acts, func(a, b act) int { return int(a.at - b.at) })
	s.until = at + 5*time.Minute
	return s
}

// asked is what is asked of the bank, and given what it answers.
type (
	asked struct {
		name   string
		free   bool
		amount int64
	}
	given bool
)

// bankModel is a purse that holds a pool: it gives what fits, refuses what does not,
// and takes back what was given.
var bankModel = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		used, in := state.(int64), input.(asked)
		switch {
		case in.free:
			return true, used - in.amount
		case bool(output.(given)):
			return used+in.amount <= pool, used + in.amount
		default:
			return used+in.amount > pool, used
		}
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprint(input, output) },
}

// operations reads the history of a world as calls of the bank: a request begins when it
// is created, or taken back, and ends when its own status answers.
func (p *play) operations() []porcupine.Operation {
	p.Helper()
	var out []porcupine.Operation
	open := map[string]*porcupine.Operation{}
	back := map[string]*porcupine.Operation{}
	for n, c := range p.history {
		is, ok := c.object.(*v1alpha1.Compensation)
		if !ok {
			continue
		}
		now := int64(n)
		amount, err := money.Parse("EUR", is.Spec.Offers[0].Amount)
		if err != nil {
			p.Fatal(err)
		}
		if _, seen := open[c.name]; !seen {
			open[c.name] = &porcupine.Operation{ClientId: len(open), Call: now, Return: -1, Input: asked{c.name, false, amount.Minor()}}
		}
		request := open[c.name]
		if is.Spec.Withdrawal != nil && back[c.name] == nil {
			back[c.name] = &porcupine.Operation{ClientId: 1000 + len(back), Call: now, Return: -1, Input: asked{c.name, true, amount.Minor()}, Output: given(true)}
		}
		switch is.Status.Phase {
		case v1alpha1.CompensationGranted, v1alpha1.CompensationDenied:
			if request.Return < 0 {
				request.Return, request.Output = now, given(is.Status.Phase == v1alpha1.CompensationGranted)
			}
		case v1alpha1.CompensationReleased:
			if request.Return < 0 {
				request.Return = now // It was never given: nothing moved that anybody saw.
				request.Output = nil
			} else if b := back[c.name]; b != nil && b.Return < 0 {
				b.Return = now
			}
		}
	}
	for name, request := range open {
		switch {
		case request.Return < 0:
			p.wound("%s was never answered", name)
		case request.Output != nil:
			out = append(out, *request)
			if b := back[name]; b != nil && bool(request.Output.(given)) {
				if b.Return < 0 {
					p.wound("%s was granted and taken back, and never given back", name)
				}
				out = append(out, *b)
			}
		}
	}
	return out
}

// rushed plays a rush with two operators in a storm that are stopped now and then.
func rushed(t testing.TB, seed uint64, many int) (*play, []porcupine.Operation) {
	t.Helper()
	s := rush(t, seed, many)
	x := newWeather(10, seed)
	crashes := rand.New(rand.NewPCG(seed, 13)) //nolint:gosec // a seeded test
	var h hand = func(c *call) fate {
		if !c.read && !x.calm && crashes.IntN(60) == 0 {
			return modes[crashes.IntN(2)].fate
		}
		return x.strike(c)
	}
	p := begin(t, s, h)
	x.w = p.world
	p.acting = append(p.acting, p.again())
	p.baton = rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a seeded test
	p.rests = func(n int) bool { return n%3 == 1 }
	p.end = func() {
		x.calm = true
		p.clock.Step(backOff)
		p.settle()
		// Without a lease, who has lost the ledger waits until it stands still.
		p.pass(p.clock.Now().Add(time.Minute))
	}
	p.run()
	p.baton = nil
	p.absorbed()
	return p, p.operations()
}

// What people see of a budget, from requests to answers, is what a bank would do that
// serves one at a time.
func TestHistoryIsThatOfABank(t *testing.T) {
	rounds, many := 1, 30
	if everything() {
		rounds, many = 10, 80
	}
	total := 0
	for seed := range rounds {
		p, operations := rushed(t, uint64(seed), many)
		if !porcupine.CheckOperations(bankModel, operations) {
			p.wound("no bank has this history: %v", operations)
		}
		total += len(operations)
		if wrong := p.judged(); wrong != "" {
			t.Errorf("seed %d: %s", seed, wrong)
		}
		if seed == 0 {
			altered(t, operations)
		}
	}
	t.Logf("%d operations in %d histories", total, rounds)
}

// altered checks that the model refuses the same history with one wrong answer in it,
// whichever that is.
func altered(t *testing.T, operations []porcupine.Operation) {
	t.Helper()
	found, tried := 0, 0
	for i := range operations {
		if operations[i].Input.(asked).free {
			continue
		}
		wrong := slices.Clone(operations)
		name := operations[i].Input.(asked).name
		wrong[i].Output = !wrong[i].Output.(given)
		if !bool(wrong[i].Output.(given)) {
			// What was not given is not taken back.
			wrong = slices.DeleteFunc(wrong, func(o porcupine.Operation) bool {
				in := o.Input.(asked)
				return in.free && in.name == name
			})
		}
		tried++
		if !porcupine.CheckOperations(bankModel, wrong) {
			found++
		}
	}
	t.Logf("of %d histories with one wrong answer %d are refused", tried, found)
	if found*2 < tried {
		t.Errorf("only %d of %d wrong histories are refused", found, tried)
	}
}
