package calendar_test

import (
	"errors"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// mustCompile makes a calendar of a spec that has no problems.
func mustCompile(t testing.TB, spec v1alpha1.BusinessCalendarSpec) *calendar.Calendar {
	t.Helper()
	c, problems := calendar.Compile(spec)
	if len(problems) > 0 {
		t.Fatalf("the spec has problems: %v\n%s", problems, show(spec))
	}
	return c
}

// local returns an instant from what the clock of a calendar shows. Times that the
// clock skips or repeats are written with their offset instead.
func local(t testing.TB, c *calendar.Calendar, value string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", value, c.Location())
	if err != nil {
		at, err = time.Parse("2006-01-02 15:04 -07:00", value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func isAt(t testing.TB, c *calendar.Calendar, what string, got time.Time, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v, want %s", what, err, want)
	}
	if w := local(t, c, want); got != w.UTC() {
		t.Errorf("%s = %s, want %s", what, got.In(c.Location()), w)
	}
}

var (
	office = v1alpha1.BusinessCalendarSpec{TimeZone: "Europe/Berlin", Weekly: week(allDays[:5], "09:00", "17:00")}
	always = v1alpha1.BusinessCalendarSpec{TimeZone: "Europe/Berlin", Weekly: week(allDays, "00:00", "24:00")}
	nights = v1alpha1.BusinessCalendarSpec{TimeZone: "Europe/Berlin", Weekly: week(allDays, "22:00", "06:00")}
	early  = v1alpha1.BusinessCalendarSpec{TimeZone: "Europe/Berlin", Weekly: week(allDays, "00:00", "06:00")}

	contactHours = v1alpha1.BusinessCalendarSpec{TimeZone: "Asia/Shanghai", Weekly: week(allDays, "09:00", "21:00")}

	goldenWeek = v1alpha1.BusinessCalendarSpec{
		TimeZone: "Asia/Shanghai",
		Weekly:   week(allDays[:5], "09:00", "18:00"),
		Holidays: []v1alpha1.Holiday{{Name: "National Day", Date: "2026-10-01", Until: "2026-10-07"}},
		Openings: []v1alpha1.ExtraOpening{{Date: "2026-10-10", Hours: []v1alpha1.Opening{{From: "09:00", To: "18:00"}}}},
	}
)

// In 2026, 2 October is a Friday and 5 October the Monday after it.
func TestDueVectors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spec  v1alpha1.BusinessCalendarSpec
		start string
		d     time.Duration
		want  string
	}{
		"1: an hour from Friday 16:30 ends on Monday":           {office, "2026-10-02 16:30", time.Hour, "2026-10-05 09:30"},
		"2: an hour from Friday 16:00 ends at the close":        {office, "2026-10-02 16:00", time.Hour, "2026-10-02 17:00"},
		"3: half an hour from Saturday ends on Monday":          {office, "2026-10-03 12:00", 30 * time.Minute, "2026-10-05 09:30"},
		"7: a business day of hours is not 24 hours":            {office, "2026-10-05 09:00", 24 * time.Hour, "2026-10-07 17:00"},
		"8: 24 hours over the night of the spring change":       {always, "2026-03-28 12:00", 24 * time.Hour, "2026-03-29 13:00"},
		"23: a holiday week is passed over":                     {goldenWeek, "2026-09-30 17:00", 10 * time.Hour, "2026-10-08 18:00"},
		"23: the make-up Saturday counts":                       {goldenWeek, "2026-10-08 09:00", 20 * time.Hour, "2026-10-10 11:00"},
		"27: the grace after the customer's next opening":       {contactHours, "2026-10-02 22:30", time.Hour, "2026-10-03 10:00"},
		"28: a call is still in time when contact hours end":    {contactHours, "2026-10-02 20:00", time.Hour, "2026-10-02 21:00"},
		"starting exactly at the close starts at the next open": {office, "2026-10-02 17:00", time.Second * 60, "2026-10-05 09:01"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := mustCompile(t, tc.spec)
			start := local(t, c, tc.start)
			got, err := c.Due(start, tc.d)
			isAt(t, c, "Due", got, err, tc.want)
			if counted := c.Counted(start, got); counted != tc.d {
				t.Errorf("Counted to the due instant = %s, want %s", counted, tc.d)
			}
		})
	}
}

