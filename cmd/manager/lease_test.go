package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
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
