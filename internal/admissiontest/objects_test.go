package admissiontest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// object is a JSON object, list a JSON list.
type (
	object = map[string]any
	list   = []any
)

// reviewOf asks whether a person holds the first verb of a rule.
func reviewOf(namespace, person string, rule rbacv1.PolicyRule) *authorizationv1.SubjectAccessReview {
	resource, sub, _ := strings.Cut(rule.Resources[0], "/")
	attributes := &authorizationv1.ResourceAttributes{
		Namespace: namespace, Verb: rule.Verbs[0], Group: rule.APIGroups[0], Resource: resource, Subresource: sub,
	}
	if len(rule.ResourceNames) > 0 {
		attributes.Name = rule.ResourceNames[0]
	}
	return &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: person, ResourceAttributes: attributes}}
}

// empty is an object of a kind with a name only.
func empty(kind, namespace, name string) *unstructured.Unstructured {
	out := &unstructured.Unstructured{Object: object{"apiVersion": "recovery.amends.dev/v1alpha1", "kind": kind}}
	out.SetNamespace(namespace)
	out.SetName(name)
	return out
}

func built(kind, namespace, name string, spec object) *unstructured.Unstructured {
	out := empty(kind, namespace, name)
	out.Object["spec"] = copied(spec)
	return out
}

// copied is a deep copy in the types that JSON has.
func copied(o object) object {
	content, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	out := object{}
	if err := json.Unmarshal(content, &out); err != nil {
		panic(err)
	}
	return out
}

func incident(namespace, name string, entries ...any) *unstructured.Unstructured {
	out := built("Incident", namespace, name, object{
		"summary": "Wind tipped a coffee over the guest's towel", "customer": object{"id": "guest-0417"},
		"severity": "Low", "service": "pool-bar", "detectedBy": "Staff",
	})
	if len(entries) > 0 {
		content := copied(object{"journal": entries})
		out.Object["spec"].(object)["journal"] = content["journal"]
	}
	return out
}

// note is an entry with a note.
func note(id, by string, more ...object) object {
	return entry(id, by, append(more, object{"note": "It was said."})...)
}

func entry(id, by string, more ...object) object {
	out := object{"id": id}
	if by != "" {
		out["by"] = by
	}
	for _, m := range more {
		maps.Copy(out, m)
	}
	return out
}

var (
	completion = object{"completion": object{"step": "apologise"}}
	contact    = object{"contact": object{"direction": "FromCustomer", "channel": "Phone"}}
	outcome    = object{"outcome": object{"promise": "callback", "result": "Kept"}}
)

// remedy is a request for a compensation.
func remedy(namespace, name, by string, more ...object) *unstructured.Unstructured {
	spec := object{
		"incidentName": "coffee", "budgetName": "front-desk",
		"offers": list{object{"name": "towel", "custom": "A new towel", "amount": "20.00"}},
	}
	if by != "" {
		spec["by"] = by
	}
	for _, m := range more {
		maps.Copy(spec, m)
	}
	return built("Compensation", namespace, name, spec)
}

var twoOffers = object{"offers": list{
	object{"name": "towel", "custom": "A new towel", "amount": "20.00"}, object{"name": "voucher", "custom": "A voucher", "amount": "30.00"},
}}

func budget(namespace, name string, more ...object) *unstructured.Unstructured {
	spec := object{
		"currency": "EUR", "timeZone": "UTC", "pool": object{"period": "Year", "amount": "1000.00"},
		"allowances": list{object{"name": "frontline", "perIncident": "50.00"}},
		"approval":   object{"within": "15m", "levels": list{object{"name": "duty-manager", "upTo": "100.00"}, object{"name": "general-manager"}}},
	}
	for _, m := range more {
		maps.Copy(spec, m)
	}
	return built("RecoveryBudget", namespace, name, spec)
}

// op is an operation of a JSON patch.
type op struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from,omitempty"`
	Value any    `json:"value"`
}

func add(path string, value any) op     { return op{Op: "add", Path: path, Value: value} }
func replace(path string, value any) op { return op{Op: "replace", Path: path, Value: value} }
func remove(path string) op             { return op{Op: "remove", Path: path} }

// appended is the operation that appends an entry.
func appended(entry object) op { return add("/spec/journal/-", entry) }

func jsonPatch(ops ...op) client.Patch {
	content, err := json.Marshal(ops)
	if err != nil {
		panic(err)
	}
	return client.RawPatch(types.JSONPatchType, content)
}

