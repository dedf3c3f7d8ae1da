package apitest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

func offers(n int) list {
	var all list
	for i := range n {
		all = append(all, object{"name": fmt.Sprintf("offer-%d", i), "option": "voucher", "amount": fmt.Sprintf("%d.00", 10*(i+1))})
	}
	return all
}

func TestCompensationRequest(t *testing.T) {
	offer := func(o object) op { return replace("/spec/offers", list{o}) }
	check(t, map[string]attempt{
		"the least that a request says": accepted(),
		"all that a request says": accepted(add("/spec/allowance", "frontline"), add("/spec/by", "alice"), add("/spec/recordedBy", "bob"),
			add("/spec/justification", "a whole day lost"), replace("/spec/offers/0/amount", "12.50"), add("/spec/offers/0/currency", "EUR")),
		"a name of 63 characters":                         accepted(replace("/metadata/name", strings.Repeat("n", 63))),
		"a name of 64 characters is refused":              refused("a Compensation's name has at most 63 characters", replace("/metadata/name", strings.Repeat("n", 64))),
		"no incident is refused":                          refused("spec.incidentName: Required value", remove("/spec/incidentName")),
		"no budget is refused":                            refused("spec.budgetName: Required value", remove("/spec/budgetName")),
		"no offers are refused":                           refused("spec.offers: Required value", remove("/spec/offers")),
		"an empty list of offers is refused":              refused("at least 1 items", replace("/spec/offers", list{})),
		"five offers":                                     accepted(replace("/spec/offers", offers(5))),
		"six offers are refused":                          refused("must have at most 5 items", replace("/spec/offers", offers(6))),
		"two offers of one name are refused":              refused("Duplicate value", replace("/spec/offers", append(offers(1), offers(1)...))),
		"an offer of the catalogue and a text is refused": refused("give exactly one of them", offer(object{"name": "a", "option": "voucher", "custom": "c", "amount": "1"})),
		"an offer of neither is refused":                  refused("an offer is an option of the policy's catalogue or a custom text", offer(object{"name": "a", "amount": "1"})),
		"an offer without an amount is refused":           refused("amount: Required value", offer(object{"name": "a", "custom": "c"})),
		"a currency in small letters is refused":          refused("should match", add("/spec/offers/0/currency", "eur")),
		"a choice made on the spot":                       accepted(replace("/spec/offers", offers(2)), add("/spec/choice", object{"offer": "offer-1"})),
		"a choice of what was not offered is refused":     refused("choice names an offer that this request does not have", add("/spec/choice", object{"offer": "other"})),
		"a decision at creation is refused":               refused("only a request that awaits approval can be decided", add("/spec/decision", object{"verdict": "Approved", "level": "manager"})),
		"a decision at creation with a status is refused": refused("only a request that awaits approval can be decided",
			add("/spec/decision", object{"verdict": "Approved", "level": "manager"}), add("/status", object{"phase": "AwaitingApproval"})),
		"a delivery at creation is refused": refused("only a granted remedy can be delivered", add("/spec/delivery", object{"by": "alice"})),
		"a delivery at creation with a status is refused": refused("only a granted remedy can be delivered",
			add("/spec/delivery", object{"by": "alice"}), add("/status", object{"phase": "Granted"})),
	}, creating(fixture.Compensation("request", "coffee", "front-desk", "12.50")))
}

