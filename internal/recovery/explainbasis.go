package recovery

import (
	"fmt"
	"iter"
	"time"

	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// basis is how the due instant of a clock was reckoned. It is kept as it was while the
// clock was open: a revision that takes over later changes the calendar and the rules of
// holds, but not what was reckoned before.
type basis struct {
	plan     *policy.Plan
	deadline *policy.Deadline
	slot     time.Time
	from     time.Time
	// kept says that the clock is due when it was due before a hold began or ended.
	kept bool
	// wait lies between where the count ends and the customer's contact hours.
	wait   span
	pauses []pause

	// words and owed are said by the clock's own entry, or else follow from the deadline.
	words string
	owed  time.Duration
}

// pause is a stretch in which a clock does not count, and why.
type pause struct {
	span
	why string
	// hold says that it costs only time that would have counted; a gap after a
	// resolution leaves the hours out of the matter.
	hold bool
}

const instantWords = "an instant"

// describe says what is counted.
func (b *basis) describe() string {
	switch d := b.deadline; {
	case !b.slot.IsZero():
		return "the slot the customer chose"
	case b.kept:
		return "what was due before, which a hold puts off no further"
	case d == nil:
		return "no deadline"
	case d.BusinessDays > 0:
		return fmt.Sprintf("close of the %s business day on calendar %s", ordinal(d.BusinessDays), b.plan.CalendarName)
	case d.Within == 0:
		return instantWords
	case d.Business:
		return fmt.Sprintf("%s of business time on calendar %s", shortDuration(d.Within), b.plan.CalendarName)
	default:
		return shortDuration(d.Within) + " of wall time"
	}
}

// ordinal is a number in its place in a row.
func ordinal(n int) string {
	suffix := "th"
	if tens := n / 10 % 10; tens != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// instant says that the clock is due at an instant that nothing puts off.
func (b *basis) instant() bool {
	return !b.slot.IsZero() || b.kept || b.deadline != nil && b.deadline.Within == 0
}

// business says that the clock counts on the calendar.
func (b *basis) business() bool {
	return b.slot.IsZero() && !b.kept && b.deadline != nil && (b.deadline.Business || b.deadline.BusinessDays > 0)
}

// until is where the count ends; zero where that is not told.
func (b *basis) until(c *clock) time.Time {
	switch {
	case !b.slot.IsZero():
		return b.slot
	case b.wait.to.IsZero():
		return c.dueAt
	}
	return b.wait.from
}

// left is what counts from an instant on. What counts a duration leaves the rest of it,
// also where no due instant is told; below zero, it is over.
func (b *basis) left(at, until time.Time, elapsed time.Duration) time.Duration {
	if owed := b.owes(); owed > 0 {
		return owed - elapsed
	}
	if at.After(until) && !b.wait.to.IsZero() {
		until = b.wait.to // Nothing counts before it.
		at = stamp.Later(at, until)
	}
	switch {
	case until.IsZero():
		return 0
	case !b.business():
		return until.Sub(at)
	case at.After(until):
		return -b.plan.Counted(&policy.Deadline{Business: true}, until, at)
	}
	return b.plan.Counted(&policy.Deadline{Business: true}, at, until)
}

// owes is the duration that is counted, or zero.
func (b *basis) owes() time.Duration {
	if b.owed > 0 || b.deadline == nil || b.instant() {
		return b.owed
	}
	return b.deadline.Within
}

// stretches tell a part of the time line, neighbours of the same kind in one.
func (b *basis) stretches(from, to time.Time, future bool) []Stretch {
	var out []Stretch
	for line := range b.line(from, to) {
		for at := line.From; at.Before(line.To); {
			s := b.at(line, at)
			at = s.To
			if last := len(out) - 1; last >= 0 && out[last].Why == s.Why && out[last].Counted == s.Counted {
				out[last].To = s.To
				continue
			}
			s.Future = future
			out = append(out, s)
		}
	}
	for i := range out {
		if out[i].Counted {
			out[i].Counts = out[i].To.Sub(out[i].From)
		}
	}
	return out
}

// line is the time line without any pause.
func (b *basis) line(from, to time.Time) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		if !b.business() {
			if from.Before(to) {
				yield(Stretch{From: from, To: to, Counted: true, Why: "wall time"})
			}
			return
		}
		for s := range b.plan.Stretches(from, to) {
			if !yield(Stretch{From: s.From, To: s.To, Counted: s.Kind.IsOpen(), Why: hours(s)}) {
				return
			}
		}
	}
}

// hours says why the calendar is open or closed.
func hours(s calendar.Stretch) string {
	switch s.Kind {
	case calendar.KindOpen:
		return "open"
	case calendar.KindExtra:
		return "extra opening"
	case calendar.KindHoliday:
		if s.Holiday != "" {
			return "holiday " + s.Holiday
		}
		return "holiday"
	default:
		return "closed"
	}
}

// contactHoursWait is why nothing counts between the end of the count and the due
// instant.
const contactHoursWait = "until the customer's contact hours"

// at is what holds from an instant of the line on, and until when for certain. What was
// resolved does not count, whatever the hours; a hold costs open time only; and after
// the count, nothing does until the customer may be called.
func (b *basis) at(line Stretch, at time.Time) Stretch {
	out := Stretch{From: at, To: line.To, Counted: line.Counted, Why: line.Why}
	// decide lowers the end to the next bound, and takes the first word that holds.
	decided := false
	decide := func(s span, why string, counts, applies bool) {
		switch {
		case at.Before(s.from):
			out.To = stamp.Earlier(out.To, s.from)
		case s.to.IsZero() || at.Before(s.to):
			if !s.to.IsZero() {
				out.To = stamp.Earlier(out.To, s.to)
			}
			if applies && !decided {
				decided, out.Why, out.Counted = true, why, counts
			}
		}
	}
	for _, p := range b.pauses {
		decide(p.span, p.why, false, !p.hold)
	}
	for _, p := range b.pauses {
		if b.instant() {
			decide(p.span, line.Why+", though "+p.why, line.Counted, p.hold)
		} else {
			decide(p.span, p.why, false, p.hold && line.Counted)
		}
	}
	if !b.wait.to.IsZero() {
		decide(b.wait, contactHoursWait, false, true)
	}
	return out
}
