package admissiontest

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Status, our finalizers and owner references are the operator's.
func TestOperatorFields(t *testing.T) {
	t.Parallel()
	operatorFields(t, theWorld(t))
}

func operatorFields(t *testing.T, w *world) {
	t.Helper()
	ns := w.namespace(t)
	coffee := w.stored(t, alice, incident(ns, "coffee", note("one", alice)))
	kept := remedy(ns, "kept", alice)
	finalizers("recovery.amends.dev/ledger", "example.org/other")(kept)
	w.stored(t, alice, kept)
	desk := w.stored(t, admin, budget(ns, "front-desk"))
	policy := w.stored(t, gita, built("RecoveryPolicy", ns, "desk", object{}))
	hours := w.stored(t, gita, built("BusinessCalendar", ns, "hours", object{
		"timeZone": "UTC", "weekly": list{object{"days": list{"Monday"}, "hours": list{object{"from": "09:00", "to": "17:00"}}}},
	}))
	meta := func(field string, value any) object { return object{"metadata": object{field: value}} }
	owner := list{object{"apiVersion": "v1", "kind": "ConfigMap", "name": "mine", "uid": "8a1e0d9c-0000-4000-8000-000000000000"}}
	ours := list{"recovery.amends.dev/ledger"}
	phase := object{"status": object{"phase": "Closed"}}
	observed := object{"status": object{"observedGeneration": 1}}
	needs := func(who, kind string) string {
		return who + " needs the verb operate on " + kind + ".recovery.amends.dev in namespace " + ns
	}
	own := func(o *unstructured.Unstructured) { o.Object["metadata"].(object)["ownerReferences"] = owner }
	w.check(t, map[string]attempt{
		"an agent closes an incident":                            refused(alice, `cannot patch resource "incidents/status"`, mergingStatus(coffee, phase)),
		"one who may patch a status, without the verb":           refused(ike, needs(ike, "incidents"), mergingStatus(coffee, phase)),
		"one who may patch a compensation's status":              refused(ike, needs(ike, "compensations"), mergingStatus(kept, object{"status": object{"phase": "Granted"}})),
		"one who may patch a budget's status":                    refused(ike, needs(ike, "recoverybudgets"), mergingStatus(desk, object{"status": object{"sequence": 1}})),
		"one who may patch a policy's status":                    refused(ike, needs(ike, "recoverypolicies"), mergingStatus(policy, observed)),
		"one who may patch a calendar's status":                  refused(ike, needs(ike, "businesscalendars"), mergingStatus(hours, observed)),
		"one who may replace a status, without the verb":         refused(ike, needs(ike, "incidents"), w.replacingStatus(coffee, phase)),
		"one who mends a status with the verb":                   accepted(mo, mergingStatus(coffee, phase)),
		"the operator writes an incident's status":               accepted(operator, w.replacingStatus(coffee, object{"status": object{"phase": "Open"}})),
		"the operator writes a compensation's status":            accepted(operator, w.replacingStatus(kept, object{"status": object{"phase": "Requested"}})),
		"the operator writes a budget's status":                  accepted(operator, w.replacingStatus(desk, object{"status": object{"sequence": 1, "epoch": 1}})),
		"the operator writes a policy's status":                  accepted(operator, w.replacingStatus(policy, observed)),
		"the operator writes a calendar's status":                accepted(operator, w.replacingStatus(hours, observed)),
		"a status in a PUT of the object changes nothing":        accepted(alice, putting(coffee, func(o *unstructured.Unstructured) { o.Object["status"] = object{"phase": "Closed"} })),
		"an agent takes off our finalizer by a JSON patch":       refused(alice, needs(alice, "compensations"), patching(kept, remove("/metadata/finalizers/0"))),
		"an agent takes off our finalizer by a merge patch":      refused(alice, needs(alice, "compensations"), merging(kept, meta("finalizers", list{"example.org/other"}))),
		"an agent takes off our finalizer by a PUT":              refused(alice, needs(alice, "compensations"), putting(kept, finalizers("example.org/other"))),
		"an agent takes off all finalizers":                      refused(alice, needs(alice, "compensations"), merging(kept, meta("finalizers", nil))),
		"an agent takes off another's finalizer":                 accepted(alice, merging(kept, meta("finalizers", ours))),
		"the operator takes off our finalizer":                   accepted(operator, merging(kept, meta("finalizers", list{"example.org/other"}))),
		"the operator puts our finalizer on an incident":         accepted(operator, merging(coffee, meta("finalizers", ours))),
		"the operator decides on a request":                      refused(operator, "status.phase is not AwaitingApproval", merging(kept, object{"spec": decision("system:serviceaccount:amends-system:amends-manager", "duty-manager")})),
		"one with the verb takes off our finalizer":              accepted(mo, merging(kept, meta("finalizers", nil))),
		"an agent puts our finalizer on an incident":             refused(alice, needs(alice, "incidents"), merging(coffee, meta("finalizers", ours))),
		"an agent puts our finalizer on an incident by apply":    refused(alice, needs(alice, "incidents"), applying(coffee, meta("finalizers", ours), client.ForceOwnership)),
		"an agent puts another's finalizer on an incident":       accepted(alice, merging(coffee, meta("finalizers", list{"example.org/mine"}))),
		"an agent reports with our finalizer":                    refused(alice, needs(alice, "incidents"), creating(incident(ns, "new"), finalizers(ours...))),
		"one with the verb puts our finalizer on an incident":    accepted(mo, merging(coffee, meta("finalizers", ours))),
		"a policy author puts our finalizer on a policy":         refused(gita, needs(gita, "recoverypolicies"), merging(policy, meta("finalizers", ours))),
		"a policy author puts our finalizer on a budget":         refused(gita, needs(gita, "recoverybudgets"), merging(desk, meta("finalizers", ours))),
		"an agent hangs an incident under an owner":              refused(alice, needs(alice, "incidents"), merging(coffee, meta("ownerReferences", owner))),
		"an agent hangs an incident under an owner by apply":     refused(alice, needs(alice, "incidents"), applying(coffee, meta("ownerReferences", owner), client.ForceOwnership)),
		"an agent hangs an incident under an owner by a PUT":     refused(alice, needs(alice, "incidents"), putting(coffee, own)),
		"an agent hangs a compensation under an owner":           refused(alice, needs(alice, "compensations"), merging(kept, meta("ownerReferences", owner))),
		"an agent reports with an owner":                         refused(alice, needs(alice, "incidents"), creating(incident(ns, "new"), own)),
		"an agent asks with an owner":                            refused(alice, needs(alice, "compensations"), creating(remedy(ns, "new", alice), own)),
		"a policy author hangs a budget under an owner":          refused(gita, needs(gita, "recoverybudgets"), merging(desk, meta("ownerReferences", owner))),
		"a policy author hangs a policy under an owner":          accepted(gita, merging(policy, meta("ownerReferences", owner))),
		"a policy author writes policies, budgets and calendars": accepted(gita, merging(policy, object{"spec": object{"priority": 7}})),
		"a policy author changes a budget":                       accepted(gita, merging(desk, object{"spec": object{"warnAt": list{90}}})),
		"an agent changes a budget":                              refused(alice, `cannot patch resource "recoverybudgets"`, merging(desk, object{"spec": object{"warnAt": list{90}}})),
		"an agent writes a policy":                               refused(alice, `cannot create resource "recoverypolicies"`, creating(built("RecoveryPolicy", ns, "mine", object{}))),
	})
}

