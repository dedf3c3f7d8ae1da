package cli

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/cli/kube"
)

// create creates an object. Where one of its name is there already and tells the same,
// that is it: the command was sent twice, or the answer to the first attempt was lost.
func create[T interface {
	client.Object
	DeepCopyInto(into T)
}](ctx context.Context, k *kube.Cluster, object T, dryRun bool, same func(a, b T) bool) (repeated bool, err error) {
	opts := []client.CreateOption{kube.FieldManager}
	if dryRun {
		opts = append(opts, client.DryRunAll)
	}
	if object.GetName() == "" {
		// Another attempt would make another one.
		return false, k.Client.Create(ctx, object, opts...)
	}
	wanted, ok := object.DeepCopyObject().(T)
	if !ok {
		return false, fmt.Errorf("%T cannot be copied", object)
	}
	err = kube.Insist(ctx, func() error {
		wanted.DeepCopyInto(object)
		return k.Client.Create(ctx, object, opts...)
	})
	if !apierrors.IsAlreadyExists(err) {
		return false, err
	}
	if getErr := k.Client.Get(ctx, client.ObjectKeyFromObject(wanted), object); getErr != nil || !same(object, wanted) {
		return false, err
	}
	return true, nil
}
