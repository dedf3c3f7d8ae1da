package simulate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/byhand"
)

// operator is the operator's own reconcilers, called one after the other.
type operator struct {
	*byhand.Operator

	l     *live
	cache *byhand.Objects
	// again is when a budget is to be looked at again by the result of its reconcile.
	again map[string]time.Time
	// seen is at which write an object was looked at last, in this instant.
	seen map[ref]int
}

func newOperator(l *live) *operator {
	cache, err := byhand.NewObjects(l.Context(), l.namespace)
	if err != nil {
		l.Fatal(err)
	}
	around := byhand.Surroundings{Cached: cache, Live: l.client(), Events: recorder{l}, Clock: l.clock}
	made, err := around.Operator(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	return &operator{Operator: made, l: l, cache: cache, again: map[string]time.Time{}}
}

// budgets is the part that looks at budgets.
func (o *operator) budgets() *byhand.Part { return &o.Parts[len(o.Parts)-1] }

// settle reconciles everything until a whole round writes nothing. What was looked at
// after the last write would be found as it was.
func (o *operator) settle(ctx context.Context) error {
	o.seen = map[ref]int{}
	for range maxRounds {
		before := o.l.writes
		o.budgets().Bell.Rung = false
		for i := range o.Parts {
			for _, name := range o.names(o.Parts[i].Kind) {
				if err := o.reconcile(ctx, &o.Parts[i], name); err != nil {
					return err
				}
			}
		}
		if o.l.writes == before && !o.budgets().Bell.Rung {
			return nil
		}
	}
	return fmt.Errorf("at %s the operator does not come to rest", o.l.now.Format(time.RFC3339))
}

func (o *operator) reconcile(ctx context.Context, p *byhand.Part, name string) error {
	of := ref{p.Kind, name}
	if at, looked := o.seen[of]; looked && at == o.l.writes && !(p.Kind == "RecoveryBudget" && o.budgets().Bell.Rung) {
		return nil
	}
	o.seen[of] = o.l.writes
	result, err := p.Does.Reconcile(ctx, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: o.l.namespace, Name: name}})
	if err != nil {
		return fmt.Errorf("at %s, %s %s: %w", o.l.now.Format(time.RFC3339), p.Kind, name, err)
	}
	if p.Kind == "RecoveryBudget" {
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
	for i := range o.Parts {
		if p := &o.Parts[i]; p.Kind == "Incident" && !o.l.deaf || p.Kind == "Compensation" {
			if at, ok := p.Deadlines.NextDue(); ok {
				out = append(out, at)
			}
		}
	}
	return out
}

// turn is the next instant that a budget waits for, or zero.
func (o *operator) turn() time.Time {
	out := slices.Collect(maps.Values(o.again))
	if at, ok := o.budgets().Deadlines.NextDue(); ok {
		out = append(out, at)
	}
	if len(out) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(out, time.Time.Compare)
}

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
