package apitest

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amends-dev/amends/internal/fixture"
)

func TestLedgerPeriods(t *testing.T) {
	now := sums(40_000, 30_000, 5_000)
	next := with(sums(0, 0, 0), "start", "2027-01-01")
	before := with(sums(0, 0, 0), "start", "2025-01-01")
	const (
		firstDay = "a period starts on the first day of a month, quarter or year, as spec.pool.period says"
		inOrder  = "periods stand in the order of their start, each start once"
		stays    = "a period with money in it stays until it is closed"
	)
	check(t, map[string]attempt{
		"the next period":                                accepted(write(3, list{now, next}, inFlight)),
		"an earlier period, for a late request":          accepted(write(3, list{before, now}, inFlight)),
		"each period has money of its own":               accepted(write(3, list{now, next}, inFlight, with(flight("n", "None", "Spent", limit), "period", "2027-01-01"))),
		"and no more":                                    refused(exhausted, write(3, list{now, next}, inFlight, with(flight("n", "None", "Spent", limit+1), "period", "2027-01-01"))),
		"four periods":                                   refused("must have at most 3 items", write(3, list{before, now, next, with(next, "start", "2028-01-01")}, inFlight)),
		"the same period twice":                          refused(inOrder, write(3, list{now, now}, inFlight)),
		"periods out of order":                           refused(inOrder, write(3, list{next, now}, inFlight)),
		"a period that starts on another day":            refused(firstDay, write(3, list{now, with(next, "start", "2026-01-02")}, inFlight)),
		"a period of a year that starts in July":         refused(firstDay, write(3, list{now, with(next, "start", "2026-07-01")}, inFlight)),
		"a new period with money spent":                  refused("a new period begins with nothing spent", write(3, list{now, with(next, "spent", 1)}, inFlight)),
		"a new period with another limit":                refused("the limit of a period is what spec.pool gives", write(3, list{now, with(next, "limit", limit+1)}, inFlight)),
		"a higher limit than spec gives":                 refused("the limit of a period is what spec.pool gives", write(3, list{with(now, "limit", limit+1)}, inFlight)),
		"a lower limit than spec gives":                  refused("the limit of a period is what spec.pool gives", write(3, list{with(now, "limit", limit-1)}, inFlight)),
		"a period without a limit":                       refused("limit: Required value", write(3, list{with(now, "limit", nil)}, inFlight)),
		"a negative sum":                                 refused("greater than or equal to 0", write(3, list{with(now, "owed", -1)}, inFlight)),
		"to drop a period with money":                    refused(stays, write(3, list{next})),
		"to drop all periods":                            refused(stays, add("/status", object{"sequence": 3, "epoch": 1})),
		"to drop a period with money past closedThrough": refused(stays, closing(3, thisYear, list{next})),
		"closedThrough of a period that is not closed":   refused("is the start of a period that was closed", closing(3, thisYear, list{})),
		"to close a period with money reserved":          refused("a period is closed once nothing is reserved in it", write(3, list{with(now, "closed", true)})),
	}, patchingStatus(running(t)))
	t.Run("a period without money may go", func(t *testing.T) {
		stored := running(t)
		storeStatus(t, stored, write(3, list{now, next}, inFlight))
		expect(t, patchingStatus(stored)(t, []op{write(4, list{now}, inFlight)}), "")
	})
}

// closing is a write with closedThrough.
func closing(sequence int64, through string, periods list, entries ...any) op {
	next := write(sequence, periods, entries...)
	next.Value.(object)["closedThrough"] = through
	return next
}

