package apitest

import (
	"strings"
	"testing"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// The types that several kinds share are tried once, on a kind that has them.

func TestDurations(t *testing.T) {
	const (
		shape  = "spec.contactGrace in body should match"
		bounds = "a duration is longer than 0s and at most 9600h (400 days)"
	)
	at := func(value string) op { return add("/spec/contactGrace", value) }
	check(t, map[string]attempt{
		"minutes are a duration":                        accepted(at("30m")),
		"hours, minutes and seconds are":                accepted(at("1h30m15s")),
		"the longest is 400 days, in hours":             accepted(at("9600h")),
		"a second more is refused":                      refused(bounds, at("9600h1s")),
		"99999h is refused":                             refused(bounds, at("99999h")),
		"0s is refused":                                 refused(bounds, at("0s")),
		"0h0m0s is refused":                             refused(bounds, at("0h0m0s")),
		"a day is no unit":                              refused(shape, at("1d")),
		"a negative one is refused":                     refused(shape, at("-5m")),
		"a fraction is refused":                         refused(shape, at("1.5h")),
		"milliseconds are refused":                      refused(shape, at("500ms")),
		"a number without a unit is refused":            refused(shape, at("30")),
		"blanks are refused":                            refused(shape, at("1h 30m")),
		"capitals are refused":                          refused(shape, at("1H")),
		"a line break behind it is refused":             refused(shape, at("30m\n")),
		"an empty one is refused":                       refused("at least 2 chars long", at("")),
		"six digits are refused, however few they mean": refused(shape, at("000001s")),
	}, creating(fixture.Policy("durations")))
}

func TestDates(t *testing.T) {
	at := func(value string) op {
		return add("/spec/holidays", list{object{"name": "Day off", "date": value}})
	}
	check(t, map[string]attempt{
		"a day of the calendar":                   accepted(at("2026-10-02")),
		"31 January":                              accepted(at("2026-01-31")),
		"31 April is refused":                     refused("this month has 30 days or fewer", at("2026-04-31")),
		"31 February is refused":                  refused("this month has 30 days or fewer", at("2026-02-31")),
		"30 February is refused":                  refused("this February has no such day", at("2026-02-30")),
		"29 February of a common year is refused": refused("this February has no such day", at("2027-02-29")),
		"29 February of a leap year":              accepted(at("2028-02-29")),
		"29 February of 2100 is refused":          refused("this February has no such day", at("2100-02-29")),
		"29 February of 2000":                     accepted(at("2000-02-29")),
		"a thirteenth month is refused":           refused("should match", at("2026-13-01")),
		"the zeroth day is refused":               refused("should match", at("2026-01-00")),
		"the day before the month is refused":     refused("should match", at("02-10-2026")),
		"a date without leading zeros is refused": refused("at least 10 chars long", at("2026-1-2")),
		"a time behind the date is refused":       refused("may not be more than 10", at("2026-01-02T00:00:00Z")),
		"other digits than ASCII's are refused":   refused("should match", at("２０２６-10-02")),
	}, creating(fixture.Calendar("dates", "UTC")))
}

func TestTimesOfDay(t *testing.T) {
	from := func(value string) op { return replace("/spec/weekly/0/hours/0/from", value) }
	to := func(value string) op { return replace("/spec/weekly/0/hours/0/to", value) }
	check(t, map[string]attempt{
		"a night shift ends on the next day":   accepted(from("22:00"), to("06:00")),
		"a whole day is 00:00 to 24:00":        accepted(from("00:00"), to("24:00")),
		"25:00 is refused":                     refused("should match", to("25:00")),
		"24:01 is refused":                     refused("should match", to("24:01")),
		"12:60 is refused":                     refused("should match", to("12:60")),
		"9:00 is refused":                      refused("at least 5 chars long", from("9:00")),
		"09:00:00 is refused":                  refused("may not be more than 5", from("09:00:00")),
		"an opening does not begin at 24:00":   refused("an opening starts between 00:00 and 23:59", from("24:00")),
		"an opening without length is refused": refused("an opening has a length; write 00:00 to 24:00 for a whole day", from("17:00")),
	}, creating(fixture.Calendar("times", "UTC")))
}

func TestTimeZones(t *testing.T) {
	at := func(value string) op { return replace("/spec/timeZone", value) }
	check(t, map[string]attempt{
		"a city":                accepted(at("Asia/Shanghai")),
		"a city of three parts": accepted(at("America/Argentina/Buenos_Aires")),
		"an offset with a sign": accepted(at("Etc/GMT+5")),
		"UTC":                   accepted(at("UTC")),
		"an unknown name is stored, and the operator says that it knows none such": accepted(at("Europe/Nowhere")),
		"Local is refused":                      refused("Local would mean another place on each machine", at("Local")),
		"an empty one is refused":               refused("at least 1 chars long", at("")),
		"a bare offset is refused":              refused("should match", at("+02:00")),
		"a path out of the database is refused": refused("should match", at("../etc/localtime")),
		"65 characters are refused":             refused("may not be more than 64", at(strings.Repeat("A", 65))),
	}, creating(fixture.Calendar("zones", "UTC")))
}

func TestMoneyAndPercent(t *testing.T) {
	amount := func(value string) op { return replace("/spec/offers/0/amount", value) }
	t.Run("amounts", func(t *testing.T) {
		check(t, map[string]attempt{
			"nothing":                                     accepted(amount("0")),
			"two decimals":                                accepted(amount("50.00")),
			"four decimals":                               accepted(amount("0.0001")),
			"15 digits":                                   accepted(amount("999999999999999")),
			"15 digits with decimals":                     accepted(amount("99999999999.9999")),
			"16 digits with decimals are refused":         refused("may not be more than 16", amount("999999999999.9999")),
			"16 digits before the point are refused":      refused("should match", amount("1234567890123456")),
			"an exponent is refused":                      refused("should match", amount("1e3")),
			"a negative amount is refused":                refused("should match", amount("-1")),
			"a plus sign is refused":                      refused("should match", amount("+1")),
			"leading zeros are refused":                   refused("should match", amount("0012")),
			"five decimals are refused":                   refused("should match", amount("1.00001")),
			"a comma is refused":                          refused("should match", amount("1,50")),
			"a point without decimals is refused":         refused("should match", amount("1.")),
			"decimals without a digit before are refused": refused("should match", amount(".5")),
			"a currency beside it is refused":             refused("should match", amount("50 EUR")),
			"an empty one is refused":                     refused("at least 1 chars long", amount("")),
			"a number instead of a string is refused":     refused("must be of type string", replace("/spec/offers/0/amount", 50)),
		}, creating(fixture.Compensation("money", "incident", "budget", "1")))
	})
	percent := func(value string) op {
		return replace("/spec/pool", object{"period": "Year", "percentOf": object{
			"amount": "12000000.00", "percent": value, "basis": "Planned", "asOf": "2026-01-01",
		}})
	}
	t.Run("percentages", func(t *testing.T) {
		check(t, map[string]attempt{
			"a half":                         accepted(percent("0.5")),
			"the least":                      accepted(percent("0.0001")),
			"all of it":                      accepted(percent("100.0000")),
			"nothing is refused":             refused("a percentage is above zero", percent("0")),
			"nothing in decimals is refused": refused("a percentage is above zero", percent("0.0000")),
			"more than all is refused":       refused("should match", percent("100.0001")),
			"101 is refused":                 refused("should match", percent("101")),
			"five decimals are refused":      refused("should match", percent("0.00001")),
			"a percent sign is refused":      refused("should match", percent("5%")),
		}, creating(fixture.Budget("percent", "EUR", "1")))
	})
}

func TestInstantsHaveWholeSeconds(t *testing.T) {
	const refusal = "an instant has whole seconds"
	incident := fixture.Incident("instants", fixture.WithJournal(fixture.Entry("note").Note("n")))
	check(t, map[string]attempt{
		"whole seconds":                    accepted(add("/spec/occurredAt", "2026-10-02T08:20:00Z")),
		"an offset":                        accepted(add("/spec/occurredAt", "2026-10-02T10:20:00+02:00")),
		"occurredAt with a fraction":       refused(refusal, add("/spec/occurredAt", "2026-10-02T08:20:00.5Z")),
		"expectedAt with a fraction":       refused(refusal, add("/spec/expectedAt", "2026-10-02T08:20:00.000001Z")),
		"reportedAt with a fraction":       refused(refusal, add("/spec/reportedAt", "2026-10-02T08:20:00.5Z")),
		"recordedAt with a nanosecond":     refused(refusal, add("/spec/journal/0/recordedAt", "2026-10-02T08:20:00.000000001Z")),
		"at with a fraction":               refused(refusal, add("/spec/journal/0/at", "2026-10-02T08:20:00.25Z")),
		"a promise's due with a fraction":  refused(refusal, add("/spec/journal/0/promise", object{"text": "t", "due": "2026-10-02T08:20:00.5Z"})),
		"a task's due with a fraction":     refused(refusal, add("/spec/journal/0/task", object{"kind": "Help", "text": "t", "due": "2026-10-02T08:20:00.5Z"})),
		"a hold's until with a fraction":   refused(refusal, add("/spec/journal/0/hold", object{"reason": "WaitingForCustomer", "until": "2026-10-02T08:20:00.5Z"})),
		"a date alone is refused":          refused("must be of type date-time", add("/spec/occurredAt", "2026-10-02")),
		"a time without a zone is refused": refused("must be of type date-time", add("/spec/occurredAt", "2026-10-02T08:20:00")),
	}, creating(incident))
	check(t, map[string]attempt{
		"a step due at an instant":                  accepted(),
		"a step due within a second is refused too": refused(refusal, replace("/spec/steps/0/due/at", "2026-10-02T08:20:00.5Z")),
	}, creating(fixture.Policy("instants", fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueAt(fixture.Instant("2026-10-02T08:20:00Z"))))))
}
