package work

import (
	"errors"
	"fmt"
)

// Wrong is a mistake in what was typed, whatever stands in the cluster: a word that is
// none of those allowed, a flag that is missing or goes with no other. What depends on the
// incident, its policy or its budget is none: a step that the policy does not have was not
// found.
type Wrong struct {
	mistake error
	// byTheTime says that it is one only at the API server's time: an instant to come that
	// has passed.
	byTheTime bool
}

// Error is the mistake.
func (w *Wrong) Error() string { return w.mistake.Error() }

// Unwrap is the mistake.
func (w *Wrong) Unwrap() error { return w.mistake }

// Beforehand is a mistake that can be told before the API server is asked for anything,
// its time included; nil where an error is none.
func Beforehand(err error) error {
	var w *Wrong
	if errors.As(err, &w) && !w.byTheTime {
		return err
	}
	return nil
}

func wrong(mistake string) error { return &Wrong{mistake: errors.New(mistake)} }

// wrongf makes a mistake of a format. One that wraps another is told when that one is.
func wrongf(format string, parts ...any) error {
	mistake := fmt.Errorf(format, parts...)
	var inner *Wrong
	return &Wrong{mistake: mistake, byTheTime: errors.As(mistake, &inner) && inner.byTheTime}
}

// untimely makes a mistake that is one only at the API server's time.
func untimely(format string, parts ...any) error {
	return &Wrong{mistake: fmt.Errorf(format, parts...), byTheTime: true}
}
