package faulttest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	corev1 "k8s.io/api/core/v1"

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
)

// maxRounds is how many rounds may pass before everything rests: a chain of what
// depends on each other is short.
const maxRounds = 60

// backOff is when what failed is tried again.
const backOff = time.Second

// operator is one process: reconcilers with memories of their own.
type operator struct {
	w    *world
	name string
	view *view
	hand hand
	dead bool
	// parts are the reconcilers in the order in which a round calls them.
	parts  []part
	keeper *bookkeeper.Bookkeeper
	// again are the instants for which reconcilers asked by their results.
	again map[ref]time.Time
	// failures counts reconciles that ended in an error.
	failures int
	// asleep says that the deadline indexes are not asked: a bug put in on purpose.
	asleep bool
}

// part is one reconciler, for all objects of a kind.
type part struct {
	kind      string
	does      reconcile.Reconciler
	deadlines *deadline.Index
	// rings is rung for work that no object tells of; nil where there is none.
	rings *bell
}

// cachedClient reads from the view and writes to the API server, as a manager's does.
type cachedClient struct {
	client.WithWatch

	view *view
}

// Get reads from the cache.
func (c cachedClient) Get(ctx context.Context, key client.ObjectKey, into client.Object, opts ...client.GetOption) error {
	return c.view.Get(ctx, key, into, opts...)
}

// List reads from the cache.
func (c cachedClient) List(ctx context.Context, into client.ObjectList, opts ...client.ListOption) error {
	return c.view.List(ctx, into, opts...)
}

// start is a new process with an empty memory and a cache that has read everything.
func (w *world) start(name string, h hand) *operator {
	o := &operator{w: w, name: name, view: newView(w), hand: h, again: map[ref]time.Time{}}
	o.view.follow()
	o.wire()
	return o
}

// wire makes the reconcilers, as controllers.Setup does.
func (o *operator) wire() {
	live := o.apiClient()
	writes := cachedClient{live, o.view}
	m := metrics.New(prometheus.NewRegistry())
	events := recorder{o}
	index := func() *deadline.Index { return deadline.New(o.w.clock, deadline.Options{}) }
	gatherer := gather.New(o.view, live, 0)

	calendars := &businesscalendar.Reconciler{Client: writes, Recorder: events, Deadlines: index(), Metrics: m, Clock: o.w.clock}
	policies := &recoverypolicy.Reconciler{Client: writes, Live: live, Recorder: events, Metrics: m, Clock: o.w.clock}
	incidents := &incident.Reconciler{
		Cached: o.view, Gatherer: gatherer, Committer: commit.New(writes, events, m),
		Deadlines: index(), Metrics: m, Clock: o.w.clock,
	}
	o.parts = []part{
		{kind: "BusinessCalendar", does: calendars, deadlines: calendars.Deadlines},
		{kind: "RecoveryPolicy", does: policies},
		{kind: "Incident", does: incidents, deadlines: incidents.Deadlines},
	}
	o.wireMoney(live, writes, m, gatherer)
	if err := incidents.Seed(o.w.ctx()); err != nil {
		o.w.Fatal(err)
	}
}

// wireMoney makes the reconcilers of requests and budgets.
func (o *operator) wireMoney(live client.WithWatch, writes cachedClient, m *metrics.Metrics, gatherer *gather.Gatherer) {
	events := recorder{o}
	money := metrics.NewMoney(prometheus.NewRegistry())
	rings := &bell{}
	waker := &recoverybudget.Waker{}
	if err := waker.Start(o.w.ctx(), rings); err != nil {
		o.w.Fatal(err)
	}
	inbox := bookkeeper.NewInbox(waker.Wake)
	requests := &compensation.Reconciler{
		Client: writes, Cached: o.view, Live: live, Remedies: gather.NewRemedies(gatherer), Inbox: inbox,
		Deadlines: deadline.New(o.w.clock, deadline.Options{}), Recorder: events, Metrics: m, Clock: o.w.clock,
	}
	o.keeper = &bookkeeper.Bookkeeper{
		Store: bookkeeper.Cluster{Live: live, Writer: writes}, Inbox: inbox, Appraiser: requests, Clock: o.w.clock,
		Observer: &recoverybudget.Observer{Recorder: events, Money: money},
		Writers:  1, // What dies must die on the goroutine that is watched.
	}
	budgets := &recoverybudget.Reconciler{
		Cached: o.view, Waker: waker, Deadlines: deadline.New(o.w.clock, deadline.Options{}), Metrics: m, Money: money, Clock: o.w.clock,
		Bookkeeper: o.keeper,
	}
	o.parts = append(o.parts,
		part{kind: "Compensation", does: requests, deadlines: requests.Deadlines},
		part{kind: "RecoveryBudget", does: budgets, deadlines: budgets.Deadlines, rings: rings},
	)
	o.view.onGone = func(gone client.Object) {
		if c, ok := gone.(*v1alpha1.Compensation); ok {
			inbox.Gone(types.NamespacedName{Namespace: c.Namespace, Name: string(c.Spec.BudgetName)}, string(c.UID))
		}
	}
}

