package bookkeeper

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/ledger"
)

const (
	// Quiet is how long a ledger must not have moved before an operator without election
	// takes it over for requests that wait.
	Quiet = 10 * time.Second
	// Abandoned is how long a ledger must not have moved before such an operator takes it
	// over for what its writer has left unfinished, though no request waits.
	Abandoned = time.Minute
	// foldAfter is when what has landed is folded although nothing new came in.
	foldAfter = 2 * time.Second
	// retryAfter is when what could not be settled is tried again.
	retryAfter = time.Second
	// attempts bounds how often a conflict is answered within one turn.
	attempts = 8
	// gatherFor is for how many times the duration of the last write of a budget the next
	// one may be put off.
	gatherFor = 4
	// gatherPerBusy is how many claims are gathered for each outcome that is being written.
	// With three, a quarter of those who ask is on its way to its answer at any moment,
	// which keeps the API server busy while the budget is written.
	gatherPerBusy = 3
	// recountAfter is when the sums are compared with the charges again.
	recountAfter = 10 * time.Minute
	// patience is how long an answer of the API server is waited for.
	patience = commit.Patience
)

// Bookkeeper keeps the ledgers of budgets.
type Bookkeeper struct {
	// Store is the API server.
	Store Store
	// Inbox is where claims come from.
	Inbox *Inbox
	// Appraiser makes items anew.
	Appraiser Appraiser
	// Clock is the wall clock.
	Clock clock.PassiveClock
	// Lease tells whether this process leads; nil without election.
	Lease Lease
	// Observer is told what was written; nil tells nobody.
	Observer Observer
	// Writers is how many Compensations of a budget are written at once; zero is 16. With
	// one, a turn ends when all are written; with more, they are written beside the next.
	Writers int
	// Patience is how long an answer of the API server is waited for; zero is ten seconds.
	// What became of a write after that is not known, and it is looked for.
	Patience time.Duration

	mu    sync.Mutex
	desks map[types.NamespacedName]*desk
}

// Result is when to look at a budget again.
type Result struct {
	// Again asks for another turn at once, and After for one after a while.
	Again bool
	After time.Duration
	// WakeAt is when the next period begins; zero where that is not known.
	WakeAt time.Time
	// Problems says that the spec is wrong, so that nothing is done.
	Problems bool
}

// errLost means that another writer has raised the epoch, or that the budget is another.
var errLost = errors.New("another writer has taken the ledger over")

// errRebuild means that the ledger is still ours but not as it is known here.
var errRebuild = errors.New("the ledger is not as it is known here")

// errContended means that each of so many writes was refused as a conflict. It is an error
// like any other, so that the next try waits: whoever refuses may do so for ever.
var errContended = errors.New("each write was refused, as if others wrote in between")

// desk is what is known of one budget. One turn works at it at a time.
type desk struct {
	key    types.NamespacedName
	budget *v1alpha1.RecoveryBudget
	terms  *ledger.Terms
	// book is there while this process holds the ledger, in its epoch.
	book  *ledger.Book
	epoch int64
	// began says that this process has held the ledger, or was refused it, before: from
	// then on it waits for its turn. ours says that no one has taken it over since.
	began, ours bool
	// maybe is the epoch of a takeover whose answer was lost, zero for none.
	maybe int64
	// open is what is in flight and not settled, by UID.
	open map[string]*work
	// busy is how many of them are being written, slots bounds how many at once, and done
	// are those that have ended since the last turn.
	busy  int
	slots chan struct{}
	done  *results
	// wroteAt is when the last write of the budget ended, and took how long it took.
	wroteAt time.Time
	took    time.Duration
	// recountedAt is the last recount, and recountedIn the period that it counted. forgot
	// says that since then a charge has gone without its money.
	recountedAt time.Time
	recountedIn v1alpha1.Date
	forgot      bool
	// still is since when a ledger that another one holds has not moved.
	still stillness
}

// stillness is since when a ledger stands at one place.
type stillness struct {
	epoch, sequence int64
	since           time.Time
}

