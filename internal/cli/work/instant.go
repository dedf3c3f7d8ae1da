package work

import (
	"fmt"
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
		d, err := policy.ParseDuration(v1alpha1.Duration(strings.TrimSpace(ago)))
		if err != nil {
			return time.Time{}, err
		}
		return now.Add(-d).Truncate(time.Second), nil
	}
	at, err := instant(value, now, zone, func(at time.Time) bool { return !at.After(now) }, -1)
	if err == nil && at.After(now) {
		return at, fmt.Errorf("%s has not come yet", at.In(zone).Format("2006-01-02 15:04 MST"))
	}
	return at, err
}

// Future reads an instant that is to come: with its date, or as a time of the day (the
// next time it will be that).
func Future(value string, now time.Time, zone *time.Location) (time.Time, error) {
	at, err := instant(value, now, zone, func(at time.Time) bool { return at.After(now) }, 1)
	if err == nil && !at.After(now) {
		return at, fmt.Errorf("%s has passed", at.In(zone).Format("2006-01-02 15:04 MST"))
	}
	return at, err
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
	return time.Time{}, fmt.Errorf("%q is no time: write 16:30, \"2026-10-02 16:30\" or 2026-10-02T08:30:00Z", value)
}

// dueOrWithin reads the two ways to say when something is due, of which exactly one is
// given.
func dueOrWithin(s *Scene, within, due string) (v1alpha1.Duration, *time.Time, error) {
	switch {
	case within == "" && due == "":
		return "", nil, fmt.Errorf("say by when: --within 30m, or --due 16:30")
	case within != "" && due != "":
		return "", nil, fmt.Errorf("--within and --due say the same thing twice: give one of them")
	case within != "":
		if _, err := policy.ParseDuration(v1alpha1.Duration(within)); err != nil {
			return "", nil, fmt.Errorf("--within: %w", err)
		}
		return v1alpha1.Duration(within), nil, nil
	}
	at, err := Future(due, s.Now, s.Zone)
	if err != nil {
		return "", nil, fmt.Errorf("--due: %w", err)
	}
	return "", &at, nil
}
