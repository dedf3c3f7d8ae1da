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

	out        io.Writer
	plane      *plane.Plane
	client     client.WithWatch
	config     *rest.Config
	dir        string
	manager    string // the operator's binary
	kubeconfig string
	programs   []*program
	began      time.Time
}

// openWorld builds the operator, starts a control plane and installs the kinds.
func openWorld(ctx context.Context, s *settings, out io.Writer) (*world, error) {
	w := &world{settings: s, out: out, began: time.Now()}
	var err error
	if w.dir, err = os.MkdirTemp("", "amends-bench-"); err != nil {
		return nil, err
	}
	fail := func(err error) (*world, error) { return nil, errors.Join(err, w.close()) }
	root, err := plane.ModuleRoot()
	if err != nil {
		return fail(err)
	}
	w.manager = filepath.Join(w.dir, "manager")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", w.manager, "./cmd/manager") //nolint:gosec // our own program, into our own folder
	build.Dir, build.Stderr = root, os.Stderr
	if err := build.Run(); err != nil {
		return fail(fmt.Errorf("building the operator: %w", err))
	}
	if w.plane, err = plane.Start(ctx, plane.Options{Durable: true}); err != nil {
		return fail(err)
	}
	if err := w.plane.InstallCRDs(ctx); err != nil {
		return fail(err)
	}
	w.kubeconfig = filepath.Join(w.dir, "kubeconfig")
	if err := w.plane.Kubeconfig(w.kubeconfig); err != nil {
		return fail(err)
	}
	w.config = w.plane.Config()
	w.config.QPS = -1
	if w.client, err = client.NewWithWatch(w.config, client.Options{Scheme: plane.NewScheme()}); err != nil {
		return fail(err)
	}
	return w, nil
}

func (w *world) close() error {
	var all []error
	for _, p := range w.programs {
		all = append(all, p.kill())
	}
	if w.plane != nil {
		all = append(all, w.plane.Stop())
	}
	return errors.Join(append(all, os.RemoveAll(w.dir))...)
}

// say tells what is under way, with the time that has passed.
func (w *world) say(format string, args ...any) {
	_, _ = fmt.Fprintf(w.out, "%7s  %s\n", time.Since(w.began).Round(time.Second), fmt.Sprintf(format, args...))
}

// machine says what the figures were measured on.
func (w *world) machine() []string {
	model, memory := "unknown processor", "unknown memory"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		model = field(string(text), "model name")
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		memory = field(string(text), "MemTotal")
	}
	return []string{
		fmt.Sprintf("%s, %d cores, %s of memory, shared with the control plane and the clients", model, runtime.NumCPU(), memory),
		fmt.Sprintf("%s, kube-apiserver and etcd as hack/controlplane pins them, etcd with fsync", runtime.Version()),
		fmt.Sprintf("%s, with %d open incidents for memory, starts and idleness", w.began.UTC().Format(time.DateOnly), w.incidents),
	}
}

// serverMetrics is what the API server counts.
func (w *world) serverMetrics(ctx context.Context) (string, error) {
	set, err := kubernetes.NewForConfig(w.config)
	if err != nil {
		return "", err
	}
	page, err := set.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
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
	return w.client.Create(ctx, fixture.In(name, pol))
}

// create makes incidents, many at once.
func (w *world) create(ctx context.Context, namespace, prefix string, n int, opts func(i int) []fixture.IncidentOption) error {
	return atOnce(ctx, asking, n, func(ctx context.Context, i int) error {
		more := []fixture.IncidentOption{fixture.UnderPolicy("desk")}
		if opts != nil {
			more = append(more, opts(i)...)
		}
		return w.client.Create(ctx, fixture.In(namespace, fixture.Incident(fmt.Sprintf("%s-%05d", prefix, i), more...)))
	})
}

// append adds an entry to a journal as the command line does.
func (w *world) append(ctx context.Context, namespace, incident string, e fixture.EntryBuilder) (*v1alpha1.Incident, error) {
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal/-", "value": e.Build()}})
	if err != nil {
		return nil, err
	}
	inc := &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: incident}}
	return inc, w.client.Patch(ctx, inc, client.RawPatch(types.JSONPatchType, patch))
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

// sightings are the instants at which incidents were first seen as awaited.
type sightings struct {
	mu   sync.Mutex
	seen map[string]time.Time
	last map[string]*v1alpha1.Incident
	stop func()
	more chan struct{}
}

// watch notes when each incident of a namespace is first seen to be as awaited.
func (w *world) watch(ctx context.Context, namespace string, awaited func(*v1alpha1.Incident) bool) (*sightings, error) {
	stream, err := w.client.Watch(ctx, &v1alpha1.IncidentList{}, client.InNamespace(namespace))
	if err != nil {
		return nil, err
	}
	s := &sightings{seen: map[string]time.Time{}, last: map[string]*v1alpha1.Incident{}, stop: stream.Stop, more: make(chan struct{}, 1)}
	go func() {
		for event := range stream.ResultChan() {
			inc, ok := event.Object.(*v1alpha1.Incident)
			if !ok || !awaited(inc) {
				continue
			}
			s.mu.Lock()
			key := fmt.Sprintf("%s/%d", inc.Name, inc.Generation)
			if _, known := s.seen[key]; !known {
				s.seen[key], s.last[key] = time.Now(), inc
			}
			s.mu.Unlock()
			select {
			case s.more <- struct{}{}:
			default:
			}
		}
	}()
	return s, nil
}

// at is when an incident of a generation was seen; it waits for it.
func (s *sightings) at(ctx context.Context, name string, generation int64) (time.Time, error) {
	key := fmt.Sprintf("%s/%d", name, generation)
	for {
		s.mu.Lock()
		at, ok := s.seen[key]
		s.mu.Unlock()
		if ok {
			return at, nil
		}
		select {
		case <-s.more:
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("%s was not seen: %w", key, ctx.Err())
		}
	}
}

// all waits until so many were seen.
func (s *sightings) all(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		have := len(s.seen)
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-s.more:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d were seen: %w", have, n, ctx.Err())
		}
	}
}

// caughtUp says that the status speaks of the spec as it is.
func caughtUp(inc *v1alpha1.Incident) bool {
	return inc.Status.ObservedGeneration == inc.Generation && len(inc.Status.Clocks) > 0
}
