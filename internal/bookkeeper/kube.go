package bookkeeper

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
)

const (
	// page is how many Compensations are listed at once.
	page = 500
	// pageWithin is how long a page is waited for.
	pageWithin = time.Minute
)

// Cluster is the API server as a Store.
type Cluster struct {
	// Live reads from the API server, never from a cache.
	Live client.Reader
	// Writer writes.
	Writer client.StatusClient
}

var _ Store = Cluster{}

// Budget implements Store.
func (c Cluster) Budget(ctx context.Context, key types.NamespacedName) (*v1alpha1.RecoveryBudget, error) {
	out := &v1alpha1.RecoveryBudget{}
	return out, c.Live.Get(ctx, key, out)
}

// Compensation implements Store.
func (c Cluster) Compensation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error) {
	out := &v1alpha1.Compensation{}
	return out, c.Live.Get(ctx, key, out)
}

// List implements Store. Without a resourceVersion the list is as fresh as the API
// server's data, and its pages are of one revision.
func (c Cluster) List(ctx context.Context, budget types.NamespacedName) ([]v1alpha1.Compensation, error) {
	var out []v1alpha1.Compensation
	next := ""
	for {
		list, err := c.page(ctx, budget, next)
		if err != nil {
			return nil, err
		}
		for i := range list.Items {
			// Who owns which field is not asked here, and is the most of it.
			list.Items[i].ManagedFields = nil
		}
		out = append(out, list.Items...)
		if next = list.Continue; next == "" {
			return out, nil
		}
	}
}

// page reads one page of a list, and waits for it no longer than the API server itself
// works on one.
func (c Cluster) page(ctx context.Context, budget types.NamespacedName, from string) (*v1alpha1.CompensationList, error) {
	ctx, cancel := context.WithTimeout(ctx, pageWithin)
	defer cancel()
	list := &v1alpha1.CompensationList{}
	return list, c.Live.List(ctx, list, client.InNamespace(budget.Namespace), client.MatchingFields{"spec.budgetName": budget.Name},
		client.Limit(page), client.Continue(from))
}

// WriteBudget implements Store.
func (c Cluster) WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error) {
	next := &v1alpha1.RecoveryBudget{ObjectMeta: commit.Version(from), Status: *status.DeepCopy()}
	return next, certain(commit.WriteStatus(ctx, c.Writer, next))
}

// WriteCompensation implements Store.
func (c Cluster) WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error) {
	next := &v1alpha1.Compensation{ObjectMeta: commit.Version(from), Status: *status.DeepCopy()}
	return next, certain(commit.WriteStatus(ctx, c.Writer, next))
}

// certain leaves those errors as they are that are sure to have written nothing.
func certain(err error) error {
	if err == nil || apierrors.IsConflict(err) || apierrors.IsNotFound(err) || apierrors.IsInvalid(err) {
		return err
	}
	return fmt.Errorf("the API server's answer: %w", err)
}

// HeldLease is the Lease of a leader election.
type HeldLease struct {
	// Live reads from the API server, never from a cache.
	Live client.Reader
	// Key names the Lease.
	Key types.NamespacedName
	// Identity is this process's in it.
	Identity string
}

var _ Lease = HeldLease{}

// Holds implements Lease.
func (l HeldLease) Holds(ctx context.Context) (bool, error) {
	lease := &coordinationv1.Lease{}
	if err := l.Live.Get(ctx, l.Key, lease); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return lease.Spec.HolderIdentity != nil && *lease.Spec.HolderIdentity == l.Identity, nil
}
