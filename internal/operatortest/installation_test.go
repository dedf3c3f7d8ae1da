package operatortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

const (
	// systemNamespace is where config/ puts the operator.
	systemNamespace = "amends-system"
	// operatorName is the name of its ServiceAccount, its Deployment and its lease.
	operatorName = "amends-manager"
	// operatorUser is who the operator is to the API server.
	operatorUser = "system:serviceaccount:" + systemNamespace + ":" + operatorName
	// patience is how long anything may take that is sure to come.
	patience = time.Minute
	// glance is the time between two looks at what cannot be watched.
	glance = 25 * time.Millisecond
)

// installation is a control plane with config/default applied, the operator's program,
// and the operator that the tests share.
type installation struct {
	plane *plane.Plane
	admin client.WithWatch
	// dir holds the kubeconfigs and the logs.
	dir string
	// program is the path of the operator's program.
	program string
	// scope is the namespace that the operator is bound to; empty is all.
	scope string
	// args are those of the Deployment in config/manager.
	args []string
	// account is who the operator is to the API server.
	account *rest.Config

	mu      sync.Mutex
	people  map[string]*rest.Config
	started []*operator
	shared  *operator
}

// installed is the installation of this test binary; nil while no test asked for it.
var installed *installation

var install = sync.OnceValues(func() (*installation, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	in := &installation{people: map[string]*rest.Config{}}
	installed = in
	return in, in.setUp(ctx)
})

// theInstallation is shared by all tests; the first to ask brings it up.
func theInstallation(t testing.TB) *installation {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a control plane; -short leaves it out")
	}
	in, err := install()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (in *installation) setUp(ctx context.Context) error {
	var err error
	if in.dir, err = os.MkdirTemp("", "amends-operator-"); err != nil {
		return err
	}
	in.program = filepath.Join(in.dir, "manager")
	built := make(chan error, 1)
	go func() { built <- in.build(ctx) }()
	err = in.bringUp(ctx, "default")
	if err := errors.Join(err, <-built); err != nil {
		return err
	}
	return in.startShared(ctx)
}

func (in *installation) build(ctx context.Context) error {
	root, err := plane.ModuleRoot()
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", in.program, "./cmd/manager") //nolint:gosec // this module's own program
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the operator: %w: %s", err, out)
	}
	return nil
}

// bringUp starts the control plane, installs the operator from a folder of config/ as
// a cluster would, and takes its ServiceAccount's token.
func (in *installation) bringUp(ctx context.Context, folder string) error {
	root, err := plane.ModuleRoot()
	if err != nil {
		return err
	}
	if in.plane, err = plane.Start(ctx, plane.Options{AuditOf: operatorUser}); err != nil {
		return err
	}
	config := in.plane.Config()
	config.QPS = -1
	if in.admin, err = client.NewWithWatch(config, client.Options{Scheme: plane.NewScheme()}); err != nil {
		return err
	}
	if err := in.plane.Kubeconfig(in.kubeconfig("admin")); err != nil {
		return err
	}
	if in.scope != "" {
		if err := in.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: in.scope}}); err != nil {
			return err
		}
	}
	if err := in.plane.Apply(ctx, filepath.Join(root, "config", folder)); err != nil {
		return err
	}
	if err := in.letTimesBeForged(ctx); err != nil {
		return err
	}
	if in.account, err = in.plane.ServiceAccountConfig(ctx, systemNamespace, operatorName); err != nil {
		return err
	}
	if err := writeKubeconfig(in.kubeconfig(operatorName), in.account); err != nil {
		return err
	}
	if in.args, err = in.deploymentArgs(ctx); err != nil {
		return err
	}
	return in.awaitRights(ctx)
}

// forgesTimes labels the namespaces of tests that write a recordedAt of another time than
// now: the policy of the journal does not hold there. Nothing else is loosened.
const forgesTimes = "amends.dev/forges-times"

func (in *installation) letTimesBeForged(ctx context.Context) error {
	binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: "amends-journal"}}
	patch := []byte(`{"spec":{"matchResources":{"namespaceSelector":{"matchExpressions":[{"key":"` + forgesTimes + `","operator":"DoesNotExist"}]}}}}`)
	return in.admin.Patch(ctx, binding, client.RawPatch(types.MergePatchType, patch))
}

