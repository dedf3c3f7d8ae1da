package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// Patch is one operation of a JSON patch.
type Patch struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// Appended is what became of an entry.
type Appended struct {
	// Incident is the incident after it.
	Incident *v1alpha1.Incident
	// Entry is the entry as it stands in the journal.
	Entry v1alpha1.JournalEntry
	// Repeated says that it stood there before.
	Repeated bool
}

// pace spaces attempts at a write that another writer, or a pause of the server, came
// before.
var pace = wait.Backoff{Duration: 20 * time.Millisecond, Factor: 3, Jitter: 0.2, Steps: 5}

// Append appends an entry to the journal of an incident. The entry is stamped with the
// time of the API server. An attempt whose outcome is unknown is made again under the
// same id; where the journal has that id already, the entry that is there is compared,
// and only the same fact is a repeat.
func (c *Cluster) Append(ctx context.Context, inc *v1alpha1.Incident, entry v1alpha1.JournalEntry, dryRun bool) (*Appended, error) {
	var out *Appended
	err := Insist(ctx, func() error {
		var err error
		out, err = c.appendOnce(ctx, inc, entry, dryRun)
		return err
	})
	return out, err
}

func (c *Cluster) appendOnce(ctx context.Context, inc *v1alpha1.Incident, entry v1alpha1.JournalEntry, dryRun bool) (*Appended, error) {
	entry.RecordedAt = c.Stamp()
	after := &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Namespace: inc.Namespace, Name: inc.Name}}
	err := c.Apply(ctx, after, inc.UID, dryRun, Patch{Op: "add", Path: "/spec/journal/-", Value: entry})
	if isDuplicate(err) {
		return c.compare(ctx, inc, entry)
	}
	if err != nil {
		return nil, err
	}
	return &Appended{Incident: after, Entry: entryNamed(after, entry)}, nil
}

// compare looks at the entry that has the id.
func (c *Cluster) compare(ctx context.Context, inc *v1alpha1.Incident, entry v1alpha1.JournalEntry) (*Appended, error) {
	live, err := c.Incident(ctx, inc.Namespace, inc.Name)
	if err != nil {
		return nil, err
	}
	there := entryNamed(live, entry)
	if !SameFact(&there, &entry) {
		return nil, &IDTakenError{ID: entry.ID, There: there}
	}
	return &Appended{Incident: live, Entry: there, Repeated: true}, nil
}

// IDTakenError says that another fact has the id.
type IDTakenError struct {
	// ID is the id.
	ID v1alpha1.Name
	// There is the entry that has it.
	There v1alpha1.JournalEntry
}

// Error says what to do.
func (e *IDTakenError) Error() string {
	return fmt.Sprintf("the journal has another entry with the id %q, by %s; nothing was written: give another --id, or none", e.ID, e.There.By)
}

// SameFact says whether two entries tell the same, whenever they were recorded.
func SameFact(a, b *v1alpha1.JournalEntry) bool {
	x, y := a.DeepCopy(), b.DeepCopy()
	x.RecordedAt, y.RecordedAt = nil, nil
	return equality.Semantic.DeepEqual(x, y)
}

// entryNamed is the entry of the journal that has the id of another one, else that one.
func entryNamed(inc *v1alpha1.Incident, entry v1alpha1.JournalEntry) v1alpha1.JournalEntry {
	i := slices.IndexFunc(inc.Spec.Journal, func(e v1alpha1.JournalEntry) bool { return e.ID == entry.ID })
	if i < 0 {
		return entry
	}
	return inc.Spec.Journal[i]
}

// Apply sends a JSON patch for an object, which is filled with the answer. The patch
// holds only for the object with that UID: one that was created anew under the same
// name is another one.
func (c *Cluster) Apply(ctx context.Context, object client.Object, uid types.UID, dryRun bool, operations ...Patch) error {
	all := append([]Patch{{Op: "test", Path: "/metadata/uid", Value: string(uid)}}, operations...)
	body, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("making a patch: %w", err)
	}
	opts := []client.PatchOption{FieldManager}
	if dryRun {
		opts = append(opts, client.DryRunAll)
	}
	return c.Client.Patch(ctx, object, client.RawPatch(types.JSONPatchType, body), opts...)
}

// Insist does something again while another writer comes first, the server pauses, or
// the outcome is unknown. What is done must be harmless to repeat.
func Insist(ctx context.Context, do func() error) error {
	var last error
	err := wait.ExponentialBackoffWithContext(ctx, pace, func(context.Context) (bool, error) {
		last = do()
		if last == nil || !passing(last) {
			return true, last
		}
		return false, nil
	})
	if err != nil && last != nil {
		return last
	}
	return err
}

// passing says that the same request may well succeed in a moment.
func passing(err error) bool {
	return apierrors.IsConflict(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsTooManyRequests(err) || outcomeUnknown(err) || stampRefused(err)
}

// outcomeUnknown says that the request may or may not have been carried out.
func outcomeUnknown(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
		(utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsTimeout(err) || utilnet.IsHTTP2ConnectionLost(err))
}

// stampRefused says that admission found recordedAt too far from its own time, because
// another API server answered, or took its time. The refusal brings a better one.
func stampRefused(err error) bool {
	return (apierrors.IsForbidden(err) || apierrors.IsInvalid(err)) && strings.Contains(err.Error(), "recordedAt") &&
		strings.Contains(err.Error(), "ValidatingAdmissionPolicy")
}

// isDuplicate says that the journal has the id already.
func isDuplicate(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	return slices.ContainsFunc(status.Status().Details.Causes, func(cause metav1.StatusCause) bool {
		return cause.Type == metav1.CauseTypeFieldValueDuplicate && strings.HasPrefix(cause.Field, "spec.journal")
	})
}
