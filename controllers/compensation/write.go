package compensation

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/remedy"
	"github.com/amends-dev/amends/internal/text"
)

// write writes a status that moves no money, only if it differs. A conflict is no
// error: whoever wrote first brings the request back with what is new.
func (r *Reconciler) write(ctx context.Context, f *remedy.Facts, status *v1alpha1.CompensationStatus) (metrics.Outcome, error) {
	c := f.Compensation
	if equality.Semantic.DeepEqual(c.Status, *status) {
		return metrics.Unchanged, nil
	}
	written := &v1alpha1.Compensation{ObjectMeta: commit.Version(c), Status: *status.DeepCopy()}
	outcome, err := r.unsaid.Write(ctx, r.Client, c, written, sent{c.Status, *status, f.Incident})
	if err != nil {
		return outcome, fmt.Errorf("writing the status of Compensation %s/%s: %w", c.Namespace, c.Name, err)
	}
	if outcome == metrics.Written {
		r.wrote(c.Status, written, f.Incident)
	}
	return outcome, nil
}

// sent is a write of which no answer came.
type sent struct {
	was, is  v1alpha1.CompensationStatus
	incident *v1alpha1.Incident
}

// catchUp tells of a write without an answer, once a copy shows that it was taken.
func (r *Reconciler) catchUp(c *v1alpha1.Compensation) {
	if s, ok := r.unsaid.Landed(c, func(s sent) bool { return equality.Semantic.DeepEqual(s.is, c.Status) }); ok {
		r.wrote(s.was, c, s.incident)
	}
}

// wrote counts and tells what was written.
func (r *Reconciler) wrote(was v1alpha1.CompensationStatus, written *v1alpha1.Compensation, inc *v1alpha1.Incident) {
	if ready := apimeta.FindStatusCondition(written.Status.Conditions, v1alpha1.ReadyCondition); ready != nil &&
		written.Status.Phase == v1alpha1.CompensationDenied && was.Phase != written.Status.Phase {
		// What the ledger denies is counted where the ledger is kept.
		r.Money.Denied(ready.Reason)
	}
	r.tell(was, written, inc)
}

// maxNote is the longest note that the events API takes, in bytes.
const maxNote = 1024

// tell makes events of what was written.
func (r *Reconciler) tell(was v1alpha1.CompensationStatus, c *v1alpha1.Compensation, inc *v1alpha1.Incident) {
	for _, n := range remedy.Notices(was, c) {
		kind := corev1.EventTypeNormal
		if n.Warning {
			kind = corev1.EventTypeWarning
		}
		r.Recorder.Eventf(referTo("Compensation", c), related(c, inc), kind, n.Reason, n.Action, "%s", text.Truncate(n.Message, maxNote))
	}
}

// related is the incident that the request belongs to, or nothing.
func related(c *v1alpha1.Compensation, inc *v1alpha1.Incident) runtime.Object {
	if inc == nil || c.Status.IncidentUID != "" && c.Status.IncidentUID != string(inc.UID) {
		return nil
	}
	return referTo("Incident", inc)
}

func referTo(kind string, o client.Object) *corev1.ObjectReference {
	return &corev1.ObjectReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: kind,
		Namespace: o.GetNamespace(), Name: o.GetName(), UID: o.GetUID(),
	}
}
