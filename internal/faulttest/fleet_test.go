package faulttest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

const (
	// leaseName is the lease for which the processes compete.
	leaseName = "amends-manager"
	// patience is how long anything may take that is sure to come.
	patience = 90 * time.Second
	// glance is the time between two looks.
	glance = 50 * time.Millisecond
)

// fleet is several processes of the operator that compete for one lease, or know of none,
// in a world on the real clock.
type fleet struct {
	*world

	program, kubeconfig string
	// flags are those that each process is started with.
	flags []string
	all   []*process
}

// process is one of them.
type process struct {
	command *exec.Cmd
	metrics string
	log     string
	name    string // in the lease, once it is known
	gone    chan struct{}
	stopped bool
}

// launch builds the operator and starts two processes of it with these flags.
func launch(t *testing.T, flags ...string) *fleet {
	t.Helper()
	f := build(t, flags...)
	f.reinforce()
	if slices.Contains(flags, "--leader-elect") {
		f.leader()
	}
	f.reinforce()
	return f
}

// build builds the operator, of which processes will be started with these flags.
func build(t *testing.T, flags ...string) *fleet {
	t.Helper()
	f := &fleet{world: newWorld(t, time.Now()), flags: flags}
	dir := t.TempDir()
	f.program, f.kubeconfig = filepath.Join(dir, "manager"), filepath.Join(dir, "kubeconfig")
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", f.program, "./cmd/manager") //nolint:gosec // this module's own program
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := planetest.Plane(t).Kubeconfig(f.kubeconfig); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, p := range f.all {
			p.kill()
		}
	})
	return f
}

// reinforce starts a process.
func (f *fleet) reinforce() {
	f.Helper()
	metrics, err := plane.FreeAddress(f.ctx())
	if err != nil {
		f.Fatal(err)
	}
	p := &process{metrics: metrics, gone: make(chan struct{})}
	p.log = filepath.Join(filepath.Dir(f.program), fmt.Sprintf("%d.log", len(f.all)))
	log, err := os.Create(p.log)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	p.command = exec.Command(f.program, append(slices.Clone(f.flags), "--leader-election-namespace="+f.namespace, "--namespaces="+f.namespace, //nolint:gosec // built above
		"--metrics-bind-address="+p.metrics, "--metrics-secure=false", "--health-probe-bind-address=0")...)
	p.command.Env = []string{"KUBECONFIG=" + f.kubeconfig, "HOME=" + filepath.Dir(f.program)}
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		f.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.gone)
	}()
	f.all = append(f.all, p)
}

func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.gone
}

// alive are the processes that have not ended.
func (f *fleet) running() []*process {
	var out []*process
	for _, p := range f.all {
		select {
		case <-p.gone:
		default:
			out = append(out, p)
		}
	}
	return out
}

// until waits for what is sure to come.
func (f *fleet) until(what string, holds func() bool) {
	f.Helper()
	err := wait.PollUntilContextTimeout(f.ctx(), glance, patience, true, func(context.Context) (bool, error) { return holds(), nil })
	if err != nil {
		for _, p := range f.all[max(0, len(f.all)-3):] {
			said, _ := os.ReadFile(p.log)
			f.Logf("%s:\n%s", p.log, said[max(0, len(said)-3000):])
		}
		f.Fatalf("%s did not come within %s", what, patience)
	}
}

// leads says whether a process believes that it leads.
func (p *process) leads(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	page, err := plane.ReadPage(ctx, "http://"+p.metrics+"/metrics")
	return err == nil && strings.Contains(page, `leader_election_master_status{name="`+leaseName+`"} 1`)
}

// leader waits until the holder of the lease leads. One that was held up may believe for a
// while that it leads still: who holds the lease, says the lease.
func (f *fleet) leader() *process {
	f.Helper()
	var out *process
	f.until("a leader", func() bool {
		holder := f.holder()
		for _, p := range f.running() {
			if !p.stopped && holder != "" && p.identity() == holder && p.leads(f.ctx()) {
				out = p
				return true
			}
		}
		return false
	})
	return out
}

// identityLine is how a process says its name in the lease.
var identityLine = regexp.MustCompile(`"identity":"([^"]+)"`)

// identity is the name of a process in the lease, or nothing before it has said so.
func (p *process) identity() string {
	if p.name == "" {
		said, err := os.ReadFile(p.log)
		if m := identityLine.FindSubmatch(said); err == nil && m != nil {
			p.name = string(m[1])
		}
	}
	return p.name
}

