package controllers_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/tools/events"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers"
	"github.com/amends-dev/amends/internal/fixture"
)

// A spec that has become wrong is told once, and so is a new revision of a policy, whether
// the write that says so was answered, was taken without an answer, or was lost on its way.
func TestUnansweredWriteIsToldOnce(t *testing.T) {
	t.Parallel()
	calendar := fixture.Created(asked, fixture.In("hotel", fixture.Calendar("hours", "Europe/Atlantis")))
	wrong := fixture.Created(asked, fixture.In("hotel", fixture.Policy("guests", fixture.Step("apologise", v1alpha1.StepApology))))
	right := wrong.DeepCopy()
	wrong.Spec.Steps[0].When = "severity ==="
	calendars := func(r *controllers.Reconcilers) reconcile.Reconciler { return r.Calendars }
	policies := func(r *controllers.Reconcilers) reconcile.Reconciler { return r.Policies }
	of := map[string]struct {
		object client.Object
		does   func(*controllers.Reconcilers) reconcile.Reconciler
		told   string
	}{
		"a wrong calendar": {calendar, calendars, "Warning SpecInvalid "},
		"a wrong policy":   {wrong, policies, "Warning SpecInvalid "},
		"a new revision":   {right, policies, "Normal RevisionCreated "},
	}
	for what, subject := range of {
		for becomes, fates := range map[string][]fate{
			"answered":                               nil,
			"taken without an answer":                {{taken: true, heard: errLost}},
			"lost, and then answered":                {{heard: errLost}},
			"lost, and then taken without an answer": {{heard: errLost}, {taken: true, heard: errLost}},
		} {
			t.Run(what+" "+becomes, func(t *testing.T) {
				t.Parallel()
				recorder := events.NewFakeRecorder(8)
				does := subject.does(wired(t, subject.object, recorder, fates))
				for range 4 {
					if _, err := does.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKeyFromObject(subject.object)}); err != nil {
						t.Log(err)
					}
				}
				if n := len(recorder.Events); n != 1 {
					t.Fatalf("told %d times, want once", n)
				}
				if said := <-recorder.Events; !strings.HasPrefix(said, subject.told) {
					t.Errorf("told %q", said)
				}
			})
		}
	}
}

var (
	asked   = fixture.Instant("2026-10-02T08:00:00Z")
	errLost = errors.New("connection reset by peer")
)

// fate is what becomes of a write: whether it is taken, and what the writer hears.
type fate struct {
	taken bool
	heard error
}

// wired are reconcilers of one stored object, whose status writes and creations have these
// fates, in order; those after them are taken and answered.
func wired(t *testing.T, o client.Object, recorder events.EventRecorder, fates []fate) *controllers.Reconcilers {
	t.Helper()
	meet := func(write func() error) error {
		next := fate{taken: true}
		if len(fates) > 0 {
			next, fates = fates[0], fates[1:]
		}
		if next.taken {
			if err := write(); err != nil {
				return err
			}
		}
		return next.heard
	}
	api := storing(t, o.DeepCopyObject().(client.Object)).WithInterceptorFuncs(interceptor.Funcs{
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
			return meet(func() error { return c.SubResource(sub).Update(ctx, o, opts...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return meet(func() error { return c.Create(ctx, o, opts...) })
		},
	}).Build()
	return controllers.Wire(controllers.Surroundings{
		Cached: api, Live: api, Client: api, Recorder: recorder, Registry: prometheus.NewRegistry(),
	}, controllers.Options{Clock: testingclock.NewFakeClock(asked)})
}

type indexes struct{ builder *fake.ClientBuilder }

// IndexField implements client.FieldIndexer.
func (i indexes) IndexField(_ context.Context, o client.Object, field string, f client.IndexerFunc) error {
	i.builder.WithIndex(o, field, f)
	return nil
}
