package apitest

import (
	"fmt"
	"maps"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amends-dev/amends/internal/fixture"
)

// The ledger of these tests is in euros, 1000.00 a year, in cents.
const (
	thisYear  = "2026-01-01"
	limit     = 100_000
	exhausted = "the pool is exhausted: what is spent, reserved and in flight would be more than the limit of the period"
	unmoved   = "the sums of a period move only by what stood in entries before"
)

// sums are the sums of this year.
func sums(spent, reserved, owed int64) object {
	return object{"start": thisYear, "limit": limit, "spent": spent, "reserved": reserved, "owed": owed}
}

// with is a copy of base with a field set, or taken away where the value is nil.
func with(base object, field string, value any) object {
	changed := maps.Clone(base)
	if changed[field] = value; value == nil {
		delete(changed, field)
	}
	return changed
}

// flight is an entry of this year.
func flight(uid, from, to string, amount int64) object {
	return object{"uid": uid, "from": from, "to": to, "amount": amount, "period": thisYear}
}

// write is a write of the whole status.
func write(sequence int64, periods list, entries ...any) op {
	status := object{"epoch": 1, "sequence": sequence, "periods": periods}
	if len(entries) > 0 {
		status["entries"] = entries
	}
	return add("/status", status)
}

// running is a ledger at sequence 2 with 400.00 spent, 300.00 reserved, 50.00 owed
// and, in flight, a grant of 100.00: 200.00 are left.
func running(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	stored := storing(t, fixture.Budget("ledger", "EUR", "1000.00"))
	storeStatus(t, stored, write(1, list{sums(0, 0, 0)},
		flight("a", "None", "Spent", 40_000), flight("b", "None", "Reserved", 30_000), flight("o", "None", "Owed", 5_000)))
	storeStatus(t, stored, write(2, list{sums(40_000, 30_000, 5_000)}, inFlight))
	return stored
}

var inFlight = flight("m", "None", "Spent", 10_000)

func TestLedgerNeverOverspends(t *testing.T) {
	now := sums(40_000, 30_000, 5_000)
	folded := sums(50_000, 30_000, 5_000)
	attempts := map[string]attempt{
		"a grant of all that is left":                                      accepted(write(3, list{now}, inFlight, flight("n", "None", "Spent", 20_000))),
		"a cent more is refused":                                           refused(exhausted, write(3, list{now}, inFlight, flight("n", "None", "Spent", 20_001))),
		"a reservation of all that is left":                                accepted(write(3, list{now}, inFlight, flight("n", "None", "Reserved", 20_000))),
		"a reservation of a cent more is refused":                          refused(exhausted, write(3, list{now}, inFlight, flight("n", "None", "Reserved", 20_001))),
		"two grants that fit only one by one are refused":                  refused(exhausted, write(3, list{now}, inFlight, flight("n", "None", "Spent", 10_001), flight("p", "None", "Spent", 10_000))),
		"what is in flight still counts once it is folded":                 refused(exhausted, write(3, list{folded}, flight("n", "None", "Spent", 20_001))),
		"a grant beside folding":                                           accepted(write(3, list{folded}, flight("n", "None", "Spent", 20_000))),
		"what is owed is outside the pool":                                 accepted(write(3, list{now}, inFlight, flight("n", "None", "Owed", 9_000_000))),
		"a reservation becomes a grant though nothing is left":             accepted(write(3, list{now}, flight("b", "Reserved", "Spent", 30_000), inFlight, flight("n", "None", "Spent", 20_000))),
		"a cheaper choice is granted":                                      accepted(write(3, list{now}, with(flight("b", "Reserved", "Spent", 10_000), "fromAmount", 30_000), inFlight)),
		"what a cheaper choice frees is not free yet":                      refused(exhausted, write(3, list{now}, with(flight("b", "Reserved", "Spent", 10_000), "fromAmount", 30_000), inFlight, flight("n", "None", "Spent", 20_001))),
		"a reservation is released":                                        accepted(write(3, list{now}, flight("b", "Reserved", "None", 30_000), inFlight)),
		"what is released is not free yet":                                 refused(exhausted, write(3, list{now}, flight("b", "Reserved", "None", 30_000), inFlight, flight("n", "None", "Spent", 20_001))),
		"what is set aside for nobody is given back":                       accepted(write(3, list{now}, inFlight, flight("nobody-2026-10-01", "Reserved", "None", 30_000))),
		"a grant is released":                                              accepted(write(3, list{now}, flight("a", "Spent", "None", 40_000), inFlight)),
		"a reservation shrinks":                                            accepted(write(3, list{now}, with(flight("b", "Reserved", "Reserved", 20_000), "fromAmount", 30_000), inFlight)),
		"a grant that came to nothing is taken out, and its money is free": accepted(write(3, list{now}, flight("n", "None", "Spent", 30_000))),
		"folding and going on with the same request":                       accepted(write(3, list{folded}, flight("m", "Spent", "None", 10_000))),
	}
	check(t, attempts, patchingStatus(running(t)))

	t.Run("what was released is free once it is folded", func(t *testing.T) {
		stored := running(t)
		storeStatus(t, stored, write(3, list{now}, with(flight("b", "Reserved", "Spent", 10_000), "fromAmount", 30_000), inFlight))
		expect(t, patchingStatus(stored)(t, []op{write(4, list{sums(60_000, 0, 5_000)}, flight("n", "None", "Spent", 40_000))}), "")
		expect(t, patchingStatus(stored)(t, []op{write(4, list{sums(60_000, 0, 5_000)}, flight("n", "None", "Spent", 40_001))}), exhausted)
	})
}