// holder is who holds the lease, or nobody.
func (f *fleet) holder() string {
	f.Helper()
	lease := &coordinationv1.Lease{}
	err := f.api.Get(f.ctx(), client.ObjectKey{Namespace: f.namespace, Name: leaseName}, lease)
	if client.IgnoreNotFound(err) != nil {
		f.Fatal(err)
	}
	if err != nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// dropLease deletes the lease.
func (f *fleet) dropLease() {
	f.Helper()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: f.namespace, Name: leaseName}}
	if err := f.api.Delete(f.ctx(), lease); client.IgnoreNotFound(err) != nil {
		f.Fatal(err)
	}
}

// pauses are for how long a process stands still, one after the other. From leaseTime on
// the lease runs out by itself.
var pauses = []time.Duration{
	time.Second, 2 * time.Second, 3 * time.Second, time.Second, 5 * time.Second,
	2 * time.Second, 8 * time.Second, time.Second, 20 * time.Second, time.Minute,
}

// leaseTime is how long a lease holds that is not renewed, with time to spare.
const leaseTime = 16 * time.Second

// accidents are the ways in which the lead is lost. Each returns when another process
// may hold the lease; n is how often the same one has happened before.
var accidents = []struct {
	name string
	do   func(f *fleet, leader *process, n int)
}{
	{"the leader is killed", func(f *fleet, leader *process, _ int) {
		leader.kill()
		f.dropLease() // Which spares the wait until it has run out.
		f.reinforce()
	}},
	{"the leader is killed as it renews the lease", func(f *fleet, leader *process, _ int) {
		f.awaitRenewal()
		leader.kill()
		f.dropLease()
		f.reinforce()
	}},
	{"the leader is stopped and goes on, unaware", func(f *fleet, leader *process, n int) {
		long := pauses[n%len(pauses)]
		held := f.holder()
		f.standStill(leader, long, func() bool {
			if long < leaseTime {
				f.dropLeaseOf(held)
			}
			h := f.holder()
			return h != "" && h != held
		})
		f.reinforce()
	}},
	{"the lease is deleted under the leader", func(f *fleet, _ *process, _ int) {
		held := f.holder()
		f.dropLease()
		f.until("a holder of the lease", func() bool { return f.holder() != "" })
		if f.holder() != held {
			f.reinforce() // The one that lost it ends.
		}
	}},
}

// awaitRenewal returns as soon as the lease is renewed, before its holder need know.
func (f *fleet) awaitRenewal() {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.ctx(), patience)
	defer cancel()
	w, err := f.api.Watch(ctx, &coordinationv1.LeaseList{}, client.InNamespace(f.namespace), client.MatchingFields{"metadata.name": leaseName})
	if err != nil {
		f.Fatal(err)
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		if event.Type == watch.Modified {
			return
		}
	}
	f.Fatal("the lease was not renewed")
}

// hold stops a process for so long, and lets it go on.
func (f *fleet) hold(p *process, long time.Duration) {
	f.Helper()
	f.standStill(p, long, func() bool { return true })
}

// standStill stops a process for so long and until something holds.
func (f *fleet) standStill(p *process, long time.Duration, holds func() bool) {
	f.Helper()
	f.signal(p, syscall.SIGSTOP)
	p.stopped = true
	since := time.Now()
	f.until("what happens while a process stands still", func() bool { return holds() && time.Since(since) >= long })
	f.signal(p, syscall.SIGCONT)
	p.stopped = false
}

// dropLeaseOf deletes the lease while it is held by so and so.
func (f *fleet) dropLeaseOf(holder string) {
	f.Helper()
	if f.holder() == holder {
		f.dropLease()
	}
}

func (f *fleet) signal(p *process, s syscall.Signal) {
	f.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		f.Fatal(err)
	}
}

// etcds are the processes of etcd that this test has started, by way of its plane.
func etcds(t *testing.T) []*os.Process {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var out []*os.Process
	for _, stat := range stats {
		data, err := os.ReadFile(stat) //nolint:gosec // a file of the kernel
		if err != nil {
			continue
		}
		var pid, parent int
		var name, state string
		if n, _ := fmt.Sscanf(string(data), "%d %s %s %d", &pid, &name, &state, &parent); n == 4 && parent == os.Getpid() && name == "(etcd)" {
			p, err := os.FindProcess(pid)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, p)
		}
	}
	return out
}
