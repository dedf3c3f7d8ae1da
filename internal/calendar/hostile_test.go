package calendar_test

import (
	"errors"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
)

// The largest specs that the schema lets through must be answered, not stall a
// controller.
func TestLargestSpecsEnd(t *testing.T) {
	t.Parallel()
	minuteADay := week(allDays, "09:00", "09:01")
	var crowded []v1alpha1.WeeklyOpening
	for i := range 14 {
		w := v1alpha1.WeeklyOpening{Days: allDays}
		for j := range 12 {
			from := (i*12 + j) * 8
			w.Hours = append(w.Hours, v1alpha1.Opening{From: timeOfDay(from), To: timeOfDay(from + 1)})
		}
		crowded = append(crowded, w)
	}
	var patchwork []v1alpha1.Holiday
	for i := range 400 {
		h := v1alpha1.Holiday{
			Name:  "Patch",
			Date:  isoDate(day0.AddDate(0, 0, i)),
			Until: isoDate(day0.AddDate(0, 0, 84370-i)),
		}
		for j := range 4 {
			from := (i*8 + j*2 + 2) % 1438
			h.Closed = append(h.Closed, v1alpha1.Opening{From: timeOfDay(from), To: timeOfDay(from + 1)})
		}
		patchwork = append(patchwork, h)
	}
	for name, tc := range map[string]struct {
		weekly    []v1alpha1.WeeklyOpening
		holidays  []v1alpha1.Holiday
		exhausted bool
	}{
		"a minute a day is too little for 400 days":   {minuteADay, nil, true},
		"168 openings a day":                          {crowded, nil, false},
		"400 holidays that take away the one opening": {minuteADay, patchwork, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := mustCompile(t, v1alpha1.BusinessCalendarSpec{TimeZone: "Europe/Berlin", Weekly: tc.weekly, Holidays: tc.holidays})
			start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			due, err := c.Due(start, 9600*time.Hour)
			if errors.Is(err, calendar.ErrExhausted) != tc.exhausted || err == nil && c.Counted(start, due) != 9600*time.Hour {
				t.Errorf("Due = %s, %v", due, err)
			}
		})
	}
}
