package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	authorizationv1 "k8s.io/api/authorization/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/refusal"
	"github.com/amends-dev/amends/internal/cli/view"
)

// What the installation is called, as config/ has it.
const (
	systemNamespace = "amends-system"
	leaseName       = "amends-manager"
)

// NewCheck is the command that looks whether all is well.
func NewCheck(f *Factory) *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use: "check", Aliases: []string{"doctor"}, Short: "Look whether Amends is installed and at work, and what you may do", GroupID: groupOperate, Args: args, ValidArgsFunction: nothing,
		Long: `Look whether Amends is installed and at work, and what you may do here. Each line that is not good
says what to do about it. It exits with 1 where something is wrong; what it may not look at is no
fault.`,
		Example: `  kubectl amends check`,
		RunE:    func(c *cobra.Command, _ []string) error { return f.check(c.Context(), &o) },
	}
	c.Flags().StringVar(&o.namespace, "operator-namespace", systemNamespace, "namespace of the operator")
	c.Flags().StringVar(&o.lease, "operator-lease", leaseName, "name of the lease that the operator holds; those of its shards begin with it")
	return c
}

type checkOptions struct{ namespace, lease string }

// checker looks at one thing after another.
type checker struct {
	ctx  context.Context
	k    *kube.Cluster
	o    *checkOptions
	line []view.Finding
	// held says that somebody holds a lease of the operator's.
	held bool
}

func (c *checker) add(g view.Grade, what, said, do string) {
	c.line = append(c.line, view.Finding{Grade: g, What: what, Said: said, Do: do})
}

func (f *Factory) check(ctx context.Context, o *checkOptions) error {
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	c := &checker{ctx: ctx, k: k, o: o}
	c.add(view.Fine, "client", "version "+f.Version, "")
	if c.server() {
		c.skew()
		c.kinds()
		c.admission()
		c.rights()
		c.operator()
		c.lag()
	}
	if err := f.print(f.frame(k.Now()).Check(c.line)...); err != nil {
		return err
	}
	if slices.ContainsFunc(c.line, func(l view.Finding) bool { return l.Grade == view.Wrong }) {
		return &exitError{ExitFailed}
	}
	return nil
}

// oldest is the oldest minor version of Kubernetes that serves the rules of our kinds.
const oldest = 33

// server looks at the API server's version.
func (c *checker) server() bool {
	v, err := c.k.Version(c.ctx)
	if err != nil {
		c.add(view.Wrong, "server", refusal.Of(err).Said[0], "check --context and the network")
		return false
	}
	minor, err := strconv.Atoi(strings.TrimRight(v.Minor, "+"))
	if err == nil && v.Major == "1" && minor < oldest {
		c.add(view.Wrong, "server", "version "+v.GitVersion, fmt.Sprintf("upgrade to 1.%d or later: this one cannot hold the rules of the journal", oldest))
		return true
	}
	c.add(view.Fine, "server", "version "+v.GitVersion, "")
	return true
}

// tolerable is how far clocks may differ before people are misled.
const tolerable = 2 * time.Second

// skew looks at this machine's clock.
func (c *checker) skew() {
	skew := c.k.Skew()
	if skew.Abs() <= tolerable {
		c.add(view.Fine, "clock", "this machine's agrees with the API server's", "")
		return
	}
	side := "behind"
	if skew < 0 {
		side = "ahead of"
	}
	c.add(view.Doubtful, "clock", fmt.Sprintf("this machine's is %s %s the API server's", skew.Abs(), side), "set this machine's clock; what is recorded is dated by the API server all the same")
}

// kinds looks at the CustomResourceDefinitions. Who may not read them asks for the
// objects instead.
func (c *checker) kinds() {
	plurals := make([]string, 0, len(kube.Kinds))
	for _, plural := range kube.Kinds {
		plurals = append(plurals, plural)
	}
	slices.Sort(plurals)
	var missing []string
	for _, plural := range plurals {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		err := c.k.Client.Get(c.ctx, client.ObjectKey{Name: plural + "." + v1alpha1.GroupVersion.Group}, crd)
		if apierrors.IsForbidden(err) {
			c.served()
			return
		}
		if err != nil && !apierrors.IsNotFound(err) {
			c.add(view.Doubtful, "kinds", refusal.Of(err).Said[0], "check again, once the API server answers")
			return
		}
		if err != nil || !serves(crd) {
			missing = append(missing, plural)
		}
	}
	if len(missing) > 0 {
		c.add(view.Wrong, "kinds", "not served: "+strings.Join(missing, ", "), "install them: kubectl apply --server-side -k config/crd")
		return
	}
	c.add(view.Fine, "kinds", fmt.Sprintf("all %d are served in %s", len(plurals), v1alpha1.GroupVersion.Version), "")
}

// served asks for incidents, which tells whether the kind is there.
func (c *checker) served() {
	err := c.k.Client.List(c.ctx, &v1alpha1.IncidentList{}, client.InNamespace(c.k.Namespace), client.Limit(1))
	switch {
	case apierrors.IsNotFound(err):
		c.add(view.Wrong, "kinds", "incidents are not served", "ask an administrator to install Amends")
	case apierrors.IsForbidden(err):
		c.add(view.Unseen, "kinds", refusal.Of(err).Said[0], "ask for the role amends-viewer there, or name another namespace with -n")
	case err != nil:
		c.add(view.Doubtful, "kinds", refusal.Of(err).Said[0], "check again, once the API server answers")
	default:
		c.add(view.Fine, "kinds", "incidents are served", "")
	}
}

func serves(crd *apiextensionsv1.CustomResourceDefinition) bool {
	established := slices.ContainsFunc(crd.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
	})
	return established && slices.ContainsFunc(crd.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool {
		return v.Served && v.Name == v1alpha1.GroupVersion.Version
	})
}

// rights looks at what whoever asks may do in the namespace.
func (c *checker) rights() {
	me, err := c.k.Me()
	if err != nil {
		c.add(view.Wrong, "you", refusal.Of(err).Said[0], "log in again")
		return
	}
	var may, mayNot []string
	for _, right := range []struct{ verb, resource, words string }{
		{"list", "incidents", "see incidents"}, {"create", "incidents", "report"}, {"patch", "incidents", "record"}, {"create", "compensations", "ask for remedies"},
		{"record-for-others", "incidents", "record for others"}, {"backdate", "incidents", "backdate"}, {"redact", "incidents", "redact"},
	} {
		allowed, err := c.k.May(c.ctx, authorizationv1.ResourceAttributes{Group: v1alpha1.GroupVersion.Group, Resource: right.resource, Verb: right.verb, Namespace: c.k.Namespace})
		if err != nil {
			c.add(view.Doubtful, "you", refusal.Of(err).Said[0], "check again; or ask with kubectl auth can-i --list -n "+c.k.Namespace)
			return
		}
		if allowed {
			may = append(may, right.words)
		} else {
			mayNot = append(mayNot, right.words)
		}
	}
	said := "you are " + me.Username + "; in namespace " + c.k.Namespace + " you may " + orNothing(may)
	if len(mayNot) > 0 {
		said += "; not: " + strings.Join(mayNot, ", ")
	}
	if !slices.Contains(may, "record") {
		c.add(view.Doubtful, "you", said, "to work incidents, ask for the role amends-agent there")
		return
	}
	c.add(view.Fine, "you", said, "")
}

func orNothing(words []string) string {
	if len(words) == 0 {
		return "do nothing"
	}
	return strings.Join(words, ", ")
}