func TestCountedVectors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spec     v1alpha1.BusinessCalendarSpec
		from, to string
		want     time.Duration
	}{
		"9: six morning hours with a gap":                   {early, "2026-03-28 12:00", "2026-03-29 12:00", 5 * time.Hour},
		"9: six morning hours with a repeated hour":         {early, "2026-10-24 12:00", "2026-10-25 12:00", 7 * time.Hour},
		"10: a night shift over the spring change":          {nights, "2026-03-28 12:00", "2026-03-29 12:00", 7 * time.Hour},
		"10: a night shift over the autumn change":          {nights, "2026-10-24 12:00", "2026-10-25 12:00", 9 * time.Hour},
		"23: the holiday week itself has no open time":      {goldenWeek, "2026-10-01 00:00", "2026-10-08 00:00", 0},
		"23: the week of the make-up Saturday has 27 hours": {goldenWeek, "2026-10-08 00:00", "2026-10-12 00:00", 27 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := mustCompile(t, tc.spec)
			if got := c.Counted(local(t, c, tc.from), local(t, c, tc.to)); got != tc.want {
				t.Errorf("Counted = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestBusinessDayVectors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spec  v1alpha1.BusinessCalendarSpec
		start string
		n     int
		want  string
	}{
		"14: three business days from Wednesday":              {office, "2026-09-30 11:00", 3, "2026-10-05 17:00"},
		"a start before the opening is on the same day":       {office, "2026-09-30 00:00", 1, "2026-10-01 17:00"},
		"a start on a Saturday counts from Monday":            {office, "2026-10-03 11:00", 1, "2026-10-05 17:00"},
		"holidays are no business days":                       {goldenWeek, "2026-09-30 11:00", 1, "2026-10-08 18:00"},
		"a make-up Saturday is one":                           {goldenWeek, "2026-09-30 11:00", 3, "2026-10-10 18:00"},
		"a night shift closes on the next morning":            {nights, "2026-10-02 23:00", 1, "2026-10-04 06:00"},
		"a calendar that never closes has days of 24 hours":   {always, "2026-10-02 11:00", 1, "2026-10-04 00:00"},
		"many business days pass the seams of the table":      {office, "2026-10-02 11:00", 250, "2027-09-17 17:00"},
		"the early morning counts for the date that it is on": {nights, "2026-10-03 02:00", 1, "2026-10-05 06:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := mustCompile(t, tc.spec)
			got, err := c.CloseOfBusinessDay(local(t, c, tc.start), tc.n)
			isAt(t, c, "CloseOfBusinessDay", got, err, tc.want)
		})
	}
}

func TestCalendarWithoutOpeningVector(t *testing.T) {
	t.Parallel()
	_, problems := calendar.Compile(v1alpha1.BusinessCalendarSpec{TimeZone: "Europe/Berlin"})
	if len(problems) != 1 || problems[0].Reason != calendar.ReasonExhausted || problems[0].Path != "spec" {
		t.Errorf("26: problems = %v, want one with the reason %s on spec", problems, calendar.ReasonExhausted)
	}
	c := mustCompile(t, v1alpha1.BusinessCalendarSpec{
		TimeZone: "Europe/Berlin",
		Openings: []v1alpha1.ExtraOpening{{Date: "2026-10-02", Hours: []v1alpha1.Opening{{From: "09:00", To: "17:00"}}}},
	})
	if got, err := c.Due(local(t, c, "2026-10-03 09:00"), time.Hour); !errors.Is(err, calendar.ErrExhausted) {
		t.Errorf("26: Due after the only opening = %s, %v; want ErrExhausted", got, err)
	}
}
