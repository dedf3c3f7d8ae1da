package admissiontest

import (
	"maps"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Money is asked for, spent, approved and handed over in one's own name.
func TestCompensations(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	asking(t, w)
	deciding(t, w)
}

func asking(t *testing.T, w *world) {
	t.Helper()
	ns := w.namespace(t)
	const (
		lacksOthers = "alice needs the verb record-for-others on incidents.recovery.amends.dev in namespace "
		lacksSpend  = "may not spend from the allowance frontline of budget front-desk: that needs the verb spend on recoverybudgets.recovery.amends.dev/frontline, resource name front-desk"
	)
	allowance := object{"allowance": "frontline"}
	w.check(t, map[string]attempt{
		"an agent asks for an approval":                          accepted(alice, creating(remedy(ns, "new", alice))),
		"an agent asks and names herself as recorder":            accepted(alice, creating(remedy(ns, "new", alice, object{"recordedBy": alice}))),
		"a request without an author":                            refused(alice, `the request does not say who asks: add "by": "alice" to spec`, creating(remedy(ns, "new", ""))),
		"a request in another's name":                            refused(alice, "spec.by is bob, but alice asks", creating(remedy(ns, "new", bob))),
		"a request in another's name says which verb it takes":   refused(alice, lacksOthers+ns, creating(remedy(ns, "new", bob))),
		"a request in another's name with oneself as recorder":   refused(alice, lacksOthers+ns, creating(remedy(ns, "new", bob, object{"recordedBy": alice}))),
		"a request that another is said to have recorded":        refused(alice, "give it spec.recordedBy: alice", creating(remedy(ns, "new", alice, object{"recordedBy": bob}))),
		"one who records for others asks":                        accepted(kim, creating(remedy(ns, "new", bob, object{"recordedBy": kim}))),
		"one who records for others asks and hides it":           refused(kim, "give it spec.recordedBy: kim", creating(remedy(ns, "new", bob))),
		"an agent spends without the right":                      refused(alice, "alice "+lacksSpend, creating(remedy(ns, "new", alice, allowance))),
		"one who may spends":                                     accepted(sam, creating(remedy(ns, "new", sam, allowance))),
		"one who may spend, from another allowance":              refused(sam, "sam may not spend from the allowance other", creating(remedy(ns, "new", sam, object{"allowance": "other"}))),
		"one who may spend, from another budget":                 refused(sam, "of budget other-desk", creating(remedy(ns, "new", sam, allowance, object{"budgetName": "other-desk"}))),
		"one who approves every level does not spend":            refused(kim, "kim "+lacksSpend, creating(remedy(ns, "new", kim, allowance))),
		"one who records for others does not spend their rights": refused(kim, "kim "+lacksSpend, creating(remedy(ns, "new", sam, allowance, object{"recordedBy": kim}))),
		"a viewer asks":                             refused(vera, `cannot create resource "compensations"`, creating(remedy(ns, "new", vera))),
		"an approver asks":                          refused(ann, `cannot create resource "compensations"`, creating(remedy(ns, "new", ann))),
		"the operator asks":                         refused(operator, `cannot create resource "compensations"`, creating(remedy(ns, "new", "x"))),
		"a request that is approved as it is made":  refused(kim, "only a request that awaits approval can be decided", creating(remedy(ns, "new", kim, decision(kim, "duty-manager")))),
		"a request that is delivered as it is made": refused(alice, "only a granted remedy can be delivered", creating(remedy(ns, "new", alice, object{"delivery": object{"by": alice}}))),
		"a request with the ledger's finalizer":     accepted(alice, creating(remedy(ns, "new", alice), finalizers("recovery.amends.dev/ledger"))),
		"a request with another of our finalizers":  refused(alice, "set and taken off by the operator alone", creating(remedy(ns, "new", alice), finalizers("recovery.amends.dev/other"))),
	})
}

func decision(by, level string, more ...object) object {
	d := object{"verdict": "Approved", "by": by, "level": level}
	for _, m := range more {
		maps.Copy(d, m)
	}
	return object{"decision": d}
}

func finalizers(names ...any) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) { o.Object["metadata"].(object)["finalizers"] = names }
}

