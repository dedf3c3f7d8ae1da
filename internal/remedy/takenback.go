package remedy

import (
	"fmt"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// takenBack says that the request was withdrawn, or deleted before it was granted; nil
// where it stands.
func (f *Facts) takenBack() *ledger.Freed {
	c := f.Compensation
	switch {
	case c.Spec.Withdrawal != nil:
		out := f.withdrawn()
		return &out
	case !c.DeletionTimestamp.IsZero():
		return &ledger.Freed{
			Phase: v1alpha1.CompensationReleased, Reason: v1alpha1.DeletedReason,
			Message: "the request was deleted before it was granted, which takes it back",
		}
	}
	return nil
}

// takenBackAt is the instant of the earlier one of withdrawal and deletion.
func (f *Facts) takenBackAt() time.Time {
	at := f.Stamps.Withdrawal
	if deleted := f.Compensation.DeletionTimestamp; !deleted.IsZero() && (at.IsZero() || deleted.Time.Before(at)) {
		at = whole(deleted.Time)
	}
	return at
}

func (f *Facts) withdrawn() ledger.Freed {
	w := f.Compensation.Spec.Withdrawal
	message := "it was withdrawn"
	if w.By != "" {
		message = fmt.Sprintf("%s withdrew it", w.By)
	}
	if w.Reason != "" {
		message += ": " + string(w.Reason)
	}
	return ledger.Freed{Phase: v1alpha1.CompensationReleased, Reason: v1alpha1.WithdrawnReason, Message: message}
}

func (f *Facts) replacedFreed() ledger.Freed {
	why := f.replacedRefusal()
	return ledger.Freed{Phase: v1alpha1.CompensationDenied, Reason: why.reason, Message: why.message}
}
