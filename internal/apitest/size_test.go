package apitest

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// An incident must never grow until the operator's own status write no longer
// fits: that would stop its clocks for ever. So the largest journal that the bounds
// let through, in a script of three bytes a character, takes a status larger than
// any that 100 entries bring about.
func TestLargestIncidentTakesItsStatus(t *testing.T) {
	const script = "语"
	var journal list
	for i := range 90 {
		journal = append(journal, object{
			"id": fmt.Sprintf("%s-%d", strings.Repeat("i", 58), i), "by": strings.Repeat("b", 253), "recordedBy": strings.Repeat("r", 253),
			"recordedAt": "2026-10-02T08:20:00Z", "at": "2026-10-02T08:20:00Z", "note": strings.Repeat(script, 655),
			"link":    object{"name": strings.Repeat(script, 1024), "url": "https://" + strings.Repeat(script, 1016)},
			"contact": object{"direction": "ToCustomer", "channel": "StatusPage", "reached": true, "automated": true, "audience": "Customer", "mood": "Upset", "minutes": 1440},
		})
	}
	for i := range 10 {
		journal = append(journal, object{"id": fmt.Sprintf("last-%d", i), "note": strings.Repeat(script, 655)})
	}
	stored := storing(t, fixture.Incident("largest"), replace("/spec/summary", strings.Repeat(script, 1024)), add("/spec/journal", journal))

	clock := func(i int) object {
		return object{
			"name": fmt.Sprintf("Promise/%s-%d", strings.Repeat("i", 58), i), "kind": "Promise", "state": "Done", "startedAt": "2026-10-02T08:20:00Z",
			"dueAt": "2026-10-02T08:20:00Z", "originalDueAt": "2026-10-02T08:20:00Z", "doneAt": "2026-10-02T08:20:00Z", "reason": "OutOfOrder",
			"breachedAt": "2026-10-02T08:20:00Z", "observedAt": "2026-10-02T08:20:00.000000Z",
		}
	}
	var clocks, recorded, announced list
	for i := range 200 {
		clocks = append(clocks, clock(i))
	}
	for i := range 100 {
		recorded = append(recorded, object{"key": fmt.Sprintf("journal/%s-%d", strings.Repeat("i", 58), i), "at": "2026-10-02T08:20:00Z", "source": "ManagedFields"})
	}
	for i := range 400 {
		announced = append(announced, object{"key": fmt.Sprintf("Breach/Promise/%s-%d", strings.Repeat("i", 58), i), "at": "2026-10-02T08:20:00Z"})
	}
	storeStatus(t, stored, add("/status", object{"phase": "Open", "clocks": clocks, "recorded": recorded, "announced": announced}))

	got := &unstructured.Unstructured{}
	got.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Incident"))
	if err := planetest.Plane(t).Client().Get(t.Context(), client.ObjectKeyFromObject(stored), got); err != nil {
		t.Fatal(err)
	}
	const etcdLimit = 1536 << 10
	size := len(marshal(t, got))
	t.Logf("the largest incident has %d KiB; etcd takes %d KiB", size>>10, etcdLimit>>10)
	if size > etcdLimit*9/10 {
		t.Errorf("%d bytes leave less than a tenth of etcd's %d", size, etcdLimit)
	}
}
