package compensation

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/remedy"
)

// ask hands a claim to the bookkeeper. What would be forgotten with a deletion is held
// first: the incident, then the request. Where the incident cannot be held, because it is
// not what the cache knows, the request is judged by what is there.
func (r *Reconciler) ask(ctx context.Context, f *remedy.Facts, j *remedy.Judgement) (metrics.Outcome, error) {
	if j.Claim.Freed.Reason == v1alpha1.ApprovalTimedOutReason {
		// Once it is in the ledger no decision counts any more: none may have been missed.
		if err := r.judgeLive(ctx, f, j); err != nil || j.Do != remedy.Ask {
			return metrics.Unchanged, err
		}
	}
	if j.Claim.Want == ledger.WantFree {
		r.Inbox.Put(budgetOf(f.Compensation), r.item(f, j.Claim))
		return metrics.Unchanged, nil
	}
	held, err := r.hold(ctx, f)
	if err == nil && !held.incident {
		if err = r.judgeLive(ctx, f, j); err == nil && j.Do != remedy.Ask {
			return r.act(ctx, f, j)
		}
		if err == nil {
			held, err = r.hold(ctx, f)
		}
	}
	switch {
	case err != nil:
		return metrics.Failed, err
	case !held.request:
		return metrics.Conflict, nil // Somebody wrote first; that write brings it back.
	}
	r.Inbox.Put(budgetOf(f.Compensation), r.item(f, j.Claim))
	if held.written {
		return metrics.Written, nil
	}
	return metrics.Unchanged, nil
}

// judgeLive judges a request again, as the API server has it now.
func (r *Reconciler) judgeLive(ctx context.Context, f *remedy.Facts, j *remedy.Judgement) error {
	now := r.Clock.Now()
	c := &v1alpha1.Compensation{}
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(f.Compensation), c); apierrors.IsNotFound(err) {
		*j = remedy.Judgement{}
		return nil
	} else if err != nil {
		return fmt.Errorf("reading Compensation %s/%s: %w", f.Compensation.Namespace, f.Compensation.Name, err)
	}
	live, err := r.Remedies.LiveFacts(ctx, c, now)
	if err != nil {
		return err
	}
	*f, *j = *live, remedy.Judge(live, now)
	return nil
}

// item is a claim with how its outcome is recorded and told.
func (r *Reconciler) item(f *remedy.Facts, claim ledger.Claim) bookkeeper.Item {
	return bookkeeper.Item{
		Key: client.ObjectKeyFromObject(f.Compensation), Claim: claim, Compensation: f.Compensation,
		Record: func(live *v1alpha1.Compensation, o ledger.Outcome, now time.Time) v1alpha1.CompensationStatus {
			facts := *f
			if facts.Compensation = live; live.Generation != f.Compensation.Generation {
				facts.Stamps = remedy.StampsOf(live, now)
			}
			return remedy.Record(&facts, o, now)
		},
		Written: func(was v1alpha1.CompensationStatus, written *v1alpha1.Compensation) {
			r.tell(was, written, f.Incident)
		},
	}
}

// Appraise makes the item of a Compensation anew, from live reads. It is false where the
// request asks nothing of its budget, and before what must not be forgotten is held; the
// item's claim then says no more than what it is for, and it can still record what the
// budget does by itself.
func (r *Reconciler) Appraise(ctx context.Context, c *v1alpha1.Compensation) (bookkeeper.Item, bool, error) {
	now := r.Clock.Now()
	facts, err := r.Remedies.LiveFacts(ctx, c, now)
	if err != nil {
		return bookkeeper.Item{}, false, err
	}
	j := remedy.Judge(facts, now)
	if j.Do != remedy.Ask || j.Claim.Want != ledger.WantFree && !slices.Contains(c.Finalizers, v1alpha1.LedgerFinalizer) {
		return r.item(facts, facts.BareClaim()), false, nil
	}
	return r.item(facts, j.Claim), true, nil
}

var _ bookkeeper.Appraiser = (*Reconciler)(nil)
