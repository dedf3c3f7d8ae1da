package calendar

import (
	"math"
	"time"
)

// PercentAt returns the instant at which a percentage of the counted time between
// start and due has passed, rounded as PercentOf does; a closing time rather than
// the next opening, as with Due. A percentage above 100 is taken as 100, and one of
// zero or less leads to start. Where no time counts between the two, it is due.
func (c *Calendar) PercentAt(start, due time.Time, percent int) time.Time {
	total := c.Counted(start, due)
	if total == 0 {
		return plain(due)
	}
	need := PercentOf(total, percent)
	if need == 0 {
		return plain(start)
	}
	at, _ := c.seek(toInstant(start), int64(need), math.MaxInt64)
	return toTime(at)
}

// PercentOf returns a percentage of a duration, rounded up to a whole second but
// never above the duration itself. The percentage is limited to 0 to 100.
func PercentOf(total time.Duration, percent int) time.Duration {
	if total <= 0 || percent <= 0 {
		return 0
	}
	p := int64(min(percent, 100))
	seconds, rest := int64(total)/second, int64(total)%second
	hundredths := seconds*p + ceilDiv(rest*p, second)
	whole := ceilDiv(hundredths, 100)
	if whole > seconds {
		return total
	}
	return time.Duration(whole * second)
}

// ceilDiv returns a divided by b, rounded up; a is at least zero and b above it.
func ceilDiv(a, b int64) int64 {
	return (a + b - 1) / b
}