// bell is the work queue of the budgets, as far as their waker uses it.
type bell struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]

	rung bool
}

// Add implements workqueue.TypedInterface.
func (b *bell) Add(reconcile.Request) { b.rung = true }

// alive stops what runs on after the operator has died.
func (o *operator) alive() {
	if o.dead {
		panic(crashed{})
	}
}

// die stops the operator here and now.
func (o *operator) die() {
	o.dead = true
	panic(crashed{})
}

// reconcile calls one reconciler for one object.
func (o *operator) reconcile(p *part, name string) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crashed); !ok {
				panic(r)
			}
		}
	}()
	key := types.NamespacedName{Namespace: o.w.namespace, Name: name}
	result, err := p.does.Reconcile(o.w.ctx(), reconcile.Request{NamespacedName: key})
	if err != nil {
		o.failures++
		o.w.note("%s fails at %s %s: %v", o.name, p.kind, name, err)
		o.again[ref{p.kind, name}] = o.w.clock.Now().Add(backOff)
		return
	}
	delete(o.again, ref{p.kind, name})
	if result.RequeueAfter > 0 {
		o.again[ref{p.kind, name}] = o.w.clock.Now().Add(result.RequeueAfter)
	}
}

// round reconciles everything once, by what the cache says at its begin.
func (o *operator) round() {
	o.view.follow()
	for i := range o.parts {
		p := &o.parts[i]
		if p.rings != nil {
			p.rings.rung = false
		}
		for _, name := range o.view.names(p.kind) {
			if o.dead {
				return
			}
			o.reconcile(p, name)
		}
	}
}

// settle reconciles until a whole round writes nothing. What failed is tried again after
// a while, as a work queue would. An operator whose cache stands still cannot come to
// rest: it has two rounds.
func (o *operator) settle() {
	for n := range maxRounds {
		before, failed := o.w.revision(), o.failures
		o.round()
		switch {
		case o.dead, o.view.stale() && n > 0:
			return
		case o.failures > failed && o.w.revision() == before:
			return
		case o.w.revision() == before && !o.busy() && o.view.at == before:
			o.settled()
			return
		}
	}
	o.w.wound("%s does not come to rest within %d rounds", o.name, maxRounds)
}

// busy says whether a part has work that no object tells of.
func (o *operator) busy() bool {
	return slices.ContainsFunc(o.parts, func(p part) bool { return p.rings != nil && p.rings.rung })
}

// settled checks that no deadline is left behind.
func (o *operator) settled() {
	now := o.w.clock.Now()
	for i := range o.parts {
		if x := o.parts[i].deadlines; x != nil {
			if due, ok := x.NextDue(); ok && !due.After(now) {
				o.w.wound("%s leaves a deadline of %s behind: %s", o.name, o.parts[i].kind, due)
			}
		}
	}
}

// wake is the next instant for which the operator asks, or zero.
func (o *operator) wake() time.Time {
	var next time.Time
	sooner := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for i := range o.parts {
		if x := o.parts[i].deadlines; x != nil && !o.asleep {
			if due, ok := x.NextDue(); ok {
				sooner(due)
			}
		}
	}
	for _, at := range o.again {
		sooner(at)
	}
	return next
}

// recorder tells events to the world.
type recorder struct{ o *operator }

// Eventf implements events.EventRecorder.
func (r recorder) Eventf(regarding, _ runtime.Object, kind, reason, action, note string, args ...any) {
	r.o.alive()
	about := fmt.Sprintf("%T", regarding)
	switch x := regarding.(type) {
	case *corev1.ObjectReference:
		about = x.Kind + "/" + x.Name + " " + x.FieldPath
	case client.Object:
		about = refOf(x).String()
	}
	said := fmt.Sprintf("%s %s %s %s: %s", kind, about, reason, action, fmt.Sprintf(note, args...))
	r.o.w.told[said]++
	r.o.w.note("   %s tells %s", r.o.name, said)
}
