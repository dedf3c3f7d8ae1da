package calendar_test

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// onDates is a calendar of single openings from 09:00 to 17:00 in UTC.
func onDates(dates ...v1alpha1.Date) v1alpha1.BusinessCalendarSpec {
	spec := v1alpha1.BusinessCalendarSpec{TimeZone: "UTC"}
	for _, d := range dates {
		spec.Openings = append(spec.Openings, v1alpha1.ExtraOpening{Date: d, Hours: []v1alpha1.Opening{{From: "09:00", To: "17:00"}}})
	}
	return spec
}

func TestSearchesReach400Days(t *testing.T) {
	t.Parallel()
	// 2027-11-06 is 400 days after 2026-10-02.
	c := mustCompile(t, onDates("2026-10-02", "2027-11-06"))
	for name, tc := range map[string]struct {
		ask  func() (time.Time, error)
		want string // empty: exhausted
	}{
		"Due passes a gap of less than 400 days": {
			func() (time.Time, error) { return c.Due(local(t, c, "2026-10-02 16:00"), 2*time.Hour) }, "2027-11-06 10:00",
		},
		"Due finds what opens in exactly 400 days": {
			func() (time.Time, error) { return c.Due(local(t, c, "2026-10-02 09:00"), 9*time.Hour) }, "2027-11-06 10:00",
		},
		"Due gives up when it would have to wait longer": {
			func() (time.Time, error) {
				late := mustCompile(t, onDates("2027-11-06"))
				return late.Due(local(t, c, "2026-10-02 08:59"), time.Hour)
			}, "",
		},
		"Due waits exactly 400 days": {
			func() (time.Time, error) {
				late := mustCompile(t, onDates("2027-11-06"))
				return late.Due(local(t, c, "2026-10-02 09:00"), time.Hour)
			}, "2027-11-06 10:00",
		},
		"Due gives up after the last opening": {
			func() (time.Time, error) { return c.Due(local(t, c, "2027-11-06 09:00"), 8*time.Hour+time.Second) }, "",
		},
		"Due needs no opening after the one that it ends in": {
			func() (time.Time, error) { return c.Due(local(t, c, "2027-11-06 09:00"), 8*time.Hour) }, "2027-11-06 17:00",
		},
		"Back passes a gap of less than 400 days": {
			func() (time.Time, error) { return c.Back(local(t, c, "2027-11-06 10:00"), 2*time.Hour) }, "2026-10-02 16:00",
		},
		"Back waits exactly 400 days": {
			func() (time.Time, error) {
				return mustCompile(t, onDates("2026-10-02")).Back(local(t, c, "2027-11-06 17:00"), time.Hour)
			},
			"2026-10-02 16:00",
		},
		"Back gives up when it would have to wait longer": {
			func() (time.Time, error) {
				return mustCompile(t, onDates("2026-10-02")).Back(local(t, c, "2027-11-06 17:01"), time.Hour)
			}, "",
		},
		"Back gives up before the first opening": {
			func() (time.Time, error) { return c.Back(local(t, c, "2026-10-02 12:00"), 4*time.Hour) }, "",
		},
		"a business day may be 400 dates away": {
			func() (time.Time, error) { return c.CloseOfBusinessDay(local(t, c, "2026-10-02 23:59"), 1) }, "2027-11-06 17:00",
		},
		"a business day may not be 401 dates away": {
			func() (time.Time, error) {
				return c.CloseOfBusinessDay(local(t, c, "2026-10-01 23:59").AddDate(0, 0, -400), 1)
			}, "",
		},
		"there is no second business day": {
			func() (time.Time, error) { return c.CloseOfBusinessDay(local(t, c, "2026-10-02 12:00"), 2) }, "",
		},
		"FirstOpen is at once where it is open": {
			func() (time.Time, error) { return c.FirstOpen(local(t, c, "2026-10-02 16:59")) }, "2026-10-02 16:59",
		},
		"FirstOpen waits at the close": {
			func() (time.Time, error) { return c.FirstOpen(local(t, c, "2026-10-02 17:00")) }, "2027-11-06 09:00",
		},
		"FirstOpen gives up": {
			func() (time.Time, error) { return c.FirstOpen(local(t, c, "2027-11-06 17:00")) }, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tc.ask()
			if tc.want == "" {
				if !errors.Is(err, calendar.ErrExhausted) || !got.IsZero() {
					t.Errorf("got %s, %v; want ErrExhausted", got, err)
				}
				return
			}
			isAt(t, c, "the answer", got, err, tc.want)
		})
	}
}

