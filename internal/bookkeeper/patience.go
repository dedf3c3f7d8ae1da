package bookkeeper

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// patient is a Store of which each answer is waited for so long and no longer. What
// became of a write after that is not known, as with any other answer that is lost.
// Lists are left alone: how long one takes depends on how much there is.
type patient struct {
	Store

	within time.Duration
}

// api is the Store, with an end to each wait.
func (k *Bookkeeper) api() Store { return patient{k.Store, k.patience()} }

func (k *Bookkeeper) patience() time.Duration {
	if k.Patience == 0 {
		return patience
	}
	return k.Patience
}

// Budget implements Store.
func (p patient) Budget(ctx context.Context, key types.NamespacedName) (*v1alpha1.RecoveryBudget, error) {
	ctx, cancel := context.WithTimeout(ctx, p.within)
	defer cancel()
	return p.Store.Budget(ctx, key)
}

// WriteBudget implements Store.
func (p patient) WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	ctx, cancel := context.WithTimeout(ctx, p.within)
	defer cancel()
	return p.Store.WriteBudget(ctx, from, status)
}

// Compensation implements Store.
func (p patient) Compensation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error) {
	ctx, cancel := context.WithTimeout(ctx, p.within)
	defer cancel()
	return p.Store.Compensation(ctx, key)
}

// WriteCompensation implements Store.
func (p patient) WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	ctx, cancel := context.WithTimeout(ctx, p.within)
	defer cancel()
	return p.Store.WriteCompensation(ctx, from, status)
}

// appraise makes an item anew, within the same time.
func (k *Bookkeeper) appraise(ctx context.Context, c *v1alpha1.Compensation) (Item, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, k.patience())
	defer cancel()
	return k.Appraiser.Appraise(ctx, c)
}
