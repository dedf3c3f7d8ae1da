package faulttest

import (
	"context"
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// The test of deletions finds an operator that lets go of what it holds too early, and one
// that hangs things under each other. Where nobody meddles, the same way is judged good.
func TestWronglyCollectedIsFound(t *testing.T) {
	collect(t)
	for name, c := range map[string]struct {
		bug   func(f *fleet)
		wrong string
	}{
		"it does as it should":              {func(f *fleet) { f.detoured(&detour{meddle: sendsIt}) }, ""},
		"it lets a deleted incident go":     {func(f *fleet) { f.detoured(&detour{meddle: sendsIt}); f.letsGo("coffee") }, "the incident went while its money was under way"},
		"it hangs requests under incidents": {func(f *fleet) { f.detoured(&detour{meddle: f.hangsUnder("coffee")}) }, "the request went with its incident"},
	} {
		t.Run(name, func(t *testing.T) {
			f := build(t)
			c.bug(f)
			f.reinforce()
			f.incidentCollected(metav1.DeletePropagationBackground)
			switch {
			case c.wrong == "":
				f.unharmed()
			case !f.blamed(t, c.wrong):
				t.Error("it was not found")
			}
		})
	}
}

// letsGo adds a part to the operator: it takes the finalizer off an incident as soon as
// that is deleted, whatever is under way for it.
func (f *fleet) letsGo(name string) {
	key := client.ObjectKey{Namespace: f.namespace, Name: name}
	go func() {
		_ = wait.PollUntilContextCancel(f.ctx(), glance, true, func(ctx context.Context) (bool, error) {
			inc := &v1alpha1.Incident{}
			if f.api.Get(ctx, key, inc) != nil || inc.DeletionTimestamp.IsZero() || !controllerutil.RemoveFinalizer(inc, v1alpha1.MoneyFinalizer) {
				return false, nil
			}
			return f.api.Update(ctx, inc) == nil, nil
		})
	}()
}

// hangsUnder is a way on which a request, where it is given its finalizer, is given its
// incident for an owner too.
func (f *fleet) hangsUnder(name string) func(*http.Request, []byte, sender) (*http.Response, error) {
	return func(r *http.Request, body []byte, send sender) (*http.Response, error) {
		inc := &v1alpha1.Incident{}
		parts := strings.Split(r.URL.Path, "/")
		if r.Method != http.MethodPatch || parts[len(parts)-2] != "compensations" ||
			f.api.Get(r.Context(), client.ObjectKey{Namespace: f.namespace, Name: name}, inc) != nil {
			return send(body)
		}
		return send(rewritten(body, func(fields map[string]any) {
			if meta, ok := fields["metadata"].(map[string]any); ok && meta["finalizers"] != nil {
				meta["ownerReferences"] = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Incident", Name: inc.Name, UID: inc.UID}}
			}
		}))
	}
}
