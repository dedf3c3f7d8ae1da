package simulate

import (
	"cmp"
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/remedy"
)

// epoch is that of the only bookkeeper there is.
const epoch = 1

// turn implements stage.
func (r *run) turn() time.Time {
	var next time.Time
	for _, key := range r.budgets.keys() {
		terms, wrong := ledger.Compile(r.budgets[key].Spec)
		if len(wrong) > 0 {
			continue
		}
		if at := terms.NextPeriodAt(r.now); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}

// money judges each Compensation, and lets the bookkeeper of each budget answer what is
// asked of it.
func (r *run) money(ctx context.Context) (changed bool, err error) {
	asked := map[types.NamespacedName][]ask{}
	for _, key := range r.compensations.keys() {
		c := r.compensations[key]
		f, err := r.remedies.Facts(ctx, c, r.now)
		if err != nil {
			return changed, err
		}
		j := remedy.Judge(f, r.now)
		delete(r.remedyWakes, key)
		if !j.WakeAt.IsZero() {
			r.remedyWakes[key] = j.WakeAt
		}
		switch j.Do {
		case remedy.Write:
			changed = r.write(c, j.Status) || changed
		case remedy.Ask:
			budget := types.NamespacedName{Namespace: key.Namespace, Name: string(c.Spec.BudgetName)}
			asked[budget] = append(asked[budget], ask{f, j.Claim})
			if j.Claim.Want != ledger.WantFree && !slices.Contains(c.Finalizers, v1alpha1.LedgerFinalizer) {
				c.Finalizers = append(c.Finalizers, v1alpha1.LedgerFinalizer)
			}
		}
	}
	for _, key := range r.budgets.keys() {
		answered, err := r.bookkeep(ctx, r.budgets[key], asked[key])
		if err != nil {
			return changed, err
		}
		changed = answered || changed
	}
	return changed, nil
}

// ask is a claim with what it was made from.
type ask struct {
	facts *remedy.Facts
	claim ledger.Claim
}

// write writes the status of a Compensation, if it differs, and tells of it.
func (r *run) write(c *v1alpha1.Compensation, status v1alpha1.CompensationStatus) bool {
	if equality.Semantic.DeepEqual(c.Status, status) {
		return false
	}
	was := c.Status
	c.Status = status
	r.remedyStory(c, &was)
	for _, n := range remedy.Notices(was, c) {
		what := Told
		if n.Warning {
			what = Warned
		}
		r.tell(string(c.Spec.IncidentName), "Compensation", c.Name, what, n.Reason, n.Message)
	}
	return true
}

// bookkeep is a turn of the bookkeeper at a budget. Nothing is lost on the way here, so
// that what is decided lands at once.
func (r *run) bookkeep(ctx context.Context, b *v1alpha1.RecoveryBudget, asked []ask) (bool, error) {
	terms, wrong := ledger.Compile(b.Spec)
	if len(wrong) > 0 {
		return r.writeBudget(b, ledger.Stalled(&b.Status, b.Generation, r.now, wrong)), nil
	}
	var list []v1alpha1.Compensation
	for _, key := range r.compensations.keys() {
		if c := r.compensations[key]; key.Namespace == b.Namespace && string(c.Spec.BudgetName) == b.Name {
			list = append(list, *c)
		}
	}
	book := ledger.NewBook(terms, &b.Status, list)
	book.Begin()
	book.Turn(r.now)
	expired, err := r.expired(ctx, book, b.Namespace)
	if err != nil {
		return false, err
	}
	slices.SortFunc(asked, func(a, b ask) int {
		return cmp.Or(a.claim.CreatedAt.Compare(b.claim.CreatedAt), cmp.Compare(a.claim.UID, b.claim.UID))
	})
	changed := false
	var denied []ledger.Outcome
	for _, each := range append(expired, asked...) {
		answered, outcome, err := r.answer(book, each)
		if err != nil {
			return changed, err
		}
		changed = answered || changed
		if answered && poolDenied(&outcome) {
			denied = append(denied, outcome)
		}
	}
	book.Commit()
	changed = r.writeBudget(b, book.Status(&b.Status, b.Generation, max(b.Status.Epoch, epoch), r.now)) || changed
	for i := range denied {
		r.poolNotice(b.Name, &denied[i])
	}
	return changed, nil
}

// answer answers one claim.
func (r *run) answer(book *ledger.Book, each ask) (changed bool, outcome ledger.Outcome, err error) {
	v, err := book.Consider(&each.claim, r.now)
	if err != nil {
		return false, outcome, err
	}
	if v.Kind != ledger.Move && v.Kind != ledger.Tell {
		return false, outcome, nil
	}
	book.Take(&v)
	c := r.compensations[types.NamespacedName{Namespace: each.facts.Compensation.Namespace, Name: each.facts.Compensation.Name}]
	changed = r.write(c, remedy.Record(each.facts, v.Outcome, r.now))
	book.Land(each.claim.UID, true)
	book.Fold()
	return changed, v.Outcome, nil
}

// expired gives back what is still set aside when its period is to be closed.
func (r *run) expired(ctx context.Context, book *ledger.Book, namespace string) ([]ask, error) {
	var out []ask
	for _, charge := range book.Expired(r.now) {
		c := r.compensations[types.NamespacedName{Namespace: namespace, Name: charge.Name}]
		if c == nil {
			continue
		}
		f, err := r.remedies.Facts(ctx, c, r.now)
		if err != nil {
			return nil, err
		}
		out = append(out, ask{f, ledger.Claim{UID: charge.UID, Name: charge.Name, CreatedAt: charge.CreatedAt, Want: ledger.WantFree, Freed: ledger.Freed{
			Phase: v1alpha1.CompensationDenied, Reason: v1alpha1.PeriodClosedReason,
			Message: "nobody decided or chose while a whole further period passed: its period is closed and the money is free again; ask anew",
		}}})
	}
	return out, nil
}

// writeBudget writes the status of a budget, if it differs, and tells of it.
func (r *run) writeBudget(b *v1alpha1.RecoveryBudget, status v1alpha1.RecoveryBudgetStatus) bool {
	if equality.Semantic.DeepEqual(b.Status, status) {
		return false
	}
	was := b.Status
	b.Status = status
	r.budgetStory(b, &was)
	r.budgetNotices(b, &was)
	return true
}