func mergePatch(patch object) client.Patch {
	content, err := json.Marshal(patch)
	if err != nil {
		panic(err)
	}
	return client.RawPatch(types.MergePatchType, content)
}

// whole is an instant as the API writes it.
func whole(at time.Time) string { return at.UTC().Truncate(time.Second).Format(time.RFC3339) }

// awaitPolicies waits until the validating policies hold; the API server reads them a
// moment after they are written.
func (w *world) awaitPolicies(ctx context.Context) error {
	c := w.plane.Client()
	if err := c.Create(ctx, binding("default", "ClusterRole", "amends-agent", []string{alice})); err != nil {
		return err
	}
	agent, err := w.clientOf(alice)
	if err != nil {
		return err
	}
	ours := object{"finalizers": list{"recovery.amends.dev/probe"}}
	for what, probe := range map[string]func() error{
		"amends-journal": func() error {
			return agent.Create(ctx, incident("default", "probe", note("n", bob)), client.DryRunAll)
		},
		"amends-compensations": func() error {
			return agent.Create(ctx, remedy("default", "probe", bob), client.DryRunAll)
		},
		"amends-operator-fields": func() error {
			probe := incident("default", "probe")
			probe.Object["metadata"].(object)["finalizers"] = ours["finalizers"]
			return agent.Create(ctx, probe, client.DryRunAll)
		},
	} {
		if err := refusedBy(ctx, what, probe); err != nil {
			return err
		}
	}
	probe := budget("default", "probe", object{"openingBalance": object{"spent": "1.00", "asOf": whole(time.Now())[:10]}})
	if err := c.Create(ctx, probe); err != nil {
		return err
	}
	if err := c.Status().Patch(ctx, probe, mergePatch(holding(100))); err != nil {
		return err
	}
	return refusedBy(ctx, "amends-deletions", func() error { return c.Delete(ctx, probe, client.DryRunAll) })
}

// holding is the status of a budget that has spent an amount in this year.
func holding(spent int64) object {
	return object{"status": object{"sequence": 1, "periods": list{
		object{"start": whole(time.Now())[:4] + "-01-01", "limit": 100000, "spent": spent, "reserved": 0, "owed": 0},
	}}}
}

func refusedBy(ctx context.Context, policy string, probe func() error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, glance, patience, true, func(context.Context) (bool, error) {
		last = probe()
		return last != nil && strings.Contains(last.Error(), "'"+policy+"'"), nil
	})
	if err != nil {
		return fmt.Errorf("waiting until policy %s holds: %w; last: %w", policy, err, last)
	}
	return nil
}

// expect compares what the API server said with what it should say: nothing, or a
// refusal with this in its message.
func expect(t *testing.T, err error, refusal string) {
	t.Helper()
	switch {
	case refusal == "" && err != nil:
		t.Errorf("refused: %v", err)
	case refusal != "" && err == nil:
		t.Errorf("accepted, want a refusal that says %q", refusal)
	case refusal != "" && !strings.Contains(err.Error(), refusal):
		t.Errorf("refused, want it to say %q: %v", refusal, err)
	case refusal != "" && !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) && !apierrors.IsBadRequest(err) && !apierrors.IsAlreadyExists(err):
		t.Errorf("refused for another cause than what it is: %v", err)
	}
}

func lower(s string) string { return strings.ToLower(s) }

func thisYear() string { return whole(time.Now())[:4] }

// named is a cluster-wide object of the core group.
func named(kind, name string) *unstructured.Unstructured {
	out := &unstructured.Unstructured{Object: object{"apiVersion": "v1", "kind": kind}}
	out.SetName(name)
	return out
}

// deletingAll deletes a collection.
func deletingAll(kind, namespace string) write {
	return func(t *testing.T, c client.Client) error {
		t.Helper()
		return c.DeleteAllOf(t.Context(), empty(kind, "", ""), client.InNamespace(namespace), client.DryRunAll)
	}
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path) //nolint:gosec // a file of this module
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// kubectl is the program beside the control plane's, else the PATH's.
func kubectl(root string) string {
	dir := os.Getenv(plane.AssetsVariable)
	if dir == "" {
		dir = filepath.Join(root, "bin", "controlplane")
	}
	if program := filepath.Join(dir, "kubectl"); exists(program) {
		return program
	}
	return "kubectl"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
