// Package gather reads the world into a Snapshot for the engine: the incident's
// policy, pinned or to be pinned, and the incidents that it is to be merged into. It
// decides nothing and writes nothing.
package gather

import (
	"context"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// Gatherer reads what an incident depends on.
type Gatherer struct {
	cached client.Reader
	live   client.Reader
	skew   time.Duration

	plans     memo[revision]
	selectors memo[*policy.Selector]
}

// revision is a compiled revision, with the time at which the API server created it.
type revision struct {
	plan    *policy.Plan
	created time.Time
}

// New makes a Gatherer. cached answers from the informers; live asks the API server,
// for what must not be stale. skew is handed to the engine.
func New(cached, live client.Reader, skew time.Duration) *Gatherer {
	return &Gatherer{cached: cached, live: live, skew: skew}
}

// Snapshot reads what a decision on the incident depends on. The error is a transient
// one; what a person must mend is in the snapshot's Problem.
func (g *Gatherer) Snapshot(ctx context.Context, inc *v1alpha1.Incident) (*recovery.Snapshot, error) {
	s := &recovery.Snapshot{Incident: inc, Skew: g.skew}
	var err error
	if len(inc.Status.Pins) > 0 {
		err = g.pins(ctx, s)
	} else {
		var first revision
		first, s.Problem, err = g.toPin(ctx, inc)
		s.Plan, s.PlanCreated = first.plan, first.created
	}
	if err != nil {
		return nil, err
	}
	if s.Compensations, err = g.compensations(ctx, g.cached, inc); err != nil {
		return nil, err
	}
	s.Others, err = g.others(ctx, inc)
	return s, err
}

// Confirm reads the Compensations of a snapshot anew, from the API server: before a breach is
// written for good, no old copy of them may be the reason for it.
func (g *Gatherer) Confirm(ctx context.Context, s *recovery.Snapshot) error {
	var err error
	s.Compensations, err = g.compensations(ctx, g.live, s.Incident)
	return err
}

// pins reads the plans of all revisions that the incident follows, and the one that its
// policy rolls out next. Where one of them is missing there is no plan at all: a part
// of the story would be told by the wrong rules.
func (g *Gatherer) pins(ctx context.Context, s *recovery.Snapshot) error {
	for i, pin := range s.Incident.Status.Pins {
		rev, problem, err := g.pinned(ctx, s.Incident, string(pin.Revision))
		if err != nil {
			return err
		}
		if problem != nil {
			s.Plan, s.Problem = nil, problem
			return nil
		}
		if i == 0 {
			s.Plan = rev.plan
		} else {
			s.Rollouts = append(s.Rollouts, rev.plan)
		}
	}
	next, err := g.next(ctx, s.Incident, s.Plan.Policy)
	s.Next, s.NextCreated = next.plan, next.created
	return err
}

// next is the revision that a policy rolls out to open incidents, if the incident does
// not follow it yet. Like one that is pinned first, it is read live.
func (g *Gatherer) next(ctx context.Context, inc *v1alpha1.Incident, policyName string) (revision, error) {
	pol := &v1alpha1.RecoveryPolicy{}
	err := g.cached.Get(ctx, client.ObjectKey{Namespace: inc.Namespace, Name: policyName}, pol)
	if apierrors.IsNotFound(err) {
		return revision{}, nil // Its incidents go on without it.
	}
	if err != nil {
		return revision{}, fmt.Errorf("getting RecoveryPolicy %s: %w", policyName, err)
	}
	last := inc.Status.Pins[len(inc.Status.Pins)-1].Revision
	if pol.Spec.Rollout != v1alpha1.RolloutOpenIncidents || pol.Status.Revision == last || notReady(pol) != nil {
		return revision{}, nil
	}
	rev, _, err := g.revision(ctx, g.live, inc.Namespace, string(pol.Status.Revision))
	if apierrors.IsNotFound(err) {
		return revision{}, nil // It is being written, and the policy will say so.
	}
	return rev, err
}

// pinned reads a revision that the incident was accepted under, or followed since.
func (g *Gatherer) pinned(ctx context.Context, inc *v1alpha1.Incident, name string) (revision, *recovery.Problem, error) {
	rev, problem, err := g.revision(ctx, g.cached, inc.Namespace, name)
	if apierrors.IsNotFound(err) {
		rev, problem, err = g.revision(ctx, g.live, inc.Namespace, name)
	}
	if apierrors.IsNotFound(err) {
		return revision{}, &recovery.Problem{
			Reason: v1alpha1.RevisionMissingReason, Stalled: true,
			Message: fmt.Sprintf("the ControllerRevision %s, which this incident was accepted under, was deleted; what was written stands; restore it from a backup, or restore the policy as it was", name),
		}, nil
	}
	return rev, problem, err
}

// toPin finds the policy of an incident that has none yet, and reads the revision to
// be pinned live: it must be there before a status names it.
func (g *Gatherer) toPin(ctx context.Context, inc *v1alpha1.Incident) (revision, *recovery.Problem, error) {
	pol, problem, err := g.choose(ctx, inc)
	if pol == nil {
		return revision{}, problem, err
	}
	if problem := notReady(pol); problem != nil {
		return revision{}, problem, nil
	}
	rev, problem, err := g.revision(ctx, g.live, inc.Namespace, string(pol.Status.Revision))
	if apierrors.IsNotFound(err) {
		return revision{}, &recovery.Problem{Reason: v1alpha1.PolicyNotReadyReason, Message: fmt.Sprintf("revision %s of RecoveryPolicy %s is being written", pol.Status.Revision, pol.Name)}, nil
	}
	return rev, problem, err
}

// choose finds the policy by name, or by selection among those of the namespace.
func (g *Gatherer) choose(ctx context.Context, inc *v1alpha1.Incident) (*v1alpha1.RecoveryPolicy, *recovery.Problem, error) {
	if name := string(inc.Spec.PolicyName); name != "" {
		pol := &v1alpha1.RecoveryPolicy{}
		err := g.cached.Get(ctx, client.ObjectKey{Namespace: inc.Namespace, Name: name}, pol)
		if apierrors.IsNotFound(err) {
			return nil, &recovery.Problem{Reason: v1alpha1.PolicyNotFoundReason, Message: fmt.Sprintf("there is no RecoveryPolicy %q in this namespace yet; the clocks run from the report, and count once there is", name)}, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("getting RecoveryPolicy %s: %w", name, err)
		}
		return pol, nil, nil
	}
	var list v1alpha1.RecoveryPolicyList
	if err := g.cached.List(ctx, &list, client.InNamespace(inc.Namespace)); err != nil {
		return nil, nil, fmt.Errorf("listing RecoveryPolicies: %w", err)
	}
	byName := map[string]*v1alpha1.RecoveryPolicy{}
	var candidates []policy.Candidate
	for i := range list.Items {
		pol := &list.Items[i]
		selector, err := g.selectors.get(fmt.Sprintf("%s/%d", pol.UID, pol.Generation), func() (*policy.Selector, error) {
			return policy.CompileSelector(pol.Spec.Selector)
		})
		if err != nil {
			continue // The policy itself is Stalled and says so.
		}
		byName[pol.Name] = pol
		candidates = append(candidates, policy.Candidate{Name: pol.Name, Priority: pol.Spec.Priority, Selector: selector})
	}
	name, problem := policy.Select(policy.NewHeader(inc), candidates)
	if problem != nil {
		return nil, &recovery.Problem{Reason: problem.Reason, Message: problem.Message, Stalled: true}, nil
	}
	return byName[name], nil, nil
}

// notReady says why a policy cannot be pinned now. A policy that a person must mend is
// such a problem for its incidents too; one that waits for its calendar comes by itself.
func notReady(pol *v1alpha1.RecoveryPolicy) *recovery.Problem {
	ready := apimeta.FindStatusCondition(pol.Status.Conditions, v1alpha1.ReadyCondition)
	switch {
	case ready == nil || pol.Status.ObservedGeneration != pol.Generation:
		return &recovery.Problem{Reason: v1alpha1.PolicyNotReadyReason, Message: fmt.Sprintf("RecoveryPolicy %s has not been read by the operator yet", pol.Name)}
	case ready.Status != metav1.ConditionTrue:
		return &recovery.Problem{
			Reason: v1alpha1.PolicyNotReadyReason, Message: fmt.Sprintf("RecoveryPolicy %s is not in force: %s", pol.Name, ready.Message),
			Stalled: apimeta.IsStatusConditionTrue(pol.Status.Conditions, v1alpha1.StalledCondition),
		}
	}
	return nil
}

// revision reads and compiles a revision. A revision never changes, because its name is
// a hash of its content, so that a compiled one is kept.
func (g *Gatherer) revision(ctx context.Context, from client.Reader, namespace, name string) (revision, *recovery.Problem, error) {
	var stored appsv1.ControllerRevision
	if err := from.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &stored); err != nil {
		return revision{}, nil, fmt.Errorf("getting ControllerRevision %s: %w", name, err)
	}
	rev, err := g.plans.get(string(stored.UID), func() (revision, error) {
		content, err := policy.Decode(stored.Data.Raw)
		if err != nil {
			return revision{}, err
		}
		plan, wrong := policy.Compile(stored.Labels[v1alpha1.PolicyLabel], stored.Name, content)
		if len(wrong) > 0 {
			return revision{}, fmt.Errorf("%s", policy.Describe(wrong))
		}
		return revision{plan, stored.CreationTimestamp.UTC()}, nil
	})
	if err != nil {
		return revision{}, &recovery.Problem{
			Reason: v1alpha1.RevisionUnreadableReason, Stalled: true,
			Message: fmt.Sprintf("the ControllerRevision %s cannot be read by this version of the operator: %v", name, err),
		}, nil
	}
	return rev, nil, nil
}

// others reads, live, the incidents that merge entries name and no verdict is written
// about yet: the verdict is taken once.
func (g *Gatherer) others(ctx context.Context, inc *v1alpha1.Incident) (map[string]recovery.Other, error) {
	var out map[string]recovery.Other
	for i := range inc.Spec.Journal {
		e := &inc.Spec.Journal[i]
		if e.Merge == nil || mergeLatched(inc, string(e.ID)) {
			continue
		}
		other := &v1alpha1.Incident{}
		err := g.live.Get(ctx, client.ObjectKey{Namespace: inc.Namespace, Name: string(e.Merge.Into)}, other)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("getting Incident %s: %w", e.Merge.Into, err)
		}
		if out == nil {
			out = map[string]recovery.Other{}
		}
		out[other.Name] = recovery.Other{UID: string(other.UID), Phase: other.Status.Phase}
	}
	return out, nil
}

func mergeLatched(inc *v1alpha1.Incident, entry string) bool {
	for i := range inc.Status.Latched {
		if key, ok := strings.CutPrefix(inc.Status.Latched[i].Key, "Merge/"); ok && key == entry {
			return true
		}
	}
	return false
}
