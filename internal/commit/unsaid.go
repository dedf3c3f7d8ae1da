package commit

import (
	"context"
	"errors"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/metrics"
)

// Unsaid keeps what was decided on objects where the outcome of the write is unknown: no
// answer came, and the API server may have taken it. Once a copy of the object shows the
// very status that one of the decisions wrote, what there is to tell of it is due; without
// this it would never be told, because the next decision finds nothing left to write. Its
// zero value is ready for use.
//
// It lives as long as the process: what a crash leaves unsaid stays so, and the status
// alone shows it.
type Unsaid[D any] struct {
	mu sync.Mutex
	of map[types.NamespacedName]*attempts[D]
}

// attempts are the decisions sent under one version of an object. The API server has taken
// one of them at most.
type attempts[D any] struct {
	uid       types.UID
	version   string
	decisions []D
}

// maxAttempts bounds what is kept of one object. Decisions on one version differ only by
// when they were taken, so that the first few are all there are in practice.
const maxAttempts = 8

// maxUnsaid bounds of how many objects decisions are kept: an outage must not fill the
// memory. What is beyond it shows in the status and is not told.
const maxUnsaid = 10_000

// Unanswered tells whether a write that failed so may have been taken after all.
func Unanswered(err error) bool {
	var answer apierrors.APIStatus
	return !errors.As(err, &answer) || answer.Status().Code >= 500 || answer.Status().Code == 0
}

// Write writes the status of next, see WriteStatus, for what was decided on a version of an
// object, and says what came of it. A conflict is no error: whoever wrote first brings the
// object back with what is new. Where no answer came, the decision is kept.
func (u *Unsaid[D]) Write(ctx context.Context, w client.StatusClient, of, next client.Object, d D) (metrics.Outcome, error) {
	err := WriteStatus(ctx, w, next)
	switch {
	case err == nil:
		u.Settled(client.ObjectKeyFromObject(of))
		return metrics.Written, nil
	case apierrors.IsConflict(err):
		return metrics.Conflict, nil
	case apierrors.IsNotFound(err):
		return metrics.Gone, nil
	case Unanswered(err):
		u.keep(of, d)
	}
	return metrics.Failed, err
}

// keep remembers a decision on a version of an object whose write was not answered.
func (u *Unsaid[D]) keep(o client.Object, d D) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		u.of = map[types.NamespacedName]*attempts[D]{}
	}
	key := client.ObjectKeyFromObject(o)
	a := u.of[key]
	if a == nil && len(u.of) >= maxUnsaid {
		return
	}
	if a == nil || a.uid != o.GetUID() || a.version != o.GetResourceVersion() {
		a = &attempts[D]{uid: o.GetUID(), version: o.GetResourceVersion()}
		u.of[key] = a
	}
	if len(a.decisions) < maxAttempts {
		a.decisions = append(a.decisions, d)
	}
}

// Landed is the decision that was taken without an answer, if this copy of the object
// shows it; it is returned once. A copy that is still the one that was decided on says
// nothing yet.
func (u *Unsaid[D]) Landed(o client.Object, shows func(D) bool) (d D, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	key := client.ObjectKeyFromObject(o)
	a := u.of[key]
	if a == nil || a.uid != o.GetUID() || a.version == o.GetResourceVersion() {
		return d, false
	}
	for _, d := range a.decisions {
		if shows(d) {
			delete(u.of, key)
			return d, true
		}
	}
	// The version may be older still than the one decided on, or show a fact that came
	// between: only our own next write settles that none of these was taken.
	return d, false
}

// Settled forgets what was sent: the object was written anew, or is gone.
func (u *Unsaid[D]) Settled(key types.NamespacedName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.of, key)
}
