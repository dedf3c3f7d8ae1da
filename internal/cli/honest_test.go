package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// What does not count is told, of this entry alone, and a pipeline can see it.
func whatDoesNotCount(t *testing.T) {
	d := openDesk(t)
	alice := d.staff("alice")["alice"]
	d.coffee(alice, "x")
	insist := func(want int, args []string, says ...string) string {
		t.Helper()
		out, errOut, code := d.try(alice, args...)
		if code != want {
			t.Errorf("kubectl amends %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, out, errOut)
		}
		d.insists(out, says...)
		return out
	}
	insist(7, []string{"complete", "x", "apologise"}, "it does not count yet: ")
	data := insist(7, []string{"complete", "x", "apologise", "-o", "json"})
	var inc v1alpha1.Incident
	if err := json.Unmarshal([]byte(data), &inc); err != nil || inc.Status.ObservedGeneration != inc.Generation || len(inc.Spec.Journal) != 1 {
		t.Errorf("as data it is %s: %v", data, err)
	}
	d.run(alice, "promise", "x", "A dry towel", "--within", "1h")
	insist(7, []string{"keep", "x"}, "it does not count yet: it keeps the promise promise-1 only with a contact")
	d.run(alice, "assign", "x", "tom")
	d.run(alice, "assign", "x", "me")
	out := insist(6, []string{"accept", "x", "assign"}, `it does not count: acceptance.assignment: "assign" is not the latest assignment`)
	if strings.Contains(out, "done-apologise") || strings.Contains(out, "promise-1 only") {
		t.Errorf("it tells of other entries, too:\n%s", out)
	}
	insist(6, []string{"accept", "x", "assign"}, "nothing changed: it was recorded before", "it does not count: acceptance.assignment")

	// So much does not count that the operator cannot list it all.
	d.coffee(alice, "y")
	d.uncounted("y", 30)
	d.run(alice, "assign", "y", "tom")
	d.run(alice, "assign", "y", "me")
	out = insist(6, []string{"accept", "y", "assign"}, `it does not count: acceptance.assignment: "assign" is not the latest assignment`)
	if strings.Contains(out, "hold.reason") {
		t.Errorf("it tells of other entries, too:\n%s", out)
	}
	if out = insist(0, []string{"note", "y", "The guest has left"}); strings.Contains(out, "count") {
		t.Errorf("a note counts:\n%s", out)
	}
}

// uncounted appends so many entries that count for nothing.
func (d *desk) uncounted(incident string, n int) {
	d.Helper()
	config, err := d.plane.User("alice")
	if err != nil {
		d.Fatal(err)
	}
	c, err := client.New(config, client.Options{Scheme: d.admin.Scheme()})
	if err != nil {
		d.Fatal(err)
	}
	var journal []v1alpha1.JournalEntry
	for i := range n {
		journal = append(journal, fixture.Entry(v1alpha1.Name(fmt.Sprintf("hold-%d", i))).By("alice").Hold("WaitingForTheEndOfTheSeason").Build())
	}
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/journal", "value": journal}})
	if err != nil {
		d.Fatal(err)
	}
	inc := &v1alpha1.Incident{}
	inc.Namespace, inc.Name = d.namespace, incident
	if err := c.Patch(d.Context(), inc, client.RawPatch(types.JSONPatchType, patch)); err != nil {
		d.Fatal(err)
	}
}

// An incident is judged by the revision that it follows, whatever became of its policy.
func anEditedPolicy(t *testing.T) {
	d := openDesk(t)
	people := d.staff("alice", "vera")
	people["ned"] = d.person("ned")
	d.allow("ned", rbacv1.PolicyRule{APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"incidents", "recoverypolicies", "compensations", "recoverybudgets"}, Verbs: []string{"get", "list", "watch", "create", "patch"}})
	pol := fixture.In(d.namespace, fixture.Policy("stay",
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("10m")),
		fixture.Step("look-into-it", v1alpha1.StepCustom, fixture.DueWithin("2h")),
		fixture.Step("put-right", v1alpha1.StepCustom, fixture.DueWithin("4h"))))
	pol.Spec.Holds = []v1alpha1.HoldRule{{Reason: "Parts", Pauses: v1alpha1.Pauses{Steps: []v1alpha1.Name{"put-right"}}}}
	pol.Spec.Compensation = &v1alpha1.PolicyCompensation{Catalogue: []v1alpha1.CatalogueOption{{Name: "fresh-coffee", Kind: "Replacement", Purpose: v1alpha1.PurposeRestore, Cost: "0"}}}
	if err := d.admin.Create(d.Context(), pol); err != nil {
		t.Fatal(err)
	}
	d.awaitPolicy("stay")
	d.run(people["alice"], "open", "x", "No hot water", "--policy", "stay", "--customer", "g", "--service", "room", "-s", "medium")

	before := pol.DeepCopy()
	pol.Spec.Steps[1].Name, pol.Spec.Steps[2].After = "investigate", []v1alpha1.Name{"investigate"}
	pol.Spec.Holds, pol.Spec.Compensation.Catalogue[0].Name = nil, "fresh-tea"
	if err := d.admin.Patch(d.Context(), pol, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	d.awaitPolicy("stay")
	if out, errOut, code := d.try(people["vera"], "complete", "x", "look-into-it"); code != 0 || errOut != "" || !strings.Contains(out, "completed look-into-it") {
		t.Errorf("a step that still waits: exit code %d\n%s%s", code, out, errOut)
	}
	if _, errOut, code := d.try(people["vera"], "complete", "x", "investigate"); code != 1 || !strings.Contains(errOut, "there is no step") {
		t.Errorf("a step of the policy as it is now: exit code %d: %s", code, errOut)
	}
	if out, errOut, code := d.try(people["vera"], "hold", "x", "parts"); code != 0 || errOut != "" {
		t.Errorf("a reason that still holds: exit code %d\n%s%s", code, out, errOut)
	}
	d.insists(d.run(people["vera"], "may", "x"), "fresh-coffee")
	d.insists(d.run(people["vera"], "__complete", "gesture", "x", "y", "--option", ""), "fresh-coffee")

	// Who may not read the revision is given hints, and nothing is refused.
	out, errOut, code := d.try(people["ned"], "skip", "x", "put-it-right", "gone")
	if code != 6 || !strings.Contains(errOut, "Note: there is no step \"put-it-right\"") || !strings.Contains(errOut, "by which the operator judges") {
		t.Errorf("a step that may be: exit code %d\n%s%s", code, out, errOut)
	}
	if out, errOut, code := d.try(people["ned"], "may", "x"); code != 0 || !strings.Contains(errOut, "was edited since") {
		t.Errorf("what may be given: exit code %d\n%s%s", code, out, errOut)
	}

	if err := d.admin.Delete(d.Context(), pol); err != nil {
		t.Fatal(err)
	}
	d.insists(d.run(people["vera"], "may", "x"), "fresh-coffee")
	if _, errOut, code := d.try(people["ned"], "may", "x"); code != 1 || !strings.Contains(errOut, "follows the revision stay-") {
		t.Errorf("after the policy's deletion: exit code %d: %s", code, errOut)
	}
}
