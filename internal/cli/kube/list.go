package kube

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// page is how many objects one answer holds: enough for few round trips, and little
// enough for a server to hand out at once.
const page = 500

// Each lists objects page by page and shows each page. The list is filled anew for
// each page.
func (c *Cluster) Each(ctx context.Context, list client.ObjectList, show func(), opts ...client.ListOption) error {
	var next string
	for {
		opts := append([]client.ListOption{client.Limit(page), client.Continue(next)}, opts...)
		if err := c.Client.List(ctx, list, opts...); err != nil {
			return err
		}
		show()
		if next = list.GetContinue(); next == "" {
			return nil
		}
	}
}

// Incidents lists all incidents that the options select.
func (c *Cluster) Incidents(ctx context.Context, opts ...client.ListOption) ([]v1alpha1.Incident, error) {
	var out []v1alpha1.Incident
	list := &v1alpha1.IncidentList{}
	err := c.Each(ctx, list, func() {
		out = append(out, list.Items...)
		list.Items = nil
	}, opts...)
	return out, err
}

// Compensations lists all compensations that the options select.
func (c *Cluster) Compensations(ctx context.Context, opts ...client.ListOption) ([]v1alpha1.Compensation, error) {
	var out []v1alpha1.Compensation
	list := &v1alpha1.CompensationList{}
	err := c.Each(ctx, list, func() {
		out = append(out, list.Items...)
		list.Items = nil
	}, opts...)
	return out, err
}

// CompensationsOf lists the compensations of an incident.
func (c *Cluster) CompensationsOf(ctx context.Context, inc *v1alpha1.Incident) ([]v1alpha1.Compensation, error) {
	all, err := c.Compensations(ctx, client.InNamespace(inc.Namespace), client.MatchingFields{"spec.incidentName": inc.Name})
	var out []v1alpha1.Compensation
	for i := range all {
		// One that met an incident of the same name before is not this one's.
		if uid := all[i].Status.IncidentUID; uid == "" || uid == string(inc.UID) {
			out = append(out, all[i])
		}
	}
	return out, err
}

// Incident reads an incident.
func (c *Cluster) Incident(ctx context.Context, namespace, name string) (*v1alpha1.Incident, error) {
	out := &v1alpha1.Incident{}
	err := c.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, out)
	return out, err
}

// From lets a watch begin at a version.
func From(version string) *client.ListOptions {
	return &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version}}
}

// Namespaces are the names of the namespaces that begin so; none where one may not list
// them.
func (c *Cluster) Namespaces(ctx context.Context, prefix string) []string {
	list := &corev1.NamespaceList{}
	var out []string
	_ = c.Each(ctx, list, func() {
		for i := range list.Items {
			if n := list.Items[i].Name; strings.HasPrefix(n, prefix) {
				out = append(out, n)
			}
		}
		list.Items = nil
	})
	return out
}

// Budget is a budget; nil where there is none, and where whoever asks may not read it: then
// it is hidden. An error is of a server that did not say.
func (c *Cluster) Budget(ctx context.Context, namespace, name string) (budget *v1alpha1.RecoveryBudget, hidden bool, err error) {
	if name == "" {
		return nil, false, nil
	}
	budget = &v1alpha1.RecoveryBudget{}
	switch err := c.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, budget); {
	case apierrors.IsNotFound(err):
		return nil, false, nil
	case apierrors.IsForbidden(err):
		return nil, true, nil
	case err != nil:
		return nil, false, fmt.Errorf("reading the budget %s: %w", name, err)
	}
	return budget, false, nil
}
