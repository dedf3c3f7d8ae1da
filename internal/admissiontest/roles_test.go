package admissiontest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// guarded are the verbs that are granted by name, to people who are meant.
var guarded = []string{"approve", "backdate", "operate", "purge", "record-for-others", "redact", "spend", "delete", "deletecollection", "*"}

// No built-in role brings a verb that must be granted by name: whoever may edit a
// namespace neither approves money, nor signs for others, nor deletes what was promised.
func TestNoBuiltInRoleBringsAGuardedVerb(t *testing.T) {
	t.Parallel()
	for name, role := range roles(t) {
		if !aggregated(role) {
			continue
		}
		for _, rule := range role.Rules {
			for _, verb := range rule.Verbs {
				if slices.Contains(guarded, verb) && name != "amends-policy-author" {
					t.Errorf("%s is part of a built-in role and holds %s on %v", name, verb, rule.Resources)
				}
			}
		}
	}
}

// Who reads, works, approves and writes policies holds that and nothing else.
func TestRolesOfPeople(t *testing.T) {
	t.Parallel()
	const aggregate = "rbac.authorization.k8s.io/aggregate-to-"
	for name, want := range map[string]struct {
		builtIn []string
		writes  map[string][]string
	}{
		"amends-viewer":        {[]string{"admin", "edit", "view"}, nil},
		"amends-agent":         {[]string{"admin", "edit"}, map[string][]string{"incidents": {"create", "patch"}, "compensations": {"create", "patch"}}},
		"amends-approver":      {nil, map[string][]string{"compensations": {"patch"}, "*": {"approve"}}},
		"amends-operate":       {nil, map[string][]string{"businesscalendars": {"operate"}, "compensations": {"operate"}, "incidents": {"operate"}, "recoverybudgets": {"operate"}, "recoverypolicies": {"operate"}}},
		"amends-policy-author": {[]string{"admin"}, map[string][]string{"businesscalendars": {"create", "delete", "patch", "update"}, "recoverybudgets": {"create", "delete", "patch", "update"}, "recoverypolicies": {"create", "delete", "patch", "update"}}},
	} {
		role, ok := roles(t)[name]
		if !ok {
			t.Errorf("there is no role %s", name)
			continue
		}
		var builtIn []string
		for label := range role.Labels {
			if to, ok := strings.CutPrefix(label, aggregate); ok {
				builtIn = append(builtIn, to)
			}
		}
		slices.Sort(builtIn)
		if !slices.Equal(builtIn, want.builtIn) {
			t.Errorf("%s is part of %v, want %v", name, builtIn, want.builtIn)
		}
		writes := map[string][]string{}
		for _, rule := range role.Rules {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					if !slices.Contains([]string{"get", "list", "watch"}, verb) {
						writes[resource] = append(writes[resource], verb)
					}
				}
			}
		}
		for resource, verbs := range writes {
			slices.Sort(verbs)
			if !slices.Equal(verbs, want.writes[resource]) {
				t.Errorf("%s may %v on %s, want %v", name, verbs, resource, want.writes[resource])
			}
		}
		for resource := range want.writes {
			if writes[resource] == nil {
				t.Errorf("%s may do nothing to %s", name, resource)
			}
		}
	}
}

// roles are the ClusterRoles in the files of config/rbac.
func roles(t *testing.T) map[string]*rbacv1.ClusterRole {
	t.Helper()
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "config", "rbac", "*_role.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no roles: %v", err)
	}
	out := map[string]*rbacv1.ClusterRole{}
	for _, file := range files {
		role := &rbacv1.ClusterRole{}
		if err := yaml.UnmarshalStrict(readFile(t, file), role); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out[role.Name] = role
	}
	return out
}

func aggregated(role *rbacv1.ClusterRole) bool {
	for label := range role.Labels {
		if strings.HasPrefix(label, "rbac.authorization.k8s.io/aggregate-to-") {
			return true
		}
	}
	return false
}
