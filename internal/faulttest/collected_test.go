package faulttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// collect starts a kube-controller-manager, of which the garbage collector and the
// controller that empties namespaces run, and waits until it collects.
func collect(t *testing.T) {
	t.Helper()
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		root, err := plane.ModuleRoot()
		if err != nil {
			t.Fatal(err)
		}
		assets = filepath.Join(root, "bin", "controlplane")
	}
	program := filepath.Join(assets, "kube-controller-manager")
	if _, err := os.Stat(program); err != nil || !everything() {
		t.Skip("needs a kube-controller-manager, which make faults builds")
	}
	dir := t.TempDir()
	kubeconfig, said := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "log")
	if err := planetest.Plane(t).Kubeconfig(kubeconfig); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	command := exec.Command(program, "--kubeconfig="+kubeconfig, "--leader-elect=false", "--secure-port=0", //nolint:gosec // built by this project
		"--cert-dir="+dir, "--controllers=garbage-collector-controller,namespace-controller")
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(said) //nolint:gosec // the log above
			t.Logf("the kube-controller-manager said:\n%s", text[max(0, len(text)-5000):])
		}
	})
	(&fleet{world: newWorld(t, opening)}).aCollection()
}

// aCollection waits until the collector has come round: what nobody owns any more is gone,
// and with it what was known to be so before.
func (f *fleet) aCollection() {
	f.Helper()
	orphan := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: f.namespace, GenerateName: "orphan-", OwnerReferences: []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Incident", Name: "never-was", UID: "never-was",
	}}}}
	if err := f.api.Create(f.ctx(), orphan); err != nil {
		f.Fatal(err)
	}
	f.until("a collection", func() bool { return f.gone(orphan) })
}

// gone says whether an object is not there any more.
func (f *fleet) gone(o client.Object) bool {
	f.Helper()
	err := f.api.Get(f.ctx(), client.ObjectKeyFromObject(o), o)
	if err != nil && !apierrors.IsNotFound(err) {
		f.Fatal(err)
	}
	return err != nil
}

func (f *fleet) awaitGone(o client.Object) {
	f.Helper()
	o.SetNamespace(f.namespace)
	f.until(refOf(o).String()+" to go", func() bool { return f.gone(o) })
}

// remove deletes an object in a way that the garbage collector has a part in.
func (f *fleet) remove(o client.Object, how metav1.DeletionPropagation) {
	f.Helper()
	o.SetNamespace(f.namespace)
	if err := f.api.Delete(f.ctx(), o, client.PropagationPolicy(how)); err != nil {
		f.Fatal(err)
	}
}

// grant asks for money for an incident, and waits until it is given.
func (f *fleet) grant(name, incident string) {
	f.Helper()
	f.create(request(name, incident, "any", "ada", offer("refund", "45.00")))
	f.awaitStage(name, v1alpha1.CompensationGranted)
}

func (f *fleet) awaitStage(name string, phase v1alpha1.CompensationPhase) *v1alpha1.Compensation {
	f.Helper()
	c := &v1alpha1.Compensation{}
	f.until(name+" to be "+string(phase), func() bool {
		f.read(c, name)
		return c.Status.Phase == phase
	})
	return c
}

// deliver records that the customer has it.
func (f *fleet) deliver(name string) {
	f.Helper()
	f.patch(&v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: name}}, types.JSONPatchType, fact("delivery", `{"by":"ada","evidence":"a receipt"}`))
}

// awaitSpent waits until the book says so much and nothing is in flight.
func (f *fleet) awaitSpent(cents int64) {
	f.Helper()
	b := &v1alpha1.RecoveryBudget{}
	f.until(fmt.Sprintf("%d cents to be spent", cents), func() bool {
		f.read(b, "till")
		var spent int64
		for _, p := range b.Status.Periods {
			spent += *p.Spent
		}
		return len(b.Status.Entries) == 0 && spent == cents
	})
}

func incidentNamed(name string) *v1alpha1.Incident {
	return fixture.Incident(name, fixture.UnderPolicy("till"))
}

