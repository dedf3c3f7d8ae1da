package recovery

import "github.com/amends-dev/amends/api/v1alpha1"

// HadDue says whether a clock that is done had an instant by which it was due, so that it
// was met if it was not breached. One that was done while a hold had paused it has none
// now, and shows the first that it had. So does a step whose deadline a change of the
// severity or of the policy took away: it names the change, and nothing was owed of it.
func HadDue(c *v1alpha1.Clock) bool {
	if c.DueAt != nil {
		return true
	}
	takenAway := c.Reason == v1alpha1.ClockRetargetedReason || c.Reason == v1alpha1.ClockRolledOutReason
	return c.OriginalDueAt != nil && !takenAway
}
