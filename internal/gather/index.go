package gather

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// PolicyIndex finds cached incidents by the policy that holds for them.
const PolicyIndex = "policy"

// IndexByPolicy adds PolicyIndex to the cache.
func IndexByPolicy(ctx context.Context, indexer client.FieldIndexer) error {
	return indexer.IndexField(ctx, &v1alpha1.Incident{}, PolicyIndex, func(o client.Object) []string {
		if p := o.(*v1alpha1.Incident).Status.Policy; p != nil {
			return []string{string(p.Name)}
		}
		return nil
	})
}
