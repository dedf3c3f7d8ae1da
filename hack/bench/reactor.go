package main

import (
	"context"
	"encoding/json"
	"os/signal"
	"syscall"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// reactorMode makes this program the least that can react to a fact: it decides nothing,
// tells nothing, and writes the status back with the generation that it has seen.
const reactorMode = "reactor"

// reactor is such a controller, made of the same parts as the operator.
type reactor struct{ client client.Client }

func react(kubeconfig string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
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

// Reconcile writes one status of full size for each generation.
func (r *reactor) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	inc := &v1alpha1.Incident{}
	if err := r.client.Get(ctx, req.NamespacedName, inc); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if inc.Status.ObservedGeneration == inc.Generation {
		return ctrl.Result{}, nil
	}
	status := inc.Status.DeepCopy()
	status.ObservedGeneration = inc.Generation
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.client.Status().Patch(ctx, inc, client.RawPatch(types.MergePatchType, patch), client.FieldOwner("bare"))
}