func TestLedgerClosesPeriods(t *testing.T) {
	spent := sums(40_000, 0, 5_000)
	closed := with(spent, "closed", true)
	next := with(sums(0, 0, 0), "start", "2027-01-01")
	const moved = "the period is closed: nothing in it moves any more"

	stored := storing(t, fixture.Budget("ledger", "EUR", "1000.00"))
	storeStatus(t, stored, write(1, list{sums(0, 0, 0)}, flight("a", "None", "Spent", 40_000), flight("o", "None", "Owed", 5_000)))
	t.Run("not while an entry of it is in flight", func(t *testing.T) {
		expect(t, patchingStatus(stored)(t, []op{write(2, list{closed}, flight("a", "None", "Spent", 40_000))}), "an entry counts in a period that is listed and not closed")
	})
	storeStatus(t, stored, write(2, list{spent}))
	storeStatus(t, stored, write(3, list{closed, next}))
	check(t, map[string]attempt{
		"it stays":                            accepted(write(4, list{closed, next}, with(flight("n", "None", "Spent", 1), "period", "2027-01-01"))),
		"it cannot be opened again":           refused(moved, write(4, list{spent, next})),
		"nothing is granted in it":            refused("an entry counts in a period that is listed and not closed", write(4, list{closed, next}, flight("n", "None", "Spent", 1))),
		"nothing is released in it":           refused("an entry counts in a period that is listed and not closed", write(4, list{closed, next}, flight("a", "Spent", "None", 1))),
		"its sums stay":                       refused(moved, write(4, list{with(closed, "spent", 39_999), next})),
		"it goes with closedThrough":          accepted(closing(4, thisYear, list{next})),
		"it does not go without":              refused("goes with closedThrough set to its start", write(4, list{next})),
		"closedThrough leaves no such period": refused("a period at or before closedThrough is over", closing(4, thisYear, list{closed, next})),
		"closedThrough is a period's start":   refused("is the start of a period that was closed", closing(4, "2026-06-01", list{next})),
	}, patchingStatus(stored))

	storeStatus(t, stored, closing(4, thisYear, list{next}))
	check(t, map[string]attempt{
		"it does not come back":              refused("a period at or before closedThrough is over and does not come back", closing(5, thisYear, list{sums(0, 0, 0), next})),
		"nor does one before it":             refused("a period at or before closedThrough is over and does not come back", closing(5, thisYear, list{with(next, "start", "2025-01-01"), next})),
		"closedThrough cannot be taken away": refused("closedThrough never goes back", write(5, list{next})),
		"closedThrough cannot go back":       refused("closedThrough never goes back", closing(5, "2025-01-01", list{next})),
		"the next period goes on":            accepted(closing(5, thisYear, list{next}, with(flight("n", "None", "Spent", 1), "period", "2027-01-01"))),
	}, patchingStatus(stored))
}

func TestLedgerLimitComesFromSpec(t *testing.T) {
	percentOf := func(amount, percent string) object {
		return object{"period": "Year", "percentOf": object{"amount": amount, "percent": percent, "basis": "Planned", "asOf": "2026-01-01"}}
	}
	fixed := func(amount string) object { return object{"period": "Year", "amount": amount} }
	tests := map[string]struct {
		currency string
		pool     object
		limit    int64
	}{
		"an amount in euros":                  {"EUR", fixed("1000.00"), 100_000},
		"an amount in euros with one decimal": {"EUR", fixed("1000.5"), 100_050},
		"an amount in euros without decimals": {"EUR", fixed("1000"), 100_000},
		"nothing":                             {"EUR", fixed("0"), 0},
		"an amount in yen":                    {"JPY", fixed("1000"), 1_000},
		"an amount in dinars":                 {"KWD", fixed("1000.5"), 1_000_500},
		"an amount in unidades de fomento":    {"CLF", fixed("1000.5"), 10_005_000},
		"the most euros":                      {"EUR", fixed("9999999999999.99"), 999_999_999_999_999},
		"a half percent, to the cent":         {"EUR", percentOf("12000000.00", "0.5"), 6_000_000},
		"a half percent, rounded down":        {"EUR", percentOf("12345678.90", "0.5"), 6_172_839},
		"a third of a percent of yen":         {"JPY", percentOf("1234567", "0.3333"), 4_114},
		"all of 15 digits of dinars":          {"BHD", percentOf("999999999999.999", "100"), 999_999_999_999_999},
		"almost all of 15 digits of euros":    {"EUR", percentOf("9999999999999.99", "99.9999"), 999_998_999_999_999},
		"a third of a cent":                   {"EUR", percentOf("0.01", "33.3333"), 0},
		"four decimals of both":               {"CLF", percentOf("99999999999.9999", "12.3456"), 123_455_999_999_999},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			stored := storing(t, fixture.Budget("limit", "EUR", "1"), replace("/spec/currency", test.currency), replace("/spec/pool", test.pool))
			of := func(limit, amount int64) op {
				return write(1, list{with(sums(0, 0, 0), "limit", limit)}, flight("a", "None", "Spent", amount))
			}
			try := patchingStatus(stored)
			expect(t, try(t, []op{of(test.limit, test.limit)}), "")
			expect(t, try(t, []op{of(test.limit, test.limit+1)}), exhausted)
			expect(t, try(t, []op{of(test.limit+1, 0)}), "the limit of a period is what spec.pool gives")
		})
	}
}

