package commit

import (
	"time"

	"github.com/amends-dev/amends/internal/metrics"
)

// RetryWithin bounds how long what could not be written waits for its next try, whatever
// the work queue makes of its failures: a deadline does not wait for a back-off.
const RetryWithin = 5 * time.Second

// WakeAt is when to look at an object again after a write: at the instant that was
// decided, and soon after a conflict. Mostly whoever wrote first brings the object back at
// once. But not every conflict has a writer, and nobody else would look again.
func WakeAt(decided time.Time, outcome metrics.Outcome, now time.Time) time.Time {
	if again := now.Add(RetryWithin); outcome == metrics.Conflict && (decided.IsZero() || again.Before(decided)) {
		return again
	}
	return decided
}
