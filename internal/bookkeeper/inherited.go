package bookkeeper

import (
	"context"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// meet makes the item of an entry that another writer made. Until it has, the book lets
// wait who may share a limit with the entry. Of one that asks nothing now, which its
// incident's policy may have to come back for, it is told at least what it is for.
func (k *Bookkeeper) meet(ctx context.Context, d *desk, w *work) bool {
	live := w.inherited
	item, ok, err := k.appraise(ctx, live)
	if err == nil && !ok && item.Claim.Incident != "" {
		d.book.Meet(&item.Claim)
	}
	if err == nil && !ok && item.Record != nil {
		item.Claim, ok = d.unasked(w.uid, k.Clock.Now())
	}
	if err != nil || !ok {
		if err != nil {
			logr.FromContextOrDiscard(ctx).Error(err, "What is in flight cannot be looked at yet", "compensation", live.Name)
		}
		// Somebody may settle it meanwhile: next time it is looked at as it is then.
		k.refresh(ctx, d, w)
		return false
	}
	if w.item = item; item.Compensation == nil {
		w.item.Compensation = live
	}
	d.book.Meet(&w.item.Claim)
	return true
}

// unasked is the claim of an entry that gives back what was set aside, where the request
// itself asks nothing: it has expired, and nobody but the ledger ends it. Somebody must,
// because a period is not closed while an entry counts in it.
func (d *desk) unasked(uid string, now time.Time) (ledger.Claim, bool) {
	from, _ := d.book.Leaves(uid)
	c, ok := d.book.Charge(uid)
	if !ok || from != v1alpha1.ChargeReserved || !d.book.Frees(uid) {
		return ledger.Claim{}, false
	}
	claim := expired(c)
	if !d.terms.Over(c.Period, now) {
		// It was given back for a reason that holds no more, and that is not known.
		claim.Want, claim.Freed = "", ledger.Freed{}
	}
	return claim, true
}

// resume makes the outcome of an entry that was met.
func (k *Bookkeeper) resume(d *desk, w *work) bool {
	outcome, ok := d.book.Resume(&w.item.Claim)
	if !ok {
		return false
	}
	w.outcome, w.inherited = outcome, nil
	w.entry(d.book)
	if w.item.Claim.Want == ledger.WantFree && outcome.State != v1alpha1.ChargeNone {
		w.outcome, w.fell = freed(&w.item.Claim), true
	}
	return true
}

// freed is the outcome of a claim that takes back what is in flight.
func freed(c *ledger.Claim) ledger.Outcome {
	return ledger.Outcome{Phase: c.Freed.Phase, State: v1alpha1.ChargeNone, Freed: c.Freed}
}

func keyOf(c *v1alpha1.Compensation) types.NamespacedName {
	return types.NamespacedName{Namespace: c.Namespace, Name: c.Name}
}

// refresh reads an inherited Compensation again, and settles what its status settles.
func (k *Bookkeeper) refresh(ctx context.Context, d *desk, w *work) {
	live, err := k.api().Compensation(ctx, keyOf(w.inherited))
	switch {
	case apierrors.IsNotFound(err) || (err == nil && string(live.UID) != w.uid):
		d.book.Land(w.uid, d.book.Frees(w.uid))
		delete(d.open, w.uid)
	case err != nil:
	case d.book.Says(w.uid, d.terms.ChargeOf(live), live.Status.Phase):
		d.book.Land(w.uid, true)
		d.book.Restate(d.terms.ChargeOf(live))
		delete(d.open, w.uid)
	case ledger.Finished(live.Status.Phase):
		d.book.Land(w.uid, false)
		delete(d.open, w.uid)
	default:
		w.inherited = live
	}
}
