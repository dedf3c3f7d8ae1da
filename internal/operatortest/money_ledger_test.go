package operatortest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// till is a site with a budget, and an incident whose policy gives from it.
type till struct {
	*site
	me        v1alpha1.User
	decided   sync.Map // of chan *v1alpha1.Compensation by name
	incidents []v1alpha1.ObjectName
}

// openTill makes a till with so many incidents. The allowance "frontline" has no limit of
// its own.
func (s *site) openTill(budget *v1alpha1.RecoveryBudget, incidents int) *till {
	s.Helper()
	s.create(budget)
	policy := fixture.Policy("desk-"+budget.Name, fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("8h")))
	policy.Spec.Compensation = &v1alpha1.PolicyCompensation{BudgetName: v1alpha1.ObjectName(budget.Name)}
	s.create(policy)
	s.awaitReady(policy.Name)
	who := &authenticationv1.SelfSubjectReview{}
	if err := s.admin.Create(s.Context(), who); err != nil {
		s.Fatal(err)
	}
	t := &till{site: s, me: v1alpha1.User(who.Status.UserInfo.Username)}
	for i := range incidents {
		name := fmt.Sprintf("%s-incident-%d", budget.Name, i)
		s.report("alice", fixture.Incident(name, fixture.UnderPolicy(v1alpha1.ObjectName(policy.Name))))
		t.incidents = append(t.incidents, v1alpha1.ObjectName(name))
	}
	for _, name := range t.incidents {
		s.awaitRunning(string(name), "Step/apologise")
	}
	t.listen()
	return t
}

// listen hears what becomes of every request of the site, until the test ends. A watch
// that ends is begun anew, and begins with everything that is there.
func (t *till) listen() {
	t.Helper()
	go func() {
		for t.Context().Err() == nil {
			w, err := t.admin.Watch(t.Context(), &v1alpha1.CompensationList{}, client.InNamespace(t.namespace))
			if err != nil {
				continue
			}
			for e := range w.ResultChan() {
				t.hear(e.Object)
			}
			w.Stop()
		}
	}()
}

func (t *till) hear(object runtime.Object) {
	c, ok := object.(*v1alpha1.Compensation)
	if !ok || c.Status.Phase == "" || c.Status.Phase == v1alpha1.CompensationRequested {
		return
	}
	if told, ok := t.decided.LoadAndDelete(c.Name); ok {
		told.(chan *v1alpha1.Compensation) <- c
	}
}

// ask asks for an amount from the budget for an incident, and waits until that is
// decided.
func (t *till) ask(ctx context.Context, name, budget string, incident int, amount v1alpha1.Money) (*v1alpha1.Compensation, error) {
	c := fixture.Compensation(name, t.incidents[incident], v1alpha1.ObjectName(budget), amount, fixture.FromAllowance("frontline"), fixture.AskedBy(t.me))
	c.Namespace = t.namespace
	told := make(chan *v1alpha1.Compensation, 1)
	t.decided.Store(name, told)
	if err := t.admin.Create(ctx, c); err != nil {
		return nil, err
	}
	select {
	case is := <-told:
		return is, nil
	case <-ctx.Done():
		is := &v1alpha1.Compensation{}
		err := t.admin.Get(context.WithoutCancel(ctx), client.ObjectKeyFromObject(c), is)
		return nil, fmt.Errorf("%s is %q and not decided: %w", name, is.Status.Phase, errors.Join(ctx.Err(), err))
	}
}

// ledger awaits a ledger with nothing in flight.
func (t *till) ledger(budget string) *v1alpha1.RecoveryBudget {
	t.Helper()
	return t.awaitBudget(budget, "to come to rest", func(b *v1alpha1.RecoveryBudget) bool {
		return b.Status.Sequence > 0 && len(b.Status.Entries) == 0
	})
}

// awaitBudget waits until something holds of a budget.
func (t *till) awaitBudget(name, what string, holds func(*v1alpha1.RecoveryBudget) bool) *v1alpha1.RecoveryBudget {
	t.Helper()
	out := &v1alpha1.RecoveryBudget{}
	err := wait.PollUntilContextTimeout(t.Context(), 4*glance, 2*patience, true, func(ctx context.Context) (bool, error) {
		err := t.admin.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: name}, out)
		return err == nil && holds(out), err
	})
	if err != nil {
		t.Fatalf("waited for the budget %s %s: %v\n%s", name, what, err, asYAML(out.Status))
	}
	return out
}

// counted checks the ledger against the requests: each grant exactly once.
func (t *till) counted(budget string) (granted int) {
	t.Helper()
	b := t.ledger(budget)
	list := &v1alpha1.CompensationList{}
	if err := t.admin.List(t.Context(), list, client.InNamespace(t.namespace), client.MatchingFields{"spec.budgetName": budget}); err != nil {
		t.Fatal(err)
	}
	var cents int64
	for i := range list.Items {
		c := &list.Items[i]
		if c.Status.Phase != v1alpha1.CompensationGranted {
			continue
		}
		granted++
		var whole, rest int64
		if _, err := fmt.Sscanf(string(c.Status.Amount), "%d.%d", &whole, &rest); err != nil {
			t.Errorf("%s was granted %q: %v", c.Name, c.Status.Amount, err)
		}
		cents += whole*100 + rest
	}
	if p := b.Status.Periods; len(p) != 1 || *p[0].Spent != cents || *p[0].Reserved != 0 || *p[0].Spent > *p[0].Limit {
		t.Errorf("%d granted requests come to %d cents, and the ledger says\n%s", granted, cents, asYAML(b.Status))
	}
	return granted
}

