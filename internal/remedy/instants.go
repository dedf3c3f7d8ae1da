package remedy

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// kept is an instant of the record: what was written once stays.
func kept(was *metav1.Time, is time.Time) *metav1.Time {
	if was != nil {
		return was
	}
	return instant(is)
}

func timeOf(t *metav1.Time) *time.Time {
	if t == nil {
		return nil
	}
	return &t.Time
}
