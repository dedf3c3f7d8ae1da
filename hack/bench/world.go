package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// asking is how many clients ask at once, where nothing else is said.
const asking = 32

// world is a control plane with the operator's kinds, and the means to use it.
type world struct {
	*settings

	told       io.Writer
	plane      *plane.Plane
	client     client.WithWatch
	config     *rest.Config
	set        *kubernetes.Clientset
	root, dir  string
	manager    string // the operator's binary
	kubeconfig string
	programs   []*program
	began      time.Time
	versions   string
	bulk       *bulk
}

// openWorld builds the operator, starts a control plane and installs the kinds.
func openWorld(ctx context.Context, s *settings, told io.Writer) (*world, error) {
	w := &world{settings: s, told: told, began: time.Now()}
	var err error
	if w.root, err = plane.ModuleRoot(); err != nil {
		return nil, err
	}
	if w.dir, err = os.MkdirTemp("", "amends-bench-"); err != nil {
		return nil, err
	}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *world) open(ctx context.Context) error {
	w.manager = filepath.Join(w.dir, "manager")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", w.manager, "./cmd/manager") //nolint:gosec // our own program, into our own folder
	build.Dir, build.Stderr = w.root, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the operator: %w", err)
	}
	var err error
	if w.plane, err = plane.Start(ctx, plane.Options{Durable: true}); err != nil {
		return err
	}
	if err := w.plane.InstallCRDs(ctx); err != nil {
		return err
	}
	w.kubeconfig = filepath.Join(w.dir, "kubeconfig")
	if err := w.plane.Kubeconfig(w.kubeconfig); err != nil {
		return err
	}
	w.config = w.plane.Config()
	w.config.QPS = -1
	if w.client, err = client.NewWithWatch(w.config, client.Options{Scheme: plane.NewScheme()}); err != nil {
		return err
	}
	if w.set, err = kubernetes.NewForConfig(w.config); err != nil {
		return err
	}
	w.versions, err = w.readVersions(ctx)
	return err
}

func (w *world) close() error {
	err := w.killAll()
	if w.plane != nil {
		err = errors.Join(err, w.plane.Stop())
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

// killAll ends whatever a section has left running.
func (w *world) killAll() error {
	var all []error
	for _, p := range w.programs {
		all = append(all, p.kill())
	}
	return errors.Join(all...)
}

// say tells what is under way, with the time that has passed.
func (w *world) say(format string, args ...any) {
	_, _ = fmt.Fprintf(w.told, "%7s  %s\n", time.Since(w.began).Round(time.Second), fmt.Sprintf(format, args...))
}

// machine says what a section was measured on, and when.
func (w *world) machine() string {
	model, memory, kernel := "unknown processor", "unknown memory", "unknown"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		model = field(string(text), "model name")
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		memory = field(string(text), "MemTotal")
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = strings.TrimSpace(string(text))
	}
	return fmt.Sprintf("%s, `-incidents %d -window %s`, %s; %s, %d cores, %s, Linux %s",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), w.incidents, w.window, w.versions, model, runtime.NumCPU(), memory, kernel)
}

// readVersions says of what the figures are.
func (w *world) readVersions(ctx context.Context) (string, error) {
	server, err := w.set.Discovery().ServerVersion()
	if err != nil {
		return "", err
	}
	store, err := w.etcd()
	if err != nil {
		return "", err
	}
	var etcd struct {
		Version string `json:"etcdserver"`
	}
	if err := store.ask(ctx, "/version", nil, &etcd); err != nil {
		return "", err
	}
	describe := exec.CommandContext(ctx, "git", "describe", "--tags", "--always", "--dirty")
	describe.Dir = w.root
	commit, err := describe.Output()
	if err != nil {
		commit = []byte("unversioned")
	}
	return fmt.Sprintf("commit %s, %s, Kubernetes %s, etcd %s with fsync", strings.TrimSpace(string(commit)), runtime.Version(), server.GitVersion, etcd.Version), nil
}

// serverMetrics is what the API server counts.
func (w *world) serverMetrics(ctx context.Context) (string, error) {
	page, err := w.set.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	return string(page), err
}

// field is the value of the first line with a name in a file of /proc.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// namespace makes a namespace with a policy of four steps that demand nothing.
func (w *world) namespace(ctx context.Context, name string) error {
	if err := w.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
		return err
	}
	step := func(name v1alpha1.Name, kind v1alpha1.StepType) v1alpha1.Step {
		return fixture.Step(name, kind, fixture.DueWithin("400h"), fixture.Demanding())
	}
	pol := fixture.Policy("desk", step("apologise", v1alpha1.StepCustom), step("review", v1alpha1.StepReview), step("resolve", v1alpha1.StepResolution), step("write-up", v1alpha1.StepDocumentation))
	pol.Spec.Compensation = &v1alpha1.PolicyCompensation{BudgetName: pool}
	return w.client.Create(ctx, fixture.In(name, pol))
}

// pool is the name of the budget in each namespace that has one.
const pool = "pool"

// create makes incidents, many at once.
func (w *world) create(ctx context.Context, namespace, prefix string, n int) error {
	return atOnce(ctx, asking, n, func(ctx context.Context, i int) error {
		return w.client.Create(ctx, fixture.In(namespace, fixture.Incident(numbered(prefix, i), fixture.UnderPolicy("desk"))))
	})
}

func numbered(prefix string, i int) string { return fmt.Sprintf("%s-%06d", prefix, i) }

// append adds an entry to a journal as the command line does.
func (w *world) append(ctx context.Context, namespace, incident string, e fixture.EntryBuilder) (*v1alpha1.Incident, error) {
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal/-", "value": e.Build()}})
	if err != nil {
		return nil, err
	}
	inc := &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: incident}}
	return inc, w.client.Patch(ctx, inc, client.RawPatch(types.JSONPatchType, patch))
}

// complete records that a step is done.
func (w *world) complete(ctx context.Context, namespace, incident string, step v1alpha1.Name) (*v1alpha1.Incident, error) {
	return w.append(ctx, namespace, incident, fixture.Entry("did-"+step).By("alice").Completion(step))
}

// atOnce does n things by so many workers, and ends with the first error.
func atOnce(ctx context.Context, workers, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	group.Wait()
	return context.Cause(ctx)
}
