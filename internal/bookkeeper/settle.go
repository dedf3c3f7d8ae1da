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
	// before and after are what its Compensation says until the entry has arrived, and once
	// it has.
	before, after sum
	// gone says that the Compensation is thought not to exist.
	gone bool
	// inherited is the Compensation of an entry that another writer made; the item is made
	// from it.
	inherited *v1alpha1.Compensation
	// fell says that the request was taken back while it was in flight: that is what is
	// written, and nothing comes of the entry.
	fell bool
	// sent is what was written and not answered, until it is seen or written over.
	sent *sent
	// anew says that nothing is written: once it may, it is judged again.
	anew bool
	// busy says that it is being written now, and retryAt when it may be again.
	busy    bool
	retryAt time.Time
}

// sum is where the money of a Compensation is, and how much.
type sum struct {
	state  v1alpha1.ChargeState
	amount int64
}

// entry reads what an entry in flight does to its Compensation.
func (w *work) entry(book *ledger.Book) {
	w.before.state, w.before.amount = book.Leaves(w.uid)
	w.after.state, w.after.amount = book.Arrives(w.uid)
}

// sent is a write of a Compensation whose answer was lost: the status before it, the one
// that was to be, and what for.
type sent struct {
	was, is v1alpha1.CompensationStatus
	outcome ledger.Outcome
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
	// endAnew means that nothing moved and nothing is written: it is judged again, by what
	// it asks now.
	endAnew
	// endIdle means the same of a request that asks nothing now.
	endIdle
)

// settled is a work, what came of it, and the Compensation that says so, if it is known.
type settled struct {
	*work

	end  end
	live *v1alpha1.Compensation
	// wait says that nobody else has written it, so that the next try must wait a while: a
	// write was not answered, or there was none.
	wait bool
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
		if w.anew {
			delete(d.open, uid)
			k.Inbox.putBack(d.key, []Item{w.item})
			continue
		}
		if w.inherited != nil && !k.meet(ctx, d, w) {
			w.retryAt = now.Add(retryAfter)
			continue
		}
		out = append(out, w)
	}
	out = slices.DeleteFunc(out, func(w *work) bool {
		if w.inherited == nil || k.resume(d, w) {
			return false
		}
		w.retryAt = now.Add(retryAfter)
		return true
	})
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

