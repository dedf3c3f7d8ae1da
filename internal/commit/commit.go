// Package commit writes a decision: one status, only if it differs, under the
// resourceVersion and UID that were decided on; then, and only once it is written,
// the events and the metrics.
package commit

import (
	"context"
	"fmt"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/metrics"
	"github.com/amends-dev/amends/internal/recovery"
	"github.com/amends-dev/amends/internal/text"
)

// FieldOwner is the name under which the operator owns what it writes.
const FieldOwner = client.FieldOwner("amends")

// Committer writes decisions on incidents.
type Committer struct {
	client   client.Client
	recorder events.EventRecorder
	metrics  *metrics.Metrics
	written  seen
	unsaid   Unsaid[*recovery.Decision]
}

// New makes a Committer.
func New(c client.Client, recorder events.EventRecorder, m *metrics.Metrics) *Committer {
	return &Committer{client: c, recorder: recorder, metrics: m}
}

// Behind says whether this copy of the incident is the one that our own last write
// replaced: the cache has not seen that write yet, and will bring it.
func (c *Committer) Behind(inc *v1alpha1.Incident) bool {
	return c.written.behind(client.ObjectKeyFromObject(inc), inc.ResourceVersion)
}

// Forget drops what is kept of an incident that is gone.
func (c *Committer) Forget(key types.NamespacedName) {
	c.written.forget(key)
	c.unsaid.Settled(key)
	c.metrics.IncidentGone(key)
}

// Incident writes a decision on an incident. A conflict is no error: whoever wrote
// first brings the incident back with what is new. An error without an answer from the
// API server leaves open whether it wrote; where it did, the next call with a copy that
// shows it tells what was decided.
func (c *Committer) Incident(ctx context.Context, inc *v1alpha1.Incident, d *recovery.Decision) (metrics.Outcome, error) {
	key := client.ObjectKeyFromObject(inc)
	if taken, ok := c.unsaid.Landed(inc, func(d *recovery.Decision) bool { return equality.Semantic.DeepEqual(d.Status, inc.Status) }); ok {
		c.tell(ctx, inc, taken)
	}
	if equality.Semantic.DeepEqual(inc.Status, d.Status) {
		c.metrics.Incident(key, &d.Status)
		return metrics.Unchanged, nil
	}
	next := &v1alpha1.Incident{ObjectMeta: Version(inc), Status: *d.Status.DeepCopy()}
	outcome, err := c.unsaid.Write(ctx, c.client, inc, next, d)
	if err != nil {
		return outcome, fmt.Errorf("writing the status of Incident %s: %w", key, err)
	}
	if outcome != metrics.Written {
		return outcome, nil
	}
	c.written.wrote(key, inc.ResourceVersion, next.ResourceVersion)
	c.metrics.Incident(key, &d.Status)
	c.tell(ctx, inc, d)
	return metrics.Written, nil
}

// maxNote is the longest note that the events API takes, in bytes.
const maxNote = 1024

// tell makes events, log lines and metrics of what was written.
func (c *Committer) tell(ctx context.Context, inc *v1alpha1.Incident, d *recovery.Decision) {
	log := logr.FromContextOrDiscard(ctx)
	for i := range d.Notices {
		n := &d.Notices[i]
		kind := corev1.EventTypeNormal
		if n.Warning {
			kind = corev1.EventTypeWarning
		}
		c.recorder.Eventf(regarding(inc, n), nil, kind, n.Reason, n.Action, "%s", text.Truncate(n.Message, maxNote))
		c.metrics.Notice(n.Reason)
		if n.Trigger != "" {
			c.metrics.Escalated(n.Trigger)
		}
		fields := []any{"reason", n.Reason, "message", n.Message}
		if n.Clock != nil {
			fields = append(fields, "clock", n.Clock.Name)
			c.count(n, d.Status.Severity)
		}
		log.Info("Told", fields...)
	}
}

// regarding names the incident and, where a notice is about one, the clock or the level.
// The recorder takes two events of one reason about the same thing for a repetition and
// keeps the first note alone: without it, one of two steps that start together would
// never be told.
func regarding(inc *v1alpha1.Incident, n *recovery.Notice) *corev1.ObjectReference {
	ref := &corev1.ObjectReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Incident",
		Namespace: inc.Namespace, Name: inc.Name, UID: inc.UID, ResourceVersion: inc.ResourceVersion,
	}
	switch {
	case n.Clock != nil:
		ref.FieldPath = "status.clocks{" + n.Clock.Name + "}"
	case n.Announced != "":
		ref.FieldPath = "status.announced{" + n.Announced + "}"
	}
	return ref
}

// count counts clocks that were met or breached. One that had no due instant, such as a
// step that has none, could be neither.
func (c *Committer) count(n *recovery.Notice, severity v1alpha1.Severity) {
	switch n.Reason {
	case v1alpha1.EventDeadlineBreached, v1alpha1.EventPromiseBroken:
		c.metrics.ClockBreached(n.Clock, severity)
	case v1alpha1.EventStepDone, v1alpha1.EventClockDone:
		if n.Clock.BreachedAt == nil && recovery.HadDue(n.Clock) {
			c.metrics.ClockMet(n.Clock, severity)
		}
	}
}
