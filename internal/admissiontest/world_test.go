package admissiontest

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/fixture/planetest"
)

// The people of these tests, each with a certificate of their own.
const (
	vera  = "vera"  // amends-viewer
	alice = "alice" // amends-agent
	bob   = "bob"   // amends-agent
	sam   = "sam"   // amends-agent, and may spend from frontline of front-desk
	ann   = "ann"   // amends-approver: every level
	dan   = "dan"   // amends-agent, and may approve as duty-manager of front-desk
	gita  = "gita"  // amends-policy-author
	kim   = "kim"   // amends-agent, records for others, and approves
	bea   = "bea"   // amends-agent, backdates
	rex   = "rex"   // amends-agent, redacts
	del   = "del"   // amends-agent, deletes
	pia   = "pia"   // amends-agent, deletes and purges
	ike   = "ike"   // amends-agent and patch and update on status, without the verb operate
	mo    = "mo"    // amends-agent and patch on status, with amends-operate
	// operator is the operator's own ServiceAccount.
	operator = "operator"
	// admin holds every verb.
	admin = "admin"
)

// patience is how long anything may take that is sure to come, glance the time between
// two looks at it.
const (
	patience = time.Minute
	glance   = 25 * time.Millisecond
)

// world is a control plane with the roles and policies installed.
type world struct {
	plane *plane.Plane

	mu      sync.Mutex
	clients map[string]client.Client
}

// clusterRoles are the ClusterRoles of config/rbac that people hold.
var clusterRoles = map[string][]string{
	"amends-viewer":        {vera},
	"amends-agent":         {alice, bob, sam, dan, kim, bea, rex, del, pia, ike, mo},
	"amends-approver":      {ann, kim},
	"amends-policy-author": {gita},
	"amends-operate":       {mo},
}

// extra are rights that no role of config/rbac gives: they are granted by name.
var extra = map[string]struct {
	people []string
	rules  []rbacv1.PolicyRule
}{
	"spend-frontline":   {[]string{sam}, rules("spend", "front-desk", "recoverybudgets/frontline")},
	"approve-duty":      {[]string{dan}, rules("approve", "front-desk", "recoverybudgets/duty-manager")},
	"record-for-others": {[]string{kim}, rules("record-for-others", "", "incidents")},
	"backdate":          {[]string{bea}, rules("backdate", "", "incidents")},
	"redact":            {[]string{rex}, rules("redact", "", "incidents")},
	"delete":            {[]string{del, pia}, append(rules("delete", "", "incidents", "compensations", "recoverybudgets"), rules("deletecollection", "", "incidents")...)},
	"purge":             {[]string{pia}, rules("purge", "", "incidents", "compensations", "recoverybudgets")},
	"update":            {[]string{alice, bob, ike, mo}, rules("update", "", "incidents", "compensations")},
	"touch-all": {[]string{ike, mo}, rules("patch", "", "incidents", "compensations", "recoverybudgets", "recoverypolicies", "businesscalendars",
		"incidents/status", "compensations/status", "recoverybudgets/status", "recoverypolicies/status", "businesscalendars/status")},
	"replace": {[]string{ike}, rules("update", "", "incidents/status")},
}

func rules(verb, name string, resources ...string) []rbacv1.PolicyRule {
	rule := rbacv1.PolicyRule{APIGroups: []string{"recovery.amends.dev"}, Resources: resources, Verbs: []string{verb}}
	if name != "" {
		rule.ResourceNames = []string{name}
	}
	return []rbacv1.PolicyRule{rule}
}

// shared is the world on the package's plane, made by the first test that asks for it.
var shared struct {
	once  sync.Once
	world *world
	err   error
}

