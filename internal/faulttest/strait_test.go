package faulttest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers"
	"github.com/amends-dev/amends/controllers/incident"
	"github.com/amends-dev/amends/controllers/recoverypolicy"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/fixture/planetest"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/metrics"
)

// strait is what all requests of an operator pass: its manager, its work queue and its
// informers are the real ones. Only what they send and what they are told is held up.
type strait struct {
	api       client.Client
	namespace string
	cache     cache.Cache
	registry  *prometheus.Registry
	gate      *gate

	mu      sync.Mutex
	passing map[string]*passing
}

// passage is what happens while a status write passes.
type passage struct {
	// before is called before it is sent, applied once the API server has answered and the
	// operator does not know it yet, over once the reconcile that wrote has ended.
	before, applied, over func()
	// lost says that the answer does not come.
	lost bool
}

// passing is a write that is expected.
type passing struct {
	*passage

	done chan struct{}
}

// expect says what happens to the next status write of an incident.
func (s *strait) expect(name string, p *passage, done chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passing[name] = &passing{p, done}
}

// release lets everything through.
func (s *strait) release() {
	s.gate.open()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.passing)
}

func (s *strait) hold() { s.gate.hold() }
func (s *strait) open() { s.gate.open() }
func (s *strait) cut()  { s.gate.cut() }

// errNoAnswer is what a connection says that broke.
var errNoAnswer = errors.New("the connection broke before the answer came")

// crossing is the transport of an operator.
type crossing struct {
	*strait

	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c crossing) RoundTrip(r *http.Request) (*http.Response, error) {
	parts := strings.Split(r.URL.Path, "/")
	kind := ""
	if len(parts) > 4 {
		kind = parts[4]
		if kind == "namespaces" && len(parts) > 6 {
			kind = parts[6]
		}
	}
	switch {
	case kind == "incidents" && r.URL.Query().Get("watch") == "true":
		response, err := c.next.RoundTrip(r)
		if err == nil && response.StatusCode == http.StatusOK {
			response.Body = c.gate.take(response.Body)
		}
		return response, err
	case kind == "incidents" && (r.Method == http.MethodPut || r.Method == http.MethodPatch) && parts[len(parts)-1] == "status":
		return c.write(r, parts[len(parts)-2])
	}
	return c.next.RoundTrip(r)
}

// write lets one status write pass.
func (c crossing) write(r *http.Request, name string) (*http.Response, error) {
	c.mu.Lock()
	p := c.passing[name]
	delete(c.passing, name)
	c.mu.Unlock()
	if p == nil {
		return c.next.RoundTrip(r)
	}
	defer close(p.done)
	if p.before != nil {
		p.before()
	}
	response, err := c.next.RoundTrip(r)
	if p.applied != nil {
		p.applied()
	}
	if p.lost && err == nil {
		_ = response.Body.Close()
		return nil, errNoAnswer
	}
	return response, err
}

// gate holds up the events of a watch, one by one and in their order.
type gate struct {
	mu   sync.Mutex
	turn *sync.Cond
	// held says that events wait, but for so many; broken counts the streams that were cut.
	held   bool
	may    int
	broken int
}

func newGate() *gate {
	g := &gate{}
	g.turn = sync.NewCond(&g.mu)
	return g
}

func (g *gate) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
	g.turn.Broadcast()
}

func (g *gate) hold() { g.set(func() { g.held, g.may = true, 0 }) }
func (g *gate) open() { g.set(func() { g.held = false }) }
func (g *gate) next() { g.set(func() { g.may++ }) }

// cut breaks the streams that are there, and with them all events that wait; the next
// ones are open.
func (g *gate) cut() { g.set(func() { g.broken++; g.held = false }) }

// pass waits until an event may be told; it is false where its stream was cut.
func (g *gate) pass(since int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.held && g.may == 0 && g.broken == since {
		g.turn.Wait()
	}
	if g.held && g.may > 0 {
		g.may--
	}
	return g.broken == since
}

// take takes a stream of events, one a line.
func (g *gate) take(body io.ReadCloser) io.ReadCloser {
	g.mu.Lock()
	since := g.broken
	g.mu.Unlock()
	out, in := io.Pipe()
	go func() {
		lines := bufio.NewReader(body)
		for {
			line, err := lines.ReadBytes('\n')
			if len(line) > 0 {
				if !g.pass(since) {
					_ = body.Close()
					err = io.ErrUnexpectedEOF
				} else if _, e := in.Write(line); e != nil {
					err = e
				}
			}
			if err != nil {
				_ = in.CloseWithError(err)
				return
			}
		}
	}()
	return stream{out, body}
}

// stream is a held stream; to close it closes the one behind it.
type stream struct {
	*io.PipeReader

	behind io.Closer
}

// Close implements io.Closer.
func (s stream) Close() error { return errors.Join(s.PipeReader.Close(), s.behind.Close()) }

// blunder wires the incident controller with a bug. Nil stands for the operator's own.
type blunder func(ctx context.Context, mgr ctrl.Manager, r *incident.Reconciler) error

