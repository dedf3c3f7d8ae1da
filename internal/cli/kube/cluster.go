package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// FieldManager owns what the command line writes.
const FieldManager = client.FieldOwner("kubectl-amends")

// Cluster is an API server, asked by somebody, with a namespace at hand.
type Cluster struct {
	// Client reads and writes.
	Client client.WithWatch
	// Namespace is the one that the flags or the context name.
	Namespace string

	config *rest.Config
	time   *serverTime
	who    func() (authenticationv1.UserInfo, error)
}

// Connect makes a Cluster of a configuration. Nothing is asked yet. What the server
// warns of goes to warnings.
func Connect(ctx context.Context, config *rest.Config, namespace string, local clock.PassiveClock, warnings io.Writer) (*Cluster, error) {
	times := &serverTime{local: local}
	config = rest.CopyConfig(config)
	config.QPS, config.UserAgent = -1, "kubectl-amends"
	config.WarningHandler = rest.NewWarningWriter(warnings, rest.WarningWriterOptions{Deduplicate: true})
	config.Wrap(times.wrap)
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme, Mapper: newMapper()})
	if err != nil {
		return nil, fmt.Errorf("connecting to the API server: %w", err)
	}
	out := &Cluster{Client: c, Namespace: namespace, config: config, time: times}
	out.who = sync.OnceValues(func() (authenticationv1.UserInfo, error) {
		review := &authenticationv1.SelfSubjectReview{}
		err := c.Create(ctx, review)
		return review.Status.UserInfo, err
	})
	return out, nil
}

// newScheme knows the kinds that some command reads or writes, and no others, because
// it is made anew at each start.
func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		v1alpha1.AddToScheme, appsv1.AddToScheme, authenticationv1.AddToScheme, authorizationv1.AddToScheme,
		coordinationv1.AddToScheme, corev1.AddToScheme, apiextensionsv1.AddToScheme, admissionregistrationv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("making the scheme: %w", err)
		}
	}
	return scheme, nil
}

// newMapper knows where those kinds are served, so that no discovery is needed.
func newMapper() apimeta.RESTMapper {
	mapper := apimeta.NewDefaultRESTMapper(nil)
	add := func(gv schema.GroupVersion, kind, plural string, scope apimeta.RESTScope) {
		mapper.AddSpecific(gv.WithKind(kind), gv.WithResource(plural), gv.WithResource(plural), scope)
	}
	namespaced, root := apimeta.RESTScopeNamespace, apimeta.RESTScopeRoot
	for kind, plural := range Kinds {
		add(v1alpha1.GroupVersion, kind, plural, namespaced)
	}
	add(appsv1.SchemeGroupVersion, "ControllerRevision", "controllerrevisions", namespaced)
	add(coordinationv1.SchemeGroupVersion, "Lease", "leases", namespaced)
	add(corev1.SchemeGroupVersion, "Namespace", "namespaces", root)
	add(authenticationv1.SchemeGroupVersion, "SelfSubjectReview", "selfsubjectreviews", root)
	add(authorizationv1.SchemeGroupVersion, "SelfSubjectAccessReview", "selfsubjectaccessreviews", root)
	add(apiextensionsv1.SchemeGroupVersion, "CustomResourceDefinition", "customresourcedefinitions", root)
	add(admissionregistrationv1.SchemeGroupVersion, "ValidatingAdmissionPolicy", "validatingadmissionpolicies", root)
	add(admissionregistrationv1.SchemeGroupVersion, "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", root)
	return mapper
}

// Kinds are this project's kinds and the plurals under which they are served.
var Kinds = map[string]string{
	"Incident": "incidents", "RecoveryPolicy": "recoverypolicies", "BusinessCalendar": "businesscalendars",
	"RecoveryBudget": "recoverybudgets", "Compensation": "compensations",
}

// Me is who asks, as the API server sees them. It is asked once.
func (c *Cluster) Me() (authenticationv1.UserInfo, error) { return c.who() }

// Now is the time of the API server, as far as one can tell.
func (c *Cluster) Now() time.Time { return c.time.now() }

// Skew is how far the API server's clock is ahead of this machine's.
func (c *Cluster) Skew() time.Duration { return c.time.skew() }

// Stamp is the time of the API server's last answer, for recordedAt; nil before the
// first answer. This machine's clock has no part in it.
func (c *Cluster) Stamp() *metav1.Time {
	at, ok := c.time.date()
	if !ok {
		return nil
	}
	out := metav1.NewTime(at)
	return &out
}

// May says whether whoever asks may do something.
func (c *Cluster) May(ctx context.Context, what authorizationv1.ResourceAttributes) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &what}}
	if err := c.Client.Create(ctx, review); err != nil {
		return false, fmt.Errorf("asking what you may do: %w", err)
	}
	return review.Status.Allowed, nil
}

// MaySpend says whether whoever asks may take money from an allowance of a budget.
func (c *Cluster) MaySpend(ctx context.Context, namespace, budget string, allowance v1alpha1.Name) (bool, error) {
	return c.mayOnBudget(ctx, "spend", namespace, budget, allowance)
}

// MayApprove says whether whoever asks may approve at a level of a budget.
func (c *Cluster) MayApprove(ctx context.Context, namespace, budget string, level v1alpha1.Name) (bool, error) {
	return c.mayOnBudget(ctx, "approve", namespace, budget, level)
}

func (c *Cluster) mayOnBudget(ctx context.Context, verb, namespace, budget string, part v1alpha1.Name) (bool, error) {
	return c.May(ctx, authorizationv1.ResourceAttributes{
		Group: v1alpha1.GroupVersion.Group, Resource: Kinds["RecoveryBudget"], Subresource: string(part),
		Verb: verb, Namespace: namespace, Name: budget,
	})
}

// Version is the version of the API server.
func (c *Cluster) Version(ctx context.Context) (*version.Info, error) {
	d, err := discovery.NewDiscoveryClientForConfig(c.config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the API server: %w", err)
	}
	body, err := d.RESTClient().Get().AbsPath("/version").Do(ctx).Raw()
	if err != nil {
		return nil, err
	}
	out := &version.Info{}
	return out, json.Unmarshal(body, out)
}

// Host is where the API server is.
func (c *Cluster) Host() string { return c.config.Host }

// Levels are the approval levels of a budget at which whoever asks may decide, lowest
// first.
func (c *Cluster) Levels(ctx context.Context, budget *v1alpha1.RecoveryBudget) ([]v1alpha1.ApprovalLevel, error) {
	var out []v1alpha1.ApprovalLevel
	for _, level := range lowestFirst(&budget.Spec) {
		may, err := c.MayApprove(ctx, budget.Namespace, budget.Name, level.Name)
		if err != nil {
			return nil, err
		}
		if may {
			out = append(out, level)
		}
	}
	return out, nil
}

// lowestFirst are the approval levels of a budget in the order in which the ledger takes
// them: by what they reach, however they are listed.
func lowestFirst(spec *v1alpha1.RecoveryBudgetSpec) []v1alpha1.ApprovalLevel {
	var out []v1alpha1.ApprovalLevel
	for _, name := range ledger.LevelsFrom(spec, "") {
		i := slices.IndexFunc(spec.Approval.Levels, func(l v1alpha1.ApprovalLevel) bool { return l.Name == name })
		out = append(out, spec.Approval.Levels[i])
	}
	return out
}
