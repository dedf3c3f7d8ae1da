package compensation_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers/compensation"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/policy"
)

var asked = fixture.Instant("2026-10-02T08:20:00Z")

var (
	request = reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "hotel", Name: "refund"}}
	budget  = types.NamespacedName{Namespace: "hotel", Name: "desk"}
)

// desk is a reconciler over a pretended API server, which takes down what is written.
type desk struct {
	*compensation.Reconciler

	api      client.WithWatch
	clock    *testingclock.FakeClock
	inbox    *bookkeeper.Inbox
	recorder *events.FakeRecorder
	// writes are the patches that were asked for, in order; refuse makes one fail.
	writes []string
	refuse func(what string) error
	// silent is what is heard instead of the answer to a write of a status that was made.
	silent error
}

// indexes takes indexes for the pretended API server.
type indexes struct{ builder *fake.ClientBuilder }

func (i indexes) IndexField(_ context.Context, o client.Object, field string, f client.IndexerFunc) error {
	i.builder.WithIndex(o, field, f)
	return nil
}

// open makes a desk at which alice asks for 40.00 for the incident coffee.
func open(t *testing.T, change func(c *v1alpha1.Compensation, inc *v1alpha1.Incident)) *desk {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	d := &desk{clock: testingclock.NewFakeClock(asked), recorder: events.NewFakeRecorder(100)}
	c, inc := ordered(), reported()
	if change != nil {
		change(c, inc)
	}
	b := fixture.Created(asked.Add(-time.Hour), fixture.In("hotel", fixture.Budget("desk", "EUR", "1000.00",
		fixture.Allowing(v1alpha1.Allowance{Name: "front"}), fixture.ApprovedBy("15m", v1alpha1.ApprovalLevel{Name: "manager"}))))
	b.Spec.Approval.OnTimeout = "Deny"
	builder := fake.NewClientBuilder().WithScheme(scheme).
		WithObjects(c, inc, b, revision(t), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "hotel"}}).
		WithStatusSubresource(&v1alpha1.Compensation{}, &v1alpha1.Incident{}, &v1alpha1.RecoveryBudget{}).
		WithInterceptorFuncs(interceptor.Funcs{
			Patch: func(ctx context.Context, api client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
				if err := d.asks("metadata", o); err != nil {
					return err
				}
				return api.Patch(ctx, o, p, opts...)
			},
			SubResourceUpdate: func(ctx context.Context, api client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
				if err := d.asks(sub, o); err != nil {
					return err
				}
				if err := api.SubResource(sub).Update(ctx, o, opts...); err != nil {
					return err
				}
				return d.silent
			},
		})
	if err := gather.IndexCompensationsByIncident(t.Context(), indexes{builder}); err != nil {
		t.Fatal(err)
	}
	d.api = builder.Build()
	d.inbox = bookkeeper.NewInbox(func(types.NamespacedName) {})
	d.Reconciler = &compensation.Reconciler{
		Client: d.api, Cached: d.api, Live: d.api, Remedies: gather.NewRemedies(gather.New(d.api, d.api, 0)),
		Inbox: d.inbox, Deadlines: deadline.New(d.clock, deadline.Options{}), Recorder: d.recorder,
		Metrics: metrics.New(prometheus.NewRegistry()), Clock: d.clock,
	}
	return d
}

// asks takes down a write.
func (d *desk) asks(what string, o client.Object) error {
	what += " of " + o.GetName()
	d.writes = append(d.writes, what)
	if d.refuse != nil {
		return d.refuse(what)
	}
	return nil
}

func ordered() *v1alpha1.Compensation {
	c := fixture.Created(asked, fixture.In("hotel", fixture.Compensation("refund", "coffee", "desk", "40.00",
		fixture.AskedBy("alice"), fixture.FromAllowance("front"))))
	c.ResourceVersion = ""
	return c
}