// propagations are the ways of a deletion: with the garbage collector before the object
// goes, after it, or to cut its dependents loose.
var propagations = map[string]metav1.DeletionPropagation{
	"foreground": metav1.DeletePropagationForeground,
	"background": metav1.DeletePropagationBackground,
	"orphan":     metav1.DeletePropagationOrphan,
}

// Objects are deleted while a garbage collector and a namespace controller run. Money and
// what it was given for outlive every deletion but that of their namespace.
func TestCollected(t *testing.T) {
	collect(t)
	for name, how := range propagations {
		t.Run("an incident with money under way, "+name, func(t *testing.T) { incidentCollected(t, how) })
		t.Run("a budget in use, "+name, func(t *testing.T) { budgetCollected(t, how) })
	}
	t.Run("an incident that owns its request", ownerCollected)
	t.Run("an incident created anew", createdAnew)
	t.Run("a namespace, while the operator runs", func(t *testing.T) { namespaceCollected(t, true) })
	t.Run("a namespace, while it does not", func(t *testing.T) { namespaceCollected(t, false) })
}

func incidentCollected(t *testing.T, how metav1.DeletionPropagation) {
	f := launch(t, "--leader-elect")
	f.incidentCollected(how)
	f.unharmed()
}

// incidentCollected deletes an incident while its money is under way.
func (f *fleet) incidentCollected(how metav1.DeletionPropagation) {
	f.Helper()
	f.furnish()
	f.create(incidentNamed("coffee"))
	f.grant("refund", "coffee")
	inc := incidentNamed("coffee")
	f.remove(inc, how)
	// What the collector does comes before what the operator waits for.
	f.until("the collector to be done with it", func() bool { return f.gone(inc) || len(inc.Finalizers) == 1 })
	f.aCollection()
	if f.gone(inc) {
		f.wound("the incident went while its money was under way")
		return
	}
	if inc.DeletionTimestamp.IsZero() || !controllerutil.ContainsFinalizer(inc, v1alpha1.MoneyFinalizer) {
		f.wound("deleted at %v, finalizers %v; want it to be held for its money", inc.DeletionTimestamp, inc.Finalizers)
	}
	f.deliver("refund")
	f.awaitGone(incidentNamed("coffee"))
	f.aCollection()
	if c := f.awaitStage("refund", v1alpha1.CompensationDelivered); !c.DeletionTimestamp.IsZero() {
		f.wound("the request went with its incident")
	}
	f.awaitSpent(4500)
}

// A request that somebody hung under its incident is collected with it, and stays for as
// long as its money counts.
func ownerCollected(t *testing.T) {
	f := launch(t, "--leader-elect")
	f.furnish()
	f.create(incidentNamed("coffee"))
	inc := &v1alpha1.Incident{}
	f.read(inc, "coffee")
	c := request("refund", "coffee", "any", "ada", offer("refund", "45.00"))
	c.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Incident", Name: inc.Name, UID: inc.UID}}
	f.create(c)
	f.awaitStage("refund", v1alpha1.CompensationGranted)
	f.deliver("refund")
	f.awaitStage("refund", v1alpha1.CompensationDelivered)
	f.remove(incidentNamed("coffee"), metav1.DeletePropagationBackground)
	f.awaitGone(incidentNamed("coffee"))
	f.until("the request to be deleted", func() bool {
		f.read(c, "refund")
		return !c.DeletionTimestamp.IsZero()
	})
	if !controllerutil.ContainsFinalizer(c, v1alpha1.LedgerFinalizer) {
		t.Errorf("finalizers %v: its money would be forgotten", c.Finalizers)
	}
	f.create(incidentNamed("tea"))
	f.grant("another", "tea") // A turn of the bookkeeper, who must still know of it.
	f.awaitSpent(9000)
	f.unharmed()
}

