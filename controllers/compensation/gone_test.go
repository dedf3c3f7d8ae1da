package compensation_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/metrics"
)

// past is a cache that has not seen what became of an incident.
type past struct {
	client.Reader

	incident *v1alpha1.Incident
}

func (p past) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	if inc, ok := o.(*v1alpha1.Incident); ok {
		p.incident.DeepCopyInto(inc)
		return nil
	}
	return p.Reader.Get(ctx, key, o, opts...)
}

// An incident that is gone, replaced or going is not held, and no claim goes in for it:
// the request is judged by what there is.
func TestNoClaimForAnIncidentThatIsGone(t *testing.T) {
	anew := func(pinned bool) func(*testing.T, *desk) {
		return func(t *testing.T, d *desk) {
			inc := reported()
			inc.UID = "another"
			if !pinned {
				inc.Status.Pins, inc.Status.Policy = nil, nil
			}
			status := inc.Status
			if err := d.api.Create(t.Context(), inc); err != nil {
				t.Fatal(err)
			}
			inc.Status = status
			if err := d.api.Status().Update(t.Context(), inc); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := map[string]struct {
		// judged says that the request belongs to the first incident already.
		judged bool
		// kept is a finalizer of somebody else, under which the incident goes slowly.
		kept bool
		then func(*testing.T, *desk)
		// reason is that of the request, and claims how many wait.
		reason string
		claims int
	}{
		"it is gone":          {reason: v1alpha1.IncidentNotFoundReason},
		"it is being deleted": {kept: true, reason: v1alpha1.IncidentEndedReason},
		"another one without a policy has its name":  {then: anew(false), reason: v1alpha1.PolicyPendingReason},
		"another one has its name, and a policy":     {then: anew(true), claims: 1},
		"it is gone, and it was judged once":         {judged: true, reason: v1alpha1.IncidentReplacedReason},
		"another one has it, and it was judged once": {judged: true, then: anew(true), reason: v1alpha1.IncidentReplacedReason},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := open(t, func(request *v1alpha1.Compensation, inc *v1alpha1.Incident) {
				if c.judged {
					request.Status = v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationRequested, IncidentUID: string(inc.UID)}
				}
				if c.kept {
					inc.Finalizers = []string{"example.com/slow"}
				}
			})
			old := &v1alpha1.Incident{}
			if err := d.api.Get(t.Context(), types.NamespacedName{Namespace: "hotel", Name: "coffee"}, old); err != nil {
				t.Fatal(err)
			}
			if err := d.api.Delete(t.Context(), old.DeepCopy()); err != nil {
				t.Fatal(err)
			}
			if c.then != nil {
				c.then(t, d)
			}
			d.Cached = past{d.api, old}
			d.Remedies = gather.NewRemedies(gather.New(d.Cached, d.api, 0))
			if _, err := d.Reconcile(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			if n := d.inbox.Waiting(budget); n != c.claims {
				t.Errorf("%d claims wait, want %d", n, c.claims)
			}
			now := d.now(t)
			if isHeld := slices.Contains(now.Finalizers, v1alpha1.LedgerFinalizer); isHeld != (c.claims > 0) {
				t.Errorf("the request is held: %v", isHeld)
			}
			reason := ""
			if ready := apimeta.FindStatusCondition(now.Status.Conditions, v1alpha1.ReadyCondition); ready != nil {
				reason = ready.Reason
			}
			if reason != c.reason {
				t.Errorf("the reason is %q, want %q", reason, c.reason)
			}
		})
	}
}

// unaware is a cache that has no incident yet, or one as it was before.
type unaware struct {
	client.Reader

	before *v1alpha1.Incident
}

func (u unaware) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	inc, ok := o.(*v1alpha1.Incident)
	switch {
	case ok && u.before == nil:
		return apierrors.NewNotFound(schema.GroupResource{Resource: "incidents"}, key.Name)
	case ok:
		u.before.DeepCopyInto(inc)
		return nil
	}
	return u.Reader.Get(ctx, key, o, opts...)
}

// Another operator may have looked at the request with an incident that this one's cache
// does not have yet, and somebody may have opened it again: nothing is denied for that.
func TestAnIncidentThatTheCacheDoesNotHave(t *testing.T) {
	before, closed := reported(), reported()
	before.UID = "the-one-before"
	closed.Status.Phase, closed.Status.ObservedGeneration = v1alpha1.PhaseClosed, closed.Generation
	for name, cache := range map[string]*v1alpha1.Incident{"no incident": nil, "the one before it": before, "it is closed there": closed} {
		t.Run(name, func(t *testing.T) {
			d := open(t, func(c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
				held(c, inc)
				c.Status = v1alpha1.CompensationStatus{Phase: v1alpha1.CompensationRequested, IncidentUID: string(inc.UID)}
			})
			d.Cached = unaware{d.api, cache}
			d.Remedies = gather.NewRemedies(gather.New(d.Cached, d.api, 0))
			d.reconciles(t)
			if n := d.inbox.Waiting(budget); n != 1 || d.now(t).Status.Phase != v1alpha1.CompensationRequested {
				t.Errorf("%d claims wait, and it is %s", n, d.now(t).Status.Phase)
			}
		})
	}
}

// A denial that the ledger has no part in is counted where it is written, once.
func TestDenialsWithoutTheLedgerAreCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	d := open(t, func(c *v1alpha1.Compensation, _ *v1alpha1.Incident) { c.Spec.Offers[0].Currency = "USD" })
	d.Money = metrics.NewMoney(registry)
	for range 2 {
		if _, err := d.Reconcile(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		d.clock.Step(time.Minute)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "amends_remedies_denied_total" {
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					if l.GetName() == "reason" {
						counted[l.GetValue()] = m.GetCounter().GetValue()
					}
				}
			}
		}
	}
	if diff := cmp.Diff(map[string]float64{v1alpha1.CurrencyMismatchReason: 1}, counted); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}
