package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
)

// completion proposes what may stand at a place of the command line.
type completion = func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

const noFiles = cobra.ShellCompDirectiveNoFileComp

// completeWords proposes words for a flag.
func (f *Factory) completeWords(c *cobra.Command, flag string, words []string) {
	// It fails only where the flag is not there, which every test would see.
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, noFiles))
}

// completeFlags proposes live names for the flags that every command has.
func (f *Factory) completeFlags(root *cobra.Command) {
	_ = root.RegisterFlagCompletionFunc("namespace", func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return f.proposeNamespaces(c, typed), noFiles
	})
	_ = root.RegisterFlagCompletionFunc("context", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return f.flags.Contexts(), noFiles
	})
}

// places proposes for each argument by its place; the last proposer serves all further
// ones.
func places(proposers ...completion) completion {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(proposers) {
			return nil, noFiles
		}
		return proposers[len(args)](c, args, typed)
	}
}

// nothing proposes nothing: a free text is wanted.
func nothing(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, noFiles
}

// words proposes these.
func words(list []string) completion { return cobra.FixedCompletions(list, noFiles) }

// incidents proposes the incidents of the namespace, those that are over last, each with
// what it is about.
func (f *Factory) incidents(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	k, err := f.Cluster(c.Context())
	if err != nil {
		return nil, noFiles
	}
	all, err := k.Incidents(c.Context(), client.InNamespace(k.Namespace))
	if err != nil {
		return nil, noFiles
	}
	var open, over []string
	for i := range all {
		inc := &all[i]
		if !strings.HasPrefix(inc.Name, typed) {
			continue
		}
		line := inc.Name + "\t" + string(work.EffectiveSeverity(inc)) + ", " + view.Clean(work.EffectiveSummary(inc))
		if view.Ended(inc) {
			over = append(over, line)
		} else {
			open = append(open, line)
		}
	}
	return append(open, over...), noFiles | cobra.ShellCompDirectiveKeepOrder
}

// ofIncident proposes names out of the incident that the first argument names.
func (f *Factory) ofIncident(names func(*v1alpha1.Incident) []v1alpha1.Name) completion {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		_, inc := f.first(c, args)
		if inc == nil {
			return nil, noFiles
		}
		var out []string
		for _, n := range names(inc) {
			out = append(out, string(n))
		}
		return out, noFiles
	}
}

// first is the incident that the first argument names, or nil.
func (f *Factory) first(c *cobra.Command, args []string) (*kube.Cluster, *v1alpha1.Incident) {
	if len(args) == 0 {
		return nil, nil
	}
	k, inc, err := f.incident(c.Context(), args[0])
	if err != nil {
		return nil, nil
	}
	return k, inc
}

// openSteps are the steps that run.
func openSteps(inc *v1alpha1.Incident) []v1alpha1.Name { return work.Open(inc, v1alpha1.ClockStep) }

// entryIDs are the ids of the journal.
func entryIDs(inc *v1alpha1.Incident) []v1alpha1.Name {
	out := make([]v1alpha1.Name, len(inc.Spec.Journal))
	for i := range inc.Spec.Journal {
		out[i] = inc.Spec.Journal[i].ID
	}
	return out
}

// remedies proposes the compensations of the namespace in some phases.
func (f *Factory) remedies(phases ...v1alpha1.CompensationPhase) completion {
	return func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		k, err := f.Cluster(c.Context())
		if err != nil {
			return nil, noFiles
		}
		all, err := k.Compensations(c.Context(), client.InNamespace(k.Namespace))
		if err != nil {
			return nil, noFiles
		}
		var out []string
		for i := range all {
			if inPhase(&all[i], phases) {
				out = append(out, all[i].Name+"\t"+view.Offers(&all[i])+" "+string(work.Asked(&all[i])))
			}
		}
		return out, noFiles
	}
}

// proposeNamespaces proposes namespaces, where one may list them.
func (f *Factory) proposeNamespaces(c *cobra.Command, typed string) []string {
	k, err := f.Cluster(c.Context())
	if err != nil {
		return nil
	}
	return k.Namespaces(c.Context(), typed)
}
