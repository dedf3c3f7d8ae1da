package ledger_test

import (
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

func monthly(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Period = "Month" }

func TestPeriodsFollowEachOther(t *testing.T) {
	d := open(t, "2026-08-15 12:00:00", spec(monthly))
	august, waits := d.claim("august", "100.00"), d.claim("waits", "50.00", unallowed)
	d.turn(august, waits)
	d.now = at(t, "2026-09-15 12:00:00")
	d.turn(d.claim("september", "200.00"))
	// In the period after its own it can still come back.
	d.turn(takenBack(august))
	d.want("august", released, none, "0")
	if got := d.totals(); got != "2026-08-01: spent 0, reserved 5000, owed 0; 2026-09-01: spent 20000, reserved 0, owed 0" {
		t.Fatal(got)
	}

	d.now = at(t, "2026-10-01 00:00:00")
	d.turn(d.claim("october", "300.00"))
	expired := d.book.Expired(d.now)
	if len(expired) != 1 || expired[0].UID != waits.UID {
		t.Fatalf("expired: %+v", expired)
	}
	d.turn(takenBack(waits))
	d.turn()
	if p := d.budget.Status.Periods; len(p) != 3 || !p[0].Closed || p[1].Closed || p[2].Closed {
		t.Fatalf("periods: %+v", p)
	}
	d.turn(d.claim("too-late", "1.00", func(c *ledger.Claim) { c.CreatedAt = at(t, "2026-08-20 12:00:00") }))
	if got := refusals(d.want("too-late", denied, none, "0")); got != "PeriodClosed 0.00 of 0.00" {
		t.Errorf("refused by %s", got)
	}

	d.now = at(t, "2026-11-01 00:00:00")
	d.turn(d.claim("november", "400.00"))
	if got := d.totals(); got != "2026-09-01: spent 20000, reserved 0, owed 0; 2026-10-01: spent 30000, reserved 0, owed 0; 2026-11-01: spent 40000, reserved 0, owed 0" {
		t.Error(got)
	}
	// September is closed now: what is taken back stays spent there.
	september := takenBack(d.claims["september"])
	d.turn(september)
	d.want("september", released, spent, "200.00")
	if s := d.budget.Status; s.Period != "2026-11-01" || s.Available != "9600.00" || len(s.Warned) != 0 {
		t.Errorf("the running period: %s with %s", s.Period, s.Available)
	}
}

func TestALongSleep(t *testing.T) {
	d := open(t, "2026-01-15 12:00:00", spec(monthly))
	d.turn(d.claim("january", "100.00"), d.claim("waits", "50.00", unallowed))
	d.now = at(t, "2026-12-24 12:00:00")
	d.turn(d.claim("december", "300.00"))
	d.want("december", granted, spent, "300.00")
	for _, c := range d.book.Expired(d.now) {
		d.turn(takenBack(d.claims[c.Name]))
	}
	if got := d.totals(); got != "2026-01-01: spent 10000, reserved 0, owed 0; 2026-12-01: spent 30000, reserved 0, owed 0" {
		t.Error(got)
	}
}

func TestWarningsAreToldOnceAPeriod(t *testing.T) {
	d := open(t, "2026-08-15 12:00:00", spec(monthly, func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "1000.00" }))
	warned := func(want ...int32) {
		t.Helper()
		if got := d.budget.Status.Warned; len(got) != len(want) || (len(want) > 0 && got[len(got)-1] != want[len(want)-1]) {
			t.Errorf("warned at %v, want %v", got, want)
		}
	}
	d.turn(d.claim("a", "799.99"))
	warned()
	d.turn(d.claim("b", "0.01"))
	warned(80)
	d.turn(takenBack(d.claims["a"]))
	d.turn(d.claim("c", "999.99"))
	warned(80, 100)
	d.now = at(t, "2026-09-01 00:00:00")
	d.turn()
	warned()
}

func TestTheOpeningBalance(t *testing.T) {
	d := open(t, "2026-10-02 12:00:00", spec(func(s *v1alpha1.RecoveryBudgetSpec) {
		s.OpeningBalance = &v1alpha1.OpeningBalance{Spent: "9000.00", AsOf: "2026-09-30"}
	}))
	d.turn(d.claim("rest", "1000.00"), d.claim("more", "0.01"))
	d.want("rest", granted, spent, "1000.00")
	d.want("more", denied, none, "0")
	d.now = at(t, "2027-01-01 00:00:00")
	d.turn()
	if got := d.totals(); got != "2026-01-01: spent 1000000, reserved 0, owed 0; 2027-01-01: spent 0, reserved 0, owed 0" {
		t.Error(got)
	}
}

