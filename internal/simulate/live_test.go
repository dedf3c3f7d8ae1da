package simulate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/byhand"
	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

func TestMain(m *testing.M) { os.Exit(planetest.Main(m)) }

// live is the stage of the operator's own reconcilers, with a real API server below
// them and the player's clock above. The API server dates objects by its own clock;
// everything that is read here carries the player's time instead.
type live struct {
	testing.TB
	player

	api       client.WithWatch
	namespace string
	clock     *clocktesting.FakeClock
	operator  *operator
	// latest is each object as the API server answered last; the cache of the operator
	// follows it at once.
	latest map[ref]client.Object
	born   map[types.UID]metav1.Time
	// uids are those of the objects that were created, in order.
	uids   []types.UID
	writes int
	// says are the operator's notes, each as often as it is told: a test of the test puts
	// a mistake in here.
	says func(reason, note string) []string
	// deaf says that the operator is not woken by the deadlines of incidents.
	deaf bool
}

// ref names an object.
type ref struct{ kind, name string }

// connect makes the client that all stages share: it asks once what is served.
func connect(t testing.TB) client.WithWatch {
	t.Helper()
	config := planetest.Plane(t).Config()
	connecting.Do(func() {
		config.QPS = -1
		connection, errConnecting = client.NewWithWatch(config, client.Options{Scheme: plane.NewScheme()})
	})
	if errConnecting != nil {
		t.Fatal(errConnecting)
	}
	return connection
}

var (
	connecting    sync.Once
	connection    client.WithWatch
	errConnecting error
)

func newLive(t testing.TB, acts []Act, o Options) *live {
	t.Helper()
	l := &live{
		TB: t, player: player{acts: acts, down: o.Down, out: &Transcript{Events: []Event{}}},
		api: connect(t), namespace: planetest.Namespace(t), clock: clocktesting.NewFakeClock(acts[0].At),
		latest: map[ref]client.Object{}, born: map[types.UID]metav1.Time{},
		says: func(_, note string) []string { return []string{note} },
	}
	l.operator = newOperator(l)
	return l
}

// act does what an act says, as a person, unless the API server refuses it.
func (l *live) act(ctx context.Context, a *Act) error {
	l.clock.SetTime(l.now)
	if a.Namespace != "" {
		l.Fatalf("%s: the namespace %s is not played live", a.From, a.Namespace)
	}
	old := l.latest[ref{a.Kind, a.Name}]
	incident := (&run{}).incidentOf(a, old)
	object := blank(a.Kind)
	object.SetNamespace(l.namespace)
	object.SetName(a.Name)
	var err error
	switch a.Verb {
	case Delete:
		err = l.client().Delete(ctx, object)
	case Patch:
		var patch []byte
		if patch, err = json.Marshal(a.Operations); err == nil {
			err = l.client().Patch(ctx, object, client.RawPatch(types.JSONPatchType, patch))
		}
	default:
		err = l.apply(ctx, a, old, object)
	}
	var status apierrors.APIStatus
	switch {
	case errors.As(err, &status):
		_, message, _ := strings.Cut(err.Error(), " is invalid: ")
		l.tell(incident, a.Kind, a.Name, Refused, string(apierrors.ReasonForError(err)), cmp.Or(message, err.Error()))
	case err != nil:
		return err
	case a.Verb == Patch:
		for _, o := range a.Operations {
			reason, message := describe(o)
			l.tell(incident, a.Kind, a.Name, Recorded, reason, message)
		}
	default:
		l.tell(incident, a.Kind, a.Name, Applied, string(a.Verb), a.Kind+" "+a.Name)
	}
	return nil
}

// apply creates or replaces an object as kubectl does: unknown fields are refused. The
// object is then read as the operator reads it.
func (l *live) apply(ctx context.Context, a *Act, old, into client.Object) error {
	sent := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(a.Object)}
	sent.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(a.Kind))
	sent.SetNamespace(l.namespace)
	var err error
	if old == nil {
		sent.SetCreationTimestamp(metav1.Time{})
		err = l.api.Create(ctx, sent, client.FieldValidation("Strict"))
	} else {
		sent.SetUID(old.GetUID())
		sent.SetResourceVersion(old.GetResourceVersion())
		sent.SetFinalizers(old.GetFinalizers())
		err = l.api.Update(ctx, sent, client.FieldValidation("Strict"))
	}
	if err != nil {
		return err
	}
	if old == nil {
		l.uids = append(l.uids, sent.GetUID())
	}
	if err := l.api.Get(ctx, client.ObjectKeyFromObject(sent), into); err != nil {
		return err
	}
	l.observe(into)
	return nil
}