func deciding(t *testing.T, w *world) {
	t.Helper()
	ns := w.namespace(t)
	asked := w.inPhase(t, "AwaitingApproval", w.stored(t, alice, remedy(ns, "asked", alice)))
	typed := w.inPhase(t, "AwaitingApproval", w.stored(t, kim, remedy(ns, "typed", bob, object{"recordedBy": kim})))
	byDan := w.inPhase(t, "AwaitingApproval", w.stored(t, dan, remedy(ns, "by-dan", dan)))
	granted := w.inPhase(t, "Granted", w.stored(t, alice, remedy(ns, "granted", alice)))
	offered := w.inPhase(t, "Offered", w.stored(t, alice, remedy(ns, "offered", alice, twoOffers)))
	spec := func(fact object) object { return object{"spec": fact} }
	decide := func(of *unstructured.Unstructured, by, level string, more ...object) write {
		return merging(of, spec(decision(by, level, more...)))
	}
	timed := func(of *unstructured.Unstructured, d time.Duration, fact func(recordedAt object) object) write {
		return later(func(now time.Time) write {
			return merging(of, spec(fact(object{"recordedAt": whole(now.Add(d))})))
		})
	}
	delivery := func(by string, more object) object {
		return object{"delivery": entryless(by, more)}
	}
	choice := object{"choice": object{"offer": "towel", "by": alice}}
	const (
		lacks = "may not decide at level duty-manager of budget front-desk: that needs the verb approve on recoverybudgets.recovery.amends.dev/duty-manager, resource name front-desk"
		self  = "asked for this, or recorded the request, and so cannot decide on it"
		alien = "is always signed by who records it"
		clock = "recordedAt is the API server's own time"
		gone  = "a decision is final"
	)
	w.check(t, map[string]attempt{
		"an approver approves":                              accepted(ann, decide(asked, ann, "duty-manager")),
		"an approver denies":                                accepted(ann, decide(asked, ann, "duty-manager", object{"verdict": "Denied"})),
		"one who may approve at a level":                    accepted(dan, decide(asked, dan, "duty-manager")),
		"one who may approve at a level, at another":        refused(dan, "dan may not decide at level general-manager", decide(asked, dan, "general-manager")),
		"an agent approves another's request":               refused(bob, "bob "+lacks, decide(asked, bob, "duty-manager")),
		"the operator approves":                             refused(operator, "who writes status records no facts", decide(asked, "system:serviceaccount:amends-system:amends-manager", "duty-manager")),
		"an agent approves her own":                         refused(alice, "alice "+self, decide(asked, alice, "duty-manager")),
		"an approver approves his own":                      refused(dan, "dan "+self, decide(byDan, dan, "duty-manager")),
		"an approver approves his own by server-side apply": refused(dan, "dan "+self, applying(byDan, spec(decision(dan, "duty-manager")), client.ForceOwnership)),
		"an approver approves his own by a JSON patch":      refused(dan, "dan "+self, patching(byDan, add("/spec/decision", decision(dan, "duty-manager")["decision"]))),
		"who recorded it for another approves it":           refused(kim, "kim "+self, decide(typed, kim, "duty-manager")),
		"another approves what was recorded for another":    accepted(ann, decide(typed, ann, "duty-manager")),
		"the administrator approves in his own name":        accepted(admin, decide(asked, "admin", "duty-manager")),
		"an approval in another's name":                     refused(dan, "spec.decision.by is ann, but dan sends it", decide(asked, ann, "duty-manager")),
		"an approval in another's name by who records so":   refused(kim, alien, decide(asked, ann, "duty-manager")),
		"an approval without an author":                     refused(ann, `decision does not say who did it: add "by": "ann" to it`, merging(asked, spec(object{"decision": object{"verdict": "Approved", "level": "duty-manager"}}))),
		"an approval of more than was asked":                refused(ann, "an approval is for at most what was asked", decide(asked, ann, "duty-manager", object{"amount": "20.01"})),
		"an approval stamped yesterday":                     refused(ann, clock, timed(asked, -24*time.Hour, func(r object) object { return decision(ann, "duty-manager", r) })),
		"an approval stamped now":                           accepted(ann, timed(asked, 0, func(r object) object { return decision(ann, "duty-manager", r) })),
		"an approval of a granted request":                  refused(ann, "only a request that awaits approval", decide(granted, ann, "duty-manager")),
		"the author is changed together with the approval":  refused(dan, "a request stays as it was asked", merging(byDan, spec(object{"by": alice, "decision": decision(dan, "duty-manager")["decision"]}))),
		"the author is taken away":                          refused(dan, "a request stays as it was asked", patching(byDan, remove("/spec/by"))),
		"the amount is raised":                              refused(alice, "a request stays as it was asked", patching(asked, replace("/spec/offers/0/amount", "900.00"))),
		"an allowance is named afterwards":                  refused(sam, "a request stays as it was asked", patching(asked, add("/spec/allowance", "frontline"))),
		"a delivery":                                        accepted(bob, merging(granted, spec(delivery(bob, nil)))),
		"a delivery in another's name":                      refused(bob, alien, merging(granted, spec(delivery(alice, nil)))),
		"a delivery in another's name by who records so":    refused(kim, alien, merging(granted, spec(delivery(alice, nil)))),
		"a delivery without an author":                      refused(bob, `delivery does not say who did it`, merging(granted, spec(object{"delivery": object{"evidence": "room 7"}}))),
		"a delivery stamped before the due instant":         refused(bob, clock, timed(granted, -time.Hour, func(r object) object { return delivery(bob, r) })),
		"a delivery stamped now":                            accepted(bob, timed(granted, 0, func(r object) object { return delivery(bob, r) })),
		"a delivery of what is not granted":                 refused(bob, "only a granted remedy can be delivered", merging(asked, spec(delivery(bob, nil)))),
		"a choice":                                          accepted(alice, merging(offered, spec(choice))),
		"a choice in another's name":                        refused(bob, alien, merging(offered, spec(choice))),
		"a choice stamped tomorrow": refused(alice, clock, timed(offered, 24*time.Hour, func(r object) object {
			return object{"choice": object{"offer": "towel", "by": alice, "recordedAt": r["recordedAt"]}}
		})),
		"a withdrawal":                   accepted(alice, merging(asked, spec(object{"withdrawal": object{"by": alice}}))),
		"a withdrawal in another's name": refused(bob, alien, merging(asked, spec(object{"withdrawal": object{"by": alice}}))),
		"a viewer delivers":              refused(vera, `cannot patch resource "compensations"`, merging(granted, spec(delivery(vera, nil)))),
		"an approver withdraws":          accepted(ann, merging(asked, spec(object{"withdrawal": object{"by": ann}}))),
		"the ledger's finalizer is taken off by a merge patch": refused(alice, "alice needs the verb operate on compensations.recovery.amends.dev in namespace "+ns, withFinalizer(w, t, ns, func(o *unstructured.Unstructured) write {
			return merging(o, object{"metadata": object{"finalizers": nil}})
		})),
	})
	w.must(t, ann, func(c client.Client) error {
		return c.Patch(t.Context(), reference(asked), mergePatch(spec(decision(ann, "duty-manager"))))
	})
	w.check(t, map[string]attempt{
		"a decision is taken back":         refused(ann, "once there, stays", patching(asked, remove("/spec/decision"))),
		"a decision is turned":             refused(ann, gone, patching(asked, replace("/spec/decision/verdict", "Denied"))),
		"a decision is given to another":   refused(ann, gone, patching(asked, replace("/spec/decision/by", dan))),
		"a decision is stamped afterwards": refused(ann, gone, patching(asked, add("/spec/decision/recordedAt", "2026-01-01T00:00:00Z"))),
	})
}

// entryless is a fact of a compensation.
func entryless(by string, more object) object {
	out := object{"by": by}
	maps.Copy(out, more)
	return out
}

// withFinalizer tries a write on a compensation that has the ledger's finalizer.
func withFinalizer(w *world, t *testing.T, ns string, try func(*unstructured.Unstructured) write) write {
	t.Helper()
	o := remedy(ns, "kept", alice)
	finalizers("recovery.amends.dev/ledger", "example.org/other")(o)
	return try(w.stored(t, alice, o))
}
