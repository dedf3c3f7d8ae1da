package apitest

import (
	"testing"

	"github.com/amends-dev/amends/internal/fixture"
)

func TestRecoveryBudget(t *testing.T) {
	allowance := func(a object) op {
		a["name"] = "frontline"
		return add("/spec/allowances", list{a})
	}
	levels := func(l ...any) op { return add("/spec/approval", object{"within": "15m", "levels": l}) }
	percentOf := object{"amount": "12000000.00", "percent": "0.5", "basis": "Planned", "asOf": "2026-01-01"}
	const oneOfThem = "a pool is an amount or a percentOf revenue: give exactly one of them"
	check(t, map[string]attempt{
		"an amount":                                  accepted(),
		"a share of revenue":                         accepted(replace("/spec/pool", object{"period": "Year", "percentOf": percentOf})),
		"an amount and a share are refused":          refused(oneOfThem, add("/spec/pool/percentOf", percentOf)),
		"neither is refused":                         refused(oneOfThem, remove("/spec/pool/amount")),
		"a pool without a period is refused":         refused("spec.pool.period: Required value", remove("/spec/pool/period")),
		"a pool for a week is refused":               refused(`supported values: "Month", "Quarter", "Year"`, replace("/spec/pool/period", "Week")),
		"a share without its basis is refused":       refused("basis: Required value", replace("/spec/pool", object{"period": "Year", "percentOf": object{"amount": "1", "percent": "1", "asOf": "2026-01-01"}})),
		"no currency is refused":                     refused("spec.currency: Required value", remove("/spec/currency")),
		"a currency of two letters is refused":       refused("at least 3 chars long", replace("/spec/currency", "EU")),
		"a currency's sign is refused":               refused("should match", replace("/spec/currency", "€€€")),
		"no time zone is refused":                    refused("spec.timeZone: Required value", remove("/spec/timeZone")),
		"the time zone Local is refused":             refused("Local would mean another place", replace("/spec/timeZone", "Local")),
		"an allowance with every limit":              accepted(allowance(object{"perIncident": "500.00", "perPersonPerDay": "2000.00", "perCustomer": object{"amount": "1000.00", "window": "720h"}})),
		"an allowance for a customer without window": refused("window: Required value", allowance(object{"perCustomer": object{"amount": "1"}})),
		"a window of days is refused":                refused("should match", allowance(object{"perCustomer": object{"amount": "1", "window": "30d"}})),
		"two allowances of one name are refused":     refused("Duplicate value", add("/spec/allowances", list{object{"name": "a"}, object{"name": "a"}})),
		"levels of approval":                         accepted(levels(object{"name": "duty-manager", "upTo": "1000.00"}, object{"name": "general-manager"})),
		"an approval without levels is refused":      refused("at least 1 items", add("/spec/approval", object{"within": "15m", "levels": list{}})),
		"two levels of one name are refused":         refused("Duplicate value", levels(object{"name": "a"}, object{"name": "a"})),
		"to approve by a timeout is refused":         refused(`supported values: "Escalate", "Deny"`, levels(object{"name": "a"}), add("/spec/approval/onTimeout", "Approve")),
		"a warning at 101 percent is refused":        refused("less than or equal to 100", add("/spec/warnAt", list{101})),
		"the same warning twice is refused":          refused("Duplicate value", add("/spec/warnAt", list{80, 80})),
		"an opening balance":                         accepted(add("/spec/openingBalance", object{"spent": "10.00", "asOf": "2026-06-30"})),
		"an opening balance of no day is refused":    refused("this month has 30 days or fewer", add("/spec/openingBalance", object{"spent": "10.00", "asOf": "2026-06-31"})),
	}, creating(fixture.Budget("budget", "EUR", "60000.00")))
}

