package simulate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// shelf holds the objects of a kind.
type shelf[T any] map[types.NamespacedName]*T

// keys are the names on a shelf, in order.
func (s shelf[T]) keys() []types.NamespacedName {
	return slices.SortedFunc(maps.Keys(s), func(a, b types.NamespacedName) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// store is what an API server would hold.
type store struct {
	calendars     shelf[v1alpha1.BusinessCalendar]
	policies      shelf[v1alpha1.RecoveryPolicy]
	budgets       shelf[v1alpha1.RecoveryBudget]
	incidents     shelf[v1alpha1.Incident]
	compensations shelf[v1alpha1.Compensation]
	revisions     shelf[appsv1.ControllerRevision]
}

func newStore() *store {
	return &store{
		calendars: shelf[v1alpha1.BusinessCalendar]{}, policies: shelf[v1alpha1.RecoveryPolicy]{}, budgets: shelf[v1alpha1.RecoveryBudget]{},
		incidents: shelf[v1alpha1.Incident]{}, compensations: shelf[v1alpha1.Compensation]{}, revisions: shelf[appsv1.ControllerRevision]{},
	}
}

var _ client.Reader = (*store)(nil)

// Get implements client.Reader. What it gives is a copy.
func (s *store) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	found := false
	switch into := into.(type) {
	case *v1alpha1.BusinessCalendar:
		found = copyTo(s.calendars[key], into)
	case *v1alpha1.RecoveryPolicy:
		found = copyTo(s.policies[key], into)
	case *v1alpha1.RecoveryBudget:
		found = copyTo(s.budgets[key], into)
	case *v1alpha1.Incident:
		found = copyTo(s.incidents[key], into)
	case *v1alpha1.Compensation:
		found = copyTo(s.compensations[key], into)
	case *appsv1.ControllerRevision:
		found = copyTo(s.revisions[key], into)
	default:
		return fmt.Errorf("%T is not simulated", into)
	}
	if !found {
		return apierrors.NewNotFound(schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: fmt.Sprintf("%T", into)}, key.Name)
	}
	return nil
}

// copier is an object that can be copied into another one.
type copier[T any] interface {
	*T
	DeepCopyInto(*T)
}

func copyTo[T any, P copier[T]](from, into P) bool {
	if from == nil {
		return false
	}
	from.DeepCopyInto(into)
	return true
}

// List implements client.Reader. It knows the namespace; of the fields that the gatherer
// asks for there is one, the incident of a Compensation.
func (s *store) List(_ context.Context, into client.ObjectList, options ...client.ListOption) error {
	var o client.ListOptions
	o.ApplyOptions(options)
	in := func(key types.NamespacedName) bool { return o.Namespace == "" || key.Namespace == o.Namespace }
	switch into := into.(type) {
	case *v1alpha1.RecoveryPolicyList:
		for _, key := range s.policies.keys() {
			if in(key) {
				into.Items = append(into.Items, *s.policies[key].DeepCopy())
			}
		}
	case *v1alpha1.IncidentList:
		for _, key := range s.incidents.keys() {
			if in(key) {
				into.Items = append(into.Items, *s.incidents[key].DeepCopy())
			}
		}
	case *v1alpha1.CompensationList:
		for _, key := range s.compensations.keys() {
			c := s.compensations[key]
			of := o.FieldSelector == nil || o.FieldSelector.Empty()
			if !of {
				for _, r := range o.FieldSelector.Requirements() {
					of = r.Value == string(c.Spec.IncidentName)
				}
			}
			if in(key) && of {
				into.Items = append(into.Items, *c.DeepCopy())
			}
		}
	default:
		return fmt.Errorf("%T is not simulated", into)
	}
	return nil
}
