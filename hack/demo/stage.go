package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// The operator's account, as config/rbac makes it.
const (
	operatorNamespace = "amends-system"
	operatorAccount   = "amends-manager"
)

// stage is what the stories play on: a control plane, the operator and people.
type stage struct {
	dir      string
	plane    *plane.Plane
	operator *operator
	people   people
}

// setUp builds the stage, piece by piece; what stands when it fails is for close to
// take down.
func (s *stage) setUp(ctx context.Context, program string, names map[string]string, out *screen) error {
	if err := runnable(program); err != nil {
		return err
	}
	root, err := plane.ModuleRoot()
	if err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "amends-demo-"); err != nil {
		return err
	}
	out.stage("starting etcd and kube-apiserver on this machine, for this demo alone …")
	if err := s.startPlane(ctx, out); err != nil {
		return err
	}
	out.stage("they answer at %s; installing the CRDs, the roles of config/rbac and the policies of config/admission …", s.plane.Config().Host)
	if err := s.install(ctx, root); err != nil {
		return err
	}
	if s.people, err = newPeople(ctx, s.plane, names); err != nil {
		return err
	}
	out.stage("the people, each with their own certificate and the role amends-agent: %s", castText(names))
	if err := s.startOperator(ctx, program); err != nil {
		return err
	}
	accepted, err := s.applyPolicies(ctx)
	if err != nil {
		return err
	}
	out.stage("the operator runs as ServiceAccount %s and has accepted the policies %s", operatorAccount, strings.Join(accepted, ", "))
	return nil
}

func runnable(program string) error {
	if info, err := os.Stat(program); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("the operator's binary %s is not there: run \"make build\", or name another with -manager", program)
	}
	return nil
}

func castText(names map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out = append(out, fmt.Sprintf("%s (%s)", name, names[name]))
	}
	return strings.Join(out, ", ")
}

// startPlane starts the control plane. Starting cannot be interrupted half-way, so
// one who asks to stop is told to wait.
func (s *stage) startPlane(ctx context.Context, out *screen) error {
	type result struct {
		plane *plane.Plane
		err   error
	}
	started := make(chan result, 1)
	go func() {
		p, err := plane.Start(ctx, plane.Options{})
		started <- result{p, err}
	}()
	var r result
	select {
	case r = <-started:
	case <-ctx.Done():
		out.stage("the control plane is half-way up; it is stopped as soon as it stands …")
		r = <-started
	}
	s.plane = r.plane
	return errors.Join(r.err, context.Cause(ctx))
}

// install brings what the operator needs of config/default. The rest of it, its
// Deployment above all, has nothing to run on: there is no kubelet here.
func (s *stage) install(ctx context.Context, root string) error {
	if err := s.plane.InstallCRDs(ctx); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(root, "config", "manager", "namespace.yaml"))
	if err != nil {
		return err
	}
	space := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(content, &space.Object); err != nil {
		return fmt.Errorf("read config/manager/namespace.yaml: %w", err)
	}
	if err := s.plane.ApplyObjects(ctx, space); err != nil {
		return err
	}
	folders := []string{"rbac", "admission"}
	if stamps, err := s.stampsByItself(); err != nil {
		return err
	} else if stamps {
		folders = append(folders, filepath.Join("components", "mutating-admission"))
	}
	for _, folder := range folders {
		if err := s.plane.Apply(ctx, filepath.Join(root, "config", folder)); err != nil {
			return err
		}
	}
	return nil
}

// stampsByItself says whether the API server knows MutatingAdmissionPolicies, and so can
// sign and stamp what people append: from Kubernetes 1.36 on.
func (s *stage) stampsByItself() (bool, error) {
	disco, err := discovery.NewDiscoveryClientForConfig(s.plane.Config())
	if err != nil {
		return false, err
	}
	list, err := disco.ServerResourcesForGroupVersion("admissionregistration.k8s.io/v1")
	if err != nil {
		return false, fmt.Errorf("ask what the API server can do: %w", err)
	}
	return slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Kind == "MutatingAdmissionPolicy" }), nil
}

func (s *stage) startOperator(ctx context.Context, program string) error {
	config, err := s.plane.ServiceAccountConfig(ctx, operatorNamespace, operatorAccount)
	if err != nil {
		return err
	}
	s.operator, err = startOperator(program, config, s.dir)
	return err
}

// applyPolicies creates the demo's policies and waits until the operator has accepted
// them, which is also how it says that it is there.
func (s *stage) applyPolicies(ctx context.Context) ([]string, error) {
	all, err := policies()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range all {
		p.Namespace = namespace
		names = append(names, p.Name)
		if err := s.plane.Client().Create(ctx, p); err != nil {
			return nil, fmt.Errorf("create RecoveryPolicy %s: %w", p.Name, err)
		}
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if ready, err := s.ready(ctx); ready || err != nil {
			return names, err
		}
		select {
		case <-tick.C:
		case <-s.operator.done:
			return nil, s.operator.ended()
		case <-ctx.Done():
			return nil, fmt.Errorf("the operator has not accepted the policies: %w", context.Cause(ctx))
		}
	}
}

func (s *stage) ready(ctx context.Context) (bool, error) {
	list, err := s.policyList(ctx)
	if err != nil {
		return false, err
	}
	for i := range list {
		conditions := list[i].Status.Conditions
		if c := apimeta.FindStatusCondition(conditions, v1alpha1.StalledCondition); c != nil && c.Status == metav1.ConditionTrue {
			return false, fmt.Errorf("policy %s is Stalled: %s: %s", list[i].Name, c.Reason, c.Message)
		}
		if !apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReadyCondition) {
			return false, nil
		}
	}
	return true, nil
}

func (s *stage) policyList(ctx context.Context) ([]v1alpha1.RecoveryPolicy, error) {
	list := &v1alpha1.RecoveryPolicyList{}
	if err := s.plane.Client().List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("list the policies: %w", err)
	}
	return list.Items, nil
}

// kubeconfig writes the administrator's kubeconfig, set to the demo's namespace.
func (s *stage) kubeconfig() (string, error) {
	path := filepath.Join(s.dir, "kubeconfig")
	if err := s.plane.Kubeconfig(path); err != nil {
		return "", err
	}
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return "", err
	}
	for _, c := range config.Contexts {
		c.Namespace = namespace
	}
	return path, clientcmd.WriteToFile(*config, path)
}

// close takes the stage down: the operator first, then what it talks to.
func (s *stage) close() error {
	var errs []error
	if s.operator != nil {
		errs = append(errs, s.operator.stop())
	}
	if s.plane != nil {
		errs = append(errs, s.plane.Stop())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}