// Wherever the two openings lie in the pages of the table, 400 days are passed and a
// second more is not.
func TestReachDoesNotDependOnTheDate(t *testing.T) {
	t.Parallel()
	for offset := 0; offset < 256; offset += 5 {
		first := day0.AddDate(50, 0, offset)
		second := first.AddDate(0, 0, 400)
		c := mustCompile(t, onDates(isoDate(first), isoDate(second)))
		opening, closing := first.Add(9*time.Hour), first.Add(17*time.Hour)
		nextOpen, nextClose := second.Add(9*time.Hour), second.Add(17*time.Hour)
		if got, err := c.Due(opening, 9*time.Hour); err != nil || got != nextOpen.Add(time.Hour) {
			t.Errorf("Due from %s = %s, %v", opening, got, err)
		}
		if got, err := c.Due(nextClose, time.Hour); !errors.Is(err, calendar.ErrExhausted) {
			t.Errorf("Due from %s = %s, %v; want ErrExhausted", nextClose, got, err)
		}
		if got, err := c.Back(nextClose, 9*time.Hour); err != nil || got != closing.Add(-time.Hour) {
			t.Errorf("Back from %s = %s, %v", nextClose, got, err)
		}
		if got, err := c.CloseOfBusinessDay(first, 1); err != nil || got != nextClose {
			t.Errorf("CloseOfBusinessDay from %s = %s, %v", first, got, err)
		}
		late := mustCompile(t, onDates(isoDate(second)))
		if got, err := late.Due(opening, time.Second); err != nil || got != nextOpen.Add(time.Second) {
			t.Errorf("Due from exactly 400 days before = %s, %v", got, err)
		}
		if got, err := late.Due(opening.Add(-1), time.Second); !errors.Is(err, calendar.ErrExhausted) {
			t.Errorf("Due from more than 400 days before = %s, %v; want ErrExhausted", got, err)
		}
		if got, err := late.CloseOfBusinessDay(first.AddDate(0, 0, -1), 1); !errors.Is(err, calendar.ErrExhausted) {
			t.Errorf("CloseOfBusinessDay from 401 dates before = %s, %v; want ErrExhausted", got, err)
		}
		past := mustCompile(t, onDates(isoDate(first)))
		if got, err := past.Back(nextClose, time.Second); err != nil || got != closing.Add(-time.Second) {
			t.Errorf("Back from exactly 400 days after = %s, %v", got, err)
		}
		if got, err := past.Back(nextClose.Add(1), time.Second); !errors.Is(err, calendar.ErrExhausted) {
			t.Errorf("Back from more than 400 days after = %s, %v; want ErrExhausted", got, err)
		}
	}
}

// The reach is measured anew from each stretch that counts.
func TestReachBeginsAnewWithEveryOpening(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, onDates("2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01"))
	due, err := c.Due(local(t, c, "2020-01-01 09:00"), 40*time.Hour)
	isAt(t, c, "Due over five years", due, err, "2024-01-01 17:00")
	back, err := c.Back(local(t, c, "2024-01-01 17:00"), 40*time.Hour)
	isAt(t, c, "Back over five years", back, err, "2020-01-01 09:00")
	day, err := c.CloseOfBusinessDay(local(t, c, "2020-01-01 09:00"), 4)
	isAt(t, c, "four business days over four years", day, err, "2024-01-01 17:00")
}

