package controllers

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/commit"
)

// patient reads from the API server and waits for no answer longer than a writer does: what
// hangs must not hold up what does not.
type patient struct{ client.Reader }

// Get implements client.Reader.
func (p patient) Get(ctx context.Context, key client.ObjectKey, into client.Object, opts ...client.GetOption) error {
	ctx, cancel := context.WithTimeout(ctx, commit.Patience)
	defer cancel()
	return p.Reader.Get(ctx, key, into, opts...)
}

// List implements client.Reader.
func (p patient) List(ctx context.Context, into client.ObjectList, opts ...client.ListOption) error {
	ctx, cancel := context.WithTimeout(ctx, commit.Patience)
	defer cancel()
	return p.Reader.List(ctx, into, opts...)
}
