package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/amends-dev/amends/controllers"
	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// patience is how long anything may take that is sure to come.
const patience = time.Minute

// TestDesk plays what people do against a real API server and the operator. The parts
// share one plane and one operator, which stops before the plane does.
func TestDesk(t *testing.T) {
	planeOf = planetest.Plane(t)
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := planeOf.Apply(t.Context(), filepath.Join(root, "config", "default")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped, err := runOperator(ctx, planeOf.Config())
	t.Cleanup(func() {
		cancel()
		if err == nil {
			<-stopped
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]func(*testing.T){
		"the upgrade that was not, by this command alone": storyTheUpgradeThatWasNot,
		"what one sees":              whatOneSees,
		"exit codes":                 exitCodes,
		"a repeat does no harm":      repeats,
		"refusals in people's words": refusals,
		"redaction":                  redaction,
		"shell completion":           completions,
		"check, version and report":  checks,
		"remedies":                   remedies,
		"what does not count":        whatDoesNotCount,
		"an edited policy":           anEditedPolicy,
		"watching on a terminal":     watching,
	} {
		t.Run(name, part)
	}
}

// planeOf is the plane of the desks.
var planeOf *plane.Plane

func runOperator(ctx context.Context, config *rest.Config) (stopped chan struct{}, err error) {
	config.QPS = -1
	scheme, err := controllers.NewScheme()
	if err != nil {
		return nil, err
	}
	caches, err := controllers.CacheOptions(nil)
	if err != nil {
		return nil, err
	}
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme, Cache: caches, Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
	})
	if err != nil {
		return nil, err
	}
	if err := controllers.Setup(ctx, mgr, controllers.Options{Clock: clock.RealClock{}, Workers: 4}); err != nil {
		return nil, err
	}
	stopped = make(chan struct{})
	go func() {
		defer close(stopped)
		_ = mgr.Start(ctx)
	}()
	return stopped, nil
}

// desk is a namespace in which people work incidents from the command line.
type desk struct {
	*testing.T
	admin     client.WithWatch
	plane     *plane.Plane
	namespace string
	dir       string
}

// openDesk opens a desk, with the operator at work.
func openDesk(t *testing.T) *desk {
	t.Helper()
	admin, err := client.NewWithWatch(planeOf.Config(), client.Options{Scheme: plane.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{T: t, admin: admin, plane: planeOf, namespace: planetest.Namespace(t), dir: t.TempDir()}
}

// person writes a kubeconfig for somebody.
func (d *desk) person(name string) string {
	d.Helper()
	path := filepath.Join(d.dir, name+".kubeconfig")
	config, err := d.plane.User(name)
	if err != nil {
		d.Fatal(err)
	}
	out := clientcmdapi.NewConfig()
	out.Clusters["plane"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	out.AuthInfos["me"] = &clientcmdapi.AuthInfo{ClientCertificateData: config.CertData, ClientKeyData: config.KeyData}
	out.Contexts["plane"] = &clientcmdapi.Context{Cluster: "plane", AuthInfo: "me", Namespace: d.namespace}
	out.CurrentContext = "plane"
	if err := clientcmd.WriteToFile(*out, path); err != nil {
		d.Fatal(err)
	}
	return path
}

// staff lets people work incidents here, and waits until the API server knows.
func (d *desk) staff(names ...string) map[string]string {
	d.Helper()
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: "staff"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "amends-agent"},
	}
	out := map[string]string{}
	for _, name := range names {
		binding.Subjects = append(binding.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name})
		out[name] = d.person(name)
	}
	if err := d.admin.Create(d.Context(), binding); err != nil && !apierrors.IsAlreadyExists(err) {
		d.Fatal(err)
	}
	d.awaitRight(out[names[0]])
	return out
}

// awaitRight waits until somebody may read incidents: the API server reads roles a
// moment after they are written.
func (d *desk) awaitRight(kubeconfig string) {
	d.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if _, _, code := d.try(kubeconfig, "get"); code == 0 {
			return
		}
	}
	d.Fatal("the API server does not take the roles in")
}

// try runs a command line and returns what it prints and its exit code.
func (d *desk) try(kubeconfig string, args ...string) (out, errOut string, code int) {
	d.Helper()
	var stdout, stderr bytes.Buffer
	f := &cli.Factory{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr},
		Clock:     clock.RealClock{}, Zone: time.UTC, Version: "test", Patience: patience,
	}
	code = cli.Run(d.Context(), f, append([]string{"--kubeconfig", kubeconfig}, args...))
	return stdout.String(), stderr.String(), code
}

// run runs a command line that must do.
func (d *desk) run(kubeconfig string, args ...string) string {
	d.Helper()
	out, errOut, code := d.try(kubeconfig, args...)
	if code != 0 {
		d.Fatalf("kubectl amends %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

// apply applies the files of a sample that are not its incident.
func (d *desk) apply(sample string, files ...string) {
	d.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		d.Fatal(err)
	}
	for _, file := range files {
		d.applyFile(filepath.Join(root, "config", "samples", sample, file))
	}
}

func (d *desk) applyFile(path string) {
	d.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		d.Fatal(err)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			d.Fatalf("%s: %v", path, err)
		}
		object.SetNamespace(d.namespace)
		if err := d.plane.ApplyObjects(d.Context(), object); err != nil {
			d.Fatal(err)
		}
	}
}

// awaitRule waits until the API server has taken in what somebody may do.
func (d *desk) awaitRule(name string, rule rbacv1.PolicyRule) {
	d.Helper()
	config, err := d.plane.User(name)
	if err != nil {
		d.Fatal(err)
	}
	c, err := client.New(config, client.Options{Scheme: plane.NewScheme()})
	if err != nil {
		d.Fatal(err)
	}
	resource, subresource, _ := strings.Cut(rule.Resources[0], "/")
	asked := authorizationv1.ResourceAttributes{Group: rule.APIGroups[0], Resource: resource, Subresource: subresource, Verb: rule.Verbs[0], Namespace: d.namespace}
	if len(rule.ResourceNames) > 0 {
		asked.Name = rule.ResourceNames[0]
	}
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &asked}}
		if err := c.Create(d.Context(), review); err != nil {
			d.Fatal(err)
		}
		if review.Status.Allowed {
			return
		}
	}
	d.Fatalf("%s is not let %s %s", name, rule.Verbs[0], rule.Resources[0])
}
