package recoverybudget

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

const (
	// waitsIndex finds cached Compensations that wait for something, by their phase.
	waitsIndex = "waits"
	// countWithin bounds a count of them.
	countWithin = time.Second
)

// waits is the phase of a request that waits.
func waits(o client.Object) []string {
	switch phase := o.(*v1alpha1.Compensation).Status.Phase; phase {
	case "", v1alpha1.CompensationRequested:
		return []string{string(v1alpha1.CompensationRequested)}
	case v1alpha1.CompensationAwaitingApproval, v1alpha1.CompensationOffered:
		return []string{string(phase)}
	}
	return nil
}

// waiting counts the requests that wait in a phase. Only who keeps budgets knows: one that
// stands by would have them counted twice.
func (r *Reconciler) waiting(phase v1alpha1.CompensationPhase) (n int, known bool) {
	if !r.Waker.started() {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), countWithin)
	defer cancel()
	var list v1alpha1.CompensationList
	if err := r.Cached.List(ctx, &list, client.MatchingFields{waitsIndex: string(phase)}, client.UnsafeDisableDeepCopy); err != nil {
		return 0, false
	}
	return len(list.Items), true
}
