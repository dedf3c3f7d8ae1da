package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Reasons of a [Problem].
const (
	// ReasonInvalid says that a value of the spec is not allowed.
	ReasonInvalid = "CalendarInvalid"
	// ReasonExhausted says that the calendar never opens; it is also the reason to
	// show for [ErrExhausted].
	ReasonExhausted = "CalendarExhausted"
)

// ErrExhausted says that a search met no open time within 400 days.
var ErrExhausted = errors.New("the calendar has no open time within 400 days")

// Problem is one thing that is wrong with a spec, in words for the person who
// wrote it.
type Problem struct {
	// Path is the field, for example spec.weekly[1].hours[0].
	Path string
	// Reason is ReasonInvalid or ReasonExhausted.
	Reason string
	// Message names the value and what is allowed.
	Message string
}

// String returns the problem as one line.
func (p Problem) String() string {
	return p.Path + ": " + p.Message
}

// exhaustedAfter is the error of a forward search that gave up at an instant.
func exhaustedAfter(at int64) error {
	return fmt.Errorf("%w after %s", ErrExhausted, toTime(at).Format(time.RFC3339))
}

// exhaustedBefore is the error of a backward search that gave up at an instant.
func exhaustedBefore(at int64) error {
	return fmt.Errorf("%w before %s", ErrExhausted, toTime(at).Format(time.RFC3339))
}

// quote shows a value of the spec in a message, cut to a bearable length.
func quote[S ~string](value S) string {
	return fmt.Sprintf("%.64q", string(value))
}
