package policy

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// MaxDuration is the longest duration that the API takes: 400 days, the horizon
// within which a calendar must open.
const MaxDuration = 9600 * time.Hour

// ParseDuration reads a duration in whole seconds, longer than zero and at most
// 9600h. The API server refuses others; a revision that was written by hand may
// hold one all the same.
func ParseDuration(d v1alpha1.Duration) (time.Duration, error) {
	v, err := time.ParseDuration(string(d))
	if err != nil || v%time.Second != 0 || v <= 0 || v > MaxDuration {
		return 0, fmt.Errorf("%q is no duration: write hours, minutes and seconds, longer than 0s and at most 9600h, for example 30m or 1h30m", d)
	}
	return v, nil
}
