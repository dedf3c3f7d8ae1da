package operatortest

import (
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// The operator is its ServiceAccount, and may do what it needs and nothing else. That
// what it needs is enough, its logs tell when all tests have ended.
func TestOperatorIsItsServiceAccount(t *testing.T) {
	t.Parallel()
	s := open(t)
	operator, err := client.New(s.account, client.Options{Scheme: plane.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	review := &authenticationv1.SelfSubjectReview{}
	if err := operator.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	if got, want := review.Status.UserInfo.Username, "system:serviceaccount:"+systemNamespace+":"+operatorName; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
	for _, group := range review.Status.UserInfo.Groups {
		if group == "system:masters" {
			t.Error("it is an administrator")
		}
	}

	s.create(threeSteps("desk"), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "secret"}})
	s.awaitReady("desk")
	s.report("alice", fixture.Incident("x", fixture.UnderPolicy("desk")))
	s.awaitRunning("x", "Step/apologise")
	named := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: s.namespace, Name: name}
	}
	merge := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}}}`))
	for what, do := range map[string]func() error{
		"append to a journal": func() error {
			return operator.Patch(t.Context(), &v1alpha1.Incident{ObjectMeta: named("x")}, client.RawPatch(types.JSONPatchType,
				[]byte(`[{"op":"add","path":"/spec/journal/-","value":{"id":"forged","by":"system:serviceaccount:`+systemNamespace+`:`+operatorName+`","note":"by the operator"}}]`)))
		},
		"delete an incident": func() error { return operator.Delete(t.Context(), &v1alpha1.Incident{ObjectMeta: named("x")}) },
		"report an incident": func() error { return operator.Create(t.Context(), fixture.In(s.namespace, fixture.Incident("y"))) },
		"edit a policy": func() error {
			return operator.Patch(t.Context(), &v1alpha1.RecoveryPolicy{ObjectMeta: named("desk")}, merge)
		},
		"delete a policy": func() error { return operator.Delete(t.Context(), &v1alpha1.RecoveryPolicy{ObjectMeta: named("desk")}) },
		"read a secret": func() error {
			return operator.Get(t.Context(), client.ObjectKey{Namespace: s.namespace, Name: "secret"}, &corev1.Secret{})
		},
		"list namespaces": func() error { return operator.List(t.Context(), &corev1.NamespaceList{}) },
		"list leases": func() error {
			return operator.List(t.Context(), &coordinationv1.LeaseList{}, client.InNamespace(systemNamespace))
		},
		"read a lease nearby": func() error {
			return operator.Get(t.Context(), client.ObjectKey{Namespace: s.namespace, Name: operatorName}, &coordinationv1.Lease{})
		},
	} {
		if err := do(); !apierrors.IsForbidden(err) {
			t.Errorf("it may %s: %v", what, err)
		}
	}

	// What it wrote is status, and it owns that as one manager.
	inc := s.awaitSeen("x")
	owned := 0
	for _, m := range inc.ManagedFields {
		if !strings.Contains(string(m.FieldsV1.GetRawBytes()), `"f:status"`) {
			continue
		}
		owned++
		if m.Manager != "amends" || m.Subresource != "status" || strings.Contains(string(m.FieldsV1.GetRawBytes()), `"f:spec"`) {
			t.Errorf("status is owned by %s through %q", m.Manager, m.Subresource)
		}
	}
	if owned != 1 {
		t.Errorf("status has %d managers, want one", owned)
	}
	if len(inc.Finalizers)+len(inc.OwnerReferences)+len(inc.Annotations)+len(inc.Labels) != 0 {
		t.Errorf("it wrote to the incident's metadata:\n%s", asYAML(inc.ObjectMeta))
	}
}

// People do what their role lets them: staff append, and neither write status nor
// delete what happened.
func TestStaffCannotWriteStatus(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.create(threeSteps("desk"))
	s.awaitReady("desk")
	s.report("alice", fixture.Incident("x", fixture.UnderPolicy("desk")))
	s.awaitRunning("x", "Step/apologise")
	alice := s.as("alice", staff)
	x := &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "x"}}
	for what, err := range map[string]error{
		"write the status":    alice.Status().Patch(t.Context(), x, client.RawPatch(types.MergePatchType, []byte(`{"status":{"phase":"Closed"}}`))),
		"delete the incident": alice.Delete(t.Context(), x),
		"write a policy":      alice.Create(t.Context(), fixture.In(s.namespace, fixture.Policy("mine"))),
	} {
		if !apierrors.IsForbidden(err) {
			t.Errorf("staff may %s: %v", what, err)
		}
	}
}