func reported() *v1alpha1.Incident {
	inc := fixture.Created(asked.Add(-time.Hour), fixture.In("hotel", fixture.Incident("coffee")))
	inc.ResourceVersion = ""
	inc.Status = v1alpha1.IncidentStatus{Phase: v1alpha1.PhaseOpen, Severity: v1alpha1.SeverityHigh, Pins: []v1alpha1.Pin{{Revision: "desk-1", At: metav1.NewTime(asked.Add(-time.Hour))}}}
	return inc
}

// revision is what the incident is pinned to.
func revision(t *testing.T) *appsv1.ControllerRevision {
	t.Helper()
	spec := policy.Complete(fixture.Policy("desk", fixture.Step("apologise", v1alpha1.StepApology)).Spec)
	spec.Compensation = &v1alpha1.PolicyCompensation{BudgetName: "desk"}
	_, data, err := policy.Encode("desk", policy.Content{Policy: spec})
	if err != nil {
		t.Fatal(err)
	}
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{Namespace: "hotel", Name: "desk-1", UID: "revision", Labels: map[string]string{v1alpha1.PolicyLabel: "desk"}},
		Data:       runtime.RawExtension{Raw: data},
	}
}

// reconciles reconciles the request, and checks which writes that took.
func (d *desk) reconciles(t *testing.T, want ...string) {
	t.Helper()
	d.writes = nil
	if _, err := d.Reconcile(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, d.writes); diff != "" {
		t.Errorf("other writes (-want +got):\n%s", diff)
	}
}

