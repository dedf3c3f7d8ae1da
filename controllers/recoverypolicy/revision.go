package recoverypolicy

import (
	"bytes"
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/policy"
)

const (
	// unusedSince is the annotation of a revision that no incident was found to need,
	// with the instant of the finding.
	unusedSince = "recovery.amends.dev/unused-since"
	// pruneAfter is how long a revision stays unused before it is deleted.
	pruneAfter = 24 * time.Hour
	// pruneEvery is how often unused revisions are looked for, while there are others
	// than the current one. Nothing waits for it.
	pruneEvery = time.Hour
)

// ensureRevision makes sure that the revision exists before any status names it. It
// has no owner reference: a garbage collector would delete it with the policy, and the
// incidents under it would lose what they were promised.
func (r *Reconciler) ensureRevision(ctx context.Context, pol *v1alpha1.RecoveryPolicy, revision string, data []byte) error {
	var there appsv1.ControllerRevision
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: pol.Namespace, Name: revision}, &there)
	if err == nil {
		return r.found(pol, &there, data)
	}
	if !apierrors.IsNotFound(err) {
		return fmt.Errorf("getting ControllerRevision %s: %w", revision, err)
	}
	made := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: pol.Namespace, Name: revision,
			Labels: map[string]string{v1alpha1.PolicyLabel: pol.Name},
		},
		Data:     runtime.RawExtension{Raw: data},
		Revision: pol.Generation,
	}
	err = r.Client.Create(ctx, made, commit.FieldOwner)
	if apierrors.IsAlreadyExists(err) {
		if err := r.Live.Get(ctx, client.ObjectKeyFromObject(made), &there); err != nil {
			return fmt.Errorf("getting ControllerRevision %s: %w", revision, err)
		}
		return r.found(pol, &there, data)
	}
	if err != nil {
		if commit.Unanswered(err) {
			r.unsure.Store(client.ObjectKeyFromObject(made), true)
		}
		return fmt.Errorf("creating ControllerRevision %s: %w", revision, err)
	}
	r.unsure.Delete(client.ObjectKeyFromObject(made))
	r.tellRevision(pol, made)
	return nil
}

// found checks a revision that is there, and tells of one that we made without an answer.
func (r *Reconciler) found(pol *v1alpha1.RecoveryPolicy, there *appsv1.ControllerRevision, data []byte) error {
	if err := sameContent(there, data); err != nil {
		return err
	}
	if _, ours := r.unsure.LoadAndDelete(client.ObjectKeyFromObject(there)); ours {
		r.tellRevision(pol, there)
	}
	return nil
}

func (r *Reconciler) tellRevision(pol *v1alpha1.RecoveryPolicy, rev *appsv1.ControllerRevision) {
	r.Recorder.Eventf(pol, rev, corev1.EventTypeNormal, v1alpha1.EventRevisionCreated, "WriteRevision", "revision %s holds for new incidents", rev.Name)
}

// sameContent says that a revision is the one that its name promises. One that was
// restored from a backup may have its keys in another order.
func sameContent(rev *appsv1.ControllerRevision, data []byte) error {
	content, err := policy.Decode(rev.Data.Raw)
	if err != nil {
		return fmt.Errorf("ControllerRevision %s: %w", rev.Name, err)
	}
	_, there, err := policy.Encode(rev.Labels[v1alpha1.PolicyLabel], content)
	if err != nil {
		return err
	}
	if !bytes.Equal(there, data) {
		return fmt.Errorf("ControllerRevision %s holds something else than its name says; delete it if no incident is pinned to it, and the operator writes it anew", rev.Name)
	}
	return nil
}

// prune deletes the revisions of a policy that are not current and that no incident
// has needed for a day. Whether one is needed is read live, and the deletion carries
// the version that was judged.
func (r *Reconciler) prune(ctx context.Context, pol types.NamespacedName, current string, now time.Time) (reconcile.Result, error) {
	var list appsv1.ControllerRevisionList
	if err := r.Client.List(ctx, &list, client.InNamespace(pol.Namespace), client.MatchingLabels{v1alpha1.PolicyLabel: pol.Name}); err != nil {
		return r.failed(fmt.Errorf("listing the ControllerRevisions of %s: %w", pol, err))
	}
	others := 0
	for i := range list.Items {
		if list.Items[i].Name != current {
			others++
		}
	}
	if others == 0 {
		return reconcile.Result{}, nil
	}
	needed, err := r.needed(ctx, pol.Namespace)
	if err != nil {
		return r.failed(err)
	}
	for i := range list.Items {
		rev := &list.Items[i]
		if err := r.pruneOne(ctx, rev, rev.Name == current || needed[rev.Name], now); err != nil {
			return r.failed(err)
		}
	}
	return reconcile.Result{RequeueAfter: pruneEvery}, nil
}

// needed are the names of the revisions that incidents are pinned to, read live.
func (r *Reconciler) needed(ctx context.Context, namespace string) (map[string]bool, error) {
	out := map[string]bool{}
	list := &v1alpha1.IncidentList{}
	for {
		if err := r.Live.List(ctx, list, client.InNamespace(namespace), client.Limit(500), client.Continue(list.Continue)); err != nil {
			return nil, fmt.Errorf("listing Incidents: %w", err)
		}
		for i := range list.Items {
			for _, p := range list.Items[i].Status.Pins {
				out[string(p.Revision)] = true
			}
		}
		if list.Continue == "" {
			return out, nil
		}
	}
}

// pruneOne marks a revision as unused, takes the mark off, or deletes it.
func (r *Reconciler) pruneOne(ctx context.Context, rev *appsv1.ControllerRevision, used bool, now time.Time) error {
	mark, marked := rev.Annotations[unusedSince]
	since, err := time.Parse(time.RFC3339, mark)
	switch {
	case used && marked:
		return r.mark(ctx, rev, "")
	case used:
		return nil
	case !marked || err != nil:
		return r.mark(ctx, rev, now.UTC().Format(time.RFC3339))
	case now.Sub(since) < pruneAfter:
		return nil
	}
	err = r.Client.Delete(ctx, rev, client.Preconditions{UID: &rev.UID, ResourceVersion: &rev.ResourceVersion})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// mark sets the annotation of an unused revision, or removes it.
func (r *Reconciler) mark(ctx context.Context, rev *appsv1.ControllerRevision, since string) error {
	to := rev.DeepCopy()
	delete(to.Annotations, unusedSince)
	if since != "" {
		if to.Annotations == nil {
			to.Annotations = map[string]string{}
		}
		to.Annotations[unusedSince] = since
	}
	err := r.Client.Patch(ctx, to, client.MergeFromWithOptions(rev, client.MergeFromWithOptimisticLock{}), commit.FieldOwner)
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
