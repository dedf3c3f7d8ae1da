package main

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// bareOwner is the name under which bare writes own what they write.
const bareOwner = client.FieldOwner("bare")

// bareWrite writes a status and does nothing else. The object has what commit.Version says
// of it and a status; afterwards it is as the API server has stored it.
type bareWrite func(ctx context.Context, to client.StatusClient, o client.Object) error

// barePatch sends it as a merge patch. The aims are stated in such patches.
func barePatch(ctx context.Context, to client.StatusClient, o client.Object) error {
	patch, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return to.Status().Patch(ctx, o, client.RawPatch(types.MergePatchType, patch), bareOwner)
}

// barePut sends the same body as a PUT, which is how the operator writes.
func barePut(ctx context.Context, to client.StatusClient, o client.Object) error {
	return to.Status().Update(ctx, o, bareOwner)
}
