package bookkeeper

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// Store is the API server. Reads are live, never from a cache. Errors are those of
// apierrors: a conflict or not found is certain, any other error of a write may have
// been applied all the same.
type Store interface {
	// Budget reads a budget.
	Budget(ctx context.Context, key types.NamespacedName) (*v1alpha1.RecoveryBudget, error)
	// WriteBudget writes a budget's status under the resourceVersion and UID of from.
	WriteBudget(ctx context.Context, from *v1alpha1.RecoveryBudget, status *v1alpha1.RecoveryBudgetStatus) (*v1alpha1.RecoveryBudget, error)
	// List lists the Compensations of a budget, consistently.
	List(ctx context.Context, budget types.NamespacedName) ([]v1alpha1.Compensation, error)
	// Compensation reads a Compensation.
	Compensation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Compensation, error)
	// WriteCompensation writes a Compensation's status under the resourceVersion and UID
	// of from.
	WriteCompensation(ctx context.Context, from *v1alpha1.Compensation, status *v1alpha1.CompensationStatus) (*v1alpha1.Compensation, error)
}

// Lease tells whether this process leads, by a live read. Nil stands for an operator
// without election.
type Lease interface {
	Holds(ctx context.Context) (bool, error)
}

// Observer is told what was written, once it is.
type Observer interface {
	// Wrote is told each write of a budget's status: what it was before, and how long the
	// write took.
	Wrote(budget *v1alpha1.RecoveryBudget, was *v1alpha1.RecoveryBudgetStatus, took time.Duration)
	// Recorded is told each outcome that was written onto a Compensation.
	Recorded(budget *v1alpha1.RecoveryBudget, was *v1alpha1.CompensationStatus, written *v1alpha1.Compensation, o *ledger.Outcome)
	// TookOver is told each takeover.
	TookOver(budget *v1alpha1.RecoveryBudget)
	// StandsBy is told, as often as it is looked at, that another process holds the ledger
	// of a budget.
	StandsBy(budget types.NamespacedName)
}

// unobserved is told and forgets.
type unobserved struct{}

func (unobserved) Wrote(*v1alpha1.RecoveryBudget, *v1alpha1.RecoveryBudgetStatus, time.Duration) {}

func (unobserved) Recorded(*v1alpha1.RecoveryBudget, *v1alpha1.CompensationStatus, *v1alpha1.Compensation, *ledger.Outcome) {
}

func (unobserved) TookOver(*v1alpha1.RecoveryBudget) {}

func (unobserved) StandsBy(types.NamespacedName) {}
