package bookkeeper

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

func modelSpec() v1alpha1.RecoveryBudgetSpec {
	return v1alpha1.RecoveryBudgetSpec{
		Currency: "EUR", TimeZone: "Europe/Berlin", Pool: v1alpha1.Pool{Period: "Month", Amount: "3000.00"},
		Allowances: []v1alpha1.Allowance{{
			Name: "frontline", PerIncident: "150.00", PerPersonPerDay: "200.00",
			PerCustomer: &v1alpha1.CustomerLimit{Amount: "250.00", Window: "48h"},
		}},
		Approval: &v1alpha1.Approval{Within: "15m", Levels: []v1alpha1.ApprovalLevel{{Name: "duty", UpTo: "300.00"}, {Name: "general"}}},
		WarnAt:   []int32{80, 100},
	}
}

// crashed stops an operator at once, wherever it is.
type crashed struct{}

// model is a server, two operators that act on it, and the users.
type model struct {
	*server

	rand      *rand.Rand
	operators []*operator
	// late are writes that were given up and may still be applied.
	late   []func()
	faults bool
	// steps are those of the loop; did is what users did, edits of the limit among them, and
	// edges are the periods that began.
	steps, did, limits, edges int
}

// acts is how much has happened to the ledger from outside.
func (m *model) acts() int { return m.did + m.edges }

// operator is one process: its bookkeeper, what it has seen, and its place in a turn.
type operator struct {
	m     *model
	id    int
	clock *clocktesting.FakeClock
	keep  *Bookkeeper
	// budget and comps are what it has last seen.
	budget *v1alpha1.RecoveryBudget
	comps  map[string]*v1alpha1.Compensation
	// resume lets it go on and yield is its word that it waits or has ended.
	resume, yield chan bool
	busy, dead    bool
	result        Result
}

func newModel(seed uint64) *model {
	start := time.Date(2026, 9, 28, 10, 0, 0, 0, time.UTC)
	m := &model{server: newServer(start, modelSpec()), rand: rand.New(rand.NewPCG(seed, 1)), faults: true}
	m.complete = true
	for id := range 2 {
		m.operators = append(m.operators, m.start(id))
	}
	return m
}

// start is a new process.
func (m *model) start(id int) *operator {
	o := &operator{
		m: m, id: id, clock: clocktesting.NewFakeClock(m.now.Add(time.Duration(id) * 2 * time.Second)),
		budget: m.budget, comps: map[string]*v1alpha1.Compensation{}, resume: make(chan bool), yield: make(chan bool),
	}
	o.keep = &Bookkeeper{
		Store: o, Inbox: NewInbox(func(types.NamespacedName) {}), Appraiser: o, Clock: o.clock, Writers: 1,
	}
	for _, name := range m.names(func(*v1alpha1.Compensation) bool { return true }) {
		o.see(name)
	}
	return o
}

// see brings what an operator knows of a Compensation up to date.
func (o *operator) see(name string) {
	was, is := o.comps[name], o.m.comps[name]
	if is == nil {
		if was != nil {
			o.keep.Inbox.Gone(budgetKey, string(was.UID))
		}
		delete(o.comps, name)
		return
	}
	o.comps[name] = is
	if item, ok := judge(is, "EUR"); ok {
		o.keep.Inbox.Put(budgetKey, item)
	} else {
		o.keep.Inbox.Drop(budgetKey, string(is.UID))
	}
}

// step runs the operator until it next calls the server, or its turn ends.
func (o *operator) step() {
	if !o.busy {
		o.busy = true
		go func() {
			<-o.resume
			defer func() {
				if r := recover(); r != nil {
					if _, ok := r.(crashed); !ok {
						o.m.fail("a panic: %v\n%s", r, debug.Stack())
					}
					o.dead = true
				}
				o.busy = false
				o.yield <- true
			}()
			var err error
			o.result, err = o.keep.Turn(context.Background(), budgetKey, o.budget)
			if err != nil && !strings.Contains(err.Error(), errTimeout.Error()) {
				o.m.fail("a turn ended with: %w", err)
			}
		}()
	}
	o.resume <- true
	<-o.yield
	if o.dead {
		o.m.log("operator %d starts anew", o.id)
		o.m.operators[o.id] = o.m.start(o.id)
	}
}

