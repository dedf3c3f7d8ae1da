package operatortest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// right is a verb on a resource, as RBAC grants it.
type right struct{ verb, group, resource string }

func (r right) String() string {
	if r.group == "" {
		return r.verb + " " + r.resource
	}
	return r.verb + " " + r.resource + "." + r.group
}

// rarely are rights that this suite cannot bring the operator to use, with what it
// needs them for.
var rarely = map[right]string{
	{"list", "recovery.amends.dev", "businesscalendars"}: streams,
	{"list", "recovery.amends.dev", "recoverybudgets"}:   streams,
	{"list", "recovery.amends.dev", "recoverypolicies"}:  streams,
	{"list", "recovery.amends.dev", "incidents"}:         streams,
	{"list", "recovery.amends.dev", "compensations"}:     streams,
	{"list", "apps", "controllerrevisions"}:              streams,
	{"patch", "", "events"}:                              "an election that is told again and again is counted in its first event",
}

// streams is why informers list: where an API server does not stream what is there.
const streams = "an API server before 1.34 does not stream what is there to an informer, which then lists it"

// checkRights says which rights the operator has and did not use in the whole suite, and
// which it was refused. It is asked once all tests have passed.
func (in *installation) checkRights(ctx context.Context) error {
	granted, err := in.granted(ctx)
	if err != nil {
		return err
	}
	requests, err := in.plane.Requests()
	if err != nil {
		return err
	}
	used, refused := map[right]bool{}, map[string]bool{}
	for i := range requests {
		r := &requests[i]
		// Tests that try what the operator may not do are other programs.
		if r.Object.Resource == "" || !strings.HasPrefix(r.UserAgent, "manager/") {
			continue
		}
		if r.Response.Code == http.StatusForbidden {
			refused[fmt.Sprintf("%s in namespace %q, name %q", rightOf(r), r.Object.Namespace, r.Object.Name)] = true
			continue
		}
		used[rightOf(r)] = true
	}
	var wrong []error
	for _, r := range slices.SortedFunc(maps.Keys(granted), func(a, b right) int { return strings.Compare(a.String(), b.String()) }) {
		if _, known := rarely[r]; !used[r] && !known {
			wrong = append(wrong, fmt.Errorf("the operator may %s, and never did: take the right away, or let a test need it", r))
		}
	}
	for _, text := range slices.Sorted(maps.Keys(refused)) {
		wrong = append(wrong, fmt.Errorf("the operator was refused to %s", text))
	}
	if len(used) < 10 {
		wrong = append(wrong, fmt.Errorf("only %d rights were used in %d requests; is the audit log the right one?", len(used), len(requests)))
	}
	return errors.Join(wrong...)
}

func rightOf(r *plane.Request) right {
	resource := r.Object.Resource
	if r.Object.Subresource != "" {
		resource += "/" + r.Object.Subresource
	}
	return right{verb: r.Verb, group: r.Object.Group, resource: resource}
}

// granted are the rights of the operator's roles, as they are installed.
func (in *installation) granted(ctx context.Context) (map[right]bool, error) {
	var rules []rbacv1.PolicyRule
	for _, name := range []string{operatorName, "amends-metrics-auth"} {
		role := &rbacv1.ClusterRole{}
		if err := in.admin.Get(ctx, client.ObjectKey{Name: name}, role); err != nil {
			return nil, err
		}
		rules = append(rules, role.Rules...)
	}
	role := &rbacv1.Role{}
	if err := in.admin.Get(ctx, client.ObjectKey{Namespace: systemNamespace, Name: "amends-leader-election"}, role); err != nil {
		return nil, err
	}
	out := map[right]bool{}
	for _, rule := range append(rules, role.Rules...) {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					out[right{verb, group, resource}] = true
				}
			}
		}
	}
	return out, nil
}
