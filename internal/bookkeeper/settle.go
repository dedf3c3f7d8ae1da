package bookkeeper

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// work is one outcome on its way onto its Compensation.
type work struct {
	uid     string
	item    Item
	outcome ledger.Outcome
	// move says that an entry of the ledger stands for it.
	move bool
	// gone says that the Compensation is thought not to exist.
	gone bool
	// inherited is the Compensation of an entry that another writer made; the item is made
	// from it.
	inherited *v1alpha1.Compensation
	// fell says that the request was taken back while it was in flight: that is what is
	// written, and nothing comes of the entry.
	fell bool
	// busy says that it is being written now, and retryAt when it may be again.
	busy    bool
	retryAt time.Time
}

// end is what came of a work.
type end int

const (
	// endOpen means that it is not known, or could not be done now.
	endOpen end = iota
	// endCame means that the Compensation says so.
	endCame
	// endFell means that the Compensation says, for good, that nothing came of it.
	endFell
)

// settled is a work, what came of it, and the Compensation that says so, if it is known.
type settled struct {
	*work

	end  end
	live *v1alpha1.Compensation
}

// settle writes what is open onto the Compensations, several at once. With one writer it
// is done when it returns, and tells whether anything was settled. With more it goes on
// meanwhile: what comes of each is collected by a later turn, so that the next write of
// the budget need not wait for the slowest.
func (k *Bookkeeper) settle(ctx context.Context, d *desk) bool {
	works := k.ready(ctx, d)
	r := &recording{Bookkeeper: k, key: d.key, terms: d.terms, budget: d.budget, book: d.book}
	if k.Writers == 1 {
		landed := false
		for _, w := range works {
			if k.enter(d, r.record(ctx, w)) {
				landed = true
			}
		}
		return landed
	}
	slots, done := d.slots, d.done
	for _, w := range works {
		w.busy = true
		d.busy++
		go func() {
			slots <- struct{}{}
			s := r.record(ctx, w)
			<-slots
			done.add(result{s, r.book})
			k.Inbox.wake(r.key)
		}()
	}
	return false
}

// ready are the works that can be written now, in order.
func (k *Bookkeeper) ready(ctx context.Context, d *desk) []*work {
	now := k.Clock.Now()
	var out []*work
	for _, uid := range slices.Sorted(maps.Keys(d.open)) {
		w := d.open[uid]
		if w.busy || now.Before(w.retryAt) {
			continue
		}
		if w.inherited != nil && !k.resume(ctx, d, w) {
			w.retryAt = now.Add(retryAfter)
			continue
		}
		out = append(out, w)
	}
	slices.SortFunc(out, byCreation)
	return out
}

// result is what came of a work of a book.
type result struct {
	settled

	book *ledger.Book
}

// results are what came of works that were written meanwhile.
type results struct {
	mu   sync.Mutex
	list []result
}

func (r *results) add(one result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, one)
}

func (r *results) take() []result {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.list
	r.list = nil
	return out
}

// collect enters what has come of works into the book, and tells whether any was settled.
// What belongs to a book that was closed is of no use: the next one has listed anew.
func (k *Bookkeeper) collect(d *desk) bool {
	landed := false
	for _, one := range d.done.take() {
		if one.book == d.book {
			d.busy--
			one.busy = false
			landed = k.enter(d, one.settled) || landed
		}
	}
	return landed
}

// enter enters what came of a work into the book, and tells whether that is known.
func (k *Bookkeeper) enter(d *desk, s settled) bool {
	if s.end == endOpen && s.move {
		s.retryAt = k.Clock.Now().Add(retryAfter)
		return false
	}
	delete(d.open, s.uid)
	if s.end == endOpen {
		// Nothing moved and nothing is written: it is judged again.
		d.book.Undecided(s.uid)
		k.Inbox.putBack(d.key, []Item{s.item})
		return false
	}
	d.book.Land(s.uid, s.end == endCame)
	if s.live != nil && s.end == endCame {
		d.book.Restate(d.terms.ChargeOf(s.live))
	}
	return true
}

func byCreation(a, b *work) int {
	if c := a.item.Claim.CreatedAt.Compare(b.item.Claim.CreatedAt); c != 0 {
		return c
	}
	if a.uid < b.uid {
		return -1
	}
	return 1
}