func TestBudgetStaysWhatItCounts(t *testing.T) {
	plain := storing(t, fixture.Budget("plain", "EUR", "60000.00"))
	check(t, map[string]attempt{
		"the currency":                    refused("currency is immutable", replace("/spec/currency", "USD")),
		"the time zone":                   refused("timeZone is immutable", replace("/spec/timeZone", "Europe/Berlin")),
		"the period":                      refused("period is immutable", replace("/spec/pool/period", "Month")),
		"an opening balance, added later": refused("openingBalance is given when the budget is created and stays", add("/spec/openingBalance", object{"spent": "1", "asOf": "2026-01-01"})),
		"the amount may change":           accepted(replace("/spec/pool/amount", "1.00")),
		"an amount may become a share": accepted(remove("/spec/pool/amount"),
			add("/spec/pool/percentOf", object{"amount": "12000000.00", "percent": "0.5", "basis": "Actual", "asOf": "2026-01-01"})),
	}, patching(plain))
	opened := storing(t, fixture.Budget("opened", "EUR", "60000.00"), add("/spec/openingBalance", object{"spent": "1", "asOf": "2026-01-01"}))
	check(t, map[string]attempt{
		"the opening balance":             refused("openingBalance is immutable", replace("/spec/openingBalance/spent", "0")),
		"the opening balance's day":       refused("openingBalance is immutable", replace("/spec/openingBalance/asOf", "2026-01-02")),
		"the opening balance, taken away": refused("openingBalance is given when the budget is created and stays", remove("/spec/openingBalance")),
	}, patching(opened))
}

func TestAmountsFitTheCurrency(t *testing.T) {
	const refusal = "an amount has at most as many decimals as its currency"
	pool := func(currency, amount string) []op {
		return []op{replace("/spec/currency", currency), replace("/spec/pool/amount", amount)}
	}
	attempts := map[string]attempt{
		"euros and cents":                              accepted(pool("EUR", "10.50")...),
		"euros and tens of cents":                      accepted(pool("EUR", "10.5")...),
		"whole euros":                                  accepted(pool("EUR", "10")...),
		"a tenth of a cent is refused":                 refused(refusal, pool("EUR", "10.501")...),
		"zero behind the cents is refused too":         refused(refusal, pool("EUR", "10.500")...),
		"13 digits of euros":                           accepted(pool("EUR", "9999999999999.99")...),
		"14 digits of euros are refused":               refused("at most 15 digits with all of them written out", pool("EUR", "10000000000000")...),
		"whole yen":                                    accepted(pool("JPY", "999999999999999")...),
		"half a yen is refused":                        refused(refusal, pool("JPY", "10.5")...),
		"yen with decimals of zero are refused":        refused(refusal, pool("JPY", "10.0")...),
		"fils":                                         accepted(pool("KWD", "10.505")...),
		"a tenth of a fils is refused":                 refused(refusal, pool("KWD", "10.5055")...),
		"12 digits of dinars":                          accepted(pool("KWD", "999999999999.999")...),
		"13 digits of dinars are refused":              refused(refusal, pool("KWD", "1000000000000")...),
		"unidades de fomento have four decimals":       accepted(pool("CLF", "10.5055")...),
		"12 digits of unidades de fomento are refused": refused(refusal, pool("CLF", "100000000000")...),
	}
	for _, currency := range []string{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"} {
		attempts[currency+" has no decimals"] = refused(refusal, pool(currency, "10.5")...)
	}
	for _, currency := range []string{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", "CLF", "UYW"} {
		attempts[currency+" has three or more"] = accepted(pool(currency, "10.505")...)
	}
	yen := func(path string, value any) attempt {
		return refused(path+": Invalid value", replace("/spec/currency", "JPY"), replace("/spec/pool/amount", "10"), add("/spec"+"/"+path, value))
	}
	attempts["a revenue in half yen is refused"] = refused("spec.pool.percentOf.amount: Invalid value", replace("/spec/currency", "JPY"),
		replace("/spec/pool", object{"period": "Year", "percentOf": object{"amount": "10.5", "percent": "0.5", "basis": "Planned", "asOf": "2026-01-01"}}))
	attempts["an opening balance in half yen is refused"] = refused("spec.openingBalance.spent: Invalid value", replace("/spec/currency", "JPY"),
		add("/spec/openingBalance", object{"spent": "0.5", "asOf": "2026-01-01"}))
	attempts["an allowance for an incident in half yen is refused"] = yen("allowances", list{object{"name": "a", "perIncident": "1"}, object{"name": "b", "perIncident": "0.5"}})
	attempts["an allowance for a day in half yen is refused"] = yen("allowances", list{object{"name": "a", "perPersonPerDay": "0.5"}})
	attempts["an allowance for a customer in half yen is refused"] = yen("allowances", list{object{"name": "a", "perCustomer": object{"amount": "0.5", "window": "1h"}}})
	attempts["a level of approval in half yen is refused"] = refused("spec.approval.levels: Invalid value", replace("/spec/currency", "JPY"),
		add("/spec/approval", object{"within": "1h", "levels": list{object{"name": "a", "upTo": "0.5"}}}))
	check(t, attempts, creating(fixture.Budget("fits", "EUR", "10")))
}
