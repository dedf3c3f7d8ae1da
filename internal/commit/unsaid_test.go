package commit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/recovery"
)

// fate is what becomes of a write: whether the API server takes it, and what the writer
// hears.
type fate struct {
	taken bool
	heard error
}

// desk is a committer whose writes have the fates of a script, in order; after them every
// write is taken and answered.
type desk struct {
	t        *testing.T
	store    client.Client
	commit   *commit.Committer
	recorder *events.FakeRecorder
	fates    []fate
}

func newDesk(t *testing.T, inc *v1alpha1.Incident, fates ...fate) *desk {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, recorder: events.NewFakeRecorder(32), fates: fates}
	d.store = fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(inc).WithObjects(inc).
		WithInterceptorFuncs(interceptor.Funcs{SubResourceUpdate: d.update}).Build()
	d.commit = commit.New(d.store, d.recorder, metrics.New(prometheus.NewRegistry()))
	return d
}

func (d *desk) update(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
	next := fate{taken: true}
	if len(d.fates) > 0 {
		next, d.fates = d.fates[0], d.fates[1:]
	}
	if next.taken {
		if err := c.SubResource(sub).Update(ctx, o, opts...); err != nil {
			return err
		}
	}
	return next.heard
}

func (d *desk) copy(name string) *v1alpha1.Incident {
	d.t.Helper()
	inc := &v1alpha1.Incident{}
	if err := d.store.Get(d.t.Context(), client.ObjectKey{Namespace: "hotel-b", Name: name}, inc); err != nil {
		d.t.Fatal(err)
	}
	return inc
}

// decide is a decision that opens the incident and says so.
func decide(phase v1alpha1.Phase, said string) *recovery.Decision {
	return &recovery.Decision{
		Status:  v1alpha1.IncidentStatus{Phase: phase},
		Notices: []recovery.Notice{{Reason: said, Action: "Recover", Message: "so it is"}},
	}
}

func (d *desk) told() []string {
	var out []string
	for len(d.recorder.Events) > 0 {
		out = append(out, <-d.recorder.Events)
	}
	return out
}

// Whatever becomes of the answers, what was decided is told once, when a copy of the
// incident shows it.
func TestWhatWasWrittenIsToldOnce(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset by peer")
	timeout := apierrors.NewTimeoutError("the server is slow", 1)
	refused := apierrors.NewTooManyRequests("later", 1)
	cases := map[string][]fate{
		"answered":                           nil,
		"taken, and the answer lost":         {{taken: true, heard: lost}},
		"taken, and a timeout answered":      {{taken: true, heard: timeout}},
		"not taken, and no answer":           {{heard: lost}},
		"not taken twice, then answered":     {{heard: lost}, {heard: timeout}},
		"not taken, then taken without word": {{heard: lost}, {taken: true, heard: lost}},
		"refused":                            {{heard: refused}},
	}
	for name, fates := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inc := fixture.In("hotel-b", fixture.Created(fixture.Instant("2026-10-02T08:00:00Z"), fixture.Incident("towel")))
			d := newDesk(t, inc, fates...)
			opened := decide(v1alpha1.PhaseOpen, "Opened")
			for range len(fates) + 2 {
				now := d.copy("towel")
				next := opened
				if now.Status.Phase == v1alpha1.PhaseOpen {
					next = decide(v1alpha1.PhaseOpen, "Again") // Nothing is left to write, so that nothing of it is told.
				}
				if _, err := d.commit.Incident(t.Context(), now, next); err != nil {
					t.Log(err)
				}
			}
			if diff := cmp.Diff([]string{"Normal Opened so it is"}, d.told()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// A stale copy is no proof, a decision that came to nothing is never told, and what landed
// is told before what follows from it.
func TestWhatWasNotWrittenIsNeverTold(t *testing.T) {
	t.Parallel()
	inc := fixture.In("hotel-b", fixture.Created(fixture.Instant("2026-10-02T08:00:00Z"), fixture.Incident("towel")))
	d := newDesk(t, inc, fate{heard: errors.New("no route to host")}, fate{taken: true}, fate{taken: true, heard: errors.New("gone away")})
	commit := func(inc *v1alpha1.Incident, next *recovery.Decision) {
		t.Helper()
		if _, err := d.commit.Incident(t.Context(), inc, next); err != nil {
			t.Log(err)
		}
	}
	first := d.copy("towel")
	commit(first, decide(v1alpha1.PhaseOpen, "NeverWritten"))
	commit(first, decide(v1alpha1.PhaseResolved, "Resolved"))
	second := d.copy("towel")
	commit(second, decide(v1alpha1.PhaseClosed, "Closed"))
	commit(second, decide(v1alpha1.PhaseCancelled, "Stale")) // conflicts
	commit(d.copy("towel"), decide(v1alpha1.PhaseOpen, "Reopened"))
	want := []string{"Normal Resolved so it is", "Normal Closed so it is", "Normal Reopened so it is"}
	if diff := cmp.Diff(want, d.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
