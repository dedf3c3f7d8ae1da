package kube

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
)

// Terms are what an incident's policy says, as the operator judges the incident by it:
// the revision that it follows, and not what the policy was made into since.
type Terms struct {
	// Policy is the policy with the completed spec that holds.
	Policy *v1alpha1.RecoveryPolicy
	// Sure says that the operator judges by just this. Where it does not, a command line
	// may hint, and must not refuse.
	Sure bool
}

// Terms reads what holds for an incident; nil where it has no policy yet, or nothing of
// it can be read. An incident that no policy was bound to yet gets the one that it names,
// as it stands now.
func (c *Cluster) Terms(ctx context.Context, inc *v1alpha1.Incident) *Terms {
	pinned := inc.Status.Policy
	if pinned == nil {
		return certain(c.policy(ctx, inc.Namespace, string(inc.Spec.PolicyName)), true)
	}
	revision := pinned.Revision
	live := c.policy(ctx, inc.Namespace, string(pinned.Name))
	read := live != nil && live.Status.ObservedGeneration >= live.Generation
	if spec := c.revision(ctx, inc.Namespace, string(revision)); spec != nil {
		held := &v1alpha1.RecoveryPolicy{Spec: *spec}
		held.Namespace, held.Name = inc.Namespace, string(pinned.Name)
		// What is rolled out to open incidents may hold by the time the entry is judged.
		coming := live != nil && live.Spec.Rollout == v1alpha1.RolloutOpenIncidents && (!read || live.Status.Revision != revision)
		return certain(held, !coming)
	}
	return certain(live, read && live.Status.Revision == revision)
}

// certain are terms of a policy, nil without one.
func certain(pol *v1alpha1.RecoveryPolicy, sure bool) *Terms {
	if pol == nil {
		return nil
	}
	pol.Spec = policy.Complete(pol.Spec)
	return &Terms{Policy: pol, Sure: sure}
}

// Policy is the policy that holds for an incident; nil where it has none yet, or where
// it cannot be read.
func (c *Cluster) Policy(ctx context.Context, inc *v1alpha1.Incident) *v1alpha1.RecoveryPolicy {
	terms := c.Terms(ctx, inc)
	if terms == nil {
		return nil
	}
	return terms.Policy
}

// policy reads a policy as it stands now; nil where it cannot be read.
func (c *Cluster) policy(ctx context.Context, namespace, name string) *v1alpha1.RecoveryPolicy {
	out := &v1alpha1.RecoveryPolicy{}
	if name == "" || c.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, out) != nil {
		return nil
	}
	return out
}

// revision reads what a revision holds; nil where it cannot be read, nor be made up for.
func (c *Cluster) revision(ctx context.Context, namespace, name string) *v1alpha1.RecoveryPolicySpec {
	stored := &appsv1.ControllerRevision{}
	reader := &revisionReader{Client: c.Client}
	if name == "" || reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, stored) != nil {
		return nil
	}
	content, err := policy.Decode(stored.Data.Raw)
	if err != nil {
		return nil
	}
	return &content.Policy
}
