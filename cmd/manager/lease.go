package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/amends-dev/amends/internal/bookkeeper"
)

const (
	// leaseBase is the lease that the leader holds, and begins the names of those of shards.
	leaseBase = "amends-manager"
	// renewEvery is how often the leader writes that it holds the lease.
	renewEvery = 2 * time.Second
	// lookEvery is how often the election asks for the lease: one that stands by then reads
	// it, or up to twice as seldom, as chance will have it; of one that leads, each ask within
	// renewEvery is answered here.
	lookEvery = 500 * time.Millisecond
	// leaseTimeout bounds a request for the lease: a hung one must not cost the lead.
	leaseTimeout = 5 * time.Second
	// ownNamespace is where a pod finds its namespace.
	ownNamespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
)

// newLock makes the lock of the election. It is made here and not by the manager,
// because the bookkeeper must know this process's identity in it.
func newLock(config *rest.Config, namespace, name string) (*sparingLock, error) {
	if namespace == "" {
		own, err := os.ReadFile(ownNamespace)
		if err != nil {
			return nil, fmt.Errorf("--leader-election-namespace is needed outside a cluster: %w", err)
		}
		namespace = strings.TrimSpace(string(own))
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("reading the host's name for the lease: %w", err)
	}
	// A copy: the manager reads and watches with the same config, and a limit in it would cut
	// every watch short.
	config = rest.AddUserAgent(rest.CopyConfig(config), "leader-election")
	config.Timeout = leaseTimeout
	leases, err := coordinationv1.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making the client of the lease: %w", err)
	}
	return &sparingLock{
		LeaseLock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: namespace, Name: name},
			Client:     leases,
			LockConfig: resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())},
		},
		now: time.Now,
	}, nil
}

// sparingLock looks often and writes seldom. The election of client-go has one period for
// both: with a long one a replica takes over late, with a short one an idle leader writes
// all the time. A renewal within renewEvery of the last one that was written is none.
type sparingLock struct {
	*resourcelock.LeaseLock

	now     func() time.Time
	renewed time.Time
}

// Create takes a lease that was not there before.
func (l *sparingLock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.wrote(record, l.LeaseLock.Create(ctx, record))
}

// Update renews, takes over or gives up the lease.
func (l *sparingLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if age := l.now().Sub(l.renewed); record.HolderIdentity == l.Identity() && age >= 0 && age < renewEvery {
		return nil
	}
	return l.wrote(record, l.LeaseLock.Update(ctx, record))
}

// wrote notes when this replica was last known to hold the lease: never, once it gave it up
// or failed to write.
func (l *sparingLock) wrote(record resourcelock.LeaderElectionRecord, err error) error {
	l.renewed = time.Time{}
	if err == nil && record.HolderIdentity == l.Identity() {
		l.renewed = l.now()
	}
	return err
}

// heldBy tells, live, whether this process holds the lock; it is nil without election.
func heldBy(lock *sparingLock, mgr ctrl.Manager) bookkeeper.Lease {
	if lock == nil {
		return nil
	}
	lock.LockConfig.EventRecorder = mgr.GetEventRecorderFor(lock.LockConfig.Identity) //nolint:staticcheck // The election knows the old events alone.
	return bookkeeper.HeldLease{
		Live:     mgr.GetAPIReader(),
		Key:      types.NamespacedName{Namespace: lock.LeaseMeta.Namespace, Name: lock.LeaseMeta.Name},
		Identity: lock.LockConfig.Identity,
	}
}

// identityIn is this process's name in the lease, for whoever looks for its holder.
func identityIn(lease bookkeeper.Lease) string {
	if held, ok := lease.(bookkeeper.HeldLease); ok {
		return held.Identity
	}
	return ""
}
