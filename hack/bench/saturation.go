package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// saturation measures how many transitions a second the operator keeps up with, beside
// the bare patches of statuses of the same size that the control plane takes without
// an operator.
func saturation(ctx context.Context, w *world) ([]row, error) {
	const space, incidents = "saturation", 400
	if err := w.namespace(ctx, space); err != nil {
		return nil, err
	}
	p, _, err := w.operate(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.kill() }()
	seen, err := w.watch(ctx, space, caughtUp)
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	if err := w.create(ctx, space, "busy", incidents, nil); err != nil {
		return nil, err
	}
	if err := seen.all(ctx, incidents); err != nil {
		return nil, err
	}
	began := time.Now()
	for n, step := range life {
		err := atOnce(ctx, asking, incidents, func(ctx context.Context, i int) error {
			_, err := w.append(ctx, space, fmt.Sprintf("busy-%05d", i), fixture.Entry("did-"+step).By("alice").Completion(step))
			return err
		})
		if err != nil {
			return nil, err
		}
		// The last fact of each is waited for; those before may have been seen together.
		if n == len(life)-1 {
			for i := range incidents {
				if _, err := seen.at(ctx, fmt.Sprintf("busy-%05d", i), int64(1+len(life))); err != nil {
					return nil, err
				}
			}
		}
	}
	transitions := float64(incidents*len(life)) / time.Since(began).Seconds()
	if err := p.kill(); err != nil {
		return nil, err
	}
	bare, err := w.bare(ctx, space, incidents*len(life))
	return []row{
		{"transitions a second at saturation: the fact, its status and its events", fmt.Sprintf("%.0f", transitions), ""},
		{"bare patches of a status of that size a second, in the same run", fmt.Sprintf("%.0f", bare), ""},
		{"one transition costs so many bare patches", fmt.Sprintf("%.2f", bare/transitions), "≤ 3"},
	}, err
}

// bare patches statuses as they are, without an operator, and says how many a second.
func (w *world) bare(ctx context.Context, space string, n int) (float64, error) {
	var list v1alpha1.IncidentList
	if err := w.client.List(ctx, &list, client.InNamespace(space)); err != nil {
		return 0, err
	}
	began := time.Now()
	err := atOnce(ctx, asking, n, func(ctx context.Context, i int) error {
		inc := &list.Items[i%len(list.Items)]
		to := inc.DeepCopy()
		to.Status.Owner = v1alpha1.User(fmt.Sprintf("owner-%d", i))
		from := inc.DeepCopy()
		from.Status = v1alpha1.IncidentStatus{} // so that the whole status is sent, as large as one
		from.Status.Owner = "nobody"
		to = &v1alpha1.Incident{ObjectMeta: metav1.ObjectMeta{Namespace: to.Namespace, Name: to.Name}, Status: to.Status}
		from.ObjectMeta, from.Spec = to.ObjectMeta, to.Spec
		return w.client.Status().Patch(ctx, to, client.MergeFrom(from), client.FieldOwner("bare"))
	})
	return float64(n) / time.Since(began).Seconds(), err
}