func TestExhaustedSaysSinceWhen(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, onDates("2026-10-02"))
	_, err := c.Due(local(t, c, "2026-10-01 09:00"), 9*time.Hour)
	const want = "the calendar has no open time within 400 days after 2026-10-02T17:00:00Z"
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
	if _, err := c.CloseOfBusinessDay(local(t, c, "2026-10-01 09:00"), 0); err == nil || errors.Is(err, calendar.ErrExhausted) {
		t.Errorf("error of no business days = %v, want one that names the number", err)
	}
}

func TestOutsideTheYearsCoveredItIsClosed(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, always)
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, y := range []int{math.MinInt32, -1, 0, 1, 1600, 1900, 1968, 2201, 2300, 9999, math.MaxInt32} {
		at := year(y)
		if due, err := c.Due(at, time.Second); !errors.Is(err, calendar.ErrExhausted) {
			t.Errorf("Due in year %d = %s, %v; want ErrExhausted", y, due, err)
		}
		if day, err := c.CloseOfBusinessDay(at, 1); !errors.Is(err, calendar.ErrExhausted) {
			t.Errorf("CloseOfBusinessDay in year %d = %s, %v; want ErrExhausted", y, day, err)
		}
		if back, err := c.Back(at, time.Second); y != 2201 && !errors.Is(err, calendar.ErrExhausted) {
			t.Errorf("Back in year %d = %s, %v; want ErrExhausted", y, back, err)
		}
		if c.IsOpen(at) || c.Counted(at, at.AddDate(1, 0, 0)) != 0 {
			t.Errorf("the calendar is open in year %d", y)
		}
	}
	if got, want := c.Counted(year(-1000), year(9999)), year(2201).Sub(year(1970)); got != want {
		t.Errorf("Counted over all years = %s, want %s", got, want)
	}
	if got, err := c.Due(year(2200), 366*24*time.Hour); !errors.Is(err, calendar.ErrExhausted) {
		t.Errorf("Due beyond the last year = %s, %v; want ErrExhausted", got, err)
	}
	got, err := c.Due(year(1969), 24*time.Hour)
	isAt(t, c, "Due from shortly before the first year", got, err, "1970-01-02 01:00")
	got, err = c.Due(year(1970), math.MaxInt64)
	if !errors.Is(err, calendar.ErrExhausted) {
		t.Errorf("Due of the longest duration = %s, %v; want ErrExhausted", got, err)
	}
	stretches := slices.Collect(c.Stretches(year(1000), year(3000)))
	want := []calendar.Stretch{
		{From: year(1000), To: year(1970), Kind: calendar.KindClosed},
		{From: year(1970), To: year(2201), Kind: calendar.KindOpen},
		{From: year(2201), To: year(3000), Kind: calendar.KindClosed},
	}
	if diff := cmp.Diff(want, stretches); diff != "" {
		t.Errorf("Stretches (-want +got):\n%s", diff)
	}
}

func TestAlwaysOpenHasNoBounds(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, always)
	at := local(t, c, "2026-10-02 12:00")
	if got, ok := c.NextOpening(at); ok {
		t.Errorf("NextOpening = %s, want none", got)
	}
	if got, ok := c.NextClosing(at); ok {
		t.Errorf("NextClosing = %s, want none", got)
	}
}

