package bookkeeper

import (
	"context"
	"errors"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// batch is what one write of the budget is for.
type batch struct {
	works []*work
	// later are items to be looked at again in another turn.
	later []Item
	// gone are to be forgotten, and lost to be looked at again before they are: what was
	// set aside for them is not given back yet.
	gone, lost []string
}

// work answers what waits. It tells whether there is more to do at once, or after a
// while.
func (k *Bookkeeper) work(ctx context.Context, d *desk) (again bool, after time.Duration, err error) {
	landed := k.collect(d)
	landed = k.settle(ctx, d) || landed
	now := k.Clock.Now()
	d.recount(now)
	if wait := d.gathering(k.Inbox.Waiting(d.key), now); wait > 0 {
		return false, sooner(wait, d.rest(now)), nil
	}
	items, gone := k.Inbox.drain(d.key)
	if len(items) == 0 && len(gone) == 0 && d.rests(now) {
		return false, d.rest(now), nil
	}
	b, err := k.answer(ctx, d, items, gone)
	if err != nil {
		return false, 0, d.failed(err)
	}
	landed = k.settle(ctx, d) || landed
	after = d.rest(k.Clock.Now())
	if d.busy == 0 && k.Inbox.Waiting(d.key) > 0 {
		if landed || len(b.later) == 0 {
			return true, 0, nil
		}
		after = retryAfter
	}
	return false, after, nil
}

// gathering is for how long the next write of the budget is still put off, so that it
// takes in more at once: until enough claims wait for each outcome that is being written.
// What is being written still stands in the budget and costs its write as much as what is
// new. It is never longer than a few times what the last write of the budget took, so that
// one slow write of a Compensation holds nobody else up, and the budget's writes stay a
// small part of all.
func (d *desk) gathering(waiting int, now time.Time) time.Duration {
	if waiting >= gatherPerBusy*d.busy {
		return 0
	}
	return d.wroteAt.Add(gatherFor * d.took).Sub(now)
}

// sooner is the shorter one of two times, of which zero is for ever.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// answer judges what came in and writes it into the budget. What could not be answered
// goes back into the inbox.
func (k *Bookkeeper) answer(ctx context.Context, d *desk, items []Item, gone []string) (*batch, error) {
	b, err := k.write(ctx, d, items, gone)
	if err != nil {
		k.Inbox.putBack(d.key, items)
		for _, uid := range gone {
			k.Inbox.lost(d.key, uid)
		}
		return nil, err
	}
	for _, uid := range b.gone {
		d.forgot = d.book.Forget(uid) || d.forgot
	}
	for _, uid := range b.lost {
		k.Inbox.lost(d.key, uid)
	}
	for _, w := range b.works {
		d.open[w.uid] = w
	}
	k.Inbox.putBack(d.key, b.later)
	return b, nil
}

// rests tells whether the budget's status is as it should be, with nothing asked.
func (d *desk) rests(now time.Time) bool {
	s := &d.budget.Status
	return s.ObservedGeneration == d.budget.Generation && s.Period == d.terms.PeriodOf(now) &&
		d.book.Told(s) && len(d.book.Expired(now)) == 0 && (d.book.Landed() == 0 || now.Before(d.wroteAt.Add(foldAfter)))
}

// rest is how long nothing needs to be done when nothing comes in; zero is for ever. What
// is being written wakes the budget by itself.
func (d *desk) rest(now time.Time) time.Duration {
	switch {
	case d.book == nil:
		return 0
	case len(d.open) > d.busy:
		return retryAfter
	case d.book.Landed() > 0:
		return max(d.wroteAt.Add(foldAfter).Sub(now), time.Millisecond)
	case d.book.AtRest() && (d.forgot || d.book.Differs()):
		return max(d.recountedAt.Add(recountAfter).Sub(now), time.Millisecond)
	default:
		return 0
	}
}

// recount has the sums compared with the charges, where nothing is in flight: in each
// period, and from time to time. What was forgotten may have been money.
func (d *desk) recount(now time.Time) {
	period := d.terms.PeriodOf(now)
	if !d.book.AtRest() || (d.recountedIn == period && now.Before(d.recountedAt.Add(recountAfter))) {
		return
	}
	d.book.Recount(now)
	d.recountedAt, d.recountedIn, d.forgot = now, period, false
}

// write judges the items and writes the budget. Where somebody has changed the budget
// meanwhile, everything is judged again by what it says now.
func (k *Bookkeeper) write(ctx context.Context, d *desk, items []Item, gone []string) (*batch, error) {
	for range attempts {
		terms, problems := ledger.Compile(d.budget.Spec)
		if len(problems) > 0 {
			return nil, errRebuild
		}
		now := k.Clock.Now()
		d.terms = terms
		// The desk may be closed while it is stored.
		book := d.book
		book.Begin()
		book.Adopt(terms)
		b := k.plan(ctx, d, items, gone, now)
		status := book.Status(&d.budget.Status, d.budget.Generation, d.epoch, now)
		written, err := k.store(ctx, d, &status, b)
		if err == nil && written {
			book.Commit()
			return b, nil
		}
		book.Rollback()
		if err != nil {
			return nil, err
		}
	}
	return nil, d.describe("writing the ledger of", errContended)
}

// plan judges everything that waits, in order, each with what was decided before it.
func (k *Bookkeeper) plan(ctx context.Context, d *desk, items []Item, gone []string, now time.Time) *batch {
	b := &batch{}
	d.book.Fold()
	d.book.Turn(now)
	for _, uid := range gone {
		d.planGone(b, uid, now)
	}
	for _, c := range d.book.Expired(now) {
		d.plan(ctx, b, Item{Key: types.NamespacedName{Namespace: d.key.Namespace, Name: c.Name}, Claim: expired(c)}, now)
	}
	for _, item := range items {
		d.plan(ctx, b, item, now)
	}
	return b
}

// expired gives back what is still set aside when its period is to be closed.
func expired(c ledger.Charge) ledger.Claim {
	return ledger.Claim{
		UID: c.UID, Name: c.Name, CreatedAt: c.CreatedAt, By: c.By, RecordedBy: c.RecordedBy, Incident: c.Incident, Customer: c.Customer,
		Want: ledger.WantFree, Freed: ledger.Freed{
			Phase: v1alpha1.CompensationDenied, Reason: v1alpha1.PeriodClosedReason,
			Message: "nobody decided or chose while a whole further period passed: its period is closed and the money is free again; ask anew",
		},
	}
}

// plan judges one item.
func (d *desk) plan(ctx context.Context, b *batch, item Item, now time.Time) {
	if _, open := d.open[item.Claim.UID]; open {
		b.later = append(b.later, item)
		return
	}
	v, err := d.book.Consider(&item.Claim, now)
	switch {
	case err != nil:
		logr.FromContextOrDiscard(ctx).Error(err, "A claim cannot be counted", "compensation", item.Key)
	case v.Kind == ledger.Later:
		b.later = append(b.later, item)
	case !d.book.Holds(&v):
		logr.FromContextOrDiscard(ctx).Info("The sums of its period do not hold what would leave them, so nothing moves: a status was written by hand", "compensation", item.Key)
	case v.Kind != ledger.Idle:
		d.book.Take(&v)
		w := &work{uid: item.Claim.UID, item: item, outcome: v.Outcome, move: v.Kind == ledger.Move}
		w.entry(d.book)
		b.works = append(b.works, w)
	}
}

// planGone frees what was set aside for a Compensation that does not exist any more.
func (d *desk) planGone(b *batch, uid string, now time.Time) {
	c, ok := d.book.Charge(uid)
	if !ok || c.State != v1alpha1.ChargeReserved {
		b.gone = append(b.gone, uid)
		return
	}
	claim := expired(c)
	v, err := d.book.Consider(&claim, now)
	if err == nil && v.Kind == ledger.Later {
		b.lost = append(b.lost, uid)
		return
	}
	b.gone = append(b.gone, uid)
	if err != nil || v.Kind != ledger.Move || !d.book.Holds(&v) {
		return
	}
	d.book.Take(&v)
	w := &work{
		uid: uid, outcome: v.Outcome, move: true, gone: true,
		item: Item{Key: types.NamespacedName{Namespace: d.key.Namespace, Name: c.Name}, Claim: claim},
	}
	w.entry(d.book)
	b.works = append(b.works, w)
}

// store writes the status, and is false where the batch must be judged again. A batch
// that moves no money and changes no status only makes sure that the ledger is still
// ours: a verdict of a book that another one has moved on would be unfair.
func (k *Bookkeeper) store(ctx context.Context, d *desk, status *v1alpha1.RecoveryBudgetStatus, b *batch) (bool, error) {
	if status.Sequence == d.budget.Status.Sequence {
		if len(b.works) == 0 {
			return true, nil
		}
		return k.reread(ctx, d, nil)
	}
	began := k.Clock.Now()
	_, err := k.writeBudget(ctx, d, status)
	switch {
	case err == nil:
		return true, nil
	case apierrors.IsNotFound(err):
		return false, errLost
	case apierrors.IsConflict(err):
		// Only what is there was written, also where the budget is as it was known: somebody
		// else than the API server's lock may have answered so.
		return k.find(ctx, d, status, began)
	case apierrors.IsInvalid(err):
		// The API server's own guard has refused it: the book is not what it should be.
		logr.FromContextOrDiscard(ctx).Error(err, "The ledger was refused; its book is made anew", "budget", d.key)
		d.close()
		return false, d.describe("writing the ledger of", err)
	default:
		return k.unknown(ctx, d, status, began, err)
	}
}

// unknown finds out what became of a write whose answer did not come: it looks for what
// was written. A write that comes late meets another resourceVersion.
func (k *Bookkeeper) unknown(ctx context.Context, d *desk, status *v1alpha1.RecoveryBudgetStatus, began time.Time, cause error) (bool, error) {
	written, err := k.find(ctx, d, status, began)
	if err != nil && !isOurs(err) {
		// Not even that is known. The book is made anew, under another epoch.
		d.close()
		return false, d.describe("writing the ledger of", cause)
	}
	if err == nil && !written {
		// It is known not to be there. To send it again at once would be a storm.
		return false, d.describe("writing the ledger of", cause)
	}
	return written, err
}

// find looks for what was written, and tells of it where it is there.
func (k *Bookkeeper) find(ctx context.Context, d *desk, status *v1alpha1.RecoveryBudgetStatus, began time.Time) (bool, error) {
	was := d.budget.Status
	written, err := k.reread(ctx, d, status)
	if written {
		k.observer().Wrote(d.budget, &was, k.Clock.Since(began))
	}
	return written, err
}

func isOurs(err error) bool {
	return errors.Is(err, errLost) || errors.Is(err, errRebuild)
}

// reread reads the budget live. It is true where it says what was sent, or without
// anything sent, where it is as it was known; false where it is still ours, but its spec
// or metadata has changed or the write was not applied.
func (k *Bookkeeper) reread(ctx context.Context, d *desk, sent *v1alpha1.RecoveryBudgetStatus) (bool, error) {
	live, err := k.api().Budget(ctx, d.key)
	switch {
	case apierrors.IsNotFound(err):
		return false, errLost
	case err != nil:
		return false, d.describe("reading", err)
	case live.UID != d.budget.UID, live.Status.Epoch != d.epoch:
		return false, errLost
	case sent != nil && equality.Semantic.DeepEqual(&live.Status, sent):
		d.wrote(live, k.Clock.Now())
		return true, nil
	case live.Status.Sequence != d.budget.Status.Sequence:
		return false, errRebuild
	}
	same := live.ResourceVersion == d.budget.ResourceVersion
	d.budget = live
	return same && sent == nil, nil
}