// What is still owed is not deleted, save by who may; a namespace that ends is let go.
func TestDeletions(t *testing.T) {
	t.Parallel()
	deletions(t, theWorld(t))
}

func deletions(t *testing.T, w *world) {
	t.Helper()
	ns := w.namespace(t)
	fresh := w.stored(t, alice, incident(ns, "fresh"))
	phased := func(phase string) *unstructured.Unstructured {
		return w.inPhase(t, phase, w.stored(t, alice, incident(ns, "i-"+lower(phase))))
	}
	money := func(phase string) *unstructured.Unstructured {
		return w.inPhase(t, phase, w.stored(t, alice, remedy(ns, "c-"+lower(phase), alice)))
	}
	unseen := w.stored(t, alice, remedy(ns, "unseen", alice))
	free := w.stored(t, admin, budget(ns, "free"))
	spent := w.stored(t, admin, budget(ns, "spent", object{"openingBalance": object{"spent": "1.00", "asOf": thisYear() + "-01-01"}}))
	w.must(t, admin, func(c client.Client) error { return c.Status().Patch(t.Context(), spent, mergePatch(holding(100))) })
	needs := func(kind string) string {
		return "to delete it all the same, del needs the verb purge on " + kind + ".recovery.amends.dev in namespace " + ns
	}
	const holds = "the budget holds money of a period that is not closed"
	w.check(t, map[string]attempt{
		"an agent deletes an incident":                  refused(alice, `cannot delete resource "incidents"`, deleting(fresh)),
		"the operator deletes an incident":              refused(operator, `cannot delete resource "incidents"`, deleting(fresh)),
		"an incident that nobody has looked at":         refused(del, needs("incidents"), deleting(fresh)),
		"an open incident":                              refused(del, "status.phase Open", deleting(phased("Open"))),
		"a resolved incident":                           refused(del, "status.phase Resolved", deleting(phased("Resolved"))),
		"a closed incident":                             accepted(del, deleting(phased("Closed"))),
		"a cancelled incident":                          accepted(del, deleting(phased("Cancelled"))),
		"a merged incident":                             accepted(del, deleting(phased("Merged"))),
		"one who may purge, a fresh incident":           accepted(pia, deleting(fresh)),
		"a request that nobody has looked at":           refused(del, needs("compensations"), deleting(unseen)),
		"a request that awaits approval":                refused(del, needs("compensations"), deleting(money("AwaitingApproval"))),
		"a request that is offered":                     refused(del, needs("compensations"), deleting(money("Offered"))),
		"a request that is granted":                     refused(del, needs("compensations"), deleting(money("Granted"))),
		"a request that is denied":                      accepted(del, deleting(money("Denied"))),
		"a request that is released":                    accepted(del, deleting(money("Released"))),
		"one who may purge, a request":                  accepted(pia, deleting(unseen)),
		"a budget that was never used":                  accepted(del, deleting(free)),
		"a budget that holds money":                     refused(del, holds, deleting(spent)),
		"a budget that holds money, by who may purge":   refused(pia, holds, deleting(spent)),
		"a budget that holds money, by the policies'":   refused(gita, holds, deleting(spent)),
		"a budget that holds money, by administrator":   refused(admin, holds, deleting(spent)),
		"a collection of incidents, one of which is on": refused(del, needs("incidents"), deletingAll("Incident", ns)),
	})
	w.must(t, admin, func(c client.Client) error { return c.Delete(t.Context(), named("Namespace", ns)) })
	w.until(t, "the namespace lets its incidents go", func(ctx context.Context) (bool, error) {
		return w.as(t, del).Delete(ctx, reference(fresh), client.DryRunAll) == nil, nil
	})
	w.check(t, map[string]attempt{
		"in a namespace that ends, an incident":                 accepted(del, deleting(fresh)),
		"in a namespace that ends, a request":                   accepted(del, deleting(unseen)),
		"in a namespace that ends, a budget that holds money":   accepted(del, deleting(spent)),
		"in a namespace that ends, the incidents as collection": accepted(del, deletingAll("Incident", ns)),
	})
}
