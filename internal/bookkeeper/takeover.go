package bookkeeper

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// mayTakeOver tells whether this process may raise the epoch. With election it must hold
// the Lease. Without, it may once when it starts, and whenever nobody else has written
// since it did; after somebody else has, only once the ledger stands still while
// requests wait.
func (k *Bookkeeper) mayTakeOver(ctx context.Context, d *desk, now time.Time) (bool, error) {
	if k.Lease != nil {
		holds, err := k.Lease.Holds(ctx)
		if err != nil {
			return false, fmt.Errorf("reading the lease before taking a ledger over: %w", err)
		}
		return holds, nil
	}
	if epoch := d.budget.Status.Epoch; !d.began || (d.ours && epoch == d.epoch) || epoch == d.maybe {
		return true, nil
	}
	waits := k.Inbox.Waiting(d.key) > 0
	if !d.standsStill(&d.budget.Status, now, waits) {
		return false, nil
	}
	live, err := k.api().Budget(ctx, d.key)
	if err != nil {
		return false, d.describe("reading", err)
	}
	d.see(live)
	if !d.standsStill(&live.Status, now, waits) {
		return false, nil
	}
	if d.unfinished(&live.Status, now) {
		return true, nil
	}
	return k.unanswered(ctx, d, now)
}

// standsStill tells whether the ledger has not moved for long enough while there was
// something to do: requests wait, or for longer, what a writer would have finished by
// itself was left undone.
func (d *desk) standsStill(s *v1alpha1.RecoveryBudgetStatus, now time.Time, waits bool) bool {
	if d.still.epoch != s.Epoch || d.still.sequence != s.Sequence || d.still.since.IsZero() {
		d.still = stillness{epoch: s.Epoch, sequence: s.Sequence, since: now}
	}
	still := now.Sub(d.still.since)
	return (waits && still >= Quiet) || (d.unfinished(s, now) && still >= Abandoned)
}

// unfinished tells whether a ledger has something in flight, or is behind its spec or
// the calendar.
func (d *desk) unfinished(s *v1alpha1.RecoveryBudgetStatus, now time.Time) bool {
	return len(s.Entries) > 0 || s.ObservedGeneration != d.budget.Generation || s.Period != d.terms.PeriodOf(now)
}

// unanswered takes out of the inbox what was answered by another writer, and tells
// whether anything remains.
func (k *Bookkeeper) unanswered(ctx context.Context, d *desk, now time.Time) (bool, error) {
	for _, item := range k.Inbox.list(d.key) {
		live, err := k.api().Compensation(ctx, item.Key)
		switch {
		case apierrors.IsNotFound(err):
			k.Inbox.Drop(d.key, item.Claim.UID)
		case err != nil:
			return false, fmt.Errorf("reading Compensation %s: %w", item.Key, err)
		case string(live.UID) != item.Claim.UID, ledger.Answered(d.terms, &item.Claim, live, now):
			k.Inbox.Drop(d.key, item.Claim.UID)
		}
	}
	return k.Inbox.Waiting(d.key) > 0, nil
}

// takeOver raises the epoch: from there on no writer before can write. Only then it lists
// the Compensations, makes the book, and finishes what is in flight.
//
// An epoch that may have been raised by a write whose answer was lost is never taken for
// our own, because a rival may have raised it: it is raised once more.
func (k *Bookkeeper) takeOver(ctx context.Context, d *desk) error {
	d.close()
	for range attempts {
		live, err := k.api().Budget(ctx, d.key)
		if err != nil {
			return d.describe("reading", err)
		}
		if live.UID != d.budget.UID {
			return errLost
		}
		d.budget = live
		next := live.Status.DeepCopy()
		next.Epoch++
		next.Sequence++
		written, err := k.writeBudget(ctx, d, next)
		if apierrors.IsConflict(err) {
			continue
		}
		if err != nil {
			d.maybe = next.Epoch
			return d.describe("taking over the ledger of", err)
		}
		d.epoch, d.began, d.ours, d.maybe = next.Epoch, true, true, 0
		return k.open(ctx, d, written)
	}
	return d.describe("taking over the ledger of", errContended)
}

// open makes the book of a ledger that was taken over.
func (k *Bookkeeper) open(ctx context.Context, d *desk, held *v1alpha1.RecoveryBudget) error {
	terms, problems := ledger.Compile(held.Spec)
	if len(problems) > 0 {
		return errRebuild
	}
	list, err := k.api().List(ctx, d.key)
	if err != nil {
		return fmt.Errorf("listing the Compensations of RecoveryBudget %s: %w", d.key, err)
	}
	now := k.Clock.Now()
	d.terms = terms
	d.book = ledger.NewBook(terms, &held.Status, list)
	d.book.Recount(now)
	d.recountedAt, d.recountedIn = now, terms.PeriodOf(now)
	byUID := make(map[string]*v1alpha1.Compensation, len(list))
	for i := range list {
		byUID[string(list[i].UID)] = &list[i]
	}
	for _, uid := range d.book.InFlight() {
		d.open[uid] = &work{uid: uid, move: true, inherited: byUID[uid]}
	}
	k.observer().TookOver(held)
	k.settle(ctx, d)
	return nil
}
