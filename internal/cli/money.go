package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
)

// inPhase says whether a compensation is in one of the phases; none means any.
func inPhase(c *v1alpha1.Compensation, phases []v1alpha1.CompensationPhase) bool {
	return len(phases) == 0 || slices.Contains(phases, c.Status.Phase)
}

// options proposes options of the catalogue of the incident's policy, those that cost
// nothing or those that cost something.
func (f *Factory) options(free bool) completion {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		k, err := f.Cluster(c.Context())
		if err != nil || len(args) == 0 {
			return nil, noFiles
		}
		inc, err := k.Incident(c.Context(), k.Namespace, args[0])
		if err != nil {
			return nil, noFiles
		}
		pol := k.Policy(c.Context(), inc)
		if pol == nil || pol.Spec.Compensation == nil {
			return nil, noFiles
		}
		var out []string
		for i := range pol.Spec.Compensation.Catalogue {
			o := &pol.Spec.Compensation.Catalogue[i]
			if costsNothing(o) == free && forSeverity(o, work.EffectiveSeverity(inc)) {
				out = append(out, string(o.Name)+"\t"+view.Price(o))
			}
		}
		return out, noFiles
	}
}

func costsNothing(o *v1alpha1.CatalogueOption) bool {
	return o.Cost != "" && strings.Trim(string(o.Cost), "0.") == ""
}

func forSeverity(o *v1alpha1.CatalogueOption, s v1alpha1.Severity) bool {
	return len(o.Severities) == 0 || slices.Contains(o.Severities, s)
}

// addition describes a command that adds a fact to a compensation.
type addition struct {
	use, short, long, example string
	// phases are those in which it makes sense; the compensation may be named by its
	// incident, where only one is in them.
	phases   []v1alpha1.CompensationPhase
	complete []completion
	// field is the field of the spec, and fact makes its value.
	field string
	fact  func(ctx context.Context, k *kube.Cluster, comp *v1alpha1.Compensation, me v1alpha1.User, args []string) (any, error)
	// there is the fact that stands there already, or nil, and who added it.
	there func(comp *v1alpha1.Compensation) (by v1alpha1.User, ok bool)
	// said says it in the past.
	said string
}

// newAddition makes such a command.
func (f *Factory) newAddition(a addition) *cobra.Command {
	w := &writeOptions{}
	c := &cobra.Command{
		Use: a.use, Short: a.short, Long: a.long, Example: a.example, GroupID: groupMoney, Args: args,
		ValidArgsFunction: places(append([]completion{f.remedies(a.phases...)}, a.complete...)...),
		RunE: func(c *cobra.Command, given []string) error {
			if err := w.check(); err != nil {
				return err
			}
			return f.addTo(c.Context(), &a, w, given)
		},
	}
	w.add(f, c)
	return c
}

// addTo adds the fact.
func (f *Factory) addTo(ctx context.Context, a *addition, w *writeOptions, given []string) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	comp, err := findRemedy(ctx, k, given[0], a.phases)
	if err != nil {
		return err
	}
	me, err := k.Me()
	if err != nil {
		return err
	}
	if by, ok := a.there(comp); ok {
		if by == v1alpha1.User(me.Username) {
			return f.print(fmt.Sprintf("%s: %s before, by you; nothing changed", comp.Name, a.said))
		}
		return fmt.Errorf("%s: %s before, by %s", comp.Name, a.said, by)
	}
	value, err := a.fact(ctx, k, comp, v1alpha1.User(me.Username), given[1:])
	if err != nil {
		return err
	}
	after := &v1alpha1.Compensation{}
	after.Namespace, after.Name = comp.Namespace, comp.Name
	err = kube.Insist(ctx, func() error {
		stampFact(value, k)
		return k.Apply(ctx, after, comp.UID, w.dry(), kube.Patch{Op: "add", Path: "/spec/" + a.field, Value: value})
	})
	if apierrors.IsInvalid(err) && isThere(ctx, k, a, after, me.Username) {
		err = nil // The answer to an attempt was lost.
	}
	if err != nil {
		return err
	}
	return f.answerRemedy(ctx, k, after, a.said, w)
}

