package gather

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// CompensationsIndex finds Compensations by the name of their incident: in the cache by
// an index, and at the API server by the field itself.
const CompensationsIndex = "spec.incidentName"

// IndexCompensationsByIncident adds CompensationsIndex to the cache.
func IndexCompensationsByIncident(ctx context.Context, indexer client.FieldIndexer) error {
	return indexer.IndexField(ctx, &v1alpha1.Compensation{}, CompensationsIndex, func(o client.Object) []string {
		return []string{string(o.(*v1alpha1.Compensation).Spec.IncidentName)}
	})
}

// compensations are those that belong to the incident, by their own record: one that was
// asked of another incident of the same name does not, and one that nobody has judged yet
// does. They are in the order in which they were asked; those of the cache are shared with
// it and not to be changed.
func (g *Gatherer) compensations(ctx context.Context, from client.Reader, inc *v1alpha1.Incident) ([]v1alpha1.Compensation, error) {
	var list v1alpha1.CompensationList
	if err := from.List(ctx, &list, client.InNamespace(inc.Namespace), client.MatchingFields{CompensationsIndex: inc.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the Compensations of Incident %s: %w", inc.Name, err)
	}
	out := slices.DeleteFunc(slices.Clone(list.Items), func(c v1alpha1.Compensation) bool {
		return c.Status.IncidentUID != "" && c.Status.IncidentUID != string(inc.UID)
	})
	slices.SortFunc(out, func(a, b v1alpha1.Compensation) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.UID, b.UID))
	})
	return out, nil
}