func TestCompensationStaysAsItWasAsked(t *testing.T) {
	const stays = "a request stays as it was asked: withdraw it and ask anew"
	full := storing(t, fixture.Compensation("full", "coffee", "front-desk", "12.50", fixture.FromAllowance("frontline"), fixture.AskedBy("alice")),
		add("/spec/recordedBy", "bob"), add("/spec/justification", "j"))
	check(t, map[string]attempt{
		"the incident":                  refused(stays, replace("/spec/incidentName", "other")),
		"the budget":                    refused(stays, replace("/spec/budgetName", "other")),
		"the amount":                    refused(stays, replace("/spec/offers/0/amount", "13.00")),
		"the amount, written otherwise": refused(stays, replace("/spec/offers/0/amount", "12.5")),
		"another offer":                 refused(stays, add("/spec/offers/-", object{"name": "b", "custom": "b", "amount": "1"})),
		"a currency for an offer":       refused(stays, add("/spec/offers/0/currency", "EUR")),
		"the allowance":                 refused(stays, replace("/spec/allowance", "default")),
		"the allowance, taken away":     refused(stays, remove("/spec/allowance")),
		"who asked":                     refused(stays, replace("/spec/by", "mallory")),
		"who asked, taken away":         refused(stays, remove("/spec/by")),
		"who typed it":                  refused(stays, replace("/spec/recordedBy", "mallory")),
		"who typed it, taken away":      refused(stays, remove("/spec/recordedBy")),
		"the justification":             refused(stays, replace("/spec/justification", "other")),
		"the justification, taken away": refused(stays, remove("/spec/justification")),
		"labels may change":             accepted(add("/metadata/labels", object{"site": "hotel-b"})),
	}, patching(full))
	thin := storing(t, fixture.Compensation("thin", "coffee", "front-desk", "12.50"))
	check(t, map[string]attempt{
		"an allowance, added later":        refused(stays, add("/spec/allowance", "frontline")),
		"who asked, added later":           refused(stays, add("/spec/by", "alice")),
		"who typed it, added later":        refused(stays, add("/spec/recordedBy", "alice")),
		"a justification, added later":     refused(stays, add("/spec/justification", "j")),
		"a withdrawal, at any time":        accepted(add("/spec/withdrawal", object{"by": "alice", "reason": "r"})),
		"a decision, before it awaits one": refused("status.phase is not AwaitingApproval", add("/spec/decision", object{"verdict": "Denied", "level": "manager"})),
		"a delivery, before the grant":     refused("wait for status.phase Granted", add("/spec/delivery", object{"by": "alice"})),
	}, patching(thin))
}

// record is what the operator writes about a request, each part for good.
var record = object{
	"customer": "guest-1", "entitlement": "Owed", "purpose": "Restore",
	"awaitingSince": "2026-10-02T08:20:00Z", "approvalDueAt": "2026-10-02T08:35:00Z", "offeredAt": "2026-10-02T08:25:00Z",
	"decidedAt": "2026-10-02T08:26:00Z", "deliveredAt": "2026-10-02T09:00:00Z", "releasedAt": "2026-10-02T09:10:00Z",
}

func TestCompensationRecordIsKept(t *testing.T) {
	stored := storing(t, fixture.Compensation("request", "coffee", "front-desk", "1"))
	status := object{"phase": "AwaitingApproval", "amount": "1", "allowance": "frontline", "offeredPurposes": list{"Restore", "Extra"}, "dueAt": "2026-10-02T08:35:00Z"}
	maps.Copy(status, record)
	storeStatus(t, stored, add("/status", status))
	another := map[string]any{"customer": "guest-2", "entitlement": "Goodwill", "purpose": "Extra"}
	attempts := map[string]attempt{
		"the same once more":                accepted(replace("/status/customer", "guest-1")),
		"what it counts in changes":         accepted(remove("/status/allowance")),
		"what was offered can be said anew": accepted(replace("/status/offeredPurposes", list{"Extra"})),
		"when it is due changes":            accepted(replace("/status/dueAt", "2026-10-02T10:00:00Z")),
		"a purpose that is none is refused": refused("Unsupported value", replace("/status/offeredPurposes", list{"Fun"})),
		"a purpose named twice is refused":  refused("Duplicate value", replace("/status/offeredPurposes", list{"Extra", "Extra"})),
		"a customer of no letters":          refused("customer", replace("/status/customer", "")),
		"the whole record gone is refused":  refused("the status of a request cannot be removed", remove("/status")),
	}
	for field := range record {
		value, ok := another[field]
		if !ok {
			value = "2027-01-01T00:00:00Z"
		}
		attempts[field+" changed"] = refused(field+", once there, stays", replace("/status/"+field, value))
		attempts[field+" taken away"] = refused("the record of a request is kept", remove("/status/"+field))
	}
	check(t, attempts, patchingStatus(stored))
}

