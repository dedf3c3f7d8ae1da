package faulttest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/byhand"
	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// opening is when every story begins: a Monday, before the calendars of most open.
var opening = time.Date(2026, 10, 5, 1, 0, 0, 0, time.UTC)

// world is a namespace of a real API server on a clock of its own. The API server
// stamps creations by its own clock; everything that is read here carries the time of
// the fake one instead.
type world struct {
	testing.TB

	api       client.WithWatch
	namespace string
	clock     *clocktesting.FakeClock
	// hurt is what went wrong, in the order in which it did. It is collected, because a
	// test of the test wants it to be there.
	hurt []string

	mu sync.Mutex
	// server is the API server's time.
	server metav1.Time
	// born is when an object was created, on the fake clock.
	born map[types.UID]metav1.Time
	// history is every change of an object, in the order in which the API server made it.
	history []change
	// latest is the newest version of each object.
	latest map[ref]client.Object
	// told is every event, by what it says.
	told map[string]int
	// refused says that a person was refused something, so that the story is another one.
	refused bool
	// ahead is the latest instant that any clock has shown.
	ahead time.Time
	// writes are the operator's, applied or not.
	writes int
	// verbose are the operators' writes, for messages.
	trail []string
}

// ref names an object of a world.
type ref struct{ kind, name string }

func (r ref) String() string { return r.kind + "/" + r.name }

// change is a version of an object; the object is nil where it was deleted.
type change struct {
	ref
	object client.Object
	// at is when it was made.
	at time.Time
}

// instants are those at which anything was written.
func (w *world) instants() []time.Time {
	var out []time.Time
	for _, c := range w.history {
		if len(out) == 0 || !out[len(out)-1].Equal(c.at) {
			out = append(out, c.at)
		}
	}
	return out
}

// connect makes the client that all worlds share: it asks once what is served.
func connect(t testing.TB) client.WithWatch {
	t.Helper()
	config := planetest.Plane(t).Config()
	connecting.Do(func() {
		config.QPS = -1
		connection, connectionErr = client.NewWithWatch(config, client.Options{Scheme: plane.NewScheme()})
	})
	if connectionErr != nil {
		t.Fatal(connectionErr)
	}
	return connection
}

var (
	connecting    sync.Once
	connection    client.WithWatch
	connectionErr error
)

// newWorld opens a namespace at an instant.
func newWorld(t testing.TB, at time.Time) *world {
	t.Helper()
	return &world{
		TB: t, api: connect(t), namespace: planetest.Namespace(t), clock: clocktesting.NewFakeClock(at),
		born: map[types.UID]metav1.Time{}, latest: map[ref]client.Object{}, told: map[string]int{},
	}
}

// ctx is never cancelled by a fault: those are injected.
func (w *world) ctx() context.Context { return w.Context() }

// wound notes that something is wrong.
func (w *world) wound(format string, args ...any) {
	w.hurt = append(w.hurt, w.clock.Now().UTC().Format(time.RFC3339)+": "+fmt.Sprintf(format, args...))
}

// unharmed fails the test where something went wrong.
func (w *world) unharmed() {
	w.Helper()
	if len(w.hurt) > 0 {
		w.Errorf("%s\nthe last writes:\n%s", strings.Join(w.hurt, "\n"), strings.Join(w.trail[max(0, len(w.trail)-30):], "\n"))
	}
}

// blamed says whether anything went wrong, and fails the test where the first that did is
// not what a bug that was put in is to be found by.
func (w *world) blamed(t testing.TB, wrong string) bool {
	t.Helper()
	if len(w.hurt) == 0 {
		return false
	}
	if !strings.Contains(w.hurt[0], wrong) {
		t.Errorf("found by something else than %q: %s", wrong, w.hurt[0])
	}
	told := strings.Split(w.hurt[0], "\n")
	t.Logf("found: %s", strings.Join(told[:min(len(told), 8)], "\n"))
	return true
}

func refOf(o client.Object) ref { return ref{byhand.KindOf(o), o.GetName()} }