func TestLedgerWhenSpecChanges(t *testing.T) {
	now := sums(40_000, 30_000, 5_000)
	grant := func(amount int64) object { return flight("n", "None", "Spent", amount) }

	shrunk := running(t)
	store(t, shrunk, replace("/spec/pool/amount", "700.00"))
	lower := with(now, "limit", 70_000)
	check(t, map[string]attempt{
		"shrunk below what is used, it takes no more":  refused(exhausted, write(3, list{now}, inFlight, grant(1))),
		"shrunk, it folds":                             accepted(write(3, list{sums(50_000, 30_000, 5_000)})),
		"shrunk, it confirms a reservation":            accepted(write(3, list{now}, flight("b", "Reserved", "Spent", 30_000), inFlight)),
		"shrunk, it takes what is owed":                accepted(write(3, list{now}, inFlight, flight("p", "None", "Owed", 1))),
		"shrunk, its limit follows":                    accepted(write(3, list{lower}, inFlight)),
		"shrunk, one grant takes the place of another": accepted(write(3, list{now}, grant(10_000))),
		"shrunk, a bigger one does not":                refused(exhausted, write(3, list{now}, grant(10_001))),
	}, patchingStatus(shrunk))

	grown := running(t)
	store(t, grown, replace("/spec/pool/amount", "2000.00"))
	higher := with(now, "limit", 200_000)
	check(t, map[string]attempt{
		"grown, it gives more once its limit follows": accepted(write(3, list{higher}, inFlight, grant(120_000))),
		"grown, and not a cent beyond":                refused(exhausted, write(3, list{higher}, inFlight, grant(120_001))),
		"grown, the old limit holds until then":       refused(exhausted, write(3, list{now}, inFlight, grant(20_001))),
		"grown, its limit is the new one or the old":  refused("the limit of a period is what spec.pool gives", write(3, list{with(now, "limit", 150_000)}, inFlight)),
	}, patchingStatus(grown))
}

func TestLedgerOpeningBalance(t *testing.T) {
	opened := func(t *testing.T, period, spent, asOf string) *unstructured.Unstructured {
		t.Helper()
		return storing(t, fixture.Budget("opened", "EUR", "1000.00"), replace("/spec/pool/period", period),
			add("/spec/openingBalance", object{"spent": spent, "asOf": asOf}))
	}
	begin := func(start string, spent int64, entries ...any) op {
		return write(1, list{with(sums(spent, 0, 0), "start", start)}, entries...)
	}
	const begins = "a new period begins with nothing spent, or with the opening balance where that falls in it"
	check(t, map[string]attempt{
		"its year begins with it":              accepted(begin("2026-01-01", 10_000)),
		"its year does not begin with nothing": refused(begins, begin("2026-01-01", 0)),
		"its year does not begin with more":    refused(begins, begin("2026-01-01", 10_001)),
		"another year begins with nothing":     accepted(begin("2027-01-01", 0)),
		"another year does not begin with it":  refused(begins, begin("2027-01-01", 10_000)),
		"the rest can be granted":              accepted(begin("2026-01-01", 10_000, flight("a", "None", "Spent", 90_000))),
		"and no more":                          refused(exhausted, begin("2026-01-01", 10_000, flight("a", "None", "Spent", 90_001))),
	}, patchingStatus(opened(t, "Year", "100.00", "2026-06-30")))
	check(t, map[string]attempt{
		"its quarter begins with it":           accepted(begin("2026-04-01", 10_000)),
		"the next quarter begins with nothing": accepted(begin("2026-07-01", 0)),
		"the same quarter of another year":     accepted(begin("2027-04-01", 0)),
		"a quarter does not start in May":      refused("a period starts on the first day", begin("2026-05-01", 0)),
	}, patchingStatus(opened(t, "Quarter", "100.00", "2026-06-30")))
	check(t, map[string]attempt{
		"its month begins with it":           accepted(begin("2026-06-01", 10_000)),
		"the next month begins with nothing": accepted(begin("2026-07-01", 0)),
		"the same month of another year":     accepted(begin("2027-06-01", 0)),
	}, patchingStatus(opened(t, "Month", "100.00", "2026-06-30")))
	check(t, map[string]attempt{
		"more than the pool, it stands":       accepted(begin("2026-01-01", 200_000)),
		"more than the pool, nothing is left": refused(exhausted, begin("2026-01-01", 200_000, flight("a", "None", "Spent", 1))),
	}, patchingStatus(opened(t, "Year", "2000.00", "2026-06-30")))
}