func TestOpeningsAndClosingsAreHalfOpen(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, office)
	opening, closing := local(t, c, "2026-10-02 09:00"), local(t, c, "2026-10-02 17:00")
	for name, tc := range map[string]struct {
		at                       time.Time
		isOpen, includes         bool
		wantOpening, wantClosing string
	}{
		"just before the opening": {opening.Add(-1), false, false, "2026-10-02 09:00", "2026-10-02 17:00"},
		"at the opening":          {opening, true, true, "2026-10-05 09:00", "2026-10-02 17:00"},
		"just before the close":   {closing.Add(-1), true, true, "2026-10-05 09:00", "2026-10-02 17:00"},
		"at the close":            {closing, false, true, "2026-10-05 09:00", "2026-10-05 17:00"},
		"just after the close":    {closing.Add(1), false, false, "2026-10-05 09:00", "2026-10-05 17:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.IsOpen(tc.at); got != tc.isOpen {
				t.Errorf("IsOpen = %t, want %t", got, tc.isOpen)
			}
			if got := c.Includes(tc.at); got != tc.includes {
				t.Errorf("Includes = %t, want %t", got, tc.includes)
			}
			next, _ := c.NextOpening(tc.at)
			isAt(t, c, "NextOpening", next, nil, tc.wantOpening)
			next, _ = c.NextClosing(tc.at)
			isAt(t, c, "NextClosing", next, nil, tc.wantClosing)
		})
	}
}

func TestHolidaysCutShiftsAtMidnight(t *testing.T) {
	t.Parallel()
	spec := nights
	spec.Holidays = []v1alpha1.Holiday{{Name: "All Saints", Date: "2026-11-01"}}
	c := mustCompile(t, spec)
	// The shift of the eve ends at midnight, that of the holiday begins at the next.
	from := local(t, c, "2026-10-31 12:00")
	if got := c.Counted(from, local(t, c, "2026-11-02 12:00")); got != 8*time.Hour {
		t.Errorf("Counted = %s, want 2 h of the eve and 6 h of the morning after", got)
	}
	got, err := c.CloseOfBusinessDay(from, 1)
	isAt(t, c, "the close of the day after the holiday", got, err, "2026-11-03 06:00")
	got, err = c.CloseOfBusinessDay(from.AddDate(0, 0, -1), 1)
	isAt(t, c, "the close of the eve", got, err, "2026-11-01 00:00")
}

func TestADateNeverClosesBeforeAnEarlierOne(t *testing.T) {
	t.Parallel()
	spec := nights
	spec.Weekly = week([]v1alpha1.Weekday{"Monday"}, "22:00", "06:00")
	spec.Openings = []v1alpha1.ExtraOpening{{Date: "2026-10-06", Hours: []v1alpha1.Opening{{From: "01:00", To: "02:00"}}}}
	c := mustCompile(t, spec)
	for n := range 2 {
		got, err := c.CloseOfBusinessDay(local(t, c, "2026-10-04 12:00"), n+1)
		isAt(t, c, "the close of Monday, then of Tuesday", got, err, "2026-10-06 06:00")
	}
}

