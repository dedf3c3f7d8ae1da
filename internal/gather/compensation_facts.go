package gather

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/remedy"
)

// Remedies reads what a Compensation depends on.
type Remedies struct {
	*Gatherer

	terms memo[*remedy.Terms]
}

// NewRemedies makes Remedies that read as a Gatherer does.
func NewRemedies(g *Gatherer) *Remedies {
	return &Remedies{Gatherer: g}
}

// Facts reads from the cache what a judgement of the Compensation depends on. The error
// is a transient one.
func (r *Remedies) Facts(ctx context.Context, c *v1alpha1.Compensation, now time.Time) (*remedy.Facts, error) {
	return r.facts(ctx, r.cached, c, now)
}

// LiveFacts reads the same from the API server, for what must not be stale.
func (r *Remedies) LiveFacts(ctx context.Context, c *v1alpha1.Compensation, now time.Time) (*remedy.Facts, error) {
	return r.facts(ctx, r.live, c, now)
}

func (r *Remedies) facts(ctx context.Context, from client.Reader, c *v1alpha1.Compensation, now time.Time) (*remedy.Facts, error) {
	f := &remedy.Facts{Compensation: c, Skew: r.skew}
	var err error
	if f.Stamps, err = r.stamps(ctx, c, now); err != nil {
		return nil, err
	}
	if f.Incident, err = found(ctx, from, c.Namespace, string(c.Spec.IncidentName), &v1alpha1.Incident{}); err != nil {
		return nil, err
	}
	if f.Budget, err = found(ctx, from, c.Namespace, string(c.Spec.BudgetName), &v1alpha1.RecoveryBudget{}); err != nil {
		return nil, err
	}
	if f.Incident == nil {
		return f, nil
	}
	if f.Terms, err = r.termsOf(ctx, f.Incident); err != nil {
		return nil, err
	}
	others, err := r.compensations(ctx, r.cached, f.Incident)
	f.Others = slices.DeleteFunc(others, func(c v1alpha1.Compensation) bool { return c.Status.IncidentUID == "" })
	return f, err
}

// found gets an object, or nil where there is none by the name.
func found[T client.Object](ctx context.Context, from client.Reader, namespace, name string, into T) (T, error) {
	var none T
	err := from.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, into)
	if apierrors.IsNotFound(err) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("getting %T %s: %w", into, name, err)
	}
	return into, nil
}

// stamps are the accepted times of the facts of a Compensation. The cache keeps no
// managedFields; where a fact does not tell its own time, they are read live.
func (r *Remedies) stamps(ctx context.Context, c *v1alpha1.Compensation, now time.Time) (remedy.Stamps, error) {
	if len(c.ManagedFields) > 0 || remedy.Stamped(c, now) {
		return remedy.StampsOf(c, now), nil
	}
	live, err := found(ctx, r.live, c.Namespace, c.Name, &v1alpha1.Compensation{})
	if err != nil {
		return remedy.Stamps{}, err
	}
	dated := c
	if live != nil && live.UID == c.UID {
		shallow := *c
		shallow.ManagedFields = live.ManagedFields
		dated = &shallow
	}
	return remedy.StampsOf(dated, now), nil
}

// termsOf is what the policy that the incident follows now says about money; nil while
// it follows none, or one that cannot be read.
func (r *Remedies) termsOf(ctx context.Context, inc *v1alpha1.Incident) (*remedy.Terms, error) {
	if len(inc.Status.Pins) == 0 {
		return nil, nil
	}
	name := string(inc.Status.Pins[len(inc.Status.Pins)-1].Revision)
	rev, err := found(ctx, r.cached, inc.Namespace, name, &appsv1.ControllerRevision{})
	if rev == nil && err == nil {
		rev, err = found(ctx, r.live, inc.Namespace, name, &appsv1.ControllerRevision{})
	}
	if rev == nil || err != nil {
		return nil, err
	}
	terms, err := r.terms.get(string(rev.UID), func() (*remedy.Terms, error) { return readTerms(rev) })
	if err != nil {
		return nil, nil //nolint:nilerr // The incident itself is Stalled and says why.
	}
	return terms, nil
}

func readTerms(rev *appsv1.ControllerRevision) (*remedy.Terms, error) {
	content, err := policy.Decode(rev.Data.Raw)
	if err != nil {
		return nil, err
	}
	plan, wrong := policy.Compile(rev.Labels[v1alpha1.PolicyLabel], rev.Name, content)
	if len(wrong) > 0 {
		return nil, fmt.Errorf("compiling revision %s: %s", rev.Name, policy.Describe(wrong))
	}
	out := &remedy.Terms{Plan: plan}
	if content.Policy.Compensation != nil {
		out.Money = *content.Policy.Compensation
	}
	return out, nil
}