func TestEdgesOfDaysAndPeriods(t *testing.T) {
	tests := map[string]struct {
		zone        v1alpha1.TimeZone
		period      v1alpha1.Period
		at          string
		day, of     v1alpha1.Date
		nextPeriods string
	}{
		"the last second of a day":                 {"Europe/Berlin", "Month", "2026-10-31T22:59:59Z", "2026-10-31", "2026-10-01", "2026-10-31T23:00:00Z"},
		"the first second of the next":             {"Europe/Berlin", "Month", "2026-10-31T23:00:00Z", "2026-11-01", "2026-11-01", "2026-11-30T23:00:00Z"},
		"a day of 23 hours":                        {"Europe/Berlin", "Month", "2026-03-29T21:59:59Z", "2026-03-29", "2026-03-01", "2026-03-31T22:00:00Z"},
		"a day of 25 hours":                        {"Europe/Berlin", "Month", "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-01", "2026-10-31T23:00:00Z"},
		"a quarter":                                {"Asia/Shanghai", "Quarter", "2026-12-31T15:59:59Z", "2026-12-31", "2026-10-01", "2026-12-31T16:00:00Z"},
		"a year":                                   {"Asia/Shanghai", "Year", "2026-12-31T16:00:00Z", "2027-01-01", "2027-01-01", "2027-12-31T16:00:00Z"},
		"a month that begins without its midnight": {"Asia/Beirut", "Month", "2027-03-27T21:59:59Z", "2027-03-27", "2027-03-01", "2027-03-31T21:00:00Z"},
		"a day without its midnight":               {"America/Santiago", "Month", "2026-09-06T04:00:00Z", "2026-09-06", "2026-09-01", "2026-10-01T03:00:00Z"},
		"a month whose first day leaps":            {"America/Asuncion", "Month", "2017-09-30T12:00:00Z", "2017-09-30", "2017-09-01", "2017-10-01T04:00:00Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			terms, problems := ledger.Compile(spec(func(s *v1alpha1.RecoveryBudgetSpec) { s.TimeZone, s.Pool.Period = test.zone, test.period }))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			instant, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			next := terms.NextPeriodAt(instant)
			if terms.Day(instant) != test.day || terms.PeriodOf(instant) != test.of || next.UTC().Format(time.RFC3339) != test.nextPeriods {
				t.Errorf("day %s of %s, next at %s", terms.Day(instant), terms.PeriodOf(instant), next.UTC().Format(time.RFC3339))
			}
			if terms.PeriodOf(next) == test.of || terms.PeriodOf(next.Add(-time.Nanosecond)) != test.of {
				t.Errorf("%s is not the edge of a period", next)
			}
		})
	}
}

func TestWrongSpecs(t *testing.T) {
	tests := map[string]struct {
		edit func(*v1alpha1.RecoveryBudgetSpec)
		want string
	}{
		"an unknown zone":    {func(s *v1alpha1.RecoveryBudgetSpec) { s.TimeZone = "Europe/Atlantis" }, `spec.timeZone: "Europe/Atlantis" is not a time zone that is known here; give an IANA time zone, for example Europe/Berlin or UTC`},
		"no currency":        {func(s *v1alpha1.RecoveryBudgetSpec) { s.Currency = "EUX" }, `spec.currency: "EUX" is no currency of ISO 4217: give its code of three capitals, for example EUR`},
		"too many decimals":  {func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Amount = "1.001" }, `spec.pool.amount: "1.001" has too many decimals: EUR has at most 2`},
		"an allowance's":     {func(s *v1alpha1.RecoveryBudgetSpec) { s.Allowances[0].PerIncident = "1e3" }, `spec.allowances[frontline].perIncident: "1e3" is no amount: write digits with a point before the decimals, for example 12.34, without a sign, an exponent or separators`},
		"a level's":          {func(s *v1alpha1.RecoveryBudgetSpec) { s.Approval.Levels[0].UpTo = "-1" }, `spec.approval.levels[duty-manager].upTo: "-1" is no amount: write digits with a point before the decimals, for example 12.34, without a sign, an exponent or separators`},
		"a pool and a share": {func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.PercentOf = &v1alpha1.PercentOf{} }, `spec.pool: it is an amount or a percentOf revenue: give exactly one of them`},
		"a share of a hundred": {func(s *v1alpha1.RecoveryBudgetSpec) {
			s.Pool = v1alpha1.Pool{Period: "Year", PercentOf: &v1alpha1.PercentOf{Amount: "1", Percent: "101"}}
		}, `spec.pool.percentOf.percent: "101" is out of range: a percentage is above 0 and at most 100, with at most 4 decimals, for example 0.5`},
		"a week": {func(s *v1alpha1.RecoveryBudgetSpec) { s.Pool.Period = "Week" }, `spec.pool.period: "Week" is no period: it is Month, Quarter or Year`},
		"a window of days": {func(s *v1alpha1.RecoveryBudgetSpec) {
			s.Allowances[0].PerCustomer = &v1alpha1.CustomerLimit{Amount: "1", Window: "30d"}
		}, `spec.allowances[frontline].perCustomer.window: "30d" is no duration: write hours, minutes and seconds, longer than 0s and at most 9600h, for example 30m or 1h30m`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			terms, problems := ledger.Compile(spec(test.edit))
			if terms != nil || len(problems) != 1 || problems[0].String() != test.want {
				t.Fatalf("got %v\nwant %s", problems, test.want)
			}
			was := &v1alpha1.RecoveryBudgetStatus{Sequence: 7}
			now := at(t, "2026-10-02 12:00:00")
			next := ledger.Stalled(was, 2, now, problems)
			if next.Sequence != 8 || next.Conditions[0].Message != test.want {
				t.Errorf("the status says %+v", next)
			}
			if again := ledger.Stalled(&next, 2, now.Add(time.Hour), problems); again.Sequence != 8 {
				t.Error("the same is written twice")
			}
		})
	}
}