// inPhase is a stored request for one of two offers, of 10.00 and 20.00, with its
// status in a phase.
func inPhase(t *testing.T, phase v1alpha1.CompensationPhase) *unstructured.Unstructured {
	t.Helper()
	stored := storing(t, fixture.Compensation("request", "coffee", "front-desk", "1"), replace("/spec/offers", offers(2)))
	storeStatus(t, stored, add("/status", object{"phase": phase, "incidentUID": "uid", "amount": "20.00"}))
	return stored
}

func TestCompensationFactsComeInTheirTurn(t *testing.T) {
	approve := add("/spec/decision", object{"verdict": "Approved", "level": "manager"})
	approveOf := func(amount string) op {
		return add("/spec/decision", object{"verdict": "Approved", "level": "manager", "amount": amount})
	}
	deny := add("/spec/decision", object{"verdict": "Denied", "level": "manager"})
	deliver := add("/spec/delivery", object{"by": "alice", "evidence": "receipt 12"})
	withdraw := add("/spec/withdrawal", object{"by": "alice"})
	choose := func(offer string) op { return add("/spec/choice", object{"offer": offer, "by": "alice"}) }
	const (
		notAwaiting = "only a request that awaits approval can be decided"
		notGranted  = "only a granted remedy can be delivered"
		tooMuch     = "an approval is for at most what was asked"
	)

	t.Run("while it awaits approval", func(t *testing.T) {
		stored := inPhase(t, v1alpha1.CompensationAwaitingApproval)
		check(t, map[string]attempt{
			"it can be approved":                      accepted(approve),
			"it can be denied":                        accepted(deny),
			"it can be withdrawn":                     accepted(withdraw),
			"it can be approved for less":             accepted(approveOf("5.00")),
			"it can be approved for the dearest":      accepted(approveOf("20.00")),
			"not for a cent more":                     refused(tooMuch, approveOf("20.01")),
			"not for more than what was chosen":       refused(tooMuch, choose("offer-0"), approveOf("10.01")),
			"not denied with an amount":               refused("an amount goes with the verdict Approved", add("/spec/decision", object{"verdict": "Denied", "level": "manager", "amount": "1"})),
			"not decided without a level":             refused("level: Required value", add("/spec/decision", object{"verdict": "Denied"})),
			"not decided otherwise":                   refused(`supported values: "Approved", "Denied"`, add("/spec/decision", object{"verdict": "Maybe", "level": "manager"})),
			"not delivered":                           refused(notGranted, deliver),
			"not delivered with the approval at once": refused(notGranted, approve, deliver),
		}, patching(stored))
	})
	t.Run("once decided", func(t *testing.T) {
		stored := inPhase(t, v1alpha1.CompensationAwaitingApproval)
		store(t, stored, deny)
		check(t, map[string]attempt{
			"a second decision is refused":          refused("a decision is final", approve),
			"another reason is refused":             refused("a decision is final", add("/spec/decision/reason", "r")),
			"to take it back is refused":            refused("once there, stays", remove("/spec/decision")),
			"to take it back and decide is refused": refused("a decision is final", remove("/spec/decision"), approve),
			"the request can still be withdrawn":    accepted(withdraw),
		}, patching(stored))
	})
	t.Run("a cheaper choice after an approval for more", func(t *testing.T) {
		stored := inPhase(t, v1alpha1.CompensationAwaitingApproval)
		store(t, stored, approveOf("20.00"))
		expect(t, patching(stored)(t, []op{choose("offer-0")}), "")
	})
	t.Run("once granted", func(t *testing.T) {
		stored := inPhase(t, v1alpha1.CompensationGranted)
		check(t, map[string]attempt{
			"it can be delivered":                 accepted(deliver),
			"it can be withdrawn":                 accepted(withdraw),
			"not delivered and withdrawn at once": refused("what the customer has cannot be withdrawn", deliver, withdraw),
			"not decided":                         refused(notAwaiting, approve),
		}, patching(stored))
	})
	t.Run("once delivered", func(t *testing.T) {
		stored := inPhase(t, v1alpha1.CompensationGranted)
		store(t, stored, deliver)
		check(t, map[string]attempt{
			"other evidence is refused":  refused("the delivery was recorded and stays", replace("/spec/delivery/evidence", "other")),
			"to take it back is refused": refused("once there, stays", remove("/spec/delivery")),
			"a withdrawal is refused":    refused("what the customer has cannot be withdrawn", withdraw),
		}, patching(stored))
	})
	t.Run("once chosen", func(t *testing.T) {
		stored := inPhase(t, v1alpha1.CompensationOffered)
		store(t, stored, choose("offer-0"))
		check(t, map[string]attempt{
			"another choice is refused":  refused("the choice was made and stays", choose("offer-1")),
			"to take it back is refused": refused("once there, stays", remove("/spec/choice")),
		}, patching(stored))
	})
	t.Run("once withdrawn", func(t *testing.T) {
		stored := inPhase(t, v1alpha1.CompensationAwaitingApproval)
		store(t, stored, withdraw)
		const gone = "the request was withdrawn: nothing can be added to it"
		check(t, map[string]attempt{
			"an approval is refused":     refused(gone, approve),
			"a choice is refused":        refused(gone, choose("offer-0")),
			"another reason is refused":  refused("the request was withdrawn and stays so", add("/spec/withdrawal/reason", "r")),
			"to take it back is refused": refused("once there, stays", remove("/spec/withdrawal")),
		}, patching(stored))
		storeStatus(t, stored, replace("/status/phase", "Granted"))
		expect(t, patching(stored)(t, []op{deliver}), gone)
	})
}