func TestRepeatedAndSkippedTimes(t *testing.T) {
	t.Parallel()
	at := func(from, to v1alpha1.TimeOfDay) v1alpha1.BusinessCalendarSpec {
		return v1alpha1.BusinessCalendarSpec{TimeZone: "Europe/Berlin", Weekly: week([]v1alpha1.Weekday{"Sunday"}, from, to)}
	}
	for name, tc := range map[string]struct {
		spec             v1alpha1.BusinessCalendarSpec
		day              string
		opening, closing string
	}{
		"hours that begin in a gap begin after it":         {at("02:15", "04:00"), "2026-03-29 00:00", "2026-03-29 03:00", "2026-03-29 04:00"},
		"hours that end in a gap end after it":             {at("01:00", "02:15"), "2026-03-29 00:00", "2026-03-29 01:00", "2026-03-29 03:00"},
		"hours inside a gap are empty":                     {at("02:00", "03:00"), "2026-03-29 00:00", "2026-04-05 02:00", "2026-04-05 03:00"},
		"a repeated opening is the first":                  {at("02:30", "04:00"), "2026-10-25 00:00", "2026-10-25 02:30 +02:00", "2026-10-25 04:00"},
		"a repeated closing is the second":                 {at("01:00", "02:30"), "2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 02:30 +01:00"},
		"hours inside the repeated hour have one more":     {at("02:15", "02:30"), "2026-10-25 00:00", "2026-10-25 02:15 +02:00", "2026-10-25 02:30 +01:00"},
		"hours until the repeated hour end as it begins":   {at("00:00", "02:00"), "2026-10-24 12:00", "2026-10-25 00:00", "2026-10-25 02:00 +02:00"},
		"hours from the end of the repeated hour":          {at("03:00", "04:00"), "2026-10-24 12:00", "2026-10-25 03:00", "2026-10-25 04:00"},
		"a date ends before its midnight is repeated":      {in("America/Havana", saturday("12:00", "24:00")), "2026-10-31 11:00", "2026-10-31 12:00", "2026-11-01 00:00 -04:00"},
		"a date begins with its first midnight":            {in("America/Havana", at("00:00", "02:00")), "2026-10-31 12:00", "2026-11-01 00:00 -04:00", "2026-11-01 02:00"},
		"in half an hour's change, it is half an hour":     {in("Australia/Lord_Howe", at("01:45", "02:00")), "2026-04-05 00:00", "2026-04-05 01:45 +11:00", "2026-04-05 02:00 +10:30"},
		"a change at midnight moves the opening":           {in("Africa/Cairo", friday("00:00", "02:00")), "2026-04-23 12:00", "2026-04-24 01:00", "2026-04-24 02:00"},
		"a repeated midnight ends a day the second time":   {in("America/St_Johns", at("00:00", "24:00")), "2010-11-06 12:00", "2010-11-07 00:00 -02:30", "2010-11-08 00:00"},
		"a date that a zone skips has no hours of its own": {in("Pacific/Apia", friday("09:00", "17:00")), "2011-12-29 12:00", "2012-01-06 09:00", "2012-01-06 17:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := mustCompile(t, tc.spec)
			day := local(t, c, tc.day)
			opening, _ := c.NextOpening(day.Add(-1))
			isAt(t, c, "NextOpening", opening, nil, tc.opening)
			closing, _ := c.NextClosing(day)
			isAt(t, c, "NextClosing", closing, nil, tc.closing)
		})
	}
}

func in(zone v1alpha1.TimeZone, spec v1alpha1.BusinessCalendarSpec) v1alpha1.BusinessCalendarSpec {
	spec.TimeZone = zone
	return spec
}

func saturday(from, to v1alpha1.TimeOfDay) v1alpha1.BusinessCalendarSpec {
	return v1alpha1.BusinessCalendarSpec{Weekly: week([]v1alpha1.Weekday{"Saturday"}, from, to)}
}

func friday(from, to v1alpha1.TimeOfDay) v1alpha1.BusinessCalendarSpec {
	return v1alpha1.BusinessCalendarSpec{Weekly: week([]v1alpha1.Weekday{"Friday"}, from, to)}
}

func TestPartsOfASecondCount(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, office)
	start := local(t, c, "2026-10-02 16:59").Add(59*time.Second + 999_999_999)
	got, err := c.Due(start, 2)
	if want := local(t, c, "2026-10-05 09:00").Add(1); err != nil || !got.Equal(want) {
		t.Errorf("Due = %s, %v; want %s", got, err, want)
	}
	got, err = c.Due(start, 0)
	if err != nil || !got.Equal(start) || got.Location() != time.UTC {
		t.Errorf("Due of nothing = %s, %v; want the start in UTC", got, err)
	}
}

func TestConcurrentQuestionsAgree(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, goldenWeek)
	start := local(t, c, "2026-09-30 17:00")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 300 {
				due, err := c.Due(start, time.Duration(n+1)*10*time.Hour)
				if err != nil || c.Counted(start, due) != time.Duration(n+1)*10*time.Hour {
					t.Errorf("Due of %d h = %s, %v", 10*(n+1), due, err)
				}
			}
		})
	}
	wg.Wait()
}
