package stamp

import "time"

// Earlier is the earlier one of two instants.
func Earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Later is the later one of two instants.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// whole is the second in which t lies, in UTC.
func whole(t time.Time) time.Time {
	return time.Unix(t.Unix(), 0).UTC()
}
