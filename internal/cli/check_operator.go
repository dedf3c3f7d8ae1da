package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/refusal"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
)

// operator looks at the leases: that of the operator, and those of the shards that share
// its work, whose names begin with its own.
func (c *checker) operator() {
	leases, err := c.leases()
	pods := "see kubectl -n " + c.o.namespace + " get pods"
	switch {
	case apierrors.IsForbidden(err):
		c.add(view.Unseen, "operator", "you may not read its lease", "let an administrator look: kubectl -n "+c.o.namespace+" get leases; the line below says whether it answers")
	case err != nil:
		c.add(view.Doubtful, "operator", refusal.Of(err).Said[0], "check again; or "+pods)
	case len(leases) == 0:
		c.add(view.Doubtful, "operator", "there is no lease "+c.o.namespace+"/"+c.o.lease+": it runs without leader election, elsewhere, or not at all", "name it with --operator-namespace and --operator-lease; "+pods)
	}
	for i := range leases {
		c.lease(&leases[i])
	}
}

// leases are the leases of the operator and its shards, by name. Who may not list them
// may still be let read the one.
func (c *checker) leases() ([]coordinationv1.Lease, error) {
	list := &coordinationv1.LeaseList{}
	err := c.k.Client.List(c.ctx, list, client.InNamespace(c.o.namespace))
	if apierrors.IsForbidden(err) {
		one := coordinationv1.Lease{}
		err = c.k.Client.Get(c.ctx, client.ObjectKey{Namespace: c.o.namespace, Name: c.o.lease}, &one)
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		list.Items = []coordinationv1.Lease{one}
	}
	if err != nil {
		return nil, err
	}
	ours := slices.DeleteFunc(list.Items, func(l coordinationv1.Lease) bool {
		return l.Name != c.o.lease && !strings.HasPrefix(l.Name, c.o.lease+"-")
	})
	slices.SortFunc(ours, func(a, b coordinationv1.Lease) int { return strings.Compare(a.Name, b.Name) })
	return ours, nil
}

// lease says who holds a lease.
func (c *checker) lease(lease *coordinationv1.Lease) {
	holder, age := "", time.Duration(1<<62)
	if lease.Spec.HolderIdentity != nil {
		holder = *lease.Spec.HolderIdentity
	}
	if lease.Spec.RenewTime != nil {
		age = c.k.Now().Sub(lease.Spec.RenewTime.Time)
	}
	lasts := 15 * time.Second
	if lease.Spec.LeaseDurationSeconds != nil {
		lasts = time.Duration(*lease.Spec.LeaseDurationSeconds) * time.Second
	}
	held := holder != "" && age <= 2*lasts
	c.held = c.held || held
	pods := "see kubectl -n " + c.o.namespace + " get pods, and their logs; nothing is lost meanwhile"
	switch {
	case held:
		c.add(view.Fine, "operator", lease.Name+": "+holder+" leads, and said so "+view.Span(max(0, age))+" ago", "")
	case lease.Name == c.o.lease:
		c.add(view.Wrong, "operator", lease.Name+": nobody holds the lease: no deadline is watched", pods)
	default:
		c.add(view.Wrong, "operator", lease.Name+": nobody holds the lease: no deadline of that part is watched",
			pods+". Where the part was given up: kubectl -n "+c.o.namespace+" delete lease "+lease.Name)
	}
}

// slow is how late an answer of the operator's may be.
const slow = 10 * time.Second

// lag looks whether the operator answers: whether facts wait for it, and whether a due
// instant has passed that it did not notice.
func (c *checker) lag() {
	incidents, err := c.k.Incidents(c.ctx, client.InNamespace(c.k.Namespace))
	switch {
	case apierrors.IsForbidden(err):
		c.add(view.Unseen, "lag", refusal.Of(err).Said[0], "ask for the role amends-viewer there, or name another namespace with -n")
		return
	case err != nil:
		c.add(view.Unseen, "lag", refusal.Of(err).Said[0], "check again, once the API server answers")
		return
	}
	now := c.k.Now()
	var answered, waiting, unnoticed int
	for i := range incidents {
		switch {
		case kube.Answered(&incidents[i]):
			answered++
		case now.Sub(lastFact(&incidents[i])) > slow:
			waiting++
		}
		unnoticed += missed(&incidents[i], now)
	}
	if waiting+unnoticed > 0 {
		c.add(view.Wrong, "lag", fmt.Sprintf("%d incidents wait for the operator, %d due instants passed unnoticed", waiting, unnoticed), "the operator is down or behind: see its logs and the metrics of the deadline index")
		return
	}
	c.answers(answered, len(incidents)-answered)
}

// answers says how many incidents the operator has answered, where none waits for longer
// than it may. What is too young tells nothing of it: where nothing else does either, and
// nobody is seen to hold its lease, it may not run at all.
func (c *checker) answers(answered, young int) {
	where := " in namespace " + c.k.Namespace
	said := fmt.Sprintf("the operator has answered all %d incidents", answered) + where
	switch {
	case answered+young == 0:
		said = "there is no incident" + where + " that tells whether the operator answers"
	case young > 0:
		said = fmt.Sprintf("the operator has answered %d of %d incidents%s; too young to tell: %d, younger than %s", answered, answered+young, where, young, slow)
	}
	if answered > 0 || c.held {
		c.add(view.Fine, "lag", said, "")
		return
	}
	c.add(view.Doubtful, "lag", said, "see whether the operator runs: kubectl -n "+c.o.namespace+" get pods; and check again in "+slow.String())
}

// lastFact is when the last fact came.
func lastFact(inc *v1alpha1.Incident) time.Time {
	last := inc.CreationTimestamp.Time
	for i := range inc.Spec.Journal {
		if at := inc.Spec.Journal[i].RecordedAt; at != nil && at.After(last) {
			last = at.Time
		}
	}
	return last
}

// missed counts the due instants that passed without a breach having been written.
func missed(inc *v1alpha1.Incident, now time.Time) int {
	n := 0
	for i := range inc.Status.Clocks {
		c := &inc.Status.Clocks[i]
		if work.IsOpen(c) && c.DueAt != nil && c.BreachedAt == nil && now.Sub(c.DueAt.Time) > slow {
			n++
		}
	}
	return n
}