func TestLedgerMovesByEntriesOnly(t *testing.T) {
	now := sums(40_000, 30_000, 5_000)
	const takesMore = "entries take more out of a period than is reserved, spent or owed in it"
	check(t, map[string]attempt{
		"folding":                              accepted(write(3, list{sums(50_000, 30_000, 5_000)})),
		"folding a cent too much":              refused(unmoved, write(3, list{sums(50_001, 30_000, 5_000)})),
		"forgetting what was spent":            refused(unmoved, write(3, list{sums(0, 30_000, 5_000)}, inFlight)),
		"forgetting a cent of what was spent":  refused(unmoved, write(3, list{sums(39_999, 30_000, 5_000)}, inFlight)),
		"forgetting what is reserved":          refused(unmoved, write(3, list{sums(40_000, 0, 5_000)}, inFlight)),
		"reserving without an entry":           refused(unmoved, write(3, list{sums(40_000, 30_001, 5_000)}, inFlight)),
		"forgetting what is owed":              refused(unmoved, write(3, list{sums(40_000, 30_000, 0)}, inFlight)),
		"owing without an entry":               refused(unmoved, write(3, list{sums(40_000, 30_000, 5_001)}, inFlight)),
		"folding in the write of the entry":    refused(unmoved, write(3, list{sums(40_000, 0, 5_000)}, flight("b", "Reserved", "None", 30_000), inFlight)),
		"releasing more than is reserved":      refused(takesMore, write(3, list{now}, flight("b", "Reserved", "None", 30_001), inFlight)),
		"freeing more than is reserved":        refused(takesMore, write(3, list{now}, with(flight("b", "Reserved", "Spent", 1), "fromAmount", 30_001), inFlight)),
		"releasing more than is spent":         refused(takesMore, write(3, list{now}, flight("a", "Spent", "None", 40_001), inFlight)),
		"releasing more than is spent, by two": refused(takesMore, write(3, list{now}, flight("a", "Spent", "None", 40_000), flight("c", "Spent", "None", 1), inFlight)),
		"releasing more than is owed":          refused(takesMore, write(3, list{now}, inFlight, flight("o", "Owed", "None", 5_001))),
	}, patchingStatus(running(t)))
}

func TestLedgerEntries(t *testing.T) {
	now := list{sums(40_000, 30_000, 5_000)}
	const (
		ways    = "money goes from None to Reserved, Spent or Owed"
		edited  = "an entry in flight is not edited"
		from    = "fromAmount is what a reservation was, at least amount"
		inOrder = "entries stand in the order of their uid, each uid once"
	)
	var many []any
	for i := range 129 {
		many = append(many, flight(fmt.Sprintf("m%03d", i), "None", "Owed", 1))
	}
	one := func(e object) op { return write(3, now, e) }
	check(t, map[string]attempt{
		"128 entries":                                accepted(write(3, now, many[:128]...)),
		"129 entries are refused":                    refused("must have at most 128 items", write(3, now, many...)),
		"from None to None":                          refused(ways, one(flight("n", "None", "None", 1))),
		"from Spent to Reserved":                     refused(ways, one(flight("a", "Spent", "Reserved", 1))),
		"from Spent to Owed":                         refused(ways, one(flight("a", "Spent", "Owed", 1))),
		"from Spent to Spent":                        refused(ways, one(flight("a", "Spent", "Spent", 1))),
		"from Owed to Spent":                         refused(ways, one(flight("o", "Owed", "Spent", 1))),
		"from Reserved to Owed":                      accepted(one(flight("b", "Reserved", "Owed", 30_000))),
		"a reservation that stays as it is":          refused(ways, one(flight("b", "Reserved", "Reserved", 1))),
		"a reservation that grows":                   refused(ways, one(with(flight("b", "Reserved", "Reserved", 30_001), "fromAmount", 30_000))),
		"a grant of more than was reserved":          refused(from, one(with(flight("b", "Reserved", "Spent", 30_000), "fromAmount", 29_999))),
		"fromAmount for new money":                   refused(from, one(with(flight("n", "None", "Spent", 1), "fromAmount", 1))),
		"fromAmount for a release":                   refused(from, one(with(flight("b", "Reserved", "None", 1), "fromAmount", 1))),
		"an unknown state":                           refused("Unsupported value", one(flight("n", "None", "Gone", 1))),
		"no amount":                                  refused("amount: Required value", one(with(flight("n", "None", "Spent", 1), "amount", nil))),
		"a negative amount":                          refused("greater than or equal to 0", one(flight("n", "None", "Spent", -1))),
		"an amount that sums could overflow with":    refused("less than or equal to 9000000000000000", one(flight("n", "None", "Owed", 9_000_000_000_000_001))),
		"no period":                                  refused("period: Required value", one(with(flight("n", "None", "Spent", 1), "period", nil))),
		"a period that is not listed":                refused("an entry counts in a period that is listed and not closed", one(with(flight("n", "None", "Spent", 1), "period", "2027-01-01"))),
		"two entries of one request":                 refused(inOrder, write(3, now, flight("n", "None", "Spent", 1), flight("n", "None", "Spent", 1))),
		"entries out of order":                       refused(inOrder, write(3, now, flight("n", "None", "Spent", 1), inFlight)),
		"another amount for an entry in flight":      refused(edited, one(with(inFlight, "amount", 9_999))),
		"another end for an entry in flight":         refused(edited, one(with(inFlight, "to", "Reserved"))),
		"another kind of end for an entry in flight": refused(edited, one(with(inFlight, "to", "Owed"))),
	}, patchingStatus(running(t)))

	t.Run("a grant in flight gives way to a release of the reservation", func(t *testing.T) {
		stored := running(t)
		storeStatus(t, stored, write(3, now, flight("b", "Reserved", "Spent", 30_000), inFlight))
		expect(t, patchingStatus(stored)(t, []op{write(4, now, flight("b", "Reserved", "None", 30_000), inFlight)}), "")
		expect(t, patchingStatus(stored)(t, []op{write(4, now, flight("b", "Reserved", "Owed", 30_000), inFlight)}), edited)
	})
}