// Turn looks at a budget once: it takes the ledger over where it may, answers what waits
// and writes it down. cached is the budget as it was last seen, or nil where it is gone.
// At most one turn of a budget runs at a time; that is the caller's to see to.
func (k *Bookkeeper) Turn(ctx context.Context, key types.NamespacedName, cached *v1alpha1.RecoveryBudget) (Result, error) {
	if cached == nil || !cached.DeletionTimestamp.IsZero() {
		k.leave(key)
		return Result{}, nil
	}
	d := k.desk(key)
	d.see(cached)
	if d.book == nil {
		// A book that is made later is made from a list, which has nobody who is gone by now.
		k.Inbox.forgetGone(key)
	}
	now := k.Clock.Now()

	terms, problems := ledger.Compile(d.budget.Spec)
	if len(problems) > 0 {
		d.close()
		return Result{Problems: true}, k.stall(ctx, d, ledger.Stalled(&d.budget.Status, d.budget.Generation, now, problems))
	}
	d.terms = terms
	out := Result{WakeAt: terms.NextPeriodAt(now)}

	if d.book == nil {
		may, err := k.mayTakeOver(ctx, d, now)
		if err != nil {
			return out, err
		}
		if !may {
			k.observer().StandsBy(key)
			switch {
			case k.Inbox.Waiting(key) > 0:
				out.After = retryAfter
			case d.unfinished(&d.budget.Status, now):
				out.After = Quiet
			}
			return out, nil
		}
		if err := k.takeOver(ctx, d); err != nil {
			return out.afterError(d.failed(err))
		}
	}
	again, after, err := k.work(ctx, d)
	out.Again, out.After = again, after
	return out.afterError(err)
}

// afterError is what to do after an error: to find the ledger taken over, or otherwise
// than it was known, is none.
func (r Result) afterError(err error) (Result, error) {
	switch {
	case errors.Is(err, errRebuild):
		r.Again, err = true, nil
	case errors.Is(err, errLost):
		r.After, err = retryAfter, nil
	}
	return r, err
}

// stall writes that the spec is wrong. Who else writes is no matter: a conflict brings
// the budget back.
func (k *Bookkeeper) stall(ctx context.Context, d *desk, status v1alpha1.RecoveryBudgetStatus) error {
	if status.Sequence == d.budget.Status.Sequence {
		return nil
	}
	_, err := k.writeBudget(ctx, d, &status)
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// desk finds what is known of a budget.
func (k *Bookkeeper) desk(key types.NamespacedName) *desk {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.desks == nil {
		k.desks = map[types.NamespacedName]*desk{}
	}
	d := k.desks[key]
	if d == nil {
		d = &desk{key: key, open: map[string]*work{}, slots: make(chan struct{}, k.writers()), done: &results{}}
		k.desks[key] = d
	}
	return d
}

// writers is how many Compensations of a budget are written at once.
func (k *Bookkeeper) writers() int {
	if k.Writers == 0 {
		return 16
	}
	return k.Writers
}

// leave forgets a budget that is gone.
func (k *Bookkeeper) leave(key types.NamespacedName) {
	k.Inbox.forgetGone(key)
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.desks, key)
}

// see takes the budget as it was last seen, where that is newer than what is known: the
// answers to our own writes are newer than the cache.
func (d *desk) see(b *v1alpha1.RecoveryBudget) {
	switch {
	case d.budget == nil:
		d.budget = b
	case d.budget.UID != b.UID:
		*d = desk{key: d.key, budget: b, open: map[string]*work{}, slots: d.slots, done: &results{}}
	case b.Status.Epoch > d.epoch && d.book != nil:
		d.budget = b
		d.lose()
	case b.Generation > d.budget.Generation || b.Status.Sequence > d.budget.Status.Sequence:
		d.budget = b
	}
}

// lose gives the ledger up: another writer has it.
func (d *desk) lose() {
	d.close()
	d.ours = false
}

// close forgets the book; it is made anew by a takeover.
func (d *desk) close() {
	d.book = nil
	d.open = map[string]*work{}
	d.busy = 0
	d.forgot = false
}

// failed closes the desk where an error says that the book is not to be relied on.
func (d *desk) failed(err error) error {
	switch {
	case errors.Is(err, errLost):
		d.lose()
	case errors.Is(err, errRebuild):
		d.close()
	}
	return err
}

// observer is never nil.
func (k *Bookkeeper) observer() Observer {
	if k.Observer == nil {
		return unobserved{}
	}
	return k.Observer
}

// writeBudget writes the status of the desk's budget, and takes the answer.
func (k *Bookkeeper) writeBudget(ctx context.Context, d *desk, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	began := k.Clock.Now()
	was := d.budget.Status
	written, err := k.api().WriteBudget(ctx, d.budget, status)
	if err != nil {
		return nil, err
	}
	d.took = k.Clock.Since(began)
	d.wrote(written, began.Add(d.took))
	k.observer().Wrote(written, &was, d.took)
	return written, nil
}

func (d *desk) wrote(written *v1alpha1.RecoveryBudget, at time.Time) {
	d.budget = written
	d.wroteAt = at
}

// describe puts the budget's name in front of an error.
func (d *desk) describe(what string, err error) error {
	return fmt.Errorf("%s RecoveryBudget %s: %w", what, d.key, err)
}
