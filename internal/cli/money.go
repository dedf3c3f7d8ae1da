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
		k, inc := f.first(c, args)
		if inc == nil {
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
	// stands is the fact that stands there already, compared with the one that the
	// arguments tell; nil where there is none.
	stands func(comp *v1alpha1.Compensation, args []string) *work.Standing
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
	if stands := a.stands(comp, given[1:]); stands != nil {
		if !repeats(stands, me.Username) {
			return standsAlready(comp, stands)
		}
		return f.nothingChanged(w, comp, fmt.Sprintf("%s: %s before, by you; nothing changed", comp.Name, a.said))
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
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) {
		err = afterRefusal(ctx, k, a, after, given[1:], me.Username, err)
	}
	if err != nil {
		return err
	}
	return f.answerRemedy(ctx, k, after, a.said, w)
}

// nothingChanged answers where what was to be written stands there already.
func (f *Factory) nothingChanged(w *writeOptions, object client.Object, said string) error {
	if w.data() {
		return f.show(w.format, object)
	}
	return f.print(said)
}

// repeats says that a fact is the one that the same person added before.
func repeats(stands *work.Standing, me string) bool { return stands.Same && string(stands.By) == me }

// standsAlready says that another fact stands there, or somebody else's.
func standsAlready(comp *v1alpha1.Compensation, stands *work.Standing) error {
	return fmt.Errorf("%s was %s, by %s; nothing was written\n  → %s", comp.Name, view.Clean(stands.What), view.Clean(string(stands.By)), stands.Try)
}

// afterRefusal looks what stands there once a write was refused, and reads the
// compensation: the same fact is the one whose answer was lost, and another one came
// first.
func afterRefusal(ctx context.Context, k *kube.Cluster, a *addition, comp *v1alpha1.Compensation, args []string, me string, refused error) error {
	live := &v1alpha1.Compensation{}
	if k.Client.Get(ctx, client.ObjectKeyFromObject(comp), live) != nil {
		return refused
	}
	stands := a.stands(live, args)
	switch {
	case stands == nil:
		return refused
	case !repeats(stands, me):
		return standsAlready(live, stands)
	}
	live.DeepCopyInto(comp)
	return nil
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
