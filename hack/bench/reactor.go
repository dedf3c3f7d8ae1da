package main

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// reactorMode makes this program the least that can react to a fact: it decides nothing,
// tells nothing, and writes the status back with the generation that it has seen.
const reactorMode = "reactor"

// reactor is such a controller, made of the same parts as the operator.
type reactor struct{ client client.Client }

func react(ctx context.Context, config *rest.Config) error {
	mgr, err := ctrl.NewManager(config, ctrl.Options{Scheme: plane.NewScheme(), Metrics: server.Options{BindAddress: "0"}})
	if err != nil {
		return err
	}
	if err := ctrl.NewControllerManagedBy(mgr).For(&v1alpha1.Incident{}).Complete(&reactor{mgr.GetClient()}); err != nil {
		return err
	}
	go func() {
		if mgr.GetCache().WaitForCacheSync(ctx) {
			ready()
		}
	}()
	return mgr.Start(ctx)
}

// Reconcile writes one status of full size for each generation, as the operator writes it.
func (r *reactor) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	inc := &v1alpha1.Incident{}
	if err := r.client.Get(ctx, req.NamespacedName, inc); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if inc.Status.ObservedGeneration == inc.Generation {
		return ctrl.Result{}, nil
	}
	next := &v1alpha1.Incident{ObjectMeta: commit.Version(inc), Status: inc.Status}
	next.Status.ObservedGeneration = inc.Generation
	err := commit.WriteStatus(ctx, r.client, next)
	if apierrors.IsConflict(err) {
		err = nil // Whoever wrote first brings the incident back.
	}
	return ctrl.Result{}, err
}