// pause lets the others go first.
func (o *operator) pause() {
	o.yield <- true
	<-o.resume
}

// call is a read: it may fail.
func (o *operator) read() error {
	o.pause()
	if o.m.faults && o.m.rand.IntN(60) == 0 {
		return errTimeout
	}
	return nil
}

// write is a write with every fault there is.
func write[T any](o *operator, apply func() (T, error)) (T, error) {
	o.pause()
	var none T
	if !o.m.faults {
		return apply()
	}
	switch o.m.rand.IntN(120) {
	case 0:
		o.m.log("operator %d crashes before a write", o.id)
		panic(crashed{})
	case 1:
		_, _ = apply()
		o.m.log("operator %d crashes after a write", o.id)
		panic(crashed{})
	case 2, 3:
		_, _ = apply()
		o.m.log("operator %d loses the reply", o.id)
		return none, errTimeout
	case 4:
		o.m.log("operator %d loses the request", o.id)
		return none, errTimeout
	case 5:
		o.m.log("operator %d loses the request, for now", o.id)
		o.m.late = append(o.m.late, func() { _, _ = apply() })
		return none, errTimeout
	default:
		return apply()
	}
}

func (o *operator) Budget(ctx context.Context, key types.NamespacedName) (*v1alpha1.RecoveryBudget, error) {
	if err := o.read(); err != nil {
		return nil, err
	}
	return direct{o.m.server}.Budget(ctx, key)
}

func (o *operator) WriteBudget(_ context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	return write(o, func() (*v1alpha1.RecoveryBudget, error) { return o.m.writeBudget(from, status) })
}

func (o *operator) List(ctx context.Context, key types.NamespacedName) ([]v1alpha1.Compensation, error) {
	if err := o.read(); err != nil {
		return nil, err
	}
	return direct{o.m.server}.List(ctx, key)
}

func (o *operator) Compensation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error) {
	if err := o.read(); err != nil {
		return nil, err
	}
	return direct{o.m.server}.Compensation(ctx, key)
}

// Appraise looks at a Compensation by live reads, of which one in four fails: what it finds
// out is all that is known of an entry that another operator has left.
func (o *operator) Appraise(ctx context.Context, c *v1alpha1.Compensation) (Item, bool, error) {
	if o.m.faults && o.m.rand.IntN(4) == 0 {
		return Item{}, false, errTimeout
	}
	return appraiser{"EUR"}.Appraise(ctx, c)
}

func (o *operator) WriteCompensation(_ context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	return write(o, func() (*v1alpha1.Compensation, error) { return o.m.writeCompensation(from, status) })
}

// tick lets time pass: mostly moments, at times days.
func (m *model) tick() {
	by := time.Duration(m.rand.IntN(3)) * time.Second
	switch m.rand.IntN(150) {
	case 0:
		by = time.Duration(m.rand.IntN(20)) * 24 * time.Hour
	case 1, 2, 3, 4:
		by = time.Duration(m.rand.IntN(10)) * time.Hour
	}
	was := m.terms().PeriodOf(m.now)
	m.now = m.now.Add(by)
	if m.terms().PeriodOf(m.now) != was {
		m.edges++
	}
	for _, o := range m.operators {
		o.clock.Step(by)
	}
}

// run goes on until users have done so much that there was to do, and so many periods have
// begun.
func (m *model) run(acts int) error {
	for m.acts() < acts && m.broken == nil {
		m.steps++
		o := m.operators[m.rand.IntN(len(m.operators))]
		switch m.rand.IntN(10) {
		case 0, 1:
			if m.user() {
				m.did++
			}
		case 2:
			m.tick()
			m.arrive()
		case 3, 4:
			o.look()
		default:
			for range 1 + m.rand.IntN(6) {
				o.step()
				o = m.operators[o.id]
			}
		}
		m.refuse()
	}
	return m.broken
}

