package bookkeeper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/ledger/ledgertest"
)

// errTimeout stands for an answer that did not come.
var errTimeout = errors.New("the server did not answer in time")

// server is an API server with one budget: it locks optimistically, guards the ledger,
// moves phases only forward, and checks after every change that the money is right.
type server struct {
	now      time.Time
	revision int
	serial   int
	budget   *v1alpha1.RecoveryBudget
	comps    map[string]*v1alpha1.Compensation
	// kept are the revisions of the budget's status, for messages.
	trail []string
	// broken is the first thing that went wrong.
	broken error
	// complete says that no Compensation is deleted while its money counts, so that every
	// recount must agree.
	complete bool
	writes   struct{ budget, compensation, granted int }
}

var (
	budgetKey = types.NamespacedName{Namespace: "hotel-b", Name: "front-desk"}
	budgets   = schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "recoverybudgets"}
	requests  = schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "compensations"}
)

func newServer(now time.Time, spec v1alpha1.RecoveryBudgetSpec) *server {
	s := &server{now: now, comps: map[string]*v1alpha1.Compensation{}}
	s.budget = &v1alpha1.RecoveryBudget{Spec: spec}
	s.budget.Namespace, s.budget.Name, s.budget.UID, s.budget.Generation = budgetKey.Namespace, budgetKey.Name, "budget-uid", 1
	s.stamp(&s.budget.ObjectMeta)
	return s
}

func (s *server) stamp(m *metav1.ObjectMeta) {
	s.revision++
	m.ResourceVersion = strconv.Itoa(s.revision)
}

func (s *server) log(format string, args ...any) {
	s.trail = append(s.trail, fmt.Sprintf(format, args...))
	if len(s.trail) > 60 {
		s.trail = slices.Delete(s.trail, 0, len(s.trail)-60)
	}
}

func (s *server) fail(format string, args ...any) {
	if s.broken == nil {
		s.broken = fmt.Errorf(format, args...)
	}
}

// editBudget is a user's edit of the spec.
func (s *server) editBudget(edit func(*v1alpha1.RecoveryBudget)) {
	next := s.budget.DeepCopy()
	edit(next)
	if !equality.Semantic.DeepEqual(next.Spec, s.budget.Spec) {
		next.Generation++
	}
	s.stamp(&next.ObjectMeta)
	s.budget = next
	s.log("edit of the budget: pool %s", next.Spec.Pool.Amount)
}

func (s *server) writeBudget(from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	if from.ResourceVersion != s.budget.ResourceVersion || from.UID != s.budget.UID {
		return nil, apierrors.NewConflict(budgets, budgetKey.Name, errors.New("it has been modified"))
	}
	next := s.budget.DeepCopy()
	next.Status = *status.DeepCopy()
	if err := ledgertest.Guard(s.budget, next); err != nil {
		s.fail("the guard refused a write: %w\nwas %s\nnow %s", err, show(&s.budget.Status), show(status))
		return nil, apierrors.NewInvalid(v1alpha1.GroupVersion.WithKind("RecoveryBudget").GroupKind(), budgetKey.Name, nil)
	}
	if equality.Semantic.DeepEqual(next.Status, s.budget.Status) {
		return s.budget.DeepCopy(), nil
	}
	if s.complete && apimeta.IsStatusConditionFalse(status.Conditions, v1alpha1.ConsistentCondition) {
		s.fail("a recount differs: %+v", apimeta.FindStatusCondition(status.Conditions, v1alpha1.ConsistentCondition).Message)
	}
	s.stamp(&next.ObjectMeta)
	s.budget = next
	s.writes.budget++
	s.log("ledger %s", show(status))
	s.check()
	return next.DeepCopy(), nil
}

