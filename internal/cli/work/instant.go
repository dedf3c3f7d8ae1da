package work

import (
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// layouts are the ways to write an instant with its date.
var layouts = []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"}

// timeOfDay are the ways to write a time of the day.
var timeOfDay = []string{"15:04", "15:04:05"}

// Past reads an instant that has been: with its date, as a time of the day (the last
// time it was that), or as a duration "ago".
func Past(value string, now time.Time, zone *time.Location) (time.Time, error) {
	if ago, ok := strings.CutSuffix(strings.TrimSpace(value), "ago"); ok {
		d, err := Duration(strings.TrimSpace(ago))
		if err != nil {
			return time.Time{}, err
		}
		return now.Add(-d).Truncate(time.Second), nil
	}
	at, err := instant(value, now, zone, func(at time.Time) bool { return !at.After(now) }, -1)
	if err == nil && at.After(now) {
		return at, untimely("%s has not come yet", at.In(zone).Format("2006-01-02 15:04 MST"))
	}
	return at, err
}

// Future reads an instant that is to come: with its date, or as a time of the day (the
// next time it will be that).
func Future(value string, now time.Time, zone *time.Location) (time.Time, error) {
	at, err := instant(value, now, zone, func(at time.Time) bool { return at.After(now) }, 1)
	if err == nil && !at.After(now) {
		return at, untimely("%s has passed", at.In(zone).Format("2006-01-02 15:04 MST"))
	}
	return at, err
}

// ADayIs is what to write for a day: days have no unit of their own, because those of the
// calendar are not all as long.
const ADayIs = "a day is 24h"

// Duration reads a duration.
func Duration(value string) (time.Duration, error) {
	d, err := policy.ParseDuration(v1alpha1.Duration(value))
	if err != nil {
		return 0, wrongf("%w; "+ADayIs, err)
	}
	return d, nil
}

// instant reads an instant. A time of the day is taken on the day, from today on in a
// direction, on which it fits.
func instant(value string, now time.Time, zone *time.Location, fits func(time.Time) bool, direction int) (time.Time, error) {
	value = strings.TrimSpace(value)
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, value, zone); err == nil {
			return at.UTC().Truncate(time.Second), nil
		}
	}
	for _, layout := range timeOfDay {
		clock, err := time.Parse(layout, value)
		if err != nil {
			continue
		}
		today := now.In(zone)
		for day := range 2 {
			at := time.Date(today.Year(), today.Month(), today.Day()+direction*day, clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
			if fits(at) {
				return at.UTC(), nil
			}
		}
	}
	return time.Time{}, wrongf("%q is no time: write 16:30, \"2026-10-02 16:30\" or 2026-10-02T08:30:00Z", value)
}

// dueOrWithin reads the two ways to say when something is due, of which exactly one is
// given.
func dueOrWithin(s *Scene, within, due string) (v1alpha1.Duration, *time.Time, error) {
	switch {
	case within == "" && due == "":
		return "", nil, wrongf("say by when: --within 30m, or --due 16:30")
	case within != "" && due != "":
		return "", nil, wrongf("--within and --due say the same thing twice: give one of them")
	case within != "":
		if _, err := Duration(within); err != nil {
			return "", nil, wrongf("--within: %w", err)
		}
		return v1alpha1.Duration(within), nil, nil
	}
	at, err := Future(due, s.Now, s.Zone)
	if err != nil {
		return "", nil, wrongf("--due: %w", err)
	}
	return "", &at, nil
}
