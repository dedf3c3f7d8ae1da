package kube

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Flags say which cluster and namespace are meant and who asks; they are those of
// kubectl.
type Flags struct {
	kubeconfig string
	overrides  clientcmd.ConfigOverrides
}

// wellKnown are the flags that stand in every command's help. The others work and are
// hidden: kubectl options lists them.
var wellKnown = map[string]bool{"kubeconfig": true, "context": true, "namespace": true, "as": true}

// AddTo adds the flags to a set.
func (f *Flags) AddTo(fs *pflag.FlagSet) {
	own := pflag.NewFlagSet("kubectl", pflag.ContinueOnError)
	own.StringVar(&f.kubeconfig, "kubeconfig", "", "path of the kubeconfig file")
	clientcmd.BindOverrideFlags(&f.overrides, own, clientcmd.RecommendedConfigOverrideFlags(""))
	own.VisitAll(func(flag *pflag.Flag) { flag.Hidden = !wellKnown[flag.Name] })
	if n := own.Lookup("namespace"); n != nil {
		n.Usage = "namespace; without it, that of the context"
	}
	if n := own.Lookup("context"); n != nil {
		n.Usage = "context of the kubeconfig"
	}
	if n := own.Lookup("as"); n != nil {
		n.Usage = "user to impersonate"
	}
	fs.AddFlagSet(own)
}

// loader reads the kubeconfig; a file that is not there is one without clusters.
func (f *Flags) loader() clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	rules.WarnIfAllMissing = false
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &f.overrides)
}

// Load reads the configuration and the namespace that it names.
func (f *Flags) Load() (*rest.Config, string, error) {
	loader := f.loader()
	config, err := loader.ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, "", errors.New("there is no cluster to ask: no kubeconfig was found; give --kubeconfig, or set KUBECONFIG")
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	return config, namespace, nil
}

// Namespace is the one that the command line names; empty where it names none, whatever
// the context says.
func (f *Flags) Namespace() string { return f.overrides.Context.Namespace }

// Contexts are the names of the contexts, for shell completion.
func (f *Flags) Contexts() []string {
	raw, err := f.loader().RawConfig()
	if err != nil {
		return nil
	}
	return names(raw)
}

func names(raw clientcmdapi.Config) []string {
	out := make([]string, 0, len(raw.Contexts))
	for name := range raw.Contexts {
		out = append(out, name)
	}
	return out
}