// enter enters what came of a work into the book, and tells whether that is known. What
// failed waits for a while, whether money moves or not: the API server may be in trouble.
func (k *Bookkeeper) enter(d *desk, s settled) bool {
	switch s.end {
	case endOpen:
		s.retryAt = k.Clock.Now().Add(retryAfter)
		return false
	case endAnew:
		d.book.Undecided(s.uid)
		if s.wait {
			s.anew, s.retryAt = true, k.Clock.Now().Add(retryAfter)
			return false
		}
		delete(d.open, s.uid)
		k.Inbox.putBack(d.key, []Item{s.item})
		return false
	case endIdle:
		d.book.Undecided(s.uid)
		delete(d.open, s.uid)
		return false
	}
	delete(d.open, s.uid)
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
//
// An outcome that moves no money is not written a second time before it is judged again,
// and one that does is written at most twice without an answer before it waits a while.
func (r *recording) record(ctx context.Context, w *work) settled {
	t := try{live: w.item.Compensation}
	if w.gone || (w.sent != nil && !w.move) {
		t.live = nil
	}
	for range attempts {
		if t.live != nil {
			if said := r.try(ctx, w, &t); said != nil {
				return w.ended(said)
			}
		}
		seen, s := r.look(ctx, w)
		if s.end != endOpen || seen == nil {
			return s
		}
		if t.live, s = r.appraise(ctx, w, seen); t.live == nil {
			s.wait = t.failed > 0 || !t.refused
			return s
		}
		if t.failed > 1 {
			break
		}
		t.read = true
	}
	return settled{work: w}
}

// try is what is known while an outcome is being written: the copy that it is written
// from, whether that was read live, whether a write was refused because somebody else had
// written, and how many were not answered.
type try struct {
	live          *v1alpha1.Compensation
	read, refused bool
	failed        int
}

// try writes an outcome once, and returns the Compensation that says it, or nil.
func (r *recording) try(ctx context.Context, w *work, t *try) *v1alpha1.Compensation {
	status := w.item.Record(t.live, w.outcome, r.Clock.Now())
	if equality.Semantic.DeepEqual(t.live.Status, status) {
		if t.read {
			return t.live
		}
		return nil
	}
	written, answered := r.write(ctx, w, t.live, &status)
	switch {
	case written != nil:
	case answered:
		t.refused = true
	default:
		t.failed++
	}
	return written
}

// write writes the status of a Compensation. It is nil where that was refused, or not
// even answered.
func (r *recording) write(ctx context.Context, w *work, live *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (written *v1alpha1.Compensation, answered bool) {
	written, err := r.api().WriteCompensation(ctx, live, status)
	switch {
	case err == nil:
		w.sent = nil
		r.tell(w, &live.Status, written, &w.outcome)
		return written, true
	case apierrors.IsConflict(err) || apierrors.IsNotFound(err):
		return nil, true
	}
	w.sent = &sent{was: live.Status, is: *status, outcome: w.outcome}
	logr.FromContextOrDiscard(ctx).Info("A write of a Compensation was not answered; it is looked at", "compensation", w.item.Key, "error", err.Error())
	return nil, false
}

// tell tells what was written.
func (r *recording) tell(w *work, was *v1alpha1.CompensationStatus, written *v1alpha1.Compensation, o *ledger.Outcome) {
	r.observer().Recorded(r.budget, was, written, o)
	if w.item.Written != nil {
		w.item.Written(*was, written)
	}
}

// found tells, once, of a write whose answer was lost, where the Compensation says it.
func (r *recording) found(w *work, live *v1alpha1.Compensation) {
	if lost := w.sent; lost != nil && equality.Semantic.DeepEqual(live.Status, lost.is) {
		w.sent = nil
		r.tell(w, &lost.was, live, &lost.outcome)
	}
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
	live, err := r.api().Compensation(ctx, w.item.Key)
	switch {
	case apierrors.IsNotFound(err) || (err == nil && string(live.UID) != w.uid):
		if frees {
			return nil, settled{work: w, end: endCame}
		}
		return nil, settled{work: w, end: endFell}
	case err != nil:
		return nil, settled{work: w}
	}
	r.found(w, live)
	charge := r.terms.ChargeOf(live)
	switch {
	case w.says(charge, live.Status.Phase):
		return live, settled{work: w, end: endCame, live: live}
	case ledger.Finished(live.Status.Phase):
		if frees {
			return live, settled{work: w, end: endCame, live: live}
		}
		return live, settled{work: w, end: endFell, live: live}
	case w.fell && w.after == sum{charge.State, charge.Amount}:
		// It had arrived before it was taken back: that is another claim's to do.
		return live, settled{work: w, end: endCame, live: live}
	case w.move && w.before != sum{charge.State, charge.Amount}:
		// Whoever has taken the ledger over has finished this, and moved the money on since:
		// nothing is to be written over that. The next write of the budget tells.
		return nil, settled{work: w}
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
		return ledger.Finished(p) || (p == v1alpha1.CompensationRequested && p == w.outcome.Phase)
	case c.State == v1alpha1.ChargeReserved && !w.move:
		return p == w.outcome.Phase
	default:
		return true
	}
}

// appraise makes the item anew from a live Compensation. What was decided stays decided,
// unless the request was taken back: then it ends so. Without a Compensation nothing is to
// be written now: it is not known how, or the request is to be judged again.
func (r *recording) appraise(ctx context.Context, w *work, live *v1alpha1.Compensation) (*v1alpha1.Compensation, settled) {
	item, ok, err := r.Bookkeeper.appraise(ctx, live)
	switch {
	case err != nil:
		return nil, settled{work: w}
	case !ok && !w.move:
		return nil, settled{work: w, end: endIdle}
	case !ok:
		// It asks nothing anew. What was decided is written with what it was decided by.
		if w.item.Record == nil {
			w.item.Record, w.item.Written = item.Record, item.Written
		}
		w.item.Compensation = live
		if w.item.Record == nil {
			return nil, settled{work: w}
		}
		return live, settled{work: w}
	}
	if !w.move {
		// Nothing has moved: it is judged again by what it asks now.
		w.item = item
		return nil, settled{work: w, end: endAnew}
	}
	if item.Claim.Want == ledger.WantFree && w.outcome.State != v1alpha1.ChargeNone {
		w.outcome, w.fell = freed(&item.Claim), true
	}
	w.item = item
	w.item.Compensation = live
	return live, settled{work: w}
}
