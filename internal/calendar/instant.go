package calendar

import "time"

// Instants are nanoseconds since 1970-01-01T00:00:00Z, wall times are seconds since
// 1970-01-01 00:00 on the zone's own clock, and dates are days since 1970-01-01.
// Nanoseconds in an int64 reach from 1678 to 2262, which holds the years that a
// calendar covers and the reach of a search on either side.
const (
	second = int64(time.Second)
	day    = 24 * int64(time.Hour)

	daySeconds = 24 * 60 * 60
	dayMinutes = 24 * 60

	// reachDays is how many days without open time a search passes at most.
	reachDays = 400
	reach     = reachDays * day

	// firstDate and lastDate are 1970-01-01 and 2200-12-31.
	firstDate = 0
	lastDate  = 84370

	// coverFrom and coverTo bound the instants at which a calendar can be open.
	coverFrom = int64(firstDate) * day
	coverTo   = int64(lastDate+1) * day

	// beyond is farther outside the covered years than any search reaches.
	beyond = reach + day
)

// toInstant returns t as an instant. A time far outside the covered years becomes
// one that is just as unreachable for a search and that overflows nothing.
func toInstant(t time.Time) int64 {
	switch sec := t.Unix(); {
	case sec < (coverFrom-beyond)/second:
		return coverFrom - beyond
	case sec > (coverTo+beyond)/second:
		return coverTo + beyond
	}
	return t.UnixNano()
}

// toTime returns an instant as a time in UTC.
func toTime(instant int64) time.Time {
	return time.Unix(0, instant).UTC()
}

// plain returns t in UTC and without a monotonic reading.
func plain(t time.Time) time.Time {
	return t.Round(0).UTC()
}

// floorDiv returns a divided by b, rounded down; b is above zero.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// weekday returns the day of the week of a date, Sunday being 0.
func weekday(date int) int {
	const thursday = 4 // 1970-01-01
	return ((date+thursday)%7 + 7) % 7
}