// theWorld is shared by the tests of this package.
func theWorld(t testing.TB) *world {
	t.Helper()
	p := planetest.Plane(t)
	shared.once.Do(func() { shared.world, shared.err = newWorld(p) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.world
}

// newWorld installs what config/ says on a plane: kinds, roles and validating policies,
// and then further folders of config/.
func newWorld(p *plane.Plane, folders ...string) (*world, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	if err := p.InstallCRDs(ctx); err != nil {
		return nil, err
	}
	root, err := plane.ModuleRoot()
	if err != nil {
		return nil, err
	}
	system := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "amends-system"}}
	if err := p.Client().Create(ctx, system); err != nil {
		return nil, err
	}
	w := &world{plane: p, clients: map[string]client.Client{}}
	for _, folder := range append([]string{"rbac", "admission"}, folders...) {
		if err := p.Apply(ctx, filepath.Join(root, "config", folder)); err != nil {
			return nil, err
		}
	}
	return w, w.awaitPolicies(ctx)
}

// as is the client of a person.
func (w *world) as(t testing.TB, name string) client.Client {
	t.Helper()
	c, err := w.clientOf(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) clientOf(name string) (client.Client, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c, ok := w.clients[name]; ok {
		return c, nil
	}
	config, err := w.config(name)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	w.clients[name], err = client.New(config, client.Options{Scheme: w.plane.Client().Scheme(), Mapper: w.plane.Client().RESTMapper()})
	return w.clients[name], err
}

func (w *world) config(name string) (*rest.Config, error) {
	switch name {
	case admin:
		return w.plane.Config(), nil
	case operator:
		return w.plane.ServiceAccountConfig(context.Background(), "amends-system", "amends-manager")
	}
	return w.plane.User(name)
}

// namespace is a new namespace in which everybody has their rights.
func (w *world) namespace(t testing.TB) string {
	t.Helper()
	space := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	objects := []client.Object{}
	w.create(t, space)
	for role, people := range clusterRoles {
		objects = append(objects, binding(space.Name, "ClusterRole", role, people))
	}
	for name, e := range extra {
		role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: space.Name, Name: name}, Rules: e.rules}
		objects = append(objects, role, binding(space.Name, "Role", name, e.people))
	}
	w.create(t, objects...)
	w.awaitRights(t, space.Name)
	return space.Name
}

func binding(namespace, kind, role string, people []string) *rbacv1.RoleBinding {
	out := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "the-" + role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role},
	}
	for _, name := range people {
		out.Subjects = append(out.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name})
	}
	return out
}

// create creates objects as the administrator.
func (w *world) create(t testing.TB, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := w.plane.Client().Create(t.Context(), object); err != nil {
			t.Fatalf("create %T %s: %v", object, object.GetName(), err)
		}
	}
}

// awaitRights waits until the API server has taken in the last of a namespace's rights;
// it reads roles and bindings a moment after they are written.
func (w *world) awaitRights(t testing.TB, namespace string) {
	t.Helper()
	for name, e := range extra {
		for _, person := range e.people {
			review := reviewOf(namespace, person, e.rules[0])
			w.until(t, fmt.Sprintf("%s holds %s", person, name), func(ctx context.Context) (bool, error) {
				asked := review.DeepCopy()
				err := w.plane.Client().Create(ctx, asked)
				return asked.Status.Allowed, err
			})
		}
	}
	for role, people := range clusterRoles {
		if role == "amends-operate" {
			continue // has no verb of everybody's; it comes with the others
		}
		for _, person := range people {
			review := reviewOf(namespace, person, rules("list", "", "incidents")[0])
			if role == "amends-policy-author" {
				review = reviewOf(namespace, person, rules("create", "", "recoverypolicies")[0])
			}
			w.until(t, fmt.Sprintf("%s holds %s", person, role), func(ctx context.Context) (bool, error) {
				asked := review.DeepCopy()
				err := w.plane.Client().Create(ctx, asked)
				return asked.Status.Allowed, err
			})
		}
	}
}

func (w *world) until(t testing.TB, what string, holds func(context.Context) (bool, error)) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), glance, patience, true, holds); err != nil {
		t.Fatalf("waiting until %s: %v", what, err)
	}
}