// now is the request as it stands.
func (d *desk) now(t *testing.T) *v1alpha1.Compensation {
	t.Helper()
	c := &v1alpha1.Compensation{}
	if err := d.api.Get(t.Context(), request.NamespacedName, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// told are the events so far.
func (d *desk) told() []string {
	var out []string
	for len(d.recorder.Events) > 0 {
		out = append(out, strings.Join(strings.Fields(<-d.recorder.Events)[:2], " "))
	}
	return out
}

func held(c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
	c.Finalizers, inc.Finalizers = []string{v1alpha1.LedgerFinalizer}, []string{v1alpha1.MoneyFinalizer}
}

func TestWhatWouldBeForgottenIsHeldFirst(t *testing.T) {
	t.Run("neither is held", func(t *testing.T) {
		d := open(t, nil)
		d.reconciles(t, "metadata of coffee", "metadata of refund")
		if c := d.now(t); !slices.Contains(c.Finalizers, v1alpha1.LedgerFinalizer) || d.inbox.Waiting(budget) != 1 {
			t.Errorf("finalizers %v, %d claims wait", c.Finalizers, d.inbox.Waiting(budget))
		}
		d.reconciles(t)
	})
	t.Run("both are held from the beginning", func(t *testing.T) {
		d := open(t, held)
		d.reconciles(t)
		if d.inbox.Waiting(budget) != 1 {
			t.Error("no claim waits")
		}
		// Should the claim get lost, it is put anew.
		if due, ok := d.Deadlines.NextDue(); !ok || !due.Equal(asked.Add(30*time.Second)) {
			t.Errorf("it is looked at again at %s", due)
		}
	})
	t.Run("the incident cannot be held", func(t *testing.T) {
		d := open(t, nil)
		d.refuse = func(string) error { return errors.New("the API server is away") }
		if _, err := d.Reconcile(t.Context(), request); err == nil || d.inbox.Waiting(budget) != 0 {
			t.Errorf("%v, %d claims wait; want an error and none", err, d.inbox.Waiting(budget))
		}
		if due, ok := d.Deadlines.NextDue(); !ok || !due.Equal(asked.Add(5*time.Second)) {
			t.Errorf("it is looked at again at %s", due)
		}
	})
	t.Run("somebody writes the request first", func(t *testing.T) {
		d := open(t, func(c *v1alpha1.Compensation, inc *v1alpha1.Incident) { held(c, inc); c.Finalizers = nil })
		old := d.now(t)
		newer := old.DeepCopy()
		newer.Labels = map[string]string{"site": "hotel"}
		if err := d.api.Update(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
		d.Cached = stale{d.api, old}
		d.reconciles(t, "metadata of refund")
		if d.inbox.Waiting(budget) != 0 {
			t.Error("a claim waits without the finalizer")
		}
	})
	t.Run("somebody writes the incident first", func(t *testing.T) {
		d := open(t, nil)
		conflicts := 2
		old := &v1alpha1.Incident{}
		if err := d.api.Get(t.Context(), types.NamespacedName{Namespace: "hotel", Name: "coffee"}, old); err != nil {
			t.Fatal(err)
		}
		d.refuse = func(what string) error {
			if what == "metadata of coffee" && conflicts > 0 {
				conflicts--
				touched := old.DeepCopy()
				if err := d.api.Get(t.Context(), client.ObjectKeyFromObject(old), touched); err != nil {
					return err
				}
				touched.Labels = map[string]string{"written": time.Duration(conflicts).String()}
				return d.api.Update(t.Context(), touched)
			}
			return nil
		}
		d.reconciles(t, "metadata of coffee", "metadata of coffee", "metadata of coffee", "metadata of refund")
	})
}

// stale is a cache that has not seen the last write of one request.
type stale struct {
	client.Reader

	old *v1alpha1.Compensation
}

func (s stale) Get(ctx context.Context, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	if c, ok := o.(*v1alpha1.Compensation); ok {
		s.old.DeepCopyInto(c)
		return nil
	}
	return s.Reader.Get(ctx, key, o, opts...)
}

func TestWhatWasWrittenWithoutAnAnswerIsToldOnce(t *testing.T) {
	for name, c := range map[string]struct {
		heard error
		want  []string
	}{
		"the answer is lost":                 {context.DeadlineExceeded, []string{"Warning RemedyDenied"}},
		"the server does not know":           {apierrors.NewTimeoutError("etcd is slow", 1), []string{"Warning RemedyDenied"}},
		"the server says that it is refused": {apierrors.NewForbidden(v1alpha1.GroupVersion.WithResource("compensations").GroupResource(), "refund", nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, func(c *v1alpha1.Compensation, _ *v1alpha1.Incident) { c.Spec.Offers[0].Currency = "USD" })
			d.Money = metrics.NewMoney(prometheus.NewRegistry())
			d.silent = c.heard
			if _, err := d.Reconcile(t.Context(), request); !errors.Is(err, c.heard) {
				t.Fatalf("the error is %v, want %v", err, c.heard)
			}
			if told := d.told(); len(told) != 0 {
				t.Errorf("told before it was known: %v", told)
			}
			d.silent = nil
			for range 2 {
				d.reconciles(t)
			}
			if diff := cmp.Diff(c.want, d.told()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatMovesNoMoneyIsWrittenOnce(t *testing.T) {
	t.Run("denied", func(t *testing.T) {
		d := open(t, func(c *v1alpha1.Compensation, _ *v1alpha1.Incident) { c.Spec.Offers[0].Currency = "USD" })
		d.reconciles(t, "status of refund")
		if c := d.now(t); c.Status.Phase != v1alpha1.CompensationDenied || len(c.Finalizers) != 0 {
			t.Errorf("phase %s, finalizers %v", c.Status.Phase, c.Finalizers)
		}
		if diff := cmp.Diff([]string{"Warning RemedyDenied"}, d.told()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		d.reconciles(t)
	})
	t.Run("delivered", func(t *testing.T) {
		d := open(t, func(c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
			held(c, inc)
			c.Status = v1alpha1.CompensationStatus{ObservedGeneration: 1, Phase: v1alpha1.CompensationGranted, Amount: "40.00", IncidentUID: "uid-of-coffee", DecidedAt: &metav1.Time{Time: asked}}
			c.Spec.Delivery = &v1alpha1.CompensationDelivery{By: "alice", RecordedAt: &metav1.Time{Time: asked}}
		})
		d.reconciles(t, "status of refund")
		if diff := cmp.Diff([]string{"Normal RemedyDelivered"}, d.told()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		d.reconciles(t)
	})
	t.Run("it waits", func(t *testing.T) {
		d := open(t, func(c *v1alpha1.Compensation, _ *v1alpha1.Incident) { c.Spec.IncidentName = "tea" })
		d.reconciles(t, "status of refund")
		d.clock.Step(time.Hour)
		d.reconciles(t)
		if told := d.told(); len(told) != 0 {
			t.Errorf("told: %v", told)
		}
	})
	t.Run("the write fails", func(t *testing.T) {
		d := open(t, func(c *v1alpha1.Compensation, _ *v1alpha1.Incident) { c.Spec.Offers[0].Currency = "USD" })
		d.refuse = func(string) error { return errors.New("the API server is away") }
		if _, err := d.Reconcile(t.Context(), request); err == nil {
			t.Error("no error")
		}
		if told := d.told(); len(told) != 0 {
			t.Errorf("told before it is written: %v", told)
		}
	})
}

// overdue is a request whose approval was due an hour ago.
func overdue(c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
	held(c, inc)
	c.Status = v1alpha1.CompensationStatus{
		ObservedGeneration: 1, Phase: v1alpha1.CompensationAwaitingApproval, Amount: "40.00", IncidentUID: "uid-of-coffee",
		AwaitingSince: &metav1.Time{Time: asked}, ApprovalDueAt: &metav1.Time{Time: asked.Add(15 * time.Minute)},
	}
}

// A denial by time is decided on a live read: a decision that the cache has not seen
// counts.
func TestATimeoutIsLookedAtLive(t *testing.T) {
	d := open(t, overdue)
	d.reconciles(t)
	if due, ok := d.Deadlines.NextDue(); !ok || !due.Equal(asked.Add(15*time.Minute+time.Second)) || d.inbox.Waiting(budget) != 0 {
		t.Errorf("it is looked at again at %s, %d claims wait", due, d.inbox.Waiting(budget))
	}
	old := d.now(t)
	decided := old.DeepCopy()
	decided.Spec.Decision = &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: "tom", Level: "manager", RecordedAt: &metav1.Time{Time: asked.Add(15 * time.Minute)}}
	if err := d.api.Update(t.Context(), decided); err != nil {
		t.Fatal(err)
	}
	d.clock.Step(time.Hour)
	d.Cached = stale{d.api, old}
	d.reconciles(t)
	item, ok, err := d.Appraise(t.Context(), d.now(t))
	if err != nil || !ok || item.Claim.Approved == nil || d.inbox.Waiting(budget) != 1 {
		t.Errorf("%+v, %v, %v; want the approval to be claimed", item.Claim, ok, err)
	}
}

func TestAppraise(t *testing.T) {
	cases := map[string]struct {
		change func(*v1alpha1.Compensation, *v1alpha1.Incident)
		want   ledger.Want
		ok     bool
	}{
		"it asks":                 {held, ledger.WantGive, true},
		"it asks and is not held": {nil, "", false},
		"it waits":                {overdue, "", false},
		"withdrawn": {func(c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
			overdue(c, inc)
			c.Spec.Withdrawal = &v1alpha1.CompensationWithdrawal{By: "alice"}
		}, ledger.WantFree, true},
		"denied without moving anything": {func(c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
			held(c, inc)
			c.Spec.Offers[0].Currency = "USD"
		}, "", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := open(t, c.change)
			item, ok, err := d.Appraise(t.Context(), d.now(t))
			if err != nil || ok != c.ok || item.Claim.Want != c.want {
				t.Fatalf("%q, %v, %v; want %q, %v", item.Claim.Want, ok, err, c.want, c.ok)
			}
			if !ok && (item.Claim.Want != "" || item.Claim.Incident != "uid-of-coffee" || item.Claim.IncidentName != "coffee") {
				t.Errorf("%+v; want what it is for, and nothing else", item.Claim)
			}
			// What the budget does by itself can be recorded all the same.
			if item.Record == nil || item.Written == nil || item.Compensation == nil || item.Key != request.NamespacedName {
				t.Errorf("%+v", item)
			}
		})
	}
}

func TestADeletedRequest(t *testing.T) {
	deleting := func(status v1alpha1.CompensationStatus) *desk {
		d := open(t, func(c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
			held(c, inc)
			c.Status = status
		})
		if err := d.api.Delete(t.Context(), d.now(t)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	t.Run("it is taken back first", func(t *testing.T) {
		d := deleting(v1alpha1.CompensationStatus{})
		d.reconciles(t)
		if d.inbox.Waiting(budget) != 1 {
			t.Error("nothing is given back")
		}
	})
	t.Run("denied at once, it goes", func(t *testing.T) {
		d := deleting(v1alpha1.CompensationStatus{ObservedGeneration: 1, Phase: v1alpha1.CompensationDenied, IncidentUID: "uid-of-coffee"})
		d.reconciles(t, "metadata of refund")
		d.reconciles(t)
	})
	t.Run("granted, it stays and says so", func(t *testing.T) {
		d := deleting(v1alpha1.CompensationStatus{ObservedGeneration: 1, Phase: v1alpha1.CompensationGranted, Amount: "40.00", IncidentUID: "uid-of-coffee"})
		d.reconciles(t)
		if diff := cmp.Diff([]string{"Normal DeletionWaits"}, d.told()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if due, ok := d.Deadlines.NextDue(); !ok || !due.Equal(fixture.Instant("2028-01-01T00:00:00Z")) {
			t.Errorf("it is looked at again at %s", due)
		}
	})
	t.Run("denied, and the ledger is not through with it", func(t *testing.T) {
		d := deleting(v1alpha1.CompensationStatus{ObservedGeneration: 1, Phase: v1alpha1.CompensationDenied, IncidentUID: "uid-of-coffee"})
		entries := func(entries ...v1alpha1.LedgerEntry) {
			b := &v1alpha1.RecoveryBudget{}
			if err := d.api.Get(t.Context(), budget, b); err != nil {
				t.Fatal(err)
			}
			b.Status.Entries = entries
			if err := d.api.Status().Update(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		entries(v1alpha1.LedgerEntry{UID: string(d.now(t).UID), From: v1alpha1.ChargeReserved, To: v1alpha1.ChargeNone})
		// That it was deleted is seen first, and then it is waited.
		if _, err := d.Reconcile(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		d.reconciles(t)
		if due, ok := d.Deadlines.NextDue(); !ok || !due.Equal(asked.Add(5*time.Second)) {
			t.Errorf("it is looked at again at %s", due)
		}
		if said := d.told(); len(said) > 0 {
			t.Errorf("of a few seconds it is told %q", said)
		}
		entries()
		d.clock.Step(5 * time.Second)
		d.reconciles(t, "metadata of refund")
	})
	t.Run("deleted too late, while it is not certain yet that nobody decided", func(t *testing.T) {
		d := open(t, overdue)
		if err := d.api.Delete(t.Context(), d.now(t)); err != nil {
			t.Fatal(err)
		}
		d.clock.Step(15 * time.Minute)
		d.reconciles(t)
		if due, ok := d.Deadlines.NextDue(); !ok || !due.Equal(asked.Add(15*time.Minute+time.Second)) {
			t.Errorf("it is looked at again at %s", due)
		}
	})
	t.Run("granted, in a namespace that goes", func(t *testing.T) {
		d := deleting(v1alpha1.CompensationStatus{ObservedGeneration: 1, Phase: v1alpha1.CompensationGranted, Amount: "40.00", IncidentUID: "uid-of-coffee"})
		if err := d.api.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "hotel"}}); err != nil {
			t.Fatal(err)
		}
		d.reconciles(t, "metadata of refund")
	})
}