// create adds a request.
func (s *server) create(spec v1alpha1.CompensationSpec) *v1alpha1.Compensation {
	s.serial++
	c := &v1alpha1.Compensation{Spec: spec}
	c.Namespace, c.Name = budgetKey.Namespace, fmt.Sprintf("c%05d", s.serial)
	// UIDs are in another order than creations.
	c.UID = types.UID(fmt.Sprintf("%05d-%s", s.serial*7919%100_000, c.Name))
	c.CreationTimestamp = metav1.NewTime(s.now.Truncate(time.Second))
	c.Finalizers = []string{v1alpha1.LedgerFinalizer}
	s.stamp(&c.ObjectMeta)
	s.comps[c.Name] = c
	return c
}

// edit is somebody's change of a Compensation that is there.
func (s *server) edit(name string, change func(*v1alpha1.Compensation)) {
	next := s.comps[name].DeepCopy()
	change(next)
	s.stamp(&next.ObjectMeta)
	s.comps[name] = next
	s.log("edit of %s: phase %s", name, next.Status.Phase)
	s.check()
}

func (s *server) remove(name string) {
	s.log("%s is gone", name)
	delete(s.comps, name)
}

func (s *server) writeCompensation(from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	live := s.comps[from.Name]
	switch {
	case live == nil:
		return nil, apierrors.NewNotFound(requests, from.Name)
	case live.ResourceVersion != from.ResourceVersion || live.UID != from.UID:
		return nil, apierrors.NewConflict(requests, from.Name, errors.New("it has been modified"))
	case !forward(live.Status.Phase, status.Phase):
		s.fail("%s goes from phase %s to %s", from.Name, live.Status.Phase, status.Phase)
	}
	next := live.DeepCopy()
	next.Status = *status.DeepCopy()
	s.stamp(&next.ObjectMeta)
	s.written(live, next)
	s.comps[from.Name] = next
	s.writes.compensation++
	s.log("%s (%s) of %s: %s %s from %q", next.Name, next.UID, next.Spec.IncidentName, next.Status.Phase, next.Status.Amount, next.Status.Allowance)
	s.check()
	return next.DeepCopy(), nil
}

// forward tells whether a phase may follow another one.
func forward(was, is v1alpha1.CompensationPhase) bool {
	allowed := map[v1alpha1.CompensationPhase]string{
		"": "Requested AwaitingApproval Offered Granted Denied Released", "Requested": "AwaitingApproval Offered Granted Denied Released",
		"AwaitingApproval": "Offered Granted Denied Released", "Offered": "AwaitingApproval Granted Denied Released", "Granted": "Delivered Released",
	}
	return was == is || strings.Contains(allowed[was], string(is))
}

// written checks that money moves on a Compensation only as an entry in the ledger says.
func (s *server) written(was, is *v1alpha1.Compensation) {
	terms := s.terms()
	before, after := terms.ChargeOf(was), terms.ChargeOf(is)
	if is.Status.Phase == v1alpha1.CompensationGranted && was.Status.Phase != v1alpha1.CompensationGranted {
		s.writes.granted++
	}
	if before.State == after.State && before.Amount == after.Amount {
		return
	}
	for i := range s.budget.Status.Entries {
		e := &s.budget.Status.Entries[i]
		if e.UID != string(is.UID) {
			continue
		}
		if after.State == v1alpha1.ChargeNone || (e.To == after.State && *e.Amount == after.Amount) {
			return
		}
	}
	if before.State == v1alpha1.ChargeNone && after.State == v1alpha1.ChargeOwed && s.over(terms, &after) {
		return // What is owed is due all the same, and nothing moves in its period any more.
	}
	if after.State == v1alpha1.ChargeNone && before.Amount == 0 && s.over(terms, &before) {
		return // Nothing is given back where nothing was set aside.
	}
	s.fail("%s goes from %s %d to %s %d without an entry", is.Name, before.State, before.Amount, after.State, after.Amount)
}

