package simulate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers/businesscalendar"
	"github.com/amends-dev/amends/controllers/compensation"
	"github.com/amends-dev/amends/controllers/incident"
	"github.com/amends-dev/amends/controllers/recoverybudget"
	"github.com/amends-dev/amends/controllers/recoverypolicy"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/stamp"
)

// operator is the operator's own reconcilers, called one after the other.
type operator struct {
	l     *live
	parts []part
	inbox *bookkeeper.Inbox
	rings *bell
	// again is when a budget is to be looked at again by the result of its reconcile.
	again map[string]time.Time
	// seen is at which write an object was looked at last, in this instant.
	seen map[ref]int
}

// part is one reconciler, for all objects of a kind.
type part struct {
	kind      string
	does      reconcile.Reconciler
	deadlines *deadline.Index
}

// newOperator makes the reconcilers, as controllers.Setup does.
func newOperator(l *live) *operator {
	o := &operator{l: l, again: map[string]time.Time{}, rings: &bell{}}
	read := newCache(l)
	write := cachedClient{l.client(), read}
	m, money := metrics.New(prometheus.NewRegistry()), metrics.NewMoney(prometheus.NewRegistry())
	events := recorder{l}
	index := func() *deadline.Index { return deadline.New(l.clock, deadline.Options{}) }
	gatherer := gather.New(read, write.WithWatch, 0)
	waker := &recoverybudget.Waker{}
	if err := waker.Start(l.Context(), o.rings); err != nil {
		l.Fatal(err)
	}
	o.inbox = bookkeeper.NewInbox(waker.Wake)

	calendars := &businesscalendar.Reconciler{Client: write, Recorder: events, Deadlines: index(), Metrics: m, Clock: l.clock}
	policies := &recoverypolicy.Reconciler{Client: write, Live: write.WithWatch, Recorder: events, Metrics: m, Clock: l.clock}
	incidents := &incident.Reconciler{
		Cached: read, Gatherer: gatherer, Committer: commit.New(write, events, m), Deadlines: index(), Metrics: m, Clock: l.clock,
	}
	requests := &compensation.Reconciler{
		Client: write, Cached: read, Live: write.WithWatch, Remedies: gather.NewRemedies(gatherer), Inbox: o.inbox,
		Deadlines: index(), Recorder: events, Metrics: m, Clock: l.clock,
	}
	budgets := &recoverybudget.Reconciler{
		Cached: read, Waker: waker, Deadlines: index(), Metrics: m, Money: money, Clock: l.clock,
		Bookkeeper: &bookkeeper.Bookkeeper{
			Store: bookkeeper.Cluster{Live: write.WithWatch, Writer: write}, Inbox: o.inbox, Appraiser: requests, Clock: l.clock,
			Observer: &recoverybudget.Observer{Recorder: events, Money: money}, Writers: 1,
		},
	}
	o.parts = []part{
		{"BusinessCalendar", calendars, nil}, {"RecoveryPolicy", policies, nil}, {"Incident", incidents, incidents.Deadlines},
		{"Compensation", requests, requests.Deadlines}, {"RecoveryBudget", budgets, budgets.Deadlines},
	}
	return o
}

// settle reconciles everything until a whole round writes nothing. What was looked at
// after the last write would be found as it was.
func (o *operator) settle(ctx context.Context) error {
	o.seen = map[ref]int{}
	for range maxRounds {
		before := o.l.writes
		o.rings.rung = false
		for i := range o.parts {
			for _, name := range o.names(o.parts[i].kind) {
				if err := o.reconcile(ctx, &o.parts[i], name); err != nil {
					return err
				}
			}
		}
		if o.l.writes == before && !o.rings.rung {
			return nil
		}
	}
	return fmt.Errorf("at %s the operator does not come to rest", o.l.now.Format(time.RFC3339))
}

func (o *operator) reconcile(ctx context.Context, p *part, name string) error {
	of := ref{p.kind, name}
	if at, looked := o.seen[of]; looked && at == o.l.writes && !(p.kind == "RecoveryBudget" && o.rings.rung) {
		return nil
	}
	o.seen[of] = o.l.writes
	result, err := p.does.Reconcile(ctx, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: o.l.namespace, Name: name}})
	if err != nil {
		return fmt.Errorf("at %s, %s %s: %w", o.l.now.Format(time.RFC3339), p.kind, name, err)
	}
	if p.kind == "RecoveryBudget" {
		delete(o.again, name)
		if result.RequeueAfter > 0 {
			o.again[name] = o.l.now.Add(result.RequeueAfter)
		}
	}
	return nil
}

// names are those of the objects of a kind.
func (o *operator) names(kind string) []string {
	var out []string
	for r := range o.l.latest {
		if r.kind == kind {
			out = append(out, r.name)
		}
	}
	slices.Sort(out)
	return out
}

