package faulttest

import (
	"context"
	"strconv"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// forgetful adds one to an annotation for each breach that it does not remember.
type forgetful struct {
	o       *operator
	live    client.WithWatch
	counted map[string]bool
}

// Reconcile counts the breaches of one incident.
func (f *forgetful) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	inc := &v1alpha1.Incident{}
	if err := f.o.view.Get(ctx, req.NamespacedName, inc); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if f.counted == nil {
		return reconcile.Result{}, nil
	}
	n, _ := strconv.Atoi(inc.Annotations["breaches"])
	was := n
	fresh := map[string]bool{}
	for i := range inc.Status.Announced {
		if key := inc.Status.Announced[i].Key; !f.counted[key] {
			n++
			fresh[key] = true
		}
	}
	if n == was {
		return reconcile.Result{}, nil
	}
	// One that has just started takes what is there as counted; that is what is wrong: it
	// may have died between the breach and the count.
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"breaches":"`+strconv.Itoa(n)+`"}}}`))
	if err := f.live.Patch(ctx, inc, patch); err != nil {
		return reconcile.Result{}, err
	}
	for key := range fresh {
		f.counted[key] = true
	}
	return reconcile.Result{}, nil
}