// A budget is deleted past the admission policy that refuses it while the budget is in use,
// which does not hold here. What was granted stays, and what is asked waits for a budget of
// the name, which begins with nothing spent: that is what the policy is there for.
func budgetCollected(t *testing.T, how metav1.DeletionPropagation) {
	f := launch(t, "--leader-elect")
	f.furnish()
	f.create(incidentNamed("coffee"))
	f.grant("refund", "coffee")
	f.awaitSpent(4500)
	was := &v1alpha1.RecoveryBudget{}
	f.read(was, "till")
	f.remove(&v1alpha1.RecoveryBudget{ObjectMeta: metav1.ObjectMeta{Name: "till"}}, how)
	f.awaitGone(&v1alpha1.RecoveryBudget{ObjectMeta: metav1.ObjectMeta{Name: "till"}})
	f.create(request("waits", "coffee", "any", "ada", offer("refund", "45.00")))
	f.awaitStage("waits", v1alpha1.CompensationRequested)
	if c := f.awaitStage("refund", v1alpha1.CompensationGranted); !c.DeletionTimestamp.IsZero() {
		t.Error("what was granted went with its budget")
	}
	f.create(&v1alpha1.RecoveryBudget{ObjectMeta: metav1.ObjectMeta{Name: "till"}, Spec: was.Spec})
	f.awaitStage("waits", v1alpha1.CompensationGranted)
	f.awaitSpent(4500)
	f.unharmed()
}

// An incident is deleted and created anew under its name, before and after the collector
// has come: what was asked for the one is not given to the other.
func createdAnew(t *testing.T) {
	f := launch(t, "--leader-elect")
	f.furnish()
	f.create(incidentNamed("coffee"))
	f.grant("refund", "coffee")
	f.deliver("refund")
	f.awaitStage("refund", v1alpha1.CompensationDelivered)
	f.create(request("choice", "coffee", "any", "ada", offer("refund", "20.00"), v1alpha1.CompensationOffer{Name: "other", Option: "refund", Amount: "30.00", Currency: "EUR"}))
	f.awaitStage("choice", v1alpha1.CompensationOffered)
	inc := incidentNamed("coffee")
	f.remove(inc, metav1.DeletePropagationForeground)
	f.patch(&v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: "choice"}}, types.JSONPatchType, fact("withdrawal", `{"by":"ada","reason":"it is deleted"}`))
	f.awaitGone(incidentNamed("coffee"))
	f.create(incidentNamed("coffee"))
	f.grant("again", "coffee")
	anew := &v1alpha1.Incident{}
	f.until("the new incident to show its own grant alone", func() bool {
		f.read(anew, "coffee")
		return anew.Status.Compensation != nil && anew.Status.Compensation.Granted == "45.00"
	})
	f.awaitSpent(9000)
	if c := f.awaitStage("refund", v1alpha1.CompensationDelivered); c.Status.IncidentUID == string(anew.UID) {
		t.Error("what the first incident was given is the new one's")
	}
	f.unharmed()
}

// A namespace that is deleted is emptied, with all that we hold in it; without an operator
// it waits for one.
func namespaceCollected(t *testing.T, running bool) {
	f := launch(t, "--leader-elect")
	f.furnish()
	f.create(incidentNamed("coffee"))
	f.grant("refund", "coffee")
	f.create(request("choice", "coffee", "any", "ada", offer("refund", "20.00"), v1alpha1.CompensationOffer{Name: "other", Option: "refund", Amount: "30.00", Currency: "EUR"}))
	f.awaitStage("choice", v1alpha1.CompensationOffered)
	if !running {
		for _, p := range f.running() {
			p.kill()
		}
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.namespace}}
	if err := f.api.Delete(f.ctx(), namespace); err != nil {
		t.Fatal(err)
	}
	if !running {
		f.until("everything to wait for an operator", func() bool {
			c := &v1alpha1.Compensation{}
			f.read(c, "refund")
			return !c.DeletionTimestamp.IsZero()
		})
		// The lease was in the namespace too, and in one that goes none is created.
		f.flags = nil
		f.reinforce()
	}
	f.until("the namespace to go", func() bool { return f.gone(namespace) })
	f.unharmed()
}