// over tells whether the period of a charge takes no money any more: the ledger has closed
// it, or a whole further one has passed, by the clock that is the furthest ahead.
func (s *server) over(terms *ledger.Terms, c *ledger.Charge) bool {
	if c.Period <= s.budget.Status.ClosedThrough {
		return true
	}
	for _, p := range s.budget.Status.Periods {
		if p.Start == c.Period {
			return p.Closed
		}
	}
	return !terms.NextPeriodAt(terms.NextPeriodAt(c.CreatedAt)).After(s.now.Add(2 * time.Second))
}

func (s *server) terms() *ledger.Terms {
	terms, problems := ledger.Compile(s.budget.Spec)
	if len(problems) > 0 {
		panic(problems[0].String())
	}
	return terms
}

// check compares, after every change of anything, the sums with the Compensations: each
// grant counts exactly once, in the sums or in flight, and nothing else does. And no limit
// is passed.
func (s *server) check() {
	if _, problems := ledger.Compile(s.budget.Spec); len(problems) > 0 {
		return
	}
	terms := s.terms()
	flying := map[string]*v1alpha1.LedgerEntry{}
	for i := range s.budget.Status.Entries {
		flying[s.budget.Status.Entries[i].UID] = &s.budget.Status.Entries[i]
	}
	type key struct {
		start v1alpha1.Date
		state v1alpha1.ChargeState
	}
	counted := map[key]int64{}
	for _, c := range s.comps {
		charge := terms.ChargeOf(c)
		if flying[charge.UID] == nil {
			counted[key{charge.Period, charge.State}] += charge.Amount
		}
	}
	for _, e := range flying {
		left := *e.Amount
		if e.FromAmount != nil {
			left = *e.FromAmount
		}
		counted[key{e.Period, e.From}] += left
	}
	for _, p := range s.budget.Status.Periods {
		if p.Closed {
			continue
		}
		for state, ledger := range map[v1alpha1.ChargeState]int64{v1alpha1.ChargeSpent: *p.Spent, v1alpha1.ChargeReserved: *p.Reserved, v1alpha1.ChargeOwed: *p.Owed} {
			if is := counted[key{p.Start, state}]; is != ledger {
				s.fail("in %s the ledger has %d %s and the Compensations %d", p.Start, ledger, state, is)
			}
		}
	}
	s.checkLimits(terms)
}

func show(s *v1alpha1.RecoveryBudgetStatus) string {
	var out strings.Builder
	fmt.Fprintf(&out, "e%d s%d", s.Epoch, s.Sequence)
	for _, p := range s.Periods {
		fmt.Fprintf(&out, " [%s limit %d spent %d reserved %d owed %d closed %v]", p.Start, *p.Limit, *p.Spent, *p.Reserved, *p.Owed, p.Closed)
	}
	for _, e := range s.Entries {
		fmt.Fprintf(&out, " {%s %s→%s %d", e.UID, e.From, e.To, *e.Amount)
		if e.FromAmount != nil {
			fmt.Fprintf(&out, " of %d", *e.FromAmount)
		}
		out.WriteString("}")
	}
	return out.String()
}

// names are those of the requests that pass, in order.
func (s *server) names(pass func(*v1alpha1.Compensation) bool) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.comps)) {
		if pass(s.comps[name]) {
			out = append(out, name)
		}
	}
	return out
}

// direct is the server as a Store, without faults.
type direct struct{ *server }

func (d direct) Budget(context.Context, types.NamespacedName) (*v1alpha1.RecoveryBudget, error) {
	return d.budget.DeepCopy(), nil
}

func (d direct) WriteBudget(_ context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	return d.writeBudget(from, status)
}

func (d direct) List(context.Context, types.NamespacedName) ([]v1alpha1.Compensation, error) {
	var out []v1alpha1.Compensation
	for _, c := range d.comps {
		out = append(out, *c.DeepCopy())
	}
	return out, nil
}

func (d direct) Compensation(_ context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error) {
	if c := d.comps[key.Name]; c != nil {
		return c.DeepCopy(), nil
	}
	return nil, apierrors.NewNotFound(requests, key.Name)
}

func (d direct) WriteCompensation(_ context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	return d.writeCompensation(from, status)
}
