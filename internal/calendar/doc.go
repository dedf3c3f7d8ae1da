// Package calendar answers questions about business time: when something is due
// that counts only opening hours, how much counted time lies between two instants,
// when a business day closes.
//
// # What is open
//
// A calendar lives in one IANA time zone. It is open in
//
//	(weekly hours − holidays) ∪ extra openings
//
// Weekly hours begin on each local date of their weekday; hours whose end lies at
// or before their beginning end on the next date. A holiday takes away the hours
// of its own dates, from 00:00 to 24:00 or only its closed hours, no matter on
// which date the weekly hours began. An extra opening opens also on a holiday, and
// where openings meet the union counts once.
//
// Every interval is half open. Its two bounds are resolved on the wall clock of
// their date, and the interval is then measured on the instant line:
//
//   - the beginning is the first instant at which the wall clock shows that time or
//     a later one: the first of two occurrences, or the end of a gap;
//   - the end is the last instant before which the wall clock still shows an earlier
//     time: the second of two occurrences, or the end of a gap. A clock that is put
//     back from 03:00 to exactly 02:00 shows no time before 02:00 again, so hours
//     until 02:00 end at the first 02:00. In a zone that is put back to midnight, a
//     date therefore ends when its last minute does, and not an hour into the next.
//
// The same two rules hold for the hours that a holiday takes away. So a day on
// which the clocks change has 23 or 25 hours (in some zones, other lengths), hours
// that lie inside a gap are empty, and hours that touch on the wall clock are one
// stretch on every day of the year.
//
// # The reach of a search
//
// A calendar covers the years 1970 to 2200 in UTC; outside them it is closed. A
// search gives up with [ErrExhausted] when it would have to pass more than 400
// times 24 hours without open time: counted from where it starts, or from the end
// of the last stretch that it counted. Searches for business days measure the same
// 400 days in local dates. Every search therefore ends, whatever the calendar.
//
// # Use
//
// [Compile] checks a spec and makes a [Calendar], which never changes afterwards and
// may be asked from many goroutines at once. All answers are in UTC, so that equal
// instants are equal values. The package reads no clock.
package calendar
