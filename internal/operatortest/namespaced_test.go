package operatortest

import (
	"testing"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// The operator is installed for one namespace, as config/namespaced does it, in a
// control plane of its own: it works there without rights elsewhere, and only there.
func TestInstalledForOneNamespace(t *testing.T) {
	t.Parallel()
	shared := theInstallation(t)
	in := &installation{people: map[string]*rest.Config{}, dir: t.TempDir(), program: shared.program, scope: "hotel-b"}
	t.Cleanup(func() {
		if err := in.tearDown(); err != nil {
			t.Error(err)
		}
	})
	if err := in.bringUp(t.Context(), "namespaced"); err != nil {
		t.Fatal(err)
	}
	if err := in.startShared(t.Context()); err != nil {
		t.Fatal(err)
	}
	here, elsewhere := in.staffed(t, in.scope), in.staffed(t, "default")
	for _, s := range []*site{elsewhere, here} {
		s.create(threeSteps("desk"))
		s.report("alice", fixture.Incident("x", fixture.UnderPolicy("desk")))
	}
	here.awaitRunning("x", "Step/apologise")
	here.add("x", fixture.Entry("said-sorry").By("alice").Reached("Phone").Completion("apologise"))
	here.awaitRunning("x", "Step/resolve")
	here.awaitNotice("x", v1alpha1.EventStepDone)

	untouched := &v1alpha1.Incident{}
	if err := in.admin.Get(t.Context(), client.ObjectKey{Namespace: elsewhere.namespace, Name: "x"}, untouched); err != nil {
		t.Fatal(err)
	}
	if untouched.Status.Phase != "" {
		t.Errorf("it works in a namespace that it is not for:\n%s", asYAML(untouched.Status))
	}
}
