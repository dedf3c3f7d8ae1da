package admissiontest

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// Installed for some namespaces only, the operator holds no cluster-wide right at all, and
// the verb operate where it works.
func TestNamespacedHasNoClusterWideRight(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs kubectl; -short leaves it out")
	}
	bound := map[string][]string{}
	for _, o := range rendered(t, "namespaced") {
		switch o.GetKind() {
		case "ClusterRoleBinding":
			t.Errorf("ClusterRoleBinding %s is left", o.GetName())
		case "RoleBinding":
			bound[o.GetNamespace()] = append(bound[o.GetNamespace()], o.GetName())
		}
	}
	slices.Sort(bound["hotel-b"])
	if got, want := bound["hotel-b"], []string{"amends-manager", "amends-operate"}; !slices.Equal(got, want) {
		t.Errorf("bound in hotel-b are %v, want %v", got, want)
	}
}

// Installed for the whole cluster, everything that holds the identities is there.
func TestDefaultInstallsThePolicies(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs kubectl; -short leaves it out")
	}
	kinds := map[string]int{}
	for _, o := range rendered(t, "default") {
		kinds[o.GetKind()]++
		actions, _, _ := unstructured.NestedStringSlice(o.Object, "spec", "validationActions")
		if o.GetKind() == "ValidatingAdmissionPolicyBinding" && !slices.Equal(actions, []string{"Deny"}) {
			t.Errorf("binding %s does %v", o.GetName(), actions)
		}
		policy, _, _ := unstructured.NestedString(o.Object, "spec", "failurePolicy")
		if o.GetKind() == "ValidatingAdmissionPolicy" && policy != "Fail" {
			t.Errorf("policy %s fails by %s", o.GetName(), policy)
		}
	}
	if kinds["ValidatingAdmissionPolicy"] != 4 || kinds["ValidatingAdmissionPolicyBinding"] != 4 || kinds["MutatingAdmissionPolicy"] != 0 {
		t.Errorf("installed are %v", kinds)
	}
}

// rendered are the objects of a folder of config/.
func rendered(t *testing.T, folder string) []*unstructured.Unstructured {
	t.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), kubectl(root), "kustomize", filepath.Join(root, "config", folder)).Output() //nolint:gosec // kubectl
	if err != nil {
		t.Fatalf("kubectl kustomize config/%s: %v", folder, err)
	}
	var objects []*unstructured.Unstructured
	for document := range bytes.SplitSeq(out, []byte("\n---\n")) {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(document, &o.Object); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	return objects
}
