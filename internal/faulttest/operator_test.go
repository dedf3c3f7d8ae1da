package faulttest

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/fixture/byhand"
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
	parts  []byhand.Part
	keeper *bookkeeper.Bookkeeper
	// again are the instants for which reconcilers asked by their results.
	again map[ref]time.Time
	// told is every event of this process, by what it says.
	told map[string]int
	// failures counts reconciles that ended in an error.
	failures int
	// asleep says that the deadline indexes are not asked: a bug put in on purpose.
	asleep bool
}

// start is a new process with an empty memory and a cache that has read everything.
func (w *world) start(name string, h hand) *operator {
	o := &operator{w: w, name: name, view: newView(w), hand: h, again: map[ref]time.Time{}, told: map[string]int{}}
	o.view.follow()
	o.wire()
	return o
}

// wire makes the reconcilers.
func (o *operator) wire() {
	around := byhand.Surroundings{Cached: o.view, Live: o.apiClient(), Events: recorder{o}, Clock: o.w.clock}
	made, err := around.Operator(o.w.ctx())
	if err != nil {
		o.w.Fatal(err)
	}
	o.parts, o.keeper, o.view.onGone = made.Parts, made.Keeper, made.Gone
	if err := made.Incidents.Seed(o.w.ctx()); err != nil {
		o.w.Fatal(err)
	}
}

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
func (o *operator) reconcile(p *byhand.Part, name string) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crashed); !ok {
				panic(r)
			}
		}
	}()
	key := types.NamespacedName{Namespace: o.w.namespace, Name: name}
	result, err := p.Does.Reconcile(o.w.ctx(), reconcile.Request{NamespacedName: key})
	if err != nil {
		o.failures++
		o.w.note("%s fails at %s %s: %v", o.name, p.Kind, name, err)
		o.again[ref{p.Kind, name}] = o.w.clock.Now().Add(backOff)
		return
	}
	delete(o.again, ref{p.Kind, name})
	if result.RequeueAfter > 0 {
		o.again[ref{p.Kind, name}] = o.w.clock.Now().Add(result.RequeueAfter)
	}
}

// round reconciles everything once, by what the cache says at its begin.
func (o *operator) round() {
	o.view.follow()
	for i := range o.parts {
		p := &o.parts[i]
		if p.Bell != nil {
			p.Bell.Rung = false
		}
		for _, name := range o.view.names(p.Kind) {
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
	return slices.ContainsFunc(o.parts, func(p byhand.Part) bool { return p.Bell != nil && p.Bell.Rung })
}

// settled checks that no deadline is left behind.
func (o *operator) settled() {
	now := o.w.clock.Now()
	for i := range o.parts {
		if x := o.parts[i].Deadlines; x != nil {
			if due, ok := x.NextDue(); ok && !due.After(now) {
				o.w.wound("%s leaves a deadline of %s behind: %s", o.name, o.parts[i].Kind, due)
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
		if x := o.parts[i].Deadlines; x != nil && !o.asleep {
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
	r.o.told[said]++
	if r.o.w.told[said]++; reason == v1alpha1.EventDeletionWaits {
		// Why a deleted request stays is not written down: each operator says so once.
		r.o.w.told[said] = max(r.o.w.told[said]-1, r.o.told[said])
	}
	r.o.w.note("   %s tells %s", r.o.name, said)
}