// arrive lets a write arrive that was given up, at times.
func (m *model) arrive() {
	if n := len(m.late); n > 0 && m.rand.IntN(3) == 0 {
		i := m.rand.IntN(n)
		apply := m.late[i]
		m.late = slices.Delete(m.late, i, i+1)
		m.log("a lost request arrives")
		apply()
	}
}

// look brings something that the operator knows up to date.
func (o *operator) look() {
	if o.m.rand.IntN(3) == 0 {
		o.budget = o.m.budget
		return
	}
	names := o.m.names(func(*v1alpha1.Compensation) bool { return true })
	for name := range o.comps {
		if o.m.comps[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 0 {
		o.see(names[o.m.rand.IntN(len(names))])
	}
}

// refuse keeps the number of requests small: final ones are taken away.
func (m *model) refuse() {
	if len(m.comps) < 50 {
		return
	}
	for _, name := range m.names(func(c *v1alpha1.Compensation) bool { return ledger.Finished(c.Status.Phase) }) {
		m.remove(name)
	}
}

// settleDown ends the faults and lets the operators run until nothing changes.
func (m *model) settleDown() error {
	m.faults = false
	for _, apply := range m.late {
		apply()
	}
	m.late = nil
	for range 60 {
		for id := range m.operators {
			o := m.operators[id]
			for o.busy {
				o.step()
				o = m.operators[id]
			}
			o.budget = m.budget
			for _, name := range m.names(func(*v1alpha1.Compensation) bool { return true }) {
				o.see(name)
			}
			o.step()
			for o.busy {
				o.step()
			}
		}
		m.now = m.now.Add(time.Second)
		for _, o := range m.operators {
			o.clock.Step(time.Second)
		}
	}
	if m.broken != nil {
		return m.broken
	}
	if n := len(m.budget.Status.Entries); n > 0 {
		return fmt.Errorf("%d entries are left in flight: %s", n, show(&m.budget.Status))
	}
	for _, name := range m.names(func(c *v1alpha1.Compensation) bool {
		item, ok := judge(c, "EUR")
		return ok && !ledger.Answered(m.terms(), &item.Claim, c, m.now)
	}) {
		return fmt.Errorf("%s is not answered: %+v", name, m.comps[name].Status)
	}
	list, err := direct{m.server}.List(context.Background(), budgetKey)
	if err != nil {
		return err
	}
	if differs := ledger.NewBook(m.terms(), &m.budget.Status, list).Recount(m.now); differs != "" {
		return fmt.Errorf("the recount: %s", differs)
	}
	return nil
}

// Two operators at once, users who do everything that they may in any order, and every
// write crashed before, crashed after, lost, late, or applied with its reply lost: at
// every moment each grant counts exactly once, and no pool is overspent.
func TestLedgerModel(t *testing.T) {
	acts, seeds := 100_000, uint64(2)
	if raceEnabled {
		acts = 10_000 // many times slower, and the operators take turns here
	}
	if testing.Short() {
		acts /= 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			m := newModel(seed)
			err := m.run(acts / int(seeds))
			if err == nil {
				err = m.settleDown()
			}
			if err != nil {
				t.Fatalf("after %d steps: %v\n%s", m.steps, err, strings.Join(m.trail, "\n"))
			}
			t.Logf("%d acts of users, %d of them edits of the limit, and %d new periods, in %d steps: %d requests, %d grants, %d writes of the ledger, %d of Compensations, epoch %d",
				m.did, m.limits, m.edges, m.steps, m.serial, m.writes.granted, m.writes.budget, m.writes.compensation, m.budget.Status.Epoch)
		})
	}
}