// wakes are the instants that incidents and Compensations wait for.
func (o *operator) wakes() []time.Time {
	var out []time.Time
	for i := range o.parts {
		if p := &o.parts[i]; p.kind == "Incident" && !o.l.deaf || p.kind == "Compensation" {
			if at, ok := p.deadlines.NextDue(); ok {
				out = append(out, at)
			}
		}
	}
	return out
}

// turn is the next instant that a budget waits for, or zero.
func (o *operator) turn() time.Time {
	out := slices.Collect(maps.Values(o.again))
	if at, ok := o.parts[len(o.parts)-1].deadlines.NextDue(); ok {
		out = append(out, at)
	}
	if len(out) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(out, time.Time.Compare)
}

// forget is told what was deleted.
func (o *operator) forget(gone client.Object) {
	if c, ok := gone.(*v1alpha1.Compensation); ok {
		o.inbox.Gone(types.NamespacedName{Namespace: c.Namespace, Name: string(c.Spec.BudgetName)}, string(c.UID))
	}
}

// bell is the work queue of the budgets, as far as their waker uses it.
type bell struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]

	rung bool
}

// Add implements workqueue.TypedInterface.
func (b *bell) Add(reconcile.Request) { b.rung = true }

// recorder writes the operator's events into the transcript.
type recorder struct{ l *live }

// Eventf implements events.EventRecorder.
func (r recorder) Eventf(regarding, _ runtime.Object, kind, reason, _, note string, args ...any) {
	var about ref
	switch x := regarding.(type) {
	case *corev1.ObjectReference:
		about = ref{x.Kind, x.Name}
	case client.Object:
		about = refOf(x)
	}
	incident := ""
	switch o := r.l.latest[about].(type) {
	case *v1alpha1.Incident:
		incident = o.Name
	case *v1alpha1.Compensation:
		incident = string(o.Spec.IncidentName)
	}
	what := Told
	if kind == corev1.EventTypeWarning {
		what = Warned
	}
	for _, note := range r.l.says(reason, fmt.Sprintf(note, args...)) {
		r.l.tell(incident, about.kind, about.name, what, reason, note)
	}
}

// cachedClient reads from the cache and writes to the API server, as a manager's does.
type cachedClient struct {
	client.WithWatch

	cache *cache
}

// Get reads from the cache.
func (c cachedClient) Get(ctx context.Context, key client.ObjectKey, into client.Object, opts ...client.GetOption) error {
	return c.cache.Get(ctx, key, into, opts...)
}

// List reads from the cache.
func (c cachedClient) List(ctx context.Context, into client.ObjectList, opts ...client.ListOption) error {
	return c.cache.List(ctx, into, opts...)
}

// cache is the operator's cache, which follows at once.
type cache struct {
	l       *live
	indexes map[string]client.IndexerFunc
}

func newCache(l *live) *cache {
	c := &cache{l, map[string]client.IndexerFunc{}}
	for _, index := range []func(context.Context, client.FieldIndexer) error{gather.IndexByPolicy, gather.IndexCompensationsByIncident} {
		if err := index(l.Context(), c); err != nil {
			l.Fatal(err)
		}
	}
	return c
}

// IndexField implements client.FieldIndexer.
func (c *cache) IndexField(_ context.Context, o client.Object, field string, extract client.IndexerFunc) error {
	c.indexes[typeOf(o)+"/"+field] = extract
	return nil
}

// Get implements client.Reader.
func (c *cache) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	o := c.l.latest[ref{typeOf(into), key.Name}]
	if o == nil || key.Namespace != c.l.namespace {
		return apierrors.NewNotFound(schema.GroupResource{Resource: typeOf(into)}, key.Name)
	}
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(stamped(o)).Elem())
	return nil
}

// List implements client.Reader.
func (c *cache) List(_ context.Context, into client.ObjectList, opts ...client.ListOption) error {
	o := (&client.ListOptions{}).ApplyOptions(opts)
	var items []runtime.Object
	for _, r := range slices.SortedFunc(maps.Keys(c.l.latest), func(a, b ref) int { return cmp.Compare(a.name, b.name) }) {
		if object := c.l.latest[r]; r.kind == typeOf(into) && c.matches(object, o) {
			items = append(items, stamped(object))
		}
	}
	return apimeta.SetList(into, items)
}

func (c *cache) matches(object client.Object, o *client.ListOptions) bool {
	if o.LabelSelector != nil && !o.LabelSelector.Matches(labels.Set(object.GetLabels())) {
		return false
	}
	if o.FieldSelector == nil {
		return true
	}
	for _, wanted := range o.FieldSelector.Requirements() {
		index := c.indexes[typeOf(object)+"/"+wanted.Field]
		if index == nil {
			c.l.Fatalf("there is no index %s of %s", wanted.Field, typeOf(object))
		}
		if !slices.Contains(index(object), wanted.Value) {
			return false
		}
	}
	return true
}

// stamped is an object as it enters a cache.
func stamped(o client.Object) client.Object {
	out := o.DeepCopyObject().(client.Object)
	_, _ = stamp.Transform(out)
	return out
}
