package calendar_test

import (
	"math"
	"testing"
	"time"

	"github.com/amends-dev/amends/internal/calendar"
)

func TestPercentOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		total   time.Duration
		percent int
		want    time.Duration
	}{
		"half of an hour":                         {time.Hour, 50, 30 * time.Minute},
		"a part of a second is rounded up":        {10 * time.Second, 11, 2 * time.Second},
		"a whole second stays":                    {10 * time.Second, 10, time.Second},
		"one percent of a second is the second":   {time.Second, 1, time.Second},
		"never above the whole":                   {1500 * time.Millisecond, 99, 1500 * time.Millisecond},
		"parts of a second count before rounding": {100*time.Second + 1, 1, 2 * time.Second},
		"all of it":           {time.Hour, 100, time.Hour},
		"more than all of it": {time.Hour, 250, time.Hour},
		"nothing of it":       {time.Hour, 0, 0},
		"less than nothing":   {time.Hour, -5, 0},
		"of nothing":          {0, 50, 0},
		"of the longest duration, without overflow": {math.MaxInt64, 50, (math.MaxInt64/2 + time.Second).Truncate(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := calendar.PercentOf(tc.total, tc.percent); got != tc.want {
				t.Errorf("PercentOf(%s, %d) = %s, want %s", tc.total, tc.percent, got, tc.want)
			}
		})
	}
}

func TestPercentAtCountsOpenTime(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, office)
	start, due := local(t, c, "2026-10-02 16:30"), local(t, c, "2026-10-05 09:30")
	for name, tc := range map[string]struct {
		percent int
		want    string
	}{
		"ten percent": {10, "2026-10-02 16:36"},
		"half the time ends at the close on Friday": {50, "2026-10-02 17:00"},
		"eighty percent": {80, "2026-10-05 09:18"},
		"all of it":      {100, "2026-10-05 09:30"},
		"nothing of it":  {0, "2026-10-02 16:30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isAt(t, c, "PercentAt", c.PercentAt(start, due, tc.percent), nil, tc.want)
		})
	}
	saturday, sunday := local(t, c, "2026-10-03 12:00"), local(t, c, "2026-10-04 12:00")
	isAt(t, c, "PercentAt where nothing counts", c.PercentAt(saturday, sunday, 50), nil, "2026-10-04 12:00")
	rare := mustCompile(t, onDates("1970-01-01", "2200-12-31"))
	got := rare.PercentAt(local(t, rare, "1970-01-01 09:00"), local(t, rare, "2200-12-31 17:00"), 75)
	isAt(t, rare, "PercentAt over a long gap", got, nil, "2200-12-31 13:00")
}