// deploymentArgs are what the Deployment starts the operator with.
func (in *installation) deploymentArgs(ctx context.Context) ([]string, error) {
	var deployment appsv1.Deployment
	if err := in.admin.Get(ctx, client.ObjectKey{Namespace: systemNamespace, Name: operatorName}, &deployment); err != nil {
		return nil, err
	}
	var args []string
	for _, arg := range deployment.Spec.Template.Spec.Containers[0].Args {
		args = append(args, strings.ReplaceAll(arg, "$(POD_NAMESPACE)", systemNamespace))
	}
	return args, nil
}

// awaitRights waits until the API server has taken in what the operator may do; it
// reads roles a moment after they are written.
func (in *installation) awaitRights(ctx context.Context) error {
	c, err := client.New(in.account, client.Options{Scheme: plane.NewScheme()})
	if err != nil {
		return err
	}
	asked := []authorizationv1.ResourceAttributes{
		{Group: "recovery.amends.dev", Resource: "incidents", Subresource: "status", Namespace: in.scope, Verb: "update"},
		{Group: "coordination.k8s.io", Resource: "leases", Name: operatorName, Namespace: systemNamespace, Verb: "update"},
	}
	if in.scope == "" { // else who scrapes is not asked for
		asked = append(asked, authorizationv1.ResourceAttributes{Group: "authentication.k8s.io", Resource: "tokenreviews", Verb: "create"})
	}
	return wait.PollUntilContextTimeout(ctx, glance, patience, true, func(ctx context.Context) (bool, error) {
		for i := range asked {
			review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &asked[i]}}
			if err := c.Create(ctx, review); err != nil || !review.Status.Allowed {
				return false, err
			}
		}
		return true, nil
	})
}

// kubeconfig is the path of a person's kubeconfig.
func (in *installation) kubeconfig(name string) string {
	return filepath.Join(in.dir, name+".kubeconfig")
}

// tearDown ends the operator and then the control plane, and tells what the operator
// must not have said in all that time.
func (in *installation) tearDown() error {
	var errs []error
	if in.shared != nil {
		errs = append(errs, in.shared.measuresOnlyWhatIsKnown(), in.shared.stop())
	}
	for _, o := range in.started {
		o.kill()
		errs = append(errs, o.accuse())
	}
	if in.plane != nil {
		errs = append(errs, in.plane.Stop())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w\nthe logs are kept in %s", err, in.dir)
	}
	return os.RemoveAll(in.dir)
}

// person is the configuration of a user, made once for each name and group.
func (in *installation) person(name string, groups ...string) (*rest.Config, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	key := strings.Join(append([]string{name}, groups...), "/")
	if config, ok := in.people[key]; ok {
		return rest.CopyConfig(config), nil
	}
	config, err := in.plane.User(name, groups...)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	in.people[key] = config
	return rest.CopyConfig(config), nil
}

// askAPIServer reads a page of the API server as the administrator.
func (in *installation) askAPIServer(ctx context.Context, path string) (http.Header, string, error) {
	config := in.plane.Config()
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(config.Host, "/")+path, http.NoBody)
	if err != nil {
		return nil, "", err
	}
	response, err := httpClient.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, response.Status)
	}
	return response.Header, string(body), err
}

// serverTime is the time of the API server, which stamps what people write.
func (in *installation) serverTime(ctx context.Context) (time.Time, error) {
	header, _, err := in.askAPIServer(ctx, "/version")
	if err != nil {
		return time.Time{}, err
	}
	return http.ParseTime(header.Get("Date"))
}

// writeKubeconfig writes a configuration as a file for programs.
func writeKubeconfig(path string, config *rest.Config) error {
	out := clientcmdapi.NewConfig()
	out.Clusters["plane"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	out.AuthInfos["me"] = &clientcmdapi.AuthInfo{
		Token: config.BearerToken, ClientCertificateData: config.CertData, ClientKeyData: config.KeyData,
	}
	out.Contexts["plane"] = &clientcmdapi.Context{Cluster: "plane", AuthInfo: "me"}
	out.CurrentContext = "plane"
	return clientcmd.WriteToFile(*out, path)
}