func TestCompensationPhasesOnlyMoveForward(t *testing.T) {
	const (
		requested = v1alpha1.CompensationRequested
		awaiting  = v1alpha1.CompensationAwaitingApproval
		offered   = v1alpha1.CompensationOffered
		granted   = v1alpha1.CompensationGranted
		denied    = v1alpha1.CompensationDenied
		delivered = v1alpha1.CompensationDelivered
		released  = v1alpha1.CompensationReleased
	)
	forward := map[v1alpha1.CompensationPhase][]v1alpha1.CompensationPhase{
		requested: {requested, awaiting, offered, granted, denied, released},
		awaiting:  {awaiting, offered, granted, denied, released},
		offered:   {offered, awaiting, granted, denied, released},
		granted:   {granted, delivered, released},
		denied:    {denied},
		delivered: {delivered},
		released:  {released},
	}
	for from, allowed := range forward {
		stored := inPhase(t, from)
		attempts := map[string]attempt{
			"cannot be removed":                   refused("once there, stays", remove("/status/phase")),
			"cannot go with the status":           refused("the status of a request cannot be removed", remove("/status")),
			"belongs to its incident":             refused("a request belongs to one incident for ever", replace("/status/incidentUID", "other")),
			"belongs to its incident, taken away": refused("once there, stays", remove("/status/incidentUID")),
			"is none of the list":                 refused("Unsupported value", replace("/status/phase", "Open")),
		}
		for to := range forward {
			next := refused("a request only moves forward", replace("/status/phase", to))
			for _, phase := range allowed {
				if phase == to {
					next = accepted(replace("/status/phase", to))
				}
			}
			attempts["becomes "+string(to)] = next
		}
		switch from {
		case granted, delivered:
			attempts["charges another amount"] = refused("what was granted is charged as it was granted", replace("/status/amount", "21.00"))
			attempts["charges no amount"] = refused("what was granted is charged as it was granted", remove("/status/amount"))
		default:
			attempts["charges another amount"] = accepted(replace("/status/amount", "19.00"))
		}
		t.Run(string(from), func(t *testing.T) { check(t, attempts, patchingStatus(stored)) })
	}
}