// rivals replaces the shared operator, until the test ends, by two without election.
func (s *site) rivals() []*operator {
	s.Helper()
	s.succeed()
	s.shared.kill()
	out := make([]*operator, 2)
	for i := range out {
		out[i] = s.rival()
	}
	s.Cleanup(func() {
		for _, o := range out {
			o.kill()
		}
	})
	return out
}

func (s *site) rival() *operator {
	s.Helper()
	o, err := s.start(s.Context(), "--leader-elect=false", "--metrics-secure=false")
	if err != nil {
		s.Fatal(err)
	}
	return o
}

func frontline(name string, amount v1alpha1.Money) *v1alpha1.RecoveryBudget {
	return fixture.Budget(name, "EUR", amount, fixture.Allowing(v1alpha1.Allowance{Name: "frontline"}))
}

// Two operators at once each have a request for 1500 of a pool of 2000.
func TestTwoOperatorsAndOnePool(t *testing.T) {
	s := open(t)
	s.rivals()
	for round := range 3 {
		budget := fmt.Sprintf("pool-%d", round)
		desk := s.openTill(frontline(budget, "2000.00"), 1)
		phases := make([]v1alpha1.CompensationPhase, 2)
		var group sync.WaitGroup
		for i := range phases {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				c, err := desk.ask(ctx, fmt.Sprintf("r%d-%d", round, i), budget, 0, "1500.00")
				if err != nil {
					t.Error(err)
					return
				}
				phases[i] = c.Status.Phase
			})
		}
		group.Wait()
		slices.Sort(phases)
		if want := []v1alpha1.CompensationPhase{v1alpha1.CompensationDenied, v1alpha1.CompensationGranted}; !slices.Equal(phases, want) {
			t.Errorf("round %d: %v, want %v", round, phases, want)
		}
		desk.counted(budget)
	}
}

// Two operators run without election, 32 clients ask of two budgets, and at random moments
// one of the two is killed, twenty times. One budget is used up meanwhile, and the other
// one gives until the end. Then every request is decided and each grant is counted exactly
// once.
func TestKilledTwentyTimesWhileGranting(t *testing.T) {
	const (
		clients = 32
		kills   = 20
		// dearest is the most that is asked for, in cents, and few is how many remedies a client
		// asks for one incident: one takes 50.
		dearest = 50
		few     = 40
	)
	s := open(t)
	operators := s.rivals()
	small := s.openTill(frontline("small", "60.00"), clients)
	large := s.openTill(frontline("large", "100000.00"), 2*clients)

	killed := make(chan struct{})
	counts := map[string]*tally{"small": {}, "large": {}}
	var group sync.WaitGroup
	for client := range clients {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 6*patience)
			defer cancel()
			for n := 0; ; n++ {
				select {
				case <-killed:
					return
				default:
				}
				desk, budget, incident := small, "small", client
				if n%2 == 0 {
					desk, budget, incident = large, "large", client+clients*(n/(2*few)%2)
				}
				amount := v1alpha1.Money(fmt.Sprintf("0.%02d", 1+(client+n)%dearest))
				c, err := desk.ask(ctx, fmt.Sprintf("c%d-%d", client, n), budget, incident, amount)
				if err != nil {
					t.Error(err)
					return
				}
				counts[budget].add(c.Status.Phase)
			}
		})
	}
	random := rand.New(rand.NewPCG(20, 26)) //nolint:gosec // a test that can be run again
	given, quiet := 0, 0
	for range kills {
		pause := time.NewTimer(time.Duration(200+random.IntN(1800)) * time.Millisecond)
		<-pause.C
		now := counts["large"].of(v1alpha1.CompensationGranted)
		if now == given {
			quiet++
		}
		given = now
		i := random.IntN(len(operators))
		operators[i].kill()
		operators[i] = s.rival()
	}
	given = counts["large"].of(v1alpha1.CompensationGranted)
	err := wait.PollUntilContextTimeout(t.Context(), 4*glance, 2*patience, true, func(context.Context) (bool, error) {
		return counts["large"].of(v1alpha1.CompensationGranted) >= given+clients && counts["small"].of(v1alpha1.CompensationDenied) > 0, nil
	})
	if err != nil {
		t.Errorf("after the last kill nothing is granted, or the small budget is not used up: %v", err)
	}
	close(killed)
	group.Wait()

	for name, desk := range map[string]*till{"small": small, "large": large} {
		granted, b := desk.counted(name), desk.ledger(name)
		t.Logf("%s: %s; epoch %d, %d writes of the ledger, spent %s of %s", name, counts[name], b.Status.Epoch, b.Status.Sequence, b.Status.Spent, b.Status.Limit)
		if told := counts[name].of(v1alpha1.CompensationGranted); granted != told {
			t.Errorf("%s: %d requests are granted, and %d were told so", name, granted, told)
		}
		if b.Status.Epoch < kills/4 {
			t.Errorf("the ledger of %s was taken over %d times only", name, b.Status.Epoch)
		}
		if left := *b.Status.Periods[0].Limit - *b.Status.Periods[0].Spent; name == "small" && left >= dearest {
			t.Errorf("%d cents are left in the budget that was to be used up", left)
		}
	}
	t.Logf("between %d of %d kills nothing was granted", quiet, kills)
}

// tally counts what became of requests.
type tally struct {
	mu     sync.Mutex
	phases map[v1alpha1.CompensationPhase]int
}

func (c *tally) add(phase v1alpha1.CompensationPhase) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phases == nil {
		c.phases = map[v1alpha1.CompensationPhase]int{}
	}
	c.phases[phase]++
}

func (c *tally) of(phase v1alpha1.CompensationPhase) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.phases[phase]
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.phases)
}