// openStrait starts an operator behind a strait, and a namespace with a policy.
func openStrait(t *testing.T, b blunder) *strait {
	t.Helper()
	s := &strait{
		api: planetest.Plane(t).Client(), namespace: planetest.Namespace(t), registry: prometheus.NewRegistry(),
		gate: newGate(), passing: map[string]*passing{},
	}
	rest := planetest.Plane(t).Config()
	rest.QPS = -1
	rest.Wrap(func(next http.RoundTripper) http.RoundTripper { return crossing{s, next} })
	caches, err := controllers.CacheOptions([]string{s.namespace})
	if err != nil {
		t.Fatal(err)
	}
	anyName := true
	mgr, err := ctrl.NewManager(rest, ctrl.Options{
		Scheme: plane.NewScheme(), Cache: caches, Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		Controller: config.Controller{SkipNameValidation: &anyName},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.cache = mgr.GetCache()
	ctx, stop := context.WithCancel(t.Context())
	if err := s.wire(ctx, mgr, b); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		s.release()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	step := func(name v1alpha1.Name, kind v1alpha1.StepType) v1alpha1.Step {
		return fixture.Step(name, kind, fixture.After(), fixture.Demanding())
	}
	policy := fixture.Policy("desk", step("apologise", v1alpha1.StepCustom), step("review", v1alpha1.StepCustom), step("resolve", v1alpha1.StepResolution))
	if err := s.api.Create(t.Context(), fixture.In(s.namespace, policy)); err != nil {
		t.Fatal(err)
	}
	s.await("the policy to be in force where the operator looks", func() bool {
		seen := &v1alpha1.RecoveryPolicy{}
		return s.cache.Get(t.Context(), client.ObjectKeyFromObject(policy), seen) == nil && seen.Status.Revision != ""
	})
	return s
}

// wire makes the controllers of incidents and policies, as controllers.Setup does.
func (s *strait) wire(ctx context.Context, mgr ctrl.Manager, b blunder) error {
	if err := gather.IndexByPolicy(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	if err := gather.IndexCompensationsByIncident(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	m := metrics.New(s.registry)
	recorder := mgr.GetEventRecorder("amends")
	incidents := &incident.Reconciler{
		Cached: mgr.GetCache(), Gatherer: gather.New(mgr.GetCache(), mgr.GetAPIReader(), 0), Committer: commit.New(mgr.GetClient(), recorder, m),
		Deadlines: deadline.New(clock.RealClock{}, deadline.Options{}), Metrics: m, Clock: clock.RealClock{},
	}
	policies := &recoverypolicy.Reconciler{Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Recorder: recorder, Metrics: m, Clock: clock.RealClock{}}
	if err := policies.SetupWithManager(mgr); err != nil {
		return err
	}
	if b != nil {
		return b(ctx, mgr, incidents)
	}
	return incidents.SetupWithManager(ctx, mgr, 4)
}

// takesTheNextForItsOwn skips the reconcile after one that wrote, because it takes the
// event that has brought it for that of its own write.
func takesTheNextForItsOwn(_ context.Context, mgr ctrl.Manager, r *incident.Reconciler) error {
	var mu sync.Mutex
	own := map[types.NamespacedName]bool{}
	return ctrl.NewControllerManagedBy(mgr).Named("incident").For(&v1alpha1.Incident{}).
		Complete(reconcile.Func(func(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
			mu.Lock()
			skip := own[req.NamespacedName]
			delete(own, req.NamespacedName)
			mu.Unlock()
			if skip {
				return reconcile.Result{}, nil
			}
			was := &v1alpha1.Incident{}
			if err := r.Cached.Get(ctx, req.NamespacedName, was); err != nil {
				return reconcile.Result{}, client.IgnoreNotFound(err)
			}
			result, err := r.Reconcile(ctx, req)
			mu.Lock()
			defer mu.Unlock()
			own[req.NamespacedName] = r.Committer.Behind(was)
			return result, err
		}))
}

// dropsWhatComesMeanwhile does not take an event of an incident at which it is at work.
func dropsWhatComesMeanwhile(_ context.Context, mgr ctrl.Manager, r *incident.Reconciler) error {
	var busy sync.Map
	add := func(o client.Object, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		if key := client.ObjectKeyFromObject(o); !isBusy(&busy, key) {
			q.Add(reconcile.Request{NamespacedName: key})
		}
	}
	return ctrl.NewControllerManagedBy(mgr).Named("incident").
		Watches(&v1alpha1.Incident{}, handler.Funcs{
			CreateFunc: func(_ context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
				add(e.Object, q)
			},
			UpdateFunc: func(_ context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
				add(e.ObjectNew, q)
			},
		}).
		Complete(reconcile.Func(func(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
			busy.Store(req.NamespacedName, true)
			defer busy.Delete(req.NamespacedName)
			return r.Reconcile(ctx, req)
		}))
}

func isBusy(busy *sync.Map, key types.NamespacedName) bool {
	_, ok := busy.Load(key)
	return ok
}

// reconciled is how many reconciles of incidents have ended.
func (s *strait) reconciled() int {
	families, err := s.registry.Gather()
	if err != nil {
		panic(err)
	}
	total := 0
	for _, f := range families {
		if f.GetName() != "amends_reconciles_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetName() == "controller" && label.GetValue() == "incident" {
					total += int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return total
}

// cached is the version of an incident in the operator's cache.
func (s *strait) cached(name string) string {
	inc := &v1alpha1.Incident{}
	if err := s.cache.Get(context.Background(), types.NamespacedName{Namespace: s.namespace, Name: name}, inc); err != nil {
		return ""
	}
	return inc.ResourceVersion
}

// instant is the time between two looks at a cache in this process.
const instant = 500 * time.Microsecond

// within waits until something holds, at most for so long.
func (s *strait) within(patience time.Duration, holds func() bool) bool {
	err := wait.PollUntilContextTimeout(context.Background(), instant, patience, true, func(context.Context) (bool, error) { return holds(), nil })
	return err == nil
}

// await waits for what must come.
func (s *strait) await(what string, holds func() bool) {
	if !s.within(time.Minute, holds) {
		panic("waited in vain for " + what)
	}
}
