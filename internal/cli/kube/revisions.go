package kube

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// Snapshot gathers what a decision on an incident depends on, as the operator does.
func (c *Cluster) Snapshot(ctx context.Context, inc *v1alpha1.Incident) (*recovery.Snapshot, error) {
	reader := &revisionReader{Client: c.Client}
	return gather.New(reader, reader, 0).Snapshot(ctx, inc)
}

// revisionReader makes up for a right that most people do not have: to read the
// ControllerRevision that an incident is pinned to. The name of a revision is a hash of
// its content, so that where the policy still has that content, it is that revision.
type revisionReader struct {
	client.Client
}

// Get reads an object.
func (r *revisionReader) Get(ctx context.Context, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
	err := r.Client.Get(ctx, key, object, opts...)
	revision, ok := object.(*appsv1.ControllerRevision)
	if !ok || !apierrors.IsForbidden(err) {
		return err
	}
	name, content, rebuildErr := r.rebuild(ctx, key)
	if rebuildErr != nil {
		return fmt.Errorf("%w (nor can it be made up for: %w)", err, rebuildErr)
	}
	*revision = appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: key.Namespace, Name: key.Name, UID: types.UID(key.Name), Labels: map[string]string{v1alpha1.PolicyLabel: name},
		},
		Data: runtime.RawExtension{Raw: content},
	}
	return nil
}

// rebuild makes the content of a revision from the policy and its calendars.
func (r *revisionReader) rebuild(ctx context.Context, key client.ObjectKey) (name string, content []byte, err error) {
	cut := strings.LastIndexByte(key.Name, '-')
	if cut < 0 {
		return "", nil, fmt.Errorf("%q is no name of a revision", key.Name)
	}
	pol := &v1alpha1.RecoveryPolicy{}
	if err := r.Client.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name[:cut]}, pol); err != nil {
		return "", nil, err
	}
	whole := policy.Content{Policy: policy.Complete(pol.Spec)}
	for _, calendar := range policy.CalendarNames(whole.Policy) {
		cal := &v1alpha1.BusinessCalendar{}
		if err := r.Client.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: calendar}, cal); err != nil {
			return "", nil, err
		}
		if whole.Calendars == nil {
			whole.Calendars = map[string]v1alpha1.BusinessCalendarSpec{}
		}
		whole.Calendars[calendar] = cal.Spec
	}
	revision, content, err := policy.Encode(pol.Name, whole)
	if err == nil && revision != key.Name {
		err = fmt.Errorf("the policy %s was edited since", pol.Name)
	}
	return pol.Name, content, err
}