// dated gives an object that was read the times of the fake clock. One that is seen for
// the first time was created now.
func (w *world) dated(o client.Object) {
	if o.GetUID() == "" || o.GetNamespace() != w.namespace {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.born[o.GetUID()]
	if !ok {
		at = metav1.NewTime(w.clock.Now().UTC().Truncate(time.Second))
		w.born[o.GetUID()] = at
	}
	o.SetCreationTimestamp(at)
	// The times of field managers are the API server's own, which runs on, whatever becomes
	// of the operator's clock.
	if now := w.clock.Now().UTC().Truncate(time.Second); now.After(w.server.Time) {
		w.server = metav1.NewTime(now)
	}
	o.SetManagedFields([]metav1.ManagedFieldsEntry{{Time: w.server.DeepCopy()}})
}

// datedList dates the items of a list.
func (w *world) datedList(list client.ObjectList) error {
	return apimeta.EachListItem(list, func(o runtime.Object) error {
		w.dated(o.(client.Object))
		return nil
	})
}

// observe notes what the API server answered to a write. It tells whether anything
// changed by it.
func (w *world) observe(o client.Object) bool {
	w.dated(o)
	r := refOf(o)
	gone := o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) == 0
	w.mu.Lock()
	before := w.latest[r]
	if before != nil && before.GetResourceVersion() == o.GetResourceVersion() && !gone {
		w.mu.Unlock()
		return false
	}
	after := o.DeepCopyObject().(client.Object)
	if gone {
		after = nil
		delete(w.latest, r)
	} else {
		w.latest[r] = after
	}
	w.history = append(w.history, change{r, after, w.clock.Now()})
	w.mu.Unlock()
	w.examine(r, before, after)
	w.recount(r)
	return true
}

// vanished notes that an object was deleted, or is being deleted.
func (w *world) vanished(o client.Object) {
	live := o.DeepCopyObject().(client.Object)
	err := w.api.Get(w.ctx(), client.ObjectKeyFromObject(o), live)
	switch {
	case apierrors.IsNotFound(err):
		w.mu.Lock()
		defer w.mu.Unlock()
		r := refOf(o)
		if w.latest[r] != nil {
			delete(w.latest, r)
			w.history = append(w.history, change{ref: r, at: w.clock.Now()})
		}
	case err != nil:
		w.Fatal(err)
	default:
		w.observe(live)
	}
}

// revision is how many changes there were.
func (w *world) revision() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.history)
}

// current is the newest version of an object, or nil.
func (w *world) current(kind, name string) client.Object {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o := w.latest[ref{kind, name}]; o != nil {
		return o.DeepCopyObject().(client.Object)
	}
	return nil
}

// create creates an object as a person.
func (w *world) create(o client.Object) {
	w.Helper()
	o.SetNamespace(w.namespace)
	if err := w.api.Create(w.ctx(), o); err != nil {
		w.Fatalf("create %s: %v", refOf(o), err)
	}
	w.observe(o)
}

// patch changes an object as a person. What the API server refuses because the operator
// is behind, such as a decision on a request that does not await one yet, is no fault:
// the story then goes another way.
func (w *world) patch(o client.Object, kind types.PatchType, patch []byte) {
	w.Helper()
	o.SetNamespace(w.namespace)
	err := w.api.Patch(w.ctx(), o, client.RawPatch(kind, patch))
	if byhand.KindOf(o) == "Compensation" && (apierrors.IsInvalid(err) || apierrors.IsNotFound(err)) {
		w.refused = true
		w.note("   refused: %v", err)
		return
	}
	if err != nil {
		w.Fatalf("patch %s: %v: %s", refOf(o), err, patch)
	}
	w.observe(o)
}

// delete deletes an object as a person.
func (w *world) delete(o client.Object) {
	w.Helper()
	o.SetNamespace(w.namespace)
	if err := w.api.Delete(w.ctx(), o); err != nil {
		w.Fatalf("delete %s: %v", refOf(o), err)
	}
	w.vanished(o)
}
