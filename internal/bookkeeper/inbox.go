package bookkeeper

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// Item is a claim, and how its outcome is written onto its Compensation.
type Item struct {
	// Key names the Compensation.
	Key types.NamespacedName
	// Claim is what it asks.
	Claim ledger.Claim
	// Compensation is the copy that the claim was made from, as it was read. The outcome
	// is written under its resourceVersion, so that whatever happened since is seen. It
	// is never changed here.
	Compensation *v1alpha1.Compensation
	// Record is the whole status of the Compensation for an outcome; it is pure. live is
	// Compensation, or a newer copy of it.
	Record func(live *v1alpha1.Compensation, o ledger.Outcome, now time.Time) v1alpha1.CompensationStatus
	// Written, if set, is called once the status was written, with what it was before. It
	// may be called by several goroutines at once.
	Written func(was v1alpha1.CompensationStatus, written *v1alpha1.Compensation)
}

// Appraiser makes the item of a Compensation anew, from live reads: for what was in
// flight at a takeover, and after a conflict. It is false where the Compensation asks
// nothing of its budget: it is settled, or it waits for something else. The claim of the
// item then still says which incident and customer it is for, where anybody can know.
type Appraiser interface {
	Appraise(ctx context.Context, c *v1alpha1.Compensation) (item Item, ok bool, err error)
}

// Inbox holds the claims that wait for the next turn of their budget. It is safe for
// concurrent use.
type Inbox struct {
	wake func(budget types.NamespacedName)

	mu sync.Mutex
	of map[types.NamespacedName]*tray
}

// tray is what waits for one budget.
type tray struct {
	items map[string]Item
	// gone are the UIDs of Compensations that do not exist any more.
	gone map[string]bool
}

// NewInbox makes an inbox. wake is called, without a lock held, for each budget that
// something came in for.
func NewInbox(wake func(budget types.NamespacedName)) *Inbox {
	return &Inbox{wake: wake, of: map[types.NamespacedName]*tray{}}
}

// Put takes a claim, in the place of an older one of the same UID, and wakes the budget.
func (i *Inbox) Put(budget types.NamespacedName, item Item) {
	i.mu.Lock()
	i.tray(budget).items[item.Claim.UID] = item
	i.mu.Unlock()
	i.wake(budget)
}

// Drop takes out the claim of a Compensation that asks nothing any more.
func (i *Inbox) Drop(budget types.NamespacedName, uid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if t := i.of[budget]; t != nil {
		delete(t.items, uid)
		i.tidy(budget, t)
	}
}

// Gone says that a Compensation does not exist any more, and wakes the budget.
func (i *Inbox) Gone(budget types.NamespacedName, uid string) {
	i.mu.Lock()
	t := i.tray(budget)
	delete(t.items, uid)
	t.gone[uid] = true
	i.mu.Unlock()
	i.wake(budget)
}

// Waiting is how many claims wait for a budget.
func (i *Inbox) Waiting(budget types.NamespacedName) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	if t := i.of[budget]; t != nil {
		return len(t.items)
	}
	return 0
}

// putBack returns what a turn could not settle, unless something newer came in.
func (i *Inbox) putBack(budget types.NamespacedName, items []Item) {
	if len(items) == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	t := i.tray(budget)
	for _, w := range items {
		if _, newer := t.items[w.Claim.UID]; !newer && !t.gone[w.Claim.UID] {
			t.items[w.Claim.UID] = w
		}
	}
}

// drain takes everything out, in the order in which it is looked at: by the creation of
// the Compensations, then by UID.
func (i *Inbox) drain(budget types.NamespacedName) (items []Item, gone []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	t := i.of[budget]
	if t == nil {
		return nil, nil
	}
	delete(i.of, budget)
	for _, w := range t.items {
		items = append(items, w)
	}
	for uid := range t.gone {
		gone = append(gone, uid)
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(a.Claim.CreatedAt.Compare(b.Claim.CreatedAt), strings.Compare(a.Claim.UID, b.Claim.UID))
	})
	slices.Sort(gone)
	return items, gone
}

func (i *Inbox) tray(budget types.NamespacedName) *tray {
	t := i.of[budget]
	if t == nil {
		t = &tray{items: map[string]Item{}, gone: map[string]bool{}}
		i.of[budget] = t
	}
	return t
}

// lost notes again that a Compensation is gone, without waking anybody.
func (i *Inbox) lost(budget types.NamespacedName, uid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tray(budget).gone[uid] = true
}

// forgetGone forgets who is gone: only a book that is there has charges to take out.
func (i *Inbox) forgetGone(budget types.NamespacedName) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if t := i.of[budget]; t != nil {
		t.gone = map[string]bool{}
		i.tidy(budget, t)
	}
}

// list is what waits for a budget, without taking it out.
func (i *Inbox) list(budget types.NamespacedName) []Item {
	i.mu.Lock()
	defer i.mu.Unlock()
	t := i.of[budget]
	if t == nil {
		return nil
	}
	return slices.Collect(maps.Values(t.items))
}

func (i *Inbox) tidy(budget types.NamespacedName, t *tray) {
	if len(t.items) == 0 && len(t.gone) == 0 {
		delete(i.of, budget)
	}
}