// settle implements stage.
func (l *live) settle(ctx context.Context) error {
	l.clock.SetTime(l.now)
	return l.operator.settle(ctx)
}

// wakes implements stage.
func (l *live) wakes() []time.Time { return l.operator.wakes() }

// turn implements stage: budgets are looked at on the way.
func (l *live) turn() time.Time { return l.operator.turn() }

// client is what operator and people write with, and what the operator reads live with.
func (l *live) client() client.WithWatch {
	wrote := func(o client.Object, err error) error {
		l.writes++
		if err == nil {
			l.observe(o)
		}
		return err
	}
	return interceptor.NewClient(l.api, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, opts ...client.GetOption) error {
			err := c.Get(ctx, key, into, opts...)
			l.date(into)
			return err
		},
		List: func(ctx context.Context, c client.WithWatch, into client.ObjectList, opts ...client.ListOption) error {
			if err := c.List(ctx, into, opts...); err != nil {
				return err
			}
			return apimeta.EachListItem(into, func(o runtime.Object) error {
				l.date(o.(client.Object))
				return nil
			})
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return wrote(o, c.Create(ctx, o, opts...))
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			return wrote(o, c.Update(ctx, o, opts...))
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, opts ...client.PatchOption) error {
			return wrote(o, c.Patch(ctx, o, patch, opts...))
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
			return wrote(o, c.SubResource(sub).Update(ctx, o, opts...))
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
			return wrote(o, c.SubResource(sub).Patch(ctx, o, patch, opts...))
		},
		Delete: l.remove,
	})
}

// remove deletes an object, which may stay for its finalizers.
func (l *live) remove(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
	if err := c.Delete(ctx, o, opts...); err != nil {
		return err
	}
	l.writes++
	left := o.DeepCopyObject().(client.Object)
	err := c.Get(ctx, client.ObjectKeyFromObject(o), left)
	if apierrors.IsNotFound(err) {
		l.gone(o)
		return nil
	}
	l.observe(left)
	return err
}

func refOf(o client.Object) ref { return ref{byhand.KindOf(o), o.GetName()} }

// date gives an object that was read the time of the player. One that is seen for the
// first time was created now.
func (l *live) date(o client.Object) {
	if o.GetUID() == "" || o.GetNamespace() != l.namespace {
		return
	}
	at, ok := l.born[o.GetUID()]
	if !ok {
		at = metav1.NewTime(l.now)
		l.born[o.GetUID()] = at
	}
	o.SetCreationTimestamp(at)
	o.SetManagedFields(nil) // Every fact of a script carries its own time.
}

// observe notes what the API server answered to a write, and tells what changed by it.
func (l *live) observe(o client.Object) {
	l.date(o)
	if o.GetDeletionTimestamp() != nil {
		if len(o.GetFinalizers()) == 0 {
			l.gone(o)
			return
		}
		o.SetDeletionTimestamp(&metav1.Time{Time: l.now})
	}
	was := l.latest[refOf(o)]
	if was == nil {
		was = reflect.New(reflect.TypeOf(o).Elem()).Interface().(client.Object)
	}
	l.latest[refOf(o)] = o.DeepCopyObject().(client.Object)
	l.operator.cache.Put(o)
	l.changed(was, o)
}

func (l *live) gone(o client.Object) {
	r := refOf(o)
	was := l.latest[r]
	delete(l.latest, r)
	l.operator.cache.Drop(r.kind, r.name)
	if was != nil {
		l.operator.Gone(was)
	}
}

// changed tells what has changed about an object, in the words of the simulation.
func (l *live) changed(was, is client.Object) {
	switch is := is.(type) {
	case *v1alpha1.BusinessCalendar:
		l.conditions("", "BusinessCalendar", is.Name, was.(*v1alpha1.BusinessCalendar).Status.Conditions, is.Status.Conditions)
	case *v1alpha1.RecoveryPolicy:
		l.conditions("", "RecoveryPolicy", is.Name, was.(*v1alpha1.RecoveryPolicy).Status.Conditions, is.Status.Conditions)
	case *v1alpha1.Incident:
		l.story(is, &was.(*v1alpha1.Incident).Status, nil)
	case *v1alpha1.Compensation:
		l.remedyStory(is, &was.(*v1alpha1.Compensation).Status)
	case *v1alpha1.RecoveryBudget:
		l.budgetStory(is, &was.(*v1alpha1.RecoveryBudget).Status)
	}
}