// resume makes the item and the outcome of an entry that another writer made.
func (k *Bookkeeper) resume(ctx context.Context, d *desk, w *work) bool {
	live := w.inherited
	item, ok, err := k.Appraiser.Appraise(ctx, live)
	if err != nil || !ok {
		if err != nil {
			logr.FromContextOrDiscard(ctx).Error(err, "What is in flight cannot be looked at yet", "compensation", live.Name)
		}
		// Somebody may settle it meanwhile: next time it is looked at as it is then.
		k.refresh(ctx, d, w)
		return false
	}
	outcome, ok := d.book.Resume(&item.Claim)
	if !ok {
		return false
	}
	w.item, w.outcome, w.inherited = item, outcome, nil
	if w.item.Compensation == nil {
		w.item.Compensation = live
	}
	if item.Claim.Want == ledger.WantFree && outcome.State != v1alpha1.ChargeNone {
		w.outcome, w.fell = freed(&item.Claim), true
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
	live, err := k.Store.Compensation(ctx, keyOf(w.inherited))
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

// recording is what is needed to write outcomes, beside a turn.
type recording struct {
	*Bookkeeper

	key    types.NamespacedName
	terms  *ledger.Terms
	budget *v1alpha1.RecoveryBudget
	book   *ledger.Book
}

// record writes one outcome. A write that is certain not to have been applied, or of
// which that is not known, is answered by a live read: what the Compensation says then
// decides. So is an outcome that the copy of the claim says already: it may be an old
// copy, of a request that was taken back since and is gone.
func (r *recording) record(ctx context.Context, w *work) settled {
	live, read := w.item.Compensation, false
	if w.gone {
		live = nil
	}
	for range attempts {
		if live != nil {
			status := w.item.Record(live, w.outcome, r.Clock.Now())
			same := equality.Semantic.DeepEqual(live.Status, status)
			if same && read {
				return w.ended(live)
			}
			if !same {
				if written := r.write(ctx, w, live, &status); written != nil {
					return w.ended(written)
				}
			}
		}
		seen, s := r.look(ctx, w)
		if s.end != endOpen || seen == nil {
			return s
		}
		if live = r.appraise(ctx, w, seen); live == nil {
			return settled{work: w}
		}
		read = true
	}
	return settled{work: w}
}

// write writes the status of a Compensation, and is nil where that was refused or not
// answered.
func (r *recording) write(ctx context.Context, w *work, live *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) *v1alpha1.Compensation {
	written, err := r.Store.WriteCompensation(ctx, live, status)
	switch {
	case err == nil:
		r.observer().Recorded(r.budget, &live.Status, written, &w.outcome)
		if w.item.Written != nil {
			w.item.Written(live.Status, written)
		}
		return written
	case !apierrors.IsConflict(err) && !apierrors.IsNotFound(err):
		logr.FromContextOrDiscard(ctx).Info("A write of a Compensation was not answered; it is looked at", "compensation", w.item.Key, "error", err.Error())
	}
	return nil
}

// ended is the end of a work whose outcome its Compensation says: if the money was taken
// back meanwhile, nothing came of what was in flight.
func (w *work) ended(live *v1alpha1.Compensation) settled {
	if w.fell {
		return settled{work: w, end: endFell, live: live}
	}
	return settled{work: w, end: endCame, live: live}
}

// look reads a Compensation live and tells what that says of a work. Without an end, the
// Compensation is there and says nothing yet; without a Compensation, it could not be
// read.
func (r *recording) look(ctx context.Context, w *work) (*v1alpha1.Compensation, settled) {
	frees := w.outcome.State == v1alpha1.ChargeNone && !w.fell
	live, err := r.Store.Compensation(ctx, w.item.Key)
	switch {
	case apierrors.IsNotFound(err) || (err == nil && string(live.UID) != w.uid):
		if frees {
			return nil, settled{work: w, end: endCame}
		}
		return nil, settled{work: w, end: endFell}
	case err != nil:
		return nil, settled{work: w}
	}
	charge := r.terms.ChargeOf(live)
	switch {
	case w.says(charge, live.Status.Phase):
		return live, settled{work: w, end: endCame, live: live}
	case ledger.Finished(live.Status.Phase):
		if frees {
			return live, settled{work: w, end: endCame, live: live}
		}
		return live, settled{work: w, end: endFell, live: live}
	}
	return live, settled{work: w}
}

// says tells whether a Compensation says what the work was to write.
func (w *work) says(c ledger.Charge, p v1alpha1.CompensationPhase) bool {
	if w.fell || c.State != w.outcome.State || c.Amount != w.outcome.Amount.Minor() {
		return false
	}
	switch {
	case c.State == v1alpha1.ChargeNone:
		return ledger.Finished(p)
	case c.State == v1alpha1.ChargeReserved && !w.move:
		return p == w.outcome.Phase
	default:
		return true
	}
}

// appraise makes the item anew from a live Compensation. What was decided stays decided,
// unless the request was taken back: then it ends so. Nil means not now.
func (r *recording) appraise(ctx context.Context, w *work, live *v1alpha1.Compensation) *v1alpha1.Compensation {
	item, ok, err := r.Appraiser.Appraise(ctx, live)
	switch {
	case err != nil:
		return nil
	case !ok && !w.move:
		return nil
	case !ok:
		// It asks nothing anew. What was decided is written with what it was decided by.
		if w.item.Record == nil {
			w.item.Record, w.item.Written = item.Record, item.Written
		}
		w.item.Compensation = live
		if w.item.Record == nil {
			return nil
		}
		return live
	}
	if !w.move {
		// Nothing has moved: it is judged again by what it asks now.
		w.item = item
		return nil
	}
	if item.Claim.Want == ledger.WantFree && w.outcome.State != v1alpha1.ChargeNone {
		w.outcome, w.fell = freed(&item.Claim), true
	}
	w.item = item
	w.item.Compensation = live
	return live
}
