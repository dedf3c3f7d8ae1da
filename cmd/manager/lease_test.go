package main

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// The limit on a request for the lease is the lease's alone: in the config of the whole
// operator it ends every watch after five seconds, and with many incidents no reading of
// them is ever finished.
func TestLockLeavesTheConfigAlone(t *testing.T) {
	config := &rest.Config{Host: "https://127.0.0.1:1", QPS: -1}
	given := rest.CopyConfig(config)
	lock, err := newLock(config, "amends-system", leaseBase)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(given, config); diff != "" {
		t.Errorf("the config of the whole operator has changed:\n%s", diff)
	}
	if got, want := lock.Describe(), "amends-system/amends-manager"; got != want {
		t.Errorf("the lock is of lease %s, want %s", got, want)
	}
}

// Half a second after half a second, the election renews; two seconds apart, it is written.
func TestTheLeaseIsWrittenSeldomAndNeverLate(t *testing.T) {
	const mine, nobody = "here", ""
	refused := errors.New("etcdserver: request timed out")
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		// looks are what the election wants written, and when, in milliseconds.
		looks []look
	}{
		"a leader renews": {[]look{
			{0, mine, nil, true}, {500, mine, nil, false}, {1999, mine, nil, false}, {2000, mine, nil, true},
			{3500, mine, nil, false}, {4000, mine, nil, true},
		}},
		"what was not written is tried again at once": {[]look{
			{0, mine, nil, true}, {2000, mine, refused, true}, {2500, mine, refused, true}, {3000, mine, nil, true}, {3500, mine, nil, false},
		}},
		"giving it up is written at once, and so is taking it again": {[]look{
			{0, mine, nil, true}, {500, nobody, nil, true}, {600, mine, nil, true}, {700, mine, nil, false},
		}},
		"a clock that was set back renews": {[]look{{5000, mine, nil, true}, {0, mine, nil, true}, {500, mine, nil, false}}},
	} {
		t.Run(name, func(t *testing.T) {
			server := fake.NewClientset()
			var fault error
			server.PrependReactor("update", "leases", func(clienttesting.Action) (bool, runtime.Object, error) { return fault != nil, nil, fault })
			lock := &sparingLock{LeaseLock: &resourcelock.LeaseLock{
				LeaseMeta: metav1.ObjectMeta{Namespace: "amends-system", Name: leaseBase}, Client: server.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: mine},
			}}
			for i, l := range c.looks {
				lock.now = func() time.Time { return start.Add(time.Duration(l.at) * time.Millisecond) }
				fault = l.fault
				write := lock.Update
				if i == 0 {
					write = lock.Create
				}
				server.ClearActions()
				if err := write(t.Context(), resourcelock.LeaderElectionRecord{HolderIdentity: l.holder}); !errors.Is(err, l.fault) {
					t.Fatalf("at %d ms: %v, want %v", l.at, err, l.fault)
				}
				if written := len(server.Actions()) > 0; written != l.written {
					t.Errorf("at %d ms: written is %t, want %t", l.at, written, l.written)
				}
			}
		})
	}
}

// look is one look at the lease.
type look struct {
	at      int
	holder  string
	fault   error
	written bool
}
