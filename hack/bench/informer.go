package main

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// informerMode makes this program a bare informer, in a process of its own so that its
// memory can be read.
const informerMode = "informer"

// synced is what it prints once it has read everything.
const synced = "synced"

// informer holds all incidents as a typed informer does, and nothing else.
func informer(ctx context.Context, config *rest.Config) error {
	c, err := cache.New(config, cache.Options{Scheme: plane.NewScheme()})
	if err != nil {
		return err
	}
	if _, err := c.GetInformer(ctx, &v1alpha1.Incident{}); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	go func() {
		if c.WaitForCacheSync(ctx) {
			ready()
		}
	}()
	return c.Start(ctx)
}

// ready tells the process that started this one.
func ready() { fmt.Println(synced) }

func keyOf(o client.Object) client.ObjectKey { return client.ObjectKeyFromObject(o) }