// isThere looks whether the fact was added after all, and reads the compensation.
func isThere(ctx context.Context, k *kube.Cluster, a *addition, comp *v1alpha1.Compensation, me string) bool {
	live := &v1alpha1.Compensation{}
	if k.Client.Get(ctx, client.ObjectKeyFromObject(comp), live) != nil {
		return false
	}
	by, ok := a.there(live)
	if ok = ok && string(by) == me; ok {
		live.DeepCopyInto(comp)
	}
	return ok
}

// stampFact dates a fact by the API server.
func stampFact(value any, k *kube.Cluster) {
	at := k.Stamp()
	switch v := value.(type) {
	case *v1alpha1.CompensationChoice:
		v.RecordedAt = at
	case *v1alpha1.CompensationDecision:
		v.RecordedAt = at
	case *v1alpha1.CompensationDelivery:
		v.RecordedAt = at
	case *v1alpha1.CompensationWithdrawal:
		v.RecordedAt = at
	}
}

// findRemedy reads a compensation by its name, or by the name of an incident that has
// only one in the phases.
func findRemedy(ctx context.Context, k *kube.Cluster, name string, phases []v1alpha1.CompensationPhase) (*v1alpha1.Compensation, error) {
	out := &v1alpha1.Compensation{}
	err := k.Client.Get(ctx, client.ObjectKey{Namespace: k.Namespace, Name: name}, out)
	if !apierrors.IsNotFound(err) {
		return out, err
	}
	all, listErr := k.Compensations(ctx, client.InNamespace(k.Namespace), client.MatchingFields{"spec.incidentName": name})
	if listErr != nil || len(all) == 0 {
		return nil, err
	}
	var names []string
	for i := range all {
		if inPhase(&all[i], phases) {
			out, names = &all[i], append(names, all[i].Name)
		}
	}
	switch len(names) {
	case 1:
		return out, nil
	case 0:
		return nil, fmt.Errorf("incident %s has no remedy that this could be said of; kubectl amends status %s shows how they stand", name, name)
	}
	return nil, fmt.Errorf("incident %s has several: name one of %s", name, strings.Join(names, ", "))
}

// answerRemedy waits a little for the operator, and says how the remedy stands.
func (f *Factory) answerRemedy(ctx context.Context, k *kube.Cluster, comp *v1alpha1.Compensation, said string, w *writeOptions) error {
	switch {
	case w.data():
		return f.show(w.format, comp)
	case w.dry():
		return f.print(fmt.Sprintf("%s: would be %s (dry run: nothing was written)", comp.Name, said))
	}
	waiting, cancel := f.wait(ctx)
	defer cancel()
	after, answered := awaitRemedy(waiting, k, comp)
	return f.print(f.frame(k.Now()).Remedy(after, said, answered)...)
}

// awaitRemedy watches a compensation until the operator has decided on what stands in it.
func awaitRemedy(ctx context.Context, k *kube.Cluster, comp *v1alpha1.Compensation) (*v1alpha1.Compensation, bool) {
	answered := func(c *v1alpha1.Compensation) bool { return c.Status.ObservedGeneration >= c.Generation }
	if answered(comp) {
		return comp, true
	}
	w, err := k.Client.Watch(ctx, &v1alpha1.CompensationList{}, kube.From(comp.ResourceVersion),
		client.InNamespace(comp.Namespace), client.MatchingFields{"metadata.name": comp.Name})
	if err != nil {
		return comp, false
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		next, ok := event.Object.(*v1alpha1.Compensation)
		if !ok || event.Type == watch.Deleted {
			break
		}
		if comp = next; answered(comp) {
			return comp, true
		}
	}
	return comp, false
}
