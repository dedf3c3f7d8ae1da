package cli

import (
	"context"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/work"
	"github.com/amends-dev/amends/internal/recovery"
)

// replays bounds how often a journal is played again to hear about one entry.
const replays = 10

// remarkOn is what the operator has to say about an entry. Where it has more to say about
// the journal than a condition holds, the journal is played again as the operator does,
// without those that are named already, until this entry is named or nothing is left
// out. known is false where that could not be found out.
func remarkOn(ctx context.Context, k *kube.Cluster, inc *v1alpha1.Incident, id v1alpha1.Name) (remark *work.Remark, known bool) {
	remark, known = work.RemarkOn(inc, id)
	if known {
		return remark, known
	}
	snapshot, err := k.Snapshot(ctx, inc)
	if err != nil {
		return nil, false
	}
	for range replays {
		bare, more := work.Without(inc, id)
		if !more {
			return nil, false
		}
		snapshot.Incident = bare
		inc = bare.DeepCopy()
		inc.Status = recovery.Decide(snapshot, k.Now()).Status
		if remark, known = work.RemarkOn(inc, id); known {
			return remark, known
		}
	}
	return nil, false
}

// verdict is the exit code that a remark asks for.
func verdict(remark *work.Remark) error {
	switch {
	case remark == nil:
		return nil
	case remark.Later:
		return &exitError{ExitNotYet}
	}
	return &exitError{ExitRefused}
}
