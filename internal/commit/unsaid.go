package commit

import (
	"errors"
	"sync"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/recovery"
)

// unsaid keeps the decisions whose writes have an unknown outcome: no answer came, and
// the API server may have taken them. Once a copy of the incident shows the very status
// that one of them wrote, its notices are due; without this they would never be told,
// because the next decision finds nothing left to write.
//
// It lives as long as the process: what a crash leaves unsaid stays so, and the status
// alone shows it.
type unsaid struct {
	mu sync.Mutex
	of map[types.NamespacedName]*attempts
}

// attempts are the decisions sent under one version of an incident. The API server has
// taken one of them at most.
type attempts struct {
	uid       types.UID
	version   string
	decisions []*recovery.Decision
}

// maxAttempts bounds what is kept of one incident. Decisions on one version differ only
// by when they were taken, so that the first few are all there are in practice.
const maxAttempts = 8

// maxUnsaid bounds of how many incidents decisions are kept: an outage must not fill the
// memory. What is beyond it shows in the status and is not told.
const maxUnsaid = 10_000

// unanswered tells whether a write that failed so may have been taken after all.
func unanswered(err error) bool {
	var answer apierrors.APIStatus
	return !errors.As(err, &answer) || answer.Status().Code >= 500 || answer.Status().Code == 0
}

// sent remembers a decision whose write was not answered.
func (u *unsaid) sent(key types.NamespacedName, inc *v1alpha1.Incident, d *recovery.Decision) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		u.of = map[types.NamespacedName]*attempts{}
	}
	a := u.of[key]
	if a == nil && len(u.of) >= maxUnsaid {
		return
	}
	if a == nil || a.uid != inc.UID || a.version != inc.ResourceVersion {
		a = &attempts{uid: inc.UID, version: inc.ResourceVersion}
		u.of[key] = a
	}
	if len(a.decisions) < maxAttempts {
		a.decisions = append(a.decisions, d)
	}
}

// landed is the decision that was taken without an answer, if this copy of the incident
// shows it; it is returned once. A copy that is still the one that was decided on says
// nothing yet.
func (u *unsaid) landed(key types.NamespacedName, inc *v1alpha1.Incident) *recovery.Decision {
	u.mu.Lock()
	defer u.mu.Unlock()
	a := u.of[key]
	if a == nil || (a.uid == inc.UID && a.version == inc.ResourceVersion) {
		return nil
	}
	for _, d := range a.decisions {
		if a.uid == inc.UID && equality.Semantic.DeepEqual(d.Status, inc.Status) {
			delete(u.of, key)
			return d
		}
	}
	// The version may be older still than the one decided on, or show a fact that came
	// between: only our own next write settles that none of these was taken.
	return nil
}

// settled forgets what was sent: the incident was written anew, or is gone.
func (u *unsaid) settled(key types.NamespacedName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.of, key)
}
