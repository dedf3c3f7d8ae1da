package calendar

import (
	"fmt"
	"sort"
	"time"
)

// CloseOfBusinessDay returns the close of the n-th business day after the local date
// of start; n is one or more. A business day is a local date on which an opening
// begins: one of the weekly hours as far as holidays leave it, or an extra one. Its
// close is the end of the last of them, so a night shift closes it on the next
// morning; it is never before the close of an earlier date. Openings count one by
// one here, also where they touch the next date's: a calendar that never closes has
// a business day on each date, which ends at midnight. The error wraps ErrExhausted
// where a business day is more than 400 dates away from the date of start, or from
// the business day before it.
func (c *Calendar) CloseOfBusinessDay(start time.Time, n int) (time.Time, error) {
	if n < 1 {
		return time.Time{}, fmt.Errorf("the number of business days is %d; it is 1 or more", n)
	}
	at := toInstant(start)
	date := dateIn(c.loc, at)
	for i := max(0, (date+1)/pageDays); i < pageCount; i++ {
		days := c.page(i).days
		next := sort.Search(len(days), func(k int) bool { return days[k].date > date })
		days = days[next:]
		if len(days) == 0 {
			if (i+1)*pageDays-date > reachDays {
				break
			}
			continue
		}
		if days[0].date-date > reachDays {
			break
		}
		if n <= len(days) {
			return toTime(days[n-1].close), nil
		}
		n -= len(days)
		date = days[len(days)-1].date
	}
	return time.Time{}, exhaustedAfter(max(at, int64(date)*day))
}