func TestLedgerIsAFence(t *testing.T) {
	now := list{sums(40_000, 30_000, 5_000)}
	const (
		step  = "each write of the ledger raises sequence by one; this one was made from an older state: read it again"
		epoch = "the ledger's epoch never falls, and rises by one"
	)
	same := write(2, now, inFlight)
	at := func(sequence, epoch int64) op {
		next := write(sequence, now, inFlight)
		next.Value.(object)["epoch"] = epoch
		return next
	}
	check(t, map[string]attempt{
		"the same once more changes nothing": accepted(same),
		"one step on":                        accepted(at(3, 1)),
		"a change without a step":            refused(step, write(2, now)),
		"a condition without a step":         refused(step, add("/status/observedGeneration", 1)),
		"a condition with a step":            accepted(add("/status/observedGeneration", 1), replace("/status/sequence", 3)),
		"two steps at once":                  refused(step, at(4, 1)),
		"a step back":                        refused(step, at(1, 1)),
		"no sequence":                        refused(step, remove("/status/sequence")),
		"a takeover":                         accepted(at(3, 2)),
		"a takeover without a step":          refused(step, at(2, 2)),
		"two epochs at once":                 refused(epoch, at(3, 3)),
		"an epoch back":                      refused(epoch, at(3, 0)),
		"no epoch":                           refused(epoch, remove("/status/epoch"), replace("/status/sequence", 3)),
		"no status":                          refused("the ledger in status cannot be removed", remove("/status")),
		"an empty status":                    refused(step, replace("/status", object{})),
	}, patchingStatus(running(t)))

	fresh := storing(t, fixture.Budget("fresh", "EUR", "1000.00"))
	check(t, map[string]attempt{
		"the first write":                      accepted(write(1, list{sums(0, 0, 0)})),
		"the first write with a grant":         accepted(write(1, list{sums(0, 0, 0)}, flight("a", "None", "Spent", limit))),
		"the first write with too big a grant": refused(exhausted, write(1, list{sums(0, 0, 0)}, flight("a", "None", "Spent", limit+1))),
		"the first write of conditions alone":  accepted(add("/status", object{"sequence": 1, "observedGeneration": 1})),
		"the first write at sequence 2":        refused(step, write(2, list{sums(0, 0, 0)})),
		"the first write without a sequence":   refused(step, add("/status", object{"observedGeneration": 1})),
		"the first write at epoch 2":           refused(epoch, add("/status", object{"sequence": 1, "epoch": 2})),
		"the first write with money spent":     refused("a new period begins with nothing spent", write(1, list{sums(1, 0, 0)})),
		"the first write with money reserved":  refused(unmoved, write(1, list{sums(0, 1, 0)})),
		"the first write with money owed":      refused(unmoved, write(1, list{sums(0, 0, 1)})),
		"the first write with closedThrough":   refused("is the start of a period that was closed", add("/status", object{"sequence": 1, "closedThrough": "2025-01-01"})),
		"the first write with a release":       refused("entries take more out of a period", write(1, list{sums(0, 0, 0)}, flight("a", "Spent", "None", 1))),
	}, patchingStatus(fresh))
	t.Run("spec and labels may change beside a ledger", func(t *testing.T) {
		expect(t, patching(running(t))(t, []op{replace("/spec/pool/amount", "1.00"), add("/metadata/labels", object{"site": "hotel-b"})}), "")
	})
}
